/* SPDX-License-Identifier: MIT */
/* Elements taken from either end: ZPOPMIN, ZPOPMAX, ZMPOP, and those that wait for some. */
#include "commands/block_timeout.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/sorted_set.h"

/* The first key that has elements. False: a key before it holds another type, and the error was
 * answered. `*entry` is NULL when none has. */
static bool find_first(struct call *call, int first, int end, struct bytes *key,
                       struct entry **entry)
{
    *entry = NULL;
    for (int i = first; i < end && !*entry; i++) {
        *key = call->argv[i];
        if (!call_may_serve(call, *key))
            continue;
        if (!call_find(call, *key, VALUE_SORTED_SET, ACCESS_WRITE, entry))
            return false;
    }
    return true;
}

/* Answers and removes `count` elements, at most all; `is_nested` opens an array for each. */
static void pop(struct call *call, struct bytes key, struct entry *entry, size_t count, bool is_max,
                bool is_nested)
{
    struct value *set = database_own(call->db, entry);
    size_t available = sorted_set_count(set);
    struct sorted_set_element element;
    struct sorted_set_range range = sorted_set_range_open(set, is_max ? available - 1 : 0, is_max);
    for (size_t left = count; left > 0 && sorted_set_range_next(&range, &element); left--) {
        if (is_nested)
            reply_open(call->reply, REPLY_ARRAY, 2);
        reply_bulk(call->reply, element.member);
        reply_real(call->reply, element.score);
        if (is_nested)
            reply_close(call->reply);
    }
    sorted_set_remove_range(set, is_max ? available - count : 0, count);
    call_announce(call, ANNOUNCE_SORTED_SET, is_max ? "zpopmax" : "zpopmin", key);
    if (sorted_set_count(set) == 0)
        call_delete_emptied(call, key);
}

static struct bytes name_of_pop(bool is_max)
{
    return is_max ? BYTES_LITERAL("ZPOPMAX") : BYTES_LITERAL("ZPOPMIN");
}

static size_t at_most(const struct entry *entry, int64_t count)
{
    size_t available = sorted_set_count(entry_value(entry));
    return (uint64_t)count < available ? (size_t)count : available;
}

/* ZPOPMIN, ZPOPMAX */
static void pop_one_key(struct call *call, bool is_max)
{
    struct entry *entry;
    int64_t count = 1;
    bool has_count = call->argc == 3;
    if (call->argc > 3) {
        call_syntax_error(call);
        return;
    }
    if (has_count && !call_integer_between(call, 2, 0, INT64_MAX, &count, ERROR_NOT_POSITIVE))
        return;
    if (!call_find(call, call->argv[1], VALUE_SORTED_SET, ACCESS_WRITE, &entry))
        return;
    if (!entry || count == 0) {
        reply_empty(call->reply, REPLY_ARRAY);
        return;
    }
    size_t popped = at_most(entry, count);
    if (has_count)
        reply_open(call->reply, REPLY_PAIRS, popped);
    else
        reply_open(call->reply, REPLY_ARRAY, 2);
    pop(call, call->argv[1], entry, popped, is_max, false);
    reply_close(call->reply);
}

static void sorted_set_pops_zpopmin(struct call *call)
{
    pop_one_key(call, false);
}

static void sorted_set_pops_zpopmax(struct call *call)
{
    pop_one_key(call, true);
}

/* There is nothing in the keys from argv[first] on: waits for it, or answers so at once where
 * nobody waits
 * (`deadline_ms` NULL: a command that never does). */
static void wait_for(struct call *call, int first, int end, const int64_t *deadline_ms)
{
    struct block_request request = {.first_key = first,
                                    .key_count = end - first,
                                    .key_step = 1,
                                    .type = VALUE_SORTED_SET,
                                    .deadline_ms = deadline_ms ? *deadline_ms : 0,
                                    .timed_out = reply_null_array};
    if (!deadline_ms || !call_block(call, &request))
        reply_null_array(call->reply);
}

/* BZPOPMIN, BZPOPMAX */
static void pop_first_key(struct call *call, bool is_max)
{
    struct bytes key;
    struct entry *entry;
    int64_t deadline_ms;
    int end = call->argc - 1;
    if (!block_timeout_parse(call, end, &deadline_ms) || !find_first(call, 1, end, &key, &entry))
        return;
    if (!entry) {
        wait_for(call, 1, end, &deadline_ms);
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, 3);
    reply_bulk(call->reply, key);
    pop(call, key, entry, 1, is_max, false);
    JOURNAL_REPLACE(call, name_of_pop(is_max), key);
    reply_close(call->reply);
}

static void sorted_set_pops_bzpopmin(struct call *call)
{
    pop_first_key(call, false);
}

static void sorted_set_pops_bzpopmax(struct call *call)
{
    pop_first_key(call, true);
}

/* What ZMPOP is asked for. */
struct mpop_request {
    int first; /* argv index of the first key */
    int end;   /* and behind the last */
    bool is_max;
    int64_t count;
};

/* argv from numkeys on. False: the error was answered. */
static bool parse_mpop(struct call *call, int index, struct mpop_request *request)
{
    int64_t keys;
    if (!call_integer_between(call, index, 1, INT64_MAX, &keys, ERROR_NUMKEYS_NOT_POSITIVE))
        return false;
    *request = (struct mpop_request){.first = index + 1, .count = 1};
    bool is_good = keys < call->argc - request->first;
    if (is_good) {
        request->end = request->first + (int)keys;
        request->is_max = call_is(call, request->end, "MAX");
        is_good = request->is_max || call_is(call, request->end, "MIN");
    }
    bool has_count = false;
    for (int i = request->end + 1; is_good && i < call->argc; i += 2) {
        is_good = !has_count && i + 1 < call->argc && call_is(call, i, "COUNT");
        has_count = true;
        if (is_good && !call_integer_between(call, i + 1, 1, INT64_MAX, &request->count,
                                             ERROR_COUNT_NOT_POSITIVE))
            return false;
    }
    if (!is_good)
        call_syntax_error(call);
    return is_good;
}

static void pop_several(struct call *call, const struct mpop_request *request,
                        const int64_t *deadline_ms)
{
    struct bytes key;
    struct entry *entry;
    if (!find_first(call, request->first, request->end, &key, &entry))
        return;
    if (!entry) {
        wait_for(call, request->first, request->end, deadline_ms);
        return;
    }
    size_t popped = at_most(entry, request->count);
    reply_open(call->reply, REPLY_ARRAY, 2);
    reply_bulk(call->reply, key);
    reply_open(call->reply, REPLY_ARRAY, popped);
    pop(call, key, entry, popped, request->is_max, true);
    struct journal_number room;
    JOURNAL_REPLACE(call, name_of_pop(request->is_max), key,
                    journal_format(&room, (int64_t)popped));
    reply_close(call->reply);
    reply_close(call->reply);
}

static void sorted_set_pops_zmpop(struct call *call)
{
    struct mpop_request request;
    if (parse_mpop(call, 1, &request))
        pop_several(call, &request, NULL);
}

static void sorted_set_pops_bzmpop(struct call *call)
{
    struct mpop_request request;
    int64_t deadline_ms;
    if (parse_mpop(call, 2, &request) && block_timeout_parse(call, 1, &deadline_ms))
        pop_several(call, &request, &deadline_ms);
}

static const struct command_argument zpop_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "count", .type = ARGUMENT_INTEGER, .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument bzpop_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {.name = "timeout", .type = ARGUMENT_DOUBLE},
    {0},
};

static const struct command_argument where_arguments[] = {
    {.name = "min", .type = ARGUMENT_PURE_TOKEN, .token = "MIN"},
    {.name = "max", .type = ARGUMENT_PURE_TOKEN, .token = "MAX"},
    {0},
};

#define MPOP_ARGUMENTS                                                                             \
    {.name = "numkeys", .type = ARGUMENT_INTEGER},                                                 \
        {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},                         \
        {.name = "where", .type = ARGUMENT_ONEOF, .arguments = where_arguments},                   \
    {                                                                                              \
        .name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL    \
    }

static const struct command_argument zmpop_arguments[] = {MPOP_ARGUMENTS, {0}};

static const struct command_argument bzmpop_arguments[] = {
    {.name = "timeout", .type = ARGUMENT_DOUBLE},
    MPOP_ARGUMENTS,
    {0},
};

#define POPS (KEY_RW | KEY_ACCESS | KEY_DELETE)

const struct command sorted_set_pops_commands[] = {
    {.name = "ZPOPMIN",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "5.0.0",
     .group = "sorted-set",
     .summary = "Answers the elements of lowest score, and removes them.",
     .complexity = "O(M*log(N)) for M elements of a set of size N",
     KEYS_AT(1, POPS),
     .arguments = zpop_arguments,
     .run = sorted_set_pops_zpopmin},
    {.name = "ZPOPMAX",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "5.0.0",
     .group = "sorted-set",
     .summary = "Answers the elements of highest score, and removes them.",
     .complexity = "O(M*log(N)) for M elements of a set of size N",
     KEYS_AT(1, POPS),
     .arguments = zpop_arguments,
     .run = sorted_set_pops_zpopmax},
    {.name = "BZPOPMIN",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_NOSCRIPT | COMMAND_SCRIPTS_SINCE_7_2 | COMMAND_BLOCKING |
              COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "5.0.0",
     .group = "sorted-set",
     .summary = "Takes the element of lowest score from the first key that has one, or waits.",
     .complexity = "O(log(N)), N being the size of the set",
     KEYS_RANGE(1, -2, 1, POPS),
     .arguments = bzpop_arguments,
     .run = sorted_set_pops_bzpopmin},
    {.name = "BZPOPMAX",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_NOSCRIPT | COMMAND_SCRIPTS_SINCE_7_2 | COMMAND_BLOCKING |
              COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "5.0.0",
     .group = "sorted-set",
     .summary = "Takes the element of highest score from the first key that has one, or waits.",
     .complexity = "O(log(N)), N being the size of the set",
     KEYS_RANGE(1, -2, 1, POPS),
     .arguments = bzpop_arguments,
     .run = sorted_set_pops_bzpopmax},
    {.name = "ZMPOP",
     .arity = -4,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_SORTED_SET,
     .since = "7.0.0",
     .group = "sorted-set",
     .summary = "Takes elements from one end of the first key that has some.",
     .complexity = "O(K+M*log(N)) for K keys and M elements of a set of size N",
     KEYS_COUNTED(1, POPS),
     .arguments = zmpop_arguments,
     .run = sorted_set_pops_zmpop},
    {.name = "BZMPOP",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_BLOCKING,
     .categories = CATEGORY_SORTED_SET,
     .since = "7.0.0",
     .group = "sorted-set",
     .summary = "Takes elements from one end of the first key that has some, or waits.",
     .complexity = "O(K+M*log(N)) for K keys and M elements of a set of size N",
     KEYS_COUNTED(2, POPS),
     .arguments = bzmpop_arguments,
     .run = sorted_set_pops_bzmpop},
    {0},
};
