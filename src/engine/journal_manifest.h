/* SPDX-License-Identifier: MIT */
/*
 * The list of the files that an append-only file consists of: a base, then what was appended, in
 * parts. Files that it no longer needs are its history, until they are removed.
 *
 *     file appendonly.aof.2.base.rdb seq 2 type b
 *     file appendonly.aof.1.incr.aof seq 1 type h
 *     file appendonly.aof.2.incr.aof seq 2 type i
 *
 *     struct journal_manifest manifest = {0};
 *     if (!journal_manifest_read(&manifest, text, &problem)) ...
 *     journal_manifest_clear(&manifest);
 */
#ifndef UNDERSTUDY_ENGINE_JOURNAL_MANIFEST_H
#define UNDERSTUDY_ENGINE_JOURNAL_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

/* As they stand in the text, whose order is that of the letters, too. */
enum journal_part { JOURNAL_BASE = 'b', JOURNAL_HISTORY = 'h', JOURNAL_INCREMENT = 'i' };

struct journal_manifest_file {
    char *name; /* owned: within the directory */
    int64_t sequence;
    enum journal_part part;
};

struct journal_manifest {
    struct journal_manifest_file *files; /* owned: base, history, increments */
    size_t count;
    int64_t base_sequence;      /* of the last base; 0: there was none */
    int64_t increment_sequence; /* the same */
};

void journal_manifest_clear(struct journal_manifest *manifest);

/* Into an empty manifest. False: `problem` says in one line why not; the manifest is empty. */
bool journal_manifest_read(struct journal_manifest *manifest, struct bytes text,
                           struct buffer *problem);

void journal_manifest_write(const struct journal_manifest *manifest, struct buffer *text);

void journal_manifest_copy(struct journal_manifest *to, const struct journal_manifest *from);

/* Another file, with the sequence number after the last of its part, or the given one of a name
 * that is there already. */
void journal_manifest_add(struct journal_manifest *manifest, enum journal_part part,
                          const char *name, int64_t sequence);

/* "appendonly.aof.2.base.rdb": the name of the next (memory_free). */
char *journal_manifest_next_base(const struct journal_manifest *manifest, const char *prefix,
                                 bool is_rdb);
char *journal_manifest_next_increment(const struct journal_manifest *manifest, const char *prefix);

/* Base and increments become history. */
void journal_manifest_retire(struct journal_manifest *manifest);
/* The history is over. */
void journal_manifest_forget(struct journal_manifest *manifest);

/* The last increment; NULL: there is none. */
const struct journal_manifest_file *
journal_manifest_last_increment(const struct journal_manifest *manifest);
/* How many files hold data: those that are no history. */
size_t journal_manifest_live_count(const struct journal_manifest *manifest);

#endif
