/* SPDX-License-Identifier: MIT */
/*
 * A file of commands, or an RDB file with commands behind it, done again.
 *
 *     struct journal_load load = {.engine = engine};
 *     journal_load_begin(&load);
 *     switch (journal_load_bytes(&load, file, &problem)) ...       // for each file, in order
 *     journal_load_end(&load);
 *
 * Between begin and end nothing expires: the files say which keys went. Commands are run without
 * clients, checks or counts; what they answer is nobody's concern, as in Redis.
 */
#ifndef UNDERSTUDY_ENGINE_JOURNAL_LOAD_H
#define UNDERSTUDY_ENGINE_JOURNAL_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct engine;
struct session;

struct journal_load {
    struct engine *engine; /* borrowed */
    /* Out, of the last file. */
    size_t valid; /* bytes up to the end of the last whole unit */
    /* Its own. */
    struct session *session;
    struct bytes *words; /* of the command that was read last */
    size_t capacity;
    uint64_t hits, misses; /* of the keyspace, before */
};

enum journal_load_result {
    JOURNAL_LOAD_DONE,
    JOURNAL_LOAD_TRUNCATED, /* all but an end that is cut off, or a transaction without EXEC */
    JOURNAL_LOAD_REFUSED,   /* the file is damaged, or wants what is not there */
};

void journal_load_begin(struct journal_load *load);
/* `problem` says in one line why it is not DONE. */
enum journal_load_result journal_load_bytes(struct journal_load *load, struct bytes file,
                                            struct buffer *problem);
/* Time goes on; keys that are past theirs are still there until the keyspace looks at it. */
void journal_load_end(struct journal_load *load);

#endif
