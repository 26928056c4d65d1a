/* SPDX-License-Identifier: MIT */
/*
 * What a command answers a script, noted for the debugger while it is answered.
 *
 *     struct debugger_reply noted;
 *     struct reply *reply = debugger_reply_begin(&noted, &lua_reply->reply, protocol, style);
 *     dispatch_script_call(session, state, argv, argc, reply, &options);
 *     debugger_reply_show(debugger_reply_end(&noted), &line);       // [NULL,"v",(double) 1.5]
 *     debugger_reply_clear(&noted);
 */
#ifndef UNDERSTUDY_SCRIPT_DEBUGGER_REPLY_H
#define UNDERSTUDY_SCRIPT_DEBUGGER_REPLY_H

#include "base/buffer.h"
#include "base/number.h"
#include "resp/resp_writer.h"

/* A reply that answers into two others. */
struct debugger_reply {
    struct reply reply;       /* first: a struct reply * is a struct debugger_reply * */
    struct reply *first;      /* borrowed */
    struct resp_writer noted; /* the same as RESP */
    struct buffer encoded;    /* owned */
};

/* What is answered goes to `first` as well. `protocol` is the script's: 2 or 3. */
struct reply *debugger_reply_begin(struct debugger_reply *noted, struct reply *first, int protocol,
                                   enum number_double_style style);

/* The answer as RESP, valid until it is cleared. */
struct bytes debugger_reply_end(struct debugger_reply *noted);
void debugger_reply_clear(struct debugger_reply *noted);

/* Appends an encoded reply for people. */
void debugger_reply_show(struct bytes encoded, struct buffer *out);

#endif
