/* SPDX-License-Identifier: MIT */
/*
 * The journal: what commands did to the data, as commands that do it again, whenever that is. It is
 * what the append-only file holds (journal_file.h).
 *
 * A command that changed something (stats.changes) is written as it was called. One whose effect
 * depends on the moment, on chance or on who waits says itself what is to be written in its place:
 *
 *     if (journal_wants(call))
 *         JOURNAL_REPLACE(call, BYTES_LITERAL("SREM"), key, member);
 *
 * All that happens between a request and its end is one unit: a script, a transaction, or a command
 * with several effects, in MULTI and EXEC if it wrote more than one command. Keys that expire are
 * written as they go. While the journal is off a command pays for one look at a flag.
 */
#ifndef UNDERSTUDY_ENGINE_JOURNAL_H
#define UNDERSTUDY_ENGINE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/number.h"
#include "engine/call.h"

struct database;
struct engine;
struct journal_file;

/* Of rewrites and writes, for INFO; journal_file.c keeps them. */
struct journal_facts {
    bool is_forbidden;       /* this engine has no files: a world's */
    bool is_scheduled;       /* a rewrite as soon as no command runs */
    bool has_rewrite_failed; /* the last one */
    char write_error[128];   /* the last write has failed: what writers hear; "": it has not */
    int64_t last_rewrite_s;  /* how long the last one took; -1: there was none */
    int64_t base_sequence;   /* the highest ever given to a base, and to an increment */
    int64_t increment_sequence;
    uint64_t rewrites;         /* begun since the start or CONFIG RESETSTAT */
    uint64_t rewrite_failures; /* one after another */
    size_t size;               /* bytes of base and increments */
    size_t base_size;          /* what that was after the last rewrite, or the start */
};

/* Embedded in the engine. */
struct journal {
    bool is_on;
    struct journal_file *file; /* owned; NULL: none is open (journal_file.c) */
    struct journal_facts facts;
    struct buffer output; /* whole units, to be written to the file */
    struct buffer unit;   /* the commands of the unit that runs */
    size_t unit_count;    /* how many they are */
    int unit_db;          /* the database of the first of them */
    int db;               /* of the last of them */
    int output_db;        /* of the last command of the output; -1: there was none yet */
    int64_t stamped_s;    /* the last time stamp, s since epoch */
    uint64_t offset;      /* bytes of output ever made */
};

/* What changes from now on is written, for a file that has nothing of it yet. */
void journal_begin(struct engine *engine);
/* Nothing is; what was to be written and is not taken yet is forgotten. */
void journal_end(struct engine *engine);

/* --- for commands --- */

/* Whether what this call does is written: the journal is on, and neither a script has turned it off
 * for itself (redis.set_repl) nor will all be undone. */
bool journal_wants(const struct call *call);

/* Writes this in the place of the call itself. Several times: all are written, in order. */
void journal_replace(struct call *call, const struct bytes *argv, int argc);
#define JOURNAL_REPLACE(call, ...)                                                                 \
    journal_replace(call, (const struct bytes[]){__VA_ARGS__},                                     \
                    (int)(sizeof((const struct bytes[]){__VA_ARGS__}) / sizeof(struct bytes)))

/* The same with other words in the place of some: argv[index] is `word`; data NULL leaves it out.
 */
struct journal_edit {
    int index;
    struct bytes word;
};
void journal_replace_words(struct call *call, const struct journal_edit *edits, int count);

/* The call is not written: what it ran is, or what was said in its place. */
void journal_skip(struct call *call);
/* The call is written even if it changed nothing. */
void journal_force(struct call *call);

/* The key goes because its time is over: DEL or UNLINK, in the call's place. */
void journal_replace_by_expiry(struct call *call, struct bytes key);

/* A number as a word: `room` holds it. */
struct journal_number {
    char digits[NUMBER_INTEGER_SIZE];
};
struct bytes journal_format(struct journal_number *room, int64_t number);

/* --- for the engine, only while the journal is on --- */

/* The command has run; `changes` were counted before. With the outermost one its unit ends. */
void journal_end_call(const struct call *call, uint64_t changes);

/* The key has expired, or was evicted. */
void journal_key_expired(struct engine *engine, const struct database *db, struct bytes key);
void journal_key_evicted(struct engine *engine, const struct database *db, struct bytes key);

/* The unit is whole: what it wrote goes to the output. */
void journal_end_unit(struct engine *engine);

/* One command in the form of the file. */
void journal_append_command(struct buffer *out, const struct bytes *argv, int argc);

#endif
