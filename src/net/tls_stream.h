/* SPDX-License-Identifier: MIT */
/*
 * One TLS connection without its socket: encrypted bytes go in and come out, in memory.
 *
 *     tls_stream_keep(stream, received);                  // before the handshake is done
 *     if (tls_stream_shake(stream) == TLS_STREAM_BROKEN) ...
 *
 *     tls_stream_feed(stream, received);                  // and then
 *     while ((size = tls_stream_read(stream, place, room)) > 0) ...
 *
 *     tls_stream_write(stream, answer);                   // or tls_stream_take
 *     struct bytes due = tls_stream_due(stream);          // send it, then
 *     tls_stream_drop_due(stream);
 *
 * An idle stream holds no buffer.
 */
#ifndef UNDERSTUDY_NET_TLS_STREAM_H
#define UNDERSTUDY_NET_TLS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/bytes.h"

#define TLS_STREAM_ENDED  (-1) /* the client will send no more */
#define TLS_STREAM_BROKEN (-2) /* what it sent is not TLS, or not what we want of it */

struct tls;
struct tls_stream;

/* The server's side, by what `tls` says at present; it is borrowed. NULL: OpenSSL refuses. */
struct tls_stream *tls_stream_new(struct tls *tls);

/* Accepts NULL. */
void tls_stream_free(struct tls_stream *stream);

/* --- the handshake --- */

/* Keeps a copy of received bytes. */
void tls_stream_keep(struct tls_stream *stream, struct bytes received);

/* Goes on with what was kept. 1: it is done, and what came behind it can be read; 0: it needs more;
 * TLS_STREAM_BROKEN. In any case there may be something due. */
int tls_stream_shake(struct tls_stream *stream);
bool tls_stream_is_established(const struct tls_stream *stream);

/* --- receiving --- */

/* Gives bytes to read from: borrowed until tls_stream_read has said that there is no more. */
void tls_stream_feed(struct tls_stream *stream, struct bytes received);

/* Decrypts: the number of bytes, 0 when nothing more can be had of what was fed, or one of the
 * two above. */
ssize_t tls_stream_read(struct tls_stream *stream, char *place, size_t room);

/* What was wrong with a stream that is broken, as OpenSSL writes it. */
const char *tls_stream_problem(const struct tls_stream *stream);

/* --- sending --- */

/* Encrypts at once, as nothing waits; the stream is established. */
void tls_stream_write(struct tls_stream *stream, struct bytes plain);

/* Takes the buffer, which is then empty, and encrypts of it as much as is sent. */
void tls_stream_take(struct tls_stream *stream, struct buffer *plain);

/* Encrypted bytes to send: all there are, or a portion of what was taken. Empty: there is nothing.
 * Borrowed until the next call. */
struct bytes tls_stream_due(struct tls_stream *stream);

/* What was due is sent, or copied. */
void tls_stream_drop_due(struct tls_stream *stream);

/* Bytes that are due, now or later. */
size_t tls_stream_unsent(const struct tls_stream *stream);

/* Nothing will follow: tells the client so, in what is due. What was taken is dropped. */
void tls_stream_finish(struct tls_stream *stream);

#endif
