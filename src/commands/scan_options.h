/* SPDX-License-Identifier: MIT */
/*
 * What SCAN, HSCAN, SSCAN and ZSCAN have in common: the cursor and the options, parsed apart
 * because a key is looked up in between.
 *
 *     struct scan_options scan;
 *     struct entry *entry;
 *     if (!scan_parse_cursor(call, 2, &scan) || !call_find(call, call->argv[1], ...))
 *         return;
 *     if (!entry)
 *         scan_reply_empty(call);
 *     else if (scan_parse_options(call, 3, &scan))
 *         ... visit elements for which scan_matches(&scan, name), about scan.count of them ...
 */
#ifndef UNDERSTUDY_COMMANDS_SCAN_OPTIONS_H
#define UNDERSTUDY_COMMANDS_SCAN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "engine/call.h"

struct scan_options {
    uint64_t cursor;
    int64_t count;        /* COUNT: elements to look at in one call, about; 10 by default */
    struct bytes pattern; /* MATCH, of argv; data NULL: every element */
    struct bytes type;    /* TYPE, which only SCAN may have; data NULL: every type */
    bool without_values;  /* NOVALUES (7.4), which only HSCAN may have */
};

/* False: argv[index] is no cursor, and the error was answered. */
bool scan_parse_cursor(struct call *call, int index, struct scan_options *scan);

/* argv from `index` on. False: the error was answered. */
bool scan_parse_options(struct call *call, int index, struct scan_options *scan);

bool scan_matches(const struct scan_options *scan, struct bytes name);

/* How many steps of an empty stretch one call may take: a sparse table must not make it endless. */
int64_t scan_step_limit(const struct scan_options *scan);

/* Opens the reply with the next cursor, and the array of elements within (REPLY_UNSIZED is
 * allowed); the caller closes both. */
void scan_open_reply(struct call *call, uint64_t cursor, size_t count);

/* For a key that is absent: cursor 0 and nothing. */
void scan_reply_empty(struct call *call);

#endif
