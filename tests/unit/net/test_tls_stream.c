/* SPDX-License-Identifier: MIT */
#include "net/tls_stream.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "engine/config.h"
#include "net/tls.h"
#include "net/tls_certificates.h"

/* A server's side and a client's, without sockets between them. */
struct fixture {
    struct tls_certificates *certificates;
    struct config *config;
    struct tls *tls;
    struct tls_stream *stream;
    SSL_CTX *context; /* the client's, as the others */
    SSL *client;
    BIO *to_client, *from_client;
};

static int open_pair(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char error[512] = "";
    fixture->certificates = tls_certificates_make(NULL, error, sizeof error);
    if (!fixture->certificates)
        fail_msg("%s", error);
    fixture->config = config_new();
    config_set_string(fixture->config, CONFIG_TLS_CERT_FILE, fixture->certificates->certificate);
    config_set_string(fixture->config, CONFIG_TLS_KEY_FILE, fixture->certificates->key);
    config_set_string(fixture->config, CONFIG_TLS_CA_CERT_FILE, fixture->certificates->authority);
    config_set_integer(fixture->config, CONFIG_TLS_AUTH_CLIENTS, CONFIG_TLS_AUTH_NO);
    fixture->tls = tls_new(error, sizeof error);
    assert_non_null(fixture->tls);
    if (!tls_configure(fixture->tls, fixture->config, error, sizeof error))
        fail_msg("%s", error);
    fixture->stream = tls_stream_new(fixture->tls);
    assert_non_null(fixture->stream);

    const struct openssl *openssl = fixture->tls->openssl;
    void (*set_connect_state)(SSL * ssl);
    void *function = dlsym(openssl->library, "SSL_set_connect_state");
    memcpy(&set_connect_state, &function, sizeof function);
    fixture->context = openssl->SSL_CTX_new(openssl->TLS_client_method());
    fixture->client = openssl->SSL_new(fixture->context);
    fixture->to_client = openssl->BIO_new(openssl->BIO_s_mem());
    fixture->from_client = openssl->BIO_new(openssl->BIO_s_mem());
    openssl->SSL_set_bio(fixture->client, fixture->to_client, fixture->from_client);
    set_connect_state(fixture->client);
    *state = fixture;
    return 0;
}

static int close_pair(void **state)
{
    struct fixture *fixture = *state;
    fixture->tls->openssl->SSL_free(fixture->client);
    fixture->tls->openssl->SSL_CTX_free(fixture->context);
    tls_stream_free(fixture->stream);
    tls_free(fixture->tls);
    tls_certificates_free(fixture->certificates);
    config_free(fixture->config);
    free(fixture);
    return 0;
}

static struct bytes sent_by_client(struct fixture *fixture)
{
    char *data = NULL;
    long size = fixture->tls->openssl->BIO_ctrl(fixture->from_client, BIO_CTRL_INFO, 0, &data);
    return bytes_of(data, (size_t)size);
}

static void forget_sent(struct fixture *fixture)
{
    fixture->tls->openssl->BIO_ctrl(fixture->from_client, BIO_CTRL_RESET, 0, NULL);
}

/* What is due goes to the client. */
static void deliver(struct fixture *fixture)
{
    int (*bio_write)(BIO * bio, const void *data, int size);
    void *function = dlsym(fixture->tls->openssl->library, "BIO_write");
    memcpy(&bio_write, &function, sizeof function);
    struct bytes due = tls_stream_due(fixture->stream);
    if (due.size)
        assert_int_equal(bio_write(fixture->to_client, due.data, (int)due.size), due.size);
    tls_stream_drop_due(fixture->stream);
}

/* The client's bytes come `step` at a time. The last status of the server's side. */
static int shake(struct fixture *fixture, size_t step)
{
    int status = 0;
    for (int round = 0; round < 10 && status == 0; round++) {
        fixture->tls->openssl->SSL_do_handshake(fixture->client);
        struct bytes sent = sent_by_client(fixture);
        while (sent.size && status == 0) {
            size_t size = sent.size < step ? sent.size : step;
            tls_stream_keep(fixture->stream, bytes_of(sent.data, size));
            status = tls_stream_shake(fixture->stream);
            sent = bytes_of(sent.data + size, sent.size - size);
        }
        forget_sent(fixture);
        deliver(fixture);
    }
    return status;
}

static void expect_received(struct fixture *fixture, const char *text)
{
    char place[256];
    tls_stream_feed(fixture->stream, sent_by_client(fixture));
    ssize_t size = tls_stream_read(fixture->stream, place, sizeof place);
    assert_int_equal(size, strlen(text));
    assert_memory_equal(place, text, strlen(text));
    assert_int_equal(tls_stream_read(fixture->stream, place, sizeof place), 0);
    forget_sent(fixture);
}

static void bytes_go_both_ways(void **state)
{
    struct fixture *fixture = *state;
    const struct openssl *openssl = fixture->tls->openssl;
    char place[64];
    assert_int_equal(shake(fixture, SIZE_MAX), 1);
    assert_true(tls_stream_is_established(fixture->stream));
    openssl->SSL_write(fixture->client, "PING\r\n", 6);
    expect_received(fixture, "PING\r\n");
    tls_stream_write(fixture->stream, BYTES_LITERAL("+PONG\r\n"));
    deliver(fixture);
    assert_int_equal(openssl->SSL_read(fixture->client, place, sizeof place), 7);
    assert_memory_equal(place, "+PONG\r\n", 7);
    assert_int_equal(tls_stream_unsent(fixture->stream), 0);
}

static void handshake_may_come_byte_by_byte(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(shake(fixture, 1), 1);
    fixture->tls->openssl->SSL_write(fixture->client, "x", 1);
    expect_received(fixture, "x");
}

static void what_comes_behind_the_handshake_can_be_read(void **state)
{
    struct fixture *fixture = *state;
    const struct openssl *openssl = fixture->tls->openssl;
    char place[64];
    openssl->SSL_do_handshake(fixture->client);
    tls_stream_keep(fixture->stream, sent_by_client(fixture));
    assert_int_equal(tls_stream_shake(fixture->stream), 0);
    forget_sent(fixture);
    deliver(fixture);
    assert_int_equal(openssl->SSL_do_handshake(fixture->client), 1);
    openssl->SSL_write(fixture->client, "early", 5);
    tls_stream_keep(fixture->stream, sent_by_client(fixture));
    assert_int_equal(tls_stream_shake(fixture->stream), 1);
    assert_int_equal(tls_stream_read(fixture->stream, place, sizeof place), 5);
    assert_memory_equal(place, "early", 5);
    assert_int_equal(tls_stream_read(fixture->stream, place, sizeof place), 0);
}

static void what_was_taken_is_encrypted_in_portions(void **state)
{
    enum { SIZE = 300000 };
    struct fixture *fixture = *state;
    char *got = malloc(SIZE);
    size_t received = 0;
    struct buffer plain = {0};
    assert_int_equal(shake(fixture, SIZE_MAX), 1);
    for (int i = 0; i < SIZE; i++)
        buffer_append_byte(&plain, (char)(i * 7));
    char *copy = memory_copy(plain.data, SIZE);
    tls_stream_take(fixture->stream, &plain);
    assert_int_equal(plain.size, 0);
    assert_int_equal(tls_stream_unsent(fixture->stream), SIZE);
    assert_in_range(tls_stream_due(fixture->stream).size, 1, SIZE / 2);
    while (tls_stream_unsent(fixture->stream)) {
        int size;
        deliver(fixture);
        while ((size = fixture->tls->openssl->SSL_read(fixture->client, got + received,
                                                       SIZE - (int)received)) > 0)
            received += (size_t)size;
    }
    assert_int_equal(received, SIZE);
    assert_memory_equal(got, copy, SIZE);
    memory_free(copy);
    free(got);
}

static void plain_text_is_no_handshake(void **state)
{
    struct fixture *fixture = *state;
    char place[16];
    tls_stream_keep(fixture->stream, BYTES_LITERAL("PING\r\nPING\r\n"));
    assert_int_equal(tls_stream_shake(fixture->stream), TLS_STREAM_BROKEN);
    assert_non_null(strstr(tls_stream_problem(fixture->stream), "wrong version number"));
    assert_int_equal(tls_stream_shake(fixture->stream), TLS_STREAM_BROKEN);
    assert_int_equal(tls_stream_read(fixture->stream, place, sizeof place), TLS_STREAM_BROKEN);
    tls_stream_finish(fixture->stream);
}

static void damaged_record_breaks_the_stream(void **state)
{
    struct fixture *fixture = *state;
    char place[16];
    assert_int_equal(shake(fixture, SIZE_MAX), 1);
    fixture->tls->openssl->SSL_write(fixture->client, "x", 1);
    struct bytes sent = sent_by_client(fixture);
    ((char *)sent.data)[sent.size - 1] ^= 1;
    tls_stream_feed(fixture->stream, sent);
    assert_int_equal(tls_stream_read(fixture->stream, place, sizeof place), TLS_STREAM_BROKEN);
    assert_true(tls_stream_due(fixture->stream).size > 0); /* the alert */
}

static void both_sides_say_farewell(void **state)
{
    struct fixture *fixture = *state;
    const struct openssl *openssl = fixture->tls->openssl;
    char place[16];
    assert_int_equal(shake(fixture, SIZE_MAX), 1);
    openssl->SSL_shutdown(fixture->client);
    tls_stream_feed(fixture->stream, sent_by_client(fixture));
    assert_int_equal(tls_stream_read(fixture->stream, place, sizeof place), TLS_STREAM_ENDED);
    tls_stream_finish(fixture->stream);
    deliver(fixture);
    int size = openssl->SSL_read(fixture->client, place, sizeof place);
    assert_int_equal(openssl->SSL_get_error(fixture->client, size), SSL_ERROR_ZERO_RETURN);
}

static void settings_that_fail_leave_the_former_ones(void **state)
{
    struct fixture *fixture = *state;
    char error[512];
    SSL_CTX *former = fixture->tls->context;
    config_set_string(fixture->config, CONFIG_TLS_CERT_FILE, "/nosuch");
    assert_false(tls_configure(fixture->tls, fixture->config, error, sizeof error));
    assert_non_null(strstr(error, "Failed to load certificate: /nosuch: error:"));
    assert_ptr_equal(fixture->tls->context, former);
    assert_int_equal(shake(fixture, SIZE_MAX), 1);
}

static void stream_outlives_the_settings_that_it_began_with(void **state)
{
    struct fixture *fixture = *state;
    char error[512];
    assert_true(tls_configure(fixture->tls, fixture->config, error, sizeof error));
    assert_int_equal(shake(fixture, SIZE_MAX), 1);
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, open_pair, close_pair)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_go_both_ways),
        TEST(handshake_may_come_byte_by_byte),
        TEST(what_comes_behind_the_handshake_can_be_read),
        TEST(what_was_taken_is_encrypted_in_portions),
        TEST(plain_text_is_no_handshake),
        TEST(damaged_record_breaks_the_stream),
        TEST(both_sides_say_farewell),
        TEST(settings_that_fail_leave_the_former_ones),
        TEST(stream_outlives_the_settings_that_it_began_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
