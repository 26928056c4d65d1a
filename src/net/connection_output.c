/* SPDX-License-Identifier: MIT */
/*
 * What a session has answered goes through one of three: straight to the socket, through `tls`, or,
 * slowly, through `trickle`. What the socket did not take of it is in `sending` until libuv has
 * written it; meanwhile nothing else is sent.
 */
#include "net/connection_output.h"

#include <sys/socket.h>

#include "engine/engine.h"
#include "engine/journal_file.h"
#include "engine/session.h"
#include "net/connection.h"
#include "net/driver.h"
#include "net/tls_stream.h"
#include "net/trickle.h"

#define UNSENT_LIMIT   (1024 * 1024)     /* a client that leaves more than this unread must wait */
#define SPARE_OUTPUT   (64 * 1024)       /* a larger output buffer is not kept */
#define ENCRYPT_A_TURN (4 * 1024 * 1024) /* sent by TLS to one who takes it at once */

size_t connection_output_unsent(const struct connection *connection)
{
    return uv_stream_get_write_queue_size(&connection->uv.stream) +
           connection->session->output.size +
           (connection->tls ? tls_stream_unsent(connection->tls) : 0) +
           (connection->trickle ? trickle_left(connection->trickle) : 0);
}

bool connection_output_is_much(const struct connection *connection)
{
    return connection_output_unsent(connection) >
           client_limits_patience(connection->session, UNSENT_LIMIT);
}

void connection_output_lend(struct connection *connection)
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

static void on_written(uv_write_t *write, int status)
{
    struct connection *connection = write->data;
    buffer_clear(&connection->sending);
    if (!connection->session)
        return;
    if (status < 0) {
        connection->is_broken = true;
        list_mark(&connection->turn->doomed, &connection->doomed);
        return;
    }
    list_mark(&connection->turn->unflushed, &connection->unflushed);
}

/* What the socket did not take of `sending` is written when it can be. */
static int send_later(struct connection *connection, size_t sent)
{
    uv_buf_t rest = {.base = connection->sending.data + sent,
                     .len = connection->sending.size - sent};
    connection->write.data = connection;
    return uv_write(&connection->write, &connection->uv.stream, &rest, 1, on_written);
}

ssize_t connection_output_try(struct connection *connection, struct bytes data)
{
    uv_buf_t all = {.base = (char *)data.data, .len = data.size};
    int sent = uv_try_write(&connection->uv.stream, &all, 1);
    return sent == UV_EAGAIN ? 0 : sent;
}

int connection_output_send_encrypted(struct connection *connection)
{
    struct bytes due;
    size_t done = 0;
    while (connection->sending.size == 0 && (due = tls_stream_due(connection->tls)).size) {
        if (done > ENCRYPT_A_TURN) {
            list_mark(&connection->turn->unflushed, &connection->unflushed);
            return 0;
        }
        ssize_t sent = connection_output_try(connection, due);
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
        return connection_output_send_encrypted(connection);
    }
    ssize_t sent = connection_output_try(connection, buffer_bytes(output));
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
        client_limits_is_output_over(session, connection_output_unsent(connection));
}

/* The client sees the end of the stream. What it may still send is read, and dropped. */
static void shut_down(struct connection *connection)
{
    int fd;
    if (connection->tls) {
        tls_stream_finish(connection->tls);
        connection_output_send_encrypted(connection);
    }
    if (uv_fileno(&connection->uv.handle, &fd) == 0)
        shutdown(fd, SHUT_WR);
}

static void wake(void *context)
{
    struct connection *connection = context;
    list_mark(&connection->turn->unflushed, &connection->unflushed);
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
        if (connection_output_send_encrypted(connection) < 0)
            return UV_EPIPE;
    } else if (due.size) {
        sent = connection_output_try(connection, due);
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
        list_mark(&turn->doomed, &connection->doomed);
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
    else if (connection->tls && connection_output_send_encrypted(connection) < 0)
        connection->is_broken = true;
    else if (session->output.data && session->output.size == 0)
        give_back_output(connection);
    bool is_done = session->flags & SESSION_CLOSE_AFTER_REPLY && !has_unsent(connection);
    if (is_done && session->flags & SESSION_CLOSE_SOFTLY && connection_is_open(connection))
        shut_down(connection);
    else if (connection->is_broken || is_done)
        list_mark(&turn->doomed, &connection->doomed);
    if (connection->is_held && !connection_output_is_much(connection)) {
        connection->is_held = false;
        list_mark(&turn->ready, &connection->ready);
    }
}

void connection_output_end_encrypted(struct connection *connection)
{
    tls_stream_finish(connection->tls);
    struct bytes due = tls_stream_due(connection->tls);
    if (due.size && connection->sending.size == 0)
        connection_output_try(connection, due);
}
