/* SPDX-License-Identifier: MIT */
/* MEMORY: what a key takes, and what can be said of the whole. */
#include "commands/help_lines.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "reply/errors.h"

#define DEFAULT_SAMPLES 5

static void memory_report_usage(struct call *call)
{
    int64_t samples = DEFAULT_SAMPLES;
    for (int i = 3; i < call->argc; i += 2) {
        if (!call_is(call, i, "SAMPLES") || i + 1 == call->argc) {
            call_syntax_error(call);
            return;
        }
        if (!call_integer(call, i + 1, &samples, NULL))
            return;
        if (samples < 0) {
            call_syntax_error(call);
            return;
        }
    }
    struct entry *entry = call_find_any(call, call->argv[2], ACCESS_PEEK);
    if (entry)
        reply_integer(call->reply, (int64_t)entry_memory(entry, (size_t)samples));
    else
        reply_null(call->reply);
}

static void memory_report_doctor(struct call *call)
{
    reply_verbatim(call->reply, "txt",
                   BYTES_LITERAL("No complaints: a server that stands in for another keeps little, "
                                 "and what it keeps is gone when it ends.\n"));
}

static void memory_report_purge(struct call *call)
{
    reply_ok(call->reply);
}

static void memory_report_malloc_stats(struct call *call)
{
    reply_bulk_string(call->reply, "Stats not supported for the current allocator");
}

static void memory_report_help(struct call *call)
{
    static const char *const lines[] = {
        "MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DOCTOR",
        "    What is wrong with the memory, if anything.",
        "MALLOC-STATS",
        "    What the allocator tells of itself.",
        "PURGE",
        "    Ask the allocator to give pages back.",
        "USAGE <key> [SAMPLES <count>]",
        "    Bytes that a key takes with its value, estimated from some",
        "    of its elements (5; 0 for all of them).",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

static const struct command_argument memory_usage_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "SAMPLES", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command memory_subcommands[] = {
    {.name = "DOCTOR",
     .arity = 2,
     .since = "4.0.0",
     .group = "server",
     .summary = "Gives an opinion on how memory is used.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", "request_policy:all_shards",
                                   "response_policy:special", NULL},
     .run = memory_report_doctor},
    {.name = "HELP",
     .arity = 2,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .since = "4.0.0",
     .group = "server",
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .run = memory_report_help},
    {.name = "MALLOC-STATS",
     .arity = 2,
     .since = "4.0.0",
     .group = "server",
     .summary = "Answers what the allocator says of itself.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", "request_policy:all_shards",
                                   "response_policy:special", NULL},
     .run = memory_report_malloc_stats},
    {.name = "PURGE",
     .arity = 2,
     .since = "4.0.0",
     .group = "server",
     .summary = "Asks the allocator to give memory back.",
     .complexity = "O(1)",
     .tips =
         (const char *const[]){"request_policy:all_shards", "response_policy:all_succeeded", NULL},
     .run = memory_report_purge},
    {.name = "USAGE",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .since = "4.0.0",
     .group = "server",
     .summary = "Estimates the bytes that a key and its value take.",
     .complexity = "O(N) for N samples",
     KEY_SPECS({.flags = KEY_RO, .begin_position = 2, .step = 1}),
     .arguments = memory_usage_arguments,
     .run = memory_report_usage},
    {0},
};

const struct command memory_report_commands[] = {
    {.name = "MEMORY",
     .arity = -2,
     .since = "4.0.0",
     .group = "server",
     .summary = "Holds the commands about memory.",
     .complexity = "As the subcommand's.",
     .subcommands = memory_subcommands},
    {0},
};
