/* SPDX-License-Identifier: MIT */
/*
 * Invariant: an entry has exactly one bucket where it can be. While rehashing, hash h belongs to
 * halves[1] if its bucket in halves[0] has been moved already (index < rehash_index), otherwise to
 * halves[0]. So each find reads one bucket and its children, and an insertion goes where a find
 * would look.
 */
#include "base/table.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/bucket.h"
#include "base/check.h"
#include "base/table_half.h"

#define LARGEST_EXPONENT     40
#define EMPTY_BUCKETS_A_STEP 16
#define RANDOM_TRIES         256

/* Rehashing. */

static inline uint64_t hash_key(const struct table *table, struct bytes key)
{
    return XXH3_64bits_withSeed(key.data, key.size, table->seed);
}

/* Most entries for an array of buckets: 7.75 a bucket. A third of the buckets have a child by then;
 * growing earlier costs more memory on the average than the children do. */
static size_t largest_count(int exponent)
{
    return ((size_t)31 << exponent) / 4;
}

static int exponent_for(size_t count)
{
    int exponent = 0;
    while (largest_count(exponent) < count)
        exponent++;
    CHECK(exponent <= LARGEST_EXPONENT);
    return exponent;
}

static void finish_rehash(struct table *table)
{
    table_half_clear(&table->halves[0]);
    table->halves[0] = table->halves[1];
    table->halves[1] = TABLE_HALF_ABSENT;
}

static void move_chain(struct table *table, struct table_bucket *head)
{
    struct table_half *from = &table->halves[0];
    struct table_half *to = &table->halves[1];
    bucket_prefetch(head);
    for (struct table_bucket *bucket = head; bucket;) {
        struct table_bucket *child = bucket_child(bucket);
        if (child)
            bucket_prefetch(child);
        unsigned slots = bucket_taken(bucket);
        from->count -= bucket_slot_count(slots);
        for (; slots; slots &= slots - 1) {
            void *entry = bucket->entries[bucket_first(slots)];
            table_half_insert(to, hash_key(table, table->class->key_of(entry)), entry);
        }
        bucket->taken = 0;
        if (bucket != head)
            table_half_give_child(from, bucket);
        bucket = child;
    }
}

/* Moves one bucket that holds something, or passes some that do not. */
static void rehash_step(struct table *table)
{
    struct table_half *from = &table->halves[0];
    size_t end = table_half_bucket_count(from);
    for (int passed = 0; passed < EMPTY_BUCKETS_A_STEP && table->rehash_index < end; passed++) {
        struct table_bucket *head = &from->buckets[table->rehash_index++];
        if (head->taken) {
            move_chain(table, head);
            break;
        }
    }
    if (table->rehash_index == end) {
        finish_rehash(table);
        return;
    }
    /* The next step's entries, and the bucket of the step after that. */
    struct table_bucket *next = &from->buckets[table->rehash_index];
    bucket_prefetch(next);
    __builtin_prefetch(next + 1);
}

static inline void rehash_along(struct table *table)
{
    if (table_is_rehashing(table) && !table->pauses)
        rehash_step(table);
}

static void begin_rehash(struct table *table, int exponent)
{
    if (table->halves[0].count == 0) {
        table_half_clear(&table->halves[0]);
        table_half_init(&table->halves[0], exponent);
        return;
    }
    table_half_init(&table->halves[1], exponent);
    table->rehash_index = 0;
}

#ifdef TABLE_STRESS
/* Takes some size near the fitting one, so that tests see all kinds of resize all the time. */
static void resize_for_stress(struct table *table, uint64_t hash)
{
    int exponent = exponent_for(table_count(table) + 1) - 2 + (int)((hash >> 32) % 6);
    exponent = exponent < 0 ? 0 : exponent;
    if (exponent != table->halves[0].exponent)
        begin_rehash(table, exponent);
}
#endif

static void make_room(struct table *table, uint64_t hash)
{
    if (table->halves[0].exponent < 0)
        table_half_init(&table->halves[0], 0);
    if (table->pauses || table_is_rehashing(table))
        return;
    if (table->halves[0].count >= largest_count(table->halves[0].exponent)) {
        begin_rehash(table, exponent_for(table->halves[0].count + 1));
        return;
    }
#ifdef TABLE_STRESS
    resize_for_stress(table, hash);
#else
    (void)hash;
#endif
}

/* Below one entry a bucket the table shrinks to two or more; an empty one has no arrays. */
static void give_room(struct table *table)
{
    if (table->pauses)
        return;
    if (table_count(table) == 0) {
        table_half_clear(&table->halves[0]);
        table_half_clear(&table->halves[1]);
        return;
    }
    size_t count = table->halves[0].count;
    if (!table_is_rehashing(table) && count < table_half_bucket_count(&table->halves[0]))
        begin_rehash(table, exponent_for(count * 2));
}

/* Finding. */

/* Where `hash` belongs; the table has at least one array. */
static inline struct table_half *half_for(struct table *table, uint64_t hash)
{
    bool is_moved = table_is_rehashing(table) &&
                    table_half_index(&table->halves[0], hash) < table->rehash_index;
    return &table->halves[is_moved];
}

static inline struct bucket_place find_place(const struct table *table, struct table_bucket *bucket,
                                             struct bytes key, uint64_t hash)
{
    uint8_t byte = bucket_hash_byte(hash);
    for (; bucket; bucket = bucket_child_for(bucket, byte)) {
        unsigned slots = bucket_matching(bucket, byte);
        for (; slots; slots &= slots - 1) {
            unsigned slot = bucket_first(slots);
            if (bytes_equal(table->class->key_of(bucket->entries[slot]), key))
                return (struct bucket_place){bucket, slot};
        }
    }
    return (struct bucket_place){NULL, 0};
}

static inline struct bucket_place find_hashed(struct table *table, struct bytes key, uint64_t hash)
{
    rehash_along(table);
    struct table_half *half = half_for(table, hash);
    return find_place(table, &half->buckets[table_half_index(half, hash)], key, hash);
}

void *table_find(struct table *table, struct bytes key)
{
    void **slot = table_find_slot(table, key);
    return slot ? *slot : NULL;
}

void **table_find_slot(struct table *table, struct bytes key)
{
    if (table_count(table) == 0)
        return NULL;
    struct bucket_place place = find_hashed(table, key, hash_key(table, key));
    return place.bucket ? &place.bucket->entries[place.slot] : NULL;
}

void *table_find_or_position(struct table *table, struct bytes key, struct table_position *position)
{
    uint64_t hash = hash_key(table, key);
    position->hash = hash;
    if (table_count(table) == 0)
        return NULL;
    struct bucket_place place = find_hashed(table, key, hash);
    return place.bucket ? place.bucket->entries[place.slot] : NULL;
}

/* Changing. */

void table_init(struct table *table, const struct table_class *class, uint64_t seed)
{
    *table = (struct table){
        .class = class,
        .seed = seed,
        .halves = {TABLE_HALF_ABSENT, TABLE_HALF_ABSENT},
    };
}

void table_clear(struct table *table, void (*free_entry)(void *entry, void *context), void *context)
{
    if (free_entry) {
        struct table_iterator iterator;
        table_iterator_begin(&iterator, table);
        for (void *entry; (entry = table_iterator_next(&iterator));)
            free_entry(entry, context);
        table->pauses--; /* not table_resume, which might resize what is about to go */
    }
    table_half_clear(&table->halves[0]);
    table_half_clear(&table->halves[1]);
}

void table_insert_at(struct table *table, struct table_position position, void *entry)
{
    make_room(table, position.hash);
    rehash_along(table);
    table_half_insert(half_for(table, position.hash), position.hash, entry);
}

void table_insert(struct table *table, void *entry)
{
    uint64_t hash = hash_key(table, table->class->key_of(entry));
    table_insert_at(table, (struct table_position){hash}, entry);
}

void *table_remove(struct table *table, struct bytes key)
{
    if (table_count(table) == 0)
        return NULL;
    uint64_t hash = hash_key(table, key);
    struct bucket_place place = find_hashed(table, key, hash);
    if (!place.bucket)
        return NULL;
    struct table_half *half = half_for(table, hash);
    void *entry = place.bucket->entries[place.slot];
    bucket_take(place.bucket, place.slot);
    half->count--;
    struct table_bucket *head = &half->buckets[table_half_index(half, hash)];
    /* While paused, an iterator may rely on the other entries to stay where they are. */
    if (bucket_is_chained(head) && !table->pauses)
        table_half_fill(half, head, place);
    give_room(table);
    return entry;
}

void table_reserve(struct table *table, size_t count)
{
    if (table->pauses || count == 0)
        return;
    int exponent = exponent_for(count);
    while (table_is_rehashing(table) && table->halves[1].exponent < exponent)
        rehash_step(table);
    if (!table_is_rehashing(table) && table->halves[0].exponent < exponent)
        begin_rehash(table, exponent);
}

bool table_rehash(struct table *table, size_t buckets)
{
    if (table->pauses)
        return false;
    for (; buckets && table_is_rehashing(table); buckets--)
        rehash_step(table);
    return table_is_rehashing(table);
}

void table_pause(struct table *table)
{
    CHECK(table->pauses < UINT16_MAX);
    table->pauses++;
}

void table_resume(struct table *table)
{
    CHECK(table->pauses > 0);
    table->pauses--;
    give_room(table);
}

size_t table_memory(const struct table *table)
{
    return table_half_memory(&table->halves[0]) + table_half_memory(&table->halves[1]);
}

size_t table_bucket_count(const struct table *table, int half)
{
    return table_half_bucket_count(&table->halves[half]);
}

size_t table_chain_lengths(const struct table *table, int half, size_t *lengths, size_t limit)
{
    size_t buckets = table_bucket_count(table, half), longest = 0;
    for (size_t i = 0; i < buckets; i++) {
        size_t length = 0;
        const struct table_bucket *bucket = &table->halves[half].buckets[i];
        for (; bucket; bucket = bucket_child(bucket))
            length += bucket_slot_count(bucket_taken(bucket));
        lengths[length < limit ? length : limit - 1]++;
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* Walking. */

void table_iterator_begin(struct table_iterator *iterator, struct table *table)
{
    table_pause(table);
    *iterator = (struct table_iterator){.table = table};
}

/* The first bucket at or after `index` of the half; NULL after the last one. */
static struct table_bucket *iterator_bucket(struct table_iterator *iterator)
{
    for (; iterator->half < 2; iterator->half++, iterator->index = 0) {
        const struct table_half *half = &iterator->table->halves[iterator->half];
        if (iterator->index < table_half_bucket_count(half))
            return &half->buckets[iterator->index++];
    }
    return NULL;
}

void *table_iterator_next(struct table_iterator *iterator)
{
    for (;;) {
        struct table_bucket *bucket = iterator->bucket;
        unsigned slots = bucket ? bucket_taken(bucket) >> iterator->slot << iterator->slot : 0;
        if (slots) {
            unsigned slot = bucket_first(slots);
            iterator->slot = (int)slot + 1;
            return bucket->entries[slot];
        }
        struct table_bucket *next = bucket ? bucket_child(bucket) : NULL;
        if (!next)
            next = iterator_bucket(iterator);
        if (!next)
            return NULL;
        iterator->bucket = next;
        iterator->slot = 0;
        bucket_prefetch(next);
    }
}

void table_iterator_end(struct table_iterator *iterator)
{
    table_resume(iterator->table);
}

static void visit_chain(const struct table_bucket *bucket,
                        void (*visit)(void *entry, void *context), void *context)
{
    for (; bucket; bucket = bucket_child(bucket)) {
        bucket_prefetch(bucket);
        for (unsigned slots = bucket_taken(bucket); slots; slots &= slots - 1)
            visit(bucket->entries[bucket_first(slots)], context);
    }
}

static uint64_t reverse_bits(uint64_t value)
{
    value = ((value >> 1) & 0x5555555555555555) | ((value & 0x5555555555555555) << 1);
    value = ((value >> 2) & 0x3333333333333333) | ((value & 0x3333333333333333) << 2);
    value = ((value >> 4) & 0x0f0f0f0f0f0f0f0f) | ((value & 0x0f0f0f0f0f0f0f0f) << 4);
    return __builtin_bswap64(value);
}

/* Adds one to the masked bits read backwards. */
static uint64_t next_cursor(uint64_t cursor, uint64_t mask)
{
    return reverse_bits(reverse_bits(cursor | ~mask) + 1);
}

/*
 * The cursor counts with its bits reversed, the highest bit of the bucket index first. So when the
 * number of buckets changes, the buckets that a cursor has passed are those to which the passed
 * buckets of the other size expand or shrink, and none is missed. While rehashing, a step visits a
 * bucket of the smaller half and all those of the larger half to which it corresponds.
 */
uint64_t table_scan(struct table *table, uint64_t cursor, void (*visit)(void *entry, void *context),
                    void *context)
{
    if (table_count(table) == 0)
        return 0;
    const struct table_half *small = &table->halves[0];
    const struct table_half *large = &table->halves[0];
    if (table_is_rehashing(table)) {
        bool is_growing = table->halves[1].exponent > table->halves[0].exponent;
        small = &table->halves[!is_growing];
        large = &table->halves[is_growing];
        visit_chain(&small->buckets[table_half_index(small, cursor)], visit, context);
    }
    uint64_t small_mask = table_half_bucket_count(small) - 1;
    uint64_t large_mask = table_half_bucket_count(large) - 1;
    do {
        visit_chain(&large->buckets[table_half_index(large, cursor)], visit, context);
        cursor = next_cursor(cursor, large_mask);
    } while (cursor & (small_mask ^ large_mask));
    return cursor;
}

/* Random entries. All slots, of buckets and of children, are numbered from 0. */

static const struct table_bucket *numbered_bucket(const struct table *table, size_t number)
{
    const struct table_half *half = &table->halves[0];
    if (table_is_rehashing(table)) {
        size_t rest = table_half_bucket_count(half) - table->rehash_index + half->children;
        if (number < rest) {
            number += table->rehash_index;
        } else {
            number -= rest;
            half = &table->halves[1];
        }
    }
    size_t buckets = table_half_bucket_count(half);
    return number < buckets ? &half->buckets[number] : table_half_child(half, number - buckets);
}

static size_t numbered_buckets(const struct table *table)
{
    size_t total = 0;
    for (int i = 0; i < 2; i++)
        total += table_half_bucket_count(&table->halves[i]) + table->halves[i].children;
    return table_is_rehashing(table) ? total - table->rehash_index : total;
}

/* The entry that stands `rank` taken slots after the first one. */
static void *ranked_entry(const struct table *table, size_t rank)
{
    for (size_t i = 0;; i++) {
        const struct table_bucket *bucket = numbered_bucket(table, i);
        unsigned slots = bucket_taken(bucket);
        if (rank >= bucket_slot_count(slots)) {
            rank -= bucket_slot_count(slots);
            continue;
        }
        for (; rank; rank--)
            slots &= slots - 1;
        return bucket->entries[bucket_first(slots)];
    }
}

/* Tries slots until one is taken, which is one of two to seven unless the table was emptied while
 * paused; then it counts entries, as fair and slower. */
void *table_random(struct table *table, struct random *random)
{
    size_t count = table_count(table);
    if (count == 0)
        return NULL;
    size_t buckets = numbered_buckets(table);
    for (int tries = 0; tries < RANDOM_TRIES; tries++) {
        uint64_t number = random_below(random, buckets * BUCKET_SLOTS);
        const struct table_bucket *bucket = numbered_bucket(table, number / BUCKET_SLOTS);
        unsigned slot = (unsigned)(number % BUCKET_SLOTS);
        if (bucket_taken(bucket) >> slot & 1)
            return bucket->entries[slot];
    }
    return ranked_entry(table, random_below(random, count));
}
