/* SPDX-License-Identifier: MIT */
/*
 * The codec of each type of value. To add one: write dump_<type>.c, declare it here, and give it
 * its rows in dump.c.
 */
#ifndef UNDERSTUDY_DUMP_CODECS_H
#define UNDERSTUDY_DUMP_CODECS_H

#include "dump/dump.h"
#include "dump/rdb_format.h"
#include "dump/rdb_reader.h"
#include "dump/rdb_writer.h"
#include "values/value.h"

/* A writer appends the type byte and the value's encoding. A reader stands behind the type byte; it
 * returns a value with one reference, or NULL when the bytes are corrupt. */

void dump_string_write(struct rdb_writer *writer, const struct value *value);
struct value *dump_string_read(struct rdb_reader *reader, enum rdb_type type);

void dump_stream_write(struct rdb_writer *writer, const struct value *value);
struct value *dump_stream_read(struct rdb_reader *reader, enum rdb_type type);

void dump_list_write(struct rdb_writer *writer, const struct value *value);
struct value *dump_list_read(struct rdb_reader *reader, enum rdb_type type);

void dump_hash_write(struct rdb_writer *writer, const struct value *value);
struct value *dump_hash_read(struct rdb_reader *reader, enum rdb_type type);

void dump_set_write(struct rdb_writer *writer, const struct value *value);
struct value *dump_set_read(struct rdb_reader *reader, enum rdb_type type);

void dump_sorted_set_write(struct rdb_writer *writer, const struct value *value);
struct value *dump_sorted_set_read(struct rdb_reader *reader, enum rdb_type type);

/* The same for a value of any type (dump.c): false, and nothing written, for one that has no codec;
 * NULL, too, for a byte that is no type that this build can hold. The reader has its limits. */
bool dump_write(struct rdb_writer *writer, const struct value *value);
struct value *dump_read(struct rdb_reader *reader, uint8_t type);

#endif
