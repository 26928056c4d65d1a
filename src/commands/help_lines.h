/* SPDX-License-Identifier: MIT */
/*
 * What HELP answers: a line for each subcommand, and lines below it that begin with blanks.
 *
 *     static const char *const lines[] = {"SLOWLOG <subcommand> ...", "LEN", "    ...", NULL};
 *     help_lines_reply(call, lines);
 *
 * Subcommands that the emulated version lacks are left out.
 */
#ifndef UNDERSTUDY_COMMANDS_HELP_LINES_H
#define UNDERSTUDY_COMMANDS_HELP_LINES_H

#include "engine/call.h"

/* `lines` ends with NULL. The call is that of a container's subcommand. */
void help_lines_reply(struct call *call, const char *const *lines);

/* The row of such a HELP; more of its fields may follow. */
#define HELP_LINES_ROW(since_, group_, run_)                                                       \
    .name = "HELP", .arity = 2, .flags = COMMAND_LOADING | COMMAND_STALE, .since = (since_),       \
    .group = (group_), .summary = "Lists the subcommands.", .complexity = "O(1)", .run = (run_)

#endif
