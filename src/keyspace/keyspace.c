/* SPDX-License-Identifier: MIT */
/*
 * Invariant: an entry is in its database's heap of deadlines exactly when its deadline_slot is not
 * HEAP_NO_SLOT, and table and heap hold the same address for it. Whatever puts a value into an
 * entry lets field_deadlines.c look at it.
 */
#include "keyspace/keyspace.h"

#include "base/check.h"
#include "base/memory.h"
#include "keyspace/access.h"
#include "keyspace/field_deadlines.h"
#include "keyspace/keyspace_private.h"
#include "keyspace/slot_index.h"
#include "keyspace/snapshot.h"
#include "values/string.h"

static struct bytes key_of_entry(const void *entry)
{
    return entry_key(entry);
}

static const struct table_class entry_class = {.key_of = key_of_entry};

static void entry_moved_in_heap(void *item, uint32_t slot)
{
    ((struct entry *)item)->deadline_slot = slot;
}

static void free_entry(void *entry, void *context)
{
    (void)context;
    entry_free(entry);
}

void database_init(struct database *db, struct keyspace *keyspace, int index, uint64_t seed)
{
    *db = (struct database){.keyspace = keyspace, .index = index, .store = index};
    table_init(&db->keys, &entry_class, seed);
    heap_init(&db->deadlines, entry_moved_in_heap);
    field_deadlines_init(db, seed);
    if (keyspace->has_slots && index == 0)
        db->slots = slot_index_new(seed);
}

void keyspace_index_slots(struct keyspace *keyspace)
{
    struct database *db = &keyspace->databases[0];
    CHECK(database_count(db) == 0 && !keyspace->nearest_snapshot);
    keyspace->has_slots = true;
    db->slots = slot_index_new(db->keys.seed);
}

void keyspace_init(struct keyspace *keyspace, int databases, uint64_t seed, struct random *random)
{
    *keyspace = (struct keyspace){.count = databases,
                                  .random = random,
                                  .earliest = KEYSPACE_NEVER,
                                  .lfu_log_factor = 10,
                                  .lfu_decay_time = 1};
    reaper_init(&keyspace->reaper);
    if (!memory_is_watched())
        keyspace->pool = pool_new();
    keyspace->databases = memory_zeroed((size_t)databases * sizeof *keyspace->databases);
    for (int i = 0; i < databases; i++)
        database_init(&keyspace->databases[i], keyspace, i, seed);
}

void keyspace_clear(struct keyspace *keyspace)
{
    CHECK(!keyspace->nearest_snapshot);
    for (int i = 0; i < keyspace->count; i++)
        database_flush(&keyspace->databases[i], false);
    slot_index_free(keyspace->count ? keyspace->databases[0].slots : NULL);
    reaper_clear(&keyspace->reaper);
    pool_free(keyspace->pool);
    keyspace->pool = NULL;
    memory_free(keyspace->databases);
    keyspace->databases = NULL;
    keyspace->count = 0;
}

void keyspace_seed(struct keyspace *keyspace, uint64_t seed)
{
    for (int i = 0; i < keyspace->count; i++)
        if (database_count(&keyspace->databases[i]) == 0)
            keyspace->databases[i].keys.seed = seed;
}

struct database *keyspace_database(struct keyspace *keyspace, int64_t index)
{
    return index >= 0 && index < keyspace->count ? &keyspace->databases[index] : NULL;
}

/* What a snapshot must know before it happens. No more than this look where there is none. */

static inline void about_to_change(struct database *db, const struct entry *entry)
{
    if (db->keyspace->nearest_snapshot)
        snapshot_note(db, entry);
}

static inline void about_to_add(struct database *db, struct bytes key)
{
    if (db->keyspace->nearest_snapshot)
        snapshot_note_absent(db, key);
}

/* Elements that the size of a value is estimated from. */
#define WEIGHT_SAMPLES 16

static inline int64_t weight_of(const struct database *db, const struct entry *entry)
{
    return db->keyspace->counts_growth ? (int64_t)entry_memory(entry, WEIGHT_SAMPLES) : 0;
}

static void drop_deadline(struct database *db, struct entry *entry)
{
    if (entry->deadline_slot == HEAP_NO_SLOT)
        return;
    heap_remove(&db->deadlines, entry->deadline_slot);
    entry->deadline_slot = HEAP_NO_SLOT;
}

struct entry *database_detach(struct database *db, struct bytes key)
{
    struct entry *entry = table_remove(&db->keys, key);
    if (entry) {
        db->keyspace->growth -= weight_of(db, entry);
        drop_deadline(db, entry);
        field_deadlines_forget(db, entry);
        if (db->slots)
            slot_index_remove(db->slots, key);
    }
    return entry;
}

void database_attach(struct database *db, struct entry *entry, int64_t deadline_ms)
{
    table_insert(&db->keys, entry);
    db->keyspace->growth += weight_of(db, entry);
    if (deadline_ms != KEYSPACE_NEVER)
        heap_insert(&db->deadlines, deadline_ms, entry);
    field_deadlines_follow(db, entry);
    if (db->slots)
        slot_index_add(db->slots, entry_key(entry));
}

static void release_value(void *value)
{
    value_release(value);
}

/* Above so many pieces of memory it takes longer to free a value than to hand it over. */
#define LAZY_EFFORT 64

/* Takes the value out of the entry and to the reaper, if that is worth it. */
static void part_with_value(struct database *db, struct entry *entry)
{
    const struct value *value = entry_value(entry);
    if (entry->flags & ENTRY_EMBEDDED || value_is_shared(value) ||
        value_free_effort(value) <= LAZY_EFFORT)
        return;
    size_t bytes = value_class_of(value)->memory(value, WEIGHT_SAMPLES);
    reaper_dispose(&db->keyspace->reaper, entry_take_value(entry), release_value, 1, bytes);
}

static void free_detached(struct database *db, struct entry *entry, bool lazily)
{
    if (lazily)
        part_with_value(db, entry);
    entry_free(entry);
}

/* What expires next. */
struct due {
    struct database *db; /* NULL: nothing ever */
    struct entry *entry; /* the key; or, with has_fields, a hash whose first fields go */
    bool has_fields;
};

/* The earliest deadline of all becomes keyspace->earliest; keys go before fields. */
static struct due find_earliest(struct keyspace *keyspace)
{
    struct due due = {0};
    struct bytes key;
    keyspace->earliest = KEYSPACE_NEVER;
    for (int i = 0; i < keyspace->count; i++) {
        struct database *db = &keyspace->databases[i];
        if (heap_count(&db->deadlines) &&
            heap_first(&db->deadlines).deadline < keyspace->earliest) {
            keyspace->earliest = heap_first(&db->deadlines).deadline;
            due = (struct due){.db = db, .entry = heap_first(&db->deadlines).item};
        }
        int64_t deadline_ms = field_deadlines_first(db, &key);
        if (deadline_ms < keyspace->earliest) {
            keyspace->earliest = deadline_ms;
            due = (struct due){db, table_find(&db->keys, key), true};
        }
    }
    return due;
}

void keyspace_find_earliest(struct keyspace *keyspace)
{
    find_earliest(keyspace);
}

static void expire(struct database *db, struct entry *entry)
{
    struct keyspace *keyspace = db->keyspace;
    about_to_change(db, entry);
    database_detach(db, entry_key(entry));
    keyspace->expired++;
    if (keyspace->listener.expired)
        keyspace->listener.expired(keyspace->listener.context, db, entry_key(entry));
    free_detached(db, entry, keyspace->is_lazy_on_expiry);
}

static void tell_of_fields(struct database *db, const struct entry *entry, int64_t until_ms)
{
    const struct keyspace_listener *listener = &db->keyspace->listener;
    const struct value *hash = entry_value(entry);
    struct hash_iterator iterator;
    struct hash_pair pair;
    int64_t deadline_ms;
    hash_iterator_begin(&iterator, hash);
    while (hash_iterator_next(&iterator, &pair))
        if (hash_deadline_get(hash, pair.field, &deadline_ms) && deadline_ms <= until_ms)
            listener->field_expires(listener->context, db, entry_key(entry), pair.field);
    hash_iterator_end(&iterator);
}

/* Removes the fields whose time has come at that instant; false when the hash went with them. */
static bool expire_fields(struct database *db, struct entry *entry, int64_t until_ms)
{
    const struct keyspace_listener *listener = &db->keyspace->listener;
    struct value *hash = database_own(db, entry);
    if (listener->field_expires)
        tell_of_fields(db, entry, until_ms);
    db->keyspace->expired_fields += hash_deadline_expire(hash, until_ms);
    bool is_emptied = hash_count(hash) == 0;
    if (is_emptied)
        database_detach(db, entry_key(entry));
    else
        field_deadlines_follow(db, entry);
    if (listener->fields_expired)
        listener->fields_expired(listener->context, db, entry_key(entry), is_emptied);
    if (is_emptied)
        entry_free(entry);
    return !is_emptied;
}

void keyspace_set_time(struct keyspace *keyspace, int64_t now_ms)
{
    keyspace->now_ms = now_ms;
    if (now_ms < keyspace->earliest || keyspace->expiry_is_paused || keyspace->keeps_overdue)
        return;
    for (struct due due; (due = find_earliest(keyspace)).db && keyspace->earliest <= now_ms;) {
        if (due.has_fields)
            expire_fields(due.db, due.entry, keyspace->earliest);
        else
            expire(due.db, due.entry);
    }
}

void database_exchange(struct database *a, struct database *b)
{
    struct database former = *a;
    *a = *b;
    a->keyspace = former.keyspace;
    a->index = former.index;
    former.keyspace = b->keyspace;
    former.index = b->index;
    *b = former;
}

void keyspace_copy(struct keyspace *to, const struct keyspace *from)
{
    for (int i = 0; i < from->count && i < to->count; i++) {
        struct database *source = &from->databases[i], *target = &to->databases[i];
        struct table_iterator iterator;
        table_reserve(&target->keys, database_count(source));
        table_iterator_begin(&iterator, &source->keys);
        for (struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;)
            database_attach(target, entry_copy(to->pool, entry), database_deadline(source, entry));
        table_iterator_end(&iterator);
    }
    find_earliest(to);
}

void keyspace_swap(struct keyspace *keyspace, int a, int b)
{
    if (keyspace->nearest_snapshot)
        snapshot_note_order(keyspace);
    database_exchange(&keyspace->databases[a], &keyspace->databases[b]);
}

/* Looked up: an access time that this moves is a change, too. */
static void touch(struct database *db, struct entry *entry)
{
    if (!db->keyspace->nearest_snapshot) {
        access_touch(db->keyspace, entry);
        return;
    }
    uint32_t former = entry->access;
    access_touch(db->keyspace, entry);
    uint32_t access = entry->access;
    if (access == former)
        return;
    entry->access = former & ENTRY_ACCESS_MASK;
    snapshot_note(db, entry);
    entry->access = access & ENTRY_ACCESS_MASK;
}

/* While expiry is paused: lets the entry expire that is looked up; NULL when it went. */
static struct entry *expire_late(struct database *db, struct entry *entry)
{
    int64_t now_ms = db->keyspace->now_ms;
    if (database_deadline(db, entry) <= now_ms) {
        expire(db, entry);
        return NULL;
    }
    bool has_due =
        entry->flags & ENTRY_FIELDS_EXPIRE && hash_deadline_next(entry_value(entry)) <= now_ms;
    return !has_due || expire_fields(db, entry, now_ms) ? entry : NULL;
}

struct entry *database_find(struct database *db, struct bytes key, enum database_access access)
{
    struct entry *entry = table_find(&db->keys, key);
    if (access == ACCESS_PEEK)
        return entry;
    if (entry && db->keyspace->expiry_is_paused && !db->keyspace->keeps_overdue)
        entry = expire_late(db, entry);
    if (access != ACCESS_WRITE) {
        if (entry)
            db->keyspace->hits++;
        else
            db->keyspace->misses++;
    }
    if (entry && access != ACCESS_LOOK)
        touch(db, entry);
    return entry;
}

static struct entry *add_entry(struct database *db, struct entry *entry)
{
    about_to_add(db, entry_key(entry));
    access_start(db->keyspace, entry);
    table_insert(&db->keys, entry);
    if (db->slots)
        slot_index_add(db->slots, entry_key(entry));
    db->keyspace->growth += weight_of(db, entry);
    const struct keyspace_listener *listener = &db->keyspace->listener;
    if (listener->added)
        listener->added(listener->context, db, entry_key(entry));
    return entry;
}

struct entry *database_add(struct database *db, struct bytes key, struct value *value)
{
    struct entry *entry = add_entry(db, entry_new(db->keyspace->pool, key, value));
    field_deadlines_follow(db, entry);
    return entry;
}

struct entry *database_add_string(struct database *db, struct bytes key, struct bytes text)
{
    return add_entry(db, entry_new_string(db->keyspace->pool, key, text));
}

/* `slot` holds the entry's old address; the entry is now at `entry`. It weighed `former`. */
static struct entry *entry_moved(struct database *db, void **slot, struct entry *entry,
                                 int64_t former)
{
    *slot = entry;
    db->keyspace->growth += weight_of(db, entry) - former;
    if (entry->deadline_slot != HEAP_NO_SLOT)
        heap_replace(&db->deadlines, entry->deadline_slot, entry);
    field_deadlines_follow(db, entry);
    return entry;
}

/* Returns what the entry weighs with the value that is about to go. */
static inline int64_t about_to_set(struct database *db, struct entry *entry, bool keeps_ttl)
{
    int64_t weight = weight_of(db, entry);
    about_to_change(db, entry);
    if (!keeps_ttl)
        drop_deadline(db, entry);
    access_touch(db->keyspace, entry);
    if (db->keyspace->is_lazy_on_overwrite)
        part_with_value(db, entry);
    return weight;
}

struct entry *database_set(struct database *db, struct bytes key, struct value *value,
                           bool keeps_ttl)
{
    void **slot = table_find_slot(&db->keys, key);
    if (!slot)
        return database_add(db, key, value);
    struct entry *entry = *slot;
    int64_t former = about_to_set(db, entry, keeps_ttl);
    return entry_moved(db, slot, entry_replace_value(entry, value), former);
}

struct entry *database_set_string(struct database *db, struct bytes key, struct bytes text,
                                  bool keeps_ttl)
{
    void **slot = table_find_slot(&db->keys, key);
    if (!slot)
        return database_add_string(db, key, text);
    struct entry *entry = *slot;
    int64_t former = about_to_set(db, entry, keeps_ttl);
    return entry_moved(db, slot, entry_replace_string(entry, text), former);
}

struct entry *database_replace(struct database *db, struct entry *entry, struct value *value)
{
    int64_t former = weight_of(db, entry);
    about_to_change(db, entry);
    void **slot = table_find_slot(&db->keys, entry_key(entry));
    return entry_moved(db, slot, entry_replace_value(entry, value), former);
}

struct entry *database_replace_string(struct database *db, struct entry *entry, struct bytes text)
{
    int64_t former = weight_of(db, entry);
    about_to_change(db, entry);
    void **slot = table_find_slot(&db->keys, entry_key(entry));
    return entry_moved(db, slot, entry_replace_string(entry, text), former);
}

struct entry *database_replace_integer(struct database *db, struct entry *entry, int64_t integer)
{
    about_to_change(db, entry);
    const struct value *value = entry_value(entry);
    if (value->is_embedded && value->encoding == ENCODING_INT)
        return entry_replace_integer(entry, integer); /* does not move */
    int64_t former = weight_of(db, entry);
    void **slot = table_find_slot(&db->keys, entry_key(entry));
    return entry_moved(db, slot, entry_replace_integer(entry, integer), former);
}

struct value *database_own(struct database *db, struct entry *entry)
{
    about_to_change(db, entry);
    if (entry->flags & ENTRY_EMBEDDED)
        return entry_thaw(entry);
    struct value *value = entry_value(entry);
    if (!value_is_shared(value))
        return value;
    struct value *clone = value_class_of(value)->clone(value);
    entry_exchange_value(entry, clone);
    return clone;
}

struct entry *database_settle(struct database *db, struct entry *entry)
{
    bool stays;
    field_deadlines_follow(db, entry);
    if (!entry_can_embed(entry, &stays))
        return entry;
    if (stays)
        return entry_embed(entry);
    int64_t former = weight_of(db, entry);
    void **slot = table_find_slot(&db->keys, entry_key(entry));
    return entry_moved(db, slot, entry_embed(entry), former);
}

struct entry *database_put_small(struct database *db, struct bytes key, struct entry *entry,
                                 const struct dense_pack *small)
{
    if (!entry)
        return add_entry(db, entry_new_small(db->keyspace->pool, key, small));
    CHECK(entry->flags & ENTRY_EMBEDDED);
    about_to_change(db, entry);
    if (entry_stays_with_small(entry, small))
        return entry_replace_small(entry, small);
    int64_t former = weight_of(db, entry);
    void **slot = table_find_slot(&db->keys, entry_key(entry));
    return entry_moved(db, slot, entry_replace_small(entry, small), former);
}

struct value *database_own_embedded(struct database *db, struct entry *entry)
{
    struct value *value = entry_value(entry);
    if (!(entry->flags & ENTRY_EMBEDDED) || value->type == VALUE_STRING)
        return NULL;
    about_to_change(db, entry);
    return value;
}

char *database_own_string(struct database *db, struct entry **entry, size_t size)
{
    about_to_change(db, *entry);
    struct value *value = entry_value(*entry);
    if (value->is_embedded || value_is_shared(value)) {
        struct value *copy = string_resize(value_class_of(value)->clone(value), size);
        *entry = database_replace(db, *entry, copy);
        return string_data(copy);
    }
    value = string_resize(entry_take_value(*entry), size);
    entry_exchange_value(*entry, value);
    return string_data(value);
}

static bool delete_key(struct database *db, struct bytes key, bool lazily)
{
    if (db->keyspace->nearest_snapshot) {
        const struct entry *found = table_find(&db->keys, key);
        if (found)
            snapshot_note(db, found);
    }
    struct entry *entry = database_detach(db, key);
    if (!entry)
        return false;
    free_detached(db, entry, lazily);
    return true;
}

bool database_delete(struct database *db, struct bytes key)
{
    return delete_key(db, key, db->keyspace->is_lazy_on_overwrite);
}

bool database_unlink(struct database *db, struct bytes key)
{
    return delete_key(db, key, true);
}

void database_evict(struct database *db, struct entry *entry, bool lazily)
{
    struct keyspace *keyspace = db->keyspace;
    about_to_change(db, entry);
    database_detach(db, entry_key(entry));
    keyspace->evicted++;
    if (keyspace->listener.evicted)
        keyspace->listener.evicted(keyspace->listener.context, db, entry_key(entry));
    free_detached(db, entry, lazily);
}

struct value *database_take(struct database *db, struct bytes key, int64_t *deadline_ms)
{
    struct entry *entry = table_find(&db->keys, key);
    if (!entry)
        return NULL;
    about_to_change(db, entry);
    *deadline_ms = database_deadline(db, entry);
    database_detach(db, key);
    struct value *value = entry_take_value(entry);
    entry_free(entry);
    return value;
}

static void free_keys(void *keys)
{
    table_clear(keys, free_entry, NULL);
    memory_free(keys);
}

/* The table goes to the reaper whole; the database gets a new one with the same seed. */
static void hand_keys_over(struct database *db)
{
    struct table *keys = memory_copy(&db->keys, sizeof db->keys);
    table_init(&db->keys, &entry_class, keys->seed);
    reaper_dispose(&db->keyspace->reaper, keys, free_keys, table_count(keys), 0);
}

size_t database_flush(struct database *db, bool lazily)
{
    size_t count = table_count(&db->keys);
    if (db->keyspace->nearest_snapshot)
        snapshot_note_flush(db);
    db->keyspace->growth_is_vague |= count > 0;
    heap_clear(&db->deadlines);
    field_deadlines_clear(db);
    if (db->slots)
        slot_index_clear(db->slots);
    if (lazily && count)
        hand_keys_over(db);
    else
        table_clear(&db->keys, free_entry, NULL);
    return count;
}

bool database_is_overdue(const struct database *db, const struct entry *entry)
{
    const struct keyspace *keyspace = db->keyspace;
    return keyspace->expiry_is_paused && !keyspace->keeps_overdue &&
           database_deadline(db, entry) <= keyspace->now_ms;
}

bool database_expire_overdue(struct database *db, struct bytes key)
{
    struct entry *entry = table_find(&db->keys, key);
    if (!entry || !database_is_overdue(db, entry))
        return false;
    expire(db, entry);
    return true;
}

int64_t database_deadline(const struct database *db, const struct entry *entry)
{
    return entry->deadline_slot == HEAP_NO_SLOT
               ? KEYSPACE_NEVER
               : heap_deadline(&db->deadlines, entry->deadline_slot);
}

void database_set_deadline(struct database *db, struct entry *entry, int64_t deadline_ms)
{
    about_to_change(db, entry);
    if (entry->deadline_slot == HEAP_NO_SLOT)
        heap_insert(&db->deadlines, deadline_ms, entry);
    else
        heap_move(&db->deadlines, entry->deadline_slot, deadline_ms);
    if (deadline_ms < db->keyspace->earliest)
        db->keyspace->earliest = deadline_ms;
}

bool database_clear_deadline(struct database *db, struct entry *entry)
{
    if (entry->deadline_slot == HEAP_NO_SLOT)
        return false;
    about_to_change(db, entry);
    drop_deadline(db, entry);
    return true;
}

size_t database_deadline_count(const struct database *db)
{
    return heap_count(&db->deadlines);
}

size_t database_expiring_hash_count(const struct database *db)
{
    return heap_count(&db->field_deadlines);
}

struct entry *database_random(struct database *db)
{
    return table_random(&db->keys, db->keyspace->random);
}
