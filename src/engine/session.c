/* SPDX-License-Identifier: MIT */
#include "engine/session.h"

#include "base/memory.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "engine/monitor.h"
#include "engine/observer.h"
#include "engine/transaction.h"
#include "reply/errors.h"

struct session *session_new(struct engine *engine, const struct session_transport *transport,
                            void *stream)
{
    struct session *session = memory_zeroed(sizeof *session);
    session->engine = engine;
    session->id = engine->next_session_id++;
    session->flags = transport ? 0 : SESSION_EXEMPT;
    resp_writer_init(&session->writer, &session->output, 2,
                     engine_emulates(engine, 7, 2) ? NUMBER_DOUBLE_SHORTEST : NUMBER_DOUBLE_17);
    session->slot = -1;
    acl_begin_session(session);
    session->created_us = clock_now_us(engine->clock);
    session->active_us = session->created_us;
    session->transport = transport;
    session->stream = stream;
    if (transport)
        list_append(&engine->sessions, &session->node);
    return session;
}

static void forget_names(struct session *session)
{
    memory_free(session->name);
    memory_free(session->library_name);
    memory_free(session->library_version);
    session->name = session->library_name = session->library_version = NULL;
}

/* It listens to nothing, waits for nothing and is known to nobody. */
static void leave_engine(struct session *session)
{
    if (session->transport && !list_is_empty(&session->engine->observers))
        observer_leaves(session);
    blocking_cancel(session);
    client_limits_forget(session);
    transaction_discard(session);
    pubsub_unsubscribe_all(session);
    tracking_forget(session);
    monitor_remove(session);
    if (session->transport)
        list_remove(&session->engine->sessions, &session->node);
}

void session_free(struct session *session)
{
    if (!session)
        return;
    leave_engine(session);
    memory_free(session->held.argv);
    forget_names(session);
    acl_end_session(session);
    resp_writer_clear(&session->writer);
    buffer_clear(&session->output);
    buffer_clear(&session->late);
    memory_free(session);
}

void session_move(struct session *session, struct engine *engine)
{
    engine_end_batch(session->engine);
    leave_engine(session);
    session->engine = engine;
    if (engine->next_session_id <= session->id)
        engine->next_session_id = session->id + 1;
    if (session->transport)
        list_append(&engine->sessions, &session->node);
    session->db = 0;
    acl_begin_session(session);
    session->flags |= SESSION_AUTHENTICATED;
    session->last_command = NULL;
    session->created_us = clock_now_us(engine->clock);
    session->active_us = session->created_us;
}

void session_reset(struct session *session)
{
    transaction_discard(session);
    pubsub_unsubscribe_all(session);
    tracking_switch_off(session);
    monitor_remove(session);
    memory_free(session->name);
    session->name = NULL;
    session->db = 0;
    /* Before 7.2 one that was spared from eviction stays so. */
    uint32_t kept = engine_emulates(session->engine, 7, 2) ? 0 : SESSION_NO_EVICT;
    kept |=
        SESSION_CLOSE_NOW | SESSION_CLOSE_AFTER_REPLY | SESSION_DEBUGS | SESSION_DEBUGS_IN_PLACE;
    kept |= session->transport ? 0 : SESSION_EXEMPT;
    session->flags &= kept;
    acl_begin_session(session);
    session_set_protocol(session, 2);
}

void session_set_protocol(struct session *session, int protocol)
{
    session->writer.protocol = protocol;
}

void session_close(struct session *session, bool after_reply)
{
    session->flags |= after_reply ? SESSION_CLOSE_AFTER_REPLY : SESSION_CLOSE_NOW;
    if (session->transport)
        session->transport->close_requested(session);
}

static void tell_stream(struct session *session)
{
    if (session->transport && session != session->engine->current)
        session->transport->output_ready(session);
}

static bool is_closing(const struct session *session)
{
    return session->flags & (SESSION_CLOSE_NOW | SESSION_CLOSE_AFTER_REPLY);
}

void session_push(struct session *session, struct bytes encoded)
{
    struct engine *engine = session->engine;
    if (is_closing(session) || engine->is_trial)
        return;
    bool is_late = engine->current == session && engine_emulates(engine, 7, 2);
    struct buffer *out = is_late ? &session->late : &session->output;
    buffer_append_byte(out, session->writer.protocol >= 3 ? '>' : '*');
    buffer_append(out, encoded.data + 1, encoded.size - 1);
    tell_stream(session);
}

void session_send(struct session *session, struct bytes encoded)
{
    if (is_closing(session) || session->writer.discards || session->engine->is_trial)
        return;
    buffer_append_bytes(&session->output, encoded);
    tell_stream(session);
}

void session_send_late(struct session *session)
{
    if (session->tracker)
        tracking_tell_pending(session);
    if (session->late.size == 0)
        return;
    buffer_append_bytes(&session->output, buffer_bytes(&session->late));
    buffer_clear(&session->late);
    tell_stream(session);
}

void session_execute_held(struct session *session)
{
    struct queued_command held = session->held;
    session->held = (struct queued_command){0};
    if (held.argv)
        session_execute(session, held.argv, held.argc);
    if (!session->blocked)
        session->passed = (struct session_passed){0};
    memory_free(held.argv);
}

void session_protocol_error(struct session *session, const char *error)
{
    reply_error_format(&session->writer.reply, "ERR %s", error);
    engine_count_error(session->engine, "ERR");
    session->flags |= SESSION_CLOSE_AFTER_REPLY;
}

struct session_buffers session_measure(const struct session *session)
{
    struct session_buffers buffers = {0};
    if (session->transport && session->transport->measure)
        session->transport->measure(session, &buffers);
    return buffers;
}

size_t session_memory(const struct session *session)
{
    struct session_buffers buffers = session_measure(session);
    return sizeof *session + session->output.capacity + session->late.capacity +
           session->queue_bytes + (size_t)session->queue_capacity * sizeof *session->queue +
           blocking_argument_bytes(session) + buffers.query_capacity + buffers.unsent;
}
