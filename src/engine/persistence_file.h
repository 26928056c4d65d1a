/* SPDX-License-Identifier: MIT */
/*
 * The data as an RDB file, and a file as data.
 *
 *     char *path = persistence_file_path(engine);
 *     if (!persistence_file_load(engine, path, PERSISTENCE_START, &problem)) ...   // one line
 */
#ifndef UNDERSTUDY_ENGINE_PERSISTENCE_FILE_H
#define UNDERSTUDY_ENGINE_PERSISTENCE_FILE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct engine;

/* `dir`/`dbfilename` (memory_free). */
char *persistence_file_path(const struct engine *engine);

/* All data into the file, which changes as a whole or not at all. `is_base`: it says of itself that
 * it is the base of an append-only file. False: the log says why. */
bool persistence_file_write(struct engine *engine, const char *path, bool is_base);
/* A file the same way that `write_contents` fills; false when it fails, with errno. */
bool persistence_file_replace(struct engine *engine, const char *path,
                              bool (*write_contents)(struct engine *engine, int fd));
/* All bytes. False: errno says why. */
bool persistence_file_write_bytes(int fd, struct bytes bytes);
bool persistence_file_read_bytes(const char *path, struct buffer *bytes);

enum persistence_policy {
    PERSISTENCE_START, /* nothing is there, and a key that comes twice is an error */
    PERSISTENCE_MERGE, /* keys and libraries take the place of what is there */
};

/* Keys that are past their deadline are passed over. False: `problem` says why in one line; with
 * PERSISTENCE_MERGE nothing has changed then, but for libraries that clash or fail. Sessions that
 * watch, wait for or cache keys hear of a merge. */
bool persistence_file_load(struct engine *engine, const char *path, enum persistence_policy policy,
                           struct buffer *problem);

/* The same for a file's bytes; `end` is where it ends, or NULL. */
bool persistence_file_load_bytes(struct engine *engine, struct bytes file,
                                 enum persistence_policy policy, size_t *end,
                                 struct buffer *problem);

#endif
