/* SPDX-License-Identifier: MIT */
/* ZRANGE with its older forms, one for each order and way to enclose elements, and ZRANGESTORE. */
#include "commands/element_span.h"
#include "commands/sorted_set_limits.h"
#include "commands/stored_result.h"
#include "engine/call.h"
#include "reply/errors.h"

struct range_request {
    int key; /* argv index; the two ends stand behind it */
    enum span_by by;
    bool is_by_fixed; /* by the command's name: BYSCORE and BYLEX are no options */
    bool is_reverse;
    bool is_direction_fixed; /* likewise: REV is no option, or it was given */
    bool is_stored;          /* ZRANGESTORE: WITHSCORES is no option */
    bool has_scores;
    int64_t offset;
    int64_t limit; /* negative: none */
};

/* LIMIT and two numbers. False: the error was answered. */
static bool parse_limit(struct call *call, int index, struct range_request *request)
{
    return call_integer(call, index + 1, &request->offset, NULL) &&
           call_integer(call, index + 2, &request->limit, NULL);
}

/* One option, `index` moved to its last argument. False: the error was answered. */
static bool parse_option(struct call *call, int *index, struct range_request *request)
{
    if (!request->is_stored && call_is(call, *index, "WITHSCORES")) {
        request->has_scores = true;
    } else if (call_is(call, *index, "LIMIT") && *index + 2 < call->argc) {
        if (!parse_limit(call, *index, request))
            return false;
        *index += 2;
    } else if (!request->is_direction_fixed && call_is(call, *index, "REV")) {
        request->is_reverse = request->is_direction_fixed = true;
    } else if (!request->is_by_fixed && call_is(call, *index, "BYLEX")) {
        request->by = SPAN_BY_MEMBER;
        request->is_by_fixed = true;
    } else if (!request->is_by_fixed && call_is(call, *index, "BYSCORE")) {
        request->by = SPAN_BY_SCORE;
        request->is_by_fixed = true;
    } else {
        call_syntax_error(call);
        return false;
    }
    return true;
}

static bool parse_request(struct call *call, struct range_request *request,
                          struct element_span *span)
{
    request->limit = -1;
    for (int i = request->key + 3; i < call->argc; i++)
        if (!parse_option(call, &i, request))
            return false;
    if (request->limit != -1 && request->by == SPAN_BY_RANK) {
        reply_error(call->reply, ERROR_ZRANGE_LIMIT);
        return false;
    }
    if (request->has_scores && request->by == SPAN_BY_MEMBER) {
        reply_error(call->reply, ERROR_ZRANGE_LEX_SCORES);
        return false;
    }
    /* The greater end comes first when the order is reversed; ranks are those of that order. */
    bool is_swapped = request->is_reverse && request->by != SPAN_BY_RANK;
    return element_span_parse(call, request->by, request->key + 1 + is_swapped,
                              request->key + 2 - is_swapped, span);
}

static struct element_run find_run(const struct range_request *request,
                                   const struct element_span *span, const struct value *set)
{
    struct element_run run = element_span_find(span, set, request->is_reverse);
    if (request->by == SPAN_BY_RANK)
        return run;
    return element_span_limit(run, request->is_reverse, request->offset, request->limit);
}

static struct sorted_set_range open_run(const struct range_request *request,
                                        const struct value *set, struct element_run run)
{
    size_t start = request->is_reverse && run.count ? run.first + run.count - 1 : run.first;
    return sorted_set_range_open(set, start, request->is_reverse);
}

static void reply_run(struct call *call, const struct range_request *request,
                      const struct value *set, struct element_run run)
{
    struct sorted_set_element element;
    struct sorted_set_range range = open_run(request, set, run);
    reply_open(call->reply, request->has_scores ? REPLY_PAIRS : REPLY_ARRAY, run.count);
    for (; run.count > 0 && sorted_set_range_next(&range, &element); run.count--) {
        reply_bulk(call->reply, element.member);
        if (request->has_scores)
            reply_real(call->reply, element.score);
    }
    reply_close(call->reply);
}

static void store_run(struct call *call, const struct range_request *request,
                      const struct value *set, struct element_run run)
{
    struct sorted_set_limits limits = sorted_set_limits_of(call);
    /* Redis counts beforehand by rank alone, and else starts with a listpack, where -0 becomes 0.
     */
    size_t expected = request->by == SPAN_BY_RANK ? run.count : 0;
    struct value *stored = sorted_set_new_for(expected, 0, &limits);
    struct sorted_set_element element;
    struct sorted_set_range range = open_run(request, set, run);
    for (size_t left = run.count; left > 0 && sorted_set_range_next(&range, &element); left--)
        sorted_set_put(stored, element.member, element.score, &limits);
    stored_result_put(call, call->argv[1], stored, run.count, ANNOUNCE_SORTED_SET, "zrangestore");
}

static void answer(struct call *call, struct range_request request)
{
    struct element_span span;
    struct entry *entry;
    if (!parse_request(call, &request, &span) ||
        !call_find(call, call->argv[request.key], VALUE_SORTED_SET, ACCESS_READ, &entry))
        return;
    if (!entry) {
        if (request.is_stored)
            stored_result_put(call, call->argv[1], NULL, 0, ANNOUNCE_SORTED_SET, "zrangestore");
        else
            reply_empty(call->reply, REPLY_ARRAY);
        return;
    }
    const struct value *set = entry_value(entry);
    struct element_run run = find_run(&request, &span, set);
    if (request.is_stored)
        store_run(call, &request, set, run);
    else
        reply_run(call, &request, set, run);
}

/* A form whose name says order and way. */
static void answer_fixed(struct call *call, enum span_by by, bool is_reverse)
{
    answer(call, (struct range_request){.key = 1,
                                        .by = by,
                                        .is_by_fixed = true,
                                        .is_reverse = is_reverse,
                                        .is_direction_fixed = true});
}

static void sorted_set_ranges_zrange(struct call *call)
{
    answer(call, (struct range_request){.key = 1});
}

static void sorted_set_ranges_zrangestore(struct call *call)
{
    answer(call, (struct range_request){.key = 2, .is_stored = true});
}

static void sorted_set_ranges_zrevrange(struct call *call)
{
    answer_fixed(call, SPAN_BY_RANK, true);
}

static void sorted_set_ranges_zrangebyscore(struct call *call)
{
    answer_fixed(call, SPAN_BY_SCORE, false);
}

static void sorted_set_ranges_zrevrangebyscore(struct call *call)
{
    answer_fixed(call, SPAN_BY_SCORE, true);
}

static void sorted_set_ranges_zrangebylex(struct call *call)
{
    answer_fixed(call, SPAN_BY_MEMBER, false);
}

static void sorted_set_ranges_zrevrangebylex(struct call *call)
{
    answer_fixed(call, SPAN_BY_MEMBER, true);
}

static const struct command_argument sortby_arguments[] = {
    {.name = "byscore", .type = ARGUMENT_PURE_TOKEN, .token = "BYSCORE"},
    {.name = "bylex", .type = ARGUMENT_PURE_TOKEN, .token = "BYLEX"},
    {0},
};

static const struct command_argument limit_arguments[] = {
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {.name = "count", .type = ARGUMENT_INTEGER},
    {0},
};

/* `since_` is NULL where the options are as old as the command. */
#define RANGE_OPTIONS(since_)                                                                      \
    {.name = "sortby",                                                                             \
     .type = ARGUMENT_ONEOF,                                                                       \
     .flags = ARGUMENT_OPTIONAL,                                                                   \
     .since = (since_),                                                                            \
     .arguments = sortby_arguments},                                                               \
        {.name = "rev",                                                                            \
         .type = ARGUMENT_PURE_TOKEN,                                                              \
         .token = "REV",                                                                           \
         .flags = ARGUMENT_OPTIONAL,                                                               \
         .since = (since_)},                                                                       \
        RANGE_LIMIT(since_)
#define RANGE_LIMIT(since_)                                                                        \
    {                                                                                              \
        .name = "offset_count", .type = ARGUMENT_BLOCK, .token = "LIMIT",                          \
        .flags = ARGUMENT_OPTIONAL, .since = (since_), .arguments = limit_arguments                \
    }
#define RANGE_SCORES(since_)                                                                       \
    {                                                                                              \
        .name = "withscores", .type = ARGUMENT_PURE_TOKEN, .token = "WITHSCORES",                  \
        .flags = ARGUMENT_OPTIONAL, .since = (since_)                                              \
    }
#define RANGE_ENDS(type_, first_, second_)                                                         \
    {.name = "key", .type = ARGUMENT_KEY}, {.name = (first_), .type = (type_)},                    \
    {                                                                                              \
        .name = (second_), .type = (type_)                                                         \
    }

static const struct command_argument zrange_arguments[] = {
    RANGE_ENDS(ARGUMENT_STRING, "start", "stop"),
    RANGE_OPTIONS("6.2.0"),
    RANGE_SCORES(NULL),
    {0},
};

static const struct command_argument zrangestore_arguments[] = {
    {.name = "dst", .type = ARGUMENT_KEY},
    {.name = "src", .type = ARGUMENT_KEY, .key_spec = 1},
    {.name = "min", .type = ARGUMENT_STRING},
    {.name = "max", .type = ARGUMENT_STRING},
    RANGE_OPTIONS(NULL),
    {0},
};

static const struct command_argument zrevrange_arguments[] = {
    RANGE_ENDS(ARGUMENT_INTEGER, "start", "stop"),
    RANGE_SCORES(NULL),
    {0},
};

static const struct command_argument zrangebyscore_arguments[] = {
    RANGE_ENDS(ARGUMENT_DOUBLE, "min", "max"),
    RANGE_SCORES("2.0.0"),
    RANGE_LIMIT(NULL),
    {0},
};

static const struct command_argument zrevrangebyscore_arguments[] = {
    RANGE_ENDS(ARGUMENT_DOUBLE, "max", "min"),
    RANGE_SCORES(NULL),
    RANGE_LIMIT(NULL),
    {0},
};

static const struct command_argument zrangebylex_arguments[] = {
    RANGE_ENDS(ARGUMENT_STRING, "min", "max"),
    RANGE_LIMIT(NULL),
    {0},
};

static const struct command_argument zrevrangebylex_arguments[] = {
    RANGE_ENDS(ARGUMENT_STRING, "max", "min"),
    RANGE_LIMIT(NULL),
    {0},
};

#define RANGE_ROW                                                                                  \
    .arity = -4, .flags = COMMAND_READONLY, .categories = CATEGORY_SORTED_SET,                     \
    .group = "sorted-set", .complexity = "O(log(N)+M) for M elements of a set of size N",          \
    KEYS_AT(1, KEY_READ_ACCESS)

const struct command sorted_set_ranges_commands[] = {
    {.name = "ZRANGE",
     .since = "1.2.0",
     .summary = "Lists the elements between two ranks, scores or members, upwards or downwards.",
     RANGE_ROW,
     .arguments = zrange_arguments,
     .run = sorted_set_ranges_zrange},
    {.name = "ZREVRANGE",
     .since = "1.2.0",
     .summary = "Lists the elements between two ranks, downwards.",
     RANGE_ROW,
     .arguments = zrevrange_arguments,
     .run = sorted_set_ranges_zrevrange,
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE key start stop REV`"},
    {.name = "ZRANGEBYSCORE",
     .since = "1.0.5",
     .summary = "Lists the elements between two scores.",
     RANGE_ROW,
     .arguments = zrangebyscore_arguments,
     .run = sorted_set_ranges_zrangebyscore,
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE key min max BYSCORE`"},
    {.name = "ZREVRANGEBYSCORE",
     .since = "2.2.0",
     .summary = "Lists the elements between two scores, downwards.",
     RANGE_ROW,
     .arguments = zrevrangebyscore_arguments,
     .run = sorted_set_ranges_zrevrangebyscore,
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE key max min BYSCORE REV`"},
    {.name = "ZRANGEBYLEX",
     .since = "2.8.9",
     .summary = "Lists the members that lie between two, all scores being the same.",
     RANGE_ROW,
     .arguments = zrangebylex_arguments,
     .run = sorted_set_ranges_zrangebylex,
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE key min max BYLEX`"},
    {.name = "ZREVRANGEBYLEX",
     .since = "2.8.9",
     .summary = "Lists the members that lie between two, downwards, all scores being the same.",
     RANGE_ROW,
     .arguments = zrevrangebylex_arguments,
     .run = sorted_set_ranges_zrevrangebylex,
     .deprecated_since = "6.2.0",
     .replaced_by = "`ZRANGE key max min BYLEX REV`"},
    {.name = "ZRANGESTORE",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_SORTED_SET,
     .since = "6.2.0",
     .group = "sorted-set",
     .summary = "Stores the elements between two ranks, scores or members as a sorted set.",
     .complexity = "O(log(N)+M) for M elements of a set of size N",
     KEY_SPECS({.flags = KEY_OW | KEY_UPDATE, .begin_position = 1, .step = 1},
               {.flags = KEY_READ_ACCESS, .begin_position = 2, .step = 1}),
     .arguments = zrangestore_arguments,
     .run = sorted_set_ranges_zrangestore},
    {0},
};
