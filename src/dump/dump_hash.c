/* SPDX-License-Identifier: MIT */
/* Hashes: a listpack as it is, or field by field; a ziplist is read. */
#include "dump/codecs.h"
#include "dump/ziplist.h"
#include "values/hash.h"
#include "values/listpack.h"

#define LISTPACK_SINCE 10 /* version of RDB */

void dump_hash_write(struct rdb_writer *writer, const struct value *value)
{
    if (value->encoding == ENCODING_LISTPACK && writer->version >= LISTPACK_SINCE) {
        rdb_write_byte(writer, RDB_TYPE_HASH_LISTPACK);
        rdb_write_string(writer, listpack_bytes(((const struct hash *)value)->pack));
        return;
    }
    struct hash_iterator iterator;
    struct hash_pair pair;
    rdb_write_byte(writer, RDB_TYPE_HASH);
    rdb_write_length(writer, hash_count(value));
    hash_iterator_begin(&iterator, value);
    while (hash_iterator_next(&iterator, &pair)) {
        rdb_write_string(writer, pair.field);
        rdb_write_string(writer, pair.value);
    }
    hash_iterator_end(&iterator);
}

/* A hash with the pairs of the pack, which is taken; NULL when they are no pairs, or a field comes
 * twice. As in Redis, the number of fields alone decides whether it stays packed. */
static struct value *hash_of_pack(unsigned char *pack, const struct hash_limits *limits)
{
    size_t count = listpack_count(pack);
    if (count == 0 || count % 2) {
        listpack_free(pack);
        return NULL;
    }
    struct value *packed = hash_from_pack(pack);
    /* A field that comes twice is there once when the pairs are told apart. */
    struct value *seen = hash_new();
    hash_make_table(seen, count / 2, limits->seed);
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, packed);
    while (hash_iterator_next(&iterator, &pair))
        hash_set(seen, pair.field, pair.value, limits);
    hash_iterator_end(&iterator);
    bool repeats = hash_count(seen) != count / 2;
    struct value *kept = count / 2 > limits->entries ? seen : packed;
    value_release(kept == seen ? packed : seen);
    if (!repeats)
        return kept;
    value_release(kept);
    return NULL;
}

static struct value *read_packed(struct rdb_reader *reader, enum rdb_type type)
{
    struct buffer scratch = {0};
    struct bytes bytes;
    unsigned char *pack = NULL;
    if (rdb_read_string(reader, &bytes, &scratch)) {
        if (type == RDB_TYPE_HASH_ZIPLIST)
            pack = ziplist_to_listpack(bytes);
        else if (listpack_is_valid(bytes, NULL, NULL))
            pack = listpack_from_bytes(bytes);
    }
    buffer_clear(&scratch);
    return pack ? hash_of_pack(pack, &reader->limits->hash) : NULL;
}

static bool read_pairs(struct rdb_reader *reader, struct value *hash, uint64_t count)
{
    struct buffer field_scratch = {0}, value_scratch = {0};
    bool is_right = true;
    while (is_right && count-- > 0) {
        struct bytes field, text;
        is_right = rdb_read_string(reader, &field, &field_scratch) &&
                   rdb_read_string(reader, &text, &value_scratch) &&
                   hash_set(hash, field, text, &reader->limits->hash);
    }
    buffer_clear(&field_scratch);
    buffer_clear(&value_scratch);
    return is_right;
}

struct value *dump_hash_read(struct rdb_reader *reader, enum rdb_type type)
{
    if (type != RDB_TYPE_HASH)
        return read_packed(reader, type);
    uint64_t count;
    if (!rdb_read_length(reader, &count) || count == 0 || count > rdb_reader_left(reader) / 2)
        return NULL;
    struct value *hash = hash_new();
    if (count > reader->limits->hash.entries)
        hash_make_table(hash, count, reader->limits->hash.seed);
    if (read_pairs(reader, hash, count))
        return hash;
    value_release(hash);
    return NULL;
}
