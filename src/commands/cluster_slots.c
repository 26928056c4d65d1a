/* SPDX-License-Identifier: MIT */
/* Where slots are changed, all of a call are checked before the first. */
#include "commands/cluster_slots.h"

#include "base/memory.h"
#include "base/number.h"
#include "commands/cluster.h"
#include "engine/call.h"
#include "engine/cluster.h"
#include "engine/cluster_redirect.h"
#include "engine/engine.h"
#include "keyspace/slot_index.h"
#include "reply/errors.h"

/* argv[index]; false: the error was answered. */
static bool read_slot(struct call *call, int index, int *slot)
{
    int64_t value;
    if (!number_parse_integer(call->argv[index], &value) || value < 0 || value >= HASH_SLOTS) {
        reply_error(call->reply, ERROR_CLUSTER_SLOT);
        return false;
    }
    *slot = (int)value;
    return true;
}

struct choice {
    bool is_chosen[HASH_SLOTS];
    bool deletes;
};

/* False: one of them cannot be given, or taken, and the error was answered. */
static bool choose(struct call *call, struct choice *choice, int first, int last)
{
    const struct cluster_slot *slots = call->engine->cluster->slots;
    for (int slot = first; slot <= last; slot++) {
        const char *error = NULL;
        if (choice->deletes && !slots[slot].owner)
            error = ERROR_CLUSTER_SLOT_FREE;
        else if (!choice->deletes && slots[slot].owner)
            error = ERROR_CLUSTER_SLOT_BUSY;
        else if (choice->is_chosen[slot])
            error = ERROR_CLUSTER_SLOT_TWICE;
        if (error) {
            reply_error_format(call->reply, error, slot);
            return false;
        }
        choice->is_chosen[slot] = true;
    }
    return true;
}

static bool choose_each(struct call *call, struct choice *choice)
{
    int slot;
    for (int i = 2; i < call->argc; i++)
        if (!read_slot(call, i, &slot))
            return false;
    for (int i = 2; i < call->argc; i++)
        if (!read_slot(call, i, &slot) || !choose(call, choice, slot, slot))
            return false;
    return true;
}

static bool choose_ranges(struct call *call, struct choice *choice)
{
    int first, last;
    if (call->argc % 2) {
        call_arity_error(call);
        return false;
    }
    for (int i = 2; i < call->argc; i += 2) {
        if (!read_slot(call, i, &first) || !read_slot(call, i + 1, &last))
            return false;
        if (first > last) {
            reply_error_format(call->reply, ERROR_CLUSTER_SLOT_RANGE, first, last);
            return false;
        }
    }
    for (int i = 2; i < call->argc; i += 2)
        if (!read_slot(call, i, &first) || !read_slot(call, i + 1, &last) ||
            !choose(call, choice, first, last))
            return false;
    return true;
}

static void change(struct call *call, bool (*choose_slots)(struct call *, struct choice *),
                   bool deletes)
{
    struct cluster *cluster = cluster_of(call);
    if (!cluster)
        return;
    struct choice *choice = memory_zeroed(sizeof *choice);
    choice->deletes = deletes;
    if (choose_slots(call, choice)) {
        for (int slot = 0; slot < HASH_SLOTS; slot++) {
            if (!choice->is_chosen[slot])
                continue;
            cluster_give(cluster, slot, deletes ? NULL : cluster->myself);
            if (!deletes)
                cluster_import(cluster, slot, NULL);
        }
        cluster_redirect_settle(call->engine);
        reply_ok(call->reply);
    }
    memory_free(choice);
}

void cluster_slots_add(struct call *call)
{
    change(call, choose_each, false);
}

void cluster_slots_add_ranges(struct call *call)
{
    change(call, choose_ranges, false);
}

void cluster_slots_delete(struct call *call)
{
    change(call, choose_each, true);
}

void cluster_slots_delete_ranges(struct call *call)
{
    change(call, choose_ranges, true);
}

void cluster_slots_flush(struct call *call)
{
    struct cluster *cluster = cluster_of(call);
    if (!cluster)
        return;
    if (database_count(call->db)) {
        reply_error(call->reply, ERROR_CLUSTER_FLUSHSLOTS);
        return;
    }
    for (int slot = 0; slot < HASH_SLOTS; slot++)
        if (cluster->slots[slot].owner == cluster->myself)
            cluster_give(cluster, slot, NULL);
    cluster_redirect_settle(call->engine);
    reply_ok(call->reply);
}

/* --- SETSLOT --- */

/* argv[4]; `error` takes what stands there. NULL: there is none, and the error was answered. */
static struct cluster_node *find_node(struct call *call, const char *error)
{
    struct cluster_node *node = cluster_find_node(call->engine->cluster, call->argv[4]);
    if (!node)
        reply_error_format(call->reply, error, BYTES_PRINT(call->argv[4]));
    return node;
}

static void set_migrating(struct call *call, struct cluster *cluster, int slot)
{
    if (cluster->slots[slot].owner != cluster->myself) {
        reply_error_format(call->reply, ERROR_CLUSTER_NOT_OWNER, slot);
        return;
    }
    struct cluster_node *target = find_node(call, ERROR_CLUSTER_NO_SUCH_NODE);
    if (!target)
        return;
    cluster_migrate(cluster, slot, target);
    reply_ok(call->reply);
}

static void set_importing(struct call *call, struct cluster *cluster, int slot)
{
    if (cluster->slots[slot].owner == cluster->myself) {
        reply_error_format(call->reply, ERROR_CLUSTER_OWNER, slot);
        return;
    }
    struct cluster_node *source = find_node(call, ERROR_CLUSTER_NO_SUCH_NODE);
    if (!source)
        return;
    cluster_import(cluster, slot, source);
    reply_ok(call->reply);
}

static void set_owner(struct call *call, struct cluster *cluster, int slot)
{
    struct cluster_node *owner = find_node(call, ERROR_CLUSTER_UNKNOWN_NODE);
    if (!owner)
        return;
    size_t keys = slot_index_count(call->db->slots, slot);
    if (cluster->slots[slot].owner == cluster->myself && owner != cluster->myself && keys) {
        reply_error_format(call->reply, ERROR_CLUSTER_SLOT_HAS_KEYS, slot);
        return;
    }
    if (keys == 0)
        cluster_migrate(cluster, slot, NULL);
    if (owner == cluster->myself && cluster->slots[slot].imports) {
        cluster_bump_epoch(cluster); /* so that the others believe it */
        cluster_import(cluster, slot, NULL);
    }
    cluster_give(cluster, slot, owner);
    cluster_redirect_settle(call->engine);
    reply_ok(call->reply);
}

void cluster_slots_set(struct call *call)
{
    struct cluster *cluster = cluster_of(call);
    int slot;
    if (!cluster || !read_slot(call, 2, &slot))
        return;
    if (call->argc == 5 && call_is(call, 3, "MIGRATING")) {
        set_migrating(call, cluster, slot);
    } else if (call->argc == 5 && call_is(call, 3, "IMPORTING")) {
        set_importing(call, cluster, slot);
    } else if (call->argc == 5 && call_is(call, 3, "NODE")) {
        set_owner(call, cluster, slot);
    } else if (call->argc == 4 && call_is(call, 3, "STABLE")) {
        cluster_migrate(cluster, slot, NULL);
        cluster_import(cluster, slot, NULL);
        reply_ok(call->reply);
    } else {
        reply_error(call->reply, ERROR_CLUSTER_SETSLOT);
    }
}

void cluster_slots_of_key(struct call *call)
{
    if (cluster_of(call))
        reply_integer(call->reply, hash_slot_of(call->argv[2]));
}

void cluster_slots_count_keys(struct call *call)
{
    int64_t slot;
    if (!cluster_of(call) || !call_integer(call, 2, &slot, NULL))
        return;
    if (slot < 0 || slot >= HASH_SLOTS)
        reply_error(call->reply, ERROR_CLUSTER_SLOT_NUMBER);
    else
        reply_integer(call->reply, (int64_t)slot_index_count(call->db->slots, (int)slot));
}

static void answer_key(struct bytes key, void *context)
{
    reply_bulk(context, key);
}

void cluster_slots_list_keys(struct call *call)
{
    int64_t slot, limit;
    if (!cluster_of(call) || !call_integer(call, 2, &slot, NULL) ||
        !call_integer(call, 3, &limit, NULL))
        return;
    if (slot < 0 || slot >= HASH_SLOTS || limit < 0) {
        reply_error(call->reply, ERROR_CLUSTER_SLOT_OR_COUNT);
        return;
    }
    size_t count = slot_index_count(call->db->slots, (int)slot);
    if ((uint64_t)limit < count)
        count = (size_t)limit;
    reply_open(call->reply, REPLY_ARRAY, count);
    slot_index_visit(call->db->slots, (int)slot, count, answer_key, call->reply);
    reply_close(call->reply);
}
