/* SPDX-License-Identifier: MIT */
/* Keys whatever they hold: deleting, renaming, copying, moving. */
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/transaction.h"
#include "reply/errors.h"
#include "values/string.h"

static void delete_keys(struct call *call, bool lazily)
{
    int64_t count = 0;
    for (int i = 1; i < call->argc; i++) {
        struct bytes key = call->argv[i];
        if (lazily ? database_unlink(call->db, key) : database_delete(call->db, key)) {
            call_announce(call, ANNOUNCE_GENERIC, "del", key);
            count++;
        }
    }
    reply_integer(call->reply, count);
}

static void keys_del(struct call *call)
{
    delete_keys(call, call_config(call, CONFIG_LAZYFREE_LAZY_USER_DEL));
}

static void keys_unlink(struct call *call)
{
    delete_keys(call, true);
}

static void count_keys(struct call *call, enum database_access access)
{
    int64_t count = 0;
    for (int i = 1; i < call->argc; i++)
        count += call_find_any(call, call->argv[i], access) != NULL;
    reply_integer(call->reply, count);
}

static void keys_exists(struct call *call)
{
    count_keys(call, ACCESS_LOOK);
}

static void keys_touch(struct call *call)
{
    count_keys(call, ACCESS_READ);
}

static void keys_type(struct call *call)
{
    struct entry *entry = call_find_any(call, call->argv[1], ACCESS_LOOK);
    reply_simple(call->reply, entry ? value_type_name(entry_type(entry)) : "none");
}

/* A value on its way from one key to another. */
struct parcel {
    struct value *value; /* owned until unpacked */
    int64_t deadline_ms;
    uint32_t access;
};

static struct parcel pack(struct database *db, struct entry *entry)
{
    struct parcel parcel = {.access = entry->access};
    parcel.value = database_take(db, entry_key(entry), &parcel.deadline_ms);
    return parcel;
}

/* `key` is absent from `db`. */
static void unpack(struct database *db, struct bytes key, struct parcel parcel)
{
    struct entry *entry = database_add(db, key, parcel.value);
    entry->access = parcel.access & 0xFFFFFFU;
    if (parcel.deadline_ms != KEYSPACE_NEVER)
        database_set_deadline(db, entry, parcel.deadline_ms);
}

/* Whether the key has another name now; answers the error if it is absent. */
enum rename_outcome { RENAME_REFUSED, RENAME_SAME_NAME, RENAME_TAKEN, RENAME_DONE };

static enum rename_outcome rename_key(struct call *call, bool replaces)
{
    struct bytes from = call->argv[1];
    struct bytes to = call->argv[2];
    struct entry *entry = call_find_any(call, from, ACCESS_WRITE);
    if (!entry) {
        reply_error(call->reply, ERROR_NO_SUCH_KEY);
        return RENAME_REFUSED;
    }
    if (bytes_equal(from, to))
        return RENAME_SAME_NAME;
    if (!replaces && call_find_any(call, to, ACCESS_WRITE))
        return RENAME_TAKEN;
    struct parcel parcel = pack(call->db, entry);
    database_delete(call->db, to);
    unpack(call->db, to, parcel);
    call_announce(call, ANNOUNCE_GENERIC, "rename_from", from);
    call_announce(call, ANNOUNCE_GENERIC, "rename_to", to);
    return RENAME_DONE;
}

static void keys_rename(struct call *call)
{
    if (rename_key(call, true) != RENAME_REFUSED)
        reply_ok(call->reply);
}

static void keys_renamenx(struct call *call)
{
    enum rename_outcome outcome = rename_key(call, false);
    if (outcome != RENAME_REFUSED)
        reply_integer(call->reply, outcome == RENAME_DONE);
}

/* The database that argv[index] names; NULL: the error was answered. */
static struct database *database_argument(struct call *call, int index)
{
    int64_t number;
    if (!call_integer(call, index, &number, NULL))
        return NULL;
    if (number < INT32_MIN || number > INT32_MAX) {
        reply_error(call->reply, ERROR_OUT_OF_INT_RANGE);
        return NULL;
    }
    struct database *db = keyspace_database(call->db->keyspace, number);
    if (!db)
        reply_error(call->reply, ERROR_DB_INDEX);
    return db;
}

/* False: the options are wrong, and the error was answered. */
static bool parse_copy_options(struct call *call, struct database **target, bool *replaces)
{
    for (int i = 3; i < call->argc; i++) {
        if (call_is(call, i, "REPLACE")) {
            *replaces = true;
        } else if (call_is(call, i, "DB") && i + 1 < call->argc) {
            *target = database_argument(call, ++i);
            if (!*target)
                return false;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

static void keys_copy(struct call *call)
{
    struct bytes from = call->argv[1];
    struct bytes to = call->argv[2];
    struct database *target = call->db;
    bool replaces = false;
    if (!parse_copy_options(call, &target, &replaces))
        return;
    if (call->engine->cluster && target->index != 0) {
        reply_error(call->reply, ERROR_CLUSTER_COPY);
        return;
    }
    if (target == call->db && bytes_equal(from, to)) {
        reply_error(call->reply, ERROR_SAME_OBJECT);
        return;
    }
    struct entry *entry = call_find_any(call, from, ACCESS_READ);
    if (!entry || (!replaces && database_find(target, to, ACCESS_PEEK))) {
        reply_integer(call->reply, 0);
        return;
    }
    int64_t deadline_ms = database_deadline(call->db, entry);
    struct value *value = entry_value(entry);
    database_delete(target, to); /* the copy is a new key, not a new value of the old one */
    if (value->is_embedded && value->type == VALUE_STRING) {
        char digits[NUMBER_INTEGER_SIZE];
        entry = database_set_string(target, to, string_bytes(value, digits), false);
    } else {
        entry = database_set(target, to, value_retain(value), false);
    }
    if (deadline_ms != KEYSPACE_NEVER)
        database_set_deadline(target, entry, deadline_ms);
    call_announce_in(call, target, ANNOUNCE_GENERIC, "copy_to", to);
    reply_integer(call->reply, 1);
}

static void keys_move(struct call *call)
{
    struct bytes key = call->argv[1];
    if (call->engine->cluster) {
        reply_error(call->reply, ERROR_CLUSTER_MOVE);
        return;
    }
    struct database *target = database_argument(call, 2);
    if (!target)
        return;
    if (target == call->db) {
        reply_error(call->reply, ERROR_SAME_OBJECT);
        return;
    }
    struct entry *entry = call_find_any(call, key, ACCESS_WRITE);
    if (!entry || database_find(target, key, ACCESS_PEEK)) {
        reply_integer(call->reply, 0);
        return;
    }
    unpack(target, key, pack(call->db, entry));
    call_announce(call, ANNOUNCE_GENERIC, "move_from", key);
    call_announce_in(call, target, ANNOUNCE_GENERIC, "move_to", key);
    reply_integer(call->reply, 1);
}

static void keys_swapdb(struct call *call)
{
    int64_t indexes[2];
    if (call->engine->cluster) {
        reply_error(call->reply, ERROR_CLUSTER_SWAPDB);
        return;
    }
    if (!call_integer_between(call, 1, INT32_MIN, INT32_MAX, &indexes[0], ERROR_SWAPDB_FIRST) ||
        !call_integer_between(call, 2, INT32_MIN, INT32_MAX, &indexes[1], ERROR_SWAPDB_SECOND))
        return;
    struct keyspace *keyspace = call->db->keyspace;
    struct database *first = keyspace_database(keyspace, indexes[0]);
    struct database *second = keyspace_database(keyspace, indexes[1]);
    if (!first || !second) {
        reply_error(call->reply, ERROR_DB_INDEX);
        return;
    }
    if (first != second) {
        transaction_touch_all(call->engine, first, second);
        transaction_touch_all(call->engine, second, first);
        keyspace_swap(keyspace, first->index, second->index);
        blocking_signal_all(call->engine, first);
        blocking_signal_all(call->engine, second);
    }
    call->engine->stats.changes++;
    reply_ok(call->reply);
}

static const struct command_argument keys_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument rename_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "newkey", .type = ARGUMENT_KEY, .key_spec = 1},
    {0},
};

static const struct command_argument copy_arguments[] = {
    {.name = "source", .type = ARGUMENT_KEY},
    {.name = "destination", .type = ARGUMENT_KEY, .key_spec = 1},
    {.name = "destination-db", .type = ARGUMENT_INTEGER, .token = "DB", .flags = ARGUMENT_OPTIONAL},
    {.name = "replace",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "REPLACE",
     .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument move_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "db", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument swapdb_arguments[] = {
    {.name = "index1", .type = ARGUMENT_INTEGER},
    {.name = "index2", .type = ARGUMENT_INTEGER},
    {0},
};

const struct command keys_commands[] = {
    {.name = "DEL",
     .arity = -2,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Deletes keys.",
     .complexity = "O(N) for N keys, and O(M) for a collection of M elements",
     .tips = (const char *const[]){"request_policy:multi_shard", "response_policy:agg_sum", NULL},
     KEYS_RANGE(1, -1, 1, KEY_RM | KEY_DELETE),
     .arguments = keys_argument,
     .run = keys_del},
    {.name = "UNLINK",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "4.0.0",
     .group = "generic",
     .summary = "Deletes keys; their memory may be given back later.",
     .complexity = "O(N) for N keys",
     .tips = (const char *const[]){"request_policy:multi_shard", "response_policy:agg_sum", NULL},
     KEYS_RANGE(1, -1, 1, KEY_RM | KEY_DELETE),
     .arguments = keys_argument,
     .run = keys_unlink},
    {.name = "EXISTS",
     .arity = -2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Counts how many of the given keys exist.",
     .complexity = "O(N) for N keys",
     .tips = (const char *const[]){"request_policy:multi_shard", "response_policy:agg_sum", NULL},
     KEYS_RANGE(1, -1, 1, KEY_RO),
     .arguments = keys_argument,
     .run = keys_exists},
    {.name = "TOUCH",
     .arity = -2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "3.2.1",
     .group = "generic",
     .summary = "Marks keys as just used and counts those that exist.",
     .complexity = "O(N) for N keys",
     .tips = (const char *const[]){"request_policy:multi_shard", "response_policy:agg_sum", NULL},
     KEYS_RANGE(1, -1, 1, KEY_RO),
     .arguments = keys_argument,
     .run = keys_touch},
    {.name = "TYPE",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Answers the type of the value that a key holds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = key_argument,
     .run = keys_type},
    {.name = "RENAME",
     .arity = 3,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Gives a key another name, replacing what had that name.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .begin_position = 1, .step = 1},
               {.flags = KEY_OW | KEY_UPDATE, .begin_position = 2, .step = 1}),
     .arguments = rename_arguments,
     .run = keys_rename},
    {.name = "RENAMENX",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Gives a key another name that no key has yet.",
     .complexity = "O(1)",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_DELETE, .begin_position = 1, .step = 1},
               {.flags = KEY_OW | KEY_INSERT, .begin_position = 2, .step = 1}),
     .arguments = rename_arguments,
     .run = keys_renamenx},
    {.name = "COPY",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_KEYSPACE,
     .since = "6.2.0",
     .group = "generic",
     .summary = "Copies the value and deadline of a key to another key.",
     .complexity = "O(N) for a collection of N elements, O(1) for a string",
     KEY_SPECS({.flags = KEY_READ_ACCESS, .begin_position = 1, .step = 1},
               {.flags = KEY_OW | KEY_UPDATE, .begin_position = 2, .step = 1}),
     .arguments = copy_arguments,
     .run = keys_copy},
    {.name = "MOVE",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Hands a key over to a database other than the selected one.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = move_arguments,
     .run = keys_move},
    {.name = "SWAPDB",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE | CATEGORY_DANGEROUS,
     .since = "4.0.0",
     .group = "server",
     .summary = "Exchanges the contents of two databases.",
     .complexity = "O(N) for N clients that watch or wait for keys of the two databases",
     .arguments = swapdb_arguments,
     .run = keys_swapdb},
    {0},
};
