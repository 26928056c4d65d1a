/* SPDX-License-Identifier: MIT */
/*
 * Received bytes are in one place at a time: in the turn's arena (`slice`, gone at the end of the
 * turn) or in `input`. While a connection executes nothing writes to either, so the arguments of
 * the running command stay where they are; turn_run_busy stops its reading for that.
 */
#include "net/connection_input.h"

#include "base/memory.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "net/connection.h"
#include "net/tls_stream.h"

#define READ_SIZE   (16 * 1024)   /* room offered to one read, at least */
#define EAGER_READ  (1024 * 1024) /* room made for a bulk before its bytes come */
#define FLOOD_LEAST (1024 * 1024) /* no limit of the query buffer is lower */

struct bytes connection_input_pending(const struct connection *connection)
{
    if (connection->slice.size || connection->input.size == 0)
        return connection->slice;
    return bytes_of(connection->input.data + connection->input_start,
                    connection->input.size - connection->input_start);
}

/* Moves what stands in the arena to the connection's own buffer. */
static void keep_slice(struct connection *connection)
{
    buffer_append_bytes(&connection->input, connection->slice);
    connection->slice = bytes_of(NULL, 0);
}

void connection_input_keep(struct connection *connection, struct bytes left)
{
    if (connection->slice.size) {
        connection->slice = left;
        keep_slice(connection);
        return;
    }
    connection->input_start = connection->input.size - left.size;
    if (left.size == 0 && connection->input.data) {
        buffer_clear(&connection->input);
        connection->input_start = 0;
    }
}

/* The arena serves who has nothing of his own, and who read last and can go on in one piece. */
static bool may_use_arena(const struct connection *connection)
{
    const struct turn *turn = connection->turn;
    if (TURN_ARENA_SIZE - turn->arena_used < READ_SIZE || connection->input.size)
        return false;
    return connection->slice.size == 0 ||
           connection->slice.data + connection->slice.size == turn->arena + turn->arena_used;
}

static uv_buf_t arena_room(struct turn *turn)
{
    if (!turn->arena)
        turn->arena = memory_allocate(TURN_ARENA_SIZE);
    return uv_buf_init(turn->arena + turn->arena_used,
                       (unsigned)(TURN_ARENA_SIZE - turn->arena_used));
}

/* Room in the connection's own buffer. For a large bulk it grows as its bytes come: memory follows
 * what was sent, not what was announced. */
static uv_buf_t own_room(struct connection *connection)
{
    struct buffer *input = &connection->input;
    if (connection->slice.size)
        keep_slice(connection);
    if (connection->input_start > input->size / 2) {
        buffer_consume(input, connection->input_start);
        connection->input_start = 0;
    }
    size_t room = READ_SIZE;
    size_t has = input->size - connection->input_start;
    if (connection->request && connection->request->needed > has + room) {
        size_t eager = has > EAGER_READ ? has : EAGER_READ;
        room = connection->request->needed - has;
        room = room < eager ? room : eager;
    }
    buffer_reserve(input, room);
    room = input->capacity - input->size;
    return uv_buf_init(input->data + input->size, room < INT32_MAX ? (unsigned)room : INT32_MAX);
}

/* Where the next bytes of requests go. */
static uv_buf_t find_room(struct connection *connection)
{
    if (connection->talk)
        return uv_buf_init(buffer_reserve(connection->talk, READ_SIZE), READ_SIZE);
    return may_use_arena(connection) ? arena_room(connection->turn) : own_room(connection);
}

static void allocate_for_read(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    struct connection *connection = handle->data;
    struct turn *turn = connection->turn;
    (void)suggested;
    if (!connection->tls) {
        *room = find_room(connection);
        return;
    }
    if (!turn->encrypted)
        turn->encrypted = memory_allocate(TURN_ENCRYPTED_SIZE);
    *room = uv_buf_init(turn->encrypted, TURN_ENCRYPTED_SIZE);
}

static void add_received(struct connection *connection, const char *place, size_t size)
{
    struct turn *turn = connection->turn;
    struct engine_stats *stats = &connection->session->engine->stats;
    stats->reads++;
    stats->input_bytes += size;
    connection->input_bytes += size;
    if (connection->talk) {
        connection->talk->size += size;
        return;
    }
    if (connection->input.data && place == connection->input.data + connection->input.size) {
        connection->input.size += size;
        return;
    }
    if (connection->slice.size == 0)
        connection->slice.data = place;
    connection->slice.size += size;
    turn->arena_used += size;
}

void connection_input_decrypt(struct connection *connection)
{
    ssize_t size;
    for (;;) {
        uv_buf_t room = find_room(connection);
        size = tls_stream_read(connection->tls, room.base, room.len);
        if (size <= 0)
            break;
        add_received(connection, room.base, (size_t)size);
    }
    if (connection->input.size == 0)
        buffer_clear(&connection->input); /* room that was not needed */
    connection->is_ended |= size == TLS_STREAM_ENDED;
    connection->is_broken |= size == TLS_STREAM_BROKEN;
    if (size < 0)
        uv_read_stop(&connection->uv.stream);
    if (tls_stream_unsent(connection->tls)) /* OpenSSL answers some things by itself */
        list_mark(&connection->turn->unflushed, &connection->unflushed);
}

/* A handshake is done outside of this callback, a few of them a turn; until then there is nothing
 * more to be read. */
static void receive_encrypted(struct connection *connection, struct bytes received)
{
    if (tls_stream_is_established(connection->tls)) {
        tls_stream_feed(connection->tls, received);
        connection_input_decrypt(connection);
    } else {
        tls_stream_keep(connection->tls, received);
        uv_read_stop(&connection->uv.stream);
    }
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *room)
{
    struct connection *connection = stream->data;
    if (size == 0)
        return;
    if (size > 0 && connection->tls)
        receive_encrypted(connection, bytes_of(room->base, (size_t)size));
    else if (size > 0)
        add_received(connection, room->base, (size_t)size);
    else if (size == UV_EOF)
        connection->is_ended = true;
    else
        connection->is_broken = true;
    if (size < 0)
        uv_read_stop(stream);
    /* A client that sends without end and never reads must not fill the memory. */
    size_t pending = connection_input_pending(connection).size;
    if (pending + connection->session->queue_bytes > FLOOD_LEAST &&
        client_limits_is_query_over(connection->session, pending))
        connection->is_broken = true;
    if (connection->is_broken)
        list_mark(&connection->turn->doomed, &connection->doomed);
    else if (!connection->talk)
        list_mark(&connection->turn->ready, &connection->ready);
}

void connection_pause_reading(struct connection *connection)
{
    uv_read_stop(&connection->uv.stream);
}

void connection_resume_reading(struct connection *connection)
{
    if (!connection->is_ended && !connection->is_broken)
        uv_read_start(&connection->uv.stream, allocate_for_read, on_read);
}
