/* SPDX-License-Identifier: MIT */
/*
 * One run of Lua code for a client: what EVAL and FCALL have in common. Whoever wants to watch runs
 * (hooks, a debugger, coverage) finds their beginning and their end here.
 *
 *     struct script_run run = {.call = call, .name = "name for messages", .options = ...};
 *     ... push the function and its arguments on the main state's stack ...
 *     script_run_answer(interpreter, &run, argc);
 */
#ifndef UNDERSTUDY_SCRIPT_SCRIPT_RUN_H
#define UNDERSTUDY_SCRIPT_SCRIPT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/call.h"
#include "engine/dispatch.h"
#include "engine/engine.h"

struct coverage_unit;
struct interpreter;
struct library;
struct script;

/* A script or function between its start and its end. */
struct script_run {
    struct call *call;           /* the EVAL or FCALL; NULL while a library loads */
    const char *name;            /* for messages: a script's SHA-1, a function's name */
    const struct script *script; /* NULL for a function */
    struct library *loading;     /* its code runs in order to register functions; or NULL */
    uint32_t flags;              /* enum script_flags */
    const struct bytes *keys;    /* borrowed: the declared ones */
    int key_count;
    struct coverage_unit *coverage; /* borrowed; NULL: not asked for */
    struct dispatch_script_options options;
    uint64_t began;     /* stopwatch_ticks() when the function was entered */
    int64_t started_us; /* monotonic; 0 until the hook looks for the first time */
    int64_t looked_us;  /* monotonic: when the hook looked last */
    bool is_busy;       /* longer than busy-reply-threshold */
    bool is_killed;     /* ends at its next line, with `ending` */
    const char *ending; /* borrowed: an error; NULL is that of SCRIPT KILL */
};

/* EVAL's and FCALL's argv[2], and that so many keys follow. False: an error was answered, `error`
 * if it is no number (NULL: the usual one). */
bool script_run_read_keys(struct call *call, const char *error, int *key_count);

/* The interpreter that runs something now, of the engine's two; or NULL. */
struct interpreter *script_run_current(const struct engine *engine);

/* Runs the function that stands below `argc` arguments on top of the main state's stack, and
 * answers into run->call->reply. */
void script_run_answer(struct interpreter *interpreter, struct script_run *run, int argc);

/* The inner part of it, for a run that answers no client. Returns what lua_pcall does; the one
 * result or error stands in the place of function and arguments, and is popped before leave. */
int script_run_enter(struct interpreter *interpreter, struct script_run *run, int argc);
void script_run_leave(struct interpreter *interpreter, int status);

#endif
