/* SPDX-License-Identifier: MIT */
/* Counting and removing what lies between two ranks, scores or members: ZCOUNT, ZLEXCOUNT,
 * ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX. */
#include "commands/element_span.h"
#include "engine/call.h"
#include "values/sorted_set.h"

static void count_elements(struct call *call, enum span_by by)
{
    struct element_span span;
    struct entry *entry;
    if (!element_span_parse(call, by, 2, 3, &span) ||
        !call_find(call, call->argv[1], VALUE_SORTED_SET, ACCESS_READ, &entry))
        return;
    size_t count = entry ? element_span_find(&span, entry_value(entry), false).count : 0;
    reply_integer(call->reply, (int64_t)count);
}

static void sorted_set_spans_zcount(struct call *call)
{
    count_elements(call, SPAN_BY_SCORE);
}

static void sorted_set_spans_zlexcount(struct call *call)
{
    count_elements(call, SPAN_BY_MEMBER);
}

static void remove_elements(struct call *call, enum span_by by, const char *event)
{
    struct bytes key = call->argv[1];
    struct element_span span;
    struct entry *entry;
    if (!element_span_parse(call, by, 2, 3, &span) ||
        !call_find(call, key, VALUE_SORTED_SET, ACCESS_WRITE, &entry))
        return;
    struct element_run run = {0};
    if (entry)
        run = element_span_find(&span, entry_value(entry), false);
    if (run.count > 0) {
        struct value *set = database_own(call->db, entry);
        sorted_set_remove_range(set, run.first, run.count);
        call_announce(call, ANNOUNCE_SORTED_SET, event, key);
        if (sorted_set_count(set) == 0)
            call_delete_emptied(call, key);
    }
    reply_integer(call->reply, (int64_t)run.count);
}

static void sorted_set_spans_zremrangebyrank(struct call *call)
{
    remove_elements(call, SPAN_BY_RANK, "zremrangebyrank");
}

static void sorted_set_spans_zremrangebyscore(struct call *call)
{
    remove_elements(call, SPAN_BY_SCORE, "zremrangebyscore");
}

static void sorted_set_spans_zremrangebylex(struct call *call)
{
    remove_elements(call, SPAN_BY_MEMBER, "zremrangebylex");
}

static const struct command_argument rank_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "start", .type = ARGUMENT_INTEGER},
    {.name = "stop", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument score_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "min", .type = ARGUMENT_DOUBLE},
    {.name = "max", .type = ARGUMENT_DOUBLE},
    {0},
};

static const struct command_argument member_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "min", .type = ARGUMENT_STRING},
    {.name = "max", .type = ARGUMENT_STRING},
    {0},
};

#define COUNTING                                                                                   \
    .arity = 4, .flags = COMMAND_READONLY | COMMAND_FAST, .categories = CATEGORY_SORTED_SET,       \
    .group = "sorted-set", .complexity = "O(log(N)), N being the size of the set",                 \
    KEYS_AT(1, KEY_READ_ACCESS)
#define REMOVING                                                                                   \
    .arity = 4, .flags = COMMAND_WRITE, .categories = CATEGORY_SORTED_SET, .group = "sorted-set",  \
    .complexity = "O(log(N)+M) for M elements removed from a set of size N",                       \
    KEYS_AT(1, KEY_RW | KEY_DELETE)

const struct command sorted_set_spans_commands[] = {
    {.name = "ZCOUNT",
     .since = "2.0.0",
     .summary = "Counts the elements whose scores lie between two.",
     COUNTING,
     .arguments = score_arguments,
     .run = sorted_set_spans_zcount},
    {.name = "ZLEXCOUNT",
     .since = "2.8.9",
     .summary = "Counts the members that lie between two, all scores being the same.",
     COUNTING,
     .arguments = member_arguments,
     .run = sorted_set_spans_zlexcount},
    {.name = "ZREMRANGEBYRANK",
     .since = "2.0.0",
     .summary = "Removes the elements between two ranks.",
     REMOVING,
     .arguments = rank_arguments,
     .run = sorted_set_spans_zremrangebyrank},
    {.name = "ZREMRANGEBYSCORE",
     .since = "1.2.0",
     .summary = "Removes the elements whose scores lie between two.",
     REMOVING,
     .arguments = score_arguments,
     .run = sorted_set_spans_zremrangebyscore},
    {.name = "ZREMRANGEBYLEX",
     .since = "2.8.9",
     .summary = "Removes the members that lie between two, all scores being the same.",
     REMOVING,
     .arguments = member_arguments,
     .run = sorted_set_spans_zremrangebylex},
    {0},
};
