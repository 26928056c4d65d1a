/* SPDX-License-Identifier: MIT */
/* Fields of hashes read or set together with their deadlines: HGETDEL, HGETEX, HSETEX. */
#include "commands/field_arguments.h"
#include "commands/hash_limits.h"
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/hash_deadline.h"

static void announce(struct call *call, const char *event)
{
    call_announce(call, ANNOUNCE_HASH, event, call->argv[1]);
}

/* After fields were changed or removed: tells so, and removes the key with its last field. */
static void finish(struct call *call, struct entry *entry, const char *event)
{
    bool is_emptied = hash_count(entry_value(entry)) == 0;
    if (!is_emptied)
        database_settle(call->db, entry);
    if (event)
        announce(call, event);
    if (is_emptied)
        call_delete_emptied(call, call->argv[1]);
}

/* Whether there is such a field. */
static bool reply_field(struct call *call, const struct entry *entry, struct bytes field)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text;
    bool has = entry && hash_get(entry_value(entry), field, digits, &text);
    if (has)
        reply_bulk(call->reply, text);
    else
        reply_null(call->reply);
    return has;
}

static void hash_extended_hgetdel(struct call *call)
{
    struct entry *entry;
    struct field_arguments fields;
    if (!call_find(call, call->argv[1], VALUE_HASH, ACCESS_WRITE, &entry) ||
        !field_arguments_parse(call, 2, ERROR_FIELD_COUNT, &fields))
        return;
    bool is_changed = false;
    reply_open(call->reply, REPLY_ARRAY, fields.count);
    for (size_t i = 0; i < fields.count; i++) {
        if (!reply_field(call, entry, fields.names[i]))
            continue;
        hash_delete(database_own(call->db, entry), fields.names[i]);
        is_changed = true;
    }
    reply_close(call->reply);
    if (!is_changed)
        return;
    finish(call, entry, "hdel");
    field_arguments_record_deletion(call, &fields);
}

/* --- HGETEX --- */

/* What becomes of the deadlines. */
struct change {
    bool is_wanted;
    int64_t deadline_ms; /* HASH_NO_DEADLINE: PERSIST */
};

/* The option at argv[2], if there is one; `fields_at` is where FIELDS belongs. */
static bool parse_change(struct call *call, struct change *change, int *fields_at)
{
    enum deadline_form form = deadline_form_of(call->argv[2]);
    *change = (struct change){.deadline_ms = HASH_NO_DEADLINE};
    *fields_at = 2;
    if (form != DEADLINE_NONE) {
        *fields_at = 4;
        change->is_wanted = true;
        return field_arguments_deadline(call, 3, form, &change->deadline_ms);
    }
    if (call_is(call, 2, "PERSIST")) {
        *fields_at = 3;
        change->is_wanted = true;
    }
    return true;
}

/* Whether it made a difference. */
static bool apply_change(struct call *call, struct entry *entry, struct bytes field,
                         const struct change *change)
{
    int64_t present_ms;
    if (!change->is_wanted || !hash_deadline_get(entry_value(entry), field, &present_ms) ||
        (present_ms == HASH_NO_DEADLINE && change->deadline_ms == HASH_NO_DEADLINE))
        return false;
    struct value *hash = database_own(call->db, entry);
    if (call_is_past(call, change->deadline_ms))
        hash_delete(hash, field);
    else
        hash_deadline_set(hash, field, change->deadline_ms);
    return true;
}

static const char *event_of(const struct call *call, const struct change *change)
{
    if (change->deadline_ms == HASH_NO_DEADLINE)
        return "hpersist";
    return call_is_past(call, change->deadline_ms) ? "hdel" : "hexpire";
}

/* What became of the fields, without the reading. */
static void record_change(struct call *call, const struct change *change,
                          const struct field_arguments *fields)
{
    struct journal_number room;
    struct journal_edit edits[] = {
        {0, BYTES_LITERAL("HPEXPIREAT")},
        {2, journal_format(&room, change->deadline_ms)},
        {3, {0}},
    };
    if (call_is_past(call, change->deadline_ms)) {
        field_arguments_record_deletion(call, fields);
        return;
    }
    if (change->deadline_ms == HASH_NO_DEADLINE) {
        edits[0].word = BYTES_LITERAL("HPERSIST");
        edits[1].word = bytes_of(NULL, 0);
    }
    if (journal_wants(call))
        journal_replace_words(call, edits, change->deadline_ms == HASH_NO_DEADLINE ? 2 : 3);
}

static void hash_extended_hgetex(struct call *call)
{
    struct entry *entry;
    struct field_arguments fields;
    struct change change;
    int fields_at;
    if (!call_find(call, call->argv[1], VALUE_HASH, ACCESS_WRITE, &entry) ||
        !parse_change(call, &change, &fields_at) ||
        !field_arguments_parse(call, fields_at, ERROR_FIELD_COUNT, &fields))
        return;
    bool is_changed = false;
    if (entry && change.is_wanted)
        hash_deadline_prepare(database_own(call->db, entry));
    reply_open(call->reply, REPLY_ARRAY, fields.count);
    for (size_t i = 0; i < fields.count; i++)
        if (reply_field(call, entry, fields.names[i]))
            is_changed |= apply_change(call, entry, fields.names[i], &change);
    reply_close(call->reply);
    if (!is_changed) {
        if (entry && change.is_wanted)
            database_settle(call->db, entry);
        return;
    }
    finish(call, entry, event_of(call, &change));
    record_change(call, &change, &fields);
}

/* --- HSETEX --- */

struct hsetex {
    enum { ALWAYS, IF_NONE_EXISTS, IF_ALL_EXIST } condition;
    bool keeps_ttl;
    bool has_deadline;
    int64_t deadline_ms;
    int time_index; /* of the deadline in argv */
    int first;      /* index of the first field in argv; values stand between */
};

/* FIELDS at argv[index]; what belongs to it ends the arguments. */
static bool parse_fields(struct call *call, int index, struct hsetex *options)
{
    int64_t count;
    if (index >= call->argc - 3) {
        call_arity_error(call);
        return false;
    }
    if (!call_integer_between(call, index + 1, 1, INT32_MAX, &count, ERROR_HSETEX_COUNT))
        return false;
    options->first = index + 2;
    if (options->first + count * 2 == call->argc)
        return true;
    call_arity_error(call);
    return false;
}

/* An option that sets or keeps the deadline; the index of its last argument, or -1. */
static int parse_expiry(struct call *call, int index, struct hsetex *options)
{
    if (options->keeps_ttl || options->has_deadline) {
        reply_error(call->reply, ERROR_HSETEX_EXPIRY);
        return -1;
    }
    if (call_is(call, index, "KEEPTTL")) {
        options->keeps_ttl = true;
        return index;
    }
    options->has_deadline = true;
    if (index + 1 >= call->argc) {
        reply_error(call->reply, ERROR_HSETEX_NO_TIME);
        return -1;
    }
    enum deadline_form form = deadline_form_of(call->argv[index]);
    options->time_index = index + 1;
    return field_arguments_deadline(call, index + 1, form, &options->deadline_ms) ? index + 1 : -1;
}

static bool parse_hsetex(struct call *call, struct hsetex *options)
{
    for (int i = 2; i < call->argc; i++) {
        if (call_is(call, i, "FIELDS"))
            return parse_fields(call, i, options);
        if (call_is(call, i, "FNX") || call_is(call, i, "FXX")) {
            if (options->condition != ALWAYS) {
                reply_error(call->reply, ERROR_HSETEX_FXX_FNX);
                return false;
            }
            options->condition = call_is(call, i, "FNX") ? IF_NONE_EXISTS : IF_ALL_EXIST;
        } else if (call_is(call, i, "KEEPTTL") ||
                   deadline_form_of(call->argv[i]) != DEADLINE_NONE) {
            i = parse_expiry(call, i, options);
            if (i < 0)
                return false;
        } else {
            reply_error_format(call->reply, ERROR_HSETEX_ARGUMENT, BYTES_PRINT(call->argv[i]));
            return false;
        }
    }
    reply_error(call->reply, ERROR_FIELDS_MISSING);
    return false;
}

static bool condition_holds(const struct call *call, const struct entry *entry,
                            const struct hsetex *options)
{
    for (int i = options->first; options->condition != ALWAYS && i < call->argc; i += 2) {
        bool has = entry && hash_has(entry_value(entry), call->argv[i]);
        if (has != (options->condition == IF_ALL_EXIST))
            return false;
    }
    return true;
}

static void store(const struct call *call, struct value *hash, const struct hsetex *options)
{
    struct hash_limits limits = hash_limits_of(call);
    size_t texts = (size_t)(call->argc - options->first);
    hash_prepare(hash, call->argv + options->first, texts, texts / 2, &limits);
    if (options->has_deadline)
        hash_deadline_prepare(hash);
    for (int i = options->first; i < call->argc; i += 2) {
        struct bytes field = call->argv[i];
        if (options->keeps_ttl || options->has_deadline)
            hash_update(hash, field, call->argv[i + 1], &limits);
        else
            hash_set(hash, field, call->argv[i + 1], &limits);
        if (options->has_deadline && !call_is_past(call, options->deadline_ms))
            hash_deadline_set(hash, field, options->deadline_ms);
    }
    if (options->has_deadline && call_is_past(call, options->deadline_ms))
        for (int i = options->first; i < call->argc; i += 2)
            hash_delete(hash, call->argv[i]);
}

/* With the deadline as a point in time; one that is past has removed the fields. */
static void record_hsetex(struct call *call, const struct hsetex *options)
{
    struct journal_number room;
    const struct journal_edit edits[] = {
        {options->time_index - 1, BYTES_LITERAL("PXAT")},
        {options->time_index, journal_format(&room, options->deadline_ms)},
    };
    if (!journal_wants(call))
        return;
    if (!call_is_past(call, options->deadline_ms)) {
        journal_replace_words(call, edits, 2);
        return;
    }
    for (int i = options->first; i < call->argc; i += 2)
        JOURNAL_REPLACE(call, BYTES_LITERAL("HDEL"), call->argv[1], call->argv[i]);
}

static void hash_extended_hsetex(struct call *call)
{
    struct hsetex options = {0};
    struct entry *entry;
    if (!parse_hsetex(call, &options) ||
        !call_find(call, call->argv[1], VALUE_HASH, ACCESS_WRITE, &entry))
        return;
    if (!condition_holds(call, entry, &options)) {
        reply_integer(call->reply, 0);
        return;
    }
    if (!entry)
        entry = database_add(call->db, call->argv[1], hash_new());
    store(call, database_own(call->db, entry), &options);
    announce(call, "hset");
    const char *event = call_is_past(call, options.deadline_ms) ? "hdel" : "hexpire";
    finish(call, entry, options.has_deadline ? event : NULL);
    if (options.has_deadline)
        record_hsetex(call, &options);
    reply_integer(call->reply, 1);
}

static const struct command_argument field_arguments[] = {
    {.name = "numfields", .type = ARGUMENT_INTEGER},
    {.name = "field", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument fields_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "fields", .type = ARGUMENT_BLOCK, .token = "FIELDS", .arguments = field_arguments},
    {0},
};

#define TIME_ARGUMENTS                                                                             \
    {.name = "seconds", .type = ARGUMENT_INTEGER, .token = "EX"},                                  \
        {.name = "milliseconds", .type = ARGUMENT_INTEGER, .token = "PX"},                         \
        {.name = "unix-time-seconds", .type = ARGUMENT_UNIX_TIME, .token = "EXAT"},                \
    {                                                                                              \
        .name = "unix-time-milliseconds", .type = ARGUMENT_UNIX_TIME, .token = "PXAT"              \
    }

static const struct command_argument hgetex_expiration_arguments[] = {
    TIME_ARGUMENTS,
    {.name = "persist", .type = ARGUMENT_PURE_TOKEN, .token = "PERSIST"},
    {0},
};

static const struct command_argument hgetex_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "expiration",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = hgetex_expiration_arguments},
    {.name = "fields", .type = ARGUMENT_BLOCK, .token = "FIELDS", .arguments = field_arguments},
    {0},
};

static const struct command_argument hsetex_condition_arguments[] = {
    {.name = "fnx", .type = ARGUMENT_PURE_TOKEN, .token = "FNX"},
    {.name = "fxx", .type = ARGUMENT_PURE_TOKEN, .token = "FXX"},
    {0},
};

static const struct command_argument hsetex_expiration_arguments[] = {
    TIME_ARGUMENTS,
    {.name = "keepttl", .type = ARGUMENT_PURE_TOKEN, .token = "KEEPTTL"},
    {0},
};

static const struct command_argument hsetex_data_arguments[] = {
    {.name = "field", .type = ARGUMENT_STRING},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument hsetex_field_arguments[] = {
    {.name = "numfields", .type = ARGUMENT_INTEGER},
    {.name = "data",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = hsetex_data_arguments},
    {0},
};

static const struct command_argument hsetex_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "condition",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = hsetex_condition_arguments},
    {.name = "expiration",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = hsetex_expiration_arguments},
    {.name = "fields",
     .type = ARGUMENT_BLOCK,
     .token = "FIELDS",
     .arguments = hsetex_field_arguments},
    {0},
};

const struct command hash_extended_commands[] = {
    {.name = "HGETDEL",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "8.0.0",
     .group = "hash",
     .summary = "Answers the values of fields of a hash and removes them.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = fields_arguments,
     .run = hash_extended_hgetdel},
    {.name = "HGETEX",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "8.0.0",
     .group = "hash",
     .summary = "Answers the values of fields of a hash and may change their deadlines.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = hgetex_arguments,
     .run = hash_extended_hgetex},
    {.name = "HSETEX",
     .arity = -6,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "8.0.0",
     .group = "hash",
     .summary = "Sets fields of a hash, with a deadline if one is given.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = hsetex_arguments,
     .run = hash_extended_hsetex},
    {0},
};
