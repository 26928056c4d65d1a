/* SPDX-License-Identifier: MIT */
/*
 * The time arguments of SET, GETEX, EXPIRE and their kin, as absolute deadlines.
 *
 *     int64_t deadline_ms;
 *     if (!deadline_parse_positive(call, 2, DEADLINE_SECONDS, &deadline_ms))
 *         return;
 */
#ifndef UNDERSTUDY_COMMANDS_DEADLINE_H
#define UNDERSTUDY_COMMANDS_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/call.h"

enum deadline_form {
    DEADLINE_NONE,
    DEADLINE_SECONDS,           /* from now: EX */
    DEADLINE_MILLISECONDS,      /* from now: PX */
    DEADLINE_UNIX_SECONDS,      /* since epoch: EXAT */
    DEADLINE_UNIX_MILLISECONDS, /* since epoch: PXAT */
};

/* argv[index] in the given form (not NONE) as ms since epoch, below KEYSPACE_NEVER; it may lie in
 * the past. False: it is no integer or overflows, and the error was answered. */
bool deadline_parse(struct call *call, int index, enum deadline_form form, int64_t *deadline_ms);

/* The same, refusing a time of 0 or below. */
bool deadline_parse_positive(struct call *call, int index, enum deadline_form form,
                             int64_t *deadline_ms);

/* "ERR invalid expire time in 'name' command". */
void deadline_reply_error(struct call *call);

/* The form that EX, PX, EXAT or PXAT asks for, case ignored; NONE for another word. */
enum deadline_form deadline_form_of(struct bytes word);

/* Gives the key its deadline and announces "expire". One that is past takes the key away before the
 * next command. */
void deadline_apply(struct call *call, struct bytes key, struct entry *entry, int64_t deadline_ms);

/* The journal has `name`, the key argv[1] and the deadline in the place of the call. */
void deadline_record(struct call *call, struct bytes name, int64_t deadline_ms);

/* For COMMAND DOCS: the words by which EXPIRE and its kin set a deadline only if ... */
extern const struct command_argument deadline_condition_arguments[];

#endif
