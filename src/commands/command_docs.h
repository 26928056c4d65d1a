/* SPDX-License-Identifier: MIT */
/*
 * COMMAND DOCS for one command: what its row says to a reader.
 *
 *     command_docs_reply(call, state);          // the map of its documentation
 */
#ifndef UNDERSTUDY_COMMANDS_COMMAND_DOCS_H
#define UNDERSTUDY_COMMANDS_COMMAND_DOCS_H

#include "engine/call.h"
#include "engine/engine.h"

void command_docs_reply(struct call *call, const struct command_state *state);

#endif
