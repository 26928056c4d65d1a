/* SPDX-License-Identifier: MIT */
/*
 * Unions, intersections and differences of sorted sets and sets, whose members count as scored 1.
 * Inputs are taken in order of size, smallest first, which decides how scores that tie or cancel
 * each other out add up. Results are built as an index and packed in the end if they may be.
 */
#include <math.h>

#include "base/memory.h"
#include "commands/sorted_set_limits.h"
#include "commands/stored_result.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "values/set.h"

enum aggregate { AGGREGATE_SUM, AGGREGATE_MIN, AGGREGATE_MAX };

struct input {
    const struct value *value; /* a set or a sorted set; NULL: the key is absent */
    double weight;
};

enum operation { OPERATION_UNION, OPERATION_INTERSECTION, OPERATION_DIFFERENCE };

struct request {
    enum operation operation;
    bool is_stored; /* in argv[1] */
    bool only_counts;
    bool has_scores; /* WITHSCORES */
    enum aggregate aggregate;
    int64_t limit;        /* of only_counts; 0 = none */
    struct input *inputs; /* owned array */
    size_t count;
};

/* --- arguments --- */

/* The number of keys at argv[index], which must be there. False: the error was answered. */
static bool parse_count(struct call *call, int index, struct request *request)
{
    int64_t count;
    if (!call_integer(call, index, &count, NULL))
        return false;
    if (count < 1) {
        const struct command_state *state =
            engine_find_own_command(call->engine, bytes_of_string(call->command->name), NULL);
        reply_error_format(call->reply, ERROR_ZSET_KEYS, state->name);
        return false;
    }
    if (count > call->argc - (index + 1)) {
        call_syntax_error(call);
        return false;
    }
    request->count = (size_t)count;
    return true;
}

static bool find_inputs(struct call *call, int first, struct request *request)
{
    request->inputs = memory_allocate(request->count * sizeof *request->inputs);
    for (size_t i = 0; i < request->count; i++) {
        struct entry *entry = call_find_any(call, call->argv[first + (int)i], ACCESS_READ);
        if (entry && entry_type(entry) != VALUE_SORTED_SET && entry_type(entry) != VALUE_SET) {
            reply_error(call->reply, ERROR_WRONG_TYPE);
            return false;
        }
        request->inputs[i] =
            (struct input){.value = entry ? entry_value(entry) : NULL, .weight = 1.0};
    }
    return true;
}

static bool parse_weights(struct call *call, int first, struct request *request)
{
    for (size_t i = 0; i < request->count; i++)
        if (!call_double(call, first + (int)i, &request->inputs[i].weight, ERROR_WEIGHT))
            return false;
    return true;
}

static bool parse_aggregate(struct call *call, int index, struct request *request)
{
    if (call_is(call, index, "SUM"))
        request->aggregate = AGGREGATE_SUM;
    else if (call_is(call, index, "MIN"))
        request->aggregate = AGGREGATE_MIN;
    else if (call_is(call, index, "MAX"))
        request->aggregate = AGGREGATE_MAX;
    else
        return false;
    return true;
}

/* The options from argv[index] on. False: the error was answered. */
static bool parse_options(struct call *call, int index, struct request *request)
{
    bool combines = request->operation != OPERATION_DIFFERENCE && !request->only_counts;
    while (index < call->argc) {
        size_t left = (size_t)(call->argc - index);
        if (combines && left > request->count && call_is(call, index, "WEIGHTS")) {
            if (!parse_weights(call, index + 1, request))
                return false;
            index += 1 + (int)request->count;
        } else if (combines && left >= 2 && call_is(call, index, "AGGREGATE") &&
                   parse_aggregate(call, index + 1, request)) {
            index += 2;
        } else if (!request->is_stored && !request->only_counts &&
                   call_is(call, index, "WITHSCORES")) {
            request->has_scores = true;
            index++;
        } else if (request->only_counts && left >= 2 && call_is(call, index, "LIMIT")) {
            if (!call_integer_between(call, index + 1, 0, INT64_MAX, &request->limit,
                                      ERROR_LIMIT_NEGATIVE))
                return false;
            index += 2;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

/* --- inputs --- */

static size_t input_count(const struct input *input)
{
    if (!input->value)
        return 0;
    return input->value->type == VALUE_SET ? set_count(input->value)
                                           : sorted_set_count(input->value);
}

static bool input_score(const struct input *input, struct bytes member, double *score)
{
    if (!input->value)
        return false;
    if (input->value->type == VALUE_SORTED_SET)
        return sorted_set_score(input->value, member, score);
    *score = 1.0;
    return set_has(input->value, member);
}

/* Walks the elements of an input, whatever it is. */
struct input_walk {
    bool is_set;
    struct set_iterator iterator;
    struct set_element text; /* what the member points into */
    struct sorted_set_range range;
};

static void input_walk_begin(struct input_walk *walk, const struct input *input)
{
    walk->is_set = input->value->type == VALUE_SET;
    if (walk->is_set)
        set_iterator_begin(&walk->iterator, input->value);
    else
        walk->range = sorted_set_range_open(input->value, 0, false);
}

static bool input_walk_next(struct input_walk *walk, struct sorted_set_element *element)
{
    if (!walk->is_set)
        return sorted_set_range_next(&walk->range, element);
    if (!set_iterator_next(&walk->iterator, &walk->text))
        return false;
    element->member = walk->text.text;
    element->score = 1.0;
    return true;
}

static void input_walk_end(struct input_walk *walk)
{
    if (walk->is_set)
        set_iterator_end(&walk->iterator);
}

/* Equal sizes keep their order. */
static void sort_by_size(struct request *request)
{
    struct input *inputs = request->inputs;
    for (size_t i = 1; i < request->count; i++) {
        struct input input = inputs[i];
        size_t place = i;
        for (; place > 0 && input_count(&inputs[place - 1]) > input_count(&input); place--)
            inputs[place] = inputs[place - 1];
        inputs[place] = input;
    }
}

/* --- operations --- */

/* Infinities that cancel each other out give 0, as in Redis. */
static double zero_if_nan(double score)
{
    return isnan(score) ? 0 : score;
}

static double aggregate(enum aggregate how, double a, double b)
{
    switch (how) {
    case AGGREGATE_MIN:
        return b < a ? b : a;
    case AGGREGATE_MAX:
        return b > a ? b : a;
    default:
        return zero_if_nan(a + b);
    }
}

static void unite(const struct request *request, struct value *result,
                  const struct sorted_set_limits *limits)
{
    for (size_t i = 0; i < request->count; i++) {
        const struct input *input = &request->inputs[i];
        struct input_walk walk;
        struct sorted_set_element element;
        if (!input->value)
            continue;
        input_walk_begin(&walk, input);
        while (input_walk_next(&walk, &element)) {
            double present;
            double score = zero_if_nan(input->weight * element.score);
            if (sorted_set_score(result, element.member, &present)) {
                score = aggregate(request->aggregate, present, score);
                /* 0 in the place of -0 is no change of the score to the set, but one to be seen. */
                if (score == present && signbit(score) != signbit(present))
                    sorted_set_remove(result, element.member);
            }
            sorted_set_put(result, element.member, score, limits);
        }
        input_walk_end(&walk);
    }
}

/* Whether all inputs have the member of the first; `score` becomes what they give together. */
static bool find_in_all(const struct request *request, const struct sorted_set_element *element,
                        double *score)
{
    *score = zero_if_nan(request->inputs[0].weight * element->score);
    for (size_t i = 1; i < request->count; i++) {
        double other;
        if (!input_score(&request->inputs[i], element->member, &other))
            return false;
        *score = aggregate(request->aggregate, *score, other * request->inputs[i].weight);
    }
    return true;
}

/* `result` is NULL when elements are only counted. */
static size_t intersect(const struct request *request, struct value *result,
                        const struct sorted_set_limits *limits)
{
    struct input_walk walk;
    struct sorted_set_element element;
    double score;
    uint64_t count = 0;
    if (input_count(&request->inputs[0]) == 0)
        return 0;
    input_walk_begin(&walk, &request->inputs[0]);
    while ((request->limit == 0 || count < (uint64_t)request->limit) &&
           input_walk_next(&walk, &element)) {
        if (!find_in_all(request, &element, &score))
            continue;
        count++;
        if (result)
            sorted_set_put(result, element.member, score, limits);
    }
    input_walk_end(&walk);
    return count;
}

static void subtract(const struct request *request, struct value *result,
                     const struct sorted_set_limits *limits)
{
    struct input_walk walk;
    struct sorted_set_element element;
    if (input_count(&request->inputs[0]) == 0)
        return;
    input_walk_begin(&walk, &request->inputs[0]);
    while (input_walk_next(&walk, &element)) {
        bool is_elsewhere = false;
        double score;
        for (size_t i = 1; i < request->count && !is_elsewhere; i++)
            is_elsewhere = input_score(&request->inputs[i], element.member, &score);
        if (!is_elsewhere)
            sorted_set_put(result, element.member, element.score, limits);
    }
    input_walk_end(&walk);
}

static struct value *combine(struct call *call, struct request *request)
{
    struct sorted_set_limits limits = sorted_set_limits_of(call);
    size_t expected = 0;
    if (request->operation == OPERATION_UNION)
        expected = input_count(&request->inputs[request->count - 1]); /* the largest */
    struct value *result = sorted_set_new_index(expected, limits.seed);
    switch (request->operation) {
    case OPERATION_UNION:
        unite(request, result, &limits);
        break;
    case OPERATION_INTERSECTION:
        intersect(request, result, &limits);
        break;
    case OPERATION_DIFFERENCE:
        subtract(request, result, &limits);
        break;
    }
    return result;
}

/* --- replies --- */

static void store_result(struct call *call, const struct request *request, struct value *result)
{
    static const char *const events[] = {"zunionstore", "zinterstore", "zdiffstore"};
    struct sorted_set_limits limits = sorted_set_limits_of(call);
    sorted_set_pack_if_fits(result, &limits);
    stored_result_put(call, call->argv[1], result, sorted_set_count(result), ANNOUNCE_SORTED_SET,
                      events[request->operation]);
}

static void reply_result(struct call *call, const struct request *request, struct value *result)
{
    struct sorted_set_element element;
    struct sorted_set_range range = sorted_set_range_open(result, 0, false);
    reply_open(call->reply, request->has_scores ? REPLY_PAIRS : REPLY_ARRAY,
               sorted_set_count(result));
    while (sorted_set_range_next(&range, &element)) {
        reply_bulk(call->reply, element.member);
        if (request->has_scores)
            reply_real(call->reply, element.score);
    }
    reply_close(call->reply);
    value_release(result);
}

static void answer(struct call *call, struct request request)
{
    int index = request.is_stored ? 2 : 1;
    if (!parse_count(call, index, &request))
        return;
    if (!find_inputs(call, index + 1, &request) ||
        !parse_options(call, index + 1 + (int)request.count, &request)) {
        memory_free(request.inputs);
        return;
    }
    if (request.operation != OPERATION_DIFFERENCE)
        sort_by_size(&request);
    if (request.only_counts)
        reply_integer(call->reply, (int64_t)intersect(&request, NULL, NULL));
    else if (request.is_stored)
        store_result(call, &request, combine(call, &request));
    else
        reply_result(call, &request, combine(call, &request));
    memory_free(request.inputs);
}

static void sorted_set_algebra_zunion(struct call *call)
{
    answer(call, (struct request){.operation = OPERATION_UNION});
}

static void sorted_set_algebra_zinter(struct call *call)
{
    answer(call, (struct request){.operation = OPERATION_INTERSECTION});
}

static void sorted_set_algebra_zintercard(struct call *call)
{
    answer(call, (struct request){.operation = OPERATION_INTERSECTION, .only_counts = true});
}

static void sorted_set_algebra_zdiff(struct call *call)
{
    answer(call, (struct request){.operation = OPERATION_DIFFERENCE});
}

static void sorted_set_algebra_zunionstore(struct call *call)
{
    answer(call, (struct request){.operation = OPERATION_UNION, .is_stored = true});
}

static void sorted_set_algebra_zinterstore(struct call *call)
{
    answer(call, (struct request){.operation = OPERATION_INTERSECTION, .is_stored = true});
}

static void sorted_set_algebra_zdiffstore(struct call *call)
{
    answer(call, (struct request){.operation = OPERATION_DIFFERENCE, .is_stored = true});
}

static const struct command_argument aggregate_arguments[] = {
    {.name = "sum", .type = ARGUMENT_PURE_TOKEN, .token = "SUM"},
    {.name = "min", .type = ARGUMENT_PURE_TOKEN, .token = "MIN"},
    {.name = "max", .type = ARGUMENT_PURE_TOKEN, .token = "MAX"},
    {0},
};

#define INPUTS(key_spec_)                                                                          \
    {.name = "numkeys", .type = ARGUMENT_INTEGER},                                                 \
    {                                                                                              \
        .name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE, .key_spec = (key_spec_)   \
    }
#define DESTINATION                                                                                \
    {                                                                                              \
        .name = "destination", .type = ARGUMENT_KEY                                                \
    }
#define SCORING                                                                                    \
    {.name = "weight",                                                                             \
     .type = ARGUMENT_INTEGER,                                                                     \
     .token = "WEIGHTS",                                                                           \
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},                                              \
    {                                                                                              \
        .name = "aggregate", .type = ARGUMENT_ONEOF, .token = "AGGREGATE",                         \
        .flags = ARGUMENT_OPTIONAL, .arguments = aggregate_arguments                               \
    }
#define WITH_SCORES                                                                                \
    {                                                                                              \
        .name = "withscores", .type = ARGUMENT_PURE_TOKEN, .token = "WITHSCORES",                  \
        .flags = ARGUMENT_OPTIONAL                                                                 \
    }

static const struct command_argument combine_arguments[] = {INPUTS(0), SCORING, WITH_SCORES, {0}};
static const struct command_argument combine_store_arguments[] = {
    DESTINATION, INPUTS(1), SCORING, {0}};
static const struct command_argument zdiff_arguments[] = {INPUTS(0), WITH_SCORES, {0}};
static const struct command_argument zdiffstore_arguments[] = {DESTINATION, INPUTS(1), {0}};
static const struct command_argument zintercard_arguments[] = {
    INPUTS(0),
    {.name = "limit", .type = ARGUMENT_INTEGER, .token = "LIMIT", .flags = ARGUMENT_OPTIONAL},
    {0}};

#define READING                                                                                    \
    .arity = -3, .flags = COMMAND_READONLY, .categories = CATEGORY_SORTED_SET,                     \
    .group = "sorted-set", KEYS_COUNTED(1, KEY_READ_ACCESS)
#define STORING                                                                                    \
    .arity = -4, .flags = COMMAND_WRITE | COMMAND_DENYOOM, .categories = CATEGORY_SORTED_SET,      \
    .group = "sorted-set",                                                                         \
    KEY_SPECS({.flags = KEY_OW | KEY_UPDATE, .begin_position = 1, .step = 1},                      \
              {.flags = KEY_READ_ACCESS,                                                           \
               .begin_position = 2,                                                                \
               .find = KEY_FIND_NUMBER,                                                            \
               .first_key = 1,                                                                     \
               .step = 1})
#define UNION_COST "O(N+M*log(M)) for N elements in all and M in the result"
#define INTERSECTION_COST                                                                          \
    "O(N*K+M*log(M)) for K sets, of which the smallest has N elements, and M in the result"
#define DIFFERENCE_COST "O(N*K+M*log(M)) for K sets, N elements in the first, and M in the result"

const struct command sorted_set_algebra_commands[] = {
    {.name = "ZUNION",
     .since = "6.2.0",
     .summary = "Lists the elements that any of the sets has.",
     .complexity = UNION_COST,
     READING,
     .arguments = combine_arguments,
     .run = sorted_set_algebra_zunion},
    {.name = "ZINTER",
     .since = "6.2.0",
     .summary = "Lists the elements that all sets have.",
     .complexity = INTERSECTION_COST,
     READING,
     .arguments = combine_arguments,
     .run = sorted_set_algebra_zinter},
    {.name = "ZINTERCARD",
     .since = "7.0.0",
     .summary = "Counts the elements that all sets have, up to a limit.",
     .complexity = "O(N*K) for K sets, of which the smallest has N elements",
     READING,
     .arguments = zintercard_arguments,
     .run = sorted_set_algebra_zintercard},
    {.name = "ZDIFF",
     .since = "6.2.0",
     .summary = "Lists the elements of the first set that no other set has.",
     .complexity = DIFFERENCE_COST,
     READING,
     .arguments = zdiff_arguments,
     .run = sorted_set_algebra_zdiff},
    {.name = "ZUNIONSTORE",
     .since = "2.0.0",
     .summary = "Stores the elements that any of the sets has as a sorted set.",
     .complexity = UNION_COST,
     STORING,
     .arguments = combine_store_arguments,
     .run = sorted_set_algebra_zunionstore},
    {.name = "ZINTERSTORE",
     .since = "2.0.0",
     .summary = "Stores the elements that all sets have as a sorted set.",
     .complexity = INTERSECTION_COST,
     STORING,
     .arguments = combine_store_arguments,
     .run = sorted_set_algebra_zinterstore},
    {.name = "ZDIFFSTORE",
     .since = "6.2.0",
     .summary = "Stores the elements of the first set that no other set has as a sorted set.",
     .complexity = DIFFERENCE_COST,
     STORING,
     .arguments = zdiffstore_arguments,
     .run = sorted_set_algebra_zdiffstore},
    {0},
};
