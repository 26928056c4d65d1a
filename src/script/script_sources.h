/* SPDX-License-Identifier: MIT */
/*
 * The user's own files that scripts came from, found by their text: `script-sources`.
 *
 *     struct script_sources *sources = script_sources_new("lua/[a-z]*.lua");
 *     const char *path = script_sources_find(sources, text);     // or NULL
 *     script_sources_free(sources);
 *
 * A file is the script's when the texts are the same but for line ends and blanks at their end,
 * which clients like to trim.
 */
#ifndef UNDERSTUDY_SCRIPT_SCRIPT_SOURCES_H
#define UNDERSTUDY_SCRIPT_SCRIPT_SOURCES_H

#include "base/bytes.h"

struct script_sources;

/* `patterns` are file names of the shell's kind, between blanks. Reads what they match. */
struct script_sources *script_sources_new(const char *patterns);
void script_sources_free(struct script_sources *sources);

/* An absolute path, borrowed; NULL: no file has the text. */
const char *script_sources_find(const struct script_sources *sources, struct bytes text);

#endif
