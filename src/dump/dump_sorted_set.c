/* SPDX-License-Identifier: MIT */
/* Sorted sets: a listpack as it is, or element by element, greatest first; a ziplist is read. */
#include <math.h>

#include "dump/codecs.h"
#include "dump/ziplist.h"
#include "values/listpack.h"
#include "values/sorted_set.h"

#define LISTPACK_SINCE   10 /* version of RDB */
#define SMALLEST_ELEMENT 2  /* bytes of an empty member and a text score */

void dump_sorted_set_write(struct rdb_writer *writer, const struct value *value)
{
    if (value->encoding == ENCODING_LISTPACK && writer->version >= LISTPACK_SINCE) {
        rdb_write_byte(writer, RDB_TYPE_ZSET_LISTPACK);
        rdb_write_string(writer, listpack_bytes(((const struct sorted_set *)value)->pack));
        return;
    }
    size_t count = sorted_set_count(value);
    struct sorted_set_range range = sorted_set_range_open(value, count - 1, true);
    struct sorted_set_element element;
    rdb_write_byte(writer, RDB_TYPE_ZSET_2);
    rdb_write_length(writer, count);
    while (sorted_set_range_next(&range, &element)) {
        rdb_write_string(writer, element.member);
        rdb_write_double(writer, element.score);
    }
}

/* Entries in turn are members, which may be anything, and scores, which must be numbers. */
static bool is_score_or_member(const unsigned char *entry, size_t index, void *context)
{
    struct bytes text;
    int64_t integer;
    double score;
    (void)context;
    return index % 2 == 0 || listpack_read(entry, &text, &integer) ||
           number_parse_double(text, &score);
}

/* An index of the elements of a packed set; NULL when they are out of order or one comes twice. */
static struct value *index_of(const struct value *packed, const struct sorted_set_limits *limits)
{
    size_t count = sorted_set_count(packed);
    struct value *index = sorted_set_new_index(count, limits->seed);
    struct sorted_set_range range = sorted_set_range_open(packed, 0, false);
    struct sorted_set_element element;
    size_t rank = 0;
    for (; sorted_set_range_next(&range, &element); rank++) {
        size_t place;
        double score;
        if (sorted_set_put(index, element.member, element.score, limits) != SORTED_SET_ADDED ||
            !sorted_set_rank(index, element.member, &place, &score) || place != rank)
            break;
    }
    if (count > 0 && rank == count)
        return index;
    value_release(index);
    return NULL;
}

static struct value *sorted_set_of_pack(unsigned char *pack, const struct sorted_set_limits *limits)
{
    if (listpack_count(pack) % 2 ||
        !listpack_is_valid(listpack_bytes(pack), is_score_or_member, NULL)) {
        listpack_free(pack);
        return NULL;
    }
    struct value *packed = sorted_set_from_pack(pack);
    struct value *index = index_of(packed, limits);
    /* As in Redis, the number of elements alone decides whether it stays packed. */
    if (index && sorted_set_count(packed) <= limits->entries) {
        value_release(index);
        return packed;
    }
    value_release(packed);
    return index;
}

static struct value *read_packed(struct rdb_reader *reader, enum rdb_type type)
{
    struct buffer scratch = {0};
    struct bytes bytes;
    unsigned char *pack = NULL;
    if (rdb_read_string(reader, &bytes, &scratch)) {
        if (type == RDB_TYPE_ZSET_ZIPLIST)
            pack = ziplist_to_listpack(bytes);
        else if (listpack_is_valid(bytes, NULL, NULL))
            pack = listpack_from_bytes(bytes);
    }
    buffer_clear(&scratch);
    return pack ? sorted_set_of_pack(pack, &reader->limits->sorted_set) : NULL;
}

/* False when an element cannot be read, comes twice, or has no number for a score. */
static bool read_elements(struct rdb_reader *reader, enum rdb_type type, struct value *set,
                          uint64_t count)
{
    struct buffer scratch = {0};
    struct bytes member;
    double score;
    bool is_right = true;
    while (is_right && count-- > 0) {
        is_right =
            rdb_read_string(reader, &member, &scratch) &&
            (type == RDB_TYPE_ZSET_2 ? rdb_read_double(reader, &score)
                                     : rdb_read_text_double(reader, &score)) &&
            !isnan(score) &&
            sorted_set_put(set, member, score, &reader->limits->sorted_set) == SORTED_SET_ADDED;
    }
    buffer_clear(&scratch);
    return is_right;
}

struct value *dump_sorted_set_read(struct rdb_reader *reader, enum rdb_type type)
{
    if (type != RDB_TYPE_ZSET && type != RDB_TYPE_ZSET_2)
        return read_packed(reader, type);
    const struct sorted_set_limits *limits = &reader->limits->sorted_set;
    uint64_t count;
    if (!rdb_read_length(reader, &count) || count == 0 ||
        count > rdb_reader_left(reader) / SMALLEST_ELEMENT)
        return NULL;
    struct value *set = sorted_set_new_index(count, limits->seed);
    if (read_elements(reader, type, set, count)) {
        sorted_set_pack_if_fits(set, limits);
        return set;
    }
    value_release(set);
    return NULL;
}
