/* SPDX-License-Identifier: MIT */
/* SLOWLOG: the log itself stands in engine/slowlog.c. */
#include "engine/slowlog.h"

#include "commands/help_lines.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "reply/errors.h"

static void reply_entry(struct call *call, const struct slowlog_entry *entry)
{
    reply_open(call->reply, REPLY_ARRAY, 6);
    reply_integer(call->reply, (int64_t)entry->id);
    reply_integer(call->reply, entry->time_s);
    reply_integer(call->reply, entry->duration_us);
    reply_open(call->reply, REPLY_ARRAY, (size_t)entry->argc);
    for (int i = 0; i < entry->argc; i++)
        reply_bulk(call->reply, entry->argv[i]);
    reply_close(call->reply);
    reply_bulk_string(call->reply, entry->address);
    reply_bulk_string(call->reply, entry->name);
    reply_close(call->reply);
}

static void slow_log_get(struct call *call)
{
    const struct slowlog *log = &call->engine->slowlog;
    int64_t limit = 10;
    if (call->argc > 3) {
        reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]),
                           "SLOWLOG");
        return;
    }
    bool is_bounded = call_emulates(call, 7, 0);
    if (call->argc == 3 && !call_integer_between(call, 2, is_bounded ? -1 : INT64_MIN, INT64_MAX,
                                                 &limit, is_bounded ? ERROR_SLOWLOG_COUNT : NULL))
        return;
    size_t count = slowlog_count(log);
    if (limit >= 0 && (uint64_t)limit < count)
        count = (size_t)limit;
    reply_open(call->reply, REPLY_ARRAY, count);
    for (size_t i = 0; i < count; i++)
        reply_entry(call, slowlog_entry(log, i));
    reply_close(call->reply);
}

static void slow_log_len(struct call *call)
{
    reply_integer(call->reply, (int64_t)slowlog_count(&call->engine->slowlog));
}

static void slow_log_reset(struct call *call)
{
    slowlog_clear(&call->engine->slowlog);
    reply_ok(call->reply);
}

static void slow_log_help(struct call *call)
{
    static const char *const lines[] = {
        "SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "GET [<count>]",
        "    The newest entries: ten, as many as asked, or all with -1.",
        "    Each entry holds:",
        "    id, time, microseconds it took, arguments, address of the client,",
        "    name of the client",
        "LEN",
        "    How many entries there are.",
        "RESET",
        "    Forget all entries.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

static const struct command_argument slowlog_get_arguments[] = {
    {.name = "count", .type = ARGUMENT_INTEGER, .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command slowlog_subcommands[] = {
    {.name = "GET",
     .arity = -2,
     .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.2.12",
     .group = "server",
     .summary = "Answers the latest entries of the slow log.",
     .complexity = "O(N) for N entries",
     .tips = (const char *const[]){"request_policy:all_nodes", "nondeterministic_output", NULL},
     .arguments = slowlog_get_arguments,
     .run = slow_log_get},
    {HELP_LINES_ROW("6.2.0", "server", slow_log_help)},
    {.name = "LEN",
     .arity = 2,
     .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.2.12",
     .group = "server",
     .summary = "Counts the entries of the slow log.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"request_policy:all_nodes", "response_policy:agg_sum",
                                   "nondeterministic_output", NULL},
     .run = slow_log_len},
    {.name = "RESET",
     .arity = 2,
     .flags = COMMAND_ADMIN | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.2.12",
     .group = "server",
     .summary = "Empties the slow log.",
     .complexity = "O(N) for N entries",
     .tips =
         (const char *const[]){"request_policy:all_nodes", "response_policy:all_succeeded", NULL},
     .run = slow_log_reset},
    {0},
};

const struct command slow_log_commands[] = {
    {.name = "SLOWLOG",
     .arity = -2,
     .since = "2.2.12",
     .group = "server",
     .summary = "Holds the commands about the log of slow commands.",
     .complexity = "As the subcommand's.",
     .subcommands = slowlog_subcommands},
    {0},
};
