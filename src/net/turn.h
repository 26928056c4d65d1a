/* SPDX-License-Identifier: MIT */
/*
 * What the three steps of a turn hand to one another: gather reads into connections and marks them
 * ready, execute runs their requests, flush sends what is still unsent and closes who is done.
 *
 *     turn_begin(turn);
 *     uv_run(turn->uv, turn_has_work(turn) ? UV_RUN_NOWAIT : UV_RUN_ONCE);   // gather
 *     turn_execute(turn);
 *     turn_flush(turn);
 *
 * Callbacks of libuv only read and mark. A connection dies in turn_flush alone, and only when no
 * command is running.
 */
#ifndef UNDERSTUDY_NET_TURN_H
#define UNDERSTUDY_NET_TURN_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/buffer.h"
#include "base/list.h"
#include "resp/request_parser.h"

struct connection;
struct engine;
struct tls;

#define TURN_ARENA_SIZE                                                                            \
    (256 * 1024)                 /* bytes received in one turn that need no buffer of their own */
#define TURN_ACCEPTS        1000 /* connections accepted in one turn */
#define TURN_ENCRYPTED_SIZE (64 * 1024) /* bytes read at once of a TLS connection */

struct turn {
    uv_loop_t *uv;         /* borrowed */
    struct engine *engine; /* borrowed: whose sessions new connections are */
    struct list drivers;   /* of struct driver: one an engine */
    struct list due;       /* of struct driver, by `due`: their timers have fired */
    struct list touched;   /* of struct driver, by `touched`: since the turn began */
    struct list open;      /* of struct connection, oldest first */
    struct list ready;     /* those with something to execute */
    struct list resumed;   /* those whose command waits no more: they go on before the flush */
    struct list
        unflushed;      /* those that got output, or a wish to close, outside of their own turn */
    struct list doomed; /* those to close when no command is running */
    struct connection *executing; /* whose request is running, innermost; or NULL */
    char *arena;                  /* owned; TURN_ARENA_SIZE bytes, made at the first read */
    size_t arena_used;
    struct request request; /* spare: lent to the connection that executes */
    struct buffer output;   /* spare: lent likewise */
    struct tls *tls;        /* borrowed: NULL while nothing needs TLS */
    char *encrypted;        /* owned; TURN_ENCRYPTED_SIZE bytes, of use within one callback */
    int accepted;           /* in this turn */
    int handshakes;         /* steps of such, in this round */
    bool has_deserted;      /* a connection has left its engine */
};

void turn_init(struct turn *turn, uv_loop_t *uv, struct engine *engine);

/* All connections must be gone. */
void turn_clear(struct turn *turn);

/* What the last turn received has been executed or put aside: its place is free again. */
void turn_begin(struct turn *turn);

/* Sets the timers of the engines that were touched since; what has fallen due in engines happens.
 * Of those that run no command: the others have to wait. */
void turn_set_timers(struct turn *turn);
void turn_tick(struct turn *turn);

/* Whether there is something to do without waiting for a socket. */
bool turn_has_work(const struct turn *turn);

/* Each ready connection once, up to a fair bound. */
void turn_execute(struct turn *turn);

void turn_flush(struct turn *turn);

/* While a command is running for too long: one round for all other connections. The engine answers
 * them -BUSY. */
void turn_run_busy(struct turn *turn);

/* While the connection's command runs and talks with its client. What is in its session's output
 * stays there; `output` is sent before it. Then, if `waits` and nothing has come from this one:
 * waits until there is something to do and does one round for all connections. What comes is
 * appended to `input`. False: nothing more will come. */
bool turn_converse(struct turn *turn, struct connection *connection, struct bytes output,
                   struct buffer *input, bool waits);

/* Closes all, whatever is unsent. libuv must run once more to free them. */
void turn_close_all(struct turn *turn);

#endif
