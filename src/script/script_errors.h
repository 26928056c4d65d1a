/* SPDX-License-Identifier: MIT */
/*
 * Errors between Lua and the client. Since Redis 7.0 an error in a script is a table:
 *
 *     {err = "ERR message", source = "@user_script", line = 3}
 *
 * which the client sees as "-ERR message script: SHA, on @user_script:3."
 */
#ifndef UNDERSTUDY_SCRIPT_SCRIPT_ERRORS_H
#define UNDERSTUDY_SCRIPT_SCRIPT_ERRORS_H

#include <lua.h>

struct interpreter;
struct reply;

/* Pushes {err=text}. */
void script_errors_push(lua_State *L, const char *text);

/* Raises it; for `return script_errors_raise(L, "ERR ...")`. */
int script_errors_raise(lua_State *L, const char *text);

/* The message handler of a run: makes a table of whatever was raised and notes source and line. */
int script_errors_handle(lua_State *L);

/* Answers the error that ended the run; it is on top of the main state's stack. */
void script_errors_answer(struct interpreter *interpreter, struct reply *reply);

/* Counts the error that was answered last, unless the table on top of L says that it was counted.
 */
void script_errors_count(struct interpreter *interpreter, lua_State *L, const struct reply *reply);

/* Where the script is: the line of the innermost function that has lines. 0: nowhere. */
int script_errors_line(lua_State *L);

/* `pcall` of the sandbox: gives what `err` says instead of the table, as scripts knew it
 * before 7.0. */
int script_errors_pcall(lua_State *L);

/* `xpcall`: the handler is not called for the error that ends a killed script. It would run within
 * the hook that raised, where no hook could end it in its turn. */
int script_errors_xpcall(lua_State *L);

#endif
