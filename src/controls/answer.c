/* SPDX-License-Identifier: MIT */
#include "controls/answer.h"

#include "engine/call.h"
#include "engine/session.h"

void answer_begin(struct noting_reply *noting, struct call *call)
{
    if (call->session->flags & SESSION_SCRIPT) {
        noting_reply_begin(noting, call->reply);
        call->reply = &noting->reply;
    }
}

enum noted_kind answer_kind(const struct noting_reply *noting, const struct call *call,
                            struct bytes *error)
{
    const struct session *session = call->session;
    if (session->flags & SESSION_SCRIPT) {
        *error = noting->kind == NOTED_ERROR ? buffer_bytes(&noting->error) : bytes_of(NULL, 0);
        return noting->kind;
    }
    size_t start =
        call->reply_start < session->output.size ? call->reply_start : session->output.size;
    return noting_reply_kind_of(
        bytes_of(session->output.data + start, session->output.size - start), error);
}
