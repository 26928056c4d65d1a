/* SPDX-License-Identifier: MIT */
/* Sets: intset and listpack as they are, or member by member. */
#include "dump/codecs.h"
#include "values/intset.h"
#include "values/listpack.h"
#include "values/set.h"

#define LISTPACK_SINCE 11 /* version of RDB */

void dump_set_write(struct rdb_writer *writer, const struct value *value)
{
    const struct set *set = (const struct set *)value;
    if (value->encoding == ENCODING_INTSET) {
        rdb_write_byte(writer, RDB_TYPE_SET_INTSET);
        rdb_write_string(writer, intset_bytes(set->integers));
        return;
    }
    if (value->encoding == ENCODING_LISTPACK && writer->version >= LISTPACK_SINCE) {
        rdb_write_byte(writer, RDB_TYPE_SET_LISTPACK);
        rdb_write_string(writer, listpack_bytes(set->pack));
        return;
    }
    struct set_iterator iterator;
    struct set_element element;
    rdb_write_byte(writer, RDB_TYPE_SET);
    rdb_write_length(writer, set_count(value));
    set_iterator_begin(&iterator, value);
    while (set_iterator_next(&iterator, &element))
        rdb_write_string(writer, element.text);
    set_iterator_end(&iterator);
}

static struct value *read_intset(struct bytes bytes, const struct set_limits *limits)
{
    if (!intset_is_valid(bytes))
        return NULL;
    struct value *set = set_from_intset(intset_from_bytes(bytes));
    if (set_count(set) > limits->integers)
        set_make_table(set, 0, limits->seed);
    return set;
}

/* A table of the members of a packed set; NULL when one comes twice, or there is none. */
static struct value *table_of(const struct value *packed, const struct set_limits *limits)
{
    size_t count = set_count(packed);
    struct value *table = set_new_intset();
    set_make_table(table, count, limits->seed);
    struct set_iterator iterator;
    struct set_element element;
    bool is_right = count > 0;
    set_iterator_begin(&iterator, packed);
    while (is_right && set_iterator_next(&iterator, &element))
        is_right = set_add_element(table, &element, limits);
    set_iterator_end(&iterator);
    if (is_right)
        return table;
    value_release(table);
    return NULL;
}

static struct value *read_listpack(struct bytes bytes, const struct set_limits *limits)
{
    if (!listpack_is_valid(bytes, NULL, NULL))
        return NULL;
    struct value *packed = set_from_pack(listpack_from_bytes(bytes));
    struct value *table = table_of(packed, limits);
    /* As in Redis, the number of members alone decides whether it stays packed. */
    if (table && set_count(packed) <= limits->entries) {
        value_release(table);
        return packed;
    }
    value_release(packed);
    return table;
}

static struct value *read_whole(struct rdb_reader *reader, enum rdb_type type)
{
    struct buffer scratch = {0};
    struct bytes bytes;
    struct value *value = NULL;
    if (rdb_read_string(reader, &bytes, &scratch))
        value = type == RDB_TYPE_SET_INTSET ? read_intset(bytes, &reader->limits->set)
                                            : read_listpack(bytes, &reader->limits->set);
    buffer_clear(&scratch);
    return value;
}

/* False when a member cannot be read or comes twice. */
static bool read_members(struct rdb_reader *reader, struct value *set, uint64_t count)
{
    struct buffer scratch = {0};
    struct bytes member;
    bool is_right = true;
    while (is_right && count-- > 0)
        is_right = rdb_read_string(reader, &member, &scratch) &&
                   set_add(set, member, &reader->limits->set);
    buffer_clear(&scratch);
    return is_right;
}

struct value *dump_set_read(struct rdb_reader *reader, enum rdb_type type)
{
    if (type != RDB_TYPE_SET)
        return read_whole(reader, type);
    const struct set_limits *limits = &reader->limits->set;
    uint64_t count;
    if (!rdb_read_length(reader, &count) || count == 0 || count > rdb_reader_left(reader))
        return NULL;
    struct value *set = set_new_intset();
    if (count > limits->integers)
        set_make_table(set, count, limits->seed);
    if (read_members(reader, set, count))
        return set;
    value_release(set);
    return NULL;
}
