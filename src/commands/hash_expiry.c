/* SPDX-License-Identifier: MIT */
/* When fields of hashes end: HEXPIRE, HTTL, HPERSIST and their kin. */
#include "base/memory.h"
#include "commands/field_arguments.h"
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/hash_deadline.h"

/* What is answered for a field. */
enum outcome {
    FIELD_ABSENT = -2,
    FIELD_HAS_NO_DEADLINE = -1,
    FIELD_CONDITION_FAILS = 0,
    FIELD_CHANGED = 1,
    FIELD_DELETED = 2,
};

enum condition { ALWAYS, IF_NONE, IF_ANY, IF_GREATER, IF_LESS };

static enum condition condition_of(struct bytes word)
{
    static const struct {
        const char *word;
        enum condition condition;
    } conditions[] = {{"NX", IF_NONE}, {"XX", IF_ANY}, {"GT", IF_GREATER}, {"LT", IF_LESS}};
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (bytes_equal_ignoring_case(word, conditions[i].word))
            return conditions[i].condition;
    return ALWAYS;
}

/* No deadline counts as the latest of all. */
static bool condition_holds(enum condition condition, int64_t present_ms, int64_t deadline_ms)
{
    switch (condition) {
    case IF_NONE:
        return present_ms == HASH_NO_DEADLINE;
    case IF_ANY:
        return present_ms != HASH_NO_DEADLINE;
    case IF_GREATER:
        return deadline_ms > present_ms;
    case IF_LESS:
        return deadline_ms < present_ms;
    case ALWAYS:
        break;
    }
    return true;
}

static enum outcome set_deadline(struct call *call, struct entry *entry, struct bytes field,
                                 enum condition condition, int64_t deadline_ms)
{
    int64_t present_ms;
    if (!hash_deadline_get(entry_value(entry), field, &present_ms))
        return FIELD_ABSENT;
    if (!condition_holds(condition, present_ms, deadline_ms))
        return FIELD_CONDITION_FAILS;
    struct value *hash = database_own(call->db, entry);
    if (call_is_past(call, deadline_ms)) {
        hash_delete(hash, field);
        return FIELD_DELETED;
    }
    hash_deadline_set(hash, field, deadline_ms);
    return FIELD_CHANGED;
}

/* HPEXPIREAT of the fields that were changed; HDEL when the time is past. `condition` may be empty.
 */
static void record(struct call *call, struct bytes condition, int64_t deadline_ms,
                   const struct field_arguments *changed)
{
    if (call_is_past(call, deadline_ms)) {
        field_arguments_record_deletion(call, changed);
        return;
    }
    struct journal_number deadline, count;
    struct bytes *argv = memory_allocate((changed->count + 6) * sizeof *argv);
    int argc = 0;
    argv[argc++] = BYTES_LITERAL("HPEXPIREAT");
    argv[argc++] = call->argv[1];
    argv[argc++] = journal_format(&deadline, deadline_ms);
    if (condition.size > 0)
        argv[argc++] = condition;
    argv[argc++] = BYTES_LITERAL("FIELDS");
    argv[argc++] = journal_format(&count, (int64_t)changed->count);
    memcpy(argv + argc, changed->names, changed->count * sizeof *argv);
    journal_replace(call, argv, argc + (int)changed->count);
    memory_free(argv);
}

static void set_deadlines(struct call *call, enum deadline_form form)
{
    struct entry *entry;
    struct field_arguments fields;
    int64_t deadline_ms;
    if (!call_find(call, call->argv[1], VALUE_HASH, ACCESS_WRITE, &entry) ||
        !field_arguments_deadline(call, 2, form, &deadline_ms))
        return;
    enum condition condition = condition_of(call->argv[3]);
    if (!field_arguments_parse(call, condition == ALWAYS ? 3 : 4, ERROR_FIELD_COUNT_LOW, &fields))
        return;
    if (!entry) {
        field_arguments_reply(call, &fields, FIELD_ABSENT);
        return;
    }
    struct bytes *changed = memory_allocate(fields.count * sizeof *changed);
    size_t count = 0;
    /* As in Redis, a packed hash makes room even if no deadline is set in the end. */
    hash_deadline_prepare(database_own(call->db, entry));
    reply_open(call->reply, REPLY_ARRAY, fields.count);
    for (size_t i = 0; i < fields.count; i++) {
        enum outcome outcome = set_deadline(call, entry, fields.names[i], condition, deadline_ms);
        if (outcome > FIELD_CONDITION_FAILS)
            changed[count++] = fields.names[i];
        reply_integer(call->reply, outcome);
    }
    reply_close(call->reply);
    bool is_emptied = hash_count(entry_value(entry)) == 0;
    if (!is_emptied)
        database_settle(call->db, entry);
    if (count > 0)
        call_announce(call, ANNOUNCE_HASH, call_is_past(call, deadline_ms) ? "hdel" : "hexpire",
                      call->argv[1]);
    if (count > 0 && journal_wants(call))
        record(call, condition == ALWAYS ? bytes_of(NULL, 0) : call->argv[3], deadline_ms,
               &(struct field_arguments){changed, count});
    memory_free(changed);
    if (is_emptied)
        call_delete_emptied(call, call->argv[1]);
}

static void hash_expiry_hexpire(struct call *call)
{
    set_deadlines(call, DEADLINE_SECONDS);
}

static void hash_expiry_hpexpire(struct call *call)
{
    set_deadlines(call, DEADLINE_MILLISECONDS);
}

static void hash_expiry_hexpireat(struct call *call)
{
    set_deadlines(call, DEADLINE_UNIX_SECONDS);
}

static void hash_expiry_hpexpireat(struct call *call)
{
    set_deadlines(call, DEADLINE_UNIX_MILLISECONDS);
}

/* Answers each deadline less `origin_ms` in `unit_ms`, rounded up. */
static void reply_deadlines(struct call *call, int64_t origin_ms, int64_t unit_ms)
{
    struct entry *entry;
    struct field_arguments fields;
    if (!call_find(call, call->argv[1], VALUE_HASH, ACCESS_READ, &entry) ||
        !field_arguments_parse(call, 2, ERROR_FIELD_COUNT, &fields))
        return;
    if (!entry) {
        field_arguments_reply(call, &fields, FIELD_ABSENT);
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, fields.count);
    for (size_t i = 0; i < fields.count; i++) {
        int64_t deadline_ms, answer = FIELD_ABSENT;
        if (hash_deadline_get(entry_value(entry), fields.names[i], &deadline_ms))
            answer = deadline_ms == HASH_NO_DEADLINE
                         ? FIELD_HAS_NO_DEADLINE
                         : (deadline_ms - origin_ms + unit_ms - 1) / unit_ms;
        reply_integer(call->reply, answer);
    }
    reply_close(call->reply);
}

static void hash_expiry_httl(struct call *call)
{
    reply_deadlines(call, call->now_ms, 1000);
}

static void hash_expiry_hpttl(struct call *call)
{
    reply_deadlines(call, call->now_ms, 1);
}

static void hash_expiry_hexpiretime(struct call *call)
{
    reply_deadlines(call, 0, 1000);
}

static void hash_expiry_hpexpiretime(struct call *call)
{
    reply_deadlines(call, 0, 1);
}

static void hash_expiry_hpersist(struct call *call)
{
    struct entry *entry;
    struct field_arguments fields;
    if (!call_find(call, call->argv[1], VALUE_HASH, ACCESS_WRITE, &entry) ||
        !field_arguments_parse(call, 2, ERROR_FIELD_COUNT, &fields))
        return;
    if (!entry) {
        field_arguments_reply(call, &fields, FIELD_ABSENT);
        return;
    }
    bool is_changed = false;
    reply_open(call->reply, REPLY_ARRAY, fields.count);
    for (size_t i = 0; i < fields.count; i++) {
        int64_t deadline_ms;
        enum outcome outcome = FIELD_ABSENT;
        if (hash_deadline_get(entry_value(entry), fields.names[i], &deadline_ms))
            outcome = deadline_ms == HASH_NO_DEADLINE ? FIELD_HAS_NO_DEADLINE : FIELD_CHANGED;
        if (outcome == FIELD_CHANGED) {
            hash_deadline_set(database_own(call->db, entry), fields.names[i], HASH_NO_DEADLINE);
            is_changed = true;
        }
        reply_integer(call->reply, outcome);
    }
    reply_close(call->reply);
    if (!is_changed)
        return;
    database_settle(call->db, entry);
    call_announce(call, ANNOUNCE_HASH, "hpersist", call->argv[1]);
}

static const struct command_argument field_arguments[] = {
    {.name = "numfields", .type = ARGUMENT_INTEGER},
    {.name = "field", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

#define CONDITION_ARGUMENT                                                                         \
    {                                                                                              \
        .name = "condition", .type = ARGUMENT_ONEOF, .flags = ARGUMENT_OPTIONAL,                   \
        .arguments = deadline_condition_arguments                                                  \
    }
#define FIELDS_ARGUMENT                                                                            \
    {                                                                                              \
        .name = "fields", .type = ARGUMENT_BLOCK, .token = "FIELDS", .arguments = field_arguments  \
    }

static const struct command_argument hexpire_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "seconds", .type = ARGUMENT_INTEGER},
    CONDITION_ARGUMENT,
    FIELDS_ARGUMENT,
    {0},
};

static const struct command_argument hpexpire_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "milliseconds", .type = ARGUMENT_INTEGER},
    CONDITION_ARGUMENT,
    FIELDS_ARGUMENT,
    {0},
};

static const struct command_argument hexpireat_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "unix-time-seconds", .type = ARGUMENT_UNIX_TIME},
    CONDITION_ARGUMENT,
    FIELDS_ARGUMENT,
    {0},
};

static const struct command_argument hpexpireat_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "unix-time-milliseconds", .type = ARGUMENT_UNIX_TIME},
    CONDITION_ARGUMENT,
    FIELDS_ARGUMENT,
    {0},
};

static const struct command_argument fields_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    FIELDS_ARGUMENT,
    {0},
};

const struct command hash_expiry_commands[] = {
    {.name = "HEXPIRE",
     .arity = -6,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Lets fields of a hash live for a number of seconds.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = hexpire_arguments,
     .run = hash_expiry_hexpire},
    {.name = "HPEXPIRE",
     .arity = -6,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Lets fields of a hash live for a number of milliseconds.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = hpexpire_arguments,
     .run = hash_expiry_hpexpire},
    {.name = "HEXPIREAT",
     .arity = -6,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Lets fields of a hash live until a Unix time in seconds.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = hexpireat_arguments,
     .run = hash_expiry_hexpireat},
    {.name = "HPEXPIREAT",
     .arity = -6,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Lets fields of a hash live until a Unix time in milliseconds.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = hpexpireat_arguments,
     .run = hash_expiry_hpexpireat},
    {.name = "HTTL",
     .arity = -5,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Answers how many seconds fields of a hash have left.",
     .complexity = "O(N) for N fields named",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = fields_arguments,
     .run = hash_expiry_httl},
    {.name = "HPTTL",
     .arity = -5,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Answers how many milliseconds fields of a hash have left.",
     .complexity = "O(N) for N fields named",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = fields_arguments,
     .run = hash_expiry_hpttl},
    {.name = "HEXPIRETIME",
     .arity = -5,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Answers the Unix times in seconds at which fields of a hash expire.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = fields_arguments,
     .run = hash_expiry_hexpiretime},
    {.name = "HPEXPIRETIME",
     .arity = -5,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Answers the Unix times in milliseconds at which fields of a hash expire.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = fields_arguments,
     .run = hash_expiry_hpexpiretime},
    {.name = "HPERSIST",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_HASH,
     .since = "7.4.0",
     .group = "hash",
     .summary = "Removes the deadlines of fields of a hash.",
     .complexity = "O(N) for N fields named",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = fields_arguments,
     .run = hash_expiry_hpersist},
    {0},
};
