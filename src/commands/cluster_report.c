/* SPDX-License-Identifier: MIT */
#include "commands/cluster_report.h"

#include "commands/cluster.h"
#include "engine/call.h"
#include "engine/cluster.h"
#include "engine/engine.h"
#include "reply/errors.h"

/* The last slot of the run that begins at `first` and has one owner. */
static int end_of_run(const struct cluster *cluster, int first)
{
    int last = first;
    while (last + 1 < HASH_SLOTS && cluster->slots[last + 1].owner == cluster->slots[first].owner)
        last++;
    return last;
}

void cluster_report_info(struct call *call)
{
    const struct cluster *cluster = cluster_of(call);
    struct buffer text = {0};
    if (!cluster)
        return;
    buffer_append_format(&text,
                         "cluster_state:%s\r\n"
                         "cluster_slots_assigned:%d\r\n"
                         "cluster_slots_ok:%d\r\n"
                         "cluster_slots_pfail:0\r\n"
                         "cluster_slots_fail:0\r\n"
                         "cluster_known_nodes:%zu\r\n"
                         "cluster_size:%d\r\n"
                         "cluster_current_epoch:%llu\r\n"
                         "cluster_my_epoch:%llu\r\n"
                         "cluster_stats_messages_sent:0\r\n"
                         "cluster_stats_messages_received:0\r\n",
                         cluster_is_ok(call->engine) ? "ok" : "fail", cluster->assigned,
                         cluster->assigned, list_count(&cluster->nodes), cluster_size(cluster),
                         (unsigned long long)cluster->epoch,
                         (unsigned long long)cluster->myself->epoch);
    if (call_emulates(call, 7, 0))
        buffer_append_string(&text, "total_cluster_links_buffer_limit_exceeded:0\r\n");
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

/* --- NODES --- */

static void append_slots(const struct cluster *cluster, const struct cluster_node *node,
                         struct buffer *out)
{
    for (int first = 0, last; first < HASH_SLOTS; first = last + 1) {
        last = end_of_run(cluster, first);
        if (cluster->slots[first].owner != node)
            continue;
        buffer_append_format(out, " %d", first);
        if (last > first)
            buffer_append_format(out, "-%d", last);
    }
    for (int slot = 0; slot < HASH_SLOTS && node == cluster->myself; slot++) {
        const struct cluster_slot *place = &cluster->slots[slot];
        if (place->migrates)
            buffer_append_format(out, " [%d->-%s]", slot, place->migrates->name);
        else if (place->imports)
            buffer_append_format(out, " [%d-<-%s]", slot, place->imports->name);
    }
}

static const char *flags_of(const struct cluster *cluster, const struct cluster_node *node)
{
    if (node == cluster->myself)
        return "myself,master";
    return node->is_handshake ? "handshake" : "master";
}

static void append_node(const struct call *call, const struct cluster_node *node,
                        const struct cluster_visit *visit, struct buffer *out)
{
    const struct cluster *cluster = call->engine->cluster;
    struct cluster_endpoint endpoint = cluster_endpoint_of(call->engine, node, visit);
    bool is_heard = node != cluster->myself && !node->is_handshake;
    buffer_append_format(out, "%s %s:%d@%d", node->name, endpoint.address, endpoint.port,
                         endpoint.bus_port);
    if (*endpoint.hostname && call_emulates(call, 7, 0))
        buffer_append_format(out, ",%s", endpoint.hostname);
    buffer_append_format(out, " %s - 0 %lld %llu %s", flags_of(cluster, node),
                         is_heard ? (long long)call->now_ms : 0LL, (unsigned long long)node->epoch,
                         node->is_handshake ? "disconnected" : "connected");
    append_slots(cluster, node, out);
    buffer_append_byte(out, '\n');
}

static struct cluster_node *node_of(struct list_node *node)
{
    return LIST_ENTRY(node, struct cluster_node, node);
}

void cluster_report_nodes(struct call *call)
{
    const struct cluster *cluster = cluster_of(call);
    struct buffer text = {0};
    struct cluster_visit visit;
    if (!cluster)
        return;
    cluster_visit_of(call->session, &visit);
    for (struct list_node *node = list_first(&cluster->nodes); node; node = list_next(node))
        append_node(call, node_of(node), &visit, &text);
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

/* --- SLOTS and SHARDS --- */

static void answer_pair(struct reply *reply, const char *name, const char *value)
{
    reply_bulk_string(reply, name);
    reply_bulk_string(reply, value);
}

/* What the preferred endpoint does not say. */
static void answer_other_names(struct call *call, const struct cluster_endpoint *endpoint)
{
    const char *preferred = cluster_preferred(call->engine, endpoint);
    bool has_address = preferred != endpoint->address;
    bool has_hostname = *endpoint->hostname && preferred != endpoint->hostname;
    reply_open(call->reply, REPLY_MAP, (size_t)has_address + has_hostname);
    if (has_address)
        answer_pair(call->reply, "ip", endpoint->address);
    if (has_hostname)
        answer_pair(call->reply, "hostname", endpoint->hostname);
    reply_close(call->reply);
}

static void answer_owner(struct call *call, const struct cluster_node *node,
                         const struct cluster_visit *visit)
{
    struct cluster_endpoint endpoint = cluster_endpoint_of(call->engine, node, visit);
    const char *preferred = cluster_preferred(call->engine, &endpoint);
    bool has_names = call_emulates(call, 7, 0);
    reply_open(call->reply, REPLY_ARRAY, has_names ? 4 : 3);
    if (preferred)
        reply_bulk_string(call->reply, preferred);
    else
        reply_null(call->reply);
    reply_integer(call->reply, endpoint.port);
    reply_bulk_string(call->reply, node->name);
    if (has_names)
        answer_other_names(call, &endpoint);
    reply_close(call->reply);
}

void cluster_report_slots(struct call *call)
{
    const struct cluster *cluster = cluster_of(call);
    struct cluster_visit visit;
    if (!cluster)
        return;
    cluster_visit_of(call->session, &visit);
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (int first = 0, last; first < HASH_SLOTS; first = last + 1) {
        last = end_of_run(cluster, first);
        if (!cluster->slots[first].owner)
            continue;
        reply_open(call->reply, REPLY_ARRAY, 3);
        reply_integer(call->reply, first);
        reply_integer(call->reply, last);
        answer_owner(call, cluster->slots[first].owner, &visit);
        reply_close(call->reply);
    }
    reply_close(call->reply);
}

static void answer_port(struct reply *reply, const char *name, int port)
{
    if (!port)
        return;
    reply_bulk_string(reply, name);
    reply_integer(reply, port);
}

static void answer_member(struct call *call, const struct cluster_node *node,
                          const struct cluster_visit *visit)
{
    struct reply *reply = call->reply;
    struct cluster_endpoint endpoint = cluster_endpoint_of(call->engine, node, visit);
    const char *preferred = cluster_preferred(call->engine, &endpoint);
    size_t fields =
        6u + (endpoint.plain_port != 0) + (endpoint.tls_port != 0) + (*endpoint.hostname != '\0');
    reply_open(reply, REPLY_MAP, fields);
    answer_pair(reply, "id", node->name);
    answer_port(reply, "port", endpoint.plain_port);
    answer_port(reply, "tls-port", endpoint.tls_port);
    answer_pair(reply, "ip", endpoint.address);
    answer_pair(reply, "endpoint", preferred ? preferred : "");
    if (*endpoint.hostname)
        answer_pair(reply, "hostname", endpoint.hostname);
    answer_pair(reply, "role", "master");
    reply_bulk_string(reply, "replication-offset");
    reply_integer(reply, 0);
    answer_pair(reply, "health", "online");
    reply_close(reply);
}

static void answer_shard(struct call *call, const struct cluster_node *node,
                         const struct cluster_visit *visit)
{
    const struct cluster *cluster = call->engine->cluster;
    struct reply *reply = call->reply;
    reply_open(reply, REPLY_MAP, 2);
    reply_bulk_string(reply, "slots");
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (int first = 0, last; first < HASH_SLOTS; first = last + 1) {
        last = end_of_run(cluster, first);
        if (cluster->slots[first].owner != node)
            continue;
        reply_integer(reply, first);
        reply_integer(reply, last);
    }
    reply_close(reply);
    reply_bulk_string(reply, "nodes");
    reply_open(reply, REPLY_ARRAY, 1);
    answer_member(call, node, visit);
    reply_close(reply);
    reply_close(reply);
}

void cluster_report_shards(struct call *call)
{
    const struct cluster *cluster = cluster_of(call);
    struct cluster_visit visit;
    if (!cluster)
        return;
    cluster_visit_of(call->session, &visit);
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (struct list_node *node = list_first(&cluster->nodes); node; node = list_next(node))
        if (!node_of(node)->is_handshake)
            answer_shard(call, node_of(node), &visit);
    reply_close(call->reply);
}

/* --- what a node without a bus knows little of --- */

void cluster_report_links(struct call *call)
{
    if (cluster_of(call))
        reply_empty(call->reply, REPLY_ARRAY);
}

/* argv[2]. False: there is no such node, and the error was answered. */
static bool has_node(struct call *call)
{
    const struct cluster *cluster = cluster_of(call);
    if (!cluster)
        return false;
    if (cluster_find_node(cluster, call->argv[2]))
        return true;
    reply_error_format(call->reply, ERROR_CLUSTER_UNKNOWN_NODE, BYTES_PRINT(call->argv[2]));
    return false;
}

void cluster_report_replicas(struct call *call)
{
    if (has_node(call))
        reply_empty(call->reply, REPLY_ARRAY);
}

void cluster_report_failures(struct call *call)
{
    if (has_node(call))
        reply_integer(call->reply, 0);
}
