/* SPDX-License-Identifier: MIT */
/*
 * Invariant: blocks ascend by id, every entry of a block is below the next block's id, and nothing
 * is above last_id. A block whose last live entry is deleted goes, but for one case: trimming by id
 * may leave a block of deleted entries alone, as Redis does.
 */
#include "values/stream.h"

#include "base/check.h"
#include "base/memory.h"
#include "values/listpack.h"

#define KEY_SIZE 16 /* bytes of an id as a key of Redis's radix tree */

static inline struct stream_block *block_at(const struct stream *stream, size_t index)
{
    return stream->blocks + stream->block_start + index;
}

/* Life. */

struct value *stream_new(void)
{
    struct stream *stream = memory_zeroed(sizeof *stream);
    value_init(&stream->head, VALUE_STREAM, ENCODING_STREAM);
    return &stream->head;
}

void stream_free(struct value *value)
{
    struct stream *stream = stream_of(value);
    for (size_t i = 0; i < stream->block_count; i++)
        stream_block_free(block_at(stream, i));
    memory_free(stream->blocks);
    for (size_t i = 0; i < stream->group_count; i++)
        stream_group_free(stream->groups[i]);
    memory_free(stream->groups);
    memory_free(stream);
}

struct value *stream_clone(const struct value *value)
{
    const struct stream *from = stream_const(value);
    struct value *clone = stream_new();
    struct stream *stream = stream_of(clone);
    struct value head = stream->head;
    *stream = *from;
    stream->head = head;
    stream->block_start = 0;
    stream->block_capacity = from->block_count;
    stream->group_capacity = from->group_count;
    stream->blocks = memory_allocate(from->block_count * sizeof *stream->blocks);
    for (size_t i = 0; i < from->block_count; i++)
        stream->blocks[i] = stream_block_clone(block_at(from, i));
    stream->groups = memory_allocate(from->group_count * sizeof(struct stream_group *));
    for (size_t i = 0; i < from->group_count; i++)
        stream->groups[i] = stream_group_clone(from->groups[i]);
    return clone;
}

size_t stream_memory(const struct value *value, size_t samples)
{
    const struct stream *stream = stream_const(value);
    size_t seen = 0, bytes = 0;
    for (; seen < stream->block_count && (samples == 0 || seen < samples); seen++)
        bytes += listpack_memory(block_at(stream, seen)->pack);
    if (seen)
        bytes = (size_t)((double)bytes / (double)seen * (double)stream->block_count);
    size_t size = sizeof *stream + stream->block_capacity * sizeof *stream->blocks + bytes;
    for (size_t i = 0; i < stream->group_count; i++)
        size += stream_group_memory(stream->groups[i]);
    return size;
}

/* Blocks. */

/* How many blocks begin at or below the id: the last of them is where it belongs. */
static size_t blocks_up_to(const struct stream *stream, struct stream_id id)
{
    size_t low = 0, high = stream->block_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (stream_id_compare(block_at(stream, middle)->id, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void stream_add_block(struct value *value, struct stream_block block)
{
    struct stream *stream = stream_of(value);
    size_t end = stream->block_start + stream->block_count;
    if (end == stream->block_capacity && stream->block_start > stream->block_capacity / 2) {
        memmove(stream->blocks, block_at(stream, 0), stream->block_count * sizeof block);
        stream->block_start = 0;
    } else if (end == stream->block_capacity) {
        stream->block_capacity = stream->block_capacity ? stream->block_capacity * 2 : 1;
        stream->blocks = memory_resize(stream->blocks, stream->block_capacity * sizeof block);
    }
    *block_at(stream, stream->block_count++) = block;
}

static void remove_block(struct stream *stream, size_t index)
{
    struct stream_block *block = block_at(stream, index);
    stream_block_free(block);
    stream->block_count--;
    if (index == 0)
        stream->block_start++;
    else
        memmove(block, block + 1, (stream->block_count - index) * sizeof *block);
    if (stream->block_count == 0)
        stream->block_start = 0;
}

/* Whether the last block takes no more. */
static bool is_full(const struct stream_block *block, size_t added,
                    const struct stream_limits *limits)
{
    size_t bytes = limits->bytes;
    if (bytes == 0 || bytes > STREAM_ENTRY_LIMIT)
        bytes = STREAM_ENTRY_LIMIT;
    if (stream_block_size(block) + added >= bytes)
        return true;
    return limits->entries &&
           stream_block_live(block) + stream_block_deleted(block) >= limits->entries;
}

void stream_append(struct value *value, struct stream_id id, const struct bytes *pairs,
                   size_t count, const struct stream_limits *limits)
{
    struct stream *stream = stream_of(value);
    size_t size = 0;
    for (size_t i = 0; i < 2 * count; i++)
        size += pairs[i].size;
    CHECK(stream_id_compare(id, stream->last_id) > 0 && size <= STREAM_ENTRY_LIMIT);
    struct stream_block *last =
        stream->block_count ? block_at(stream, stream->block_count - 1) : NULL;
    if (!last || is_full(last, size, limits))
        stream_add_block(value, stream_block_new(id, pairs, count));
    else
        stream_block_append(last, id, pairs, count);
    stream->last_id = id;
    stream->entries_added++;
    if (stream->length++ == 0)
        stream->first_id = id;
}

/* Iterating. */

void stream_iterator_begin(struct stream_iterator *iterator, const struct value *value,
                           struct stream_id start, struct stream_id end, bool is_reverse)
{
    const struct stream *stream = stream_const(value);
    *iterator = (struct stream_iterator){
        .stream = stream, .start = start, .end = end, .is_reverse = is_reverse};
    size_t up_to = blocks_up_to(stream, is_reverse ? end : start);
    if (is_reverse)
        iterator->block = up_to; /* one more than the index */
    else
        iterator->block = up_to ? up_to - 1 : 0;
}

/* To the next entry, deleted or not, whatever its id. */
static bool advance(struct stream_iterator *iterator)
{
    const struct stream *stream = iterator->stream;
    struct stream_block_cursor *entry = &iterator->entry;
    if (iterator->has_block) {
        if (iterator->is_reverse ? stream_block_previous(entry) : stream_block_next(entry))
            return true;
        iterator->has_block = false;
        iterator->block += !iterator->is_reverse;
    }
    if (iterator->is_reverse) {
        if (iterator->block == 0)
            return false;
        iterator->block--;
        iterator->has_block = stream_block_last(entry, block_at(stream, iterator->block));
    } else {
        if (iterator->block >= stream->block_count)
            return false;
        iterator->has_block = stream_block_first(entry, block_at(stream, iterator->block));
    }
    return iterator->has_block;
}

bool stream_iterator_next(struct stream_iterator *iterator)
{
    while (advance(iterator)) {
        struct stream_id id = iterator->entry.id;
        bool is_early = stream_id_compare(id, iterator->start) < 0;
        bool is_late = stream_id_compare(id, iterator->end) > 0;
        if (iterator->is_reverse ? is_early : is_late)
            return false;
        if (!is_early && !is_late && !iterator->entry.is_deleted)
            return true;
    }
    return false;
}

/* Stands at the entry; false when there is none or it is deleted. */
static bool find(struct stream_iterator *iterator, const struct value *value, struct stream_id id)
{
    stream_iterator_begin(iterator, value, id, id, false);
    return stream_iterator_next(iterator);
}

bool stream_has(const struct value *value, struct stream_id id)
{
    struct stream_iterator iterator;
    return find(&iterator, value, id);
}

struct stream_id stream_find_first(const struct value *value)
{
    struct stream_iterator iterator;
    stream_iterator_begin(&iterator, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
    return stream_iterator_next(&iterator) ? iterator.entry.id : STREAM_ID_LOWEST;
}

struct stream_id stream_top(const struct value *value)
{
    struct stream_iterator iterator;
    stream_iterator_begin(&iterator, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, true);
    return stream_iterator_next(&iterator) ? iterator.entry.id : stream_const(value)->last_id;
}

/* Deleting. */

bool stream_delete(struct value *value, struct stream_id id)
{
    struct stream *stream = stream_of(value);
    struct stream_iterator iterator;
    if (!find(&iterator, value, id))
        return false;
    struct stream_block *block = block_at(stream, iterator.block);
    if (stream_block_live(block) == 1)
        remove_block(stream, iterator.block);
    else
        stream_block_delete(block, &iterator.entry);
    stream->length--;
    if (stream_id_compare(id, stream->first_id) == 0 || stream->length == 0)
        stream->first_id = stream_find_first(value);
    if (stream_id_compare(id, stream->max_deleted_id) > 0)
        stream->max_deleted_id = id;
    return true;
}

/* Whether all of the first block is to go. Deleted entries have a say in it, as in Redis. */
static bool goes_whole(const struct stream *stream, const struct stream_trim *trim)
{
    const struct stream_block *block = block_at(stream, 0);
    if (trim->strategy == STREAM_TRIM_LENGTH)
        return stream->length - stream_block_live(block) >= trim->length;
    struct stream_block_cursor last;
    CHECK(stream_block_last(&last, block));
    return stream_id_compare(last.id, trim->lowest) < 0;
}

/* Deletes from within the first block; how many. */
static uint64_t trim_block(struct stream *stream, const struct stream_trim *trim)
{
    struct stream_block *block = block_at(stream, 0);
    struct stream_block_cursor entry;
    uint64_t deleted = 0;
    for (bool is = stream_block_first(&entry, block); is; is = stream_block_next(&entry)) {
        if (trim->strategy == STREAM_TRIM_LENGTH ? stream->length <= trim->length
                                                 : stream_id_compare(entry.id, trim->lowest) >= 0)
            break;
        if (entry.is_deleted)
            continue;
        stream_block_delete(block, &entry);
        stream->length--;
        deleted++;
    }
    return deleted;
}

uint64_t stream_trim(struct value *value, const struct stream_trim *trim)
{
    struct stream *stream = stream_of(value);
    uint64_t deleted = 0;
    while (trim->strategy != STREAM_TRIM_NONE && stream->block_count) {
        if (trim->strategy == STREAM_TRIM_LENGTH && stream->length <= trim->length)
            break;
        size_t live = stream_block_live(block_at(stream, 0));
        if (trim->limit && deleted + live > trim->limit)
            break;
        if (!goes_whole(stream, trim)) {
            if (!trim->is_approximate)
                deleted += trim_block(stream, trim);
            break;
        }
        remove_block(stream, 0);
        stream->length -= live;
        deleted += live;
    }
    if (deleted)
        stream->first_id = stream_find_first(value);
    return deleted;
}

/* Groups. */

static size_t group_place(const struct stream *stream, struct bytes name)
{
    size_t low = 0, high = stream->group_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(stream_group_name(stream->groups[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct stream_group *stream_find_group(const struct value *value, struct bytes name)
{
    const struct stream *stream = stream_const(value);
    size_t place = group_place(stream, name);
    if (place == stream->group_count)
        return NULL;
    struct stream_group *group = stream->groups[place];
    return bytes_equal(stream_group_name(group), name) ? group : NULL;
}

struct stream_group *stream_add_group(struct value *value, struct bytes name,
                                      struct stream_id last_id, int64_t entries_read)
{
    struct stream *stream = stream_of(value);
    if (stream_find_group(value, name))
        return NULL;
    if (stream->group_count == stream->group_capacity) {
        stream->group_capacity = stream->group_capacity ? stream->group_capacity * 2 : 2;
        stream->groups =
            memory_resize(stream->groups, stream->group_capacity * sizeof *stream->groups);
    }
    size_t place = group_place(stream, name);
    struct stream_group **slot = stream->groups + place;
    memmove(slot + 1, slot, (stream->group_count - place) * sizeof *slot);
    *slot = stream_group_new(name, last_id, entries_read);
    stream->group_count++;
    return *slot;
}

void stream_remove_group(struct value *value, struct stream_group *group)
{
    struct stream *stream = stream_of(value);
    size_t place = group_place(stream, stream_group_name(group));
    struct stream_group **slot = stream->groups + place;
    stream->group_count--;
    memmove(slot, slot + 1, (stream->group_count - place) * sizeof *slot);
    stream_group_free(group);
}

/* The radix tree that Redis would have: its keys are the blocks' ids, most significant byte first,
 * and a run of bytes without a branch is one node. */

static void key_of(struct stream_id id, uint8_t key[KEY_SIZE])
{
    for (size_t i = 0; i < KEY_SIZE / 2; i++) {
        key[i] = (uint8_t)(id.ms >> (56 - 8 * i));
        key[i + 8] = (uint8_t)(id.sequence >> (56 - 8 * i));
    }
}

static int common_prefix(struct stream_id a, struct stream_id b)
{
    uint8_t one[KEY_SIZE], other[KEY_SIZE];
    key_of(a, one);
    key_of(b, other);
    int size = 0;
    while (size < KEY_SIZE && one[size] == other[size])
        size++;
    return size;
}

/* A node at a depth, with the run of bytes between it and the branch above (at -1: none). */
static size_t count_with_run(int depth, int branch_above)
{
    return depth - branch_above > 1 ? 2 : 1;
}

size_t stream_radix_nodes(const struct value *value)
{
    const struct stream *stream = stream_const(value);
    int branches[KEY_SIZE]; /* depths of those above the present key, ascending */
    int count = 0;
    size_t nodes = 0;
    if (stream->block_count == 0)
        return 1;
    for (size_t i = 0; i < stream->block_count; i++) {
        int shared = -1; /* with the next key */
        if (i + 1 < stream->block_count)
            shared = common_prefix(block_at(stream, i)->id, block_at(stream, i + 1)->id);
        int above = count ? branches[count - 1] : -1;
        nodes += count_with_run(KEY_SIZE, above > shared ? above : shared);
        while (count && branches[count - 1] > shared) {
            int depth = branches[--count];
            above = count ? branches[count - 1] : -1;
            nodes += count_with_run(depth, above > shared ? above : shared);
        }
        if (shared >= 0 && (count == 0 || branches[count - 1] < shared))
            branches[count++] = shared;
    }
    return nodes;
}
