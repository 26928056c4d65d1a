/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL reads from a BIO that lies over the bytes that were fed, and takes all of them before it
 * says that it wants more; so they need not outlive the loop of reads. It writes to a BIO in
 * memory.
 */
#include "net/tls_stream.h"

#include <limits.h>
#include <stdio.h>

#include "base/check.h"
#include "base/memory.h"
#include "net/tls.h"

#define PORTION      (64 * 1024) /* plain bytes encrypted at once */
#define SPARE_DUE    4096        /* a larger place for what is due is not kept */
#define PROBLEM_SIZE 160

struct tls_stream {
    const struct openssl *openssl; /* borrowed */
    SSL *ssl;                      /* owned */
    BIO *due;                      /* of the SSL: encrypted */
    struct buffer kept;            /* owned: received during the handshake */
    struct buffer plain;           /* owned: to be encrypted */
    size_t plain_start;            /* bytes of it that are */
    bool is_established;
    bool is_broken;
    char problem[PROBLEM_SIZE];
};

/* --- life --- */

struct tls_stream *tls_stream_new(struct tls *tls)
{
    const struct openssl *openssl = tls->openssl;
    SSL *ssl = openssl->SSL_new(tls->context);
    BIO *received = openssl->BIO_new(openssl->BIO_s_mem());
    BIO *due = openssl->BIO_new(openssl->BIO_s_mem());
    if (!ssl || !received || !due) {
        openssl->SSL_free(ssl);
        openssl->BIO_free(received);
        openssl->BIO_free(due);
        openssl->ERR_clear_error();
        return NULL;
    }
    struct tls_stream *stream = memory_zeroed(sizeof *stream);
    stream->openssl = openssl;
    stream->ssl = ssl;
    stream->due = due;
    openssl->SSL_set_bio(ssl, received, due);
    openssl->SSL_set_accept_state(ssl);
    openssl->SSL_set_verify(ssl, tls->verify, NULL);
    return stream;
}

void tls_stream_free(struct tls_stream *stream)
{
    if (!stream)
        return;
    stream->openssl->SSL_free(stream->ssl);
    buffer_clear(&stream->kept);
    buffer_clear(&stream->plain);
    memory_free(stream);
}

/* What a call that did not succeed means: 0 that it needs more bytes. */
static int judge(struct tls_stream *stream, int result)
{
    switch (stream->openssl->SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return 0;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_STREAM_ENDED;
    default:
        openssl_explain(stream->openssl, stream->problem, sizeof stream->problem);
        stream->is_broken = true;
        return TLS_STREAM_BROKEN;
    }
}

const char *tls_stream_problem(const struct tls_stream *stream)
{
    return stream->problem;
}

/* --- the handshake --- */

void tls_stream_keep(struct tls_stream *stream, struct bytes received)
{
    buffer_append_bytes(&stream->kept, received);
}

bool tls_stream_is_established(const struct tls_stream *stream)
{
    return stream->is_established;
}

int tls_stream_shake(struct tls_stream *stream)
{
    if (stream->is_broken)
        return TLS_STREAM_BROKEN;
    tls_stream_feed(stream, buffer_bytes(&stream->kept));
    stream->openssl->ERR_clear_error();
    int result = stream->openssl->SSL_do_handshake(stream->ssl);
    if (result == 1) {
        stream->is_established = true;
        return 1;
    }
    buffer_clear(&stream->kept);
    result = judge(stream, result);
    return result == 0 ? 0 : TLS_STREAM_BROKEN;
}

/* --- receiving --- */

void tls_stream_feed(struct tls_stream *stream, struct bytes received)
{
    const struct openssl *openssl = stream->openssl;
    if (received.size == 0 || stream->is_broken)
        return;
    BIO *bio = openssl->BIO_new_mem_buf(received.data, (int)received.size);
    CHECK(bio != NULL);
    openssl->BIO_ctrl(bio, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL); /* its end is not theirs */
    openssl->SSL_set0_rbio(stream->ssl, bio);
}

ssize_t tls_stream_read(struct tls_stream *stream, char *place, size_t room)
{
    if (stream->is_broken)
        return TLS_STREAM_BROKEN;
    stream->openssl->ERR_clear_error();
    int size = stream->openssl->SSL_read(stream->ssl, place, room < INT_MAX ? (int)room : INT_MAX);
    if (size > 0)
        return size;
    buffer_clear(&stream->kept);
    return judge(stream, size);
}

/* --- sending --- */

void tls_stream_write(struct tls_stream *stream, struct bytes plain)
{
    stream->openssl->ERR_clear_error();
    while (plain.size && !stream->is_broken) {
        int size = plain.size < PORTION ? (int)plain.size : PORTION;
        int written = stream->openssl->SSL_write(stream->ssl, plain.data, size);
        /* Memory takes all: it can fail, but not be told to wait. */
        if (written <= 0 && judge(stream, written) >= TLS_STREAM_ENDED)
            stream->is_broken = true;
        if (written <= 0)
            return;
        plain = bytes_of(plain.data + written, plain.size - (size_t)written);
    }
}

void tls_stream_take(struct tls_stream *stream, struct buffer *plain)
{
    if (stream->plain.size == 0) {
        buffer_clear(&stream->plain);
        stream->plain = *plain;
        *plain = (struct buffer){0};
        stream->plain_start = 0;
        return;
    }
    buffer_consume(&stream->plain, stream->plain_start);
    stream->plain_start = 0;
    buffer_append_bytes(&stream->plain, buffer_bytes(plain));
    buffer_clear(plain);
}

static struct bytes due_bytes(const struct tls_stream *stream)
{
    char *data = NULL;
    long size = stream->openssl->BIO_ctrl(stream->due, BIO_CTRL_INFO, 0, &data);
    return bytes_of(data, size > 0 ? (size_t)size : 0);
}

struct bytes tls_stream_due(struct tls_stream *stream)
{
    struct bytes due = due_bytes(stream);
    size_t left = stream->plain.size - stream->plain_start;
    if (due.size || left == 0 || !stream->is_established)
        return due;
    size_t portion = left < PORTION ? left : PORTION;
    tls_stream_write(stream, bytes_of(stream->plain.data + stream->plain_start, portion));
    stream->plain_start += portion;
    if (portion == left) {
        buffer_clear(&stream->plain);
        stream->plain_start = 0;
    }
    return due_bytes(stream);
}

void tls_stream_drop_due(struct tls_stream *stream)
{
    const struct openssl *openssl = stream->openssl;
    BIO *fresh = due_bytes(stream).size > SPARE_DUE ? openssl->BIO_new(openssl->BIO_s_mem()) : NULL;
    if (!fresh) {
        openssl->BIO_ctrl(stream->due, BIO_CTRL_RESET, 0, NULL);
        return;
    }
    openssl->SSL_set0_wbio(stream->ssl, fresh);
    stream->due = fresh;
}

size_t tls_stream_unsent(const struct tls_stream *stream)
{
    return due_bytes(stream).size + stream->plain.size - stream->plain_start;
}

void tls_stream_finish(struct tls_stream *stream)
{
    buffer_clear(&stream->plain);
    stream->plain_start = 0;
    if (!stream->is_established || stream->is_broken)
        return;
    stream->openssl->ERR_clear_error();
    stream->openssl->SSL_shutdown(stream->ssl);
    stream->openssl->ERR_clear_error();
}
