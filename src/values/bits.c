/* SPDX-License-Identifier: MIT */
/* Long runs are taken by words, read with memcpy because they may start at any address. */
#include "values/bits.h"

#include <string.h>

#include "base/check.h"

#define WORD sizeof(uint64_t)
/* Sources are combined piece by piece, so that a piece of the result stays in the nearest cache. */
#define PIECE ((size_t)16 * 1024)

static uint64_t word_at(const char *data)
{
    uint64_t word;
    memcpy(&word, data, sizeof word);
    return word;
}

/* The bits of the word in their order within the text. */
static uint64_t ordered_word_at(const char *data)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return word_at(data);
#else
    return __builtin_bswap64(word_at(data));
#endif
}

/* --- counting --- */

/* The sum of bits within each pair, then each four, then each byte; the product adds up the bytes.
 */
static inline uint64_t count_word(uint64_t word)
{
    word -= word >> 1 & 0x5555555555555555;
    word = (word & 0x3333333333333333) + (word >> 2 & 0x3333333333333333);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return word * 0x0101010101010101 >> 56;
}

static uint64_t count_words_portably(const char *data, size_t words)
{
    uint64_t count = 0;
    for (size_t i = 0; i < words; i++)
        count += count_word(word_at(data + i * WORD));
    return count;
}

#if defined(__x86_64__)
/* Four sums at once: the instruction has a latency of three cycles, and may start in each. */
__attribute__((target("popcnt"))) static uint64_t count_words_natively(const char *data,
                                                                       size_t words)
{
    uint64_t counts[4] = {0};
    size_t i = 0;
    for (; i + 4 <= words; i += 4) {
        const char *place = data + i * WORD;
        __builtin_prefetch(place + 1024);
        counts[0] += (uint64_t)__builtin_popcountll(word_at(place));
        counts[1] += (uint64_t)__builtin_popcountll(word_at(place + WORD));
        counts[2] += (uint64_t)__builtin_popcountll(word_at(place + 2 * WORD));
        counts[3] += (uint64_t)__builtin_popcountll(word_at(place + 3 * WORD));
    }
    for (; i < words; i++)
        counts[0] += (uint64_t)__builtin_popcountll(word_at(data + i * WORD));
    return counts[0] + counts[1] + counts[2] + counts[3];
}
#endif

static uint64_t count_words(const char *data, size_t words)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt"))
        return count_words_natively(data, words);
#endif
    return count_words_portably(data, words);
}

uint64_t bits_count(struct bytes text)
{
    size_t words = text.size / WORD;
    size_t rest = text.size % WORD;
    uint64_t tail = 0;
    if (rest)
        memcpy(&tail, text.data + words * WORD, rest);
    return count_words(text.data, words) + count_word(tail);
}

uint64_t bits_count_between(struct bytes text, uint64_t first, uint64_t last)
{
    size_t begin = (size_t)(first >> 3);
    size_t end = (size_t)(last >> 3);
    unsigned before = (unsigned char)text.data[begin] & (0xff00u >> (first & 7) & 0xff);
    unsigned behind = (unsigned char)text.data[end] & (0x7fu >> (last & 7));
    return bits_count(bytes_of(text.data + begin, end - begin + 1)) - count_word(before) -
           count_word(behind);
}

/* --- searching --- */

uint64_t bits_find(struct bytes text, bool bit)
{
    uint64_t other = bit ? 0 : UINT64_MAX;
    size_t i = 0;
    for (; i + 4 * WORD <= text.size; i += 4 * WORD) {
        const char *place = text.data + i;
        uint64_t differences = (word_at(place) ^ other) | (word_at(place + WORD) ^ other) |
                               (word_at(place + 2 * WORD) ^ other) |
                               (word_at(place + 3 * WORD) ^ other);
        if (differences)
            break;
    }
    for (; i + WORD <= text.size; i += WORD) {
        uint64_t difference = ordered_word_at(text.data + i) ^ other;
        if (difference)
            return (uint64_t)i * 8 + (unsigned)__builtin_clzll(difference);
    }
    for (; i < text.size; i++) {
        unsigned difference = ((unsigned char)text.data[i] ^ (unsigned)other) & 0xff;
        if (difference)
            return (uint64_t)i * 8 + (unsigned)__builtin_clz(difference) - 24;
    }
    return BITS_NOT_FOUND;
}

/* Bit by bit, up to the byte's end or to `last`. */
static uint64_t find_in_byte(struct bytes text, uint64_t first, uint64_t last, bool bit)
{
    for (uint64_t offset = first; offset <= last && offset >> 3 == first >> 3; offset++)
        if (bits_get(text, offset) == bit)
            return offset;
    return BITS_NOT_FOUND;
}

uint64_t bits_find_between(struct bytes text, uint64_t first, uint64_t last, bool bit)
{
    if (first & 7) {
        uint64_t found = find_in_byte(text, first, last, bit);
        if (found != BITS_NOT_FOUND || first >> 3 == last >> 3)
            return found;
        first = (first | 7) + 1;
    }
    size_t begin = (size_t)(first >> 3);
    size_t whole = (size_t)((last + 1) >> 3) - begin;
    uint64_t found = bits_find(bytes_of(text.data + begin, whole), bit);
    if (found != BITS_NOT_FOUND)
        return first + found;
    return find_in_byte(text, (uint64_t)(begin + whole) * 8, last, bit);
}

/* --- combining --- */

typedef uint64_t block __attribute__((vector_size(16)));

static block block_at(const char *data)
{
    block loaded;
    memcpy(&loaded, data, sizeof loaded);
    return loaded;
}

/* Combines `size` bytes of a source into `out`; one loop for each operation. */
#define COMBINE(out, from, size, operator)                                                         \
    do {                                                                                           \
        size_t at_ = 0;                                                                            \
        for (; at_ + sizeof(block) <= (size); at_ += sizeof(block)) {                              \
            block combined_ = block_at((out) + at_) operator block_at((from) + at_);               \
            memcpy((out) + at_, &combined_, sizeof combined_);                                     \
        }                                                                                          \
        for (; at_ < (size); at_++)                                                                \
            (out)[at_] = (char)((out)[at_] operator(from)[at_]);                                   \
    } while (0)

static void combine_piece(enum bits_operation operation, struct bytes from, char *out, size_t size)
{
    size_t common = from.size < size ? from.size : size;
    switch (operation) {
    case BITS_AND:
        COMBINE(out, from.data, common, &);
        memset(out + common, 0, size - common);
        break;
    case BITS_OR:
        COMBINE(out, from.data, common, |);
        break;
    default:
        COMBINE(out, from.data, common, ^);
        break;
    }
}

static void complement(char *out, size_t size)
{
    size_t i = 0;
    for (; i + sizeof(block) <= size; i += sizeof(block)) {
        block complemented = ~block_at(out + i);
        memcpy(out + i, &complemented, sizeof complemented);
    }
    for (; i < size; i++)
        out[i] = (char)~out[i];
}

/* What the source has from `offset` on, `size` bytes at most. */
static struct bytes piece_of(struct bytes source, size_t offset, size_t size)
{
    if (offset >= source.size)
        return bytes_of(NULL, 0);
    size_t left = source.size - offset;
    return bytes_of(source.data + offset, left < size ? left : size);
}

void bits_combine(enum bits_operation operation, const struct bytes *sources, size_t count,
                  char *out, size_t size)
{
    CHECK(count > 0);
    for (size_t offset = 0; offset < size; offset += PIECE) {
        size_t piece = size - offset < PIECE ? size - offset : PIECE;
        struct bytes first = piece_of(sources[0], offset, piece);
        if (first.size)
            memcpy(out + offset, first.data, first.size);
        memset(out + offset + first.size, 0, piece - first.size);
        if (operation == BITS_NOT) {
            complement(out + offset, piece);
            continue;
        }
        for (size_t i = 1; i < count; i++)
            combine_piece(operation, piece_of(sources[i], offset, piece), out + offset, piece);
    }
}

/* --- fields --- */

static int64_t highest_of(struct bits_field field)
{
    unsigned magnitude = field.is_signed ? field.width - 1 : field.width;
    return (int64_t)(((uint64_t)1 << magnitude) - 1);
}

static int64_t lowest_of(struct bits_field field)
{
    return field.is_signed ? -highest_of(field) - 1 : 0;
}

/* The lowest bits of the value as the field's number. */
static int64_t wrap(struct bits_field field, uint64_t value)
{
    unsigned unused = 64 - field.width;
    value <<= unused;
    return field.is_signed ? (int64_t)value >> unused : (int64_t)(value >> unused);
}

int64_t bits_read(struct bytes text, struct bits_field field)
{
    uint64_t value = 0;
    uint64_t offset = field.offset;
    for (unsigned left = field.width; left > 0;) {
        size_t byte = (size_t)(offset >> 3);
        unsigned in_byte = 8 - (unsigned)(offset & 7);
        unsigned taken = in_byte < left ? in_byte : left;
        unsigned octet = byte < text.size ? (unsigned char)text.data[byte] : 0;
        value = value << taken | (octet >> (in_byte - taken) & ((1u << taken) - 1));
        offset += taken;
        left -= taken;
    }
    return wrap(field, value);
}

void bits_write(char *data, struct bits_field field, int64_t value)
{
    uint64_t offset = field.offset;
    for (unsigned left = field.width; left > 0;) {
        unsigned char *octet = (unsigned char *)data + (offset >> 3);
        unsigned in_byte = 8 - (unsigned)(offset & 7);
        unsigned taken = in_byte < left ? in_byte : left;
        unsigned shift = in_byte - taken;
        unsigned mask = ((1u << taken) - 1) << shift;
        unsigned piece = (unsigned)((uint64_t)value >> (left - taken)) << shift;
        *octet = (unsigned char)((*octet & ~mask) | (piece & mask));
        offset += taken;
        left -= taken;
    }
}

/* The number that stands for one beyond an end. */
static int64_t settle(struct bits_field field, uint64_t value, bool is_above,
                      enum bits_overflow mode)
{
    if (mode == BITS_WRAP)
        return wrap(field, value);
    return is_above ? highest_of(field) : lowest_of(field);
}

bool bits_add(struct bits_field field, int64_t old, int64_t increment, enum bits_overflow mode,
              int64_t *result)
{
    int64_t sum;
    bool is_out = __builtin_add_overflow(old, increment, &sum);
    bool is_above = is_out ? increment > 0 : sum > highest_of(field);
    bool is_below = is_out ? increment < 0 : sum < lowest_of(field);
    *result = sum;
    if (is_above || is_below)
        *result = settle(field, (uint64_t)old + (uint64_t)increment, is_above, mode);
    return is_above || is_below;
}

bool bits_fit(struct bits_field field, int64_t value, enum bits_overflow mode, int64_t *result)
{
    int64_t highest = highest_of(field);
    bool is_above = value > highest;
    bool is_below = value < lowest_of(field);
    /* In Redis a number below an unsigned field is a huge one; and so is one so far below a signed
     * field that its distance from the highest does not fit into 64 bits. */
    int64_t distance;
    if (is_below && (!field.is_signed || __builtin_sub_overflow(highest, value, &distance)))
        is_above = true;
    *result = value;
    if (is_above || is_below)
        *result = settle(field, (uint64_t)value, is_above, mode);
    return is_above || is_below;
}
