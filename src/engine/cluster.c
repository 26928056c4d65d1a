/* SPDX-License-Identifier: MIT */
/*
 * Invariants: a node's slot_count is the number of slots whose owner it is; `assigned` is the sum
 * of these; slots name no node that is not in the list.
 */
#include "engine/cluster.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/engine.h"
#include "engine/session_lines.h"

#define BUS_PORT_DISTANCE 10000
#define HIGHEST_PORT      65535
#define SHORTEST_WAIT_MS  1000 /* for a node that was met */

static struct cluster_node *node_of(struct list_node *node)
{
    return LIST_ENTRY(node, struct cluster_node, node);
}

static struct cluster_node *add_node(struct cluster *cluster, struct random *random)
{
    struct cluster_node *node = memory_zeroed(sizeof *node);
    random_hex(random, node->name, CLUSTER_NAME_SIZE);
    list_prepend(&cluster->nodes, &node->node);
    return node;
}

struct cluster *cluster_new(struct random *random)
{
    struct cluster *cluster = memory_zeroed(sizeof *cluster);
    cluster->myself = add_node(cluster, random);
    random_hex(random, cluster->shard, CLUSTER_NAME_SIZE);
    for (int slot = 0; slot < HASH_SLOTS; slot++)
        cluster_give(cluster, slot, cluster->myself);
    return cluster;
}

/* Those beside this one. */
static void free_others(struct cluster *cluster)
{
    struct list_node *next;
    for (struct list_node *node = list_first(&cluster->nodes); node; node = next) {
        next = list_next(node);
        if (node_of(node) == cluster->myself)
            continue;
        list_remove(&cluster->nodes, node);
        memory_free(node_of(node));
    }
}

void cluster_free(struct cluster *cluster)
{
    if (!cluster)
        return;
    free_others(cluster);
    memory_free(cluster->myself);
    buffer_clear(&cluster->error);
    memory_free(cluster);
}

void cluster_reset(struct cluster *cluster)
{
    for (int slot = 0; slot < HASH_SLOTS; slot++) {
        cluster_give(cluster, slot, cluster->myself);
        cluster->slots[slot].migrates = cluster->slots[slot].imports = NULL;
    }
    free_others(cluster);
    cluster->epoch = cluster->myself->epoch = 0;
}

struct cluster_node *cluster_find_node(const struct cluster *cluster, struct bytes name)
{
    for (struct list_node *node = list_first(&cluster->nodes); node; node = list_next(node))
        if (bytes_equal_string(name, node_of(node)->name))
            return node_of(node);
    return NULL;
}

/* --- nodes --- */

void cluster_meet(struct engine *engine, const char *address, int port, int bus_port)
{
    struct cluster *cluster = engine->cluster;
    for (struct list_node *node = list_first(&cluster->nodes); node; node = list_next(node)) {
        const struct cluster_node *known = node_of(node);
        if (strcmp(known->address, address) == 0 && known->bus_port == bus_port)
            return;
    }
    struct cluster_node *met = add_node(cluster, &engine->random);
    snprintf(met->address, sizeof met->address, "%s", address);
    met->port = port;
    met->bus_port = bus_port;
    met->is_handshake = true;
    met->met_ms = engine->now_us / 1000;
}

void cluster_forget(struct cluster *cluster, struct cluster_node *node)
{
    CHECK(node != cluster->myself);
    for (int slot = 0; slot < HASH_SLOTS; slot++) {
        struct cluster_slot *place = &cluster->slots[slot];
        if (place->owner == node)
            cluster_give(cluster, slot, NULL);
        if (place->migrates == node)
            place->migrates = NULL;
        if (place->imports == node)
            place->imports = NULL;
    }
    list_remove(&cluster->nodes, &node->node);
    memory_free(node);
}

void cluster_forget_silent(struct engine *engine)
{
    struct cluster *cluster = engine->cluster;
    int64_t wait_ms = config_integer(engine->config, CONFIG_CLUSTER_NODE_TIMEOUT);
    if (wait_ms < SHORTEST_WAIT_MS)
        wait_ms = SHORTEST_WAIT_MS;
    struct list_node *next;
    for (struct list_node *node = list_first(&cluster->nodes); node; node = next) {
        next = list_next(node);
        if (node_of(node)->is_handshake && engine->now_us / 1000 - node_of(node)->met_ms > wait_ms)
            cluster_forget(cluster, node_of(node));
    }
}

/* --- slots --- */

void cluster_give(struct cluster *cluster, int slot, struct cluster_node *owner)
{
    struct cluster_node **place = &cluster->slots[slot].owner;
    if (*place) {
        (*place)->slot_count--;
        cluster->assigned--;
    }
    *place = owner;
    if (owner) {
        owner->slot_count++;
        owner->is_handshake = false;
        cluster->assigned++;
    }
}

void cluster_migrate(struct cluster *cluster, int slot, struct cluster_node *target)
{
    cluster->slots[slot].migrates = target;
    if (target)
        target->is_handshake = false;
}

void cluster_import(struct cluster *cluster, int slot, struct cluster_node *source)
{
    cluster->slots[slot].imports = source;
    if (source)
        source->is_handshake = false;
}

static uint64_t greatest_epoch(const struct cluster *cluster)
{
    uint64_t greatest = cluster->epoch;
    for (struct list_node *node = list_first(&cluster->nodes); node; node = list_next(node))
        if (node_of(node)->epoch > greatest)
            greatest = node_of(node)->epoch;
    return greatest;
}

bool cluster_bump_epoch(struct cluster *cluster)
{
    uint64_t greatest = greatest_epoch(cluster);
    if (cluster->myself->epoch && cluster->myself->epoch == greatest)
        return false;
    cluster->epoch++;
    cluster->myself->epoch = cluster->epoch;
    return true;
}

void cluster_start_anew(struct engine *engine, bool is_hard)
{
    struct cluster *cluster = engine->cluster;
    for (int slot = 0; slot < HASH_SLOTS; slot++) {
        cluster_give(cluster, slot, NULL);
        cluster->slots[slot].migrates = cluster->slots[slot].imports = NULL;
    }
    free_others(cluster);
    if (!is_hard)
        return;
    cluster->epoch = cluster->myself->epoch = 0;
    random_hex(&engine->random, cluster->myself->name, CLUSTER_NAME_SIZE);
    random_hex(&engine->random, cluster->shard, CLUSTER_NAME_SIZE);
}

bool cluster_is_ok(const struct engine *engine)
{
    int assigned = engine->cluster->assigned;
    return assigned == HASH_SLOTS ||
           (assigned && !config_integer(engine->config, CONFIG_CLUSTER_REQUIRE_FULL_COVERAGE));
}

int cluster_size(const struct cluster *cluster)
{
    int size = 0;
    for (struct list_node *node = list_first(&cluster->nodes); node; node = list_next(node))
        size += node_of(node)->slot_count > 0;
    return size;
}

/* --- addresses --- */

int cluster_bus_port(int port)
{
    return port <= HIGHEST_PORT - BUS_PORT_DISTANCE ? port + BUS_PORT_DISTANCE : port;
}

void cluster_visit_of(const struct session *session, struct cluster_visit *visit)
{
    struct session_stream stream;
    session_line_describe(session, &stream);
    *visit = (struct cluster_visit){.is_tls = stream.is_tls};
    const char *end = strrchr(stream.local_address, ':');
    struct bytes address = {stream.local_address, end ? (size_t)(end - stream.local_address) : 0};
    if (address.size > 2 && address.data[0] == '[') /* IPv6 */
        address = (struct bytes){address.data + 1, address.size - 2};
    bool is_address = !stream.is_unix_socket && stream.fd >= 0;
    if (is_address && address.size < sizeof visit->address)
        memcpy(visit->address, address.data, address.size);
}

/* The directive, or if it is 0 the other value. */
static int port_or(const struct config *config, enum config_id id, int64_t other)
{
    int64_t announced = config_integer(config, id);
    return (int)(announced ? announced : other);
}

static struct cluster_endpoint own_endpoint(const struct engine *engine,
                                            const struct cluster_visit *visit)
{
    const struct config *config = engine->config;
    int64_t port = config_integer(config, CONFIG_PORT);
    int64_t tls_port = config_integer(config, CONFIG_TLS_PORT);
    int64_t bus_port = config_integer(config, CONFIG_CLUSTER_PORT);
    bool is_over_tls = config_integer(config, CONFIG_TLS_CLUSTER);
    bool has_both = is_over_tls || engine_emulates(engine, 7, 2);
    bool wants_tls = visit ? visit->is_tls && has_both : is_over_tls;
    struct cluster_endpoint endpoint = {
        .address = config_string(config, CONFIG_CLUSTER_ANNOUNCE_IP),
        .hostname = config_string(config, CONFIG_CLUSTER_ANNOUNCE_HOSTNAME)};
    if (!*endpoint.address && visit)
        endpoint.address = visit->address;
    if (port)
        endpoint.plain_port = port_or(config, CONFIG_CLUSTER_ANNOUNCE_PORT, port);
    if (tls_port && (has_both || !port))
        endpoint.tls_port = port_or(config, CONFIG_CLUSTER_ANNOUNCE_TLS_PORT,
                                    port_or(config, CONFIG_CLUSTER_ANNOUNCE_PORT, tls_port));
    bool is_tls = endpoint.tls_port && (wants_tls || !port);
    endpoint.port = is_tls ? endpoint.tls_port : endpoint.plain_port;
    int port_beside_bus = (int)(is_over_tls || !port ? tls_port : port);
    endpoint.bus_port = port_or(config, CONFIG_CLUSTER_ANNOUNCE_BUS_PORT,
                                bus_port ? bus_port : cluster_bus_port(port_beside_bus));
    return endpoint;
}

struct cluster_endpoint cluster_endpoint_of(const struct engine *engine,
                                            const struct cluster_node *node,
                                            const struct cluster_visit *visit)
{
    if (node == engine->cluster->myself)
        return own_endpoint(engine, visit);
    return (struct cluster_endpoint){.address = node->address,
                                     .hostname = "",
                                     .port = node->port,
                                     .plain_port = node->port,
                                     .bus_port = node->bus_port};
}

const char *cluster_preferred(const struct engine *engine, const struct cluster_endpoint *endpoint)
{
    enum { PREFERS_IP, PREFERS_HOSTNAME }; /* the directive's words */
    int64_t type = config_integer(engine->config, CONFIG_CLUSTER_PREFERRED_ENDPOINT_TYPE);
    if (type == PREFERS_IP)
        return endpoint->address;
    if (type != PREFERS_HOSTNAME)
        return NULL;
    return *endpoint->hostname ? endpoint->hostname : "?";
}
