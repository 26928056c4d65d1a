/* SPDX-License-Identifier: MIT */
/*
 * Which lines of which scripts ran: `script-coverage`.
 *
 *     struct coverage *coverage = coverage_new();
 *     script->coverage = coverage_add(coverage, sha, body, L);     // its function on top of L
 *     ... run->coverage = script->coverage; hooks.c calls coverage_note for each line ...
 *     struct coverage_summary total = coverage_total(coverage);
 *     coverage_free(coverage);
 *
 * A unit is one script or library, known by the sum of its text. It stays when SCRIPT FLUSH or MOCK
 * RESET forget the script: a test suite clears its server between tests and wants one report.
 */
#ifndef UNDERSTUDY_SCRIPT_COVERAGE_H
#define UNDERSTUDY_SCRIPT_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "base/bytes.h"
#include "base/digest.h"

struct coverage;

struct coverage_function {
    int first_line;
    int last_line;
    uint64_t calls;
    char *name; /* owned */
};

struct coverage_unit {
    char sha[DIGEST_SHA1_HEX_SIZE + 1];
    char *text; /* owned: the whole of it, with the shebang line */
    size_t text_size;
    int line_count;                      /* lines 1 to line_count - 1 have room in these */
    bool *has_code;                      /* owned, by line */
    uint64_t *hits;                      /* owned, by line */
    struct coverage_function *functions; /* owned: in the order of their first lines, each first and
                                            last line once */
    size_t function_count;
};

struct coverage_summary {
    size_t lines; /* with code */
    size_t hit;
};

struct coverage *coverage_new(void);
void coverage_free(struct coverage *coverage);

/* The unit of a text, new or known; its compiled function stands on top of L and stays. NULL when
 * `coverage` is NULL. Valid until coverage_free. */
struct coverage_unit *coverage_add(struct coverage *coverage, const char *sha, struct bytes text,
                                   lua_State *L);

/* What the line and call hooks tell of a run of `unit`. Code of another chunk is left out. */
void coverage_note(struct coverage_unit *unit, lua_State *L, lua_Debug *activation);

/* Counts start at 0 again; the units stay. */
void coverage_reset(struct coverage *coverage);

/* In the order in which they came. */
size_t coverage_count(const struct coverage *coverage);
const struct coverage_unit *coverage_unit(const struct coverage *coverage, size_t index);

struct coverage_summary coverage_summary(const struct coverage_unit *unit);
struct coverage_summary coverage_total(const struct coverage *coverage);
/* Tenths of a percent, rounded down, so that 1000 is all. Nothing of nothing is 0. */
int coverage_permille(struct coverage_summary summary);

#endif
