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

#endif
