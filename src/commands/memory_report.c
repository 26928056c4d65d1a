/* SPDX-License-Identifier: MIT */
/* MEMORY: what a key takes, and what can be said of the whole. */
#include <stdio.h>

#include "base/memory.h"
#include "commands/help_lines.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "script/interpreter.h"
#include "script/library.h"

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

/* --- STATS --- */

static void reply_bytes(struct call *call, const char *name, size_t bytes)
{
    reply_bulk_string(call->reply, name);
    reply_integer(call->reply, (int64_t)bytes);
}

static void reply_ratio(struct call *call, const char *name, double ratio)
{
    reply_bulk_string(call->reply, name);
    reply_real(call->reply, ratio);
}

static double share_of(size_t part, size_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

/* A ratio, and by how many bytes the first is more than the second. */
static void reply_excess(struct call *call, const char *ratio, const char *bytes, size_t more,
                         size_t less)
{
    reply_ratio(call, ratio, less ? share_of(more, less) : 1);
    reply_bulk_string(call->reply, bytes);
    reply_integer(call->reply, (int64_t)more - (int64_t)less);
}

/* Databases with keys, one map each. 7.4 has no table from slots to keys to tell of. */
static void reply_databases(struct call *call)
{
    bool is_7_4 = call_emulates(call, 7, 4);
    for (int i = 0; i < call->engine->keyspace.count; i++) {
        const struct database *db = keyspace_database(&call->engine->keyspace, i);
        char name[32];
        if (database_count(db) == 0)
            continue;
        snprintf(name, sizeof name, "db.%d", i);
        reply_bulk_string(call->reply, name);
        reply_open(call->reply, REPLY_MAP, is_7_4 ? 2 : 3);
        reply_bytes(call, "overhead.hashtable.main", footprint_of_table(db));
        reply_bytes(call, "overhead.hashtable.expires", footprint_of_deadlines(db));
        if (!is_7_4)
            reply_bytes(call, "overhead.hashtable.slot-to-keys", 0);
        reply_close(call->reply);
    }
}

static void reply_overhead(struct call *call, const struct footprint *footprint)
{
    const struct interpreter *interpreter = call->engine->interpreter;
    size_t functions = interpreter ? library_memory(interpreter) : 0;
    bool is_7_0 = call_emulates(call, 7, 0);
    reply_bytes(call, "replication.backlog", 0);
    if (call_emulates(call, 8, 0))
        reply_bytes(call, "replica.fullsync.buffer", 0);
    reply_bytes(call, "clients.slaves", 0);
    reply_bytes(call, "clients.normal", footprint->clients);
    if (is_7_0)
        reply_bytes(call, "cluster.links", 0);
    reply_bytes(call, "aof.buffer", footprint->journal);
    reply_bytes(call, "lua.caches", footprint->scripts - functions);
    if (is_7_0)
        reply_bytes(call, "functions.caches", functions);
    reply_databases(call);
    if (call_emulates(call, 7, 4)) {
        size_t tables = 0;
        for (int i = 0; i < call->engine->keyspace.count; i++)
            tables += table_memory(&keyspace_database(&call->engine->keyspace, i)->keys);
        reply_bytes(call, "overhead.db.hashtable.lut", tables);
        reply_bytes(call, "overhead.db.hashtable.rehashing", footprint->rehashing);
        reply_bytes(call, "db.dict.rehashing.count", footprint->rehashing_tables);
    }
    reply_bytes(call, "overhead.total", footprint->overhead);
}

static size_t count_databases(const struct call *call)
{
    size_t count = 0;
    for (int i = 0; i < call->engine->keyspace.count; i++)
        count += database_count(&call->engine->keyspace.databases[i]) > 0;
    return count;
}

static size_t count_fields(const struct call *call)
{
    size_t count = 25;
    if (call_emulates(call, 7, 0))
        count += 2;
    if (call_emulates(call, 7, 4))
        count += 4;
    if (call_emulates(call, 8, 0))
        count += 1;
    return count + count_databases(call);
}

static void memory_report_stats(struct call *call)
{
    struct footprint footprint;
    footprint_measure(call->engine, &footprint);
    size_t used = footprint.used, active = footprint.active, resident = footprint.resident;
    size_t net = used > footprint.startup ? used - footprint.startup : 1;
    reply_open(call->reply, REPLY_MAP, count_fields(call));
    reply_bytes(call, "peak.allocated", footprint.peak);
    reply_bytes(call, "total.allocated", used);
    reply_bytes(call, "startup.allocated", footprint.startup);
    reply_overhead(call, &footprint);
    reply_bytes(call, "keys.count", footprint.keys);
    reply_bytes(call, "keys.bytes-per-key", footprint.keys ? net / footprint.keys : 0);
    reply_bytes(call, "dataset.bytes", footprint.dataset);
    reply_ratio(call, "dataset.percentage", 100 * share_of(footprint.dataset, net));
    reply_ratio(call, "peak.percentage", 100 * share_of(used, footprint.peak));
    reply_bytes(call, "allocator.allocated", used);
    reply_bytes(call, "allocator.active", active);
    reply_bytes(call, "allocator.resident", active);
    if (call_emulates(call, 7, 4))
        reply_bytes(call, "allocator.muzzy", 0);
    reply_excess(call, "allocator-fragmentation.ratio", "allocator-fragmentation.bytes", active,
                 used);
    reply_excess(call, "allocator-rss.ratio", "allocator-rss.bytes", active, active);
    reply_excess(call, "rss-overhead.ratio", "rss-overhead.bytes", resident, active);
    reply_excess(call, "fragmentation", "fragmentation.bytes", resident, used);
    reply_close(call->reply);
}

/* --- DOCTOR: Redis's rules, our words --- */

#define LITTLE       ((size_t)5 << 20) /* of which nothing can be said */
#define PEAK_RATIO   1.5
#define RSS_RATIO    1.4
#define RSS_EXCESS   ((size_t)10 << 20)
#define CLIENT_SHARE ((size_t)200 << 10)
#define MOST_SCRIPTS 1000

static void append_complaint(struct buffer *out, const char *title, const char *text)
{
    buffer_append_format(out, " * %s: %s\n\n", title, text);
}

static void examine(struct call *call, const struct footprint *footprint, struct buffer *out)
{
    const struct interpreter *interpreter = call->engine->interpreter;
    size_t clients = list_count(&call->engine->sessions);
    if (share_of(footprint->peak, footprint->used) > PEAK_RATIO)
        append_complaint(out, "Peak",
                         "once there was more than half as much again in use as there is now. What "
                         "the process then took from the system it may still hold; MEMORY PURGE "
                         "gives back what it can.");
    if (share_of(footprint->resident, footprint->used) > RSS_RATIO &&
        footprint->resident - footprint->used > RSS_EXCESS)
        append_complaint(out, "Fragmentation",
                         "the process holds many more pages than its data would fill. That is "
                         "usual after much was deleted.");
    if (clients && footprint->clients / clients > CLIENT_SHARE)
        append_complaint(out, "Clients",
                         "their buffers take more than 200 kB each on average. CLIENT LIST shows "
                         "who does not read replies; maxmemory-clients sets a limit.");
    if (interpreter && interpreter_script_count(interpreter) > MOST_SCRIPTS)
        append_complaint(out, "Scripts",
                         "more than a thousand are cached. Pass what differs as arguments rather "
                         "than within the script's text.");
    if (footprint->snapshots > footprint->used / 2)
        append_complaint(out, "Snapshots",
                         "more than half of the memory belongs to MOCK SNAPSHOT. It is given back "
                         "by MOCK SNAPSHOT DELETE, or MOCK RESET.");
}

static void memory_report_doctor(struct call *call)
{
    struct footprint footprint;
    struct buffer text = {0};
    footprint_measure(call->engine, &footprint);
    if (footprint.used < LITTLE) {
        buffer_append_string(&text,
                             "There is so little in memory that nothing can be said of it.\n");
    } else {
        examine(call, &footprint, &text);
        if (text.size == 0)
            buffer_append_string(&text, "No complaints: memory is used as it should be.\n");
    }
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

/* --- the allocator --- */

static void memory_report_purge(struct call *call)
{
    memory_give_back();
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
        "STATS",
        "    What memory is used for.",
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
    {HELP_LINES_ROW("4.0.0", "server", memory_report_help)},
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
    {.name = "STATS",
     .arity = 2,
     .since = "4.0.0",
     .group = "server",
     .summary = "Tells what memory is used for.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", "request_policy:all_shards",
                                   "response_policy:special", NULL},
     .run = memory_report_stats},
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
