/* SPDX-License-Identifier: MIT */
/*
 * The loop of one server: sockets, timers, signals, and the turn (gather, execute, flush) on the
 * thread that calls loop_run.
 *
 *     struct loop *loop = loop_new(engine);
 *     if (loop_listen(loop, error, sizeof error))
 *         loop_run(loop);                      // until loop_stop, a signal, or SHUTDOWN
 *     loop_free(loop);
 */
#ifndef UNDERSTUDY_NET_LOOP_H
#define UNDERSTUDY_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct engine;
struct job;
struct loop;
struct session;

/* `engine` is borrowed. NULL when the system refuses what a loop needs (file descriptors). */
struct loop *loop_new(struct engine *engine);

/* Closes all sockets; sessions are freed. Accepts NULL. Not while it runs. */
void loop_free(struct loop *loop);

/* Listens where the engine's configuration says (listener_set_open). False: `error` says in one
 * line why. */
bool loop_listen(struct loop *loop, char *error, size_t error_size);

/* `bind` or `port` has changed. False: it listens where it did before. */
bool loop_move(struct loop *loop, char *error, size_t error_size);

/* SIGTERM and SIGINT, from now on, end loop_run. For a program's only loop. */
void loop_handle_signals(struct loop *loop);

/* The end of the parent process, from now on, ends loop_run. */
void loop_follow_parent(struct loop *loop);

/* Returns when the server was told to stop. */
void loop_run(struct loop *loop);

/* Ends loop_run, now or as soon as it begins. From any thread. */
void loop_stop(struct loop *loop);

/* Has the job run on the loop's thread, between commands or while one takes too long. False: the
 * loop has ended. From any thread. */
bool loop_post(struct loop *loop, struct job *job);

/* engine_host.busy_turn: serves the others while a command runs for too long. */
void loop_run_busy(struct loop *loop);

/* engine_host.converse: talks with the client whose script is debugged. */
bool loop_converse(struct loop *loop, struct session *session, struct bytes output,
                   struct buffer *input, bool waits);

/* engine_host.deadline_moved: the next deadline, or the clock, is another than the loop waits for.
 */
void loop_deadline_moved(struct loop *loop);

/* Where it listens: the first TCP address and its port (NULL and 0 if none), the path of the Unix
 * socket (NULL if none). Borrowed. */
const char *loop_host(const struct loop *loop);
int loop_port(const struct loop *loop);
const char *loop_socket_path(const struct loop *loop);

#endif
