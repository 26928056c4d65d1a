/* SPDX-License-Identifier: MIT */
/*
 * A client of the process that embeds the server. Invariant: while the server serves, its session
 * belongs to the loop's thread; what the session has answered goes over in `received`, and both
 * threads touch the fields below `mutex` with it held alone.
 */
#include <stdarg.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "net/job_queue.h"
#include "net/loop.h"
#include "understudy_private.h"

#define MOST_WORDS 1024 /* of understudy_command */

struct push {
    struct list_node node;
    struct understudy_reply *reply; /* owned */
};

struct understudy_client {
    struct list_node node; /* in server->clients */
    struct job job;        /* what the loop's thread is asked for: one thing at a time */
    struct understudy *server;
    struct session *session; /* owned; NULL when closed */
    struct bytes *argv;      /* borrowed, of the command that runs */
    int argc;
    struct list pushes; /* of struct push, of the calling thread */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct buffer received; /* RESP3: replies and pushes that have not been read */
    bool is_done;           /* the job has run, and its command waits no more */
};

/* --- on the loop's thread --- */

/* What the session has answered goes over. */
static void hand_over(struct understudy_client *client)
{
    struct session *session = client->session;
    pthread_mutex_lock(&client->mutex);
    buffer_append(&client->received, session->output.data, session->output.size);
    pthread_mutex_unlock(&client->mutex);
    session->output.size = 0;
}

static void finish(struct understudy_client *client)
{
    pthread_mutex_lock(&client->mutex);
    client->is_done = true;
    pthread_cond_signal(&client->changed);
    pthread_mutex_unlock(&client->mutex);
}

static bool is_closing(const struct session *session)
{
    return session->flags & (SESSION_CLOSE_NOW | SESSION_CLOSE_AFTER_REPLY);
}

static void output_ready(struct session *session)
{
    hand_over(session->stream);
}

/* Its session is freed by the next job: nothing may be freed in the middle of a command. */
static void close_requested(struct session *session)
{
    struct understudy_client *client = session->stream;
    hand_over(client);
    if (session != session->engine->current)
        finish(client);
}

static void unblocked(struct session *session)
{
    struct understudy_client *client = session->stream;
    if (session->held.argv)
        session_execute_held(session);
    hand_over(client);
    if (!blocking_is_waiting(session))
        finish(client);
}

static void describe(const struct session *session, struct session_stream *stream)
{
    (void)session;
    *stream =
        (struct session_stream){.address = "127.0.0.1:0", .local_address = "127.0.0.1:0", .fd = -1};
}

static const struct session_transport transport = {.unblocked = unblocked,
                                                   .output_ready = output_ready,
                                                   .close_requested = close_requested,
                                                   .describe = describe};

static struct understudy_client *client_of(struct job *job)
{
    return LIST_ENTRY(job, struct understudy_client, job);
}

static void open_session(struct job *job)
{
    struct understudy_client *client = client_of(job);
    client->session = session_new(client->server->engine, &transport, client);
    client->session->flags |= SESSION_EXEMPT | SESSION_AUTHENTICATED;
    session_set_protocol(client->session, 3);
    list_append(&client->server->clients, &client->node);
    finish(client);
}

static void drop_session(struct understudy_client *client)
{
    if (!client->session)
        return;
    list_remove(&client->server->clients, &client->node);
    session_free(client->session);
    client->session = NULL;
}

static void close_session(struct job *job)
{
    struct understudy_client *client = client_of(job);
    drop_session(client);
    finish(client);
}

static void execute(struct job *job)
{
    struct understudy_client *client = client_of(job);
    if (client->session && is_closing(client->session))
        drop_session(client);
    struct session *session = client->session;
    if (session) {
        session_execute(session, client->argv, client->argc);
        hand_over(client);
    }
    if (!session || is_closing(session) || !blocking_is_waiting(session))
        finish(client);
}

void understudy_client_abandon_all(struct understudy *server)
{
    struct list_node *node = list_first(&server->clients);
    for (; node; node = list_next(node))
        finish(LIST_ENTRY(node, struct understudy_client, node));
}

/* --- on the caller's --- */

/* Has `run` done, by the loop's thread if there is one. False: the server has stopped. */
static bool have_done(struct understudy_client *client, void (*run)(struct job *job))
{
    client->is_done = false;
    client->job = (struct job){.run = run};
    if (!client->server->is_serving) {
        run(&client->job);
        return true;
    }
    if (!loop_post(client->server->loop, &client->job))
        return false;
    pthread_mutex_lock(&client->mutex);
    while (!client->is_done)
        pthread_cond_wait(&client->changed, &client->mutex);
    pthread_mutex_unlock(&client->mutex);
    return true;
}

struct understudy_client *understudy_client_new(struct understudy *server)
{
    struct understudy_client *client = memory_zeroed(sizeof *client);
    client->server = server;
    pthread_mutex_init(&client->mutex, NULL);
    pthread_cond_init(&client->changed, NULL);
    have_done(client, open_session);
    return client;
}

void understudy_client_free(struct understudy_client *client)
{
    if (!client)
        return;
    if (!have_done(client, close_session))
        drop_session(client); /* the loop's thread has ended with its loop */
    struct understudy_reply *reply;
    while ((reply = understudy_client_push(client)) != NULL)
        understudy_reply_free(reply);
    pthread_cond_destroy(&client->changed);
    pthread_mutex_destroy(&client->mutex);
    buffer_clear(&client->received);
    memory_free(client);
}

/* Reads what has come: pushes are kept, another value is returned. NULL: there was none. */
static struct understudy_reply *read_received(struct understudy_client *client)
{
    struct understudy_reply *answer = NULL;
    pthread_mutex_lock(&client->mutex);
    size_t done = 0, used;
    while (!answer && done < client->received.size) {
        struct bytes rest = bytes_of(client->received.data + done, client->received.size - done);
        struct understudy_reply *reply = understudy_reply_read(rest, &used);
        if (!reply)
            break;
        done += used;
        if (reply->type != UNDERSTUDY_PUSH) {
            answer = reply;
            continue;
        }
        struct push *push = memory_zeroed(sizeof *push);
        push->reply = reply;
        list_append(&client->pushes, &push->node);
    }
    buffer_consume(&client->received, done);
    pthread_mutex_unlock(&client->mutex);
    return answer;
}

/* NULL for NULL. */
static struct understudy_reply *take_push(struct understudy_client *client, struct list_node *node)
{
    if (!node)
        return NULL;
    struct push *push = LIST_ENTRY(node, struct push, node);
    struct understudy_reply *reply = push->reply;
    list_remove(&client->pushes, node);
    memory_free(push);
    return reply;
}

struct understudy_reply *understudy_client_push(struct understudy_client *client)
{
    understudy_reply_free(read_received(client)); /* a late answer to a call that gave up */
    return take_push(client, list_first(&client->pushes));
}

static struct understudy_reply *new_error(const char *text)
{
    struct buffer encoded = {0};
    size_t used;
    buffer_append_format(&encoded, "-%s\r\n", text);
    struct understudy_reply *reply = understudy_reply_read(buffer_bytes(&encoded), &used);
    buffer_clear(&encoded);
    return reply;
}

/* Nobody can end a wait in a server that does not serve. */
static struct understudy_reply *end_wait(struct session *session)
{
    blocking_cancel(session);
    return new_error("ERR the command waits, and the server was not started");
}

static struct understudy_reply *call(struct understudy_client *client)
{
    understudy_reply_free(read_received(client)); /* pushes that came since are older */
    struct list_node *before = list_last(&client->pushes);
    if (!have_done(client, execute))
        return NULL;
    struct understudy_reply *answer = read_received(client);
    if (!client->server->is_serving && client->session && blocking_is_waiting(client->session))
        return end_wait(client->session);
    /* SUBSCRIBE and its kin answer by pushes alone. */
    return answer ? answer
                  : take_push(client, before ? list_next(before) : list_first(&client->pushes));
}

struct understudy_reply *understudy_client_call(struct understudy_client *client, int argc,
                                                const char *const *argv, const size_t *sizes)
{
    if (argc < 1)
        return new_error("ERR there is no command");
    client->argv = memory_allocate((size_t)argc * sizeof *client->argv);
    client->argc = argc;
    for (int i = 0; i < argc; i++)
        client->argv[i] = bytes_of(argv[i], sizes ? sizes[i] : strlen(argv[i]));
    struct understudy_reply *reply = call(client);
    memory_free(client->argv);
    client->argv = NULL;
    return reply;
}

struct understudy_client *understudy_client_own(struct understudy *server)
{
    if (!server->own_client)
        server->own_client = understudy_client_new(server);
    return server->own_client;
}

struct understudy_reply *understudy_command(struct understudy *server, const char *word, ...)
{
    const char *words[MOST_WORDS] = {word};
    int count = 1;
    va_list rest;
    va_start(rest, word);
    while (count < MOST_WORDS && (words[count] = va_arg(rest, const char *)) != NULL)
        count++;
    va_end(rest);
    if (count == MOST_WORDS)
        return new_error("ERR the command has too many words for understudy_command");
    pthread_mutex_lock(&server->commanding);
    struct understudy_reply *reply =
        understudy_client_call(understudy_client_own(server), count, words, NULL);
    pthread_mutex_unlock(&server->commanding);
    return reply;
}
