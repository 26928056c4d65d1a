/* SPDX-License-Identifier: MIT */
/*
 * Invariant of a string that is not corrupt: its runs, or its dense registers, are 16,384 together.
 * Strings come from clients, so every walk ends at the string's end whatever the runs say.
 *
 * The estimate is that of Otmar Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (2017), algorithm 6.
 */
#include "values/hyperloglog.h"

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "values/string.h"

#define INDEX_BITS   14 /* of an element's hash choose the register */
#define LEVEL_BITS   50 /* the others give its level: up to 51 */
#define HEADER_SIZE  16
#define ENCODING_AT  4
#define COUNT_AT     8
#define COUNT_SIZE   8
#define COUNT_IS_OLD 0x80 /* in the last byte of the count */
#define DENSE_SIZE   (HEADER_SIZE + HYPERLOGLOG_REGISTERS * 6 / 8)

enum { IS_DENSE = 0, IS_SPARSE = 1 };

#define LONGEST_ZEROS     64 /* in one byte */
#define LONGEST_LEVELS    4
#define HIGHEST_OF_SPARSE 32

static unsigned char *bytes_at(struct value *string)
{
    return (unsigned char *)string_data(string);
}

static struct bytes text_of(const struct value *string)
{
    char digits[NUMBER_INTEGER_SIZE];
    return string_bytes(string, digits);
}

static const unsigned char *registers_of(struct bytes text)
{
    return (const unsigned char *)text.data + HEADER_SIZE;
}

bool hyperloglog_is_valid(struct bytes text)
{
    if (text.size < HEADER_SIZE || memcmp(text.data, "HYLL", 4) != 0)
        return false;
    unsigned char encoding = (unsigned char)text.data[ENCODING_AT];
    return encoding == IS_SPARSE || (encoding == IS_DENSE && text.size == DENSE_SIZE);
}

bool hyperloglog_is_dense(struct bytes text)
{
    return text.data[ENCODING_AT] == IS_DENSE;
}

/* --- the hash --- */

static uint64_t load_little_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

/* MurmurHash64A by Austin Appleby, in the public domain, with the seed that Redis gives it. */
static uint64_t hash_of(struct bytes element)
{
    const uint64_t multiplier = 0xc6a4a7935bd1e995;
    const unsigned char *place = (const unsigned char *)element.data;
    uint64_t hash = 0xadc83b19 ^ (element.size * multiplier);
    size_t left = element.size;
    for (; left >= 8; left -= 8, place += 8) {
        uint64_t word = load_little_endian(place, 8) * multiplier;
        word ^= word >> 47;
        hash = (hash ^ word * multiplier) * multiplier;
    }
    if (left)
        hash = (hash ^ load_little_endian(place, left)) * multiplier;
    hash ^= hash >> 47;
    hash *= multiplier;
    return hash ^ hash >> 47;
}

/* --- dense registers --- */

static unsigned dense_get(const unsigned char *registers, unsigned index)
{
    unsigned bit = index * 6;
    const unsigned char *place = registers + bit / 8;
    unsigned shift = bit % 8;
    unsigned both = place[0];
    if (shift > 2)
        both |= (unsigned)place[1] << 8;
    return both >> shift & 63;
}

static void dense_set(unsigned char *registers, unsigned index, unsigned level)
{
    unsigned bit = index * 6;
    unsigned char *place = registers + bit / 8;
    unsigned shift = bit % 8;
    place[0] = (unsigned char)((place[0] & ~(63u << shift)) | level << shift);
    if (shift > 2)
        place[1] = (unsigned char)((place[1] & ~(63u >> (8 - shift))) | level >> (8 - shift));
}

/* The four registers that three bytes hold. */
static void dense_unpack(const unsigned char *registers, unsigned group, unsigned levels[4])
{
    const unsigned char *place = registers + group * 3;
    unsigned all = place[0] | (unsigned)place[1] << 8 | (unsigned)place[2] << 16;
    for (unsigned i = 0; i < 4; i++)
        levels[i] = all >> (i * 6) & 63;
}

/* --- sparse runs --- */

struct run {
    unsigned level;  /* of its registers */
    unsigned length; /* in registers */
    size_t size;     /* in bytes */
};

/* Of a run of two bytes that lacks the second, that is taken for 0. */
static struct run run_at(const unsigned char *place, const unsigned char *end)
{
    unsigned byte = *place;
    if (byte & 0x80)
        return (struct run){.level = (byte >> 2 & 31) + 1, .length = (byte & 3) + 1, .size = 1};
    if (!(byte & 0x40))
        return (struct run){.length = (byte & 63) + 1, .size = 1};
    unsigned second = place + 1 < end ? place[1] : 0;
    return (struct run){.length = ((byte & 63) << 8 | second) + 1, .size = 2};
}

static unsigned char *put_levels(unsigned char *place, unsigned level, unsigned length)
{
    *place = (unsigned char)(0x80 | (level - 1) << 2 | (length - 1));
    return place + 1;
}

static unsigned char *put_zeros(unsigned char *place, unsigned length)
{
    if (length <= LONGEST_ZEROS) {
        *place = (unsigned char)(length - 1);
        return place + 1;
    }
    place[0] = (unsigned char)(0x40 | (length - 1) >> 8);
    place[1] = (unsigned char)(length - 1);
    return place + 2;
}

static unsigned char *put_run(unsigned char *place, unsigned level, unsigned length)
{
    if (length == 0)
        return place;
    return level ? put_levels(place, level, length) : put_zeros(place, length);
}

/* Calls `visit` for each run. False when they are not 16,384 registers together; no run that would
 * go beyond is visited. */
static bool walk_runs(struct bytes text,
                      void (*visit)(unsigned first, const struct run *run, void *context),
                      void *context)
{
    const unsigned char *place = registers_of(text);
    const unsigned char *end = (const unsigned char *)text.data + text.size;
    unsigned first = 0;
    while (place < end) {
        struct run run = run_at(place, end);
        if (run.length > HYPERLOGLOG_REGISTERS - first)
            return false;
        visit(first, &run, context);
        first += run.length;
        place += run.size;
    }
    return first == HYPERLOGLOG_REGISTERS;
}

static void fill_dense(unsigned first, const struct run *run, void *context)
{
    if (run->level == 0)
        return;
    for (unsigned i = 0; i < run->length; i++)
        dense_set(context, first + i, run->level);
}

bool hyperloglog_make_dense(struct value **string)
{
    struct bytes text = text_of(*string);
    if (hyperloglog_is_dense(text))
        return true;
    unsigned char *registers = memory_zeroed(DENSE_SIZE - HEADER_SIZE);
    bool is_good = walk_runs(text, fill_dense, registers);
    if (is_good) {
        *string = string_resize(*string, DENSE_SIZE);
        unsigned char *data = bytes_at(*string);
        data[ENCODING_AT] = IS_DENSE;
        memcpy(data + HEADER_SIZE, registers, DENSE_SIZE - HEADER_SIZE);
    }
    memory_free(registers);
    return is_good;
}

/* --- changes --- */

static enum hyperloglog_outcome dense_raise(struct value *string, unsigned index, unsigned level)
{
    unsigned char *registers = bytes_at(string) + HEADER_SIZE;
    if (dense_get(registers, index) >= level)
        return HYPERLOGLOG_SAME;
    dense_set(registers, index, level);
    return HYPERLOGLOG_CHANGED;
}

static enum hyperloglog_outcome promote_and_raise(struct value **string, unsigned index,
                                                  unsigned level)
{
    if (!hyperloglog_make_dense(string))
        return HYPERLOGLOG_CORRUPT;
    return dense_raise(*string, index, level);
}

/* The run that holds a register. */
struct place {
    size_t offset;   /* of the run in the string */
    size_t previous; /* of the run before it; HEADER_SIZE when there is none */
    unsigned first;  /* its first register */
    struct run run;
};

static bool find_register(struct bytes text, unsigned index, struct place *found)
{
    const unsigned char *data = (const unsigned char *)text.data;
    *found = (struct place){.offset = HEADER_SIZE, .previous = HEADER_SIZE};
    while (found->offset < text.size) {
        found->run = run_at(data + found->offset, data + text.size);
        if (index < found->first + found->run.length)
            return found->offset + found->run.size <= text.size;
        found->first += found->run.length;
        found->previous = found->offset;
        found->offset += found->run.size;
    }
    return false;
}

/* Redis tries this in five steps from the run before a changed one: neighbours of one level become
 * one run where it is not longer than a run may be. */
static void join_neighbours(struct value **string, size_t offset)
{
    unsigned char *data = bytes_at(*string);
    size_t size = string_size(*string);
    for (int steps = 5; offset < size && steps > 0; steps--) {
        struct run run = run_at(data + offset, data + size);
        size_t behind = offset + run.size;
        struct run next = {0};
        if (behind < size)
            next = run_at(data + behind, data + size);
        if (run.level && run.level == next.level && run.length + next.length <= LONGEST_LEVELS) {
            put_levels(data + offset, run.level, run.length + next.length);
            memmove(data + behind, data + behind + 1, size - behind - 1);
            size--;
        } else {
            offset = behind;
        }
    }
    *string = string_resize(*string, size);
}

static enum hyperloglog_outcome sparse_raise(struct value **string, unsigned index, unsigned level,
                                             size_t sparse_limit)
{
    if (level > HIGHEST_OF_SPARSE)
        return promote_and_raise(string, index, level);
    struct place place;
    size_t size = string_size(*string);
    if (!find_register(text_of(*string), index, &place))
        return HYPERLOGLOG_CORRUPT;
    if (place.run.level >= level)
        return HYPERLOGLOG_SAME;

    /* The run falls into what is before the register, the register, and what is behind it. */
    unsigned char pieces[5];
    unsigned char *end = put_run(pieces, place.run.level, index - place.first);
    end = put_levels(end, level, 1);
    end = put_run(end, place.run.level, place.first + place.run.length - 1 - index);
    size_t pieces_size = (size_t)(end - pieces);
    size_t new_size = size - place.run.size + pieces_size;
    if (new_size > size && new_size > sparse_limit)
        return promote_and_raise(string, index, level);

    size_t behind = place.offset + place.run.size;
    if (new_size > size)
        *string = string_resize(*string, new_size);
    unsigned char *data = bytes_at(*string);
    memmove(data + place.offset + pieces_size, data + behind, size - behind);
    memcpy(data + place.offset, pieces, pieces_size);
    if (new_size < size)
        *string = string_resize(*string, new_size);
    join_neighbours(string, place.previous);
    return HYPERLOGLOG_CHANGED;
}

enum hyperloglog_outcome hyperloglog_raise(struct value **string, unsigned index, unsigned level,
                                           size_t sparse_limit)
{
    CHECK(index < HYPERLOGLOG_REGISTERS);
    if (hyperloglog_is_dense(text_of(*string)))
        return dense_raise(*string, index, level);
    return sparse_raise(string, index, level, sparse_limit);
}

enum hyperloglog_outcome hyperloglog_add(struct value **string, struct bytes element,
                                         size_t sparse_limit)
{
    uint64_t hash = hash_of(element);
    unsigned index = (unsigned)(hash & (HYPERLOGLOG_REGISTERS - 1));
    uint64_t rest = hash >> INDEX_BITS | (uint64_t)1 << LEVEL_BITS;
    unsigned level = (unsigned)__builtin_ctzll(rest) + 1;
    return hyperloglog_raise(string, index, level, sparse_limit);
}

struct value *hyperloglog_new(void)
{
    struct value *string = string_new_raw(HEADER_SIZE + 2);
    unsigned char *data = bytes_at(string);
    memset(data, 0, HEADER_SIZE);
    memcpy(data, "HYLL", 4);
    data[ENCODING_AT] = IS_SPARSE;
    put_zeros(data + HEADER_SIZE, HYPERLOGLOG_REGISTERS);
    return string;
}

/* --- counts --- */

bool hyperloglog_remembered_count(struct bytes text, uint64_t *count)
{
    const unsigned char *place = (const unsigned char *)text.data + COUNT_AT;
    *count = load_little_endian(place, COUNT_SIZE);
    return !(place[COUNT_SIZE - 1] & COUNT_IS_OLD);
}

void hyperloglog_remember_count(struct value *string, uint64_t count)
{
    unsigned char *place = bytes_at(string) + COUNT_AT;
    for (unsigned i = 0; i < COUNT_SIZE; i++)
        place[i] = (unsigned char)(count >> (8 * i));
}

void hyperloglog_forget_count(struct value *string)
{
    bytes_at(string)[COUNT_AT + COUNT_SIZE - 1] |= COUNT_IS_OLD;
}

/* How many registers have each level. */
struct histogram {
    uint32_t counts[64];
};

/* Ertl's sigma: what registers that are still 0 contribute; `share` is theirs of all. */
static double sigma(double share)
{
    if (share == 1.0)
        return INFINITY;
    double sum = share;
    double previous;
    double weight = 1;
    do {
        share *= share;
        previous = sum;
        sum += share * weight;
        weight += weight;
    } while (sum != previous);
    return sum;
}

/* Ertl's tau: what registers contribute that are full; `share` is that of all others. */
static double tau(double share)
{
    if (share == 0.0 || share == 1.0)
        return 0.0;
    double sum = 1 - share;
    double previous;
    double weight = 1;
    do {
        share = sqrt(share);
        previous = sum;
        weight *= 0.5;
        sum -= pow(1 - share, 2) * weight;
    } while (sum != previous);
    return sum / 3;
}

static uint64_t estimate(const struct histogram *histogram)
{
    const double alpha = 0.721347520444481703680; /* 1 / (2 ln 2) */
    const double registers = HYPERLOGLOG_REGISTERS;
    double sum = registers * tau((registers - histogram->counts[LEVEL_BITS + 1]) / registers);
    for (int level = LEVEL_BITS; level >= 1; level--) {
        sum += histogram->counts[level];
        sum *= 0.5;
    }
    sum += registers * sigma(histogram->counts[0] / registers);
    return (uint64_t)llroundl((long double)(alpha * registers * registers / sum));
}

static void count_run(unsigned first, const struct run *run, void *context)
{
    struct histogram *histogram = context;
    (void)first;
    histogram->counts[run->level] += run->length;
}

bool hyperloglog_count(struct bytes text, uint64_t *count)
{
    struct histogram histogram = {0};
    if (hyperloglog_is_dense(text)) {
        unsigned levels[4];
        for (unsigned group = 0; group < HYPERLOGLOG_REGISTERS / 4; group++) {
            dense_unpack(registers_of(text), group, levels);
            for (unsigned i = 0; i < 4; i++)
                histogram.counts[levels[i]]++;
        }
    } else if (!walk_runs(text, count_run, &histogram)) {
        return false;
    }
    *count = estimate(&histogram);
    return true;
}

static void raise(uint8_t *present, unsigned level)
{
    if (*present < level)
        *present = (uint8_t)level;
}

static void raise_run(unsigned first, const struct run *run, void *context)
{
    struct hyperloglog_registers *registers = context;
    if (run->level == 0)
        return;
    for (unsigned i = 0; i < run->length; i++)
        raise(&registers->levels[first + i], run->level);
}

bool hyperloglog_merge(struct hyperloglog_registers *registers, struct bytes text)
{
    if (!hyperloglog_is_dense(text))
        return walk_runs(text, raise_run, registers);
    unsigned levels[4];
    for (unsigned group = 0; group < HYPERLOGLOG_REGISTERS / 4; group++) {
        dense_unpack(registers_of(text), group, levels);
        for (unsigned i = 0; i < 4; i++)
            raise(&registers->levels[group * 4 + i], levels[i]);
    }
    return true;
}

uint64_t hyperloglog_registers_count(const struct hyperloglog_registers *registers)
{
    struct histogram histogram = {0};
    for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++)
        histogram.counts[registers->levels[i] & 63]++;
    return estimate(&histogram);
}

/* --- for those who look inside --- */

void hyperloglog_describe(struct bytes text, struct buffer *out)
{
    const unsigned char *place = registers_of(text);
    const unsigned char *end = (const unsigned char *)text.data + text.size;
    const char *blank = "";
    while (place < end) {
        struct run run = run_at(place, end);
        if (run.level)
            buffer_append_format(out, "%sv:%u,%u", blank, run.level, run.length);
        else
            buffer_append_format(out, "%s%c:%u", blank, run.size == 1 ? 'z' : 'Z', run.length);
        blank = " ";
        place += run.size;
    }
}

/* Registers of every level, written and read back; the neighbours must stay what they were. */
static const char *test_dense_registers(void)
{
    unsigned char registers[DENSE_SIZE - HEADER_SIZE] = {0};
    for (unsigned round = 0; round < 64; round++) {
        for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++)
            dense_set(registers, i, (i * 7 + round) & 63);
        for (unsigned i = 0; i < HYPERLOGLOG_REGISTERS; i++)
            if (dense_get(registers, i) != ((i * 7 + round) & 63))
                return "a dense register does not hold what was stored";
    }
    return NULL;
}

/* The standard error is 1.04 divided by the root of the registers; four times that is far out. */
static bool is_good_estimate(uint64_t count, uint64_t truth)
{
    double error = 1.04 / sqrt(HYPERLOGLOG_REGISTERS) * 4 * (double)truth;
    return fabs((double)count - (double)truth) <= error + 1;
}

static const char *test_counts(struct value **sparse, struct value **dense)
{
    if (!hyperloglog_make_dense(dense))
        return "an empty one is corrupt";
    uint64_t next = 1;
    for (uint64_t i = 1; i <= 100000; i++) {
        struct bytes element = bytes_of((const char *)&i, sizeof i);
        hyperloglog_add(sparse, element, 3000);
        hyperloglog_add(dense, element, 3000);
        if (i != next)
            continue;
        next *= 10;
        uint64_t of_sparse, of_dense;
        if (!hyperloglog_count(text_of(*sparse), &of_sparse) ||
            !hyperloglog_count(text_of(*dense), &of_dense))
            return "what elements were added to is corrupt";
        if (of_sparse != of_dense)
            return "sparse and dense count differently";
        if (!is_good_estimate(of_dense, i))
            return "the estimate is too far from the truth";
    }
    return NULL;
}

const char *hyperloglog_self_test(void)
{
    const char *failure = test_dense_registers();
    struct value *sparse = hyperloglog_new();
    struct value *dense = hyperloglog_new();
    if (!failure)
        failure = test_counts(&sparse, &dense);
    value_release(sparse);
    value_release(dense);
    return failure;
}
