/* SPDX-License-Identifier: MIT */
#include "dump/dump.h"

#include "base/crc.h"
#include "dump/codecs.h"

#define VERSION_SIZE 2
#define CRC_SIZE     8
#define FOOTER_SIZE  (VERSION_SIZE + CRC_SIZE)

/* By enum value_type. */
static void (*const writers[VALUE_TYPE_COUNT])(struct rdb_writer *writer,
                                               const struct value *value) = {
    [VALUE_STRING] = dump_string_write, [VALUE_STREAM] = dump_stream_write,
    [VALUE_LIST] = dump_list_write,     [VALUE_HASH] = dump_hash_write,
    [VALUE_SET] = dump_set_write,       [VALUE_SORTED_SET] = dump_sorted_set_write,
};

static const struct {
    enum rdb_type type;
    struct value *(*read)(struct rdb_reader *reader, enum rdb_type type);
} readers[] = {
    {RDB_TYPE_STREAM_LISTPACKS, dump_stream_read},
    {RDB_TYPE_STREAM_LISTPACKS_2, dump_stream_read},
    {RDB_TYPE_STREAM_LISTPACKS_3, dump_stream_read},
    {RDB_TYPE_SET, dump_set_read},
    {RDB_TYPE_SET_INTSET, dump_set_read},
    {RDB_TYPE_SET_LISTPACK, dump_set_read},
    {RDB_TYPE_ZSET, dump_sorted_set_read},
    {RDB_TYPE_ZSET_2, dump_sorted_set_read},
    {RDB_TYPE_ZSET_ZIPLIST, dump_sorted_set_read},
    {RDB_TYPE_ZSET_LISTPACK, dump_sorted_set_read},
    {RDB_TYPE_STRING, dump_string_read},
    {RDB_TYPE_LIST, dump_list_read},
    {RDB_TYPE_LIST_ZIPLIST, dump_list_read},
    {RDB_TYPE_LIST_QUICKLIST, dump_list_read},
    {RDB_TYPE_LIST_QUICKLIST_2, dump_list_read},
    {RDB_TYPE_HASH, dump_hash_read},
    {RDB_TYPE_HASH_ZIPLIST, dump_hash_read},
    {RDB_TYPE_HASH_LISTPACK, dump_hash_read},
    {RDB_TYPE_HASH_ZIPMAP, dump_hash_read},
    {RDB_TYPE_HASH_METADATA, dump_hash_read},
    {RDB_TYPE_HASH_LISTPACK_EX, dump_hash_read},
};

static const struct dump_limits default_limits = {
    .hash = {.entries = 128, .text = 64},
    .list_fill = -2,
    .set = {.integers = 512, .entries = 128, .text = 64},
    .sorted_set = {.entries = 128, .text = 64},
};

void dump_seal(struct buffer *out, size_t start, int rdb_version)
{
    struct rdb_writer writer = {.out = out, .version = rdb_version};
    rdb_write_byte(&writer, (uint8_t)rdb_version);
    rdb_write_byte(&writer, (uint8_t)(rdb_version >> 8));
    rdb_write_uint64(&writer, crc64(0, out->data + start, out->size - start));
}

struct bytes dump_body(struct bytes payload)
{
    size_t size = payload.size < FOOTER_SIZE ? 0 : payload.size - FOOTER_SIZE;
    return bytes_of(payload.data, size);
}

bool dump_write(struct rdb_writer *writer, const struct value *value)
{
    if (!writers[value->type])
        return false;
    writers[value->type](writer, value);
    return true;
}

bool dump_value(struct buffer *out, const struct value *value, int rdb_version, bool compresses)
{
    size_t start = out->size;
    struct rdb_writer writer = {.out = out, .version = rdb_version, .compresses = compresses};
    if (!dump_write(&writer, value))
        return false;
    dump_seal(out, start, rdb_version);
    return true;
}

bool dump_verify(struct bytes payload, int rdb_version)
{
    if (payload.size < FOOTER_SIZE)
        return false;
    struct rdb_reader reader = {.input = payload, .position = payload.size - FOOTER_SIZE};
    uint8_t low, high;
    uint64_t crc;
    if (!rdb_read_byte(&reader, &low) || !rdb_read_byte(&reader, &high) ||
        !rdb_read_uint64(&reader, &crc))
        return false;
    return (high << 8 | low) <= rdb_version &&
           crc == crc64(0, payload.data, payload.size - CRC_SIZE);
}

struct value *dump_read(struct rdb_reader *reader, uint8_t type)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (readers[i].type == type)
            return readers[i].read(reader, readers[i].type);
    return NULL;
}

struct value *dump_restore(struct bytes payload, const struct dump_limits *limits)
{
    struct bytes body = dump_body(payload);
    if (body.size == 0)
        return NULL;
    const unsigned char *footer = (const unsigned char *)body.data + body.size;
    struct rdb_reader reader = {.input = body,
                                .limits = limits ? limits : &default_limits,
                                .version = footer[1] << 8 | footer[0]};
    uint8_t type;
    return rdb_read_byte(&reader, &type) ? dump_read(&reader, type) : NULL;
}
