/* SPDX-License-Identifier: MIT */
/* HyperLogLogs: PFADD, PFCOUNT, PFMERGE, and PFDEBUG and PFSELFTEST to look inside. */
#include "values/hyperloglog.h"

#include <string.h>

#include "base/memory.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/string.h"

static struct bytes text_of(const struct entry *entry, char digits[NUMBER_INTEGER_SIZE])
{
    return string_bytes(entry_value(entry), digits);
}

/* As call_find, of a string that is a HyperLogLog. */
static bool find(struct call *call, struct bytes key, enum database_access access,
                 struct entry **entry)
{
    char digits[NUMBER_INTEGER_SIZE];
    if (!call_find(call, key, VALUE_STRING, access, entry))
        return false;
    if (!*entry || hyperloglog_is_valid(text_of(*entry, digits)))
        return true;
    reply_error(call->reply, ERROR_HYPERLOGLOG_TYPE);
    return false;
}

/* The entry's string for writing. give_back returns it to the entry, which holds none meanwhile. */
static struct value *take(struct call *call, struct entry **entry)
{
    database_own_string(call->db, entry, string_size(entry_value(*entry)));
    return entry_take_value(*entry);
}

static void give_back(struct entry *entry, struct value *string)
{
    entry_exchange_value(entry, string);
}

static struct entry *add_empty(struct call *call, struct bytes key)
{
    return database_add(call->db, key, hyperloglog_new());
}

static size_t sparse_limit(const struct call *call)
{
    return (size_t)call_config(call, CONFIG_HLL_SPARSE_MAX_BYTES);
}

static void reply_corrupt(struct call *call)
{
    reply_error(call->reply, ERROR_HYPERLOGLOG_CORRUPT);
}

static void hyperloglogs_pfadd(struct call *call)
{
    struct bytes key = call->argv[1];
    struct entry *entry;
    if (!find(call, key, ACCESS_WRITE, &entry))
        return;
    bool changed = entry == NULL;
    if (!entry)
        entry = add_empty(call, key);
    struct value *string = take(call, &entry);
    enum hyperloglog_outcome outcome = HYPERLOGLOG_SAME;
    for (int i = 2; i < call->argc && outcome != HYPERLOGLOG_CORRUPT; i++) {
        outcome = hyperloglog_add(&string, call->argv[i], sparse_limit(call));
        changed |= outcome == HYPERLOGLOG_CHANGED;
    }
    if (changed)
        hyperloglog_forget_count(string);
    give_back(entry, string);
    if (outcome == HYPERLOGLOG_CORRUPT) {
        reply_corrupt(call);
        return;
    }
    if (changed)
        call_announce(call, ANNOUNCE_STRING, "pfadd", key);
    reply_integer(call->reply, changed);
}

/* Raises the registers by those of argv[first] and on. False: an error was answered. */
static bool merge_keys(struct call *call, int first, struct hyperloglog_registers *registers,
                       bool *any_is_dense)
{
    for (int i = first; i < call->argc; i++) {
        struct entry *entry;
        char digits[NUMBER_INTEGER_SIZE];
        if (!find(call, call->argv[i], ACCESS_READ, &entry))
            return false;
        if (!entry)
            continue;
        struct bytes text = text_of(entry, digits);
        *any_is_dense |= hyperloglog_is_dense(text);
        if (!hyperloglog_merge(registers, text)) {
            reply_corrupt(call);
            return false;
        }
    }
    return true;
}

static void count_union(struct call *call)
{
    struct hyperloglog_registers *registers = memory_zeroed(sizeof *registers);
    bool any_is_dense = false;
    if (merge_keys(call, 1, registers, &any_is_dense))
        reply_integer(call->reply, (int64_t)hyperloglog_registers_count(registers));
    memory_free(registers);
}

/* The count is remembered in the value. That is a change of the key for those who watch it, but
 * none that anyone is notified of. */
static void count_one(struct call *call)
{
    struct entry *entry;
    if (!find(call, call->argv[1], ACCESS_READ, &entry))
        return;
    if (!entry) {
        reply_integer(call->reply, 0);
        return;
    }
    struct value *string = take(call, &entry);
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = string_bytes(string, digits);
    uint64_t count;
    bool is_good = true;
    bool was_remembered = hyperloglog_remembered_count(text, &count);
    if (!was_remembered) {
        is_good = hyperloglog_count(text, &count);
        if (is_good)
            hyperloglog_remember_count(string, count);
    }
    give_back(entry, string);
    if (!is_good) {
        reply_corrupt(call);
        return;
    }
    if (!was_remembered) {
        call_touch(call, call->db, call->argv[1]);
        call->engine->stats.changes++;
        journal_force(call); /* although it is no command that writes */
    }
    reply_integer(call->reply, (int64_t)count);
}

static void hyperloglogs_pfcount(struct call *call)
{
    if (call->argc > 2)
        count_union(call);
    else
        count_one(call);
}

/* Raises the string's registers to these. False when the string is corrupt. */
static bool raise_all(struct call *call, struct value **string,
                      const struct hyperloglog_registers *registers, bool is_dense)
{
    if (is_dense && !hyperloglog_make_dense(string))
        return false;
    size_t limit = sparse_limit(call);
    for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        if (registers->levels[i])
            hyperloglog_raise(string, i, registers->levels[i], limit);
    hyperloglog_forget_count(*string);
    return true;
}

static void store_union(struct call *call, const struct hyperloglog_registers *registers,
                        bool is_dense)
{
    struct bytes key = call->argv[1];
    struct entry *entry = call_find_any(call, key, ACCESS_WRITE);
    if (!entry)
        entry = add_empty(call, key);
    struct value *string = take(call, &entry);
    bool is_good = raise_all(call, &string, registers, is_dense);
    give_back(entry, string);
    if (!is_good) {
        reply_corrupt(call);
        return;
    }
    call_announce(call, ANNOUNCE_STRING, "pfadd", key);
    reply_ok(call->reply);
}

static void hyperloglogs_pfmerge(struct call *call)
{
    struct hyperloglog_registers *registers = memory_zeroed(sizeof *registers);
    bool any_is_dense = false;
    if (merge_keys(call, 1, registers, &any_is_dense))
        store_union(call, registers, any_is_dense);
    memory_free(registers);
}

/* PFDEBUG GETREG and TODENSE: no change that a watcher is told of. Whether the value is dense now;
 * else the error was answered. */
static bool make_dense(struct call *call, struct entry *entry)
{
    struct value *string = take(call, &entry);
    bool is_good = hyperloglog_make_dense(&string);
    give_back(entry, string);
    if (!is_good)
        reply_corrupt(call);
    return is_good;
}

static void debug_registers(struct call *call, struct entry *entry)
{
    char digits[NUMBER_INTEGER_SIZE];
    if (!hyperloglog_is_dense(text_of(entry, digits)) && !make_dense(call, entry))
        return;
    struct hyperloglog_registers *registers = memory_zeroed(sizeof *registers);
    hyperloglog_merge(registers, text_of(entry, digits));
    reply_open(call->reply, REPLY_ARRAY, HYPERLOGLOG_REGISTERS);
    for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        reply_integer(call->reply, registers->levels[i]);
    reply_close(call->reply);
    memory_free(registers);
}

static void debug_decode(struct call *call, struct entry *entry)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = text_of(entry, digits);
    if (hyperloglog_is_dense(text)) {
        reply_error(call->reply, ERROR_PFDEBUG_NOT_SPARSE);
        return;
    }
    struct buffer description = {0};
    hyperloglog_describe(text, &description);
    reply_bulk(call->reply, buffer_bytes(&description));
    buffer_clear(&description);
}

static void debug_encoding(struct call *call, struct entry *entry)
{
    char digits[NUMBER_INTEGER_SIZE];
    bool is_dense = hyperloglog_is_dense(text_of(entry, digits));
    reply_simple(call->reply, is_dense ? "dense" : "sparse");
}

static void debug_to_dense(struct call *call, struct entry *entry)
{
    char digits[NUMBER_INTEGER_SIZE];
    if (hyperloglog_is_dense(text_of(entry, digits)))
        reply_integer(call->reply, 0);
    else if (make_dense(call, entry))
        reply_integer(call->reply, 1);
}

static void hyperloglogs_pfdebug(struct call *call)
{
    static const struct {
        const char *name;
        void (*run)(struct call *call, struct entry *entry);
    } subcommands[] = {
        {"GETREG", debug_registers},
        {"DECODE", debug_decode},
        {"ENCODING", debug_encoding},
        {"TODENSE", debug_to_dense},
    };
    struct entry *entry = call_find_any(call, call->argv[2], ACCESS_WRITE);
    if (!entry) {
        reply_error(call->reply, ERROR_PFDEBUG_NO_KEY);
        return;
    }
    if (!find(call, call->argv[2], ACCESS_PEEK, &entry))
        return;
    /* Looking inside makes it a raw string, whatever it was. */
    database_own_string(call->db, &entry, string_size(entry_value(entry)));
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (call_is(call, 1, subcommands[i].name)) {
            subcommands[i].run(call, entry);
            return;
        }
    }
    struct bytes name = call->argv[1];
    name.size = strnlen(name.data, name.size);
    reply_error_format(call->reply, ERROR_PFDEBUG_SUBCOMMAND, BYTES_PRINT(name));
}

static void hyperloglogs_pfselftest(struct call *call)
{
    const char *failure = hyperloglog_self_test();
    if (failure)
        reply_error_format(call->reply, ERROR_PFSELFTEST, failure);
    else
        reply_ok(call->reply);
}

static const struct command_argument pfadd_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "element", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument pfcount_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument pfmerge_arguments[] = {
    {.name = "destkey", .type = ARGUMENT_KEY},
    {.name = "sourcekey", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE, .key_spec = 1},
    {0},
};

static const struct command_argument pfdebug_arguments[] = {
    {.name = "subcommand", .type = ARGUMENT_STRING},
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

const struct command hyperloglogs_commands[] = {
    {.name = "PFADD",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HYPERLOGLOG,
     .since = "2.8.9",
     .group = "hyperloglog",
     .summary = "Adds elements to a HyperLogLog, creating it if need be.",
     .complexity = "O(1) for each element",
     KEYS_AT(1, KEY_RW | KEY_INSERT),
     .arguments = pfadd_arguments,
     .run = hyperloglogs_pfadd},
    {.name = "PFCOUNT",
     .arity = -2,
     .flags = COMMAND_READONLY | COMMAND_MAY_REPLICATE,
     .categories = CATEGORY_HYPERLOGLOG,
     .since = "2.8.9",
     .group = "hyperloglog",
     .summary = "Estimates how many different elements were added to one or several HyperLogLogs.",
     .complexity = "O(1) for one key; O(N) for N keys, each with all its registers",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS,
                .begin_position = 1,
                .last = -1,
                .step = 1,
                .notes = "may store the count in the key"}),
     .arguments = pfcount_arguments,
     .run = hyperloglogs_pfcount},
    {.name = "PFMERGE",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_HYPERLOGLOG,
     .since = "2.8.9",
     .group = "hyperloglog",
     .summary = "Makes a HyperLogLog the union of itself and others.",
     .complexity = "O(N) for N keys, each with all its registers",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_INSERT, .begin_position = 1, .step = 1},
               {.flags = KEY_READ_ACCESS, .begin_position = 2, .last = -1, .step = 1}),
     .arguments = pfmerge_arguments,
     .run = hyperloglogs_pfmerge},
    {.name = "PFDEBUG",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_ADMIN | COMMAND_INTERNAL,
     .categories = CATEGORY_HYPERLOGLOG,
     .since = "2.8.9",
     .group = "hyperloglog",
     .summary = "Shows what a HyperLogLog is made of, for tests.",
     .complexity = "O(N) for N registers",
     KEYS_AT(2, KEY_RW | KEY_ACCESS),
     .arguments = pfdebug_arguments,
     .run = hyperloglogs_pfdebug},
    {.name = "PFSELFTEST",
     .arity = 1,
     .flags = COMMAND_ADMIN | COMMAND_INTERNAL,
     .categories = CATEGORY_HYPERLOGLOG,
     .since = "2.8.9",
     .group = "hyperloglog",
     .summary = "Checks the implementation of HyperLogLogs.",
     .complexity = "O(N) for N elements that the check adds",
     .run = hyperloglogs_pfselftest},
    {0},
};
