/* SPDX-License-Identifier: MIT */
/*
 * Who is interested in which keys: the watchers of WATCH, the clients that wait for a key. A key is
 * one of a database, whether it exists or not.
 *
 *     key_registry_join(&registry, &session->watches, session, db->index, key);
 *     struct registered_key *found = key_registry_find(&registry, db->index, key);
 *     if (found)
 *         for (node = found->members.first; node; node = node->next)
 *             wake(LIST_ENTRY(node, struct key_membership, by_key)->owner);
 *     key_registry_leave_all(&registry, &session->watches);
 */
#ifndef UNDERSTUDY_ENGINE_KEY_REGISTRY_H
#define UNDERSTUDY_ENGINE_KEY_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/list.h"
#include "base/table.h"

/* Embedded. */
struct key_registry {
    struct table keys;  /* of struct registered_key: exactly those with a member */
    struct list marked; /* of struct registered_key, by `mark`, in the order of marking */
};

struct registered_key {
    struct list members; /* of struct key_membership, by_key: first come, first */
    struct list_node mark;
    bool is_marked;
    int db;
    size_t name_size; /* sizeof db and the key */
    char name[];
};

struct key_membership {
    struct list_node by_owner;
    struct list_node by_key;
    void *owner; /* borrowed */
    struct registered_key *key;
    bool is_void; /* the owner's own note */
};

void key_registry_init(struct key_registry *registry, uint64_t seed);
/* Everyone must have left. */
void key_registry_clear(struct key_registry *registry);

static inline size_t key_registry_count(const struct key_registry *registry)
{
    return table_count(&registry->keys);
}

/* NULL when nobody is interested. */
struct registered_key *key_registry_find(const struct key_registry *registry, int db,
                                         struct bytes key);

/* The key without its database; borrowed. */
struct bytes key_registry_name_of(const struct registered_key *key);

/* Adds to the key's members and to the owner's list of memberships. NULL when it is there already.
 */
struct key_membership *key_registry_join(struct key_registry *registry, struct list *memberships,
                                         void *owner, int db, struct bytes key);

/* Empties an owner's list. A key without members goes, marked or not. */
void key_registry_leave_all(struct key_registry *registry, struct list *memberships);

/* Once; a key that is marked stays where it stands. */
void key_registry_mark(struct key_registry *registry, struct registered_key *key);
/* The first marked key, no longer marked; NULL when there is none. */
struct registered_key *key_registry_take_marked(struct key_registry *registry);

/* Every key of a database, in no order. `visit` must not change the registry, but may mark. */
void key_registry_visit(struct key_registry *registry, int db,
                        void (*visit)(struct registered_key *key, void *context), void *context);

#endif
