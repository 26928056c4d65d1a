/* SPDX-License-Identifier: MIT */
/*
 * Invariant: members ascend strictly, and the width (2, 4 or 8 bytes) never shrinks. Members are
 * read and written byte by byte in little endian, so the layout is the same on every machine.
 */
#include "values/intset.h"

#include <string.h>

#include "base/memory.h"

static uint32_t read_u32(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void write_u32(unsigned char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (unsigned char)(value >> (8 * i));
}

static size_t width_of(const unsigned char *set)
{
    return read_u32(set);
}

static size_t width_for(int64_t member)
{
    if (member < INT32_MIN || member > INT32_MAX)
        return 8;
    return member < INT16_MIN || member > INT16_MAX ? 4 : 2;
}

static int64_t read_member(const unsigned char *set, size_t width, size_t index)
{
    const unsigned char *at = set + INTSET_HEADER_SIZE + index * width;
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value |= (uint64_t)at[i] << (8 * i);
    if (width == 2)
        return (int16_t)value;
    return width == 4 ? (int32_t)value : (int64_t)value;
}

static void write_member(unsigned char *set, size_t width, size_t index, int64_t member)
{
    unsigned char *at = set + INTSET_HEADER_SIZE + index * width;
    for (size_t i = 0; i < width; i++)
        at[i] = (unsigned char)((uint64_t)member >> (8 * i));
}

unsigned char *intset_new(void)
{
    unsigned char *set = memory_allocate(INTSET_HEADER_SIZE);
    write_u32(set, 2);
    write_u32(set + 4, 0);
    return set;
}

unsigned char *intset_clone(const unsigned char *set)
{
    return memory_copy(set, intset_size(set));
}

unsigned char *intset_from_bytes(struct bytes bytes)
{
    return memory_copy(bytes.data, bytes.size);
}

void intset_free(unsigned char *set)
{
    memory_free(set);
}

size_t intset_count(const unsigned char *set)
{
    return read_u32(set + 4);
}

size_t intset_size(const unsigned char *set)
{
    return INTSET_HEADER_SIZE + intset_count(set) * width_of(set);
}

int64_t intset_get(const unsigned char *set, size_t index)
{
    return read_member(set, width_of(set), index);
}

/* True and the member's index, or false and the index where it belongs. */
static bool search(const unsigned char *set, int64_t member, size_t *index)
{
    size_t low = 0;
    size_t high = intset_count(set);
    size_t width = width_of(set);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (read_member(set, width, middle) < member)
            low = middle + 1;
        else
            high = middle;
    }
    *index = low;
    return low < intset_count(set) && read_member(set, width, low) == member;
}

bool intset_contains(const unsigned char *set, int64_t member)
{
    size_t index;
    return width_for(member) <= width_of(set) && search(set, member, &index);
}

/* Makes all members `width` bytes wide; `count` of the header is left alone. */
static void widen(unsigned char **set, size_t width)
{
    size_t count = intset_count(*set);
    size_t old_width = width_of(*set);
    *set = memory_resize(*set, INTSET_HEADER_SIZE + count * width);
    for (size_t i = count; i-- > 0;)
        write_member(*set, width, i, read_member(*set, old_width, i));
    write_u32(*set, (uint32_t)width);
}

bool intset_add(unsigned char **set, int64_t member)
{
    if (width_for(member) > width_of(*set))
        widen(set, width_for(member));
    size_t index;
    if (search(*set, member, &index))
        return false;
    size_t count = intset_count(*set);
    size_t width = width_of(*set);
    *set = memory_resize(*set, INTSET_HEADER_SIZE + (count + 1) * width);
    unsigned char *at = *set + INTSET_HEADER_SIZE + index * width;
    memmove(at + width, at, (count - index) * width);
    write_member(*set, width, index, member);
    write_u32(*set + 4, (uint32_t)(count + 1));
    return true;
}

bool intset_remove(unsigned char **set, int64_t member)
{
    size_t index;
    if (width_for(member) > width_of(*set) || !search(*set, member, &index))
        return false;
    size_t count = intset_count(*set);
    size_t width = width_of(*set);
    unsigned char *at = *set + INTSET_HEADER_SIZE + index * width;
    memmove(at, at + width, (count - index - 1) * width);
    *set = memory_resize(*set, INTSET_HEADER_SIZE + (count - 1) * width);
    write_u32(*set + 4, (uint32_t)(count - 1));
    return true;
}

bool intset_is_valid(struct bytes bytes)
{
    const unsigned char *set = (const unsigned char *)bytes.data;
    if (bytes.size < INTSET_HEADER_SIZE)
        return false;
    size_t width = width_of(set);
    if (width != 2 && width != 4 && width != 8)
        return false;
    size_t count = intset_count(set);
    if (count == 0 || bytes.size != INTSET_HEADER_SIZE + count * width)
        return false;
    for (size_t i = 1; i < count; i++)
        if (intset_get(set, i - 1) >= intset_get(set, i))
            return false;
    return true;
}
