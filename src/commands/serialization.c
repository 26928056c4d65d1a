/* SPDX-License-Identifier: MIT */
/* DUMP and RESTORE: a value as bytes and back. */
#include "base/memory.h"
#include "dump/dump.h"
#include "engine/call.h"
#include "engine/dump_limits.h"
#include "engine/journal.h"
#include "reply/errors.h"

static void serialization_dump(struct call *call)
{
    struct entry *entry = call_find_any(call, call->argv[1], ACCESS_READ);
    struct buffer payload = {0};
    if (entry && dump_value(&payload, entry_value(entry), dump_limits_rdb_version(call->engine),
                            call_config(call, CONFIG_RDBCOMPRESSION) != 0))
        reply_bulk(call->reply, buffer_bytes(&payload));
    else
        reply_null(call->reply);
    buffer_clear(&payload);
}

struct restore_options {
    bool replaces;
    bool is_absolute;     /* ABSTTL */
    int64_t idle_seconds; /* -1: not given */
    int64_t frequency;    /* -1: not given */
};

static bool parse_restore_options(struct call *call, struct restore_options *options)
{
    for (int i = 4; i < call->argc; i++) {
        bool has_value = i + 1 < call->argc;
        if (call_is(call, i, "REPLACE")) {
            options->replaces = true;
        } else if (call_is(call, i, "ABSTTL")) {
            options->is_absolute = true;
        } else if (call_is(call, i, "IDLETIME") && has_value && options->frequency < 0) {
            if (!call_integer(call, ++i, &options->idle_seconds, NULL))
                return false;
            if (options->idle_seconds < 0) {
                reply_error(call->reply, ERROR_RESTORE_IDLETIME);
                return false;
            }
        } else if (call_is(call, i, "FREQ") && has_value && options->idle_seconds < 0) {
            if (!call_integer(call, ++i, &options->frequency, NULL))
                return false;
            if (options->frequency < 0 || options->frequency > UINT8_MAX) {
                reply_error(call->reply, ERROR_RESTORE_FREQ);
                return false;
            }
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

/* argv[2] as a deadline; KEYSPACE_NEVER for 0. */
static bool parse_ttl(struct call *call, const struct restore_options *options,
                      int64_t *deadline_ms)
{
    int64_t ttl;
    if (!call_integer(call, 2, &ttl, NULL))
        return false;
    if (ttl < 0) {
        reply_error(call->reply, ERROR_RESTORE_TTL);
        return false;
    }
    if (ttl == 0) {
        *deadline_ms = KEYSPACE_NEVER;
        return true;
    }
    if (!options->is_absolute && __builtin_add_overflow(ttl, call->now_ms, &ttl))
        ttl = 0; /* Redis wraps around: long past */
    *deadline_ms = ttl < KEYSPACE_NEVER ? ttl : KEYSPACE_NEVER - 1;
    return true;
}

/* The value in the payload, one reference; NULL: the error was answered. */
static struct value *restore_value(struct call *call, struct bytes payload)
{
    if (!dump_verify(payload, dump_limits_rdb_version(call->engine))) {
        reply_error(call->reply, ERROR_RESTORE_PAYLOAD);
        return NULL;
    }
    struct dump_limits limits = dump_limits_of(call->engine, call->db);
    struct value *value = dump_restore(payload, &limits);
    if (!value)
        reply_error(call->reply, ERROR_RESTORE_FORMAT);
    return value;
}

/* With its deadline as a point in time. */
static void record(struct call *call, int64_t deadline_ms)
{
    struct journal_number room;
    if (!journal_wants(call))
        return;
    struct bytes *argv = memory_allocate(((size_t)call->argc + 1) * sizeof *argv);
    memcpy(argv, call->argv, (size_t)call->argc * sizeof *argv);
    argv[2] = journal_format(&room, deadline_ms);
    argv[call->argc] = BYTES_LITERAL("ABSTTL");
    journal_replace(call, argv, call->argc + 1);
    memory_free(argv);
}

static void serialization_restore(struct call *call)
{
    struct bytes key = call->argv[1];
    struct restore_options options = {.idle_seconds = -1, .frequency = -1};
    int64_t deadline_ms;
    if (!parse_restore_options(call, &options))
        return;
    if (!options.replaces && call_find_any(call, key, ACCESS_WRITE)) {
        reply_error(call->reply, ERROR_BUSYKEY);
        return;
    }
    if (!parse_ttl(call, &options, &deadline_ms))
        return;
    struct value *value = restore_value(call, call->argv[3]);
    if (!value)
        return;

    if (call_is_past(call, deadline_ms)) {
        value_release(value);
        if (options.replaces && database_delete(call->db, key)) {
            call_announce(call, ANNOUNCE_GENERIC, "del", key);
            JOURNAL_REPLACE(call, BYTES_LITERAL("DEL"), key);
        }
        reply_ok(call->reply);
        return;
    }
    database_delete(call->db, key);
    struct entry *entry = database_add(call->db, key, value);
    if (deadline_ms != KEYSPACE_NEVER)
        database_set_deadline(call->db, entry, deadline_ms);
    if (options.idle_seconds >= 0 && !call->db->keyspace->uses_lfu)
        database_set_idle_seconds(call->db, entry, options.idle_seconds);
    if (options.frequency >= 0 && call->db->keyspace->uses_lfu)
        database_set_frequency(call->db, entry, (uint8_t)options.frequency);
    call_announce(call, ANNOUNCE_GENERIC, "restore", key);
    if (deadline_ms != KEYSPACE_NEVER && !options.is_absolute)
        record(call, deadline_ms);
    reply_ok(call->reply);
}

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument restore_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "ttl", .type = ARGUMENT_INTEGER},
    {.name = "serialized-value", .type = ARGUMENT_STRING},
    {.name = "replace",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "REPLACE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "3.0.0"},
    {.name = "absttl",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "ABSTTL",
     .flags = ARGUMENT_OPTIONAL,
     .since = "5.0.0"},
    {.name = "seconds",
     .type = ARGUMENT_INTEGER,
     .token = "IDLETIME",
     .flags = ARGUMENT_OPTIONAL,
     .since = "5.0.0"},
    {.name = "frequency",
     .type = ARGUMENT_INTEGER,
     .token = "FREQ",
     .flags = ARGUMENT_OPTIONAL,
     .since = "5.0.0"},
    {0},
};

const struct command serialization_commands[] = {
    {.name = "DUMP",
     .arity = 2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.6.0",
     .group = "generic",
     .summary = "Answers the value of a key as bytes for RESTORE.",
     .complexity = "O(N) for N elements or bytes",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = serialization_dump},
    {.name = "RESTORE",
     .arity = -4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .since = "2.6.0",
     .group = "generic",
     .summary = "Creates a key from the bytes that DUMP answered.",
     .complexity = "O(N) for N elements or bytes, O(N*log(N)) for a sorted set",
     KEYS_AT(1, KEY_OW | KEY_UPDATE),
     .arguments = restore_arguments,
     .run = serialization_restore},
    {.name = "RESTORE-ASKING",
     .arity = -4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_ASKING | COMMAND_INTERNAL,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .since = "3.0.0",
     .group = "server",
     .summary = "Creates a key in a hash slot that the node imports.",
     .complexity = "As RESTORE's.",
     KEYS_AT(1, KEY_OW | KEY_UPDATE),
     .arguments = restore_arguments,
     .run = serialization_restore},
    {0},
};
