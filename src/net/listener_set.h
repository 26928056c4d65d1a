/* SPDX-License-Identifier: MIT */
/*
 * All places at which one server listens, as its configuration says.
 *
 *     struct listener_set set = {0};
 *     if (!listener_set_open(&set, turn, config, error, sizeof error)) ...
 *     ...
 *     listener_set_close(&set);            // libuv must run once more to free them
 */
#ifndef UNDERSTUDY_NET_LISTENER_SET_H
#define UNDERSTUDY_NET_LISTENER_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "net/listener.h"
#include "net/turn.h"

#define LISTENER_SET_ADDRESSES 16 /* as many as Redis takes */

struct config;

/* Those of one port. */
struct listener_group {
    struct listener *all[LISTENER_SET_ADDRESSES]; /* owned */
    int count;
};

struct listener_set {
    struct listener_group tcp;
    struct listener_group tls;
    struct listener *path; /* owned: the Unix socket; NULL = none */
};

/* Every `bind` address at `port` and `tls-port`, and `unixsocket`. Port 0 takes a free one when
 * there is nothing else, else it means no plain TCP; CONFIG_FREE_PORT takes one in any case. False:
 * `error` says in one line why. */
bool listener_set_open(struct listener_set *set, struct turn *turn, const struct config *config,
                       char *error, size_t error_size);

/* `bind`, `port` or `tls-port` has changed: TCP anew; port 0 means none, and there may be no
 * address at all. False: it listens where it did before. */
bool listener_set_move(struct listener_set *set, struct turn *turn, const struct config *config,
                       char *error, size_t error_size);

void listener_set_close(struct listener_set *set);

/* See listener_resume. */
void listener_set_resume(struct listener_set *set);

#endif
