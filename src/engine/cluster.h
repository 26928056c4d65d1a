/* SPDX-License-Identifier: MIT */
/*
 * The cluster as this node sees it: who owns each hash slot, which slots are on their way to
 * another node, which nodes there are. An engine has one if cluster-enabled says so
 * (engine->cluster).
 *
 *     struct cluster_node *owner = cluster->slots[slot].owner;      // NULL: nobody
 *     if (owner == cluster->myself) ...
 *
 * There is no bus: nodes do not talk to one another. This one begins with all slots; another is
 * known from CLUSTER MEET. Until a slot is given to it it is one that does not answer, and is
 * forgotten as Redis forgets it; from then on it counts as a primary that is there.
 */
#ifndef UNDERSTUDY_ENGINE_CLUSTER_H
#define UNDERSTUDY_ENGINE_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/hash_slot.h"
#include "base/list.h"
#include "base/random.h"

struct engine;
struct session;

#define CLUSTER_NAME_SIZE    40
#define CLUSTER_ADDRESS_SIZE 46 /* the longest of IPv6, terminated */

struct cluster_node {
    struct list_node node; /* in cluster->nodes */
    char name[CLUSTER_NAME_SIZE + 1];
    char address[CLUSTER_ADDRESS_SIZE]; /* another's */
    int port;
    int bus_port;
    uint64_t epoch;
    int slot_count;
    bool is_handshake; /* met, and nothing was ever given to it */
    int64_t met_ms;    /* ms since epoch */
};

struct cluster_slot {
    struct cluster_node *owner;    /* borrowed; NULL: none */
    struct cluster_node *migrates; /* borrowed: where its keys go; NULL: they stay */
    struct cluster_node *imports;  /* borrowed: where they come from; NULL: from nowhere */
};

struct cluster {
    struct cluster_slot slots[HASH_SLOTS];
    struct list nodes; /* of struct cluster_node, owned; the last met first, this one last */
    struct cluster_node *myself; /* borrowed */
    char shard[CLUSTER_NAME_SIZE + 1];
    int assigned; /* slots that have an owner */
    uint64_t epoch;
    struct buffer error; /* the last that cluster_redirect.c wrote */
};

/* One with all slots; its names are chance's. */
struct cluster *cluster_new(struct random *random);
/* Accepts NULL. */
void cluster_free(struct cluster *cluster);

/* All slots are this node's and no other is known; names and statistics stay: MOCK RESET. */
void cluster_reset(struct cluster *cluster);

/* The node of that name; NULL if there is none. */
struct cluster_node *cluster_find_node(const struct cluster *cluster, struct bytes name);

/* What CLUSTER MEET does: a node that has not answered yet. One that was met before stays. */
void cluster_meet(struct engine *engine, const char *address, int port, int bus_port);
/* With all that slots know of it. Not this one. */
void cluster_forget(struct cluster *cluster, struct cluster_node *node);
/* Those that were met and did not answer in time are forgotten. */
void cluster_forget_silent(struct engine *engine);

/* The slot's owner; NULL: nobody. Whoever changes that, directly or not, ends with
 * cluster_redirect_settle. */
void cluster_give(struct cluster *cluster, int slot, struct cluster_node *owner);

/* SETSLOT's STABLE, MIGRATING and IMPORTING: NULL ends it. */
void cluster_migrate(struct cluster *cluster, int slot, struct cluster_node *target);
void cluster_import(struct cluster *cluster, int slot, struct cluster_node *source);

/* A greater epoch than any other node's becomes this one's. False: it had that. */
bool cluster_bump_epoch(struct cluster *cluster);

/* CLUSTER RESET: all slots are nobody's, no other node is known; `is_hard`: new names, epoch 0. */
void cluster_start_anew(struct engine *engine, bool is_hard);

/* Whether requests are served at all: cluster-require-full-coverage. */
bool cluster_is_ok(const struct engine *engine);

/* Nodes that own slots. */
int cluster_size(const struct cluster *cluster);

/* Where a node's bus is unless it says otherwise. Redis refuses ports that leave no room above
 * them; without a bus a free port may be any. */
int cluster_bus_port(int port);

/* How a client has come to this node. */
struct cluster_visit {
    char address[CLUSTER_ADDRESS_SIZE]; /* of this node; "": not by an address */
    bool is_tls;
};
void cluster_visit_of(const struct session *session, struct cluster_visit *visit);

/* Where clients reach a node. Of this one the directives cluster-announce-* tell; what they leave
 * open is told to a client as it has come: Redis learns its address from the node that it meets
 * first, and has none while it is alone. `visit` is borrowed for as long as the answer is used;
 * NULL: for nobody in particular. `address` may be "": where the client has this answer from. */
struct cluster_endpoint {
    const char *address;  /* borrowed */
    const char *hostname; /* borrowed; "" = none */
    int port;             /* of the two below, the one to take */
    int plain_port;       /* 0 = none */
    int tls_port;         /* 0 = none */
    int bus_port;
};
struct cluster_endpoint cluster_endpoint_of(const struct engine *engine,
                                            const struct cluster_node *node,
                                            const struct cluster_visit *visit);
/* What of it cluster-preferred-endpoint-type prefers; NULL: unknown. */
const char *cluster_preferred(const struct engine *engine, const struct cluster_endpoint *endpoint);

#endif
