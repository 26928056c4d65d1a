/* SPDX-License-Identifier: MIT */
/*
 * How much memory clients may take: client-output-buffer-limit by class, client-query-buffer-limit,
 * and maxmemory-clients over all. Who is over a limit is closed, without a word to the client.
 *
 *     client_limits_configure(&engine->limits, engine->config);
 *     if (client_limits_is_output_over(session, unsent)) ...     // closed, logged and counted
 *     client_limits_evict(engine);                               // at the end of a turn
 */
#ifndef UNDERSTUDY_ENGINE_CLIENT_LIMITS_H
#define UNDERSTUDY_ENGINE_CLIENT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct engine;
struct session;

/* Kinds of client, in the order in which client-output-buffer-limit shows them. */
enum client_class {
    CLIENT_CLASS_NORMAL,
    CLIENT_CLASS_REPLICA,
    CLIENT_CLASS_PUBSUB,
    CLIENT_CLASSES
};

struct output_limit {
    size_t hard;          /* bytes; 0 = none: closed at once above it */
    size_t soft;          /* bytes; 0 = none: closed when above it for more than... */
    int64_t soft_seconds; /* ...this */
};

/* Embedded in the engine. */
struct client_limits {
    struct output_limit output[CLIENT_CLASSES];
    size_t query;      /* bytes received and not executed, MULTI's queue included */
    size_t total;      /* bytes of all clients together; 0 = no limit */
    size_t above_soft; /* sessions whose time above the soft limit runs */
};

/* From the configuration, at the start and when one of the directives has changed. */
void client_limits_configure(struct client_limits *limits, const struct config *config);

/* What Redis would have on its heap for so many bytes of output: it keeps the first ones in the
 * client's own buffer, which no limit counts, and the rest in blocks. `blocks` may be NULL. */
size_t client_limits_output_memory(size_t unsent, size_t *blocks);

/* `unsent` bytes of output wait for the client. True: that is too much, and the session has been
 * told to close. */
bool client_limits_is_output_over(struct session *session, size_t unsent);

/* The same for bytes of requests. */
bool client_limits_is_query_over(struct session *session, size_t pending);

/* Bytes of output that a client may leave unread before its further requests wait; at least
 * `usual`. A limit that would close it is not kept from being reached. */
size_t client_limits_patience(const struct session *session, size_t usual);

/* Closes those that have been above the soft limit of their output for too long. */
void client_limits_close_overdue(struct engine *engine);

/* Closes the largest clients until all together are within maxmemory-clients. */
void client_limits_evict(struct engine *engine);

/* Its time above the soft limit, if that runs, is over. */
void client_limits_forget(struct session *session);

#endif
