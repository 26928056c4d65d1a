/* SPDX-License-Identifier: MIT */
/*
 * Received bytes are in one place at a time: in the turn's arena (`slice`, gone at the end of the
 * turn) or in `input`. While a connection executes nothing writes to either, so the arguments of
 * the running command stay where they are; turn_run_busy stops its reading for that.
 */
#include "net/connection.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/acl_user.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "engine/journal_file.h"
#include "engine/observer.h"
#include "engine/session.h"
#include "net/driver.h"
#include "net/tls_stream.h"
#include "net/trickle.h"
#include "reply/errors.h"

#define READ_SIZE       (16 * 1024)   /* room offered to one read, at least */
#define REQUESTS_A_TURN 1024          /* executed for one connection before others get their turn */
#define OUTPUT_A_TURN   (256 * 1024)  /* bytes answered to one connection, likewise */
#define UNSENT_LIMIT    (1024 * 1024) /* a client that leaves more than this unread must wait */
#define SPARE_OUTPUT    (64 * 1024)   /* a larger output buffer is not kept */
#define EAGER_READ      (1024 * 1024) /* room made for a bulk before its bytes come */
#define FLOOD_LEAST     (1024 * 1024) /* no limit of the query buffer is lower */
#define INLINE_SIZE     (64 * 1024)
#define ENCRYPT_A_TURN                                                                             \
    (4 * 1024 * 1024)   /* bytes encrypted and sent to one who takes them at once */
#define SHAKES_A_TURN 4 /* handshakes are the dearest thing that a client can ask for */

static void mark(struct list *list, struct list_node *node)
{
    if (!list_contains(list, node))
        list_append(list, node);
}

static void unmark(struct list *list, struct list_node *node)
{
    if (list_contains(list, node))
        list_remove(list, node);
}

static size_t unsent_size(const struct connection *connection)
{
    return uv_stream_get_write_queue_size(&connection->uv.stream) +
           connection->session->output.size +
           (connection->tls ? tls_stream_unsent(connection->tls) : 0) +
           (connection->trickle ? trickle_left(connection->trickle) : 0);
}

size_t connection_pending(const struct connection *connection)
{
    return connection->slice.size + connection->input.size - connection->input_start;
}

/* --- gather: reading --- */

/* Moves what stands in the arena to the connection's own buffer. */
static void keep_slice(struct connection *connection)
{
    buffer_append_bytes(&connection->input, connection->slice);
    connection->slice = bytes_of(NULL, 0);
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

/* All that can be had of what the TLS stream was fed. */
static void decrypt(struct connection *connection)
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
        mark(&connection->turn->unflushed, &connection->unflushed);
}

/* A handshake is done outside of this callback, a few of them a turn; until then there is nothing
 * more to be read. */
static void receive_encrypted(struct connection *connection, struct bytes received)
{
    if (tls_stream_is_established(connection->tls)) {
        tls_stream_feed(connection->tls, received);
        decrypt(connection);
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
    size_t pending = connection_pending(connection);
    if (pending + connection->session->queue_bytes > FLOOD_LEAST &&
        client_limits_is_query_over(connection->session, pending))
        connection->is_broken = true;
    if (connection->is_broken)
        mark(&connection->turn->doomed, &connection->doomed);
    else if (!connection->talk)
        mark(&connection->turn->ready, &connection->ready);
}

bool connection_is_open(const struct connection *connection)
{
    return !connection->is_ended && !connection->is_broken &&
           !(connection->session->flags & SESSION_CLOSE_NOW);
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

/* --- execute --- */

static void lend_output(struct connection *connection)
{
    struct turn *turn = connection->turn;
    struct buffer *output = &connection->session->output;
    if (!output->data) {
        *output = turn->output;
        turn->output = (struct buffer){0};
    }
}

/* The emptied output buffer goes to the next one who needs it. */
static void give_back_output(struct connection *connection)
{
    struct turn *turn = connection->turn;
    struct buffer *output = &connection->session->output;
    output->size = 0;
    if (turn->output.data || output->capacity > SPARE_OUTPUT)
        buffer_clear(output);
    else
        turn->output = *output;
    *output = (struct buffer){0};
}

static struct bytes own_input(const struct connection *connection)
{
    if (connection->input.size == 0)
        return bytes_of(NULL, 0);
    return bytes_of(connection->input.data + connection->input_start,
                    connection->input.size - connection->input_start);
}

/* What was not executed stays in the connection's own buffer. */
static void keep_input(struct connection *connection, struct bytes left, bool is_slice)
{
    if (is_slice) {
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

/* A partial request keeps its parser's state; otherwise that goes back to the turn, for requests of
 * others: a client that is closed may have been in the middle of one. */
static void keep_request(struct connection *connection, bool is_partial)
{
    struct request *spare = &connection->turn->request;
    if (is_partial && !connection->request) {
        connection->request = memory_copy(spare, sizeof *spare);
        *spare = (struct request){0};
    } else if (!is_partial && connection->request) {
        request_clear(spare);
        *spare = *connection->request;
        memory_free(connection->request);
        connection->request = NULL;
    }
    if (!is_partial)
        request_abandon(spare);
}

enum pause {
    PAUSE_NO_REQUEST, /* all whole requests are executed */
    PAUSE_FAIR,       /* others first */
    PAUSE_UNSENT,     /* the client must read first */
    PAUSE_BLOCKED,    /* its command waits: those behind it do, too */
    PAUSE_CLOSING,    /* nothing more is executed */
};

static enum pause execute_requests(struct connection *connection, struct request *request,
                                   struct bytes *input)
{
    struct session *session = connection->session;
    struct request_limits limits = {
        .bulk_size = config_integer(session->engine->config, CONFIG_PROTO_MAX_BULK_LEN),
        .inline_size = INLINE_SIZE};
    size_t before = session->output.size;
    if (session->held.argv)
        session_execute_held(session);
    for (int count = 0; count < REQUESTS_A_TURN; count++) {
        if (session->flags & (SESSION_CLOSE_NOW | SESSION_CLOSE_AFTER_REPLY) ||
            session->engine->is_stopping)
            return PAUSE_CLOSING;
        if (session->blocked)
            return PAUSE_BLOCKED;
        if (session->output_rate)
            return PAUSE_UNSENT;
        if (input->size == 0)
            return PAUSE_NO_REQUEST;
        /* What stood there before could not be sent yet: that is for the limits to judge. */
        if (session->output.size > before + OUTPUT_A_TURN)
            return PAUSE_FAIR;
        limits.is_authenticated = session->flags & SESSION_AUTHENTICATED;
        switch (request_parse(*input, &limits, request)) {
        case REQUEST_PARTIAL:
            return PAUSE_NO_REQUEST;
        case REQUEST_INVALID:
            session_protocol_error(session, request->error);
            return PAUSE_CLOSING;
        case REQUEST_COMPLETE:
            session_execute(session, request->argv, request->argc);
            input->data += request->consumed;
            input->size -= request->consumed;
            break;
        }
    }
    return input->size ? PAUSE_FAIR : PAUSE_NO_REQUEST;
}

static void greet(struct connection *connection);
static void describe(const struct session *session, struct session_stream *stream);
static int send_encrypted(struct connection *connection);

/* Goes on with a TLS handshake. True: it is done, and requests may have come behind it. */
static bool shake_hands(struct connection *connection)
{
    struct turn *turn = connection->turn;
    if (turn->handshakes == SHAKES_A_TURN) {
        mark(&turn->ready, &connection->ready);
        return false;
    }
    turn->handshakes++;
    int status = tls_stream_shake(connection->tls);
    if (status < 0) {
        struct session_stream stream;
        describe(connection->session, &stream);
        engine_log(turn->engine, 3, "Error accepting a client connection: %s (addr=%s laddr=%s)",
                   tls_stream_problem(connection->tls), stream.address, stream.local_address);
    }
    bool is_over = status < 0 || (status == 0 && connection->is_ended);
    if (is_over || send_encrypted(connection) < 0) {
        connection->is_broken = true;
        mark(&turn->doomed, &connection->doomed);
        return false;
    }
    if (status == 1) {
        decrypt(connection);
        greet(connection);
    }
    connection_resume_reading(connection);
    return status == 1;
}

void connection_execute(struct connection *connection)
{
    struct turn *turn = connection->turn;
    if (connection->tls && !tls_stream_is_established(connection->tls) && !shake_hands(connection))
        return;
    if (unsent_size(connection) > client_limits_patience(connection->session, UNSENT_LIMIT) ||
        connection->trickle) {
        keep_slice(connection);
        connection->is_held = true;
        return;
    }
    bool is_slice = connection->slice.size > 0;
    struct bytes input = is_slice ? connection->slice : own_input(connection);
    struct request *request = connection->request ? connection->request : &turn->request;
    enum pause pause = PAUSE_NO_REQUEST;
    if (request == &turn->request || input.size >= request->needed ||
        connection->session->held.argv) {
        struct connection *outer = turn->executing;
        turn->executing = connection;
        lend_output(connection);
        driver_touch(connection->session->engine);
        engine_begin_batch(connection->session->engine);
        pause = execute_requests(connection, request, &input);
        engine_end_batch(connection->session->engine); /* it may be another now */
        driver_touch(connection->session->engine);
        turn->executing = outer;
    }
    if (pause == PAUSE_CLOSING)
        input.size = 0;
    keep_request(connection, pause == PAUSE_NO_REQUEST && input.size > 0);
    keep_input(connection, input, is_slice);
    connection->is_held = pause == PAUSE_UNSENT;
    if (pause == PAUSE_FAIR)
        mark(&turn->ready, &connection->ready);
    else if (connection->is_ended && pause == PAUSE_BLOCKED)
        connection->session->flags |= SESSION_CLOSE_NOW; /* nobody waits any more */
    else if (connection->is_ended && pause == PAUSE_NO_REQUEST)
        connection->session->flags |= SESSION_CLOSE_AFTER_REPLY;
    connection_flush(connection);
}

/* --- flush --- */

static void on_written(uv_write_t *write, int status)
{
    struct connection *connection = write->data;
    buffer_clear(&connection->sending);
    if (!connection->session)
        return;
    if (status < 0) {
        connection->is_broken = true;
        mark(&connection->turn->doomed, &connection->doomed);
        return;
    }
    mark(&connection->turn->unflushed, &connection->unflushed);
}

/* What the socket did not take of `sending` is written when it can be. */
static int send_later(struct connection *connection, size_t sent)
{
    uv_buf_t rest = {.base = connection->sending.data + sent,
                     .len = connection->sending.size - sent};
    connection->write.data = connection;
    return uv_write(&connection->write, &connection->uv.stream, &rest, 1, on_written);
}

/* The number of bytes that the socket takes at once; below 0 when the client is gone. */
static ssize_t try_write(struct connection *connection, struct bytes data)
{
    uv_buf_t all = {.base = (char *)data.data, .len = data.size};
    int sent = uv_try_write(&connection->uv.stream, &all, 1);
    return sent == UV_EAGAIN ? 0 : sent;
}

/* Sends what the TLS stream has, which encrypts no more than the client takes. Below 0 when the
 * client is gone. */
static int send_encrypted(struct connection *connection)
{
    struct bytes due;
    size_t done = 0;
    while (connection->sending.size == 0 && (due = tls_stream_due(connection->tls)).size) {
        if (done > ENCRYPT_A_TURN) {
            mark(&connection->turn->unflushed, &connection->unflushed);
            return 0;
        }
        ssize_t sent = try_write(connection, due);
        if (sent < 0)
            return (int)sent;
        done += due.size;
        if ((size_t)sent < due.size)
            buffer_append(&connection->sending, due.data + sent, due.size - (size_t)sent);
        tls_stream_drop_due(connection->tls);
    }
    return connection->sending.size && done ? send_later(connection, 0) : 0;
}

/* Below 0 when the client is gone. */
static int send_output(struct connection *connection)
{
    struct buffer *output = &connection->session->output;
    struct engine_stats *stats = &connection->session->engine->stats;
    stats->writes++;
    stats->output_bytes += output->size;
    connection->output_bytes += output->size;
    if (connection->tls) {
        if (output->size <= SPARE_OUTPUT && tls_stream_unsent(connection->tls) == 0) {
            tls_stream_write(connection->tls, buffer_bytes(output));
            give_back_output(connection);
        } else {
            tls_stream_take(connection->tls, output);
        }
        return send_encrypted(connection);
    }
    ssize_t sent = try_write(connection, buffer_bytes(output));
    if (sent < 0)
        return (int)sent;
    if ((size_t)sent < output->size) {
        connection->sending = *output;
        *output = (struct buffer){0};
        return send_later(connection, (size_t)sent);
    }
    give_back_output(connection);
    return 0;
}

/* Whether there are bytes that the system has not been given. */
static bool has_unsent(const struct connection *connection)
{
    return connection->sending.size || (connection->tls && tls_stream_unsent(connection->tls));
}

/* Closes it if it is over a limit of its output buffer. */
static void check_output(struct connection *connection)
{
    struct session *session = connection->session;
    if (!(session->flags & SESSION_CLOSE_NOW))
        client_limits_is_output_over(session, unsent_size(connection));
}

/* The client sees the end of the stream. What it may still send is read, and dropped. */
static void shut_down(struct connection *connection)
{
    int fd;
    if (connection->tls) {
        tls_stream_finish(connection->tls);
        send_encrypted(connection);
    }
    if (uv_fileno(&connection->uv.handle, &fd) == 0)
        shutdown(fd, SHUT_WR);
}

static void wake(void *context)
{
    struct connection *connection = context;
    mark(&connection->turn->unflushed, &connection->unflushed);
}

/* Moves output that is to go out slowly aside, and sends what is due of it. Below 0 when the client
 * is gone. */
static int send_slowly(struct connection *connection)
{
    struct session *session = connection->session;
    if (!connection->trickle && session->output.size)
        connection->trickle = trickle_new(connection->turn->uv, &session->output,
                                          session->output_rate, wake, connection);
    if (!connection->trickle) {
        session->output_rate = 0;
        return 0;
    }
    struct bytes due = trickle_due(connection->trickle);
    ssize_t sent = (ssize_t)due.size;
    if (connection->tls) {
        tls_stream_write(connection->tls, due);
        if (send_encrypted(connection) < 0)
            return UV_EPIPE;
    } else if (due.size) {
        sent = try_write(connection, due);
    }
    if (sent <= 0)
        return (int)sent;
    connection->turn->engine->stats.output_bytes += (uint64_t)sent;
    trickle_sent(connection->trickle, (size_t)sent);
    if (trickle_is_done(connection->trickle)) {
        trickle_close(connection->trickle);
        connection->trickle = NULL;
        session->output_rate = 0;
    }
    return 0;
}

void connection_flush(struct connection *connection)
{
    struct session *session = connection->session;
    struct turn *turn = connection->turn;
    if (connection == turn->executing && !connection->talk) /* its answer is not whole yet */
        return;
    check_output(connection);
    if (session->flags & SESSION_CLOSE_NOW || connection->is_broken) {
        mark(&turn->doomed, &connection->doomed);
        return;
    }
    driver_touch(session->engine); /* a limit of its output may have been passed */
    if (connection->sending.size)
        return;
    if (session->engine->journal.is_on && session->engine->depth == 0)
        journal_file_flush(session->engine); /* what is answered is written */
    if (session->output_rate && send_slowly(connection) < 0)
        connection->is_broken = true;
    if (session->output_rate && !connection->is_broken)
        return;
    if (session->output.size && send_output(connection) < 0)
        connection->is_broken = true;
    else if (connection->tls && send_encrypted(connection) < 0)
        connection->is_broken = true;
    else if (session->output.data && session->output.size == 0)
        give_back_output(connection);
    bool is_done = session->flags & SESSION_CLOSE_AFTER_REPLY && !has_unsent(connection);
    if (is_done && session->flags & SESSION_CLOSE_SOFTLY && connection_is_open(connection))
        shut_down(connection);
    else if (connection->is_broken || is_done)
        mark(&turn->doomed, &connection->doomed);
    if (connection->is_held &&
        unsent_size(connection) <= client_limits_patience(session, UNSENT_LIMIT)) {
        connection->is_held = false;
        mark(&turn->ready, &connection->ready);
    }
}

/* --- what the session asks of its stream --- */

static void output_ready(struct session *session)
{
    struct connection *connection = session->stream;
    if (connection != connection->turn->executing)
        mark(&connection->turn->unflushed, &connection->unflushed);
}

static void unblocked(struct session *session)
{
    struct connection *connection = session->stream;
    if (connection != connection->turn->executing)
        mark(&connection->turn->resumed, &connection->resumed);
}

static void measure(const struct session *session, struct session_buffers *buffers);

static const struct session_transport transport = {.converses = true,
                                                   .unblocked = unblocked,
                                                   .output_ready = output_ready,
                                                   .close_requested = output_ready,
                                                   .describe = describe,
                                                   .measure = measure};

/* "127.0.0.1:6379", "[::1]:6379", or for a Unix socket its path. */
static void format_address(const struct sockaddr_storage *address, char *text, size_t size)
{
    char host[INET6_ADDRSTRLEN] = "?";
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        uv_ip4_name(in, host, sizeof host);
        snprintf(text, size, "%s:%d", host, ntohs(in->sin_port));
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)address;
        uv_ip6_name(in, host, sizeof host);
        snprintf(text, size, "[%s]:%d", host, ntohs(in->sin6_port));
    } else if (address->ss_family == AF_UNIX) {
        const struct sockaddr_un *un = (const void *)address;
        snprintf(text, size, "%.*s:0", (int)sizeof un->sun_path, un->sun_path);
    } else {
        snprintf(text, size, "?:0");
    }
}

static void describe(const struct session *session, struct session_stream *stream)
{
    struct connection *connection = session->stream;
    struct sockaddr_storage local = {0}, remote = {0};
    socklen_t local_size = sizeof local, remote_size = sizeof remote;
    *stream = (struct session_stream){.fd = -1};
    uv_fileno(&connection->uv.handle, &stream->fd);
    getsockname(stream->fd, (struct sockaddr *)&local, &local_size);
    getpeername(stream->fd, (struct sockaddr *)&remote, &remote_size);
    stream->is_resumed = list_contains(&connection->turn->resumed, &connection->resumed);
    stream->is_unix_socket = connection->uv.handle.type == UV_NAMED_PIPE;
    /* The far side of a Unix socket has no name of its own: Redis shows the path for both. */
    format_address(stream->is_unix_socket ? &local : &remote, stream->address,
                   sizeof stream->address);
    format_address(&local, stream->local_address, sizeof stream->local_address);
}

static void measure(const struct session *session, struct session_buffers *buffers)
{
    const struct connection *connection = session->stream;
    *buffers = (struct session_buffers){.query_size = connection_pending(connection),
                                        .query_capacity = connection->input.capacity,
                                        .unsent = unsent_size(connection) - session->output.size,
                                        .input_bytes = connection->input_bytes,
                                        .output_bytes = connection->output_bytes};
}

/* --- lifecycle --- */

static void free_connection(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    buffer_clear(&connection->input);
    buffer_clear(&connection->sending);
    tls_stream_free(connection->tls);
    if (connection->request)
        request_clear(connection->request);
    memory_free(connection->request);
    memory_free(connection);
}

static int init_stream(struct connection *connection, uv_handle_type type)
{
    uv_loop_t *uv = connection->turn->uv;
    int status = type == UV_TCP ? uv_tcp_init(uv, &connection->uv.tcp)
                                : uv_pipe_init(uv, &connection->uv.pipe, 0);
    connection->uv.handle.data = connection;
    return status;
}

/* Who comes by TLS cannot be told before the handshake, which costs more than he shall have. */
static void refuse(struct connection *connection)
{
    if (!connection->tls)
        try_write(connection, BYTES_LITERAL("-" ERROR_TOO_MANY_CLIENTS "\r\n"));
    uv_close(&connection->uv.handle, free_connection);
}

/* Whether Redis counts the client as one of this machine. */
static bool is_local(const struct connection *connection)
{
    const struct session *session = connection->session;
    struct session_stream stream;
    describe(session, &stream);
    if (stream.is_unix_socket || strncmp(stream.address, "[::1]:", 6) == 0)
        return true;
    /* Before 7.2 it was that one address alone. */
    const char *local = session->engine->version < 0x070200 ? "127.0.0.1:" : "127.";
    return strncmp(stream.address, local, strlen(local)) == 0;
}

/* The client is connected, as Redis sees it: it may be told that it must not. */
static void greet(struct connection *connection)
{
    struct session *session = connection->session;
    struct engine *engine = session->engine;
    if (!config_integer(engine->config, CONFIG_PROTECTED_MODE) ||
        !(engine->acl.default_user->flags & ACL_USER_NOPASS) || is_local(connection))
        return;
    engine->stats.rejected_connections++;
    buffer_append_format(&session->output, "-" ERROR_PROTECTED_MODE "\r\n",
                         engine->version < 0x070200 ? "Setup a an" : "Set up an");
    session_close(session, true);
}

static void set_up_tcp(struct connection *connection)
{
    int64_t keepalive = config_integer(connection->turn->engine->config, CONFIG_TCP_KEEPALIVE);
    uv_tcp_nodelay(&connection->uv.tcp, 1);
    if (keepalive > 0)
        uv_tcp_keepalive(&connection->uv.tcp, 1, (unsigned)keepalive);
}

void connection_accept(struct turn *turn, uv_stream_t *server, bool is_tls)
{
    struct engine *engine = turn->engine;
    struct connection *connection = memory_zeroed(sizeof *connection);
    connection->turn = turn;
    CHECK(init_stream(connection, server->type) == 0);
    if (uv_accept(server, &connection->uv.stream) < 0 ||
        (!list_is_empty(&engine->observers) && !observer_connects(engine))) {
        uv_close(&connection->uv.handle, free_connection);
        return;
    }
    if (is_tls)
        connection->tls = tls_stream_new(turn->tls);
    bool is_one_too_many =
        (int64_t)list_count(&turn->open) >= config_integer(engine->config, CONFIG_MAXCLIENTS);
    if (is_one_too_many || (is_tls && !connection->tls)) {
        engine->stats.rejected_connections++;
        refuse(connection);
        return;
    }
    if (server->type == UV_TCP)
        set_up_tcp(connection);
    engine->stats.connections++;
    connection->session = session_new(engine, &transport, connection);
    list_append(&turn->open, &connection->open);
    connection_resume_reading(connection);
    if (!is_tls)
        greet(connection);
}

/* Whatever the socket takes of it. */
static void say_farewell(struct connection *connection)
{
    tls_stream_finish(connection->tls);
    struct bytes due = tls_stream_due(connection->tls);
    if (due.size && connection->sending.size == 0)
        try_write(connection, due);
}

void connection_close(struct connection *connection)
{
    struct turn *turn = connection->turn;
    CHECK(connection->session->engine->depth == 0);
    unmark(&turn->ready, &connection->ready);
    unmark(&turn->resumed, &connection->resumed);
    unmark(&turn->unflushed, &connection->unflushed);
    unmark(&turn->doomed, &connection->doomed);
    list_remove(&turn->open, &connection->open);
    if (connection->tls)
        say_farewell(connection);
    trickle_close(connection->trickle);
    connection->trickle = NULL;
    driver_touch(connection->session->engine);
    session_free(connection->session);
    turn->has_deserted = true;
    connection->session = NULL;
    uv_close(&connection->uv.handle, free_connection);
}
