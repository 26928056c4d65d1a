/* SPDX-License-Identifier: MIT */
#include "backend/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "base/memory.h"

#if __has_include(<hiredis/hiredis_ssl.h>)
#include <hiredis/hiredis_ssl.h>
#define LINK_HAS_TLS 1
#else
#define LINK_HAS_TLS 0
#endif

struct link {
    struct link *next;
    redisContext *context; /* owned */
#if LINK_HAS_TLS
    redisSSLContext *tls; /* owned; NULL without */
#endif
};

void link_pool_init(struct link_pool *pool, struct backend_url *url, int64_t connect_timeout_ms,
                    int64_t answer_timeout_ms, const char *ca_file)
{
    *pool = (struct link_pool){.url = *url,
                               .connect_timeout_ms = connect_timeout_ms,
                               .answer_timeout_ms = answer_timeout_ms};
    *url = (struct backend_url){0};
    if (ca_file)
        pool->ca_file = memory_copy(ca_file, strlen(ca_file) + 1);
    pthread_mutex_init(&pool->mutex, NULL);
}

static void link_free(struct link *link)
{
    if (link->context)
        redisFree(link->context);
#if LINK_HAS_TLS
    if (link->tls)
        redisFreeSSLContext(link->tls);
#endif
    memory_free(link);
}

void link_pool_clear(struct link_pool *pool)
{
    while (pool->idle) {
        struct link *link = pool->idle;
        pool->idle = link->next;
        link_free(link);
    }
    pthread_mutex_destroy(&pool->mutex);
    backend_url_clear(&pool->url);
    memory_free(pool->ca_file);
}

void link_answer_clear(struct link_answer *answer)
{
    if (answer->reply)
        freeReplyObject(answer->reply);
    answer->reply = NULL;
}

/* A write to a connection that was just closed raises SIGPIPE, which must not end a program that
 * never heard of it: the signal is held back, and taken when it came. */
static redisReply *ask(struct link *link, const char *const *words, const size_t *sizes, int count)
{
    sigset_t pipes, before, pending;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    sigemptyset(&pending);
    pthread_sigmask(SIG_BLOCK, &pipes, &before);
    if (sigismember(&before, SIGPIPE))
        sigpending(&pending);
    redisReply *reply = redisCommandArgv(link->context, count, (const char **)words, sizes);
    if (!reply && !sigismember(&pending, SIGPIPE)) {
        int problem = errno;
        struct timespec at_once = {0};
        while (sigtimedwait(&pipes, NULL, &at_once) < 0 && errno == EINTR)
            ;
        errno = problem;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return reply;
}

static struct timeval time_of(int64_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
}

static bool fail(struct link_answer *answer, const char *what, const char *why)
{
    snprintf(answer->error, sizeof answer->error, "%s: %s", what, why);
    return false;
}

static bool is_late(const struct link *link)
{
#ifdef REDIS_ERR_TIMEOUT
    if (link->context->err == REDIS_ERR_TIMEOUT)
        return true;
#endif
    return link->context->err == REDIS_ERR_IO && errno == EAGAIN;
}

static bool fail_broken(struct link_answer *answer, const struct link *link)
{
    bool late = is_late(link);
    return fail(answer, "the connection broke",
                late ? "no answer came in time" : link->context->errstr);
}

/* An introduction: AUTH, SELECT. `refused` becomes true when the server answered an error. */
static bool introduce(struct link *link, const char *const *words, int count,
                      struct link_answer *answer, bool *refused)
{
    redisReply *reply = ask(link, words, NULL, count);
    if (!reply)
        return fail_broken(answer, link);
    *refused = reply->type == REDIS_REPLY_ERROR;
    if (*refused)
        snprintf(answer->error, sizeof answer->error, "%s", reply->str);
    freeReplyObject(reply);
    return !*refused;
}

static bool start_tls(const struct link_pool *pool, struct link *link, struct link_answer *answer)
{
#if LINK_HAS_TLS
    redisSSLContextError problem = REDIS_SSL_CTX_NONE;
    redisInitOpenSSL();
    link->tls = redisCreateSSLContext(pool->ca_file, NULL, NULL, NULL, pool->url.host, &problem);
    if (!link->tls)
        return fail(answer, "TLS", redisSSLContextGetError(problem));
    if (redisInitiateSSLWithContext(link->context, link->tls) != REDIS_OK)
        return fail(answer, "TLS", link->context->errstr);
    return true;
#else
    (void)pool, (void)link;
    return fail(answer, "TLS", "this library was built with a hiredis that has none");
#endif
}

static bool log_in(const struct link_pool *pool, struct link *link, struct link_answer *answer,
                   bool *refused)
{
    const struct backend_url *url = &pool->url;
    const char *user_and_password[] = {"AUTH", url->user, url->password ? url->password : ""};
    const char *password[] = {"AUTH", url->password};
    char db[16];
    snprintf(db, sizeof db, "%d", url->db);
    const char *select[] = {"SELECT", db};
    if (url->user && !introduce(link, user_and_password, 3, answer, refused))
        return false;
    if (!url->user && url->password && !introduce(link, password, 2, answer, refused))
        return false;
    return url->db == 0 || introduce(link, select, 2, answer, refused);
}

/* A new connection; NULL: `result` and answer->error say why not. */
static struct link *connect_link(struct link_pool *pool, struct link_answer *answer,
                                 enum backend_result *result)
{
    const struct backend_url *url = &pool->url;
    struct link *link = memory_zeroed(sizeof *link);
    struct timeval timeout = time_of(pool->connect_timeout_ms);
    bool refused = false;
    link->context = url->path ? redisConnectUnixWithTimeout(url->path, timeout)
                              : redisConnectWithTimeout(url->host, url->port, timeout);
    if (!link->context || link->context->err) {
        fail(answer, "no connection", link->context ? link->context->errstr : "out of memory");
    } else {
        fcntl(link->context->fd, F_SETFD, FD_CLOEXEC);
        redisSetTimeout(link->context, time_of(pool->answer_timeout_ms));
        if ((!url->has_tls || start_tls(pool, link, answer)) &&
            log_in(pool, link, answer, &refused))
            return link;
    }
    *result = refused ? BACKEND_REFUSED : BACKEND_UNREACHABLE;
    link_free(link);
    return NULL;
}

/* One that has something to read, though nobody asked, was closed or is out of step. */
static bool is_alive(const struct link *link)
{
    struct pollfd look = {.fd = link->context->fd, .events = POLLIN};
    return poll(&look, 1, 0) == 0;
}

static struct link *take_idle(struct link_pool *pool)
{
    for (;;) {
        pthread_mutex_lock(&pool->mutex);
        struct link *link = pool->idle;
        if (link)
            pool->idle = link->next;
        pthread_mutex_unlock(&pool->mutex);
        if (!link || is_alive(link))
            return link;
        link_free(link);
    }
}

static void give_back(struct link_pool *pool, struct link *link)
{
    pthread_mutex_lock(&pool->mutex);
    link->next = pool->idle;
    pool->idle = link;
    pthread_mutex_unlock(&pool->mutex);
}

enum backend_result link_ask(struct link_pool *pool, const char *const *words, const size_t *sizes,
                             int count, struct link_answer *answer)
{
    enum backend_result result = BACKEND_OK;
    *answer = (struct link_answer){0};
    struct link *link = take_idle(pool);
    if (!link)
        link = connect_link(pool, answer, &result);
    if (!link)
        return result;
    answer->was_sent = true;
    redisReply *reply = ask(link, words, sizes, count);
    if (!reply) {
        fail_broken(answer, link);
        link_free(link);
        return BACKEND_UNREACHABLE;
    }
    give_back(pool, link);
    if (reply->type == REDIS_REPLY_ERROR) {
        snprintf(answer->error, sizeof answer->error, "%s", reply->str);
        freeReplyObject(reply);
        return BACKEND_REFUSED;
    }
    answer->reply = reply;
    return BACKEND_OK;
}

enum backend_result link_ask_again(struct link_pool *pool, const char *const *words,
                                   const size_t *sizes, int count, struct link_answer *answer)
{
    enum backend_result result = link_ask(pool, words, sizes, count, answer);
    if (result == BACKEND_UNREACHABLE && answer->was_sent)
        result = link_ask(pool, words, sizes, count, answer);
    return result;
}
