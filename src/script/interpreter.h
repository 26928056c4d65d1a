/* SPDX-License-Identifier: MIT */
/*
 * Lua for one engine: the script cache, the sandboxed state, the run of a script. Libraries of
 * functions (script/library.h) live in a state of their own and run by the same path.
 *
 *     engine->interpreter = interpreter_new(engine);
 *     interpreter_eval(call, false);           // EVAL body numkeys ..., answered into call->reply
 *
 * The Lua state is made when the first script comes, so that a server that runs none pays nothing.
 */
#ifndef UNDERSTUDY_SCRIPT_INTERPRETER_H
#define UNDERSTUDY_SCRIPT_INTERPRETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "engine/call.h"

struct coverage;
struct interpreter;

struct interpreter *interpreter_new(struct engine *engine);
/* Before engine_free; not from within a script. Accepts NULL. */
void interpreter_free(struct interpreter *interpreter);

/* Runs a script (source text) or a cached one (its SHA-1, 40 hexadecimal digits) and answers into
 * call->reply: EVAL, EVALSHA and their read-only forms. argv[1] is the script, argv[2] the number
 * of keys; the error for a bad one is answered too. */
void interpreter_eval(struct call *call, bool is_read_only);
void interpreter_evalsha(struct call *call, bool is_read_only);

/* SCRIPT LOAD: compiles and caches. True: `sha` has 40 digits and a terminator. False: the compile
 * error was answered. */
bool interpreter_load(struct call *call, struct bytes body, char sha[41]);
bool interpreter_exists(struct interpreter *interpreter, struct bytes sha);
/* Forgets all scripts and their Lua state; libraries stay. Not from within a script. */
void interpreter_flush(struct interpreter *interpreter);
/* The same with libraries, and math.random starts anew: as after interpreter_new. */
void interpreter_reset(struct interpreter *interpreter);

enum interpreter_kind { INTERPRETER_SCRIPTS, INTERPRETER_FUNCTIONS };

/* SCRIPT KILL and FUNCTION KILL, called from within engine_host.busy_turn: what runs ends with an
 * error at its next look, if it is of that kind. */
enum interpreter_kill_outcome {
    INTERPRETER_KILLED,
    INTERPRETER_NOT_BUSY,   /* nothing runs */
    INTERPRETER_UNKILLABLE, /* it has written already */
    INTERPRETER_OTHER_KIND, /* the other command is the one to use: engine->busy_error */
};
enum interpreter_kill_outcome interpreter_kill(struct engine *engine, enum interpreter_kind kind);

/* Whether something runs that is over busy-reply-threshold: others get -BUSY. */
bool interpreter_is_busy(const struct engine *engine);

struct interpreter_run_facts {
    enum interpreter_kind kind;
    const char *name;        /* the script's SHA-1 or the function's name */
    const struct call *call; /* the EVAL or FCALL */
    int64_t duration_ms;
};

/* What runs now, for FUNCTION STATS; borrowed until it ends. False: nothing. */
bool interpreter_describe_run(const struct engine *engine, struct interpreter_run_facts *facts);

/* Which lines of scripts have run; NULL unless `script-coverage`, its minimum or `report` is set.
 * Borrowed.
 */
struct coverage *interpreter_coverage(const struct interpreter *interpreter);

/* For INFO: number_of_cached_scripts, used_memory_vm_eval, used_memory_scripts_eval. */
size_t interpreter_script_count(const struct interpreter *interpreter);
size_t interpreter_vm_memory(const struct interpreter *interpreter);
size_t interpreter_scripts_memory(const struct interpreter *interpreter);

#endif
