/* SPDX-License-Identifier: MIT */
/*
 * `script-checks`: what Redis lets a script do as long as the server stands alone, and what then
 * breaks in a cluster, on a replica or in the next script. Found at the call that does it.
 *
 *     if (!script_checks_begin(interpreter)) ...      // a run starts; false: the error was
 * answered
 *     ... each redis.call is looked at by an observer ...
 *     if (script_checks_failure(interpreter)) ...     // the error that the run has to end with
 *     script_checks_end(interpreter);
 *
 * "warn" writes a line to the log, "error" ends the script; both count, for INFO scripts. With
 * "off" a run pays for one look at the configuration.
 */
#ifndef UNDERSTUDY_SCRIPT_SCRIPT_CHECKS_H
#define UNDERSTUDY_SCRIPT_SCRIPT_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include "base/buffer.h"
#include "engine/observer.h"

struct interpreter;

/* The index of engine_stats.script_checks. */
enum script_check {
    SCRIPT_CHECK_UNDECLARED_KEY, /* a key that is not in KEYS */
    SCRIPT_CHECK_CROSS_SLOT,     /* keys of more than one hash slot of a cluster */
    SCRIPT_CHECK_RANDOM_WRITE,   /* a write after a read that a replica would answer otherwise */
    SCRIPT_CHECK_GLOBAL,         /* a global, whether or not a pcall hid the error */
};

/* Embedded in the interpreter; what it holds is of one run. */
struct script_checks {
    struct observer observer; /* listed during a run that is checked */
    bool is_on;
    bool is_strict;          /* "error" */
    bool replicates_scripts; /* replicas run the script; until redis.replicate_commands() */
    const char *random_read; /* the last command whose answer is not deterministic, or NULL */
    struct buffer key;       /* the first key, of hash slot `slot`; empty data: none yet */
    int slot;
    struct buffer failure; /* a whole error, terminated; empty: none */
};

/* interpreter->run is set. False: KEYS is wrong already, and the error was answered. */
bool script_checks_begin(struct interpreter *interpreter);
void script_checks_end(struct interpreter *interpreter);

/* The error that ends the run whatever the script makes of it, or NULL. Borrowed until the end. */
const char *script_checks_failure(const struct interpreter *interpreter);

/* The table at index 1 of a C function is about to refuse a change, of the key at index 2: notes it
 * if it is the table of globals. */
void script_checks_note_assignment(lua_State *L);

#endif
