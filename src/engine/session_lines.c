/* SPDX-License-Identifier: MIT */
#include "engine/session_lines.h"

#include "engine/call.h"
#include "engine/engine.h"
#include "engine/monitor.h"

void session_line_describe(const struct session *session, struct session_stream *stream)
{
    *stream = (struct session_stream){.address = "?:0", .local_address = "?:0", .fd = -1};
    if (session->transport && session->transport->describe)
        session->transport->describe(session, stream);
}

bool session_line_is_local(const struct session *session)
{
    struct session_stream stream;
    session_line_describe(session, &stream);
    return !session->transport || stream.is_unix_socket ||
           strncmp(stream.address, "127.", 4) == 0 || strncmp(stream.address, "[::1]:", 6) == 0;
}

/* Whether that is so of which no flag of the session tells. */
static bool has_state(const struct session *session, char letter,
                      const struct session_stream *stream)
{
    uint32_t tracking = session->tracker ? session->tracker->flags : 0;
    switch (letter) {
    case 'O':
        return monitor_is(session);
    case 'P':
        return session->subscriptions != NULL;
    case 'b':
        return session->blocked != NULL;
    case 't':
        return tracking & TRACKING_ON;
    case 'R':
        return tracking & TRACKING_BROKEN;
    case 'B':
        return tracking & TRACKING_BROADCASTS;
    case 'u':
        return stream->is_resumed;
    default:
        return stream->is_unix_socket;
    }
}

#define DIRECT_OUTPUT 16384 /* bytes of a client's own output buffer: obl; the rest is omem */

/* Letters in the order in which Redis writes them; N when there is none. */
static void append_flags(const struct session *session, const struct session_stream *stream,
                         struct buffer *out)
{
    static const struct {
        uint32_t flag;
        char letter;
    } letters[] = {{0, 'O'},
                   {0, 'P'},
                   {SESSION_IN_MULTI, 'x'},
                   {0, 'b'},
                   {0, 't'},
                   {0, 'R'},
                   {0, 'B'},
                   {SESSION_DIRTY_CAS, 'd'},
                   {SESSION_CLOSE_AFTER_REPLY, 'c'},
                   {0, 'u'},
                   {SESSION_CLOSE_NOW, 'A'},
                   {0, 'U'},
                   {SESSION_READONLY, 'r'},
                   {SESSION_NO_EVICT, 'e'},
                   {SESSION_NO_TOUCH, 'T'}};
    size_t start = out->size;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].flag ? (session->flags & letters[i].flag) != 0
                            : has_state(session, letters[i].letter, stream))
            buffer_append_byte(out, letters[i].letter);
    }
    if (out->size == start)
        buffer_append_byte(out, 'N');
}

/* Bytes of the arguments of the command that the session is running. */
static size_t argument_bytes(const struct session *session)
{
    const struct call *call = session->engine->running;
    size_t size = 0;
    if (!call || call->session != session)
        return blocking_argument_bytes(session);
    if (session->flags & SESSION_IN_EXEC)
        return strlen("exec");
    for (int i = 0; i < call->argc; i++)
        size += call->argv[i].size;
    return size;
}

void session_line_append(const struct session *session, struct buffer *out)
{
    const struct engine *engine = session->engine;
    struct session_stream stream;
    session_line_describe(session, &stream);
    struct session_buffers buffers = session_measure(session);
    int64_t now_us = engine->now_us;
    size_t free_query = buffers.query_capacity > buffers.query_size
                            ? buffers.query_capacity - buffers.query_size
                            : 0;
    size_t unsent = session->output.size + buffers.unsent, blocks;
    size_t listed =
        client_limits_output_memory(unsent, &blocks); /* beside the client's own buffer */
    size_t direct = unsent < DIRECT_OUTPUT ? unsent : DIRECT_OUTPUT;
    bool has_7_0 = engine_emulates(engine, 7, 0);
    bool has_7_2 = engine_emulates(engine, 7, 2);
    bool has_7_4 = engine_emulates(engine, 7, 4);

    buffer_append_format(out, "id=%llu addr=%s laddr=%s fd=%d name=%s age=%lld idle=%lld flags=",
                         (unsigned long long)session->id, stream.address, stream.local_address,
                         stream.fd, session->name ? session->name : "",
                         (long long)(now_us - session->created_us) / 1000000,
                         (long long)(now_us - session->active_us) / 1000000);
    append_flags(session, &stream, out);
    buffer_append_format(out, " db=%d sub=%zu psub=%zu", session->db,
                         pubsub_count(session, PUBSUB_CHANNEL),
                         pubsub_count(session, PUBSUB_PATTERN));
    if (has_7_0)
        buffer_append_format(out, " ssub=%zu", pubsub_count(session, PUBSUB_SHARD));
    buffer_append_format(out, " multi=%d",
                         session->flags & SESSION_IN_MULTI ? session->queue_count : -1);
    if (has_7_4)
        buffer_append_format(out, " watch=%zu", list_count(&session->watches));
    buffer_append_format(out, " qbuf=%zu qbuf-free=%zu argv-mem=%zu", buffers.query_size,
                         free_query, argument_bytes(session));
    if (has_7_0)
        buffer_append_format(out, " multi-mem=%zu rbs=%zu rbp=%zu",
                             session->queue_bytes +
                                 (size_t)session->queue_capacity * sizeof *session->queue,
                             session->output.capacity, session->output.capacity);
    buffer_append_format(
        out, " obl=%zu oll=%zu omem=%zu tot-mem=%zu events=%s cmd=%s user=%s", direct, blocks,
        listed, session_memory(session), buffers.unsent ? "rw" : "r",
        session->last_command ? session->last_command->name : "NULL", session->user->name);
    bool tracks = session->tracker && session->tracker->flags & TRACKING_ON;
    buffer_append_format(out, " redir=%lld", tracks ? (long long)session->tracker->redirect : -1LL);
    if (has_7_0)
        buffer_append_format(out, " resp=%d", session->writer.protocol);
    if (has_7_2)
        buffer_append_format(out, " lib-name=%s lib-ver=%s",
                             session->library_name ? session->library_name : "",
                             session->library_version ? session->library_version : "");
    if (engine_emulates(engine, 8, 0))
        buffer_append_format(out, " io-thread=0 tot-net-in=%llu tot-net-out=%llu tot-cmds=%llu",
                             (unsigned long long)buffers.input_bytes,
                             (unsigned long long)buffers.output_bytes,
                             (unsigned long long)session->command_count);
}
