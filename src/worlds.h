/* SPDX-License-Identifier: MIT */
/*
 * Servers within the server: a client that logs in as "world:NAME" has one of its own, with its own
 * databases, scripts, channels, clock and configuration. A world is an engine; this is where they
 * are made, found by name, and freed. No engine knows of another.
 *
 *     struct worlds *worlds = worlds_new(engine, loop);    // behind the loading of data
 *     worlds_log_in(worlds, session, user);
 *     worlds_free(worlds);                                 // after the loop's sockets are closed
 *
 * A world begins as the first engine was when worlds_new was called, and is gone with its last
 * connection unless it is kept.
 */
#ifndef UNDERSTUDY_WORLDS_H
#define UNDERSTUDY_WORLDS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "reply/reply.h"

struct engine;
struct loop;
struct session;
struct worlds;

/* Both are borrowed. `base` is the engine to whom all connections come first, with its host. */
struct worlds *worlds_new(struct engine *base, struct loop *loop);

/* Sessions must be gone. Accepts NULL. */
void worlds_free(struct worlds *worlds);

/* engine_host.log_in: moves the session into the world that the user's name picks. False when it
 * picks none. */
bool worlds_log_in(struct worlds *worlds, struct session *session, struct bytes user);

/* engine_host.list_worlds, drop_world, keep_world. Dropping closes the connections. Keeping makes a
 * world that is not there. */
void worlds_reply_list(const struct worlds *worlds, struct reply *reply);
bool worlds_drop(struct worlds *worlds, struct bytes name);
void worlds_keep(struct worlds *worlds, struct bytes name);

/* Frees those that nobody is in. Only while no command runs. */
void worlds_sweep(struct worlds *worlds);

#endif
