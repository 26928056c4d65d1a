/* SPDX-License-Identifier: MIT */
/*
 * The append-only file: where the journal goes, and where it is read from. A directory of files
 * with a list of them (journal_manifest.h), in Redis's form of 7.0 and later.
 *
 *     if (!journal_file_start(engine, &problem)) ...            // appendonly yes: loads, then
 * writes journal_file_flush(engine);                               // before replies are sent
 *     journal_file_end(engine);
 *
 * Nothing forks: a rewrite is done when the command that asked for it returns.
 */
#ifndef UNDERSTUDY_ENGINE_JOURNAL_FILE_H
#define UNDERSTUDY_ENGINE_JOURNAL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

struct engine;
struct session;

/* At the start: loads what is there (a single file of a Redis before 7.0 becomes the base), and
 * appends from now on. False: `problem` says in one line why not. */
bool journal_file_start(struct engine *engine, struct buffer *problem);

/* CONFIG SET appendonly: begins with the data of now as the base, or ends. False: the log says why,
 * and all is as it was. */
bool journal_file_switch(struct engine *engine, bool is_on);

/* BGREWRITEAOF: a new base in the place of all that was appended, also while nothing is appended.
 * False: the log says why. */
bool journal_file_rewrite(struct engine *engine);
/* The same as soon as no command runs. */
void journal_file_schedule_rewrite(struct engine *engine);

/* What the journal has goes to the file, and the rewrites that are due are done. While no command
 * runs, and before anybody hears that his command was executed. */
void journal_file_flush(struct engine *engine);

/* All that was written is on the disk when this returns. False: it is not. */
bool journal_file_sync(struct engine *engine);
/* Whether what the session changed is. */
bool journal_file_has_synced(const struct session *session);

/* When journal_file_flush has something to do by itself: ms since epoch, or KEYSPACE_NEVER. */
int64_t journal_file_next_deadline(const struct engine *engine);

/* DEBUG LOADAOF: in the place of the data. False: `problem` says why; the data is incomplete. */
bool journal_file_reload(struct engine *engine, struct buffer *problem);

/* Other data has come in the place of the data, and no command tells of it. */
void journal_file_mark_stale(struct engine *engine);

/* Why commands that write are refused, or NULL: the file could not be written. */
const char *journal_file_refusal(const struct engine *engine);

/* The last words, to the disk. The journal is off then. */
void journal_file_end(struct engine *engine);
/* The same without words, for engine_free. */
void journal_file_clear(struct engine *engine);

#endif
