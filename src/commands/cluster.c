/* SPDX-License-Identifier: MIT */
/*
 * CLUSTER, and what a cluster's client says of itself: ASKING, READONLY, READWRITE. One node
 * answers as a real one does that hears nothing of others.
 */
#include "commands/cluster.h"

#include "commands/cluster_nodes.h"
#include "commands/cluster_report.h"
#include "commands/cluster_slots.h"
#include "commands/help_lines.h"
#include "engine/call.h"
#include "engine/cluster.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"

struct cluster *cluster_of(struct call *call)
{
    if (!call->engine->cluster)
        reply_error(call->reply, ERROR_CLUSTER_DISABLED);
    else
        cluster_forget_silent(call->engine);
    return call->engine->cluster;
}

static void cluster_help(struct call *call)
{
    static const char *const lines[] = {
        "CLUSTER <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ADDSLOTS <slot> [<slot> ...]",
        "    Takes slots that nobody has.",
        "ADDSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]",
        "    The same by ranges, both ends included.",
        "BUMPEPOCH",
        "    Gives this node an epoch above that of all others.",
        "COUNT-FAILURE-REPORTS <node-id>",
        "    How many nodes say that this one has failed.",
        "COUNTKEYSINSLOT <slot>",
        "    How many keys of the slot are here.",
        "DELSLOTS <slot> [<slot> ...]",
        "    Makes slots nobody's.",
        "DELSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]",
        "    The same by ranges, both ends included.",
        "FAILOVER [FORCE|TAKEOVER]",
        "    Makes a replica a primary.",
        "FLUSHSLOTS",
        "    Makes all slots of this node nobody's.",
        "FORGET <node-id>",
        "    Strikes a node off the list.",
        "GETKEYSINSLOT <slot> <count>",
        "    Names of keys of the slot, at most as many as asked for.",
        "INFO",
        "    The state of the cluster, in fields.",
        "KEYSLOT <key>",
        "    The slot of a key.",
        "LINKS",
        "    The connections between this node and others.",
        "MEET <ip> <port> [<bus-port>]",
        "    Makes another node known.",
        "MYID",
        "    The name of this node.",
        "MYSHARDID",
        "    The name of this node's shard.",
        "NODES",
        "    A line for each node:",
        "    <id> <ip:port@bus-port> <flags> <primary> <ping> <pong> <epoch> <link> <slot> ...",
        "REPLICAS <node-id>",
        "    The lines of the node's replicas.",
        "REPLICATE <node-id>",
        "    Makes this node a replica of another.",
        "RESET [HARD|SOFT]",
        "    Forgets slots and nodes; HARD: this node's name and epoch as well.",
        "SAVECONFIG",
        "    Writes the file of the cluster.",
        "SET-CONFIG-EPOCH <epoch>",
        "    Gives a new node its first epoch.",
        "SETSLOT <slot> (IMPORTING <node-id>|MIGRATING <node-id>|NODE <node-id>|STABLE)",
        "    Says where a slot comes from, goes to or belongs.",
        "SHARDS",
        "    Which nodes have which slots, shard by shard.",
        "SLOTS",
        "    Which nodes have which slots, range by range.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    if (cluster_of(call))
        help_lines_reply(call, lines);
}

/* --- sessions --- */

static bool has_cluster(struct call *call)
{
    if (!call->engine->cluster)
        reply_error(call->reply, ERROR_CLUSTER_DISABLED);
    return call->engine->cluster;
}

static void cluster_asking(struct call *call)
{
    if (!has_cluster(call))
        return;
    call->session->flags |= SESSION_ASKING | SESSION_ASKING_FROM_NEXT;
    reply_ok(call->reply);
}

static void cluster_readonly(struct call *call)
{
    if (!has_cluster(call))
        return;
    call->session->flags |= SESSION_READONLY;
    reply_ok(call->reply);
}

static void cluster_readwrite(struct call *call)
{
    if (call_emulates(call, 7, 0) && !has_cluster(call))
        return;
    call->session->flags &= (uint32_t)~SESSION_READONLY;
    reply_ok(call->reply);
}

static const struct command_argument node_arguments[] = {
    {.name = "node-id", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument slots_arguments[] = {
    {.name = "slot", .type = ARGUMENT_INTEGER, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument range_arguments[] = {
    {.name = "start-slot", .type = ARGUMENT_INTEGER},
    {.name = "end-slot", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument ranges_arguments[] = {
    {.name = "start-slot_end-slot",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = range_arguments},
    {0},
};

static const struct command_argument slot_arguments[] = {
    {.name = "slot", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument failover_option_arguments[] = {
    {.name = "force", .type = ARGUMENT_PURE_TOKEN, .token = "FORCE"},
    {.name = "takeover", .type = ARGUMENT_PURE_TOKEN, .token = "TAKEOVER"},
    {0},
};

static const struct command_argument failover_arguments[] = {
    {.name = "options",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = failover_option_arguments},
    {0},
};

static const struct command_argument slot_and_count_arguments[] = {
    {.name = "slot", .type = ARGUMENT_INTEGER},
    {.name = "count", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument key_arguments[] = {
    {.name = "key", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument meet_arguments[] = {
    {.name = "ip", .type = ARGUMENT_STRING},
    {.name = "port", .type = ARGUMENT_INTEGER},
    {.name = "cluster_bus_port",
     .type = ARGUMENT_INTEGER,
     .flags = ARGUMENT_OPTIONAL,
     .since = "4.0.0"},
    {0},
};

static const struct command_argument reset_option_arguments[] = {
    {.name = "hard", .type = ARGUMENT_PURE_TOKEN, .token = "HARD"},
    {.name = "soft", .type = ARGUMENT_PURE_TOKEN, .token = "SOFT"},
    {0},
};

static const struct command_argument reset_arguments[] = {
    {.name = "hard_soft",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = reset_option_arguments},
    {0},
};

static const struct command_argument epoch_arguments[] = {
    {.name = "config-epoch", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument setslot_state_arguments[] = {
    {.name = "node-id", .type = ARGUMENT_STRING, .token = "IMPORTING"},
    {.name = "node-id", .type = ARGUMENT_STRING, .token = "MIGRATING"},
    {.name = "node-id", .type = ARGUMENT_STRING, .token = "NODE"},
    {.name = "stable", .type = ARGUMENT_PURE_TOKEN, .token = "STABLE"},
    {0},
};

static const struct command_argument setslot_arguments[] = {
    {.name = "slot", .type = ARGUMENT_INTEGER},
    {.name = "subcommand", .type = ARGUMENT_ONEOF, .arguments = setslot_state_arguments},
    {0},
};

#define CHANGES (COMMAND_ADMIN | COMMAND_STALE | COMMAND_NO_ASYNC_LOADING)

static const struct command cluster_subcommands[] = {
    {.name = "ADDSLOTS",
     .arity = -3,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Takes slots that nobody has.",
     .complexity = "O(N) for N slots",
     .arguments = slots_arguments,
     .run = cluster_slots_add},
    {.name = "ADDSLOTSRANGE",
     .arity = -4,
     .flags = CHANGES,
     .since = "7.0.0",
     .group = "cluster",
     .summary = "Takes ranges of slots that nobody has.",
     .complexity = "O(N) for N slots in the ranges",
     .arguments = ranges_arguments,
     .run = cluster_slots_add_ranges},
    {.name = "BUMPEPOCH",
     .arity = 2,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Gives the node an epoch above that of all others.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = cluster_nodes_bump_epoch},
    {.name = "COUNT-FAILURE-REPORTS",
     .arity = 3,
     .flags = COMMAND_ADMIN | COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Counts the nodes that say that another has failed.",
     .complexity = "O(N) for N such nodes",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .arguments = node_arguments,
     .run = cluster_report_failures},
    {.name = "COUNTKEYSINSLOT",
     .arity = 3,
     .flags = COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Counts the keys of a slot.",
     .complexity = "O(1)",
     .arguments = slot_arguments,
     .run = cluster_slots_count_keys},
    {.name = "DELSLOTS",
     .arity = -3,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Makes slots nobody's.",
     .complexity = "O(N) for N slots",
     .arguments = slots_arguments,
     .run = cluster_slots_delete},
    {.name = "DELSLOTSRANGE",
     .arity = -4,
     .flags = CHANGES,
     .since = "7.0.0",
     .group = "cluster",
     .summary = "Makes ranges of slots nobody's.",
     .complexity = "O(N) for N slots in the ranges",
     .arguments = ranges_arguments,
     .run = cluster_slots_delete_ranges},
    {.name = "FAILOVER",
     .arity = -2,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Makes a replica take its primary's place.",
     .complexity = "O(1)",
     .arguments = failover_arguments,
     .run = cluster_nodes_fail_over},
    {.name = "FLUSHSLOTS",
     .arity = 2,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Makes all slots of the node nobody's.",
     .complexity = "O(1)",
     .run = cluster_slots_flush},
    {.name = "FORGET",
     .arity = 3,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Strikes a node off the list of those known.",
     .complexity = "O(1)",
     .arguments = node_arguments,
     .run = cluster_nodes_forget},
    {.name = "GETKEYSINSLOT",
     .arity = 4,
     .flags = COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Tells names of keys of a slot.",
     .complexity = "O(N) for N keys asked for",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .arguments = slot_and_count_arguments,
     .run = cluster_slots_list_keys},
    {HELP_LINES_ROW("5.0.0", "cluster", cluster_help)},
    {.name = "INFO",
     .arity = 2,
     .flags = COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Tells the state of the cluster.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = cluster_report_info},
    {.name = "KEYSLOT",
     .arity = 3,
     .flags = COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Computes the slot of a key.",
     .complexity = "O(N) for N bytes of the key",
     .arguments = key_arguments,
     .run = cluster_slots_of_key},
    {.name = "LINKS",
     .arity = 2,
     .flags = COMMAND_STALE,
     .since = "7.0.0",
     .group = "cluster",
     .summary = "Lists the connections between the node and others.",
     .complexity = "O(N) for N nodes",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = cluster_report_links},
    {.name = "MEET",
     .arity = -4,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Makes another node known.",
     .complexity = "O(1)",
     .arguments = meet_arguments,
     .run = cluster_nodes_meet},
    {.name = "MYID",
     .arity = 2,
     .flags = COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Tells the name of the node.",
     .complexity = "O(1)",
     .run = cluster_nodes_id},
    {.name = "MYSHARDID",
     .arity = 2,
     .flags = COMMAND_STALE,
     .since = "7.2.0",
     .group = "cluster",
     .summary = "Tells the name of the node's shard.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = cluster_nodes_shard_id},
    {.name = "NODES",
     .arity = 2,
     .flags = COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Tells all nodes and their slots, a line each.",
     .complexity = "O(N) for N nodes",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = cluster_report_nodes},
    {.name = "REPLICAS",
     .arity = 3,
     .flags = COMMAND_ADMIN | COMMAND_STALE,
     .since = "5.0.0",
     .group = "cluster",
     .summary = "Lists the replicas of a primary.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .arguments = node_arguments,
     .run = cluster_report_replicas},
    {.name = "REPLICATE",
     .arity = 3,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Makes the node a replica of another.",
     .complexity = "O(1)",
     .arguments = node_arguments,
     .run = cluster_nodes_replicate},
    {.name = "RESET",
     .arity = -2,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Makes the node forget slots and nodes.",
     .complexity = "O(N) for N nodes",
     .arguments = reset_arguments,
     .run = cluster_nodes_reset},
    {.name = "SAVECONFIG",
     .arity = 2,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Writes the file that keeps the cluster's state.",
     .complexity = "O(1)",
     .run = cluster_nodes_save},
    {.name = "SET-CONFIG-EPOCH",
     .arity = 3,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Gives a new node its first epoch.",
     .complexity = "O(1)",
     .arguments = epoch_arguments,
     .run = cluster_nodes_set_epoch},
    {.name = "SETSLOT",
     .arity = -4,
     .flags = CHANGES,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Says where a slot comes from, goes to or belongs.",
     .complexity = "O(1)",
     .arguments = setslot_arguments,
     .run = cluster_slots_set},
    {.name = "SHARDS",
     .arity = 2,
     .flags = COMMAND_STALE,
     .since = "7.0.0",
     .group = "cluster",
     .summary = "Tells the slots and nodes of each shard.",
     .complexity = "O(N) for N nodes",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = cluster_report_shards},
    {.name = "SLAVES",
     .arity = 3,
     .flags = COMMAND_ADMIN | COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Lists the replicas of a primary.",
     .complexity = "O(1)",
     .deprecated_since = "5.0.0",
     .replaced_by = "`CLUSTER REPLICAS`",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .arguments = node_arguments,
     .run = cluster_report_replicas},
    {.name = "SLOTS",
     .arity = 2,
     .flags = COMMAND_STALE,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Tells the nodes of each range of slots.",
     .complexity = "O(N) for N nodes",
     .deprecated_since = "7.0.0",
     .replaced_by = "`CLUSTER SHARDS`",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     .run = cluster_report_slots},
    {0},
};

const struct command cluster_commands[] = {
    {.name = "ASKING",
     .arity = 1,
     .flags = COMMAND_FAST,
     .categories = CATEGORY_CONNECTION,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Says that the next request follows a redirection by ASK.",
     .complexity = "O(1)",
     .run = cluster_asking},
    {.name = "CLUSTER",
     .arity = -2,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Holds the commands for a cluster's slots and nodes.",
     .complexity = "As the subcommand's.",
     .subcommands = cluster_subcommands},
    {.name = "READONLY",
     .arity = 1,
     .flags = COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST,
     .categories = CATEGORY_CONNECTION,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Lets the connection read from replicas of a cluster.",
     .complexity = "O(1)",
     .run = cluster_readonly},
    {.name = "READWRITE",
     .arity = 1,
     .flags = COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST,
     .categories = CATEGORY_CONNECTION,
     .since = "3.0.0",
     .group = "cluster",
     .summary = "Lets the connection read from primaries of a cluster alone.",
     .complexity = "O(1)",
     .run = cluster_readwrite},
    {0},
};
