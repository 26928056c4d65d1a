/* SPDX-License-Identifier: MIT */
/* When keys end: EXPIRE, TTL, PERSIST and their kin. */
#include "commands/deadline.h"
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"

enum condition {
    IF_NONE = 1 << 0,    /* NX: the key has no deadline */
    IF_ANY = 1 << 1,     /* XX: it has one */
    IF_GREATER = 1 << 2, /* GT: the new one is later; no deadline is the latest of all */
    IF_LESS = 1 << 3,    /* LT */
};

static bool parse_conditions(struct call *call, unsigned *conditions)
{
    if (call->argc > 3 && !call_emulates(call, 7, 0)) {
        call_arity_error(call);
        return false;
    }
    *conditions = 0;
    for (int i = 3; i < call->argc; i++) {
        if (call_is(call, i, "NX")) {
            *conditions |= IF_NONE;
        } else if (call_is(call, i, "XX")) {
            *conditions |= IF_ANY;
        } else if (call_is(call, i, "GT")) {
            *conditions |= IF_GREATER;
        } else if (call_is(call, i, "LT")) {
            *conditions |= IF_LESS;
        } else {
            reply_error_format(call->reply, ERROR_EXPIRE_OPTION, BYTES_PRINT(call->argv[i]));
            return false;
        }
    }
    const char *error = NULL;
    if (*conditions & IF_NONE && *conditions != IF_NONE)
        error = ERROR_EXPIRE_NX;
    else if (*conditions & IF_GREATER && *conditions & IF_LESS)
        error = ERROR_EXPIRE_GT_LT;
    if (error)
        reply_error(call->reply, error);
    return !error;
}

static bool conditions_hold(unsigned conditions, int64_t present_ms, int64_t deadline_ms)
{
    if (conditions & IF_NONE && present_ms != KEYSPACE_NEVER)
        return false;
    if (conditions & IF_ANY && present_ms == KEYSPACE_NEVER)
        return false;
    if (conditions & IF_GREATER && deadline_ms <= present_ms)
        return false;
    return !(conditions & IF_LESS && deadline_ms >= present_ms);
}

/* PEXPIREAT with the same conditions. */
static void record(struct call *call, enum deadline_form form, int64_t deadline_ms)
{
    struct journal_number room;
    const struct journal_edit edits[] = {{0, BYTES_LITERAL("PEXPIREAT")},
                                         {2, journal_format(&room, deadline_ms)}};
    if (form != DEADLINE_UNIX_MILLISECONDS && journal_wants(call))
        journal_replace_words(call, edits, 2);
}

static void set_deadline(struct call *call, enum deadline_form form)
{
    struct bytes key = call->argv[1];
    unsigned conditions;
    int64_t deadline_ms;
    if (!parse_conditions(call, &conditions) || !deadline_parse(call, 2, form, &deadline_ms))
        return;
    struct entry *entry = call_find_any(call, key, ACCESS_WRITE);
    if (!entry || !conditions_hold(conditions, database_deadline(call->db, entry), deadline_ms)) {
        reply_integer(call->reply, 0);
        return;
    }
    if (!call_is_past(call, deadline_ms)) {
        deadline_apply(call, key, entry, deadline_ms);
        record(call, form, deadline_ms);
    } else {
        database_delete(call->db, key);
        call_announce(call, ANNOUNCE_GENERIC, "del", key);
        journal_replace_by_expiry(call, key);
    }
    reply_integer(call->reply, 1);
}

static void expiry_expire(struct call *call)
{
    set_deadline(call, DEADLINE_SECONDS);
}

static void expiry_pexpire(struct call *call)
{
    set_deadline(call, DEADLINE_MILLISECONDS);
}

static void expiry_expireat(struct call *call)
{
    set_deadline(call, DEADLINE_UNIX_SECONDS);
}

static void expiry_pexpireat(struct call *call)
{
    set_deadline(call, DEADLINE_UNIX_MILLISECONDS);
}

/* Answers the deadline less `origin_ms` in `unit_ms`, rounded; -1 without deadline, -2 without key.
 */
static void reply_deadline(struct call *call, int64_t origin_ms, int64_t unit_ms)
{
    const struct entry *entry = call_find_any(call, call->argv[1], ACCESS_LOOK);
    int64_t deadline_ms = entry ? database_deadline(call->db, entry) : KEYSPACE_NEVER;
    if (deadline_ms == KEYSPACE_NEVER) {
        reply_integer(call->reply, entry ? -1 : -2);
        return;
    }
    int64_t left_ms = deadline_ms > origin_ms ? deadline_ms - origin_ms : 0;
    int64_t rounds_up = left_ms % unit_ms >= (unit_ms + 1) / 2;
    reply_integer(call->reply, left_ms / unit_ms + (unit_ms > 1 ? rounds_up : 0));
}

static void expiry_ttl(struct call *call)
{
    reply_deadline(call, call->now_ms, 1000);
}

static void expiry_pttl(struct call *call)
{
    reply_deadline(call, call->now_ms, 1);
}

static void expiry_expiretime(struct call *call)
{
    reply_deadline(call, 0, 1000);
}

static void expiry_pexpiretime(struct call *call)
{
    reply_deadline(call, 0, 1);
}

static void expiry_persist(struct call *call)
{
    struct entry *entry = call_find_any(call, call->argv[1], ACCESS_WRITE);
    bool persisted = entry && database_clear_deadline(call->db, entry);
    if (persisted)
        call_announce(call, ANNOUNCE_GENERIC, "persist", call->argv[1]);
    reply_integer(call->reply, persisted);
}

#define CONDITION_ARGUMENT                                                                         \
    {                                                                                              \
        .name = "condition", .type = ARGUMENT_ONEOF, .flags = ARGUMENT_OPTIONAL, .since = "7.0.0", \
        .arguments = deadline_condition_arguments                                                  \
    }

static const struct command_argument expire_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "seconds", .type = ARGUMENT_INTEGER},
    CONDITION_ARGUMENT,
    {0},
};

static const struct command_argument pexpire_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "milliseconds", .type = ARGUMENT_INTEGER},
    CONDITION_ARGUMENT,
    {0},
};

static const struct command_argument expireat_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "unix-time-seconds", .type = ARGUMENT_UNIX_TIME},
    CONDITION_ARGUMENT,
    {0},
};

static const struct command_argument pexpireat_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "unix-time-milliseconds", .type = ARGUMENT_UNIX_TIME},
    CONDITION_ARGUMENT,
    {0},
};

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

const struct command expiry_commands[] = {
    {.name = "EXPIRE",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Lets a key live for a number of seconds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = expire_arguments,
     .run = expiry_expire},
    {.name = "PEXPIRE",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.6.0",
     .group = "generic",
     .summary = "Lets a key live for a number of milliseconds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = pexpire_arguments,
     .run = expiry_pexpire},
    {.name = "EXPIREAT",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.2.0",
     .group = "generic",
     .summary = "Lets a key live until a Unix time in seconds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = expireat_arguments,
     .run = expiry_expireat},
    {.name = "PEXPIREAT",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.6.0",
     .group = "generic",
     .summary = "Lets a key live until a Unix time in milliseconds.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = pexpireat_arguments,
     .run = expiry_pexpireat},
    {.name = "TTL",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "1.0.0",
     .group = "generic",
     .summary = "Answers how many seconds a key has left.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = expiry_ttl},
    {.name = "PTTL",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.6.0",
     .group = "generic",
     .summary = "Answers how many milliseconds a key has left.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = expiry_pttl},
    {.name = "EXPIRETIME",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "7.0.0",
     .group = "generic",
     .summary = "Answers the Unix time in seconds at which a key expires.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = expiry_expiretime},
    {.name = "PEXPIRETIME",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "7.0.0",
     .group = "generic",
     .summary = "Answers the Unix time in milliseconds at which a key expires.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = expiry_pexpiretime},
    {.name = "PERSIST",
     .arity = 2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.2.0",
     .group = "generic",
     .summary = "Removes the deadline of a key.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = key_argument,
     .run = expiry_persist},
    {0},
};
