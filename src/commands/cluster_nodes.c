/* SPDX-License-Identifier: MIT */
/* There is no bus: no other node ever says a word, so none can be copied, nor elect anybody. */
#include "commands/cluster_nodes.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/memory.h"
#include "base/number.h"
#include "commands/cluster.h"
#include "engine/call.h"
#include "engine/cluster.h"
#include "engine/cluster_redirect.h"
#include "engine/engine.h"
#include "reply/errors.h"

/* --- this node --- */

void cluster_nodes_id(struct call *call)
{
    const struct cluster *cluster = cluster_of(call);
    if (cluster)
        reply_bulk_string(call->reply, cluster->myself->name);
}

void cluster_nodes_shard_id(struct call *call)
{
    const struct cluster *cluster = cluster_of(call);
    if (cluster)
        reply_bulk_string(call->reply, cluster->shard);
}

void cluster_nodes_bump_epoch(struct call *call)
{
    struct cluster *cluster = cluster_of(call);
    char text[32];
    if (!cluster)
        return;
    bool is_bumped = cluster_bump_epoch(cluster);
    snprintf(text, sizeof text, "%s %llu", is_bumped ? "BUMPED" : "STILL",
             (unsigned long long)cluster->myself->epoch);
    reply_simple(call->reply, text);
}

void cluster_nodes_set_epoch(struct call *call)
{
    struct cluster *cluster = cluster_of(call);
    int64_t epoch;
    if (!cluster || !call_integer(call, 2, &epoch, NULL))
        return;
    if (epoch < 0) {
        reply_error_format(call->reply, ERROR_CLUSTER_EPOCH, (long long)epoch);
        return;
    }
    if (list_count(&cluster->nodes) > 1) {
        reply_error(call->reply, ERROR_CLUSTER_EPOCH_ALONE);
        return;
    }
    if (cluster->myself->epoch) {
        reply_error(call->reply, ERROR_CLUSTER_EPOCH_SET);
        return;
    }
    cluster->myself->epoch = (uint64_t)epoch;
    if (cluster->epoch < (uint64_t)epoch)
        cluster->epoch = (uint64_t)epoch;
    reply_ok(call->reply);
}

static void refuse_count(struct call *call)
{
    reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]),
                       "CLUSTER");
}

void cluster_nodes_reset(struct call *call)
{
    struct cluster *cluster = cluster_of(call);
    if (!cluster)
        return;
    bool is_hard = call->argc > 2 && call_is(call, 2, "HARD");
    if (call->argc > 3) {
        refuse_count(call);
    } else if (call->argc == 3 && !is_hard && !call_is(call, 2, "SOFT")) {
        call_syntax_error(call);
    } else if (database_count(call->db)) {
        reply_error(call->reply, ERROR_CLUSTER_RESET);
    } else {
        cluster_start_anew(call->engine, is_hard);
        cluster_redirect_settle(call->engine);
        reply_ok(call->reply);
    }
}

/* Nothing is kept in a file, so there is nothing to save. */
void cluster_nodes_save(struct call *call)
{
    if (cluster_of(call))
        reply_ok(call->reply);
}

void cluster_nodes_fail_over(struct call *call)
{
    if (!cluster_of(call))
        return;
    if (call->argc > 3)
        refuse_count(call);
    else if (call->argc == 3 && !call_is(call, 2, "FORCE") && !call_is(call, 2, "TAKEOVER"))
        call_syntax_error(call);
    else
        reply_error(call->reply, ERROR_CLUSTER_FAILOVER);
}

/* --- other nodes --- */

/* The address as Redis writes it. False: it is none. */
static bool read_address(struct bytes text, char *address, size_t size)
{
    unsigned char binary[sizeof(struct in6_addr)];
    char *copy = bytes_to_string(text);
    bool is_4 = inet_pton(AF_INET, copy, binary) == 1;
    bool is_valid = is_4 || inet_pton(AF_INET6, copy, binary) == 1;
    memory_free(copy);
    return is_valid && inet_ntop(is_4 ? AF_INET : AF_INET6, binary, address, (socklen_t)size);
}

static bool is_port(int64_t port)
{
    return port > 0 && port <= 65535;
}

void cluster_nodes_meet(struct call *call)
{
    char address[CLUSTER_ADDRESS_SIZE];
    int64_t port, bus_port;
    if (!cluster_of(call))
        return;
    if (call->argc > 5) {
        refuse_count(call);
        return;
    }
    if (!number_parse_integer(call->argv[3], &port)) {
        reply_error_format(call->reply, ERROR_CLUSTER_PORT, BYTES_PRINT(call->argv[3]));
        return;
    }
    bus_port = is_port(port) ? cluster_bus_port((int)port) : 0;
    if (call->argc == 5 && !number_parse_integer(call->argv[4], &bus_port)) {
        reply_error_format(call->reply, ERROR_CLUSTER_BUS_PORT, BYTES_PRINT(call->argv[4]));
        return;
    }
    if (!read_address(call->argv[2], address, sizeof address) || !is_port(port) ||
        !is_port(bus_port)) {
        reply_error_format(call->reply, ERROR_CLUSTER_ADDRESS, BYTES_PRINT(call->argv[2]),
                           BYTES_PRINT(call->argv[3]));
        return;
    }
    cluster_meet(call->engine, address, (int)port, (int)bus_port);
    reply_ok(call->reply);
}

void cluster_nodes_forget(struct call *call)
{
    struct cluster *cluster = cluster_of(call);
    if (!cluster)
        return;
    struct cluster_node *node = cluster_find_node(cluster, call->argv[2]);
    if (!node) {
        reply_error_format(call->reply, ERROR_CLUSTER_UNKNOWN_NODE, BYTES_PRINT(call->argv[2]));
        return;
    }
    if (node == cluster->myself) {
        reply_error(call->reply, ERROR_CLUSTER_FORGET_SELF);
        return;
    }
    cluster_forget(cluster, node);
    cluster_redirect_settle(call->engine);
    reply_ok(call->reply);
}

/* Of another node nothing could be copied: there is no bus. */
void cluster_nodes_replicate(struct call *call)
{
    const struct cluster *cluster = cluster_of(call);
    if (!cluster)
        return;
    const struct cluster_node *node = cluster_find_node(cluster, call->argv[2]);
    if (!node)
        reply_error_format(call->reply, ERROR_CLUSTER_UNKNOWN_NODE, BYTES_PRINT(call->argv[2]));
    else if (node == cluster->myself)
        reply_error(call->reply, ERROR_CLUSTER_REPLICATE_SELF);
    else if (cluster->myself->slot_count || database_count(call->db))
        reply_error(call->reply, ERROR_CLUSTER_REPLICATE_EMPTY);
    else
        reply_error(call->reply, ERROR_CLUSTER_REPLICATE_HERE);
}
