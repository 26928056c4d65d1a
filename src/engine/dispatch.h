/* SPDX-License-Identifier: MIT */
/*
 * From a request to a command's function: look up, check, queue or run, count.
 *
 * session_execute (session.h) is the door for requests. A script's redis.call comes in here:
 *
 *     dispatch_script_call(session, state, argv, argc, &lua_reply->reply, &options);
 */
#ifndef UNDERSTUDY_ENGINE_DISPATCH_H
#define UNDERSTUDY_ENGINE_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"

struct dispatch_script_options {
    bool is_read_only;          /* EVAL_RO or flags=no-writes: write commands are refused */
    bool allows_oom;            /* flags=allow-oom */
    bool allows_cross_slot;     /* no shebang, or flags=allow-cross-slot-keys */
    int slot;                   /* of a cluster, of the keys used so far; -1: none */
    bool refuses_random_writes; /* a write is refused after what a replica would answer otherwise */
    bool was_write;             /* out: a write command ran (the script can't be killed any more) */
    bool was_random;            /* out: a command ran whose answer is not deterministic */
    const char *refusal;        /* out, of the last call: why it did not run. NULL: it did */
};

/* A command called by a script: checked by the rules for scripts, run, answered into `reply` (an
 * error reply when it is refused, with Redis's text for scripts). `state` is what
 * engine_find_command found for the arguments, NULL if nothing. */
void dispatch_script_call(struct session *session, struct command_state *state,
                          const struct bytes *argv, int argc, struct reply *reply,
                          struct dispatch_script_options *options);

/* Runs one command that was looked up and checked before: EXEC's queue. Counts it. */
void dispatch_run(struct session *session, struct command_state *state, const struct bytes *argv,
                  int argc, struct reply *reply);

/* The session's request has been answered: what CLIENT REPLY SKIP meant for it is over. */
void dispatch_end_request(struct session *session);

/* Whether argc suits the row. */
bool dispatch_arity_is_right(const struct command *command, int argc);

#endif
