/* SPDX-License-Identifier: MIT */
/*
 * Whether this node of a cluster serves a request, by the hash slots of its keys, and if not, what
 * the client is told.
 *
 *     const char *error = cluster_redirect_find(session, &request);      // NULL: it does
 *
 * Only where there is a cluster: engine->cluster.
 */
#ifndef UNDERSTUDY_ENGINE_CLUSTER_REDIRECT_H
#define UNDERSTUDY_ENGINE_CLUSTER_REDIRECT_H

#include <stdbool.h>

#include "engine/acl.h"

struct dispatch_script_options;
struct engine;
struct session;

/* EXEC counts as what its queue does. session->slot becomes the slot of the keys. The error is
 * whole and lives until the next. */
const char *cluster_redirect_find(struct session *session, const struct acl_request *request);

/* The same for what a script calls; options->slot is that of the keys that it has used so far. */
const char *cluster_redirect_find_in_script(struct session *session,
                                            const struct acl_request *request,
                                            struct dispatch_script_options *options);

/* Slots changed hands: whoever waits for a key that is not served here any more is told so, and
 * subscriptions to such shard channels end. */
void cluster_redirect_settle(struct engine *engine);

#endif
