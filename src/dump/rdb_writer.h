/* SPDX-License-Identifier: MIT */
/*
 * The primitives of the RDB format, for writing: lengths, strings, numbers.
 *
 *     struct rdb_writer writer = {.out = &buffer, .version = 11, .compresses = true};
 *     rdb_write_byte(&writer, RDB_TYPE_SET);
 *     rdb_write_length(&writer, count);
 *     rdb_write_string(&writer, member);
 */
#ifndef UNDERSTUDY_DUMP_RDB_WRITER_H
#define UNDERSTUDY_DUMP_RDB_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct rdb_writer {
    struct buffer *out; /* borrowed */
    int version;        /* of RDB: a codec chooses its type byte by it */
    bool compresses;
};

void rdb_write_byte(struct rdb_writer *writer, uint8_t byte);

/* 1, 2, 5 or 9 bytes. */
void rdb_write_length(struct rdb_writer *writer, uint64_t length);

/* With its length; as a 1, 2 or 4 byte integer if it reads like one, by LZF if that saves 4 bytes.
 */
void rdb_write_string(struct rdb_writer *writer, struct bytes text);

/* A text of `size` bytes of which LZF made `compressed`: for a writer that compresses. */
void rdb_write_compressed_string(struct rdb_writer *writer, struct bytes compressed, size_t size);

/* The text of an integer, in the same encodings. */
void rdb_write_integer_string(struct rdb_writer *writer, int64_t integer);

/* Eight bytes, little endian: sorted-set scores (version 2 of that type). */
void rdb_write_double(struct rdb_writer *writer, double value);

/* Little endian. */
void rdb_write_uint64(struct rdb_writer *writer, uint64_t value);

/* Eight bytes, big endian, as a stream's entry identifiers have them. */
void rdb_write_uint64_big_endian(struct rdb_writer *writer, uint64_t value);

#endif
