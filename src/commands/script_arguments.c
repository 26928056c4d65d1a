/* SPDX-License-Identifier: MIT */
#include "commands/script_arguments.h"

const struct command_argument script_arguments_flush_words[] = {
    {.name = "async", .type = ARGUMENT_PURE_TOKEN, .token = "ASYNC"},
    {.name = "sync", .type = ARGUMENT_PURE_TOKEN, .token = "SYNC"},
    {0},
};
