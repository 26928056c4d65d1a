/* SPDX-License-Identifier: MIT */
/*
 * The primitives of the RDB format, for reading: a cursor that never leaves its bytes.
 *
 *     struct rdb_reader reader = {.input = body};
 *     struct buffer scratch = {0};
 *     uint64_t count;
 *     struct bytes member;
 *     if (!rdb_read_length(&reader, &count) || !rdb_read_string(&reader, &member, &scratch))
 *         ... the payload is corrupt ...
 *
 * Every function returns false at the first thing that is wrong; the results are then undefined.
 */
#ifndef UNDERSTUDY_DUMP_RDB_READER_H
#define UNDERSTUDY_DUMP_RDB_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct dump_limits;

struct rdb_reader {
    struct bytes input; /* borrowed */
    size_t position;
    const struct dump_limits *limits; /* borrowed; for the codecs of values */
    int version;                      /* of RDB, as the payload says */
    struct bytes
        compressed; /* borrowed: what LZF made of the string read last; empty: it did not */
};

/* Bytes not read yet: no count of elements can be larger. */
size_t rdb_reader_left(const struct rdb_reader *reader);

bool rdb_read_byte(struct rdb_reader *reader, uint8_t *byte);

/* A plain length; the special encodings of strings are refused. */
bool rdb_read_length(struct rdb_reader *reader, uint64_t *length);

/* The text of a string in any encoding. It points into the input, or into `scratch` where it had to
 * be decoded: valid until either changes. The caller clears `scratch` in the end, whatever the
 * result. */
bool rdb_read_string(struct rdb_reader *reader, struct bytes *text, struct buffer *scratch);

/* What rdb_write_double writes. */
bool rdb_read_double(struct rdb_reader *reader, double *value);

/* Sorted-set scores of the first version of that type: a byte of size, then text. */
bool rdb_read_text_double(struct rdb_reader *reader, double *value);

/* Little endian. */
bool rdb_read_uint64(struct rdb_reader *reader, uint64_t *value);
bool rdb_read_uint64_big_endian(struct rdb_reader *reader, uint64_t *value);

/* The next `size` bytes, as they stand. */
bool rdb_read_bytes(struct rdb_reader *reader, uint64_t size, struct bytes *bytes);

#endif
