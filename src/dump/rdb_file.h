/* SPDX-License-Identifier: MIT */
/*
 * A whole RDB file, record by record: keys of databases, libraries of functions, fields about the
 * server that wrote it. Knows no keyspace: a writer is handed what to write, a reader hands over
 * what it finds.
 *
 *     struct rdb_file_writer file = {.sink = write_all, .context = &fd, .version = 11};
 *     rdb_file_begin(&file);
 *     rdb_file_write_database(&file, 0, keys, deadlines);
 *     rdb_file_write_key(&file, &key, value);                    // for each
 *     bool is_written = rdb_file_end(&file);
 *
 *     struct rdb_file_handler handler = {.key = add_key, .context = keyspace};
 *     if (!rdb_file_read(bytes, &options, &handler, &problem)) ...
 *
 * Format: https://rdb.fnordig.de/file_format.html (facts; nothing is copied).
 */
#ifndef UNDERSTUDY_DUMP_RDB_FILE_H
#define UNDERSTUDY_DUMP_RDB_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "dump/dump.h"
#include "dump/rdb_reader.h"
#include "values/value.h"

#define RDB_FILE_NEVER INT64_MAX /* a deadline that never comes */

/* Whether it begins as every RDB file does. */
bool rdb_file_is_one(struct bytes bytes);

/* A key, and what stands with it beside its value. */
struct rdb_file_key {
    struct bytes name;
    int64_t deadline_ms;  /* ms since epoch; RDB_FILE_NEVER */
    int64_t idle_seconds; /* -1: not told */
    int frequency;        /* -1: not told */
};

/* --- writing --- */

struct rdb_file_writer {
    /* Set before rdb_file_begin. */
    bool (*sink)(void *context, struct bytes bytes); /* the next bytes; false: it failed */
    void *context;
    int version; /* of RDB, as for dump_value */
    bool compresses;
    bool has_checksum; /* else zeros stand in its place, and nobody checks */
    /* Its own. */
    struct buffer pending;
    struct buffer value;
    uint64_t crc;
    bool has_failed;
};

void rdb_file_begin(struct rdb_file_writer *file);

/* A fact about the writer: "redis-ver", "ctime". */
void rdb_file_write_field(struct rdb_file_writer *file, const char *name, const char *text);
void rdb_file_write_number(struct rdb_file_writer *file, const char *name, int64_t number);

/* Whole records that somebody else encoded. */
void rdb_file_write_records(struct rdb_file_writer *file, struct bytes records);

/* The keys that follow are of this database; the counts help a reader. */
void rdb_file_write_database(struct rdb_file_writer *file, int index, size_t keys,
                             size_t deadlines);
void rdb_file_write_key(struct rdb_file_writer *file, const struct rdb_file_key *key,
                        const struct value *value);

/* The end of the file; the writer is empty then. False: the sink has failed, now or before. */
bool rdb_file_end(struct rdb_file_writer *file);

/* --- reading --- */

struct rdb_file_options {
    int newest_version; /* newer files are refused */
    bool has_checksum;  /* it is looked at, if there is one */
    const struct dump_limits *limits;
    size_t *end; /* out: where the file ends; or NULL */
};

/* Who is handed what is found. A callback that is NULL is not told; one that returns false has said
 * why in `problem`, and nothing more is read. */
struct rdb_file_handler {
    void *context;
    bool (*field)(void *context, struct bytes name, struct bytes text, struct buffer *problem);
    bool (*database)(void *context, uint64_t index, struct buffer *problem);
    /* A library of functions: the reader stands behind the opcode. Not NULL. */
    bool (*library)(void *context, uint8_t opcode, struct rdb_reader *reader,
                    struct buffer *problem);
    /* Takes `value`. */
    bool (*key)(void *context, const struct rdb_file_key *key, struct value *value,
                struct buffer *problem);
};

/* False: `problem` says in one line why the file is not as it should be; what stands before that
 * place was handed over. What stands behind the file's end is not looked at. */
bool rdb_file_read(struct bytes bytes, const struct rdb_file_options *options,
                   const struct rdb_file_handler *handler, struct buffer *problem);

#endif
