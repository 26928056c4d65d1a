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
#include "engine/config.h"

struct engine;
struct job;
struct loop;
struct session;

/* `engine`, to whom all connections come first, is borrowed. NULL when the system refuses what a
 * loop needs (file descriptors). */
struct loop *loop_new(struct engine *engine);

/* Closes all sockets; sessions are freed. Accepts NULL. Not while it runs. */
void loop_free(struct loop *loop);

/* Listens where the engine's configuration says (listener_set_open), with TLS if it asks for that.
 * Ports that were to be chosen are then in the configuration. False: `error` says in one line why.
 */
bool loop_listen(struct loop *loop, char *error, size_t error_size);

/* Whether a directive says where and how this loop listens. */
bool loop_is_about_listening(enum config_id id);

/* Such a directive has changed. False: it listens as it did before; `error` is what CONFIG SET
 * answers, and the log has more. */
bool loop_config_changed(struct loop *loop, enum config_id id, char *error, size_t error_size);

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
void loop_deadline_moved(struct loop *loop, const struct engine *engine);

/* Another engine, whose sessions may be those of this loop's connections (session_move). Borrowed
 * until it is detached, which it must be before it is freed, with no session left. */
void loop_attach(struct loop *loop, struct engine *engine);
void loop_detach(struct loop *loop, struct engine *engine);

/* Told between two turns, when the last connection of some engine may have gone. */
struct loop_deserted {
    void *context;
    void (*tell)(void *context);
};
/* Have it told after this turn. */
void loop_look_for_deserted(struct loop *loop);
void loop_set_deserted(struct loop *loop, struct loop_deserted deserted);

/* Where it listens: the first TCP address, the port and the port for TLS (NULL and 0 if none), the
 * path of the Unix socket (NULL if none). Borrowed. */
const char *loop_host(const struct loop *loop);
int loop_port(const struct loop *loop);
int loop_tls_port(const struct loop *loop);
const char *loop_socket_path(const struct loop *loop);

#endif
