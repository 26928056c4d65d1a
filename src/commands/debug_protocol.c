/* SPDX-License-Identifier: MIT */
/* DEBUG PROTOCOL: a value of each type that the protocol has, for tests of clients. */
#include "commands/debug.h"
#include "engine/call.h"
#include "engine/session.h"
#include "reply/errors.h"

static void reply_aggregate(struct reply *reply, enum reply_kind kind)
{
    reply_open(reply, kind, 3);
    for (int i = 0; i < 3; i++) {
        reply_integer(reply, i);
        if (kind == REPLY_MAP)
            reply_boolean(reply, i == 1);
    }
    reply_close(reply);
}

static void reply_with_attribute(struct reply *reply)
{
    reply_open(reply, REPLY_ATTRIBUTE, 1);
    reply_bulk_string(reply, "key-popularity");
    reply_open(reply, REPLY_ARRAY, 2);
    reply_bulk_string(reply, "key:123");
    reply_integer(reply, 90);
    reply_close(reply);
    reply_close(reply);
    reply_bulk_string(reply, "Some real reply following the attribute");
}

/* The one type that RESP2 has no other form for. */
static void reply_push(struct call *call)
{
    struct reply *reply = call->reply;
    if (call->session->writer.protocol < 3) {
        reply_error(reply, ERROR_DEBUG_RESP2);
        return;
    }
    reply_open(reply, REPLY_PUSH, 2);
    reply_bulk_string(reply, "server-cpu-usage");
    reply_integer(reply, 42);
    reply_close(reply);
    reply_bulk_string(reply, "Some real reply following the push reply");
}

void debug_protocol_reply(struct call *call)
{
    struct reply *reply = call->reply;
    if (call_is(call, 2, "string"))
        reply_bulk_string(reply, "Hello World");
    else if (call_is(call, 2, "integer"))
        reply_integer(reply, 12345);
    else if (call_is(call, 2, "double"))
        reply_real(reply, 3.141);
    else if (call_is(call, 2, "null"))
        reply_null(reply);
    else if (call_is(call, 2, "array"))
        reply_aggregate(reply, REPLY_ARRAY);
    else if (call_is(call, 2, "set"))
        reply_aggregate(reply, REPLY_SET);
    else if (call_is(call, 2, "map"))
        reply_aggregate(reply, REPLY_MAP);
    else if (call_is(call, 2, "attrib"))
        reply_with_attribute(reply);
    else if (call_is(call, 2, "push"))
        reply_push(call);
    else if (call_is(call, 2, "bignum"))
        reply_big_number(reply, BYTES_LITERAL("1234567999999999999999999999999999999"));
    else if (call_is(call, 2, "true") || call_is(call, 2, "false"))
        reply_boolean(reply, call_is(call, 2, "true"));
    else if (call_is(call, 2, "verbatim"))
        reply_verbatim(reply, "txt", BYTES_LITERAL("This is a verbatim\nstring"));
    else
        reply_error(reply, ERROR_DEBUG_PROTOCOL);
}
