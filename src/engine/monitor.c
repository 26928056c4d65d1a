/* SPDX-License-Identifier: MIT */
#include "engine/monitor.h"

#include "base/buffer.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"

bool monitor_is(const struct session *session)
{
    return list_contains(&session->engine->monitors, &session->monitor);
}

bool monitor_add(struct session *session)
{
    if (monitor_is(session))
        return false;
    list_append(&session->engine->monitors, &session->monitor);
    return true;
}

void monitor_remove(struct session *session)
{
    if (monitor_is(session))
        list_remove(&session->engine->monitors, &session->monitor);
}

/* "[0 127.0.0.1:4711] " */
static void append_client(const struct call *call, struct buffer *line)
{
    const struct session *session = call->session;
    struct session_stream stream = {.address = "?:0"};
    if (session->flags & SESSION_SCRIPT) {
        buffer_append_format(line, "[%d lua] ", session->db);
        return;
    }
    if (session->transport && session->transport->describe)
        session->transport->describe(session, &stream);
    if (stream.is_unix_socket)
        buffer_append_format(line, "[%d unix:%s] ", session->db,
                             config_string(call->engine->config, CONFIG_UNIXSOCKET));
    else
        buffer_append_format(line, "[%d %s] ", session->db, stream.address);
}

void monitor_show(const struct call *call)
{
    struct engine *engine = call->engine;
    if (list_is_empty(&engine->monitors))
        return;
    struct buffer line = {0};
    int64_t now_us = clock_now_us(engine->clock);
    buffer_append_format(&line, "+%lld.%06lld ", (long long)(now_us / 1000000),
                         (long long)(now_us % 1000000));
    append_client(call, &line);
    for (int i = 0; i < call->argc; i++) {
        buffer_append_quoted(&line, call_shown_argument(call, i));
        buffer_append_string(&line, i + 1 < call->argc ? " " : "\r\n");
    }
    for (struct list_node *node = engine->monitors.first; node; node = node->next)
        session_send(LIST_ENTRY(node, struct session, monitor), buffer_bytes(&line));
    buffer_clear(&line);
}
