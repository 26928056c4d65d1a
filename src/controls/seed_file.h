/* SPDX-License-Identifier: MIT */
/*
 * A file of commands that fills a server: one a line, quoted as redis-cli quotes, blank lines and
 * lines that begin with # left out. What dataset_text.h writes is such a file. Or an RDB file,
 * whose keys and libraries take the place of what is there.
 *
 *     struct buffer problem = {0};
 *     int64_t count = seed_file_load(engine, "tests/seed.redis", &problem);
 *     if (count < 0) fail(buffer_bytes(&problem));
 */
#ifndef UNDERSTUDY_CONTROLS_SEED_FILE_H
#define UNDERSTUDY_CONTROLS_SEED_FILE_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct engine;

/* How many commands were run (keys were loaded), or -1: `problem` says in one line which line of
 * the file failed and why. What stands before that line has been run. SELECT and the like hold for
 * the file alone. */
int64_t seed_file_load(struct engine *engine, const char *path, struct buffer *problem);

/* The same for a text at hand; `name` is what problems call it. */
int64_t seed_file_run(struct engine *engine, const char *name, struct bytes text,
                      struct buffer *problem);

#endif
