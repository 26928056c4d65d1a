/* SPDX-License-Identifier: MIT */
/*
 * Hashes: a listpack as it is, or field by field; ziplists and zipmaps are read. Fields that expire
 * have their deadlines with them, from RDB 12 on: as they stand in a listpack, else counted from
 * the earliest of them.
 */
#include "dump/codecs.h"
#include "dump/ziplist.h"
#include "dump/zipmap.h"
#include "values/hash.h"
#include "values/hash_deadline.h"
#include "values/listpack.h"

#define LISTPACK_SINCE  10 /* version of RDB */
#define DEADLINES_SINCE 12
#define LATEST_DEADLINE ((INT64_C(1) << 48) - 1) /* ms since epoch */

/* 0 when no field expires. */
static int64_t earliest_deadline(const struct value *value)
{
    int64_t deadline_ms = hash_deadline_next(value);
    return deadline_ms == HASH_NO_DEADLINE ? 0 : deadline_ms;
}

void dump_hash_write(struct rdb_writer *writer, const struct value *value)
{
    if (value->encoding == ENCODING_LISTPACK && writer->version >= LISTPACK_SINCE) {
        struct value *thawed = value->is_embedded ? hash_clone(value) : NULL;
        rdb_write_byte(writer, RDB_TYPE_HASH_LISTPACK);
        rdb_write_string(writer, listpack_bytes(hash_pack(thawed ? thawed : value)));
        value_release(thawed);
        return;
    }
    int64_t earliest = writer->version >= DEADLINES_SINCE ? earliest_deadline(value) : 0;
    if (value->encoding == ENCODING_LISTPACK_EX && writer->version >= DEADLINES_SINCE) {
        rdb_write_byte(writer, RDB_TYPE_HASH_LISTPACK_EX);
        rdb_write_uint64(writer, (uint64_t)earliest);
        rdb_write_string(writer, listpack_bytes(hash_pack(value)));
        return;
    }
    struct hash_iterator iterator;
    struct hash_pair pair;
    rdb_write_byte(writer, earliest ? RDB_TYPE_HASH_METADATA : RDB_TYPE_HASH);
    if (earliest)
        rdb_write_uint64(writer, (uint64_t)earliest);
    rdb_write_length(writer, hash_count(value));
    hash_iterator_begin(&iterator, value);
    while (hash_iterator_next(&iterator, &pair)) {
        if (earliest)
            rdb_write_length(writer, pair.deadline_ms == HASH_NO_DEADLINE
                                         ? 0
                                         : (uint64_t)(pair.deadline_ms - earliest + 1));
        rdb_write_string(writer, pair.field);
        rdb_write_string(writer, pair.value);
    }
    hash_iterator_end(&iterator);
}

static void set(struct value *hash, const struct hash_pair *pair, const struct hash_limits *limits)
{
    hash_set(hash, pair->field, pair->value, limits);
    if (pair->deadline_ms != HASH_NO_DEADLINE)
        hash_deadline_set(hash, pair->field, pair->deadline_ms);
}

/* The packed hash, which is taken, with its `count` fields; NULL when there is none, or one comes
 * twice. As in Redis, the number of fields alone decides whether it stays packed. */
static struct value *check_packed(struct value *packed, size_t count,
                                  const struct hash_limits *limits)
{
    /* A field that comes twice is there once when the pairs are told apart. */
    struct value *seen = hash_new();
    hash_make_table(seen, count, limits);
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, packed);
    while (hash_iterator_next(&iterator, &pair))
        set(seen, &pair, limits);
    hash_iterator_end(&iterator);
    bool is_right = count > 0 && hash_count(seen) == count;
    struct value *kept = count > limits->entries ? seen : packed;
    value_release(kept == seen ? packed : seen);
    if (is_right)
        return kept;
    value_release(kept);
    return NULL;
}

/* Of the pairs in the pack, which is taken. */
static struct value *hash_of_pairs(unsigned char *pack, const struct hash_limits *limits)
{
    size_t count = listpack_count(pack);
    if (count % 2 == 0)
        return check_packed(hash_from_pack(pack), count / 2, limits);
    listpack_free(pack);
    return NULL;
}

/* Whether the deadlines behind the values are deadlines, and in order. */
static bool are_triples(const unsigned char *pack)
{
    int64_t previous = 0;
    size_t index = 0;
    for (const unsigned char *entry = listpack_first(pack); entry; index++) {
        struct bytes text;
        int64_t deadline_ms;
        bool is_integer = listpack_read(entry, &text, &deadline_ms);
        if (index % 3 == 2) {
            if (!is_integer || deadline_ms < 0 || deadline_ms > LATEST_DEADLINE)
                return false;
            if (deadline_ms == 0)
                deadline_ms = HASH_NO_DEADLINE;
            if (deadline_ms < previous)
                return false;
            previous = deadline_ms;
        }
        entry = listpack_next(entry);
    }
    return index % 3 == 0;
}

static struct value *hash_of_triples(unsigned char *pack, const struct hash_limits *limits)
{
    if (are_triples(pack))
        return check_packed(hash_from_timed_pack(pack), listpack_count(pack) / 3, limits);
    listpack_free(pack);
    return NULL;
}

/* A zipmap's texts may be longer than a pack's. */
static struct value *hash_of_zipmap(unsigned char *pack, const struct hash_limits *limits)
{
    bool is_long = false;
    for (const unsigned char *entry = listpack_first(pack); entry; entry = listpack_next(entry))
        is_long |= listpack_text_size(entry) > limits->text;
    struct value *hash = hash_of_pairs(pack, limits);
    if (hash && is_long)
        hash_make_table(hash, 0, limits);
    return hash;
}

static struct value *read_packed(struct rdb_reader *reader, enum rdb_type type)
{
    const struct hash_limits *limits = &reader->limits->hash;
    struct buffer scratch = {0};
    struct bytes bytes;
    unsigned char *pack = NULL;
    if (rdb_read_string(reader, &bytes, &scratch)) {
        if (type == RDB_TYPE_HASH_ZIPLIST)
            pack = ziplist_to_listpack(bytes);
        else if (type == RDB_TYPE_HASH_ZIPMAP)
            pack = zipmap_to_listpack(bytes);
        else if (listpack_is_valid(bytes, NULL, NULL))
            pack = listpack_from_bytes(bytes);
    }
    buffer_clear(&scratch);
    if (!pack)
        return NULL;
    if (type == RDB_TYPE_HASH_LISTPACK_EX)
        return hash_of_triples(pack, limits);
    return type == RDB_TYPE_HASH_ZIPMAP ? hash_of_zipmap(pack, limits)
                                        : hash_of_pairs(pack, limits);
}

/* What stands before a field that may expire. */
static bool read_deadline(struct rdb_reader *reader, uint64_t earliest, int64_t *deadline_ms)
{
    uint64_t distance;
    *deadline_ms = HASH_NO_DEADLINE;
    if (!rdb_read_length(reader, &distance))
        return false;
    if (distance == 0)
        return true;
    if (distance - 1 > LATEST_DEADLINE - earliest)
        return false;
    *deadline_ms = (int64_t)(earliest + distance - 1);
    return true;
}

/* `earliest` is NULL where fields have no deadlines. */
static bool read_pairs(struct rdb_reader *reader, struct value *hash, uint64_t count,
                       const uint64_t *earliest)
{
    struct buffer field_scratch = {0}, value_scratch = {0};
    bool is_right = true;
    while (is_right && count-- > 0) {
        struct hash_pair pair = {.deadline_ms = HASH_NO_DEADLINE};
        size_t before = hash_count(hash);
        is_right = (!earliest || read_deadline(reader, *earliest, &pair.deadline_ms)) &&
                   rdb_read_string(reader, &pair.field, &field_scratch) &&
                   rdb_read_string(reader, &pair.value, &value_scratch);
        if (is_right)
            set(hash, &pair, &reader->limits->hash);
        is_right = is_right && hash_count(hash) > before;
    }
    buffer_clear(&field_scratch);
    buffer_clear(&value_scratch);
    return is_right;
}

static struct value *read_unpacked(struct rdb_reader *reader, const uint64_t *earliest)
{
    uint64_t count;
    if (!rdb_read_length(reader, &count) || count == 0 || count > rdb_reader_left(reader) / 2)
        return NULL;
    struct value *hash = hash_new();
    if (count > reader->limits->hash.entries)
        hash_make_table(hash, count, &reader->limits->hash);
    if (read_pairs(reader, hash, count, earliest))
        return hash;
    value_release(hash);
    return NULL;
}

struct value *dump_hash_read(struct rdb_reader *reader, enum rdb_type type)
{
    uint64_t earliest;
    if (type == RDB_TYPE_HASH)
        return read_unpacked(reader, NULL);
    if (type != RDB_TYPE_HASH_METADATA && type != RDB_TYPE_HASH_LISTPACK_EX)
        return read_packed(reader, type);
    if (reader->version < DEADLINES_SINCE || !rdb_read_uint64(reader, &earliest) ||
        earliest > LATEST_DEADLINE)
        return NULL;
    return type == RDB_TYPE_HASH_METADATA ? read_unpacked(reader, &earliest)
                                          : read_packed(reader, type);
}
