/* SPDX-License-Identifier: MIT */
/*
 * Connections to the server: made when needed, kept for the next, dropped when they break.
 *
 *     struct link_pool pool;
 *     link_pool_init(&pool, &url, &timeouts, ca_file);
 *     struct link_answer answer;
 *     const char *words[] = {"GET", "key"};
 *     if (link_ask(&pool, words, NULL, 2, &answer) == BACKEND_OK) ... answer.reply ...
 *     link_answer_clear(&answer);
 *
 * A connection that the server closed while it lay idle is noticed before it is used, so a server
 * that came back is reached at once and nothing needs to be sent twice.
 */
#ifndef UNDERSTUDY_BACKEND_LINK_H
#define UNDERSTUDY_BACKEND_LINK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <hiredis/hiredis.h>

#include "backend/backend_url.h"
#include "backend/understudy_backend.h"

struct link; /* a connection that lies idle */

struct link_pool {
    struct backend_url url; /* owned */
    int64_t connect_timeout_ms;
    int64_t answer_timeout_ms;
    char *ca_file;         /* owned; NULL = the system's */
    pthread_mutex_t mutex; /* guards `idle` */
    struct link *idle;     /* owned: the one used last comes first */
};

struct link_answer {
    redisReply *reply; /* owned; never an error; NULL unless BACKEND_OK */
    bool was_sent;     /* with BACKEND_UNREACHABLE: it may have been carried out */
    char error[BACKEND_ERROR_SIZE];
};

/* Takes what `url` holds; copies `ca_file`. */
void link_pool_init(struct link_pool *pool, struct backend_url *url, int64_t connect_timeout_ms,
                    int64_t answer_timeout_ms, const char *ca_file);
void link_pool_clear(struct link_pool *pool);

/* Sends one command and waits for its answer: BACKEND_OK, BACKEND_UNREACHABLE or BACKEND_REFUSED.
 * NULL sizes: the words are terminated. */
enum backend_result link_ask(struct link_pool *pool, const char *const *words, const size_t *sizes,
                             int count, struct link_answer *answer);

/* The same for what does no harm when it is carried out twice: sent again, once, when the
 * connection broke. */
enum backend_result link_ask_again(struct link_pool *pool, const char *const *words,
                                   const size_t *sizes, int count, struct link_answer *answer);

/* Accepts one that is all zero. */
void link_answer_clear(struct link_answer *answer);

#endif
