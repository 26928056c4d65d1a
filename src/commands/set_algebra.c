/* SPDX-License-Identifier: MIT */
/*
 * Intersections, unions and differences of sets. A result that is stored begins as an intset,
 * whatever it was made of, and grows from there; so OBJECT ENCODING depends on the members, and for
 * SDIFFSTORE on which of two ways Redis would go.
 */
#include "base/memory.h"
#include "commands/set_limits.h"
#include "commands/stored_result.h"
#include "reply/errors.h"

/* The sets of one call, in the order of argv. */
struct inputs {
    const struct value **sets; /* owned array, of borrowed sets; NULL: the key is absent */
    size_t count;
    bool any_is_absent;
};

/* False: a key holds another type, and the error was answered. */
static bool find_inputs(struct call *call, int first, int end, struct inputs *inputs)
{
    *inputs = (struct inputs){.count = (size_t)(end - first)};
    inputs->sets = memory_allocate(inputs->count * sizeof *inputs->sets);
    for (int i = first; i < end; i++) {
        struct entry *entry;
        if (!call_find(call, call->argv[i], VALUE_SET, ACCESS_READ, &entry)) {
            memory_free(inputs->sets);
            return false;
        }
        inputs->sets[i - first] = entry ? entry_value(entry) : NULL;
        inputs->any_is_absent |= !entry;
    }
    return true;
}

static void clear_inputs(struct inputs *inputs)
{
    memory_free(inputs->sets);
}

static void reply_members(struct reply *reply, const struct value *set)
{
    struct set_iterator iterator;
    struct set_element element;
    reply_open(reply, REPLY_SET, set_count(set));
    set_iterator_begin(&iterator, set);
    while (set_iterator_next(&iterator, &element))
        reply_bulk(reply, element.text);
    set_iterator_end(&iterator);
    reply_close(reply);
}

/* --- intersection --- */

/* Smallest first, equal sizes in their order: fewest members to look at. */
static void sort_by_size(struct inputs *inputs)
{
    const struct value **sets = inputs->sets;
    for (size_t i = 1; i < inputs->count; i++) {
        const struct value *set = sets[i];
        size_t place = i;
        for (; place > 0 && set_count(sets[place - 1]) > set_count(set); place--)
            sets[place] = sets[place - 1];
        sets[place] = set;
    }
}

/* Walks the members that all sets have. */
struct intersection {
    const struct inputs *inputs;
    struct set_iterator iterator;
};

static void intersection_begin(struct intersection *walk, struct inputs *inputs)
{
    sort_by_size(inputs);
    walk->inputs = inputs;
    set_iterator_begin(&walk->iterator, inputs->sets[0]);
}

static bool all_others_have(const struct inputs *inputs, const struct set_element *element)
{
    for (size_t i = 1; i < inputs->count; i++)
        if (inputs->sets[i] != inputs->sets[0] && !set_has_element(inputs->sets[i], element))
            return false;
    return true;
}

static bool intersection_next(struct intersection *walk, struct set_element *element)
{
    while (set_iterator_next(&walk->iterator, element))
        if (all_others_have(walk->inputs, element))
            return true;
    return false;
}

static void intersection_end(struct intersection *walk)
{
    set_iterator_end(&walk->iterator);
}

static void set_algebra_sinter(struct call *call)
{
    struct inputs inputs;
    if (!find_inputs(call, 1, call->argc, &inputs))
        return;
    if (inputs.any_is_absent) {
        reply_empty(call->reply, REPLY_SET);
    } else {
        struct intersection walk;
        struct set_element element;
        reply_open(call->reply, REPLY_SET, REPLY_UNSIZED);
        intersection_begin(&walk, &inputs);
        while (intersection_next(&walk, &element))
            reply_bulk(call->reply, element.text);
        intersection_end(&walk);
        reply_close(call->reply);
    }
    clear_inputs(&inputs);
}

static void set_algebra_sinterstore(struct call *call)
{
    struct inputs inputs;
    if (!find_inputs(call, 2, call->argc, &inputs))
        return;
    struct value *result = NULL;
    if (!inputs.any_is_absent) {
        struct set_limits limits = set_limits_of(call);
        struct intersection walk;
        struct set_element element;
        result = set_new_intset();
        intersection_begin(&walk, &inputs);
        while (intersection_next(&walk, &element))
            set_add_element(result, &element, &limits);
        intersection_end(&walk);
    }
    clear_inputs(&inputs);
    stored_result_put(call, call->argv[1], result, result ? set_count(result) : 0, ANNOUNCE_SET,
                      "sinterstore");
}

/* argv from numkeys on: its keys end at `end`. False: the error was answered. */
static bool parse_sintercard(struct call *call, int *end, int64_t *limit)
{
    int64_t keys;
    if (!call_integer_between(call, 1, 1, INT64_MAX, &keys, ERROR_NUMKEYS_NOT_POSITIVE))
        return false;
    if (keys > call->argc - 2) {
        reply_error(call->reply, ERROR_SCRIPT_KEYS_TOO_MANY);
        return false;
    }
    *end = 2 + (int)keys;
    *limit = 0;
    for (int i = *end; i < call->argc; i += 2) {
        if (!call_is(call, i, "LIMIT") || i + 1 == call->argc) {
            call_syntax_error(call);
            return false;
        }
        if (!call_integer_between(call, i + 1, 0, INT64_MAX, limit, ERROR_LIMIT_NEGATIVE))
            return false;
    }
    return true;
}

static void set_algebra_sintercard(struct call *call)
{
    struct inputs inputs;
    int end;
    int64_t limit;
    if (!parse_sintercard(call, &end, &limit) || !find_inputs(call, 2, end, &inputs))
        return;
    int64_t count = 0;
    if (!inputs.any_is_absent) {
        struct intersection walk;
        struct set_element element;
        intersection_begin(&walk, &inputs);
        while ((limit == 0 || count < limit) && intersection_next(&walk, &element))
            count++;
        intersection_end(&walk);
    }
    clear_inputs(&inputs);
    reply_integer(call->reply, count);
}

/* --- union and difference --- */

static void add_all(struct value *result, const struct value *set, const struct set_limits *limits)
{
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, set);
    while (set_iterator_next(&iterator, &element))
        set_add_element(result, &element, limits);
    set_iterator_end(&iterator);
}

static struct value *unite(const struct inputs *inputs, const struct set_limits *limits)
{
    struct value *result = set_new_intset();
    for (size_t i = 0; i < inputs->count; i++)
        if (inputs->sets[i])
            add_all(result, inputs->sets[i], limits);
    return result;
}

/* The first set's members, each looked up in the others. */
static void subtract_by_member(struct value *result, const struct inputs *inputs,
                               const struct set_limits *limits)
{
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, inputs->sets[0]);
    while (set_iterator_next(&iterator, &element)) {
        bool is_elsewhere = false;
        for (size_t i = 1; i < inputs->count && !is_elsewhere; i++)
            is_elsewhere = inputs->sets[i] && set_has_element(inputs->sets[i], &element);
        if (!is_elsewhere)
            set_add_element(result, &element, limits);
    }
    set_iterator_end(&iterator);
}

/* The first set as a whole, then the others' members taken out of it. */
static void subtract_by_set(struct value *result, const struct inputs *inputs,
                            const struct set_limits *limits)
{
    add_all(result, inputs->sets[0], limits);
    for (size_t i = 1; i < inputs->count && set_count(result) > 0; i++) {
        struct set_iterator iterator;
        struct set_element element;
        if (!inputs->sets[i])
            continue;
        set_iterator_begin(&iterator, inputs->sets[i]);
        while (set_iterator_next(&iterator, &element))
            set_remove(result, element.text);
        set_iterator_end(&iterator);
    }
}

/* Redis goes member by member when that is at most twice the work, by the sizes of the sets. */
static bool goes_by_member(const struct inputs *inputs)
{
    uint64_t by_member = 0;
    uint64_t by_set = 0;
    for (size_t i = 0; i < inputs->count; i++) {
        if (!inputs->sets[i])
            continue;
        by_member += set_count(inputs->sets[0]);
        by_set += set_count(inputs->sets[i]);
    }
    return by_member / 2 <= by_set;
}

static struct value *subtract(const struct inputs *inputs, const struct set_limits *limits)
{
    struct value *result = set_new_intset();
    if (!inputs->sets[0])
        return result;
    for (size_t i = 1; i < inputs->count; i++)
        if (inputs->sets[i] == inputs->sets[0])
            return result;
    if (goes_by_member(inputs))
        subtract_by_member(result, inputs, limits);
    else
        subtract_by_set(result, inputs, limits);
    return result;
}

typedef struct value *combine_function(const struct inputs *inputs,
                                       const struct set_limits *limits);

static void reply_combined(struct call *call, combine_function *combine)
{
    struct inputs inputs;
    if (!find_inputs(call, 1, call->argc, &inputs))
        return;
    struct set_limits limits = set_limits_of(call);
    limits.entries = 0; /* it is not kept: a table is built faster than a listpack */
    struct value *result = combine(&inputs, &limits);
    clear_inputs(&inputs);
    reply_members(call->reply, result);
    value_release(result);
}

static void store_combined(struct call *call, combine_function *combine, const char *event)
{
    struct inputs inputs;
    if (!find_inputs(call, 2, call->argc, &inputs))
        return;
    struct set_limits limits = set_limits_of(call);
    struct value *result = combine(&inputs, &limits);
    clear_inputs(&inputs);
    stored_result_put(call, call->argv[1], result, set_count(result), ANNOUNCE_SET, event);
}

static void set_algebra_sunion(struct call *call)
{
    reply_combined(call, unite);
}

static void set_algebra_sunionstore(struct call *call)
{
    store_combined(call, unite, "sunionstore");
}

static void set_algebra_sdiff(struct call *call)
{
    reply_combined(call, subtract);
}

static void set_algebra_sdiffstore(struct call *call)
{
    store_combined(call, subtract, "sdiffstore");
}

static const struct command_argument keys_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument store_arguments[] = {
    {.name = "destination", .type = ARGUMENT_KEY},
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE, .key_spec = 1},
    {0},
};

static const struct command_argument sintercard_arguments[] = {
    {.name = "numkeys", .type = ARGUMENT_INTEGER},
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {.name = "limit", .type = ARGUMENT_INTEGER, .token = "LIMIT", .flags = ARGUMENT_OPTIONAL},
    {0},
};

#define STORE_KEYS(destination_flags)                                                              \
    KEY_SPECS({.flags = (destination_flags), .begin_position = 1, .step = 1},                      \
              {.flags = KEY_READ_ACCESS, .begin_position = 2, .last = -1, .step = 1})

const struct command set_algebra_commands[] = {
    {.name = "SINTER",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Lists the members that all sets have.",
     .complexity = "O(N*M) for M sets, of which the smallest has N members",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     KEYS_RANGE(1, -1, 1, KEY_READ_ACCESS),
     .arguments = keys_argument,
     .run = set_algebra_sinter},
    {.name = "SINTERCARD",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SET,
     .since = "7.0.0",
     .group = "set",
     .summary = "Counts the members that all sets have, up to a limit.",
     .complexity = "O(N*M) for M sets, of which the smallest has N members",
     KEYS_COUNTED(1, KEY_READ_ACCESS),
     .arguments = sintercard_arguments,
     .run = set_algebra_sintercard},
    {.name = "SINTERSTORE",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Stores the members that all sets have as a set.",
     .complexity = "O(N*M) for M sets, of which the smallest has N members",
     STORE_KEYS(KEY_RW | KEY_UPDATE),
     .arguments = store_arguments,
     .run = set_algebra_sinterstore},
    {.name = "SUNION",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Lists the members that any of the sets has.",
     .complexity = "O(N) for N members in all sets together",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     KEYS_RANGE(1, -1, 1, KEY_READ_ACCESS),
     .arguments = keys_argument,
     .run = set_algebra_sunion},
    {.name = "SUNIONSTORE",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Stores the members that any of the sets has as a set.",
     .complexity = "O(N) for N members in all sets together",
     STORE_KEYS(KEY_OW | KEY_UPDATE),
     .arguments = store_arguments,
     .run = set_algebra_sunionstore},
    {.name = "SDIFF",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Lists the members of the first set that no other set has.",
     .complexity = "O(N) for N members in all sets together",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     KEYS_RANGE(1, -1, 1, KEY_READ_ACCESS),
     .arguments = keys_argument,
     .run = set_algebra_sdiff},
    {.name = "SDIFFSTORE",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_SET,
     .since = "1.0.0",
     .group = "set",
     .summary = "Stores the members of the first set that no other set has as a set.",
     .complexity = "O(N) for N members in all sets together",
     STORE_KEYS(KEY_OW | KEY_UPDATE),
     .arguments = store_arguments,
     .run = set_algebra_sdiffstore},
    {0},
};
