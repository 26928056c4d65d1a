/* SPDX-License-Identifier: MIT */
/*
 * Invariant: head.encoding says which member of the union is alive. An intset holds every member
 * that is an integer in the strict form, so a text that is one is never kept as a text beside it.
 */
#include "values/set.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "values/intset.h"
#include "values/listpack.h"

struct set_member {
    uint32_t size;
    char text[];
};

static struct bytes key_of_member(const void *entry)
{
    const struct set_member *member = entry;
    return bytes_of(member->text, member->size);
}

static const struct table_class member_class = {.key_of = key_of_member};

static struct set_member *member_new(struct bytes text)
{
    CHECK(text.size <= UINT32_MAX);
    struct set_member *member = memory_allocate(sizeof *member + text.size);
    member->size = (uint32_t)text.size;
    if (text.size)
        memcpy(member->text, text.data, text.size);
    return member;
}

static void free_member(void *entry, void *context)
{
    (void)context;
    memory_free(entry);
}

static struct set *set_of(const struct value *value)
{
    return (struct set *)value;
}

static struct set *set_allocate(enum value_encoding encoding)
{
    struct set *set = memory_zeroed(sizeof *set);
    value_init(&set->head, VALUE_SET, encoding);
    return set;
}

static struct table *members_new(size_t expected, uint64_t seed)
{
    struct table *members = memory_allocate(sizeof *members);
    table_init(members, &member_class, seed);
    table_reserve(members, expected);
    return members;
}

struct value *set_new(struct bytes first, size_t expected, const struct set_limits *limits)
{
    int64_t integer;
    struct set *set;
    if (number_parse_integer(first, &integer) && expected <= limits->integers) {
        set = set_allocate(ENCODING_INTSET);
        set->integers = intset_new();
    } else if (expected <= limits->entries) {
        set = set_allocate(ENCODING_LISTPACK);
        set->pack = listpack_new();
    } else {
        set = set_allocate(ENCODING_HASHTABLE);
        set->members = members_new(expected, limits->seed);
    }
    return &set->head;
}

struct value *set_new_intset(void)
{
    return set_from_intset(intset_new());
}

struct value *set_from_intset(unsigned char *integers)
{
    struct set *set = set_allocate(ENCODING_INTSET);
    set->integers = integers;
    return &set->head;
}

struct value *set_from_pack(unsigned char *pack)
{
    struct set *set = set_allocate(ENCODING_LISTPACK);
    set->pack = pack;
    return &set->head;
}

size_t set_count(const struct value *value)
{
    const struct set *set = set_of(value);
    switch (value->encoding) {
    case ENCODING_INTSET:
        return intset_count(set->integers);
    case ENCODING_LISTPACK:
        return listpack_count(set->pack);
    default:
        return table_count(set->members);
    }
}

static void release_contents(struct set *set)
{
    switch (set->head.encoding) {
    case ENCODING_INTSET:
        intset_free(set->integers);
        break;
    case ENCODING_LISTPACK:
        listpack_free(set->pack);
        break;
    default:
        table_clear(set->members, free_member, NULL);
        memory_free(set->members);
    }
}

void set_make_table(struct value *value, size_t count, uint64_t seed)
{
    struct set *set = set_of(value);
    if (value->encoding == ENCODING_HASHTABLE)
        return;
    size_t present = set_count(value);
    struct table *members = members_new(count > present ? count : present, seed);
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, value);
    while (set_iterator_next(&iterator, &element))
        table_insert(members, member_new(element.text));
    set_iterator_end(&iterator);
    release_contents(set);
    set->members = members;
    value->encoding = ENCODING_HASHTABLE;
}

static void make_listpack(struct set *set)
{
    unsigned char *pack = listpack_new();
    size_t count = intset_count(set->integers);
    for (size_t i = 0; i < count; i++)
        listpack_append_integer(&pack, intset_get(set->integers, i));
    intset_free(set->integers);
    set->pack = pack;
    set->head.encoding = ENCODING_LISTPACK;
}

/* Digits of the intset's longest member: one of its two ends. */
static size_t longest_integer(const unsigned char *integers)
{
    size_t count = intset_count(integers);
    if (count == 0)
        return 0;
    char digits[NUMBER_INTEGER_SIZE];
    size_t first = number_format_integer(digits, intset_get(integers, 0));
    size_t last = number_format_integer(digits, intset_get(integers, count - 1));
    return first > last ? first : last;
}

static bool add_to_table(struct set *set, struct bytes member)
{
    struct table_position position;
    if (table_find_or_position(set->members, member, &position))
        return false;
    table_insert_at(set->members, position, member_new(member));
    return true;
}

static bool add_to_listpack(struct set *set, struct bytes member, const struct set_limits *limits)
{
    if (listpack_find(listpack_first(set->pack), member, 0))
        return false;
    if (listpack_count(set->pack) < limits->entries && member.size <= limits->text &&
        listpack_size(set->pack) + member.size + LISTPACK_ENTRY_OVERHEAD <= LISTPACK_SAFE_SIZE) {
        listpack_append(&set->pack, member);
        return true;
    }
    set_make_table(&set->head, listpack_count(set->pack) + 1, limits->seed);
    return add_to_table(set, member);
}

/* A text comes into a set of integers. */
static bool leave_intset(struct set *set, struct bytes member, const struct set_limits *limits)
{
    size_t count = intset_count(set->integers);
    if (count + 1 <= limits->entries && member.size <= limits->text &&
        longest_integer(set->integers) <= limits->text) {
        make_listpack(set);
        listpack_append(&set->pack, member);
        return true;
    }
    set_make_table(&set->head, count + 1, limits->seed);
    return add_to_table(set, member);
}

static bool add_to_intset(struct set *set, int64_t integer, const struct set_limits *limits)
{
    if (!intset_add(&set->integers, integer))
        return false;
    /* Redis never lets an intset grow beyond 2^30 members, whatever is configured. */
    size_t limit = limits->integers < (1U << 30) ? limits->integers : (1U << 30);
    if (intset_count(set->integers) > limit)
        set_make_table(&set->head, 0, limits->seed);
    return true;
}

bool set_add(struct value *value, struct bytes member, const struct set_limits *limits)
{
    struct set *set = set_of(value);
    if (value->encoding == ENCODING_HASHTABLE)
        return add_to_table(set, member);
    if (value->encoding == ENCODING_LISTPACK)
        return add_to_listpack(set, member, limits);
    int64_t integer;
    if (number_parse_integer(member, &integer))
        return add_to_intset(set, integer, limits);
    return leave_intset(set, member, limits);
}

bool set_add_element(struct value *value, const struct set_element *element,
                     const struct set_limits *limits)
{
    if (element->is_integer && value->encoding == ENCODING_INTSET)
        return add_to_intset(set_of(value), element->integer, limits);
    return set_add(value, element->text, limits);
}

bool set_remove(struct value *value, struct bytes member)
{
    struct set *set = set_of(value);
    int64_t integer;
    switch (value->encoding) {
    case ENCODING_INTSET:
        return number_parse_integer(member, &integer) && intset_remove(&set->integers, integer);
    case ENCODING_LISTPACK: {
        unsigned char *entry = listpack_find(listpack_first(set->pack), member, 0);
        if (!entry)
            return false;
        listpack_delete(&set->pack, entry, 1);
        return true;
    }
    default: {
        struct set_member *found = table_remove(set->members, member);
        memory_free(found);
        return found != NULL;
    }
    }
}

bool set_has(const struct value *value, struct bytes member)
{
    const struct set *set = set_of(value);
    int64_t integer;
    switch (value->encoding) {
    case ENCODING_INTSET:
        return number_parse_integer(member, &integer) && intset_contains(set->integers, integer);
    case ENCODING_LISTPACK:
        return listpack_find(listpack_first(set->pack), member, 0) != NULL;
    default:
        return table_find(set->members, member) != NULL;
    }
}

bool set_has_element(const struct value *value, const struct set_element *element)
{
    if (element->is_integer && value->encoding == ENCODING_INTSET)
        return intset_contains(set_of(value)->integers, element->integer);
    return set_has(value, element->text);
}

static void element_of_integer(struct set_element *element, int64_t integer)
{
    element->is_integer = true;
    element->integer = integer;
    element->text = bytes_of(element->digits, number_format_integer(element->digits, integer));
}

static void element_of_entry(struct set_element *element, const unsigned char *entry)
{
    int64_t integer;
    if (listpack_read(entry, &element->text, &integer))
        element_of_integer(element, integer);
    else
        element->is_integer = false;
}

static void element_of_member(struct set_element *element, const struct set_member *member)
{
    element->is_integer = false;
    element->text = bytes_of(member->text, member->size);
}

/* The member at a position, of an intset or a listpack. */
static void element_at(const struct value *value, size_t index, struct set_element *element)
{
    const struct set *set = set_of(value);
    if (value->encoding == ENCODING_INTSET) {
        element_of_integer(element, intset_get(set->integers, index));
        return;
    }
    CHECK(value->encoding == ENCODING_LISTPACK);
    element_of_entry(element, listpack_seek(set->pack, (int64_t)index));
}

void set_random(const struct value *value, struct random *random, struct set_element *element)
{
    if (value->encoding == ENCODING_HASHTABLE)
        element_of_member(element, table_random(set_of(value)->members, random));
    else
        element_at(value, random_below(random, set_count(value)), element);
}

void set_iterator_begin(struct set_iterator *iterator, const struct value *value)
{
    struct set *set = set_of(value);
    *iterator = (struct set_iterator){.set = set};
    if (value->encoding == ENCODING_LISTPACK)
        iterator->entry = listpack_first(set->pack);
    else if (value->encoding == ENCODING_HASHTABLE)
        table_iterator_begin(&iterator->table, set->members);
}

bool set_iterator_next(struct set_iterator *iterator, struct set_element *element)
{
    struct set *set = iterator->set;
    switch (set->head.encoding) {
    case ENCODING_INTSET:
        if (iterator->index == intset_count(set->integers))
            return false;
        element_of_integer(element, intset_get(set->integers, iterator->index++));
        return true;
    case ENCODING_LISTPACK:
        if (!iterator->entry)
            return false;
        element_of_entry(element, iterator->entry);
        iterator->entry = listpack_next(iterator->entry);
        return true;
    default: {
        const struct set_member *member = table_iterator_next(&iterator->table);
        if (member)
            element_of_member(element, member);
        return member != NULL;
    }
    }
}

void set_iterator_end(struct set_iterator *iterator)
{
    if (iterator->set->head.encoding == ENCODING_HASHTABLE)
        table_iterator_end(&iterator->table);
}

/* Each member is taken with the chance of those still wanted among those still to come. */
static void sample_most(const struct value *value, struct random *random, size_t count,
                        void (*visit)(const struct set_element *element, void *context),
                        void *context)
{
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, value);
    for (size_t left = set_count(value); count > 0; left--) {
        CHECK(set_iterator_next(&iterator, &element));
        if (random_below(random, left) >= count)
            continue;
        visit(&element, context);
        count--;
    }
    set_iterator_end(&iterator);
}

void set_sample(const struct value *value, struct random *random, size_t count,
                void (*visit)(const struct set_element *element, void *context), void *context)
{
    size_t available = set_count(value);
    CHECK(count <= available);
    if (value->encoding != ENCODING_HASHTABLE || count > available / 3) {
        sample_most(value, random, count, visit, context);
        return;
    }
    /* Few of many: take at random and leave out what was taken before. */
    struct table *members = set_of(value)->members;
    struct table taken;
    table_init(&taken, &member_class, members->seed);
    while (table_count(&taken) < count) {
        struct set_member *member = table_random(members, random);
        struct table_position position;
        if (table_find_or_position(&taken, key_of_member(member), &position))
            continue;
        table_insert_at(&taken, position, member);
        struct set_element element;
        element_of_member(&element, member);
        visit(&element, context);
    }
    table_clear(&taken, NULL, NULL);
}

struct scan_visit {
    void (*visit)(const struct set_element *element, void *context);
    void *context;
};

static void visit_member(void *entry, void *context)
{
    const struct scan_visit *scan = context;
    struct set_element element;
    element_of_member(&element, entry);
    scan->visit(&element, scan->context);
}

uint64_t set_scan(const struct value *value, uint64_t cursor,
                  void (*visit)(const struct set_element *element, void *context), void *context)
{
    struct scan_visit scan = {visit, context};
    if (value->encoding == ENCODING_HASHTABLE)
        return table_scan(set_of(value)->members, cursor, visit_member, &scan);
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, value);
    while (set_iterator_next(&iterator, &element))
        visit(&element, context);
    set_iterator_end(&iterator);
    return 0;
}

void set_free(struct value *value)
{
    release_contents(set_of(value));
    memory_free(value);
}

struct value *set_clone(const struct value *value)
{
    const struct set *set = set_of(value);
    struct set *clone = set_allocate((enum value_encoding)value->encoding);
    switch (value->encoding) {
    case ENCODING_INTSET:
        clone->integers = intset_clone(set->integers);
        break;
    case ENCODING_LISTPACK:
        clone->pack = listpack_clone(set->pack);
        break;
    default: {
        clone->members = members_new(table_count(set->members), set->members->seed);
        struct table_iterator iterator;
        table_iterator_begin(&iterator, set->members);
        const struct set_member *member;
        while ((member = table_iterator_next(&iterator)) != NULL)
            table_insert(clone->members, member_new(key_of_member(member)));
        table_iterator_end(&iterator);
    }
    }
    return &clone->head;
}

size_t set_memory(const struct value *value, size_t samples)
{
    const struct set *set = set_of(value);
    if (value->encoding == ENCODING_INTSET)
        return sizeof *set + intset_size(set->integers);
    if (value->encoding == ENCODING_LISTPACK)
        return sizeof *set + listpack_memory(set->pack);
    size_t count = table_count(set->members);
    size_t seen = 0;
    size_t bytes = 0;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, set->members);
    void *member;
    while ((samples == 0 || seen < samples) && (member = table_iterator_next(&iterator)) != NULL) {
        bytes += memory_cost(member);
        seen++;
    }
    table_iterator_end(&iterator);
    if (seen)
        bytes = (size_t)((double)bytes / (double)seen * (double)count);
    return sizeof *set + table_memory(set->members) + bytes;
}
