/* SPDX-License-Identifier: MIT */
/*
 * A value as bytes and back, in the format of DUMP and RESTORE: an RDB type byte, the RDB encoding
 * of the value, two bytes of RDB version (little endian), and a CRC-64 of all before it.
 *
 *     struct buffer payload = {0};
 *     if (dump_value(&payload, value, 11, true)) ...
 *     if (dump_verify(bytes, 11)) value = dump_restore(bytes, &limits);
 *
 * Format: https://rdb.fnordig.de/file_format.html (facts; nothing is copied). The codec of each
 * type stands in a file of its own: see codecs.h.
 */
#ifndef UNDERSTUDY_DUMP_DUMP_H
#define UNDERSTUDY_DUMP_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "values/hash.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/value.h"

/* Up to where a value that is restored keeps its small encoding. */
struct dump_limits {
    struct hash_limits hash;
    int64_t list_fill; /* list-max-listpack-size */
    struct set_limits set;
    struct sorted_set_limits sorted_set;
};

/* Appends the payload. RDB versions: 6.2 writes 9, 7.0 writes 10, 7.2 11, 7.4 and 8.0 12.
 * `compresses` shrinks strings by LZF where that helps. False, and nothing appended, for a type
 * that has no codec. */
bool dump_value(struct buffer *out, const struct value *value, int rdb_version, bool compresses);

/* Ends a payload that began at `start` of the buffer: version and CRC. */
void dump_seal(struct buffer *out, size_t start, int rdb_version);

/* A payload, or another that dump_seal ended, without that end. Empty when it is too short. */
struct bytes dump_body(struct bytes payload);

/* The check of the frame alone: version not newer than `rdb_version`, CRC right. */
bool dump_verify(struct bytes payload, int rdb_version);

/* The value in a payload that dump_verify found good, with one reference. NULL when it is corrupt
 * or of a type that this build can't hold. Without `limits` (NULL) those of an unchanged
 * configuration hold. */
struct value *dump_restore(struct bytes payload, const struct dump_limits *limits);

#endif
