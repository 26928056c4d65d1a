/* SPDX-License-Identifier: MIT */
/*
 * The base of an append-only file: all data as it is now.
 *
 *     if (!journal_base_write(engine, path, is_rdb)) ...            // the log says why
 */
#ifndef UNDERSTUDY_ENGINE_JOURNAL_BASE_H
#define UNDERSTUDY_ENGINE_JOURNAL_BASE_H

#include <stdbool.h>

struct engine;

/* As an RDB file, or as commands. It comes to its place whole or not at all. */
bool journal_base_write(struct engine *engine, const char *path, bool is_rdb);

#endif
