/* SPDX-License-Identifier: MIT */
/* Hashes, field by field and whole. HRANDFIELD and HSCAN are in hash_scan.c. */
#include "values/hash.h"

#include <math.h>

#include "commands/hash_limits.h"
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/hash_deadline.h"

static bool find_hash(struct call *call, enum database_access access, struct entry **entry)
{
    return call_find(call, call->argv[1], VALUE_HASH, access, entry);
}

/* The hash at the key for writing; a new one, not yet in the database, if there is no entry. */
static struct value *own_hash(struct call *call, struct entry *entry)
{
    return entry ? database_own(call->db, entry) : hash_new();
}

/* What own_hash gave has been changed, and is not empty. */
static void put_back(struct call *call, struct entry *entry, struct value *hash)
{
    if (entry)
        database_settle(call->db, entry);
    else
        database_add(call->db, call->argv[1], hash);
}

static void announce(struct call *call, const char *event)
{
    call_announce(call, ANNOUNCE_HASH, event, call->argv[1]);
}

/* Stores argv's pairs where they take no other room than what they replace; the index of the first
 * that is left. */
static int overwrite_pairs(struct call *call, struct entry *entry, const struct hash_limits *limits)
{
    int index = 2;
    struct value *hash = entry ? database_own_embedded(call->db, entry) : NULL;
    if (!hash || (size_t)call->argc / 2 - 1 > limits->entries)
        return index;
    while (index < call->argc &&
           hash_overwrite(hash, call->argv[index], call->argv[index + 1], limits))
        index += 2;
    return index;
}

/* Stores pairs in a hash that is small, or absent, if it stays small: the right number is
 * `created`. False: nothing was done. */
static bool set_small(struct call *call, struct entry *entry, const struct bytes *pairs, int count,
                      const struct hash_limits *limits, int64_t *created)
{
    struct dense_pack small;
    int64_t fresh = 0;
    if ((size_t)count > limits->entries ||
        !hash_small_copy(entry ? entry_value(entry) : NULL, &small))
        return false;
    for (int i = 0; i < count; i++) {
        bool is_new;
        if (!hash_small_set(&small, pairs[2 * i], pairs[2 * i + 1], limits, &is_new))
            return false;
        fresh += is_new;
    }
    database_put_small(call->db, call->argv[1], entry, &small);
    *created = fresh;
    return true;
}

/* Stores argv's field/value pairs; the number of new fields, or -1 when an error was answered. */
static int64_t set_pairs(struct call *call)
{
    struct entry *entry;
    if (call->argc % 2 == 1) {
        call_arity_error(call);
        return -1;
    }
    if (!find_hash(call, ACCESS_WRITE, &entry))
        return -1;
    struct hash_limits limits = hash_limits_of(call);
    int64_t created = 0;
    int first = overwrite_pairs(call, entry, &limits);
    if (first < call->argc &&
        !set_small(call, entry, call->argv + first, (call->argc - first) / 2, &limits, &created)) {
        struct value *hash = own_hash(call, entry);
        size_t texts = (size_t)call->argc - 2;
        /* From 7.2 on Redis takes the fields for different ones when there are too many for a
         * listpack. */
        hash_prepare(hash, call->argv + 2, texts, call_emulates(call, 7, 2) ? texts / 2 : 0,
                     &limits);
        for (int i = first; i < call->argc; i += 2)
            created += hash_set(hash, call->argv[i], call->argv[i + 1], &limits);
        put_back(call, entry, hash);
    }
    announce(call, "hset");
    return created;
}

static void hashes_hset(struct call *call)
{
    int64_t created = set_pairs(call);
    if (created >= 0)
        reply_integer(call->reply, created);
}

static void hashes_hmset(struct call *call)
{
    if (set_pairs(call) >= 0)
        reply_ok(call->reply);
}

static void hashes_hsetnx(struct call *call)
{
    struct entry *entry;
    if (!find_hash(call, ACCESS_WRITE, &entry))
        return;
    if (entry && hash_has(entry_value(entry), call->argv[2])) {
        reply_integer(call->reply, 0);
        return;
    }
    struct hash_limits limits = hash_limits_of(call);
    int64_t created;
    if (!set_small(call, entry, call->argv + 2, 1, &limits, &created)) {
        struct value *hash = own_hash(call, entry);
        hash_set(hash, call->argv[2], call->argv[3], &limits);
        put_back(call, entry, hash);
    }
    announce(call, "hset");
    reply_integer(call->reply, 1);
}

static void reply_field(struct call *call, const struct entry *entry, struct bytes field)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text;
    if (entry && hash_get(entry_value(entry), field, digits, &text))
        reply_bulk(call->reply, text);
    else
        reply_null(call->reply);
}

static void hashes_hget(struct call *call)
{
    struct entry *entry;
    if (find_hash(call, ACCESS_READ, &entry))
        reply_field(call, entry, call->argv[2]);
}

static void hashes_hmget(struct call *call)
{
    struct entry *entry;
    if (!find_hash(call, ACCESS_READ, &entry))
        return;
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 2);
    for (int i = 2; i < call->argc; i++)
        reply_field(call, entry, call->argv[i]);
    reply_close(call->reply);
}

static void reply_all(struct call *call, enum reply_kind kind, bool has_fields, bool has_values)
{
    struct entry *entry;
    if (!find_hash(call, ACCESS_READ, &entry))
        return;
    if (!entry) {
        reply_empty(call->reply, kind);
        return;
    }
    const struct value *hash = entry_value(entry);
    struct hash_iterator iterator;
    struct hash_pair pair;
    reply_open(call->reply, kind, hash_count(hash));
    hash_iterator_begin(&iterator, hash);
    while (hash_iterator_next(&iterator, &pair)) {
        if (has_fields)
            reply_bulk(call->reply, pair.field);
        if (has_values)
            reply_bulk(call->reply, pair.value);
    }
    hash_iterator_end(&iterator);
    reply_close(call->reply);
}

static void hashes_hgetall(struct call *call)
{
    reply_all(call, REPLY_MAP, true, true);
}

static void hashes_hkeys(struct call *call)
{
    reply_all(call, REPLY_ARRAY, true, false);
}

static void hashes_hvals(struct call *call)
{
    reply_all(call, REPLY_ARRAY, false, true);
}

static void hashes_hlen(struct call *call)
{
    struct entry *entry;
    if (find_hash(call, ACCESS_READ, &entry))
        reply_integer(call->reply, entry ? (int64_t)hash_count(entry_value(entry)) : 0);
}

static void hashes_hstrlen(struct call *call)
{
    struct entry *entry;
    if (!find_hash(call, ACCESS_READ, &entry))
        return;
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = {0};
    bool has = entry && hash_get(entry_value(entry), call->argv[2], digits, &text);
    reply_integer(call->reply, has ? (int64_t)text.size : 0);
}

static void hashes_hexists(struct call *call)
{
    struct entry *entry;
    if (find_hash(call, ACCESS_READ, &entry))
        reply_integer(call->reply, entry && hash_has(entry_value(entry), call->argv[2]));
}

/* Deletes argv's fields, as far as the hash is not empty. */
static int64_t delete_fields(struct call *call, struct entry *entry, bool *is_emptied)
{
    struct dense_pack small;
    int64_t deleted = 0;
    bool is_small = hash_small_copy(entry_value(entry), &small);
    struct value *hash = is_small ? NULL : database_own(call->db, entry);
    for (int i = 2; !*is_emptied && i < call->argc; i++) {
        deleted +=
            is_small ? hash_small_delete(&small, call->argv[i]) : hash_delete(hash, call->argv[i]);
        *is_emptied = is_small ? small.count == 0 : hash_count(hash) == 0;
    }
    if (!is_small && !*is_emptied)
        database_settle(call->db, entry);
    else if (is_small && deleted && !*is_emptied)
        database_put_small(call->db, call->argv[1], entry, &small);
    return deleted;
}

static void hashes_hdel(struct call *call)
{
    struct entry *entry;
    if (!find_hash(call, ACCESS_WRITE, &entry))
        return;
    bool is_emptied = false;
    int64_t deleted = entry ? delete_fields(call, entry, &is_emptied) : 0;
    if (deleted)
        announce(call, "hdel");
    if (is_emptied)
        call_delete_emptied(call, call->argv[1]);
    reply_integer(call->reply, deleted);
}

/* Stores the field's new text, its deadline kept, and announces the event. */
static void store_number(struct call *call, struct entry *entry, struct bytes text,
                         const char *event)
{
    struct hash_limits limits = hash_limits_of(call);
    struct value *embedded = entry ? database_own_embedded(call->db, entry) : NULL;
    const struct bytes pair[] = {call->argv[2], text};
    int64_t created;
    if (!(embedded && hash_overwrite(embedded, call->argv[2], text, &limits)) &&
        !set_small(call, entry, pair, 1, &limits, &created)) {
        struct value *hash = own_hash(call, entry);
        hash_update(hash, call->argv[2], text, &limits);
        put_back(call, entry, hash);
    }
    announce(call, event);
}

static void hashes_hincrby(struct call *call)
{
    int64_t increment, number = 0;
    struct entry *entry;
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text;
    if (!call_integer(call, 3, &increment, NULL) || !find_hash(call, ACCESS_WRITE, &entry))
        return;
    if (entry && hash_get(entry_value(entry), call->argv[2], digits, &text) &&
        !number_parse_integer(text, &number)) {
        reply_error(call->reply, ERROR_HASH_NOT_INTEGER);
        return;
    }
    if (__builtin_add_overflow(number, increment, &number)) {
        reply_error(call->reply, ERROR_INCREMENT_OVERFLOW);
        return;
    }
    text = bytes_of(digits, number_format_integer(digits, number));
    store_number(call, entry, text, "hincrby");
    reply_integer(call->reply, number);
}

/* The result. HSET would take its deadline from the field. */
static void record_float(struct call *call, struct bytes text, int64_t deadline_ms)
{
    struct bytes key = call->argv[1], field = call->argv[2];
    struct bytes fields = BYTES_LITERAL("FIELDS"), one = BYTES_LITERAL("1");
    struct journal_number room;
    if (deadline_ms != HASH_NO_DEADLINE && call_emulates(call, 8, 0)) {
        JOURNAL_REPLACE(call, BYTES_LITERAL("HSETEX"), key, BYTES_LITERAL("KEEPTTL"), fields, one,
                        field, text);
        return;
    }
    JOURNAL_REPLACE(call, BYTES_LITERAL("HSET"), key, field, text);
    if (deadline_ms != HASH_NO_DEADLINE)
        JOURNAL_REPLACE(call, BYTES_LITERAL("HPEXPIREAT"), key, journal_format(&room, deadline_ms),
                        fields, one, field);
}

static void hashes_hincrbyfloat(struct call *call)
{
    long double increment, number = 0;
    struct entry *entry;
    char digits[NUMBER_INTEGER_SIZE];
    char formatted[NUMBER_LONG_DOUBLE_SIZE];
    struct bytes text;
    if (!number_parse_long_double(call->argv[3], &increment)) {
        reply_error(call->reply, ERROR_NOT_FLOAT);
        return;
    }
    if (isinf(increment)) {
        reply_error(call->reply, ERROR_HASH_INCREMENT_INFINITE);
        return;
    }
    if (!find_hash(call, ACCESS_WRITE, &entry))
        return;
    if (entry && hash_get(entry_value(entry), call->argv[2], digits, &text) &&
        !number_parse_long_double(text, &number)) {
        reply_error(call->reply, ERROR_HASH_NOT_FLOAT);
        return;
    }
    number += increment;
    if (isnan(number) || isinf(number)) {
        reply_error(call->reply, ERROR_INCREMENT_NAN);
        return;
    }
    text = bytes_of(formatted, number_format_long_double(formatted, number));
    int64_t deadline_ms = HASH_NO_DEADLINE;
    if (entry)
        hash_deadline_get(entry_value(entry), call->argv[2], &deadline_ms);
    store_number(call, entry, text, "hincrbyfloat");
    record_float(call, text, deadline_ms);
    reply_bulk(call->reply, text);
}

static const struct command_argument pair_arguments[] = {
    {.name = "field", .type = ARGUMENT_STRING},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument pairs_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "field_value",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = pair_arguments},
    {0},
};

static const struct command_argument key_pair_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "field", .type = ARGUMENT_STRING},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument field_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "field", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument fields_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "field", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument hincrby_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "field", .type = ARGUMENT_STRING},
    {.name = "increment", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument hincrbyfloat_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "field", .type = ARGUMENT_STRING},
    {.name = "increment", .type = ARGUMENT_DOUBLE},
    {0},
};

const struct command hashes_commands[] = {
    {.name = "HSET",
     .arity = -4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Sets fields of a hash; the hash is made if the key is absent.",
     .complexity = "O(1) a pair, O(N) for N pairs",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = pairs_arguments,
     .run = hashes_hset},
    {.name = "HMSET",
     .arity = -4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Sets several fields of a hash.",
     .complexity = "O(N) for N fields",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = pairs_arguments,
     .deprecated_since = "4.0.0",
     .replaced_by = "`HSET`, which takes several fields",
     .run = hashes_hmset},
    {.name = "HSETNX",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Sets a field of a hash unless the hash has it already.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = key_pair_arguments,
     .run = hashes_hsetnx},
    {.name = "HGET",
     .arity = 3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Answers what a field holds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = field_arguments,
     .run = hashes_hget},
    {.name = "HMGET",
     .arity = -3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Answers the values of several fields.",
     .complexity = "O(N) for N fields asked for",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = fields_arguments,
     .run = hashes_hmget},
    {.name = "HGETALL",
     .arity = 2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Answers every field of a hash with its value.",
     .complexity = "O(N) for N fields in the hash",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = hashes_hgetall},
    {.name = "HKEYS",
     .arity = 2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Answers the names of all fields of a hash.",
     .complexity = "O(N) for N fields in the hash",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = hashes_hkeys},
    {.name = "HVALS",
     .arity = 2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Answers the values of all fields of a hash.",
     .complexity = "O(N) for N fields in the hash",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = hashes_hvals},
    {.name = "HLEN",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Counts the fields of a hash.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = key_argument,
     .run = hashes_hlen},
    {.name = "HSTRLEN",
     .arity = 3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "3.2.0",
     .group = "hash",
     .summary = "Answers how many bytes the value of a field has.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = field_arguments,
     .run = hashes_hstrlen},
    {.name = "HEXISTS",
     .arity = 3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Tells whether a hash has a field.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = field_arguments,
     .run = hashes_hexists},
    {.name = "HDEL",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Removes fields from a hash, and the hash with its last field.",
     .complexity = "O(N) for N fields to remove",
     KEYS_AT(1, KEY_RW | KEY_DELETE),
     .arguments = fields_arguments,
     .run = hashes_hdel},
    {.name = "HINCRBY",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.0.0",
     .group = "hash",
     .summary = "Adds an integer to the number in a field; an absent one counts as 0.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = hincrby_arguments,
     .run = hashes_hincrby},
    {.name = "HINCRBYFLOAT",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "2.6.0",
     .group = "hash",
     .summary = "Adds a floating-point number to the number in a field; an absent one counts as 0.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = hincrbyfloat_arguments,
     .run = hashes_hincrbyfloat},
    {0},
};
