/* SPDX-License-Identifier: MIT */
/*
 * DEBUG: the parts that test suites use. Subcommands with more to them stand in debug_*.c; those
 * whose object is not here at all (the backlog of replication, jemalloc) are accepted and change
 * nothing.
 */
#include "commands/debug.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "base/glob.h"
#include "base/memory.h"
#include "engine/call.h"
#include "engine/config_value.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "engine/session_lines.h"
#include "reply/errors.h"

enum permission { PERMISSION_NO, PERMISSION_YES, PERMISSION_LOCAL }; /* the directive's words */

/* Stops the whole server, as it says; real time, whatever the clock stands at. */
static void debug_sleep(struct call *call)
{
    char *text = bytes_to_string(call->argv[2]);
    double seconds = strtod(text, NULL);
    memory_free(text);
    if (seconds > 0) {
        struct timespec left = {.tv_sec = (time_t)seconds,
                                .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
        while (nanosleep(&left, &left) < 0 && errno == EINTR)
            continue;
    }
    reply_ok(call->reply);
}

static void debug_error(struct call *call)
{
    reply_error_bytes(call->reply, call->argv[2]);
}

static void debug_log(struct call *call)
{
    engine_log(call->engine, 3, "DEBUG LOG: %.*s", BYTES_PRINT(call->argv[2]));
    reply_ok(call->reply);
}

static void change_replication_id(struct call *call)
{
    replication_begin_history(call->engine);
    reply_ok(call->reply);
}

static void debug_accept(struct call *call)
{
    reply_ok(call->reply);
}

/* Whether an element stands alone in a list's chain follows from list-max-listpack-size here, as in
 * Redis from 7.2 on; no command shows it, so that the threshold is checked and has no effect. */
static void debug_packed_threshold(struct call *call)
{
    const uint64_t largest = ((uint64_t)1 << 32) - (1 << 20);
    uint64_t bytes;
    if (config_value_parse_memory(call->argv[2], &bytes) && bytes <= largest)
        reply_ok(call->reply);
    else
        reply_error(call->reply, ERROR_DEBUG_THRESHOLD);
}

static void debug_stringmatch_len(struct call *call)
{
    reply_integer(call->reply, glob_matches(call->argv[2], call->argv[3]));
}

static void debug_stringmatch_test(struct call *call)
{
    static const char letters[] = "ab*?[]^-\\";
    struct random *random = &call->engine->random;
    for (int round = 0; round < 10000; round++) {
        char pattern[32], text[32];
        size_t sizes[2] = {random_below(random, sizeof pattern), random_below(random, sizeof text)};
        for (size_t i = 0; i < sizes[0]; i++)
            pattern[i] = letters[random_below(random, sizeof letters - 1)];
        for (size_t i = 0; i < sizes[1]; i++)
            text[i] = letters[random_below(random, sizeof letters - 1)];
        glob_matches(bytes_of(pattern, sizes[0]), bytes_of(text, sizes[1]));
    }
    reply_simple(call->reply, "Apparently Redis did not crash: test passed");
}

void debug_answer_unknown(struct call *call)
{
    reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]), "DEBUG");
}

static void debug_help(struct call *call)
{
    static const char *const lines[] = {
        "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "AOF-FLUSH-SLEEP <microsec>",
        "    Accepted; changes nothing.",
        "CHANGE-REPL-ID",
        "    Gives the history of the data another name.",
        "CLIENT-EVICTION",
        "    How many clients take how much memory, while maxmemory-clients is set.",
        "DICT-RESIZING <0|1>",
        "    Accepted; changes nothing.",
        "DIGEST",
        "    A digest of all databases. Equal data has equal digests.",
        "DIGEST-VALUE <key> [<key> ...]",
        "    A digest of each key's value.",
        "DROP-CLUSTER-PACKET-FILTER <packet-type>",
        "    Accepted; changes nothing.",
        "ERROR <string>",
        "    Answers an error of this text.",
        "HTSTATS <dbid> [full]",
        "    How full the hash tables of a database are.",
        "HTSTATS-KEY <key> [full]",
        "    How full the hash table of a value is.",
        "LEAK <string>",
        "    Accepted; leaks nothing.",
        "LISTPACK <key>",
        "    Writes to the log what a packed value takes.",
        "LOADAOF",
        "    Writes what is pending of the append-only file, and loads it in the data's place.",
        "LOG <message>",
        "    Writes a message to the log.",
        "OBJECT <key>",
        "    How a value is kept.",
        "PAUSE-CRON <0|1>",
        "    1: no key expires before somebody asks for it, no silent client is dropped, nothing "
        "is",
        "    saved by itself. 0: all of that happens again.",
        "POPULATE <count> [<prefix>] [<size>]",
        "    Creates string keys of the names key:0, key:1 and so on, or with another prefix.",
        "PROTOCOL <type>",
        "    Answers a value of the type: string, integer, double, bignum, null, array, set, map,",
        "    attrib, push, verbatim, true, false.",
        "QUICKLIST <key> [<0|1>]",
        "    Writes to the log what a list takes.",
        "QUICKLIST-PACKED-THRESHOLD <size>",
        "    Checked; changes nothing.",
        "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
        "    Writes every value in the format of an RDB file and reads it back.",
        "REPLYBUFFER <PEAK-RESET-TIME|RESIZING> <value>",
        "    Checked; changes nothing.",
        "SDSLEN <key>",
        "    Sizes of a key and its string.",
        "SET-ACTIVE-EXPIRE <0|1>",
        "    0: a key whose time has come stays until somebody asks for it. 1: it goes at once.",
        "SET-DISABLE-DENY-SCRIPTS <0|1>",
        "    1: scripts may call DEBUG.",
        "SLEEP <seconds>",
        "    Stops the server for a while, fractions of a second included.",
        "STRINGMATCH-LEN <pattern> <string>",
        "    Whether a glob pattern matches a string.",
        "STRINGMATCH-TEST",
        "    Matches random patterns with random strings.",
        "STRUCTSIZE",
        "    Sizes of some of the server's structs.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    reply_lines(call->reply, lines);
}

struct debug_subcommand {
    const char *name;
    int lowest_argc;
    int highest_argc;
    void (*run)(struct call *call);
    const char *since; /* or NULL: always */
    const char *until; /* the version that has it no more, or NULL */
};

static const struct debug_subcommand subcommands[] = {
    {.name = "AOF-FLUSH-SLEEP", 3, 3, debug_accept, .since = "7.0"},
    {.name = "CHANGE-REPL-ID", 2, 2, change_replication_id},
    {.name = "CLIENT-EVICTION", 2, 2, debug_memory_client_eviction, .since = "7.0"},
    {.name = "DICT-RESIZING", 3, 3, debug_accept, .since = "7.2"},
    {.name = "DIGEST", 2, 2, debug_digest_everything},
    {.name = "DIGEST-VALUE", 2, INT_MAX, debug_digest_values},
    {.name = "DROP-CLUSTER-PACKET-FILTER", 3, 3, debug_accept, .since = "7.0"},
    {.name = "ERROR", 3, 3, debug_error},
    {.name = "HELP", 2, 2, debug_help},
    {.name = "HTSTATS", 3, 4, debug_tables_of_database},
    {.name = "HTSTATS-KEY", 3, 4, debug_tables_of_key},
    {.name = "LEAK", 3, 3, debug_accept},
    {.name = "LISTPACK", 3, 3, debug_values_listpack, .since = "7.0"},
    {.name = "LOADAOF", 2, 2, debug_dataset_load_append_only},
    {.name = "LOG", 3, 3, debug_log},
    {.name = "OBJECT", 3, 3, debug_values_object},
    {.name = "PAUSE-CRON", 3, 3, debug_memory_pause_cron, .since = "7.0"},
    {.name = "POPULATE", 3, 5, debug_dataset_populate},
    {.name = "PROTOCOL", 3, 3, debug_protocol_reply},
    {.name = "QUICKLIST", 3, 4, debug_values_quicklist, .since = "7.0"},
    {.name = "QUICKLIST-PACKED-THRESHOLD", 3, 3, debug_packed_threshold, .since = "7.0"},
    {.name = "RELOAD", 2, INT_MAX, debug_dataset_reload},
    {.name = "REPLYBUFFER", 4, 4, debug_memory_reply_buffer, .since = "7.0"},
    {.name = "SDSLEN", 3, 3, debug_values_sdslen},
    {.name = "SET-ACTIVE-EXPIRE", 3, 3, debug_memory_set_active_expire},
    {.name = "SET-DISABLE-DENY-SCRIPTS", 3, 3, debug_memory_disable_deny_scripts, .since = "7.0"},
    {.name = "SLEEP", 3, 3, debug_sleep},
    {.name = "STRINGMATCH-LEN", 4, 4, debug_stringmatch_len, .since = "7.2"},
    {.name = "STRINGMATCH-TEST", 2, 2, debug_stringmatch_test},
    {.name = "STRUCTSIZE", 2, 2, debug_memory_struct_sizes},
    {.name = "ZIPLIST", 3, 3, debug_values_ziplist, .until = "7.0"},
};

/* Before 7.0 there was no such directive: DEBUG was always there. */
static const char *find_refusal(const struct session *session)
{
    const struct engine *engine = session->engine;
    int64_t allowed = config_integer(engine->config, CONFIG_ENABLE_DEBUG_COMMAND);
    if (allowed == PERMISSION_YES || !engine_emulates(engine, 7, 0) ||
        (allowed == PERMISSION_LOCAL && session_line_is_local(session)))
        return NULL;
    return ERROR_PROTECTED_COMMAND("DEBUG", "enable-debug-command");
}

static bool is_meant(const struct call *call, const struct debug_subcommand *subcommand)
{
    uint32_t version = call->engine->version;
    return call->argc >= subcommand->lowest_argc && call->argc <= subcommand->highest_argc &&
           call_is(call, 1, subcommand->name) &&
           (!subcommand->since || version >= command_version_number(subcommand->since)) &&
           (!subcommand->until || version < command_version_number(subcommand->until));
}

static void debug_run(struct call *call)
{
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (is_meant(call, &subcommands[i])) {
            subcommands[i].run(call);
            return;
        }
    }
    debug_answer_unknown(call);
}

const struct command debug_commands[] = {
    {.name = "DEBUG",
     .arity = -2,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE |
              COMMAND_PROTECTED | COMMAND_INTERNAL,
     .since = "1.0.0",
     .group = "server",
     .summary = "Holds commands for tests of the server itself.",
     .complexity = "As the subcommand's.",
     .run = debug_run,
     .find_refusal = find_refusal},
    {0},
};
