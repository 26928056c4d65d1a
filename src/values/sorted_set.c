/* SPDX-License-Identifier: MIT */
/*
 * Invariant: in the index, table and tree hold the same elements; an element's score changes only
 * while it is out of the tree. In the pack, members stand in order, each followed by its score as
 * text.
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

/* A byte of size is enough for most members; a longer one has its size in front of its text. */
struct element {
    double score;
    uint8_t size; /* LONG_MEMBER: see above */
    char member[];
};

#define LONG_MEMBER UINT8_MAX

static struct bytes member_of(const void *entry)
{
    const struct element *element = entry;
    if (element->size != LONG_MEMBER)
        return bytes_of(element->member, element->size);
    uint32_t size;
    memcpy(&size, element->member, sizeof size);
    return bytes_of(element->member + sizeof size, size);
}

static const struct table_class element_class = {.key_of = member_of};

static int compare_members(const void *a, const void *b)
{
    return bytes_compare(member_of(a), member_of(b));
}

static struct element *element_new(struct bytes member, double score)
{
    CHECK(member.size <= UINT32_MAX);
    uint32_t size = (uint32_t)member.size;
    bool is_long = size >= LONG_MEMBER;
    size_t text = is_long ? sizeof size : 0; /* where it begins */
    struct element *element = memory_allocate(offsetof(struct element, member) + text + size);
    element->score = score;
    element->size = is_long ? LONG_MEMBER : (uint8_t)size;
    if (is_long)
        memcpy(element->member, &size, sizeof size);
    if (size)
        memcpy(element->member + text, member.data, size);
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
    order_tree_init(&index->tree, compare_members);
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
    return sorted_set_new_index(expected, limits->seed);
}

struct value *sorted_set_new_index(size_t expected, uint64_t seed)
{
    struct sorted_set *set = set_allocate(ENCODING_SKIPLIST);
    set->index = index_new(expected, seed);
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
static bool is_whole(double score, int64_t *integer)
{
    if (!(fabs(score) <= (double)(INT64_MAX / 2)))
        return false;
    *integer = (int64_t)score;
    return score == (double)*integer;
}

static unsigned char *pack_put_score(unsigned char **pack, unsigned char *before, double score,
                                     enum number_double_style style)
{
    int64_t integer;
    if (is_whole(score, &integer))
        return listpack_insert_integer_before(pack, before, integer);
    char text[NUMBER_DOUBLE_SIZE];
    size_t size = number_format_double(text, score, style);
    return listpack_insert_before(pack, before, bytes_of(text, size));
}

size_t sorted_set_format_packed(char out[NUMBER_DOUBLE_SIZE], double score,
                                enum number_double_style style)
{
    int64_t integer;
    if (!is_whole(score, &integer))
        return number_format_double(out, score, style);
    size_t size = number_format_integer(out, integer);
    out[size] = '\0';
    return size;
}

static void pack_insert(unsigned char **pack, struct bytes member, double score,
                        enum number_double_style style)
{
    unsigned char *entry = listpack_first(*pack);
    /* Ascending insertion is common: look at the end first. */
    unsigned char *last_score = listpack_last(*pack);
    if (last_score && pack_is_before(listpack_previous(*pack, last_score), member, score))
        entry = NULL;
    while (entry && pack_is_before(entry, member, score))
        entry = listpack_next(listpack_next(entry));
    entry = pack_put_score(pack, entry, score, style);
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
    order_tree_insert_scored(&index->tree, score, element);
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
        pack_put_score(&pack, NULL, element.score, limits->style);
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
    *rank = order_tree_rank_scored(&set->index->tree, element->score, element);
    return true;
}

static enum sorted_set_change put_in_pack(struct sorted_set *set, struct bytes member, double score,
                                          const struct sorted_set_limits *limits)
{
    unsigned char *entry = pack_find(set, member);
    if (entry) {
        if (pack_score(listpack_next(entry)) == score)
            return SORTED_SET_KEPT;
        listpack_delete(&set->pack, entry, 2);
        pack_insert(&set->pack, member, score, limits->style);
        return SORTED_SET_MOVED;
    }
    size_t count = listpack_count(set->pack) / 2;
    size_t added = member.size + NUMBER_DOUBLE_SIZE + 2 * LISTPACK_ENTRY_OVERHEAD;
    if (count + 1 > limits->entries || member.size > limits->text ||
        listpack_size(set->pack) + added > LISTPACK_SAFE_SIZE) {
        make_index(set, count + 1, limits->seed);
        index_add(set->index, member, score);
    } else {
        pack_insert(&set->pack, member, score, limits->style);
    }
    return SORTED_SET_ADDED;
}

enum sorted_set_change sorted_set_put(struct value *value, struct bytes member, double score,
                                      const struct sorted_set_limits *limits)
{
    struct sorted_set *set = set_of(value);
    CHECK(!isnan(score));
    if (is_packed(value))
        return put_in_pack(set, member, score, limits);
    struct table_position position;
    struct element *element = table_find_or_position(&set->index->table, member, &position);
    if (!element) {
        element = element_new(member, score);
        table_insert_at(&set->index->table, position, element);
        order_tree_insert_scored(&set->index->tree, score, element);
        return SORTED_SET_ADDED;
    }
    if (element->score == score)
        return SORTED_SET_KEPT;
    order_tree_move(&set->index->tree, element->score, score, element);
    element->score = score;
    return SORTED_SET_MOVED;
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
    order_tree_remove_scored(&set->index->tree, element->score, element);
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
        struct element *element = order_position_element(order_tree_seek(&set->index->tree, rank));
        order_tree_remove_scored(&set->index->tree, element->score, element);
        table_remove(&set->index->table, member_of(element));
        memory_free(element);
    }
}

/* --- ranges --- */

static bool is_below(double score, double bound, bool inclusive)
{
    return inclusive ? score <= bound : score < bound;
}

size_t sorted_set_count_below(const struct value *value, double score, bool inclusive)
{
    const struct sorted_set *set = set_of(value);
    if (!is_packed(value))
        return order_tree_count_below(&set->index->tree, score, inclusive);
    size_t count = 0;
    const unsigned char *entry = listpack_first(set->pack);
    for (; entry && is_below(pack_score(listpack_next(entry)), score, inclusive); count++)
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
    order_position_prefetch(range->position, range->is_reverse);
    element->member = member_of(found);
    element->score = order_position_score(range->position);
    range->position = range->is_reverse ? order_position_previous(range->position)
                                        : order_position_next(range->position);
    return true;
}

void sorted_set_at(const struct value *value, size_t rank, struct sorted_set_element *element)
{
    struct sorted_set_range range = sorted_set_range_open(value, rank, false);
    CHECK(sorted_set_range_next(&range, element));
}

static struct sorted_set_element element_of(const struct element *element)
{
    return (struct sorted_set_element){.member = member_of(element), .score = element->score};
}

void sorted_set_random(const struct value *value, struct random *random,
                       struct sorted_set_element *element)
{
    if (is_packed(value))
        sorted_set_at(value, random_below(random, sorted_set_count(value)), element);
    else
        *element = element_of(table_random(&set_of(value)->index->table, random));
}

/* Each element is taken with the chance of those still wanted among those still to come. */
static void sample_most(const struct value *value, struct random *random, size_t count,
                        void (*visit)(const struct sorted_set_element *element, void *context),
                        void *context)
{
    struct sorted_set_range range = sorted_set_range_open(value, 0, false);
    struct sorted_set_element element;
    for (size_t left = sorted_set_count(value); count > 0; left--) {
        CHECK(sorted_set_range_next(&range, &element));
        if (random_below(random, left) >= count)
            continue;
        visit(&element, context);
        count--;
    }
}

void sorted_set_sample(const struct value *value, struct random *random, size_t count,
                       void (*visit)(const struct sorted_set_element *element, void *context),
                       void *context)
{
    size_t available = sorted_set_count(value);
    CHECK(count <= available);
    if (is_packed(value) || count > available / 3) {
        sample_most(value, random, count, visit, context);
        return;
    }
    /* Few of many: take at random and leave out what was taken before. */
    struct table *table = &set_of(value)->index->table;
    struct table taken;
    table_init(&taken, &element_class, table->seed);
    while (table_count(&taken) < count) {
        struct element *found = table_random(table, random);
        struct table_position position;
        if (table_find_or_position(&taken, member_of(found), &position))
            continue;
        table_insert_at(&taken, position, found);
        struct sorted_set_element element = element_of(found);
        visit(&element, context);
    }
    table_clear(&taken, NULL, NULL);
}

struct scan_visit {
    void (*visit)(const struct sorted_set_element *element, void *context);
    void *context;
};

static void visit_element(void *entry, void *context)
{
    const struct scan_visit *scan = context;
    struct sorted_set_element element = element_of(entry);
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

const struct table *sorted_set_table(const struct value *value)
{
    return &set_of(value)->index->table;
}

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
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &set->index->table); /* no order that the sizes may follow */
    void *element;
    while ((samples == 0 || seen < samples) && (element = table_iterator_next(&iterator)) != NULL) {
        bytes += memory_cost(element);
        seen++;
    }
    table_iterator_end(&iterator);
    if (seen)
        bytes = (size_t)((double)bytes / (double)seen * (double)count);
    return sizeof *set + sizeof *set->index + table_memory(&set->index->table) +
           order_tree_memory(&set->index->tree) + bytes;
}
