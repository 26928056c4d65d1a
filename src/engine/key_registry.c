/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a membership stands in two lists, its owner's and its key's; a key is in the table
 * exactly while it has members, and in the list of marked keys exactly while is_marked.
 */
#include "engine/key_registry.h"

#include "base/check.h"
#include "base/memory.h"

#define SHORT_NAME 256 /* bytes; a longer one is put together on the heap */

/* A key's name in the table: its database and the key, put together. */
struct full_name {
    struct bytes bytes;
    char *heap; /* owned; NULL when it is short */
    char stack[SHORT_NAME];
};

static void full_name_init(struct full_name *name, int db, struct bytes key)
{
    size_t size = sizeof db + key.size;
    name->heap = size > SHORT_NAME ? memory_allocate(size) : NULL;
    char *place = name->heap ? name->heap : name->stack;
    memcpy(place, &db, sizeof db);
    if (key.size)
        memcpy(place + sizeof db, key.data, key.size);
    name->bytes = bytes_of(place, size);
}

static struct bytes name_of_registered(const void *entry)
{
    const struct registered_key *key = entry;
    return bytes_of(key->name, key->name_size);
}
static const struct table_class registered_class = {.key_of = name_of_registered};

void key_registry_init(struct key_registry *registry, uint64_t seed)
{
    *registry = (struct key_registry){0};
    table_init(&registry->keys, &registered_class, seed);
}

void key_registry_clear(struct key_registry *registry)
{
    CHECK(table_count(&registry->keys) == 0 && list_is_empty(&registry->marked));
    table_clear(&registry->keys, NULL, NULL);
}

struct bytes key_registry_name_of(const struct registered_key *key)
{
    return bytes_of(key->name + sizeof key->db, key->name_size - sizeof key->db);
}

struct registered_key *key_registry_find(const struct key_registry *registry, int db,
                                         struct bytes key)
{
    struct full_name name;
    full_name_init(&name, db, key);
    struct registered_key *found = table_find((struct table *)&registry->keys, name.bytes);
    memory_free(name.heap);
    return found;
}

static struct registered_key *find_or_add(struct key_registry *registry, int db, struct bytes key)
{
    struct registered_key *found = key_registry_find(registry, db, key);
    if (found)
        return found;
    struct full_name name;
    full_name_init(&name, db, key);
    found = memory_zeroed(sizeof *found + name.bytes.size);
    found->db = db;
    found->name_size = name.bytes.size;
    memcpy(found->name, name.bytes.data, name.bytes.size);
    memory_free(name.heap);
    table_insert(&registry->keys, found);
    return found;
}

/* An owner with few keys is looked through, and so is a key with few owners. */
static bool is_member(const struct list *memberships, const struct registered_key *key,
                      const void *owner)
{
    struct list_node *node;
    if (list_count(&key->members) < list_count(memberships)) {
        for (node = list_first(&key->members); node; node = list_next(node))
            if (LIST_ENTRY(node, struct key_membership, by_key)->owner == owner)
                return true;
        return false;
    }
    for (node = list_first(memberships); node; node = list_next(node))
        if (LIST_ENTRY(node, struct key_membership, by_owner)->key == key)
            return true;
    return false;
}

struct key_membership *key_registry_join(struct key_registry *registry, struct list *memberships,
                                         void *owner, int db, struct bytes key)
{
    struct registered_key *registered = find_or_add(registry, db, key);
    if (is_member(memberships, registered, owner))
        return NULL;
    struct key_membership *membership = memory_zeroed(sizeof *membership);
    membership->owner = owner;
    membership->key = registered;
    list_append(memberships, &membership->by_owner);
    list_append(&registered->members, &membership->by_key);
    return membership;
}

static void forget_if_unused(struct key_registry *registry, struct registered_key *key)
{
    if (!list_is_empty(&key->members))
        return;
    if (key->is_marked)
        list_remove(&registry->marked, &key->mark);
    CHECK(table_remove(&registry->keys, name_of_registered(key)) == key);
    memory_free(key);
}

void key_registry_leave_all(struct key_registry *registry, struct list *memberships)
{
    struct list_node *node;
    while ((node = list_first(memberships)) != NULL) {
        struct key_membership *membership = LIST_ENTRY(node, struct key_membership, by_owner);
        list_remove(memberships, &membership->by_owner);
        list_remove(&membership->key->members, &membership->by_key);
        forget_if_unused(registry, membership->key);
        memory_free(membership);
    }
}

void key_registry_mark(struct key_registry *registry, struct registered_key *key)
{
    if (key->is_marked)
        return;
    key->is_marked = true;
    list_append(&registry->marked, &key->mark);
}

struct registered_key *key_registry_take_marked(struct key_registry *registry)
{
    struct list_node *node = list_first(&registry->marked);
    if (!node)
        return NULL;
    struct registered_key *key = LIST_ENTRY(node, struct registered_key, mark);
    list_remove(&registry->marked, node);
    key->is_marked = false;
    return key;
}

void key_registry_visit(struct key_registry *registry, int db,
                        void (*visit)(struct registered_key *key, void *context), void *context)
{
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &registry->keys);
    struct registered_key *key;
    while ((key = table_iterator_next(&iterator)) != NULL)
        if (key->db == db)
            visit(key, context);
    table_iterator_end(&iterator);
}
