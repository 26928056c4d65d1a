/* SPDX-License-Identifier: MIT */
/*
 * What the arguments of scripts and of functions have in common, for COMMAND DOCS.
 *
 *     static const struct command_argument eval_arguments[] = {
 *         {.name = "script", .type = ARGUMENT_STRING}, SCRIPT_ARGUMENTS_OF_CALL, {0}};
 */
#ifndef UNDERSTUDY_COMMANDS_SCRIPT_ARGUMENTS_H
#define UNDERSTUDY_COMMANDS_SCRIPT_ARGUMENTS_H

#include "engine/command.h"

/* What stands behind the name of what is called. */
#define SCRIPT_ARGUMENTS_OF_CALL                                                                   \
    {.name = "numkeys", .type = ARGUMENT_INTEGER},                                                 \
        {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},     \
    {                                                                                              \
        .name = "arg", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE     \
    }

/* How FLUSH frees: ASYNC or SYNC. */
extern const struct command_argument script_arguments_flush_words[];

#endif
