/* SPDX-License-Identifier: MIT */
/*
 * Coverage as an LCOV trace file, which genhtml, lcov and editors read:
 * https://manpages.debian.org/geninfo.1
 *
 *     char error[LCOV_ERROR_SIZE];
 *     if (!lcov_write(coverage, "build/lua.info", "lua/[a-z]*.lua", error)) ...
 *
 * A script that none of the user's files has the text of is written to "build/lua.info.scripts",
 * under its SHA-1, for the report to show. A "%p" in the path is left out of that name.
 */
#ifndef UNDERSTUDY_SCRIPT_LCOV_H
#define UNDERSTUDY_SCRIPT_LCOV_H

#include <stdbool.h>

#include "base/buffer.h"

#define LCOV_ERROR_SIZE 512

struct coverage;
struct coverage_unit;

/* "%p" in `path` becomes the process's number, so that several servers can write. `patterns` as for
 * script_sources_new. False: `error` says in one line what is wrong. */
bool lcov_write(const struct coverage *coverage, const char *path, const char *patterns,
                char error[LCOV_ERROR_SIZE]);

/* One unit's record, its text standing in the file `source`. */
void lcov_append(struct buffer *out, const struct coverage_unit *unit, const char *source);

#endif
