/* SPDX-License-Identifier: MIT */
/*
 * The elements of a sorted set that two arguments enclose: ranks, scores or members. Whatever they
 * are, they come down to a run of ranks.
 *
 *     struct element_span span;
 *     if (!element_span_parse(call, SPAN_BY_SCORE, 2, 3, &span))     // "(1" "+inf"
 *         return;
 *     struct element_run run = element_span_find(&span, zset, false);
 *     sorted_set_remove_range(zset, run.first, run.count);
 */
#ifndef UNDERSTUDY_COMMANDS_ELEMENT_SPAN_H
#define UNDERSTUDY_COMMANDS_ELEMENT_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/call.h"
#include "values/value.h"

enum span_by { SPAN_BY_RANK, SPAN_BY_SCORE, SPAN_BY_MEMBER };

/* One end of a span; which fields count depends on what it goes by. */
struct span_edge {
    int64_t rank; /* negative: from the end */
    double score;
    struct bytes member; /* of argv */
    enum { EDGE_MEMBER, EDGE_LOWEST, EDGE_HIGHEST } member_kind;
    bool is_exclusive;
};

struct element_span {
    enum span_by by;
    struct span_edge low;
    struct span_edge high;
};

/* Ranks, counted upwards. */
struct element_run {
    size_t first;
    size_t count;
};

/* argv[low] and argv[high]. False: they are no span, and the error was answered. */
bool element_span_parse(struct call *call, enum span_by by, int low, int high,
                        struct element_span *span);

/* What the span encloses. Ranks are those of the reversed order when `is_reverse`. */
struct element_run element_span_find(const struct element_span *span, const struct value *set,
                                     bool is_reverse);

/* The part of a run that LIMIT leaves: without the first `offset` elements of its direction, and at
 * most `limit` of them (negative: all). A negative offset leaves nothing. */
struct element_run element_span_limit(struct element_run run, bool is_reverse, int64_t offset,
                                      int64_t limit);

#endif
