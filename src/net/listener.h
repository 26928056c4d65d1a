/* SPDX-License-Identifier: MIT */
/*
 * A socket that accepts connections: one TCP address, or a path.
 *
 *     struct listener_address address = {.host = "127.0.0.1", .port = 0, .backlog = 511};
 *     struct listener *listener = listener_new_tcp(turn, &address, error, sizeof error, NULL);
 *     if (listener) port = listener_port(listener);
 *     ...
 *     listener_close(listener);            // libuv must run once more to free it
 */
#ifndef UNDERSTUDY_NET_LISTENER_H
#define UNDERSTUDY_NET_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/list.h"
#include "net/turn.h"

struct listener;

struct listener_address {
    const char *host; /* an address or a name; "*" and "::*" are all of IPv4 and IPv6 */
    int port;         /* 0 takes a free one */
    int backlog;
    bool is_tls; /* connections begin with a handshake */
};

enum listener_problem {
    LISTENER_TAKEN,  /* someone else has the port */
    LISTENER_ABSENT, /* the system has no such address, or not its protocol */
    LISTENER_WRONG,
};

/* NULL: `error` says in one line why, and `*problem`, if not NULL, which kind of problem it is. */
struct listener *listener_new_tcp(struct turn *turn, const struct listener_address *address,
                                  char *error, size_t error_size, enum listener_problem *problem);

/* A stale socket at `path` is removed; one that is being served is an error. `permissions` 0 leaves
 * them to the umask. NULL as above. */
struct listener *listener_new_unix(struct turn *turn, const char *path, unsigned permissions,
                                   int backlog, char *error, size_t error_size);

/* Frees once libuv lets it go; removes the path of a Unix socket. Accepts NULL. */
void listener_close(struct listener *listener);

/* 0 for a Unix socket. */
int listener_port(const struct listener *listener);

/* The address that it is bound to, "127.0.0.1" or a path. */
const char *listener_address(const struct listener *listener);

/* Accepting stops for a turn when very many come at once; this goes on with it, if so. */
void listener_resume(struct listener *listener);

#endif
