/* SPDX-License-Identifier: MIT */
/*
 * The options that XADD and XTRIM share: how to trim, and before an entry's id NOMKSTREAM.
 *
 *     struct stream_options options;
 *     if (!stream_options_parse(call, true, &options))
 *         return;                                  // the error was answered
 *     ... argv[options.next] is the first of the fields ...
 */
#ifndef UNDERSTUDY_COMMANDS_STREAM_OPTIONS_H
#define UNDERSTUDY_COMMANDS_STREAM_OPTIONS_H

#include <stdbool.h>

#include "engine/call.h"
#include "values/stream.h"

struct stream_options {
    struct stream_trim trim;
    bool needs_stream; /* NOMKSTREAM */
    bool has_id;       /* else the server makes one: "*" */
    bool has_sequence; /* else the server makes it: "ms-*" */
    struct stream_id id;
    int next;       /* index of the argument behind the id */
    int trim_index; /* of the operand of MAXLEN or MINID; meaningful with a strategy */
};

/* argv from 2 on. `is_add`: the options of XADD, up to the id. */
bool stream_options_parse(struct call *call, bool is_add, struct stream_options *options);

#endif
