/* SPDX-License-Identifier: MIT */
/*
 * Of what kind the answer to a command is, for observers: noted on its way to a script, else read
 * where it was encoded.
 *
 *     ... before: answer_begin(&noting, call); ...
 *     ... after:
 *     struct bytes error;
 *     if (answer_kind(&noting, call, &error) == NOTED_ERROR) ...
 */
#ifndef UNDERSTUDY_CONTROLS_ANSWER_H
#define UNDERSTUDY_CONTROLS_ANSWER_H

#include "base/bytes.h"
#include "reply/noting_reply.h"

struct call;

/* From an observer that comes first, before the command runs. */
void answer_begin(struct noting_reply *noting, struct call *call);

/* When it has ended. `*error` is the text of an error, or empty; borrowed until the next answer. */
enum noted_kind answer_kind(const struct noting_reply *noting, const struct call *call,
                            struct bytes *error);

#endif
