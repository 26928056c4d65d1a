/* SPDX-License-Identifier: MIT */
/*
 * Private to table.c and table_half.c: one bucket of the hash table, a cache line of seven slots.
 *
 *     for (unsigned slots = bucket_taken(bucket); slots; slots &= slots - 1)
 *         use(bucket->entries[bucket_first(slots)]);
 *
 * Sets of slots are bit masks. A bucket whose seven slots are full hands its last entry to a child,
 * a bucket of the same shape, and keeps the child's address in the slot.
 */
#ifndef UNDERSTUDY_BASE_BUCKET_H
#define UNDERSTUDY_BASE_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* TABLE_PORTABLE compiles what machines without SSE2 use. */
#if defined(__SSE2__) && !defined(TABLE_PORTABLE)
#include <emmintrin.h>
#define BUCKET_SSE2
#endif

#define BUCKET_SLOTS      7
#define BUCKET_CHAIN_SLOT 6
#define BUCKET_ALL_SLOTS  0x7fu
#define BUCKET_CHAINED    0x80u
#define BUCKET_ALIGNMENT  ((size_t)64) /* a cache line, and with 64-bit pointers a bucket's size */

struct table_bucket {
    uint8_t taken; /* bit i: slot i holds an entry; BUCKET_CHAINED: the last slot holds a child */
    uint8_t hashes[BUCKET_SLOTS]; /* bucket_hash_byte of the entries; of a child, its child bits */
    void *entries[BUCKET_SLOTS];  /* borrowed */
};

_Static_assert(sizeof(void *) != 8 || sizeof(struct table_bucket) == BUCKET_ALIGNMENT,
               "a bucket is a cache line");

/* A slot of a bucket; bucket is NULL when there is none. */
struct bucket_place {
    struct table_bucket *bucket;
    unsigned slot;
};

/* The slots that hold entries. */
static inline unsigned bucket_taken(const struct table_bucket *bucket)
{
    return bucket->taken & BUCKET_ALL_SLOTS;
}

static inline bool bucket_is_chained(const struct table_bucket *bucket)
{
    return bucket->taken & BUCKET_CHAINED;
}

static inline struct table_bucket *bucket_child(const struct table_bucket *bucket)
{
    return bucket_is_chained(bucket) ? bucket->entries[BUCKET_CHAIN_SLOT] : NULL;
}

/* The slots that hold nothing. */
static inline unsigned bucket_free(const struct table_bucket *bucket)
{
    unsigned usable = bucket_is_chained(bucket) ? BUCKET_ALL_SLOTS >> 1 : BUCKET_ALL_SLOTS;
    return ~(unsigned)bucket->taken & usable;
}

static inline unsigned bucket_first(unsigned slots)
{
    return (unsigned)__builtin_ctz(slots);
}

static inline unsigned bucket_slot_count(unsigned slots)
{
    return (unsigned)__builtin_popcount(slots);
}

/* The highest byte: bucket indexes are made of the lowest bits. */
static inline uint8_t bucket_hash_byte(uint64_t hash)
{
    return (uint8_t)(hash >> 56);
}

/* The hash byte of a slot that holds a child is a set of these bits: an entry whose bit is missing
 * is neither in the child nor further down. Removals leave bits behind. */
static inline uint8_t bucket_child_bit(uint8_t byte)
{
    return (uint8_t)(1u << (byte & 7));
}

/* The child in which an entry with this hash byte can be; NULL when it is in none. */
static inline struct table_bucket *bucket_child_for(const struct table_bucket *bucket, uint8_t byte)
{
    return bucket->hashes[BUCKET_CHAIN_SLOT] & bucket_child_bit(byte) ? bucket_child(bucket) : NULL;
}

/* The taken slots whose hash byte is `byte`. */
static inline unsigned bucket_matching(const struct table_bucket *bucket, uint8_t byte)
{
#ifdef BUCKET_SSE2
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
    return (matches >> 1) & bucket_taken(bucket);
}

static inline void bucket_put(struct table_bucket *bucket, unsigned slot, uint8_t byte, void *entry)
{
    bucket->entries[slot] = entry;
    bucket->hashes[slot] = byte;
    bucket->taken |= (uint8_t)(1u << slot);
}

static inline void bucket_take(struct table_bucket *bucket, unsigned slot)
{
    bucket->taken &= (uint8_t) ~(1u << slot);
}

static inline void bucket_prefetch(const struct table_bucket *bucket)
{
    for (unsigned slots = bucket_taken(bucket); slots; slots &= slots - 1)
        __builtin_prefetch(bucket->entries[bucket_first(slots)]);
}

#endif
