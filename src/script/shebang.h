/* SPDX-License-Identifier: MIT */
/*
 * The first line of a script that says what it is and how it may run:
 *
 *     #!lua flags=no-writes,allow-stale
 *
 * https://redis.io/docs/latest/develop/interact/programmability/eval-intro/#eval-flags
 */
#ifndef UNDERSTUDY_SCRIPT_SHEBANG_H
#define UNDERSTUDY_SCRIPT_SHEBANG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "reply/reply.h"

enum script_flags {
    SCRIPT_NO_WRITES = 1 << 0,
    SCRIPT_ALLOW_OOM = 1 << 1,
    SCRIPT_ALLOW_STALE = 1 << 2,
    SCRIPT_NO_CLUSTER = 1 << 3,
    SCRIPT_ALLOW_CROSS_SLOT_KEYS = 1 << 4,
    SCRIPT_HAS_SHEBANG = 1 << 5, /* without one, Redis guesses as it did before 7.0 */
};

/* Reads the line of `body` if there is one. `size` is what to skip: up to the line's end, which
 * stays so that line numbers are right. False: the error was answered, if `reply` is not NULL. */
bool shebang_parse(struct bytes body, struct reply *reply, uint32_t *flags, size_t *size);

/* The flag of a word such as "no-writes"; 0: none. */
uint32_t shebang_find_flag(struct bytes word, bool ignores_case);

/* All words; the flag of word i is 1 << i. */
#define SHEBANG_FLAG_COUNT 5
const char *shebang_flag_word(int index);

#endif
