/* SPDX-License-Identifier: MIT */
/*
 * A reply that passes everything on to another and notes of what kind the answer was.
 *
 *     struct noting_reply noting = {0};
 *     noting_reply_begin(&noting, call->reply);
 *     call->reply = &noting.reply;
 *     ... the command answers ...
 *     if (noting.kind == NOTED_ERROR) show(buffer_bytes(&noting.error));
 *     noting_reply_clear(&noting);
 *
 * What was encoded already is read by noting_reply_kind_of.
 */
#ifndef UNDERSTUDY_REPLY_NOTING_REPLY_H
#define UNDERSTUDY_REPLY_NOTING_REPLY_H

#include "base/buffer.h"
#include "reply/reply.h"

enum noted_kind {
    NOTED_NONE, /* nothing was answered */
    NOTED_SIMPLE,
    NOTED_ERROR,
    NOTED_INTEGER,
    NOTED_BULK,
    NOTED_NULL,
    NOTED_ARRAY,
    NOTED_MAP,
    NOTED_SET,
    NOTED_PUSH,
    NOTED_DOUBLE,
    NOTED_BOOLEAN,
    NOTED_BIG_NUMBER,
    NOTED_VERBATIM,
    NOTED_OTHER, /* bytes that are no reply */
};

struct noting_reply {
    struct reply reply;  /* first */
    struct reply *inner; /* borrowed */
    enum noted_kind kind;
    struct buffer error; /* owned: the text of the error, if it is one */
};

/* For the next answer; the memory that it has is used again. */
void noting_reply_begin(struct noting_reply *noting, struct reply *inner);
void noting_reply_clear(struct noting_reply *noting);

/* "bulk", "error" ... */
const char *noting_reply_kind_name(enum noted_kind kind);

/* The kind of an encoded reply, by its beginning; for an error `*error` is its text, borrowed. */
enum noted_kind noting_reply_kind_of(struct bytes encoded, struct bytes *error);

#endif
