/* SPDX-License-Identifier: MIT */
/*
 * What the rows of scripts and of functions have in common, their arguments above all.
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

/* Of EVAL, FCALL and their kin. */
#define SCRIPT_ARGUMENTS_FLAGS                                                                     \
    (COMMAND_NOSCRIPT | COMMAND_STALE | COMMAND_SKIP_MONITOR | COMMAND_NO_MANDATORY_KEYS |         \
     COMMAND_MOVABLE_KEYS)

#define SCRIPT_ARGUMENTS_KEYS(key_flags_, notes_)                                                  \
    KEY_SPECS({.flags = (key_flags_),                                                              \
               .begin_position = 2,                                                                \
               .find = KEY_FIND_NUMBER,                                                            \
               .first_key = 1,                                                                     \
               .step = 1,                                                                          \
               .notes = (notes_)})

/* How FLUSH frees: ASYNC or SYNC. */
extern const struct command_argument script_arguments_flush_words[];

#endif
