/* SPDX-License-Identifier: MIT */
/*
 * A pending entry is in the group's tree, which owns it, and in that of the consumer that it names.
 * Consumers stand in an array sorted by name: they are few, and lists of them are in that order.
 */
#include "values/stream_group.h"

#include "base/memory.h"

/* Life. */

static int compare_pending(const void *a, const void *b)
{
    const struct stream_pending *one = a;
    const struct stream_pending *other = b;
    return stream_id_compare(one->id, other->id);
}

struct stream_group *stream_group_new(struct bytes name, struct stream_id last_id,
                                      int64_t entries_read)
{
    struct stream_group *group = memory_allocate(sizeof *group + name.size);
    *group = (struct stream_group){
        .last_id = last_id, .entries_read = entries_read, .name_size = name.size};
    order_tree_init(&group->pending, compare_pending);
    if (name.size)
        memcpy(group->name, name.data, name.size);
    return group;
}

static void free_consumer(struct stream_consumer *consumer)
{
    order_tree_clear(&consumer->pending);
    memory_free(consumer);
}

void stream_group_free(struct stream_group *group)
{
    for (size_t i = 0; i < group->consumer_count; i++)
        free_consumer(group->consumers[i]);
    memory_free(group->consumers);
    struct order_position at = order_tree_seek(&group->pending, 0);
    for (void *pending; (pending = order_position_element(at)); at = order_position_next(at))
        memory_free(pending);
    order_tree_clear(&group->pending);
    memory_free(group);
}

struct stream_group *stream_group_clone(const struct stream_group *group)
{
    struct stream_group *clone =
        stream_group_new(stream_group_name(group), group->last_id, group->entries_read);
    for (size_t i = 0; i < group->consumer_count; i++) {
        const struct stream_consumer *from = group->consumers[i];
        struct stream_consumer *to =
            stream_group_add_consumer(clone, stream_group_consumer_name(from), from->seen_at);
        to->active_at = from->active_at;
    }
    struct order_position at = order_tree_seek(&group->pending, 0);
    for (const struct stream_pending *from; (from = order_position_element(at));
         at = order_position_next(at)) {
        struct stream_consumer *consumer = NULL;
        if (from->consumer)
            consumer =
                stream_group_find_consumer(clone, stream_group_consumer_name(from->consumer));
        struct stream_pending *to =
            stream_group_add_pending(clone, from->id, consumer, from->delivered_at);
        to->deliveries = from->deliveries;
    }
    return clone;
}

size_t stream_group_memory(const struct stream_group *group)
{
    size_t size = sizeof *group + group->name_size + order_tree_memory(&group->pending) +
                  group->pending.count * sizeof(struct stream_pending) +
                  group->consumer_capacity * sizeof *group->consumers;
    for (size_t i = 0; i < group->consumer_count; i++)
        size += sizeof(struct stream_consumer) + group->consumers[i]->name_size +
                order_tree_memory(&group->consumers[i]->pending);
    return size;
}

/* Consumers. */

/* The place of the first consumer whose name is not before this one. */
static size_t consumer_place(const struct stream_group *group, struct bytes name)
{
    size_t low = 0, high = group->consumer_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (bytes_compare(stream_group_consumer_name(group->consumers[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct stream_consumer *consumer_at(const struct stream_group *group, size_t place,
                                           struct bytes name)
{
    if (place == group->consumer_count)
        return NULL;
    struct stream_consumer *consumer = group->consumers[place];
    return bytes_equal(stream_group_consumer_name(consumer), name) ? consumer : NULL;
}

struct stream_consumer *stream_group_find_consumer(const struct stream_group *group,
                                                   struct bytes name)
{
    return consumer_at(group, consumer_place(group, name), name);
}

struct stream_consumer *stream_group_add_consumer(struct stream_group *group, struct bytes name,
                                                  int64_t now_ms)
{
    size_t place = consumer_place(group, name);
    if (consumer_at(group, place, name))
        return NULL;
    struct stream_consumer *consumer = memory_allocate(sizeof *consumer + name.size);
    *consumer = (struct stream_consumer){
        .seen_at = now_ms, .active_at = STREAM_GROUP_NEVER, .name_size = name.size};
    order_tree_init(&consumer->pending, compare_pending);
    if (name.size)
        memcpy(consumer->name, name.data, name.size);
    if (group->consumer_count == group->consumer_capacity) {
        group->consumer_capacity = group->consumer_capacity ? group->consumer_capacity * 2 : 4;
        group->consumers =
            memory_resize(group->consumers, group->consumer_capacity * sizeof *group->consumers);
    }
    struct stream_consumer **slot = group->consumers + place;
    memmove(slot + 1, slot, (group->consumer_count - place) * sizeof *slot);
    *slot = consumer;
    group->consumer_count++;
    return consumer;
}

void stream_group_remove_consumer(struct stream_group *group, struct stream_consumer *consumer)
{
    struct order_position at = order_tree_seek(&consumer->pending, 0);
    for (struct stream_pending *pending; (pending = order_position_element(at));
         at = order_position_next(at)) {
        order_tree_remove(&group->pending, pending);
        memory_free(pending);
    }
    struct stream_consumer **slot =
        group->consumers + consumer_place(group, stream_group_consumer_name(consumer));
    group->consumer_count--;
    size_t behind = group->consumer_count - (size_t)(slot - group->consumers);
    memmove(slot, slot + 1, behind * sizeof *slot);
    free_consumer(consumer);
}

/* Pending entries. */

static bool is_before(const void *element, const void *bound)
{
    const struct stream_pending *pending = element;
    const struct stream_id *id = bound;
    return stream_id_compare(pending->id, *id) < 0;
}

struct order_position stream_group_seek(const struct order_tree *pending, struct stream_id id)
{
    return order_tree_seek(pending, order_tree_count_before(pending, is_before, &id));
}

struct stream_pending *stream_group_find_pending(const struct stream_group *group,
                                                 struct stream_id id)
{
    struct stream_pending *found = order_position_element(stream_group_seek(&group->pending, id));
    return found && stream_id_compare(found->id, id) == 0 ? found : NULL;
}

struct stream_pending *stream_group_add_pending(struct stream_group *group, struct stream_id id,
                                                struct stream_consumer *consumer, int64_t now_ms)
{
    if (stream_group_find_pending(group, id))
        return NULL;
    struct stream_pending *pending = memory_allocate(sizeof *pending);
    *pending = (struct stream_pending){.id = id, .delivered_at = now_ms, .deliveries = 1};
    order_tree_insert(&group->pending, pending);
    if (consumer)
        stream_group_assign(pending, consumer);
    return pending;
}

void stream_group_assign(struct stream_pending *pending, struct stream_consumer *consumer)
{
    if (pending->consumer == consumer)
        return;
    if (pending->consumer)
        order_tree_remove(&pending->consumer->pending, pending);
    pending->consumer = consumer;
    order_tree_insert(&consumer->pending, pending);
}

void stream_group_remove_pending(struct stream_group *group, struct stream_pending *pending)
{
    order_tree_remove(&group->pending, pending);
    if (pending->consumer)
        order_tree_remove(&pending->consumer->pending, pending);
    memory_free(pending);
}
