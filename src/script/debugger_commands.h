/* SPDX-License-Identifier: MIT */
/* The commands of a debugging session: step, print, break and the rest. */
#ifndef UNDERSTUDY_SCRIPT_DEBUGGER_COMMANDS_H
#define UNDERSTUDY_SCRIPT_DEBUGGER_COMMANDS_H

#include <stdbool.h>

#include <lua.h>

struct debugger;

enum debugger_verdict {
    DEBUGGER_STAYS, /* what it had to say is in the log; the next command is waited for */
    DEBUGGER_GOES_ON,
    DEBUGGER_ABORTS,
};

/* Runs the command in debugger->request. L is the coroutine that stands still, in its hook. */
enum debugger_verdict debugger_commands_run(struct debugger *debugger, lua_State *L);

bool debugger_commands_is_breakpoint(const struct debugger *debugger, int line);

/* "-> 3   code": a line of the source with its marks. */
void debugger_commands_show_line(struct debugger *debugger, int line);

#endif
