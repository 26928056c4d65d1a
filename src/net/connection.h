/* SPDX-License-Identifier: MIT */
/*
 * A stream that owns a session: reads requests, has them executed, sends the replies.
 *
 *     connection_accept(turn, server, false);     // in a callback: it reads and marks itself ready
 *     connection_execute(connection);             // outside of uv_run, up to a fair bound; sends
 *
 * An idle connection holds no buffer: what it receives lands in the turn's arena, parser state and
 * output are lent by the turn, and only what a turn leaves over gets memory of its own.
 */
#ifndef UNDERSTUDY_NET_CONNECTION_H
#define UNDERSTUDY_NET_CONNECTION_H

#include <stdbool.h>
#include <uv.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/list.h"
#include "net/turn.h"

struct session;
struct tls_stream;
struct trickle;

struct connection {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;                    /* first */
    struct turn *turn;       /* borrowed */
    struct session *session; /* owned; NULL while closing */
    struct list_node open;
    struct list_node ready;
    struct list_node resumed;
    struct list_node unflushed;
    struct list_node doomed;
    struct bytes slice;      /* received in this turn, in the turn's arena; then `input` is empty */
    struct buffer input;     /* owned: received and left over */
    size_t input_start;      /* bytes of `input` that are executed */
    struct request *request; /* owned: of a partial request; NULL when there is none */
    struct buffer sending;   /* owned: handed to uv_write, empty when nothing is in flight */
    uv_write_t write;
    struct tls_stream *tls;  /* owned: between this and the stream; NULL = plain */
    struct trickle *trickle; /* owned: output that goes out slowly; NULL = none */
    uint64_t input_bytes;
    uint64_t output_bytes;
    struct buffer *talk; /* borrowed: what is received goes there while its command talks with the
                          * client (turn_converse); else NULL */
    bool is_held;        /* executes nothing until the client has read more */
    bool is_ended;       /* the client will send no more */
    bool is_broken;      /* nor receive: close at once */
};

/* Takes the connection that waits at the listener `server`, or refuses it over maxclients. With TLS
 * its requests are executed when the handshake is done. */
void connection_accept(struct turn *turn, uv_stream_t *server, bool is_tls);

/* Runs the requests received, up to a fair bound; the rest stays ready. Sends the replies. */
void connection_execute(struct connection *connection);

/* Sends what the session has answered; what the socket does not take goes out in the background. */
void connection_flush(struct connection *connection);

/* Frees the session at once and the connection when libuv lets it go. No command may be running. */
void connection_close(struct connection *connection);

/* While its request runs and others are served, what it sends waits in the socket. */
void connection_pause_reading(struct connection *connection);
void connection_resume_reading(struct connection *connection);

/* Whether the client can still be talked with. */
bool connection_is_open(const struct connection *connection);

#endif
