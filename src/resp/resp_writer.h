/* SPDX-License-Identifier: MIT */
/*
 * The reply that encodes RESP2 or RESP3 into a buffer.
 *
 *     struct resp_writer writer;
 *     resp_writer_init(&writer, &session->output, 2, NUMBER_DOUBLE_SHORTEST);
 *     string_get(call);                     // answers into &writer.reply
 *
 * The types that RESP2 lacks are folded as Redis folds them: maps flat, sets and pushes as arrays,
 * doubles, big numbers and verbatim strings as bulks, booleans as integers; attributes are left
 * out. https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
#ifndef UNDERSTUDY_RESP_RESP_WRITER_H
#define UNDERSTUDY_RESP_RESP_WRITER_H

#include "base/buffer.h"
#include "base/number.h"
#include "reply/reply.h"

struct resp_writer {
    struct reply reply;    /* first: a struct reply * is a struct resp_writer * */
    struct buffer *output; /* borrowed */
    int protocol;          /* 2 or 3 */
    enum number_double_style double_style;
    /* Open aggregates, outermost first. An unsized one gets its header at close. */
    struct buffer frames; /* owned; of struct resp_frame, private to the .c */
    bool discards;        /* answers are counted (errors) but not written: CLIENT REPLY OFF */
    unsigned muted;       /* open attributes that RESP2 leaves out, content and all */
};

/* `protocol` and `discards` may be changed at any time: an open aggregate ends as it began. */
void resp_writer_init(struct resp_writer *writer, struct buffer *output, int protocol,
                      enum number_double_style double_style);
void resp_writer_clear(struct resp_writer *writer);

/* Bytes that are one whole RESP value already (a queued push, MOCK's raw replies): counted as an
 * element of the open aggregate of unknown size, if any. */
void resp_writer_raw(struct resp_writer *writer, struct bytes encoded);

#endif
