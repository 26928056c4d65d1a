/* SPDX-License-Identifier: MIT */
/*
 * Named moments of one engine, to which a test may go back: the data of all databases with
 * deadlines and access times, configuration, clock, chance, and what else belongs to the engine's
 * state (its parts: scripts, functions). Clients stay as they are.
 *
 *     snapshots_save(engine, name, parts);
 *     ...
 *     if (!snapshots_restore(call, name)) ... there is none of that name ...
 *
 * They cost what changes while they are there; see keyspace/snapshot.h. The engine's `snapshots` is
 * made by the first one, so that an engine without pays nothing.
 */
#ifndef UNDERSTUDY_CONTROLS_SNAPSHOTS_H
#define UNDERSTUDY_CONTROLS_SNAPSHOTS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "engine/call.h"

struct engine;

/* A piece of the engine's state that lives in a layer of its own. */
struct snapshots_part {
    /* What the part is at this moment; owned by the snapshot. NULL is a state, too. */
    void *(*save)(struct engine *engine);
    /* The part is again what `state` says. Answers nothing into the call. */
    void (*restore)(struct call *call, void *state);
    /* Accepts what `save` may return. */
    void (*free)(void *state);
};

#define SNAPSHOTS_PARTS 4 /* at most */

/* Takes the place of one that has the name. `parts` is static, ends with a NULL save, and is the
 * same for all snapshots of an engine. */
void snapshots_save(struct engine *engine, struct bytes name, const struct snapshots_part *parts);

/* The moment that all of the engine's life begins with: snapshots_reset goes back to it. Needed
 * only where data was loaded by then. */
void snapshots_save_start(struct engine *engine, const struct snapshots_part *parts);

/* Everything is as it was: clients that watch, cache or wait for keys hear of it. A clock that ran
 * with real time at that moment runs with it again; any other is set back to that instant. False:
 * there is none of that name, and nothing has changed. */
bool snapshots_restore(struct call *call, struct bytes name);

/* For MOCK RESET, after engine_reset: forgets all names, brings back the start's data. */
void snapshots_reset(struct call *call);

/* Whether there was one. */
bool snapshots_delete(struct engine *engine, struct bytes name);

/* For each in the order in which they were saved: a map of its name, the time, the count of keys it
 * had and the bytes it holds. */
void snapshots_reply_list(struct engine *engine, struct reply *reply);

/* Before engine_free. */
void snapshots_free_all(struct engine *engine);

#endif
