/* SPDX-License-Identifier: MIT */
/* Members of a set by chance: SPOP, SRANDMEMBER. */
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/set.h"

static void reply_member(const struct set_element *element, void *context)
{
    reply_bulk(context, element->text);
}

static void reply_all(struct reply *reply, enum reply_kind kind, const struct value *set)
{
    struct set_iterator iterator;
    struct set_element element;
    reply_open(reply, kind, set_count(set));
    set_iterator_begin(&iterator, set);
    while (set_iterator_next(&iterator, &element))
        reply_bulk(reply, element.text);
    set_iterator_end(&iterator);
    reply_close(reply);
}

/* Answers a member and removes it. */
static void pop(struct call *call, struct value *set)
{
    struct set_element element;
    set_random(set, call->db->keyspace->random, &element);
    reply_bulk(call->reply, element.text);
    JOURNAL_REPLACE(call, BYTES_LITERAL("SREM"), call->argv[1], element.text);
    set_remove(set, element.text);
}

static void pop_several(struct call *call)
{
    struct bytes key = call->argv[1];
    struct entry *entry;
    int64_t count;
    if (!call_integer_between(call, 2, 0, INT64_MAX, &count, ERROR_NOT_POSITIVE) ||
        !call_find(call, key, VALUE_SET, ACCESS_WRITE, &entry))
        return;
    if (!entry || count == 0) {
        reply_empty(call->reply, REPLY_SET);
        return;
    }
    size_t available = set_count(entry_value(entry));
    if ((uint64_t)count >= available) {
        reply_all(call->reply, REPLY_SET, entry_value(entry));
        call_announce(call, ANNOUNCE_SET, "spop", key);
        call_delete_emptied(call, key);
        JOURNAL_REPLACE(call, BYTES_LITERAL("DEL"), key);
        return;
    }
    struct value *set = database_own(call->db, entry);
    reply_open(call->reply, REPLY_SET, (size_t)count);
    for (int64_t i = 0; i < count; i++)
        pop(call, set);
    reply_close(call->reply);
    call_announce(call, ANNOUNCE_SET, "spop", key);
}

static void set_random_spop(struct call *call)
{
    struct bytes key = call->argv[1];
    struct entry *entry;
    if (call->argc == 3) {
        pop_several(call);
        return;
    }
    if (call->argc > 3) {
        call_syntax_error(call);
        return;
    }
    if (!call_find(call, key, VALUE_SET, ACCESS_WRITE, &entry))
        return;
    if (!entry) {
        reply_null(call->reply);
        return;
    }
    struct value *set = database_own(call->db, entry);
    pop(call, set);
    call_announce(call, ANNOUNCE_SET, "spop", key);
    if (set_count(set) == 0)
        call_delete_emptied(call, key);
}

/* `count` members that may repeat, for a negative count. */
static void reply_any(struct call *call, const struct value *set, uint64_t count)
{
    struct set_element element;
    reply_open(call->reply, REPLY_ARRAY, count);
    for (uint64_t i = 0; i < count; i++) {
        set_random(set, call->db->keyspace->random, &element);
        reply_bulk(call->reply, element.text);
    }
    reply_close(call->reply);
}

static void reply_several(struct call *call)
{
    struct entry *entry;
    int64_t count;
    if (!call_integer(call, 2, &count, NULL))
        return;
    if (count == INT64_MIN) {
        reply_error(call->reply, ERROR_OUT_OF_LONG_RANGE);
        return;
    }
    if (!call_find(call, call->argv[1], VALUE_SET, ACCESS_READ, &entry))
        return;
    if (!entry || count == 0) {
        reply_empty(call->reply, REPLY_ARRAY);
        return;
    }
    const struct value *set = entry_value(entry);
    if (count < 0) {
        reply_any(call, set, (uint64_t)-count);
    } else if ((uint64_t)count >= set_count(set)) {
        reply_all(call->reply, REPLY_ARRAY, set);
    } else {
        reply_open(call->reply, REPLY_ARRAY, (size_t)count);
        set_sample(set, call->db->keyspace->random, (size_t)count, reply_member, call->reply);
        reply_close(call->reply);
    }
}

static void set_random_srandmember(struct call *call)
{
    struct entry *entry;
    struct set_element element;
    if (call->argc == 3) {
        reply_several(call);
        return;
    }
    if (call->argc > 3) {
        call_syntax_error(call);
        return;
    }
    if (!call_find(call, call->argv[1], VALUE_SET, ACCESS_READ, &entry))
        return;
    if (!entry) {
        reply_null(call->reply);
        return;
    }
    set_random(entry_value(entry), call->db->keyspace->random, &element);
    reply_bulk(call->reply, element.text);
}

static const struct command_argument spop_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "count", .type = ARGUMENT_INTEGER, .flags = ARGUMENT_OPTIONAL, .since = "3.2.0"},
    {0},
};

static const struct command_argument srandmember_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "count", .type = ARGUMENT_INTEGER, .flags = ARGUMENT_OPTIONAL, .since = "2.6.0"},
    {0},
};

const struct command set_random_commands[] = {
    {.name = "SPOP",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Answers members of a set chosen by chance, and removes them.",
     .complexity = "O(N) for N members asked for",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_DELETE),
     .arguments = spop_arguments,
     .run = set_random_spop},
    {.name = "SRANDMEMBER",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Answers members of a set chosen by chance.",
     .complexity = "O(N) for N members asked for",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = srandmember_arguments,
     .run = set_random_srandmember},
    {0},
};
