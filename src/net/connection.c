/* SPDX-License-Identifier: MIT */
/*
 * A connection's life, from accept to close, and the execution of its requests in between. It dies
 * only while no command runs; everybody else marks it as doomed. What comes in and goes out is
 * connection_input.c's and connection_output.c's.
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
#include "engine/observer.h"
#include "engine/session.h"
#include "net/connection_input.h"
#include "net/connection_output.h"
#include "net/driver.h"
#include "net/tls_stream.h"
#include "net/trickle.h"
#include "reply/errors.h"

#define REQUESTS_A_TURN 1024         /* executed for one connection before others get their turn */
#define OUTPUT_A_TURN   (256 * 1024) /* bytes answered to one connection, likewise */
#define INLINE_SIZE     (64 * 1024)
#define SHAKES_A_TURN   4 /* handshakes are the dearest thing that a client can ask for */

bool connection_is_open(const struct connection *connection)
{
    return !connection->is_ended && !connection->is_broken &&
           !(connection->session->flags & SESSION_CLOSE_NOW);
}

/* --- execute --- */

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

/* Goes on with a TLS handshake. True: it is done, and requests may have come behind it. */
static bool shake_hands(struct connection *connection)
{
    struct turn *turn = connection->turn;
    if (turn->handshakes == SHAKES_A_TURN) {
        list_mark(&turn->ready, &connection->ready);
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
    if (is_over || connection_output_send_encrypted(connection) < 0) {
        connection->is_broken = true;
        list_mark(&turn->doomed, &connection->doomed);
        return false;
    }
    if (status == 1) {
        connection_input_decrypt(connection);
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
    struct bytes input = connection_input_pending(connection);
    if (connection_output_is_much(connection) || connection->trickle) {
        connection_input_keep(connection, input);
        connection->is_held = true;
        return;
    }
    struct request *request = connection->request ? connection->request : &turn->request;
    enum pause pause = PAUSE_NO_REQUEST;
    if (request == &turn->request || input.size >= request->needed ||
        connection->session->held.argv) {
        struct connection *outer = turn->executing;
        turn->executing = connection;
        connection_output_lend(connection);
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
    connection_input_keep(connection, input);
    connection->is_held = pause == PAUSE_UNSENT;
    if (pause == PAUSE_FAIR)
        list_mark(&turn->ready, &connection->ready);
    else if (connection->is_ended && pause == PAUSE_BLOCKED)
        connection->session->flags |= SESSION_CLOSE_NOW; /* nobody waits any more */
    else if (connection->is_ended && pause == PAUSE_NO_REQUEST)
        connection->session->flags |= SESSION_CLOSE_AFTER_REPLY;
    connection_flush(connection);
}

/* --- what the session asks of its stream --- */

static void output_ready(struct session *session)
{
    struct connection *connection = session->stream;
    if (connection != connection->turn->executing)
        list_mark(&connection->turn->unflushed, &connection->unflushed);
}

static void unblocked(struct session *session)
{
    struct connection *connection = session->stream;
    if (connection != connection->turn->executing)
        list_mark(&connection->turn->resumed, &connection->resumed);
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
    stream->is_tls = connection->tls != NULL;
    /* The far side of a Unix socket has no name of its own: Redis shows the path for both. */
    format_address(stream->is_unix_socket ? &local : &remote, stream->address,
                   sizeof stream->address);
    format_address(&local, stream->local_address, sizeof stream->local_address);
}

static void measure(const struct session *session, struct session_buffers *buffers)
{
    const struct connection *connection = session->stream;
    *buffers = (struct session_buffers){.query_size = connection_input_pending(connection).size,
                                        .query_capacity = connection->input.capacity,
                                        .unsent = connection_output_unsent(connection) -
                                                  session->output.size,
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
        connection_output_try(connection, BYTES_LITERAL("-" ERROR_TOO_MANY_CLIENTS "\r\n"));
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

void connection_close(struct connection *connection)
{
    struct turn *turn = connection->turn;
    CHECK(connection->session->engine->depth == 0);
    list_unmark(&turn->ready, &connection->ready);
    list_unmark(&turn->resumed, &connection->resumed);
    list_unmark(&turn->unflushed, &connection->unflushed);
    list_unmark(&turn->doomed, &connection->doomed);
    list_remove(&turn->open, &connection->open);
    if (connection->tls)
        connection_output_end_encrypted(connection);
    trickle_close(connection->trickle);
    connection->trickle = NULL;
    driver_touch(connection->session->engine);
    session_free(connection->session);
    turn->has_deserted = true;
    connection->session = NULL;
    uv_close(&connection->uv.handle, free_connection);
}
