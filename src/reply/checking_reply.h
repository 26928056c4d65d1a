/* SPDX-License-Identifier: MIT */
/*
 * A reply that passes everything on to another and CHECKs the rules of reply.h on the way: each
 * open has a close, each announced count is kept, simple strings and errors are one line, and in
 * the end there is exactly one whole value.
 *
 *     struct checking_reply checking;
 *     checking_reply_init(&checking, inner);
 *     string_get(call);                       // answers into &checking.reply
 *     checking_reply_finish(&checking);
 *
 * Pushes at the outermost level are no values: any number of them may come, before or after the
 * value, or in its place, as SUBSCRIBE answers. An attribute must have a value after it.
 */
#ifndef UNDERSTUDY_REPLY_CHECKING_REPLY_H
#define UNDERSTUDY_REPLY_CHECKING_REPLY_H

#include "base/buffer.h"
#include "reply/reply.h"

struct checking_reply {
    struct reply reply;   /* first: a struct reply * is a struct checking_reply * */
    struct reply *inner;  /* borrowed; sees errors as if it were asked itself */
    struct buffer frames; /* owned; of struct checking_frame, private to the .c; outermost first */
    size_t values;        /* whole values at the outermost level */
    size_t pushes;        /* the same for pushes */
    bool awaits_value;    /* an attribute was answered last */
};

void checking_reply_init(struct checking_reply *checking, struct reply *inner);

/* CHECKs that one whole value was answered, then makes it ready for the next command. */
void checking_reply_finish(struct checking_reply *checking);

/* Frees without a check: for a command that answers later or never. */
void checking_reply_clear(struct checking_reply *checking);

#endif
