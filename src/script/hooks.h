/* SPDX-License-Identifier: MIT */
/*
 * What looks at a script while it runs: once in so many instructions, whether it has run too long,
 * and how much memory it holds.
 */
#ifndef UNDERSTUDY_SCRIPT_HOOKS_H
#define UNDERSTUDY_SCRIPT_HOOKS_H

#include <stdbool.h>

#include <lua.h>

struct interpreter;

/* For a new state; coroutines take it over. */
void hooks_install(lua_State *L);

/* Ends the run with an error that no pcall keeps: it is raised here and again at each line that
 * follows. `error` is borrowed until the run has ended. For `return hooks_fail_run(L, error)`. */
int hooks_fail_run(lua_State *L, const char *error);

/* What the hook does, and the mask of the events that somebody wants to see of every run: for who
 * puts another hook in its place. */
void hooks_look(lua_State *L, lua_Debug *activation);
int hooks_events(const struct interpreter *interpreter);

/* The run was killed: raises, now and at each new line. Does not return. */
int hooks_kill_run(struct interpreter *interpreter, lua_State *L);

/* How eagerly garbage is collected depends on how much memory the state has: a small one is left
 * alone for longer. */
void hooks_watch_memory(struct interpreter *interpreter);

/* After each run: looks start anew, and whatever the script did to the collector, garbage does not
 * add up from run to run. */
void hooks_end_run(struct interpreter *interpreter, bool is_memory_short);

#endif
