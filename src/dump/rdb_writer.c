/* SPDX-License-Identifier: MIT */
#include "dump/rdb_writer.h"

#include <limits.h>
#include <lzf.h>

#include "base/number.h"
#include "dump/rdb_format.h"

/* Shorter texts are looked at as integers, longer ones are worth compressing. */
#define LONGEST_INTEGER_TEXT 11
#define LONGEST_UNCOMPRESSED 20
/* What compression must save at least. */
#define LEAST_SAVING 4

static void write_little_endian(struct buffer *out, uint64_t value, int size)
{
    for (int i = 0; i < size; i++)
        buffer_append_byte(out, (char)(value >> (8 * i)));
}

static void write_big_endian(struct buffer *out, uint64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--)
        buffer_append_byte(out, (char)(value >> (8 * i)));
}

void rdb_write_byte(struct rdb_writer *writer, uint8_t byte)
{
    buffer_append_byte(writer->out, (char)byte);
}

void rdb_write_length(struct rdb_writer *writer, uint64_t length)
{
    struct buffer *out = writer->out;
    if (length < 1 << 6) {
        write_big_endian(out, length, 1);
    } else if (length < 1 << 14) {
        write_big_endian(out, length | RDB_LENGTH_14 << 14, 2);
    } else if (length <= UINT32_MAX) {
        rdb_write_byte(writer, RDB_LENGTH_32);
        write_big_endian(out, length, 4);
    } else {
        rdb_write_byte(writer, RDB_LENGTH_64);
        write_big_endian(out, length, 8);
    }
}

static void write_encoding(struct rdb_writer *writer, enum rdb_string_encoding encoding)
{
    rdb_write_byte(writer, (uint8_t)(RDB_LENGTH_ENCODED << 6 | (int)encoding));
}

/* False: it does not fit into 32 bits. */
static bool write_short_integer(struct rdb_writer *writer, int64_t integer)
{
    if (integer < INT32_MIN || integer > INT32_MAX)
        return false;
    if (integer >= INT8_MIN && integer <= INT8_MAX) {
        write_encoding(writer, RDB_ENCODING_INT8);
        write_little_endian(writer->out, (uint64_t)integer, 1);
    } else if (integer >= INT16_MIN && integer <= INT16_MAX) {
        write_encoding(writer, RDB_ENCODING_INT16);
        write_little_endian(writer->out, (uint64_t)integer, 2);
    } else {
        write_encoding(writer, RDB_ENCODING_INT32);
        write_little_endian(writer->out, (uint64_t)integer, 4);
    }
    return true;
}

void rdb_write_compressed_string(struct rdb_writer *writer, struct bytes compressed, size_t size)
{
    write_encoding(writer, RDB_ENCODING_LZF);
    rdb_write_length(writer, compressed.size);
    rdb_write_length(writer, size);
    buffer_append_bytes(writer->out, compressed);
}

/* False: compression would not save enough. */
static bool write_compressed(struct rdb_writer *writer, struct bytes text)
{
    if (text.size > UINT_MAX)
        return false;
    struct buffer compressed = {0};
    unsigned room = (unsigned)(text.size - LEAST_SAVING);
    char *place = buffer_reserve(&compressed, room + 1);
    unsigned size = lzf_compress(text.data, (unsigned)text.size, place, room);
    if (size)
        rdb_write_compressed_string(writer, bytes_of(place, size), text.size);
    buffer_clear(&compressed);
    return size > 0;
}

void rdb_write_string(struct rdb_writer *writer, struct bytes text)
{
    int64_t integer;
    if (text.size <= LONGEST_INTEGER_TEXT && number_parse_integer(text, &integer) &&
        write_short_integer(writer, integer))
        return;
    if (writer->compresses && text.size > LONGEST_UNCOMPRESSED && write_compressed(writer, text))
        return;
    rdb_write_length(writer, text.size);
    buffer_append_bytes(writer->out, text);
}

void rdb_write_integer_string(struct rdb_writer *writer, int64_t integer)
{
    if (write_short_integer(writer, integer))
        return;
    char digits[NUMBER_INTEGER_SIZE];
    size_t size = number_format_integer(digits, integer);
    rdb_write_length(writer, size);
    buffer_append(writer->out, digits, size);
}

void rdb_write_double(struct rdb_writer *writer, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    write_little_endian(writer->out, bits, 8);
}

void rdb_write_uint64(struct rdb_writer *writer, uint64_t value)
{
    write_little_endian(writer->out, value, 8);
}

void rdb_write_uint64_big_endian(struct rdb_writer *writer, uint64_t value)
{
    write_big_endian(writer->out, value, 8);
}
