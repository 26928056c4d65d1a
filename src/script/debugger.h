/* SPDX-License-Identifier: MIT */
/*
 * The Lua debugger: SCRIPT DEBUG YES or SYNC, and what follows on the same connection.
 * https://redis.io/docs/latest/develop/interact/programmability/lua-debugging/
 *
 *     bool is_debugged = debugger_start(interpreter, call, source, "user_script");
 *     ... the script runs: debugger_attach() before it, its reply goes to call->reply ...
 *     if (is_debugged)
 *         debugger_finish(interpreter);
 *
 * At a line where it stops, the script stays suspended within Lua's hook while its client is talked
 * with (engine_host.converse): one array of simple strings for each command, and after
 * <endsession> the script's own reply, behind which the connection is closed.
 *
 * Redis forks for YES, so that others are served while somebody thinks about a line, and all that
 * the script changed is gone with the child. Here both modes run in the server itself. What was
 * changed under YES is undone through a snapshot, and was announced to nobody; the requests of
 * others wait, in both modes, until the session has ended. They might have been refused with -BUSY
 * instead, but under Redis they would not have failed in either mode, and a client that waits a
 * while is nearer to that than one which must deal with errors that it never saw before. Nor may
 * they be served meanwhile: they would see half a script's changes, and lose their own by the
 * rollback. Commands that are allowed while a script is busy (SCRIPT KILL, SHUTDOWN NOSAVE) are
 * not held: SCRIPT KILL ends the script as if it had been aborted.
 *
 * When the client goes away, a script under YES is aborted and undone. Under SYNC it runs on to its
 * end, as it does in Redis: half its changes must not stay. There is no limit to how long a session
 * takes, but what `eval` runs ends after busy-reply-threshold.
 *
 * Redis debugs EVAL alone, and says so to EVALSHA; here FCALL is debugged, too. The lines shown are
 * those of its library.
 *
 * Two more things differ from Redis 7.0 on purpose: commands that arrive together are executed one
 * after the other (Redis drops all but the first), and an error that is a table does not end the
 * server when `eval` shows it.
 */
#ifndef UNDERSTUDY_SCRIPT_DEBUGGER_H
#define UNDERSTUDY_SCRIPT_DEBUGGER_H

#include <stdbool.h>

#include <lua.h>

#include "engine/call.h"

struct debugger;
struct debugger_reply;
struct interpreter;
struct reply;

/* Whether SCRIPT DEBUG may come now: not behind replies that are still to be sent, and on a stream
 * if it is to switch on. */
bool debugger_may_switch(const struct session *session, bool is_on);

/* If the caller has switched the debugger on: begins a session, before the arguments are looked at.
 * `source` is the text whose lines are shown, borrowed until the end; `chunk` the name of what is
 * compiled from it, without '@'. */
bool debugger_start(struct interpreter *interpreter, struct call *call, struct bytes source,
                    const char *chunk);
/* Says <endsession>, undoes, and marks the connection for closing. The script's reply has been
 * answered, but is sent behind. */
void debugger_finish(struct interpreter *interpreter);
/* The run begins: its state gets the hook. Without a session it does nothing. */
void debugger_attach(struct interpreter *interpreter);
/* The run has ended: the hook is the usual one. */
void debugger_detach(struct interpreter *interpreter);

/* Whether the running script's changes will be undone. */
bool debugger_undoes(const struct interpreter *interpreter);

/* redis.breakpoint(): the script stops before its next line. False without a session. */
bool debugger_break(struct interpreter *interpreter);
/* redis.debug(...): shows the arguments of the C function that runs in L. */
void debugger_show_arguments(lua_State *L);

/* While the script is stepped through, what it asks of the server is shown. */
bool debugger_is_watching(const struct interpreter *interpreter);
void debugger_show_call(struct interpreter *interpreter, const struct bytes *argv, int argc);
/* `was_refused`: the command did not run. */
void debugger_show_answer(struct interpreter *interpreter, struct debugger_reply *noted,
                          bool was_refused);
/* An error that the API gives or raises: "ERR text" or "-CODE text". */
void debugger_show_error(struct interpreter *interpreter, const char *text);

#endif
