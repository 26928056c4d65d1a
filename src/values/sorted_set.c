/* SPDX-License-Identifier: MIT */
/*
 * Invariant: in the index, table and tree hold the same elements; an element's score changes only while
 * it is out of the tree. In the pack, members stand in order, each followed by its score as text.
 */
#include "values/sorted_set.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "values/listpack.h"

struct sorted_set_index {
    struct table table; /* of struct element, owned */
    struct order_tree tree;
};

struct element {
    double score;
    uint32_t size;
    char member[];
};

static struct bytes member_of(const void *entry)
{
    const struct element *element = entry;
    return bytes_of(element->member, element->size);
}

static const struct table_class element_class = {.key_of = member_of};

static int compare_elements(const void *a, const void *b)
{
    const struct element *x = a;
    const struct element *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return bytes_compare(member_of(x), member_of(y));
}

static struct element *element_new(struct bytes member, double score)
{
    CHECK(member.size <= UINT32_MAX);
    struct element *element = memory_allocate(sizeof *element + member.size);
    element->score = score;
    element->size = (uint32_t)member.size;
    if (member.size)
        memcpy(element->member, member.data, member.size);
    return element;
}

static void free_element(void *entry, void *context)
{
    (void)context;
    memory_free(entry);
}

static struct sorted_set *set_of(const struct value *value)
{
    return (struct sorted_set *)value;
}

static bool is_packed(const struct value *value)
{
    return value->encoding == ENCODING_LISTPACK;
}

static struct sorted_set_index *index_new(size_t expected, uint64_t seed)
{
    struct sorted_set_index *index = memory_allocate(sizeof *index);
    table_init(&index->table, &element_class, seed);
    table_reserve(&index->table, expected);
    order_tree_init(&index->tree, compare_elements);
    return index;
}

static void index_free(struct sorted_set_index *index)
{
    order_tree_clear(&index->tree);
    table_clear(&index->table, free_element, NULL);
    memory_free(index);
}

static struct sorted_set *set_allocate(enum value_encoding encoding)
{
    struct sorted_set *set = memory_zeroed(sizeof *set);
    value_init(&set->head, VALUE_SORTED_SET, encoding);
    return set;
}

struct value *sorted_set_new(void)
{
    return sorted_set_from_pack(listpack_new());
}

struct value *sorted_set_new_for(size_t expected, size_t longest,
                                 const struct sorted_set_limits *limits)
{
    if (expected <= limits->entries && longest <= limits->text)
        return sorted_set_new();
    struct sorted_set *set = set_allocate(ENCODING_SKIPLIST);
    set->index = index_new(expected, limits->seed);
    return &set->head;
}

struct value *sorted_set_from_pack(unsigned char *pack)
{
    struct sorted_set *set = set_allocate(ENCODING_LISTPACK);
    set->pack = pack;
    return &set->head;
}

size_t sorted_set_count(const struct value *value)
{
    const struct sorted_set *set = set_of(value);
    return is_packed(value) ? listpack_count(set->pack) / 2 : table_count(&set->index->table);
}

/* --- the pack --- */

static double pack_score(const unsigned char *entry)
{
    struct bytes text;
    int64_t integer;
    double score = 0;
    if (listpack_read(entry, &text, &integer))
        return (double)integer;
    CHECK(number_parse_double(text, &score));
    return score;
}

static void pack_read(const unsigned char *entry, struct sorted_set_element *element)
{
    element->member = listpack_get(entry, element->digits);
    element->score = pack_score(listpack_next(entry));
}

/* Whether the pair at `entry` comes before this one. */
static bool pack_is_before(const unsigned char *entry, struct bytes member, double score)
{
    struct sorted_set_element element;
    pack_read(entry, &element);
    if (element.score != score)
        return element.score < score;
    return bytes_compare(element.member, member) < 0;
}

/* Redis keeps whole scores in a pack as integers, so a score of -0 comes back as 0. */
static unsigned char *pack_put_score(unsigned char **pack, unsigned char *before, double score)
{
    if (fabs(score) <= (double)(INT64_MAX / 2) && score == (double)(int64_t)score)
        return listpack_insert_integer_before(pack, before, (int64_t)score);
    char text[NUMBER_DOUBLE_SIZE];
    size_t size = number_format_double(text, score, NUMBER_DOUBLE_17);
    return listpack_insert_before(pack, before, bytes_of(text, size));
}

static void pack_insert(unsigned char **pack, struct bytes member, double score)
{
    unsigned char *entry = listpack_first(*pack);
    /* Ascending insertion is common: look at the end first. */
    unsigned char *last_score = listpack_last(*pack);
    if (last_score && pack_is_before(listpack_previous(*pack, last_score), member, score))
        entry = NULL;
    while (entry && pack_is_before(entry, member, score))
        entry = listpack_next(listpack_next(entry));
    entry = pack_put_score(pack, entry, score);
    listpack_insert_before(pack, entry, member);
}

static unsigned char *pack_find(const struct sorted_set *set, struct bytes member)
{
    return listpack_find(listpack_first(set->pack), member, 1);
}

/* --- from one to the other --- */

static void index_add(struct sorted_set_index *index, struct bytes member, double score)
{
    struct element *element = element_new(member, score);
    table_insert(&index->table, element);
    order_tree_insert(&index->tree, element);
}

static void make_index(struct sorted_set *set, size_t expected, uint64_t seed)
{
    struct sorted_set_index *index = index_new(expected, seed);
    struct sorted_set_element element;
    for (const unsigned char *entry = listpack_first(set->pack); entry;
         entry = listpack_next(listpack_next(entry))) {
        pack_read(entry, &element);
        index_add(index, element.member, element.score);
    }
    listpack_free(set->pack);
    set->index = index;
    set->head.encoding = ENCODING_SKIPLIST;
}

void sorted_set_make_index(struct value *value, uint64_t seed)
{
    if (is_packed(value))
        make_index(set_of(value), sorted_set_count(value), seed);
}

void sorted_set_pack_if_fits(struct value *value, const struct sorted_set_limits *limits)
{
    if (is_packed(value) || sorted_set_count(value) > limits->entries)
        return;
    struct sorted_set_range range = sorted_set_range_open(value, 0, false);
    struct sorted_set_element element;
    size_t bytes = 0;
    while (sorted_set_range_next(&range, &element)) {
        bytes += element.member.size + NUMBER_DOUBLE_SIZE + 2 * LISTPACK_ENTRY_OVERHEAD;
        if (element.member.size > limits->text || bytes > LISTPACK_SAFE_SIZE)
            return;
    }
    unsigned char *pack = listpack_new();
    range = sorted_set_range_open(value, 0, false);
    while (sorted_set_range_next(&range, &element)) {
        listpack_append(&pack, element.member);
        pack_put_score(&pack, NULL, element.score);
    }
    struct sorted_set *set = set_of(value);
    index_free(set->index);
    set->pack = pack;
    value->encoding = ENCODING_LISTPACK;
}

/* --- members --- */

bool sorted_set_score(const struct value *value, struct bytes member, double *score)
{
    const struct sorted_set *set = set_of(value);
    if (is_packed(value)) {
        const unsigned char *entry = pack_find(set, member);
        if (entry)
            *score = pack_score(listpack_next(entry));
        return entry != NULL;
    }
    const struct element *element = table_find(&set->index->table, member);
    if (element)
        *score = element->score;
    return element != NULL;
}

bool sorted_set_rank(const struct value *value, struct bytes member, size_t *rank, double *score)
{
    const struct sorted_set *set = set_of(value);
    if (is_packed(value)) {
        const unsigned char *entry = listpack_first(set->pack);
        for (*rank = 0; entry; ++*rank, entry = listpack_next(listpack_next(entry))) {
            if (!listpack_equals(entry, member))
                continue;
            *score = pack_score(listpack_next(entry));
            return true;
        }
        return false;
    }
    const struct element *element = table_find(&set->index->table, member);
    if (!element)
        return false;
    *score = element->score;
    *rank = order_tree_rank(&set->index->tree, element);
    return true;
}

static bool put_in_pack(struct sorted_set *set, struct bytes member, double score,
                        const struct sorted_set_limits *limits)
{
    unsigned char *entry = pack_find(set, member);
    if (entry) {
        if (pack_score(listpack_next(entry)) != score) {
            listpack_delete(&set->pack, entry, 2);
            pack_insert(&set->pack, member, score);
        }
        return false;
    }
    size_t count = listpack_count(set->pack) / 2;
    size_t added = member.size + NUMBER_DOUBLE_SIZE + 2 * LISTPACK_ENTRY_OVERHEAD;
    if (count + 1 > limits->entries || member.size > limits->text ||
        listpack_size(set->pack) + added > LISTPACK_SAFE_SIZE) {
        make_index(set, count + 1, limits->seed);
        index_add(set->index, member, score);
    } else {
        pack_insert(&set->pack, member, score);
    }
    return true;
}

bool sorted_set_put(struct value *value, struct bytes member, double score,
                    const struct sorted_set_limits *limits)
{
    struct sorted_set *set = set_of(value);
    CHECK(!isnan(score));
    if (is_packed(value))
        return put_in_pack(set, member, score, limits);
    struct table_position position;
    struct element *element =
        table_find_or_position(&set->index->table, member, &position);
    if (!element) {
        element = element_new(member, score);
        table_insert_at(&set->index->table, position, element);
        order_tree_insert(&set->index->tree, element);
        return true;
    }
    if (element->score != score) {
        order_tree_remove(&set->index->tree, element);
        element->score = score;
        order_tree_insert(&set->index->tree, element);
    }
    return false;
}

bool sorted_set_remove(struct value *value, struct bytes member)
{
    struct sorted_set *set = set_of(value);
    if (is_packed(value)) {
        unsigned char *entry = pack_find(set, member);
        if (entry)
            listpack_delete(&set->pack, entry, 2);
        return entry != NULL;
    }
    struct element *element = table_remove(&set->index->table, member);
    if (!element)
        return false;
    order_tree_remove(&set->index->tree, element);
    memory_free(element);
    return true;
}

void sorted_set_remove_range(struct value *value, size_t rank, size_t count)
{
    struct sorted_set *set = set_of(value);
    if (is_packed(value)) {
        if (count)
            listpack_delete_range(&set->pack, (int64_t)rank * 2, count * 2);
        return;
    }
    for (; count > 0; count--) {
        struct element *element =
            order_position_element(order_tree_seek(&set->index->tree, rank));
        order_tree_remove(&set->index->tree, element);
        table_remove(&set->index->table, member_of(element));
        memory_free(element);
    }
}

/* --- ranges --- */

struct score_bound {
    double score;
    bool inclusive;
};

static bool score_is_below(double score, const struct score_bound *bound)
{
    return bound->inclusive ? score <= bound->score : score < bound->score;
}

static bool element_is_below(const void *element, const void *bound)
{
    return score_is_below(((const struct element *)element)->score, bound);
}

size_t sorted_set_count_below(const struct value *value, double score, bool inclusive)
{
    const struct sorted_set *set = set_of(value);
    struct score_bound bound = {score, inclusive};
    if (!is_packed(value))
        return order_tree_count_before(&set->index->tree, element_is_below, &bound);
    size_t count = 0;
    const unsigned char *entry = listpack_first(set->pack);
    for (; entry && score_is_below(pack_score(listpack_next(entry)), &bound); count++)
        entry = listpack_next(listpack_next(entry));
    return count;
}

struct member_bound {
    struct bytes member;
    bool inclusive;
};

static bool member_is_before(struct bytes member, const struct member_bound *bound)
{
    int order = bytes_compare(member, bound->member);
    return order < 0 || (order == 0 && bound->inclusive);
}

static bool element_is_before(const void *element, const void *bound)
{
    return member_is_before(member_of(element), bound);
}

size_t sorted_set_count_before(const struct value *value, struct bytes member, bool inclusive)
{
    const struct sorted_set *set = set_of(value);
    struct member_bound bound = {member, inclusive};
    if (!is_packed(value))
        return order_tree_count_before(&set->index->tree, element_is_before, &bound);
    size_t count = 0;
    const unsigned char *entry = listpack_first(set->pack);
    struct sorted_set_element element;
    for (; entry; count++, entry = listpack_next(listpack_next(entry))) {
        pack_read(entry, &element);
        if (!member_is_before(element.member, &bound))
            break;
    }
    return count;
}

struct sorted_set_range sorted_set_range_open(const struct value *value, size_t rank,
                                              bool is_reverse)
{
    struct sorted_set_range range = {.set = set_of(value), .is_reverse = is_reverse};
    if (rank >= sorted_set_count(value))
        return range;
    if (is_packed(value))
        range.entry = listpack_seek(range.set->pack, (int64_t)rank * 2);
    else
        range.position = order_tree_seek(&range.set->index->tree, rank);
    return range;
}

static const unsigned char *pack_step(const struct sorted_set_range *range)
{
    if (!range->is_reverse)
        return listpack_next(listpack_next(range->entry));
    const unsigned char *score = listpack_previous(range->set->pack, range->entry);
    return score ? listpack_previous(range->set->pack, score) : NULL;
}

bool sorted_set_range_next(struct sorted_set_range *range, struct sorted_set_element *element)
{
    if (is_packed(&range->set->head)) {
        if (!range->entry)
            return false;
        pack_read(range->entry, element);
        range->entry = pack_step(range);
        return true;
    }
    const struct element *found = order_position_element(range->position);
    if (!found)
        return false;
    element->member = member_of(found);
    element->score = found->score;
    range->position = range->is_reverse ? order_position_previous(range->position)
                                        : order_position_next(range->position);
    return true;
}

void sorted_set_at(const struct value *value, size_t rank, struct sorted_set_element *element)
{
    struct sorted_set_range range = sorted_set_range_open(value, rank, false);
    CHECK(sorted_set_range_next(&range, element));
}

struct scan_visit {
    void (*visit)(const struct sorted_set_element *element, void *context);
    void *context;
};

static void visit_element(void *entry, void *context)
{
    const struct scan_visit *scan = context;
    struct sorted_set_element element = {.member = member_of(entry),
                                         .score = ((struct element *)entry)->score};
    scan->visit(&element, scan->context);
}

uint64_t sorted_set_scan(const struct value *value, uint64_t cursor,
                         void (*visit)(const struct sorted_set_element *element, void *context),
                         void *context)
{
    struct scan_visit scan = {visit, context};
    if (!is_packed(value))
        return table_scan(&set_of(value)->index->table, cursor, visit_element, &scan);
    struct sorted_set_range range = sorted_set_range_open(value, 0, false);
    struct sorted_set_element element;
    while (sorted_set_range_next(&range, &element))
        visit(&element, context);
    return 0;
}

/* --- value class --- */

void sorted_set_free(struct value *value)
{
    struct sorted_set *set = set_of(value);
    if (is_packed(value))
        listpack_free(set->pack);
    else
        index_free(set->index);
    memory_free(set);
}

struct value *sorted_set_clone(const struct value *value)
{
    const struct sorted_set *set = set_of(value);
    if (is_packed(value))
        return sorted_set_from_pack(listpack_clone(set->pack));
    struct sorted_set *clone = set_allocate(ENCODING_SKIPLIST);
    clone->index = index_new(sorted_set_count(value), set->index->table.seed);
    struct sorted_set_range range = sorted_set_range_open(value, 0, false);
    struct sorted_set_element element;
    while (sorted_set_range_next(&range, &element))
        index_add(clone->index, element.member, element.score);
    return &clone->head;
}

size_t sorted_set_memory(const struct value *value, size_t samples)
{
    const struct sorted_set *set = set_of(value);
    if (is_packed(value))
        return sizeof *set + listpack_memory(set->pack);
    size_t count = sorted_set_count(value);
    size_t seen = 0;
    size_t bytes = 0;
    struct order_position position = order_tree_seek(&set->index->tree, 0);
    void *element;
    while ((samples == 0 || seen < samples) && (element = order_position_element(position))) {
        bytes += memory_usable_size(element);
        position = order_position_next(position);
        seen++;
    }
    if (seen)
        bytes = (size_t)((double)bytes / (double)seen * (double)count);
    return sizeof *set + sizeof *set->index + table_memory(&set->index->table) +
           order_tree_memory(&set->index->tree) + bytes;
}
