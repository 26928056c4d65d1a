/* SPDX-License-Identifier: MIT */
/*
 * Errors between Lua and the client. Since Redis 7.0 an error in a script is a table:
 *
 *     {err = "ERR message", source = "@user_script", line = 3}
 *
 * which the client sees as "-ERR message script: SHA, on @user_script:3." Before, redis.pcall
 * returned a table with `err` alone, what was raised was a text, and the client saw
 *
 *     -ERR Error running script (call to f_SHA): @user_script:3: message
 */
#ifndef UNDERSTUDY_SCRIPT_SCRIPT_ERRORS_H
#define UNDERSTUDY_SCRIPT_SCRIPT_ERRORS_H

#include <lua.h>

struct interpreter;
struct reply;

/* Pushes {err=text}. Before 7.0 the place in the script stands where the code ERR would. */
void script_errors_push(lua_State *L, const char *text);

/* Before 7.0: puts what script_errors_push pushes in the place of the error on top of the stack.
 * Since then it stays as it is. */
void script_errors_name_place(lua_State *L, const char *text);

/* Raises {err=text}, or before 7.0 the text without ERR; for
 * `return script_errors_raise(L, "ERR ...")`. */
int script_errors_raise(lua_State *L, const char *text);

/* Raises the error on top of the stack, which a command answered or script_errors_push pushed. */
int script_errors_raise_reply(lua_State *L);

/* The message handler of a run: makes a table of whatever was raised and notes source and line.
 * Before 7.0 it makes a text, with these in front. */
int script_errors_handle(lua_State *L);

/* Answers the error that ended the run; it is on top of the main state's stack. */
void script_errors_answer(struct interpreter *interpreter, struct reply *reply);

/* Counts the error that was answered last, unless the table on top of L says that it was counted.
 */
void script_errors_count(struct interpreter *interpreter, lua_State *L, const struct reply *reply);

/* Where the script is: the line of the innermost function that has lines. 0: nowhere. */
int script_errors_line(lua_State *L);

/* `pcall` of the sandbox since 7.0: gives what `err` says instead of the table, as scripts knew it
 * before. */
int script_errors_pcall(lua_State *L);

/* `xpcall`: the handler is not called for the error that ends a killed script. It would run within
 * the hook that raised, where no hook could end it in its turn. */
int script_errors_xpcall(lua_State *L);

#endif
