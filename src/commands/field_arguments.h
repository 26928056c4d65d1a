/* SPDX-License-Identifier: MIT */
/*
 * What the commands about the deadlines of fields have in common: FIELDS with a count and names,
 * and times.
 *
 *     struct field_arguments fields;
 *     if (!field_arguments_parse(call, 2, ERROR_FIELD_COUNT, &fields))
 *         return;
 */
#ifndef UNDERSTUDY_COMMANDS_FIELD_ARGUMENTS_H
#define UNDERSTUDY_COMMANDS_FIELD_ARGUMENTS_H

#include "commands/deadline.h"
#include "engine/call.h"

struct field_arguments {
    const struct bytes *names; /* borrowed: of argv */
    size_t count;
};

/* FIELDS at argv[index], the count, and just as many arguments to the end. False: the error was
 * answered; `count_error` when the count is no positive number. */
bool field_arguments_parse(struct call *call, int index, const char *count_error,
                           struct field_arguments *fields);

/* argv[index] as ms since epoch. Other limits than those of keys hold. */
bool field_arguments_deadline(struct call *call, int index, enum deadline_form form,
                              int64_t *deadline_ms);

/* An array of as many equal integers. */
void field_arguments_reply(struct call *call, const struct field_arguments *fields, int64_t code);

/* The journal has HDEL of these fields in the place of the call. */
void field_arguments_record_deletion(struct call *call, const struct field_arguments *fields);

#endif
