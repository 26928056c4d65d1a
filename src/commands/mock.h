/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of MOCK, one file a theme; mock.c holds their rows and HELP.
 *
 *     void mock_seed(struct call *call)
 *     {
 *         if (!mock_is_allowed(call))
 *             return;                             // it answered why not
 *         ...
 */
#ifndef UNDERSTUDY_COMMANDS_MOCK_H
#define UNDERSTUDY_COMMANDS_MOCK_H

#include <stdbool.h>

#include "engine/call.h"

/* Whether `enable-mock-command` lets this client use MOCK; if not, the refusal is answered. */
bool mock_is_allowed(struct call *call);

void mock_clock(struct call *call);

#endif
