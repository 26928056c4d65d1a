/* SPDX-License-Identifier: MIT */
/*
 * The directory of the append-only file, `dir`/`appenddirname`, and what is in it: a manifest, and
 * the files that it names.
 *
 *     struct journal_manifest manifest = {0};
 *     if (!journal_directory_read_manifest(engine, &manifest, &problem)) ...
 *     if (journal_directory_add_base(engine, &manifest) &&
 *         journal_directory_write_manifest(engine, &manifest)) ...
 *
 * What fails in making files is told to the log.
 */
#ifndef UNDERSTUDY_ENGINE_JOURNAL_DIRECTORY_H
#define UNDERSTUDY_ENGINE_JOURNAL_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "engine/journal_manifest.h"

struct engine;

/* Of a file in it (memory_free). */
char *journal_directory_path(const struct engine *engine, const char *name);

bool journal_directory_make(struct engine *engine);

/* Whether a server has left an append-only file, there or as the single file of before 7.0. */
bool journal_directory_is_there(const struct engine *engine);

/* A manifest that is not there is empty. False: `problem` says in one line what is wrong. */
bool journal_directory_read_manifest(const struct engine *engine, struct journal_manifest *manifest,
                                     struct buffer *problem);
bool journal_directory_write_manifest(struct engine *engine,
                                      const struct journal_manifest *manifest);

/* The single file of a Redis before 7.0 comes into the directory, as the base. */
bool journal_directory_adopt(struct engine *engine, struct journal_manifest *manifest,
                             struct buffer *problem);

/* The next base, with the data of now, added to the manifest. */
bool journal_directory_add_base(struct engine *engine, struct journal_manifest *manifest);
/* The next increment, added to the manifest and open for appending; or -1. */
int journal_directory_add_increment(struct engine *engine, struct journal_manifest *manifest);
/* One that may be there already. */
int journal_directory_open_increment(struct engine *engine, const char *name, bool is_new);

/* The history goes, unless aof-disable-auto-gc keeps it; the manifest is written then. */
void journal_directory_remove_history(struct engine *engine, struct journal_manifest *manifest);

/* Bytes of all files that hold data. */
size_t journal_directory_measure(const struct engine *engine,
                                 const struct journal_manifest *manifest);

#endif
