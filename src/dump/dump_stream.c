/* SPDX-License-Identifier: MIT */
/*
 * Streams: blocks as they stand in memory, the stream's ids and counts, then the groups. A group's
 * pending entries come first without their consumers; each consumer then names those that it has.
 * Version 2 (RDB 10) adds the first id, the highest deleted id and the counts of entries added and
 * read; version 3 (RDB 11) the time when a consumer was last active.
 */
#include "dump/codecs.h"
#include "values/stream.h"
#include "values/stream_progress.h"

#define KEY_SIZE 16

static enum rdb_type type_for(int version)
{
    if (version >= 11)
        return RDB_TYPE_STREAM_LISTPACKS_3;
    return version >= 10 ? RDB_TYPE_STREAM_LISTPACKS_2 : RDB_TYPE_STREAM_LISTPACKS;
}

/* Writing. */

/* As a key of Redis's radix tree: most significant byte first. */
static void write_key(struct rdb_writer *writer, struct stream_id id)
{
    rdb_write_uint64_big_endian(writer, id.ms);
    rdb_write_uint64_big_endian(writer, id.sequence);
}

static void write_id(struct rdb_writer *writer, struct stream_id id)
{
    rdb_write_length(writer, id.ms);
    rdb_write_length(writer, id.sequence);
}

static void write_pending(struct rdb_writer *writer, const struct order_tree *tree, bool is_whole)
{
    rdb_write_length(writer, tree->count);
    struct order_position at = order_tree_seek(tree, 0);
    for (const struct stream_pending *pending; (pending = order_position_element(at));
         at = order_position_next(at)) {
        write_key(writer, pending->id);
        if (!is_whole)
            continue;
        rdb_write_uint64(writer, (uint64_t)pending->delivered_at);
        rdb_write_length(writer, pending->deliveries);
    }
}

static void write_group(struct rdb_writer *writer, const struct stream_group *group,
                        enum rdb_type type)
{
    rdb_write_string(writer, stream_group_name(group));
    write_id(writer, group->last_id);
    if (type != RDB_TYPE_STREAM_LISTPACKS)
        rdb_write_length(writer, (uint64_t)group->entries_read);
    write_pending(writer, &group->pending, true);
    rdb_write_length(writer, group->consumer_count);
    for (size_t i = 0; i < group->consumer_count; i++) {
        const struct stream_consumer *consumer = group->consumers[i];
        rdb_write_string(writer, stream_group_consumer_name(consumer));
        rdb_write_uint64(writer, (uint64_t)consumer->seen_at);
        if (type == RDB_TYPE_STREAM_LISTPACKS_3)
            rdb_write_uint64(writer, (uint64_t)consumer->active_at);
        write_pending(writer, &consumer->pending, false);
    }
}

void dump_stream_write(struct rdb_writer *writer, const struct value *value)
{
    const struct stream *stream = stream_const(value);
    enum rdb_type type = type_for(writer->version);
    rdb_write_byte(writer, (uint8_t)type);
    rdb_write_length(writer, stream->block_count);
    for (size_t i = 0; i < stream->block_count; i++) {
        const struct stream_block *block = stream->blocks + stream->block_start + i;
        rdb_write_length(writer, KEY_SIZE);
        write_key(writer, block->id);
        rdb_write_string(writer, stream_block_bytes(block));
    }
    rdb_write_length(writer, stream->length);
    write_id(writer, stream->last_id);
    if (type != RDB_TYPE_STREAM_LISTPACKS) {
        write_id(writer, stream->first_id);
        write_id(writer, stream->max_deleted_id);
        rdb_write_length(writer, stream->entries_added);
    }
    rdb_write_length(writer, stream->group_count);
    for (size_t i = 0; i < stream->group_count; i++)
        write_group(writer, stream->groups[i], type);
}

/* Reading. */

static bool read_key(struct rdb_reader *reader, struct stream_id *id)
{
    return rdb_read_uint64_big_endian(reader, &id->ms) &&
           rdb_read_uint64_big_endian(reader, &id->sequence);
}

static bool read_id(struct rdb_reader *reader, struct stream_id *id)
{
    return rdb_read_length(reader, &id->ms) && rdb_read_length(reader, &id->sequence);
}

static bool read_signed(struct rdb_reader *reader, int64_t *integer)
{
    uint64_t bits;
    if (!rdb_read_uint64(reader, &bits))
        return false;
    *integer = (int64_t)bits;
    return true;
}

/* `*last` is the highest id so far. */
static bool read_block(struct rdb_reader *reader, struct value *value, struct stream_id *last,
                       uint64_t *length)
{
    struct buffer scratch = {0};
    struct bytes text;
    struct stream_id id;
    size_t live;
    bool is_good = rdb_read_string(reader, &text, &scratch) && text.size == KEY_SIZE;
    if (is_good) {
        struct rdb_reader key = {.input = text};
        is_good = read_key(&key, &id) && stream_id_compare(id, *last) > 0 &&
                  rdb_read_string(reader, &text, &scratch) &&
                  stream_block_is_valid(id, text, last, &live);
    }
    if (is_good) {
        stream_add_block(value, stream_block_from_bytes(id, text));
        *length += live;
    }
    buffer_clear(&scratch);
    return is_good;
}

static bool read_blocks(struct rdb_reader *reader, struct value *value, struct stream_id *last,
                        uint64_t *length)
{
    uint64_t count;
    if (!rdb_read_length(reader, &count))
        return false;
    for (; count > 0; count--)
        if (!read_block(reader, value, last, length))
            return false;
    return true;
}

static bool read_numbers(struct rdb_reader *reader, struct value *value, enum rdb_type type)
{
    struct stream *stream = stream_of(value);
    if (!rdb_read_length(reader, &stream->length) || !read_id(reader, &stream->last_id))
        return false;
    if (type == RDB_TYPE_STREAM_LISTPACKS) {
        stream->entries_added = stream->length;
        /* As in Redis, an empty stream of that time has the highest of all ids for its first. */
        stream->first_id = stream->length ? stream_find_first(value) : STREAM_ID_HIGHEST;
        return true;
    }
    return read_id(reader, &stream->first_id) && read_id(reader, &stream->max_deleted_id) &&
           rdb_read_length(reader, &stream->entries_added);
}

static bool read_pending(struct rdb_reader *reader, struct stream_group *group)
{
    uint64_t count;
    if (!rdb_read_length(reader, &count))
        return false;
    for (; count > 0; count--) {
        struct stream_id id;
        int64_t delivered_at;
        uint64_t deliveries;
        if (!read_key(reader, &id) || !read_signed(reader, &delivered_at) ||
            !rdb_read_length(reader, &deliveries))
            return false;
        struct stream_pending *pending = stream_group_add_pending(group, id, NULL, delivered_at);
        if (!pending)
            return false;
        pending->deliveries = deliveries;
    }
    return true;
}

/* The entries that a consumer has pending. */
static bool read_share(struct rdb_reader *reader, struct stream_group *group,
                       struct stream_consumer *consumer)
{
    uint64_t count;
    if (!rdb_read_length(reader, &count))
        return false;
    for (; count > 0; count--) {
        struct stream_id id;
        if (!read_key(reader, &id))
            return false;
        struct stream_pending *pending = stream_group_find_pending(group, id);
        if (!pending || pending->consumer)
            return false;
        stream_group_assign(pending, consumer);
    }
    return true;
}

static bool read_consumers(struct rdb_reader *reader, struct stream_group *group,
                           enum rdb_type type)
{
    struct buffer scratch = {0};
    uint64_t count = 0, owned = 0;
    bool is_good = rdb_read_length(reader, &count);
    for (; is_good && count > 0; count--) {
        struct bytes name;
        int64_t seen_at;
        is_good = rdb_read_string(reader, &name, &scratch) && read_signed(reader, &seen_at);
        struct stream_consumer *consumer =
            is_good ? stream_group_add_consumer(group, name, seen_at) : NULL;
        is_good = consumer != NULL;
        if (is_good)
            consumer->active_at = seen_at; /* the best guess where it is not told */
        if (is_good && type == RDB_TYPE_STREAM_LISTPACKS_3)
            is_good = read_signed(reader, &consumer->active_at);
        is_good = is_good && read_share(reader, group, consumer);
        owned += is_good ? consumer->pending.count : 0;
    }
    buffer_clear(&scratch);
    return is_good && owned == group->pending.count;
}

static bool read_group(struct rdb_reader *reader, struct value *value, enum rdb_type type)
{
    struct buffer scratch = {0};
    struct bytes name;
    struct stream_id last_id;
    uint64_t entries_read;
    struct stream_group *group = NULL;
    bool is_good = rdb_read_string(reader, &name, &scratch) && read_id(reader, &last_id);
    if (is_good && type == RDB_TYPE_STREAM_LISTPACKS)
        entries_read = (uint64_t)stream_progress_estimate(value, last_id, STREAM_PROGRESS_7_0);
    else
        is_good = is_good && rdb_read_length(reader, &entries_read);
    if (is_good)
        group = stream_add_group(value, name, last_id, (int64_t)entries_read);
    buffer_clear(&scratch);
    return group && read_pending(reader, group) && read_consumers(reader, group, type);
}

static bool read_groups(struct rdb_reader *reader, struct value *value, enum rdb_type type)
{
    uint64_t count;
    if (!rdb_read_length(reader, &count))
        return false;
    for (; count > 0; count--)
        if (!read_group(reader, value, type))
            return false;
    return true;
}

struct value *dump_stream_read(struct rdb_reader *reader, enum rdb_type type)
{
    struct value *value = stream_new();
    struct stream *stream = stream_of(value);
    struct stream_id last = STREAM_ID_LOWEST;
    uint64_t length = 0;
    if (read_blocks(reader, value, &last, &length) && read_numbers(reader, value, type) &&
        stream->length == length && stream_id_compare(last, stream->last_id) <= 0 &&
        read_groups(reader, value, type))
        return value;
    value_release(value);
    return NULL;
}
