/* SPDX-License-Identifier: MIT */
/* Strings as a whole: GET, SET and their kin. */
#include "values/string.h"

#include "base/memory.h"
#include "commands/deadline.h"
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"

struct set_options {
    bool if_absent;  /* NX */
    bool if_present; /* XX */
    bool gets;       /* GET */
    bool keeps_ttl;
    bool persists; /* GETEX PERSIST */
    enum deadline_form form;
    int time_index; /* argv index of the time; meaningful with a form */
};

static void reply_string(struct reply *reply, const struct value *value)
{
    char digits[NUMBER_INTEGER_SIZE];
    reply_bulk(reply, string_bytes(value, digits));
}

/* Answers the key's value, or null. False: it is not a string, and WRONGTYPE was answered. */
static bool reply_value(struct call *call, struct bytes key, struct entry **entry)
{
    if (!call_find(call, key, VALUE_STRING, ACCESS_READ, entry))
        return false;
    if (*entry)
        reply_string(call->reply, entry_value(*entry));
    else
        reply_null(call->reply);
    return true;
}

static struct entry *store(struct call *call, struct bytes key, struct bytes text, bool keeps_ttl)
{
    struct entry *entry = database_set_string(call->db, key, text, keeps_ttl);
    call_announce(call, ANNOUNCE_STRING, "set", key);
    return entry;
}

static void strings_get(struct call *call)
{
    struct entry *entry;
    reply_value(call, call->argv[1], &entry);
}

/* A word that SET and GETEX share: the form of a time that follows it. */
static bool parse_time_option(struct call *call, int *index, struct set_options *options)
{
    enum deadline_form form = deadline_form_of(call->argv[*index]);
    if (form == DEADLINE_NONE || *index + 1 >= call->argc || options->keeps_ttl ||
        options->persists || (options->form != DEADLINE_NONE && options->form != form))
        return false;
    options->form = form;
    options->time_index = ++*index;
    return true;
}

static bool parse_set_option(struct call *call, int *index, struct set_options *options)
{
    bool get_excludes_nx = !call_emulates(call, 7, 0);
    if (call_is(call, *index, "NX")) {
        options->if_absent = true;
        return !options->if_present && !(options->gets && get_excludes_nx);
    }
    if (call_is(call, *index, "XX")) {
        options->if_present = true;
        return !options->if_absent;
    }
    if (call_is(call, *index, "GET")) {
        options->gets = true;
        return !(options->if_absent && get_excludes_nx);
    }
    if (call_is(call, *index, "KEEPTTL")) {
        options->keeps_ttl = true;
        return options->form == DEADLINE_NONE;
    }
    return parse_time_option(call, index, options);
}

/* SET with the deadline as a point in time, and nothing else. */
static void record_expiring(struct call *call, struct bytes text, int64_t deadline_ms)
{
    struct journal_number room;
    if (journal_wants(call))
        JOURNAL_REPLACE(call, BYTES_LITERAL("SET"), call->argv[1], text, BYTES_LITERAL("PXAT"),
                        journal_format(&room, deadline_ms));
}

static void record_without_get(struct call *call)
{
    struct bytes *argv = memory_allocate((size_t)call->argc * sizeof *argv);
    int argc = 0;
    for (int i = 0; i < call->argc; i++)
        if (i < 3 || !call_is(call, i, "GET"))
            argv[argc++] = call->argv[i];
    journal_replace(call, argv, argc);
    memory_free(argv);
}

static void record_set(struct call *call, const struct set_options *options, int64_t deadline_ms)
{
    bool is_relative =
        options->form != DEADLINE_NONE && options->form != DEADLINE_UNIX_MILLISECONDS;
    if (is_relative)
        record_expiring(call, call->argv[2], deadline_ms);
    else if (options->gets && journal_wants(call))
        record_without_get(call);
}

static void strings_set(struct call *call)
{
    struct set_options options = {0};
    for (int i = 3; i < call->argc; i++) {
        if (!parse_set_option(call, &i, &options)) {
            call_syntax_error(call);
            return;
        }
    }
    int64_t deadline_ms = 0;
    if (options.form != DEADLINE_NONE &&
        !deadline_parse_positive(call, options.time_index, options.form, &deadline_ms))
        return;

    struct bytes key = call->argv[1];
    struct entry *entry = NULL;
    if (options.gets && !reply_value(call, key, &entry))
        return;
    if (options.if_absent || options.if_present) {
        bool exists = call_find_any(call, key, ACCESS_WRITE) != NULL;
        if (exists ? options.if_absent : options.if_present) {
            if (!options.gets)
                reply_null(call->reply);
            return;
        }
    }
    entry = store(call, key, call->argv[2], options.keeps_ttl);
    if (options.form != DEADLINE_NONE)
        deadline_apply(call, key, entry, deadline_ms);
    record_set(call, &options, deadline_ms);
    if (!options.gets)
        reply_ok(call->reply);
}

static void strings_setnx(struct call *call)
{
    bool exists = call_find_any(call, call->argv[1], ACCESS_WRITE) != NULL;
    if (!exists)
        store(call, call->argv[1], call->argv[2], false);
    reply_integer(call->reply, !exists);
}

static void set_expiring(struct call *call, enum deadline_form form)
{
    int64_t deadline_ms;
    if (!deadline_parse_positive(call, 2, form, &deadline_ms))
        return;
    struct entry *entry = store(call, call->argv[1], call->argv[3], false);
    deadline_apply(call, call->argv[1], entry, deadline_ms);
    record_expiring(call, call->argv[3], deadline_ms);
    reply_ok(call->reply);
}

static void strings_setex(struct call *call)
{
    set_expiring(call, DEADLINE_SECONDS);
}

static void strings_psetex(struct call *call)
{
    set_expiring(call, DEADLINE_MILLISECONDS);
}

static void strings_getset(struct call *call)
{
    struct entry *entry;
    if (!reply_value(call, call->argv[1], &entry))
        return;
    store(call, call->argv[1], call->argv[2], false);
    JOURNAL_REPLACE(call, BYTES_LITERAL("SET"), call->argv[1], call->argv[2]);
}

static void strings_getdel(struct call *call)
{
    struct entry *entry;
    if (!reply_value(call, call->argv[1], &entry) || !entry)
        return;
    database_delete(call->db, call->argv[1]);
    call_announce(call, ANNOUNCE_GENERIC, "del", call->argv[1]);
    JOURNAL_REPLACE(call, BYTES_LITERAL("DEL"), call->argv[1]);
}

static void change_deadline(struct call *call, struct entry *entry,
                            const struct set_options *options, int64_t deadline_ms)
{
    struct bytes key = call->argv[1];
    bool is_unix =
        options->form == DEADLINE_UNIX_SECONDS || options->form == DEADLINE_UNIX_MILLISECONDS;
    if (options->persists) {
        if (!database_clear_deadline(call->db, entry))
            return;
        call_announce(call, ANNOUNCE_GENERIC, "persist", key);
        JOURNAL_REPLACE(call, BYTES_LITERAL("PERSIST"), key);
    } else if (is_unix && call_is_past(call, deadline_ms)) {
        database_delete(call->db, key);
        call_announce(call, ANNOUNCE_GENERIC, "del", key);
        journal_replace_by_expiry(call, key);
    } else if (options->form != DEADLINE_NONE) {
        deadline_apply(call, key, entry, deadline_ms);
        deadline_record(call, BYTES_LITERAL("PEXPIREAT"), deadline_ms);
    }
}

static void strings_getex(struct call *call)
{
    struct set_options options = {0};
    for (int i = 2; i < call->argc; i++) {
        bool is_good = call_is(call, i, "PERSIST") ? options.form == DEADLINE_NONE
                                                   : parse_time_option(call, &i, &options);
        if (!is_good) {
            call_syntax_error(call);
            return;
        }
        options.persists = options.form == DEADLINE_NONE;
    }
    struct entry *entry;
    if (!call_find(call, call->argv[1], VALUE_STRING, ACCESS_READ, &entry))
        return;
    if (!entry) {
        reply_null(call->reply); /* a bad time goes unnoticed, as in Redis */
        return;
    }
    int64_t deadline_ms = 0;
    if (options.form != DEADLINE_NONE &&
        !deadline_parse_positive(call, options.time_index, options.form, &deadline_ms))
        return;
    reply_string(call->reply, entry_value(entry));
    change_deadline(call, entry, &options, deadline_ms);
}

static void strings_mget(struct call *call)
{
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 1);
    for (int i = 1; i < call->argc; i++) {
        struct entry *entry = call_find_any(call, call->argv[i], ACCESS_READ);
        if (entry && entry_type(entry) == VALUE_STRING)
            reply_string(call->reply, entry_value(entry));
        else
            reply_null(call->reply);
    }
    reply_close(call->reply);
}

/* False: a key has no value, and the error was answered. */
static bool pairs_are_whole(struct call *call)
{
    if (call->argc % 2 == 1)
        return true;
    if (call_emulates(call, 7, 0))
        call_arity_error(call);
    else
        reply_error(call->reply, ERROR_MSET_ARITY_BEFORE_7);
    return false;
}

static void store_pairs(struct call *call)
{
    for (int i = 1; i < call->argc; i += 2)
        store(call, call->argv[i], call->argv[i + 1], false);
}

static void strings_mset(struct call *call)
{
    if (!pairs_are_whole(call))
        return;
    store_pairs(call);
    reply_ok(call->reply);
}

static void strings_msetnx(struct call *call)
{
    if (!pairs_are_whole(call))
        return;
    bool any_exists = false;
    for (int i = 1; i < call->argc && !any_exists; i += 2)
        any_exists = call_find_any(call, call->argv[i], ACCESS_WRITE) != NULL;
    if (!any_exists)
        store_pairs(call);
    reply_integer(call->reply, !any_exists);
}

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

/* SET reads its key only when it is told to GET. */
static bool strings_set_keys(const struct bytes *argv, int argc, struct key_references *found)
{
    bool reads = false;
    for (int i = 3; i < argc; i++)
        reads |= bytes_equal_ignoring_case(argv[i], "GET");
    key_references_add(found, 1, reads ? KEY_RW | KEY_ACCESS | KEY_UPDATE : KEY_OW | KEY_UPDATE);
    return true;
}

static const struct command_argument set_arguments_condition[] = {
    {.name = "nx", .type = ARGUMENT_PURE_TOKEN, .token = "NX"},
    {.name = "xx", .type = ARGUMENT_PURE_TOKEN, .token = "XX"},
    {0},
};

static const struct command_argument set_arguments_expiration[] = {
    {.name = "seconds", .type = ARGUMENT_INTEGER, .token = "EX", .since = "2.6.12"},
    {.name = "milliseconds", .type = ARGUMENT_INTEGER, .token = "PX", .since = "2.6.12"},
    {.name = "unix-time-seconds", .type = ARGUMENT_UNIX_TIME, .token = "EXAT", .since = "6.2.0"},
    {.name = "unix-time-milliseconds",
     .type = ARGUMENT_UNIX_TIME,
     .token = "PXAT",
     .since = "6.2.0"},
    {.name = "keepttl", .type = ARGUMENT_PURE_TOKEN, .token = "KEEPTTL", .since = "6.0.0"},
    {0},
};

static const struct command_argument set_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "value", .type = ARGUMENT_STRING},
    {.name = "condition",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .since = "2.6.12",
     .arguments = set_arguments_condition},
    {.name = "get",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "GET",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0"},
    {.name = "expiration",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = set_arguments_expiration},
    {0},
};

static const struct command_argument key_and_value[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument setex_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "seconds", .type = ARGUMENT_INTEGER},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument psetex_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "milliseconds", .type = ARGUMENT_INTEGER},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument getex_arguments_expiration[] = {
    {.name = "seconds", .type = ARGUMENT_INTEGER, .token = "EX"},
    {.name = "milliseconds", .type = ARGUMENT_INTEGER, .token = "PX"},
    {.name = "unix-time-seconds", .type = ARGUMENT_UNIX_TIME, .token = "EXAT"},
    {.name = "unix-time-milliseconds", .type = ARGUMENT_UNIX_TIME, .token = "PXAT"},
    {.name = "persist", .type = ARGUMENT_PURE_TOKEN, .token = "PERSIST"},
    {0},
};

static const struct command_argument getex_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "expiration",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = getex_arguments_expiration},
    {0},
};

static const struct command_argument keys_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument mset_arguments[] = {
    {.name = "key_value",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = key_and_value},
    {0},
};

const struct command strings_commands[] = {
    {.name = "GET",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Answers the string at a key.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = strings_get},
    {.name = "SET",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Stores a string under a key, whatever was there; conditions and a deadline may be "
                "asked for.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_UPDATE | KEY_VARIABLE_FLAGS,
                .begin_position = 1,
                .step = 1,
                .notes = "reads too when GET is given"}),
     .arguments = set_arguments,
     .run = strings_set,
     .find_keys = strings_set_keys},
    {.name = "SETNX",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Stores a string under a key that does not exist yet.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_OW | KEY_INSERT),
     .arguments = key_and_value,
     .run = strings_setnx},
    {.name = "SETEX",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_STRING,
     .since = "2.0.0",
     .group = "string",
     .summary = "Stores a string that lives for a number of seconds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_OW | KEY_UPDATE),
     .arguments = setex_arguments,
     .run = strings_setex},
    {.name = "PSETEX",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_STRING,
     .since = "2.6.0",
     .group = "string",
     .summary = "Stores a string that lives for a number of milliseconds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_OW | KEY_UPDATE),
     .arguments = psetex_arguments,
     .run = strings_psetex},
    {.name = "GETSET",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Stores a string and answers what the key held before.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = key_and_value,
     .run = strings_getset,
     .deprecated_since = "6.2.0",
     .replaced_by = "`SET key value GET`"},
    {.name = "GETDEL",
     .arity = 2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "6.2.0",
     .group = "string",
     .summary = "Answers the string at a key, then deletes it.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = key_argument,
     .run = strings_getdel},
    {.name = "GETEX",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "6.2.0",
     .group = "string",
     .summary = "Answers the value of a string key and changes or removes its deadline.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_UPDATE,
                .begin_position = 1,
                .step = 1,
                .notes = "??"}),
     .arguments = getex_arguments,
     .run = strings_getex},
    {.name = "MGET",
     .arity = -2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_STRING,
     .since = "1.0.0",
     .group = "string",
     .summary = "Answers the values of several string keys at once.",
     .complexity = "O(N) for N keys",
     .tips = (const char *const[]){"request_policy:multi_shard", NULL},
     KEYS_RANGE(1, -1, 1, KEY_READ_ACCESS),
     .arguments = keys_argument,
     .run = strings_mget},
    {.name = "MSET",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_STRING,
     .since = "1.0.1",
     .group = "string",
     .summary = "Stores several strings in one step.",
     .complexity = "O(N) for N keys",
     .tips =
         (const char *const[]){"request_policy:multi_shard", "response_policy:all_succeeded", NULL},
     KEYS_RANGE(1, -1, 2, KEY_OW | KEY_UPDATE),
     .arguments = mset_arguments,
     .run = strings_mset},
    {.name = "MSETNX",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_STRING,
     .since = "1.0.1",
     .group = "string",
     .summary = "Stores several strings in one step, or none if any of the keys exists.",
     .complexity = "O(N) for N keys",
     .tips = (const char *const[]){"request_policy:multi_shard", "response_policy:agg_min", NULL},
     KEYS_RANGE(1, -1, 2, KEY_OW | KEY_INSERT),
     .arguments = mset_arguments,
     .run = strings_msetnx},
    {0},
};
