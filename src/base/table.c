/* SPDX-License-Identifier: MIT */
/*
 * Invariant: an entry has exactly one bucket where it can be. While rehashing, hash h belongs to
 * halves[1] if its bucket in halves[0] has been moved already (index < rehash_index), otherwise to
 * halves[0]. So each find reads one bucket and its children, and an insertion goes where a find
 * would look.
 *
 * A bucket whose seven slots are full hands its last entry to a child, a bucket outside the array,
 * and keeps the child's address in the slot. Children come from slabs that belong to the half, and
 * go with it; between the buckets and the slabs every place of an entry has a number, which is what
 * makes a fair random entry cheap.
 */
#include "base/table.h"

#include <sys/mman.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#if defined(__SSE2__) && !defined(TABLE_PORTABLE)
#include <emmintrin.h>
#define TABLE_SSE2
#endif

#include "base/check.h"
#include "base/memory.h"

#define SLOTS      7
#define CHAIN_SLOT 6
#define ALL_SLOTS  0x7fu
#define CHAINED    0x80u

#define CACHE_LINE           ((size_t)64)
#define LARGEST_EXPONENT     40
#define LARGEST_SLAB_SHIFT   6
#define BIG_ARRAY            ((size_t)1 << 17) /* bytes; the allocator maps these, zero by birth */
#define HUGE_PAGE            ((size_t)1 << 21) /* bytes */
#define EMPTY_BUCKETS_A_STEP 16
#define RANDOM_TRIES         256

struct table_bucket {
    uint8_t taken;         /* bit i: slot i holds an entry; CHAINED: the last slot holds a child */
    uint8_t hashes[SLOTS]; /* the highest byte of each entry's hash */
    void *entries[SLOTS];  /* borrowed */
};

_Static_assert(sizeof(void *) != 8 || sizeof(struct table_bucket) == CACHE_LINE,
               "a bucket is a cache line");

/* A slot of a bucket; bucket is NULL when there is none. */
struct place {
    struct table_bucket *bucket;
    unsigned slot;
};

/* Buckets and slots. */

static inline unsigned taken_slots(const struct table_bucket *bucket)
{
    return bucket->taken & ALL_SLOTS;
}

static inline bool is_chained(const struct table_bucket *bucket)
{
    return bucket->taken & CHAINED;
}

static inline struct table_bucket *child_of(const struct table_bucket *bucket)
{
    return is_chained(bucket) ? bucket->entries[CHAIN_SLOT] : NULL;
}

static inline unsigned free_slots(const struct table_bucket *bucket)
{
    unsigned usable = is_chained(bucket) ? ALL_SLOTS >> 1 : ALL_SLOTS;
    return ~(unsigned)bucket->taken & usable;
}

static inline unsigned first_slot(unsigned slots)
{
    return (unsigned)__builtin_ctz(slots);
}

static inline unsigned slot_count(unsigned slots)
{
    return (unsigned)__builtin_popcount(slots);
}

static inline uint8_t hash_byte(uint64_t hash)
{
    return (uint8_t)(hash >> 56);
}

/* The taken slots whose hash byte is `byte`. */
static inline unsigned matching_slots(const struct table_bucket *bucket, uint8_t byte)
{
#ifdef TABLE_SSE2
    __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)bucket);
    __m128i equal = _mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)byte));
    unsigned matches = (unsigned)_mm_movemask_epi8(equal);
#else
    const uint64_t low_bits = 0x0101010101010101;
    const uint64_t all_but_high = 0x7f7f7f7f7f7f7f7f;
    uint64_t bytes;
    memcpy(&bytes, bucket, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    bytes = __builtin_bswap64(bytes);
#endif
    uint64_t difference = bytes ^ (byte * low_bits);
    uint64_t high_if_equal =
        ~(((difference & all_but_high) + all_but_high) | difference | all_but_high);
    /* The product gathers the eight flags in its highest byte. */
    unsigned matches = (unsigned)(((high_if_equal >> 7) * 0x0102040810204080) >> 56);
#endif
    return (matches >> 1) & taken_slots(bucket);
}

static inline void put(struct table_bucket *bucket, unsigned slot, uint8_t byte, void *entry)
{
    bucket->entries[slot] = entry;
    bucket->hashes[slot] = byte;
    bucket->taken |= (uint8_t)(1u << slot);
}

static inline void take(struct table_bucket *bucket, unsigned slot)
{
    bucket->taken &= (uint8_t) ~(1u << slot);
}

static inline void prefetch_entries(const struct table_bucket *bucket)
{
    for (unsigned slots = taken_slots(bucket); slots; slots &= slots - 1)
        __builtin_prefetch(bucket->entries[first_slot(slots)]);
}

/* Halves: their arrays and children. */

static const struct table_half absent_half = {.exponent = -1};

static inline size_t bucket_count(const struct table_half *half)
{
    return half->exponent < 0 ? 0 : (size_t)1 << half->exponent;
}

static inline size_t bucket_index(const struct table_half *half, uint64_t hash)
{
    return (size_t)hash & (((size_t)1 << half->exponent) - 1);
}

/* Children come one at a time in a small table, up to a page at a time in a big one. */
static unsigned slab_shift(const struct table_half *half)
{
    int shift = half->exponent - 3;
    return shift < 0 ? 0 : shift > LARGEST_SLAB_SHIFT ? LARGEST_SLAB_SHIFT : (unsigned)shift;
}

static size_t slab_count(const struct table_half *half)
{
    unsigned shift = slab_shift(half);
    return (half->children + ((size_t)1 << shift) - 1) >> shift;
}

static struct table_bucket *child_at(const struct table_half *half, size_t number)
{
    unsigned shift = slab_shift(half);
    return half->slabs[number >> shift] + (number & (((size_t)1 << shift) - 1));
}

static void half_init(struct table_half *half, int exponent)
{
    *half = absent_half;
    half->exponent = (int8_t)exponent;
    size_t size = bucket_count(half) * sizeof(struct table_bucket);
    if (size < BIG_ARRAY) {
        half->block = memory_allocate_aligned(CACHE_LINE, size);
        half->buckets = half->block;
        for (size_t i = 0; i < bucket_count(half); i++)
            half->buckets[i].taken = 0;
        return;
    }
    half->block = memory_zeroed(size + CACHE_LINE);
    uintptr_t address = ((uintptr_t)half->block + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
    half->buckets = (struct table_bucket *)address;
    uintptr_t begin = (address + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    uintptr_t end = (address + size) & ~(HUGE_PAGE - 1);
    if (begin < end) /* advice: nothing is lost when the system does not take it */
        (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}

static void half_clear(struct table_half *half)
{
    for (size_t i = 0; i < slab_count(half); i++)
        memory_free(half->slabs[i]);
    memory_free(half->slabs);
    memory_free(half->block);
    *half = absent_half;
}

static size_t half_memory(const struct table_half *half)
{
    size_t slabs = slab_count(half);
    size_t slab_size = sizeof(struct table_bucket) << slab_shift(half);
    return memory_usable_size(half->block) + memory_usable_size(half->slabs) + slabs * slab_size;
}

static struct table_bucket *take_child(struct table_half *half)
{
    struct table_bucket *child = half->free_children;
    if (child) {
        half->free_children = child->entries[0];
        return child;
    }
    size_t slabs = slab_count(half);
    unsigned shift = slab_shift(half);
    if (half->children == slabs << shift) {
        CHECK(half->children < UINT32_MAX >> 1);
        if ((slabs & (slabs - 1)) == 0) /* the array of slabs doubles at powers of two */
            half->slabs = memory_resize(half->slabs, (slabs ? slabs * 2 : 1) * sizeof(void *));
        half->slabs[slabs] =
            memory_allocate_aligned(CACHE_LINE, sizeof(struct table_bucket) << shift);
    }
    child = child_at(half, half->children++);
    child->taken = 0;
    return child;
}

/* A free child has no slot taken, so table_random finds nothing in it. */
static void give_child(struct table_half *half, struct table_bucket *child)
{
    child->taken = 0;
    child->entries[0] = half->free_children;
    half->free_children = child;
}

static void half_insert(struct table_half *half, uint64_t hash, void *entry)
{
    struct table_bucket *bucket = &half->buckets[bucket_index(half, hash)];
    unsigned slots;
    while (!(slots = free_slots(bucket))) {
        if (!is_chained(bucket)) {
            struct table_bucket *child = take_child(half);
            put(child, 0, bucket->hashes[CHAIN_SLOT], bucket->entries[CHAIN_SLOT]);
            bucket->entries[CHAIN_SLOT] = child;
            bucket->taken = (ALL_SLOTS >> 1) | CHAINED;
        }
        bucket = bucket->entries[CHAIN_SLOT];
    }
    put(bucket, first_slot(slots), hash_byte(hash), entry);
    half->count++;
}

/* Gives back the last children of a chain while what they hold fits without them. */
static void chain_shorten(struct table_half *half, struct table_bucket *head)
{
    while (is_chained(head)) {
        struct table_bucket *parent = head;
        struct table_bucket *last = child_of(head);
        for (; is_chained(last); last = child_of(last))
            parent = last;
        unsigned slots = taken_slots(last);
        if (slot_count(slots) > 1)
            return;
        parent->taken &= ALL_SLOTS;
        if (slots)
            put(parent, CHAIN_SLOT, last->hashes[first_slot(slots)],
                last->entries[first_slot(slots)]);
        give_child(half, last);
    }
}

/* Fills the hole at `place` with an entry of the chain's last child. */
static void chain_fill(struct table_half *half, struct table_bucket *head, struct place place)
{
    struct table_bucket *last = head;
    while (is_chained(last))
        last = child_of(last);
    if (last != place.bucket && taken_slots(last)) {
        unsigned slot = first_slot(taken_slots(last));
        put(place.bucket, place.slot, last->hashes[slot], last->entries[slot]);
        take(last, slot);
    }
    chain_shorten(half, head);
}

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
    half_clear(&table->halves[0]);
    table->halves[0] = table->halves[1];
    table->halves[1] = absent_half;
}

static void move_chain(struct table *table, struct table_bucket *head)
{
    struct table_half *from = &table->halves[0];
    struct table_half *to = &table->halves[1];
    prefetch_entries(head);
    for (struct table_bucket *bucket = head; bucket;) {
        struct table_bucket *child = child_of(bucket);
        if (child)
            prefetch_entries(child);
        unsigned slots = taken_slots(bucket);
        from->count -= slot_count(slots);
        for (; slots; slots &= slots - 1) {
            void *entry = bucket->entries[first_slot(slots)];
            half_insert(to, hash_key(table, table->class->key_of(entry)), entry);
        }
        bucket->taken = 0;
        if (bucket != head)
            give_child(from, bucket);
        bucket = child;
    }
}

/* Moves one bucket that holds something, or passes some that do not. */
static void rehash_step(struct table *table)
{
    struct table_half *from = &table->halves[0];
    size_t end = bucket_count(from);
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
    prefetch_entries(next);
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
        half_clear(&table->halves[0]);
        half_init(&table->halves[0], exponent);
        return;
    }
    half_init(&table->halves[1], exponent);
    table->rehash_index = 0;
}

#ifdef TABLE_STRESS
/* Some size within reach of the fitting one, so that tests see every kind of resize all the time.
 */
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
        half_init(&table->halves[0], 0);
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

/* Below one entry a bucket the table shrinks to between two and four. An empty table has no arrays. */
static void give_room(struct table *table)
{
    if (table->pauses)
        return;
    if (table_count(table) == 0) {
        half_clear(&table->halves[0]);
        half_clear(&table->halves[1]);
        return;
    }
    size_t count = table->halves[0].count;
    if (!table_is_rehashing(table) && count < bucket_count(&table->halves[0]))
        begin_rehash(table, exponent_for(count * 2));
}

/* Finding. */

/* Where `hash` belongs; the table has at least one array. */
static inline struct table_half *half_for(struct table *table, uint64_t hash)
{
    bool is_moved =
        table_is_rehashing(table) && bucket_index(&table->halves[0], hash) < table->rehash_index;
    return &table->halves[is_moved];
}

static inline struct place find_place(const struct table *table, struct table_bucket *bucket,
                                      struct bytes key, uint64_t hash)
{
    for (; bucket; bucket = child_of(bucket)) {
        unsigned slots = matching_slots(bucket, hash_byte(hash));
        for (; slots; slots &= slots - 1) {
            unsigned slot = first_slot(slots);
            if (bytes_equal(table->class->key_of(bucket->entries[slot]), key))
                return (struct place){bucket, slot};
        }
    }
    return (struct place){NULL, 0};
}

static inline struct place find_hashed(struct table *table, struct bytes key, uint64_t hash)
{
    rehash_along(table);
    struct table_half *half = half_for(table, hash);
    return find_place(table, &half->buckets[bucket_index(half, hash)], key, hash);
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
    struct place place = find_hashed(table, key, hash_key(table, key));
    return place.bucket ? &place.bucket->entries[place.slot] : NULL;
}

void *table_find_or_position(struct table *table, struct bytes key, struct table_position *position)
{
    uint64_t hash = hash_key(table, key);
    position->hash = hash;
    if (table_count(table) == 0)
        return NULL;
    struct place place = find_hashed(table, key, hash);
    return place.bucket ? place.bucket->entries[place.slot] : NULL;
}

/* Changing. */

void table_init(struct table *table, const struct table_class *class, uint64_t seed)
{
    *table = (struct table){
        .class = class,
        .seed = seed,
        .halves = {absent_half, absent_half},
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
    half_clear(&table->halves[0]);
    half_clear(&table->halves[1]);
}

void table_insert_at(struct table *table, struct table_position position, void *entry)
{
    make_room(table, position.hash);
    rehash_along(table);
    half_insert(half_for(table, position.hash), position.hash, entry);
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
    struct place place = find_hashed(table, key, hash);
    if (!place.bucket)
        return NULL;
    struct table_half *half = half_for(table, hash);
    void *entry = place.bucket->entries[place.slot];
    take(place.bucket, place.slot);
    half->count--;
    struct table_bucket *head = &half->buckets[bucket_index(half, hash)];
    if (is_chained(head) && !table->pauses) /* an iterator relies on entries to stay in place */
        chain_fill(half, head, place);
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
    return half_memory(&table->halves[0]) + half_memory(&table->halves[1]);
}

size_t table_bucket_count(const struct table *table, int half)
{
    return bucket_count(&table->halves[half]);
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
        if (iterator->index < bucket_count(half))
            return &half->buckets[iterator->index++];
    }
    return NULL;
}

void *table_iterator_next(struct table_iterator *iterator)
{
    for (;;) {
        struct table_bucket *bucket = iterator->bucket;
        unsigned slots = bucket ? taken_slots(bucket) >> iterator->slot << iterator->slot : 0;
        if (slots) {
            unsigned slot = first_slot(slots);
            iterator->slot = (int)slot + 1;
            return bucket->entries[slot];
        }
        struct table_bucket *next = bucket ? child_of(bucket) : NULL;
        if (!next)
            next = iterator_bucket(iterator);
        if (!next)
            return NULL;
        iterator->bucket = next;
        iterator->slot = 0;
        prefetch_entries(next);
    }
}

void table_iterator_end(struct table_iterator *iterator)
{
    table_resume(iterator->table);
}

static void visit_chain(const struct table_bucket *bucket,
                        void (*visit)(void *entry, void *context), void *context)
{
    for (; bucket; bucket = child_of(bucket)) {
        prefetch_entries(bucket);
        for (unsigned slots = taken_slots(bucket); slots; slots &= slots - 1)
            visit(bucket->entries[first_slot(slots)], context);
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
        visit_chain(&small->buckets[bucket_index(small, cursor)], visit, context);
    }
    uint64_t small_mask = bucket_count(small) - 1;
    uint64_t large_mask = bucket_count(large) - 1;
    do {
        visit_chain(&large->buckets[bucket_index(large, cursor)], visit, context);
        cursor = next_cursor(cursor, large_mask);
    } while (cursor & (small_mask ^ large_mask));
    return cursor;
}

/* Random entries. All slots, of buckets and of children, are numbered from 0. */

static const struct table_bucket *numbered_bucket(const struct table *table, size_t number)
{
    const struct table_half *half = &table->halves[0];
    if (table_is_rehashing(table)) {
        size_t rest = bucket_count(half) - table->rehash_index + half->children;
        if (number < rest) {
            number += table->rehash_index;
        } else {
            number -= rest;
            half = &table->halves[1];
        }
    }
    size_t buckets = bucket_count(half);
    return number < buckets ? &half->buckets[number] : child_at(half, number - buckets);
}

static size_t numbered_buckets(const struct table *table)
{
    size_t total = 0;
    for (int i = 0; i < 2; i++)
        total += bucket_count(&table->halves[i]) + table->halves[i].children;
    return table_is_rehashing(table) ? total - table->rehash_index : total;
}

/* The entry that stands `rank` taken slots after the first one. */
static void *ranked_entry(const struct table *table, size_t rank)
{
    for (size_t i = 0;; i++) {
        const struct table_bucket *bucket = numbered_bucket(table, i);
        unsigned slots = taken_slots(bucket);
        if (rank >= slot_count(slots)) {
            rank -= slot_count(slots);
            continue;
        }
        for (; rank; rank--)
            slots &= slots - 1;
        return bucket->entries[first_slot(slots)];
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
        uint64_t number = random_below(random, buckets * SLOTS);
        const struct table_bucket *bucket = numbered_bucket(table, number / SLOTS);
        unsigned slot = (unsigned)(number % SLOTS);
        if (taken_slots(bucket) >> slot & 1)
            return bucket->entries[slot];
    }
    return ranked_entry(table, random_below(random, count));
}
