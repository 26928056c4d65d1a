/* SPDX-License-Identifier: MIT */
/*
 * Who watches commands run, and may step in: faults, gates, recording, traces, script checks.
 *
 *     struct observer observer = {.context = faults, .before = faults_before};
 *     observer_add(engine, &observer);
 *     ...
 *     observer_remove(engine, &observer);
 *
 * Without observers a command pays for one look at an empty list. Observers are asked in the order
 * in which they were added, and told of the end in the same order. An observer may not remove
 * itself or another from within a callback.
 */
#ifndef UNDERSTUDY_ENGINE_OBSERVER_H
#define UNDERSTUDY_ENGINE_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/list.h"
#include "engine/call.h"

struct command_state;
struct engine;
struct session;

/* Embedded in its owner. Callbacks may be NULL. */
struct observer {
    struct list_node node; /* in engine->observers */
    void *context;         /* the owner's */
    bool comes_first; /* before those that answer in a command's place: it sees their answers */
    /* A client's request passed all checks and would be run or queued now. True: the observer has
     * put it aside and will have it executed later (see blocking_hold). Not asked for what EXEC or
     * a script runs. Asked again when the request is presented again: session->passed tells. */
    bool (*arrives)(void *context, struct session *session, const struct command_state *state,
                    const struct bytes *argv, int argc);
    /* A command is about to run: a client's, one of EXEC's queue, a script's. False: the observer
     * has answered into call->reply, and the command does not run. It may put a reply of its own in
     * the place of call->reply. A command that waited and is run again is not asked about again. */
    bool (*before)(void *context, struct call *call);
    /* It ran, or an observer answered in its place; one that waits now has not answered yet
     * (blocking_is_waiting) and comes again when it has. */
    void (*after)(void *context, const struct call *call, int64_t duration_us);
    /* A key changed, or something else was announced of it, by call_announce. */
    void (*announced)(void *context, const struct call *call, enum announce_class class,
                      const char *event, struct bytes key);
    /* A request, or what a script called, was refused before it could run; `state` is NULL for a
     * command that is not known. `error` is the text that was answered; empty if CLIENT REPLY
     * silenced it. */
    void (*refused)(void *context, const struct session *session, const struct command_state *state,
                    struct bytes name, struct bytes error);
    /* Somebody connects. False: nobody serves him. */
    bool (*connects)(void *context);
    /* A client goes; all that it has and waits for is still there. */
    void (*leaves)(void *context, const struct session *session);
};

/* `observer` is borrowed until it is removed. Does nothing for one that is there already. */
void observer_add(struct engine *engine, struct observer *observer);
/* Does nothing for one that is not there. */
void observer_remove(struct engine *engine, struct observer *observer);

/* False: the connection is to be closed at once. */
bool observer_connects(const struct engine *engine);
/* For session_free. */
void observer_leaves(const struct session *session);

/* --- for the dispatcher and call.c; only while engine->observers is not empty --- */

/* True: put aside. */
bool observer_arrives(struct session *session, const struct command_state *state,
                      const struct bytes *argv, int argc);
/* False: answered. */
bool observer_before(struct call *call);
void observer_after(const struct call *call, int64_t duration_us);
void observer_refused(const struct session *session, const struct command_state *state,
                      struct bytes name, struct bytes error);
void observer_announced(const struct call *call, enum announce_class class, const char *event,
                        struct bytes key);

#endif
