/* SPDX-License-Identifier: MIT */
/*
 * Client-side caching: which client has read which keys, and telling it when they change.
 *
 *     tracking_switch_on(session, &options);
 *     tracking_remember(call, caller);               // the session has read keys
 *     tracking_invalidate(engine, session, key);     // somebody changed one
 *
 * A session in broadcasting mode is told of all keys with its prefixes instead, once a turn. Keys
 * go by their names, whatever database they are in, as in Redis.
 * https://redis.io/docs/latest/develop/reference/client-side-caching/
 */
#ifndef UNDERSTUDY_ENGINE_TRACKING_H
#define UNDERSTUDY_ENGINE_TRACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/list.h"
#include "base/table.h"

struct call;
struct engine;
struct session;

enum tracking_flags {
    TRACKING_ON = 1 << 0,
    TRACKING_BROADCASTS = 1 << 1, /* BCAST */
    TRACKING_OPT_IN = 1 << 2,     /* keys are remembered only after CLIENT CACHING YES */
    TRACKING_OPT_OUT = 1 << 3,    /* keys are not remembered after CLIENT CACHING NO */
    TRACKING_NO_LOOP = 1 << 4,    /* its own changes are not told */
    TRACKING_CACHING = 1 << 5,    /* CLIENT CACHING was given, for the next command */
    TRACKING_BROKEN = 1 << 6,     /* the client redirected to is gone */
};

/* Embedded in the engine. */
struct tracking {
    struct table keys;     /* of struct tracked_key (tracking.c) */
    struct table trackers; /* of struct tracker, by session id */
    struct list prefixes;  /* of struct tracking_prefix, in the order of their bytes */
    size_t items;          /* (key, session) pairs remembered */
    size_t clients;        /* sessions with TRACKING_ON */
    bool is_deaf;          /* changes that are announced now are none */
};

/* What a session that ever switched tracking on has for it: session->tracker, owned by tracking.c.
 */
struct tracker {
    uint64_t session_id;
    struct session *session;
    uint32_t flags;          /* enum tracking_flags; 0 = off */
    uint64_t redirect;       /* id of the session that is told instead; 0 = none */
    struct list memberships; /* of struct tracking_membership, in the order of their prefixes */
    struct buffer pending;   /* keys that its own running command changed (tracking.c) */
};

struct tracking_prefix {
    struct list_node node;
    struct list members;  /* of struct tracking_membership */
    struct table changed; /* keys to be told of, of struct changed_key (tracking.c) */
    size_t size;
    char name[];
};

struct tracking_membership {
    struct list_node by_tracker;
    struct list_node by_prefix;
    struct tracker *tracker;
    struct tracking_prefix *prefix;
};

void tracking_init(struct tracking *tracking, uint64_t seed);
/* Sessions must be gone. */
void tracking_clear(struct tracking *tracking);

struct tracking_options {
    uint32_t flags; /* BROADCASTS, OPT_IN, OPT_OUT, NO_LOOP */
    uint64_t redirect;
    const struct bytes *prefixes; /* added to those that the session has; none = "" */
    size_t prefix_count;
};

/* On, or on with other options. Broadcasting mode must not change while it is on. */
void tracking_switch_on(struct session *session, const struct tracking_options *options);
/* The keys read so far stay remembered: when the session switches on again they count. */
void tracking_switch_off(struct session *session);
/* The session goes. */
void tracking_forget(struct session *session);

/* Whether two prefixes begin the same keys. */
bool tracking_prefixes_overlap(struct bytes a, struct bytes b);

/* The command of `call` has read keys. `caller` is the call of the script that ran it, or NULL. */
void tracking_remember(const struct call *call, const struct call *caller);

/* The key has changed: by that session, or by itself (NULL). */
void tracking_invalidate(struct engine *engine, const struct session *changer, struct bytes key);
/* A database was flushed: all keys of all. */
void tracking_invalidate_all(struct engine *engine);

/* The session's request has ended: it is told of its own changes. */
void tracking_tell_pending(struct session *session);
/* Tells those in broadcasting mode what has changed since. At the end of a turn. */
void tracking_broadcast(struct engine *engine);

/* Forgets, and invalidates, keys over the limit tracking-table-max-keys. */
void tracking_keep_limit(struct engine *engine);

static inline bool tracking_is_idle(const struct tracking *tracking)
{
    return tracking->is_deaf || table_count(&tracking->keys) + list_count(&tracking->prefixes) == 0;
}

#endif
