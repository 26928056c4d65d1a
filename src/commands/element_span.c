/* SPDX-License-Identifier: MIT */
#include "commands/element_span.h"

#include "base/number.h"
#include "reply/errors.h"
#include "values/sorted_set.h"

/* What strtod takes of a C string: Redis ends at a NUL, skips blanks, takes "" for 0 and what is
 * too great for infinite. */
static bool parse_loosely(struct bytes text, double *score)
{
    long double wide;
    const char *nul = text.size ? memchr(text.data, '\0', text.size) : NULL;
    if (nul)
        text.size = (size_t)(nul - text.data);
    *score = 0;
    if (text.size == 0)
        return true;
    while (text.size && (*text.data == ' ' || (*text.data >= '\t' && *text.data <= '\r'))) {
        text.data++;
        text.size--;
    }
    if (number_parse_double(text, score))
        return true;
    if (!number_parse_long_double(text, &wide))
        return false;
    *score = (double)wide;
    return true;
}

static bool parse_score(struct bytes text, struct span_edge *edge)
{
    edge->is_exclusive = text.size && *text.data == '(';
    if (edge->is_exclusive)
        text = bytes_of(text.data + 1, text.size - 1);
    return parse_loosely(text, &edge->score);
}

static bool parse_member(struct bytes text, struct span_edge *edge)
{
    char first = '\0';
    if (text.size)
        first = *text.data;
    bool is_alone = text.size == 1 || (text.size > 1 && text.data[1] == '\0');
    edge->member_kind = EDGE_MEMBER;
    edge->is_exclusive = first == '(';
    if (first == '(' || first == '[')
        edge->member = bytes_of(text.data + 1, text.size - 1);
    else if (first == '-' && is_alone)
        edge->member_kind = EDGE_LOWEST;
    else if (first == '+' && is_alone)
        edge->member_kind = EDGE_HIGHEST;
    else
        return false;
    return true;
}

bool element_span_parse(struct call *call, enum span_by by, int low, int high,
                        struct element_span *span)
{
    *span = (struct element_span){.by = by};
    if (by == SPAN_BY_RANK)
        return call_integer(call, low, &span->low.rank, NULL) &&
               call_integer(call, high, &span->high.rank, NULL);
    bool (*parse)(struct bytes text, struct span_edge * edge) =
        by == SPAN_BY_SCORE ? parse_score : parse_member;
    if (parse(call->argv[low], &span->low) && parse(call->argv[high], &span->high))
        return true;
    reply_error(call->reply, by == SPAN_BY_SCORE ? ERROR_SCORE_RANGE : ERROR_LEX_RANGE);
    return false;
}

/* Both ends are within, unlike first and count. */
static struct element_run find_ranks(const struct element_span *span, size_t size, bool is_reverse)
{
    int64_t count = (int64_t)size;
    int64_t first = span->low.rank < 0 ? span->low.rank + count : span->low.rank;
    int64_t last = span->high.rank < 0 ? span->high.rank + count : span->high.rank;
    if (first < 0)
        first = 0;
    if (last >= count)
        last = count - 1;
    if (first > last)
        return (struct element_run){0};
    return (struct element_run){.first = (size_t)(is_reverse ? count - 1 - last : first),
                                .count = (size_t)(last - first + 1)};
}

/* How many elements come before the edge; those equal to it do when `with_equal`. */
static size_t count_before(const struct element_span *span, const struct span_edge *edge,
                           const struct value *set, bool with_equal)
{
    if (span->by == SPAN_BY_SCORE)
        return sorted_set_count_below(set, edge->score, with_equal);
    if (edge->member_kind == EDGE_MEMBER)
        return sorted_set_count_before(set, edge->member, with_equal);
    return edge->member_kind == EDGE_LOWEST ? 0 : sorted_set_count(set);
}

struct element_run element_span_find(const struct element_span *span, const struct value *set,
                                     bool is_reverse)
{
    if (span->by == SPAN_BY_RANK)
        return find_ranks(span, sorted_set_count(set), is_reverse);
    size_t first = count_before(span, &span->low, set, span->low.is_exclusive);
    size_t end = count_before(span, &span->high, set, !span->high.is_exclusive);
    return (struct element_run){.first = first, .count = end > first ? end - first : 0};
}

struct element_run element_span_limit(struct element_run run, bool is_reverse, int64_t offset,
                                      int64_t limit)
{
    if (offset < 0 || (uint64_t)offset >= run.count)
        return (struct element_run){0};
    size_t kept = run.count - (size_t)offset;
    if (limit >= 0 && (uint64_t)limit < kept)
        kept = (size_t)limit;
    size_t skipped = is_reverse ? run.count - (size_t)offset - kept : (size_t)offset;
    return (struct element_run){.first = run.first + skipped, .count = kept};
}
