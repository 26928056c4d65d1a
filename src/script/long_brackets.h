/* SPDX-License-Identifier: MIT */
/*
 * Stock Lua 5.1 refuses [[ within a long bracket without equals signs ("nesting of [[...]] is
 * deprecated"), in strings and comments. Redis takes it for text: since the fault in its lexer
 * (CVE-2025-46819) was mended it never finds such a nesting. Here the outer brackets get as many
 * equals signs as they need, which changes neither the string nor any line.
 *
 *     struct buffer text = {0};
 *     if (long_brackets_unnest(source, &text))
 *         source = buffer_bytes(&text);
 *     ...
 *     buffer_clear(&text);
 */
#ifndef UNDERSTUDY_SCRIPT_LONG_BRACKETS_H
#define UNDERSTUDY_SCRIPT_LONG_BRACKETS_H

#include <stdbool.h>

#include "base/buffer.h"

/* Writes the source as stock Lua takes it to `out`, which is empty. False: it may stay as it is,
 * and nothing was written. */
bool long_brackets_unnest(struct bytes source, struct buffer *out);

#endif
