/* SPDX-License-Identifier: MIT */
/* DEBUG: the parts that test suites use. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "commands/session_lines.h"
#include "dump/dump.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "reply/errors.h"

#define DUMP_FRAME 11 /* bytes of a dump that are not the value: type, version, check sum */

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

static void debug_set_active_expire(struct call *call)
{
    char *text = bytes_to_string(call->argv[2]);
    call->engine->keyspace.expiry_is_paused = strtol(text, NULL, 10) == 0;
    memory_free(text);
    reply_ok(call->reply);
}

static void debug_object(struct call *call)
{
    struct entry *entry = call_find_any(call, call->argv[2], ACCESS_PEEK);
    if (!entry) {
        reply_error(call->reply, ERROR_NO_SUCH_KEY);
        return;
    }
    const struct value *value = entry_value(entry);
    struct buffer payload = {0}, text = {0};
    dump_value(&payload, value, 10, config_integer(call->engine->config, CONFIG_RDBCOMPRESSION));
    size_t size = payload.size > DUMP_FRAME ? payload.size - DUMP_FRAME : 0;
    buffer_append_format(
        &text,
        "Value at:%p refcount:%d encoding:%s serializedlength:%zu lru:%u "
        "lru_seconds_idle:%lld",
        (const void *)value, 1, value_encoding_name((enum value_encoding)value->encoding), size,
        (unsigned)entry->access, (long long)database_idle_seconds(call->db, entry));
    buffer_append_byte(&text, '\0');
    reply_simple(call->reply, text.data);
    buffer_clear(&payload);
    buffer_clear(&text);
}

static void debug_error(struct call *call)
{
    reply_error_bytes(call->reply, call->argv[2]);
}

/* A value of each type that the protocol has. */
static void debug_protocol(struct call *call)
{
    struct reply *reply = call->reply;
    static const char *const aggregates[] = {"array", "set", "map"};
    static const enum reply_kind kinds[] = {REPLY_ARRAY, REPLY_SET, REPLY_MAP};
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        if (!call_is(call, 2, aggregates[kind]))
            continue;
        reply_open(reply, kinds[kind], 3);
        for (int i = 0; i < 3; i++) {
            reply_integer(reply, i);
            if (kinds[kind] == REPLY_MAP)
                reply_boolean(reply, i == 1);
        }
        reply_close(reply);
        return;
    }
    if (call_is(call, 2, "string"))
        reply_bulk_string(reply, "Hello World");
    else if (call_is(call, 2, "integer"))
        reply_integer(reply, 12345);
    else if (call_is(call, 2, "double"))
        reply_real(reply, 3.141);
    else if (call_is(call, 2, "null"))
        reply_null(reply);
    else if (call_is(call, 2, "bignum"))
        reply_big_number(reply, BYTES_LITERAL("1234567999999999999999999999999999999"));
    else if (call_is(call, 2, "true") || call_is(call, 2, "false"))
        reply_boolean(reply, call_is(call, 2, "true"));
    else if (call_is(call, 2, "verbatim"))
        reply_verbatim(reply, "txt", BYTES_LITERAL("This is a verbatim\nstring"));
    else
        reply_error(reply, ERROR_DEBUG_PROTOCOL);
}

static void debug_help(struct call *call)
{
    static const char *const lines[] = {
        "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ERROR <string>",
        "    Return a Redis protocol error with <string> as message. Useful for clients",
        "    unit tests to simulate Redis errors.",
        "OBJECT <key>",
        "    Show low level info about `key` and associated value.",
        "PROTOCOL <type>",
        "    Reply with a test value of the specified type. <type> can be: string,",
        "    integer, double, bignum, null, array, set, map, verbatim, true, false.",
        "SET-ACTIVE-EXPIRE <0|1>",
        "    Setting it to 0 disables expiring keys in background when they are not",
        "    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the",
        "    default.",
        "SLEEP <seconds>",
        "    Stop the server for <seconds>. Decimals allowed.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    reply_lines(call->reply, lines);
}

static bool is_allowed(struct call *call)
{
    int64_t allowed = call_config(call, CONFIG_ENABLE_DEBUG_COMMAND); /* no, yes, local */
    if (allowed == 1 || (allowed == 2 && session_line_is_local(call->session)))
        return true;
    /* Before 7.0 there was no such directive: DEBUG was always there. */
    return !call_emulates(call, 7, 0);
}

static void debug_run(struct call *call)
{
    static const struct {
        const char *name;
        int argc;
        void (*run)(struct call *call);
    } subcommands[] = {
        {"SLEEP", 3, debug_sleep},       {"SET-ACTIVE-EXPIRE", 3, debug_set_active_expire},
        {"OBJECT", 3, debug_object},     {"ERROR", 3, debug_error},
        {"PROTOCOL", 3, debug_protocol}, {"HELP", 2, debug_help}};
    if (!is_allowed(call)) {
        reply_error_format(call->reply, ERROR_PROTECTED_COMMAND, "DEBUG", "enable-debug-command");
        return;
    }
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (call->argc != subcommands[i].argc || !call_is(call, 1, subcommands[i].name))
            continue;
        subcommands[i].run(call);
        return;
    }
    reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]), "DEBUG");
}

const struct command debug_commands[] = {
    {.name = "DEBUG",
     .arity = -2,
     .flags =
         COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_PROTECTED,
     .since = "1.0.0",
     .group = "server",
     .summary = "Holds commands for tests of the server itself.",
     .complexity = "As the subcommand's.",
     .run = debug_run},
    {0},
};
