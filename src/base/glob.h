/* SPDX-License-Identifier: MIT */
/*
 * Glob patterns as in KEYS, SCAN MATCH and PSUBSCRIBE: *, ?, [abc], [^abc], [a-z], \x.
 * https://redis.io/docs/latest/commands/keys/
 */
#ifndef UNDERSTUDY_BASE_GLOB_H
#define UNDERSTUDY_BASE_GLOB_H

#include <stdbool.h>

#include "base/bytes.h"

/* Whether the whole text matches. Time is bounded by pattern times text, also for patterns of many
 * stars. An unclosed bracket is taken as Redis takes it. As in Redis the empty text matches the
 * empty pattern alone, not "*": KEYS and SCAN, for which "*" means all, ask about that pattern
 * first. */
bool glob_matches(struct bytes pattern, struct bytes text);
bool glob_matches_ignoring_case(struct bytes pattern, struct bytes text);

#endif
