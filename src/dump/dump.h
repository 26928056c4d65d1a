/* SPDX-License-Identifier: MIT */
/*
 * A value as bytes and back, in the format of DUMP and RESTORE: an RDB type byte, the RDB encoding of
 * the value, two bytes of RDB version (little endian), and a CRC-64 of all before it.
 * Format: https://rdb.fnordig.de/file_format.html (facts; nothing is copied).
 */
#ifndef UNDERSTUDY_DUMP_DUMP_H
#define UNDERSTUDY_DUMP_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "values/value.h"

/* RDB versions: 6.2 writes 9, 7.0 writes 10, 7.2 and 7.4 write 11/12, 8.0 12. */
void dump_value(struct buffer *out, const struct value *value, int rdb_version, bool compresses);

/* The check of the frame alone: version not newer than `rdb_version`, CRC right (a CRC of 0 is taken as
 * unchecked, as Redis does). */
bool dump_verify(struct bytes payload, int rdb_version);

/* NULL when the payload is corrupt or of a type that this build can't hold. One reference. */
struct value *dump_restore(struct bytes payload);

#endif
