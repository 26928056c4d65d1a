/* SPDX-License-Identifier: MIT */
/* Invariant: position <= input.size. */
#include "dump/rdb_reader.h"

#include <limits.h>
#include <lzf.h>
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "dump/rdb_format.h"

/* LZF makes at most 264 bytes out of 3: a larger claim is false, and no memory is spent on it. */
#define LZF_LARGEST_RATIO 264

size_t rdb_reader_left(const struct rdb_reader *reader)
{
    return reader->input.size - reader->position;
}

bool rdb_read_bytes(struct rdb_reader *reader, uint64_t size, struct bytes *bytes)
{
    if (size > rdb_reader_left(reader))
        return false;
    *bytes = bytes_of(reader->input.data + reader->position, (size_t)size);
    reader->position += (size_t)size;
    return true;
}

bool rdb_read_byte(struct rdb_reader *reader, uint8_t *byte)
{
    if (rdb_reader_left(reader) == 0)
        return false;
    *byte = (uint8_t)reader->input.data[reader->position++];
    return true;
}

static bool read_big_endian(struct rdb_reader *reader, int size, uint64_t *value)
{
    struct bytes bytes;
    if (!rdb_read_bytes(reader, (uint64_t)size, &bytes))
        return false;
    *value = 0;
    for (int i = 0; i < size; i++)
        *value = *value << 8 | (uint8_t)bytes.data[i];
    return true;
}

static bool read_little_endian(struct rdb_reader *reader, int size, uint64_t *value)
{
    struct bytes bytes;
    if (!rdb_read_bytes(reader, (uint64_t)size, &bytes))
        return false;
    *value = 0;
    for (int i = size - 1; i >= 0; i--)
        *value = *value << 8 | (uint8_t)bytes.data[i];
    return true;
}

/* A length, or with `*is_encoded` an enum rdb_string_encoding. */
static bool read_length(struct rdb_reader *reader, uint64_t *length, bool *is_encoded)
{
    uint8_t first;
    if (!rdb_read_byte(reader, &first))
        return false;
    *is_encoded = false;
    uint64_t low = first & 0x3F;
    switch ((enum rdb_length_form)(first >> 6)) {
    case RDB_LENGTH_6:
        *length = low;
        return true;
    case RDB_LENGTH_14:
        if (!read_big_endian(reader, 1, length))
            return false;
        *length |= low << 8;
        return true;
    case RDB_LENGTH_WIDE:
        if (first == RDB_LENGTH_32)
            return read_big_endian(reader, 4, length);
        return first == RDB_LENGTH_64 && read_big_endian(reader, 8, length);
    case RDB_LENGTH_ENCODED:
        *is_encoded = true;
        *length = low;
        return true;
    }
    return false;
}

bool rdb_read_length(struct rdb_reader *reader, uint64_t *length)
{
    bool is_encoded;
    return read_length(reader, length, &is_encoded) && !is_encoded;
}

/* An integer of 1, 2 or 4 bytes as text. */
static bool read_integer_text(struct rdb_reader *reader, int size, struct bytes *text,
                              struct buffer *scratch)
{
    uint64_t bits;
    if (!read_little_endian(reader, size, &bits))
        return false;
    int shift = 64 - 8 * size;
    int64_t integer = (int64_t)(bits << shift) >> shift;
    scratch->size = 0;
    scratch->size = number_format_integer(buffer_reserve(scratch, NUMBER_INTEGER_SIZE), integer);
    *text = buffer_bytes(scratch);
    return true;
}

static bool read_compressed(struct rdb_reader *reader, struct bytes *text, struct buffer *scratch)
{
    uint64_t compressed_size, size;
    struct bytes compressed;
    if (!rdb_read_length(reader, &compressed_size) || !rdb_read_length(reader, &size) ||
        !rdb_read_bytes(reader, compressed_size, &compressed))
        return false;
    if (compressed.size == 0 || compressed.size > UINT_MAX / LZF_LARGEST_RATIO || size == 0 ||
        size > compressed.size * LZF_LARGEST_RATIO)
        return false;
    scratch->size = 0;
    char *place = buffer_reserve(scratch, (size_t)size);
    if (lzf_decompress(compressed.data, (unsigned)compressed.size, place, (unsigned)size) != size)
        return false;
    scratch->size = (size_t)size;
    *text = buffer_bytes(scratch);
    reader->compressed = compressed;
    return true;
}

bool rdb_read_string(struct rdb_reader *reader, struct bytes *text, struct buffer *scratch)
{
    uint64_t length;
    bool is_encoded;
    reader->compressed = bytes_of(NULL, 0);
    if (!read_length(reader, &length, &is_encoded))
        return false;
    if (!is_encoded)
        return rdb_read_bytes(reader, length, text);
    switch (length) {
    case RDB_ENCODING_INT8:
        return read_integer_text(reader, 1, text, scratch);
    case RDB_ENCODING_INT16:
        return read_integer_text(reader, 2, text, scratch);
    case RDB_ENCODING_INT32:
        return read_integer_text(reader, 4, text, scratch);
    case RDB_ENCODING_LZF:
        return read_compressed(reader, text, scratch);
    default:
        return false;
    }
}

bool rdb_read_uint64(struct rdb_reader *reader, uint64_t *value)
{
    return read_little_endian(reader, 8, value);
}

bool rdb_read_uint64_big_endian(struct rdb_reader *reader, uint64_t *value)
{
    return read_big_endian(reader, 8, value);
}

bool rdb_read_double(struct rdb_reader *reader, double *value)
{
    uint64_t bits;
    if (!rdb_read_uint64(reader, &bits))
        return false;
    memcpy(value, &bits, sizeof bits);
    return true;
}

bool rdb_read_text_double(struct rdb_reader *reader, double *value)
{
    uint8_t size;
    struct bytes text;
    if (!rdb_read_byte(reader, &size))
        return false;
    switch (size) {
    case 253:
        *value = NAN;
        return true;
    case 254:
        *value = INFINITY;
        return true;
    case 255:
        *value = -INFINITY;
        return true;
    default:
        return rdb_read_bytes(reader, size, &text) && number_parse_double(text, value);
    }
}
