/* SPDX-License-Identifier: MIT */
/*
 * Replication of a server that has no replicas, and whose primary, if it is told of one, cannot be
 * reached.
 */
#include "engine/replication.h"

#include "engine/call.h"
#include "engine/engine.h"
#include "reply/errors.h"

#define REPLCONF_ADDRESS_SIZE 256 /* bytes at most */

/* --- REPLICAOF --- */

static bool is_followed(const struct replication *replication, struct bytes host, int64_t port)
{
    return replication->host && bytes_equal_ignoring_case(host, replication->host) &&
           replication->port == port;
}

static void replication_replicaof(struct call *call)
{
    int64_t port;
    if (call->engine->cluster) {
        reply_error(call->reply, ERROR_CLUSTER_REPLICAOF);
        return;
    }
    if (call_is(call, 1, "NO") && call_is(call, 2, "ONE")) {
        replication_follow_no_one(call->engine);
        reply_ok(call->reply);
        return;
    }
    if (!call_integer_between(call, 2, 0, 65535, &port, ERROR_REPLICAOF_PORT))
        return;
    if (is_followed(&call->engine->replication, call->argv[1], port)) {
        reply_simple(call->reply, "OK Already connected to specified master");
        return;
    }
    replication_follow(call->engine, call->argv[1], (int)port);
    reply_ok(call->reply);
}

static void replication_role(struct call *call)
{
    const struct replication *replication = &call->engine->replication;
    bool is_replica = replication->host != NULL;
    reply_open(call->reply, REPLY_ARRAY, is_replica ? 5 : 3);
    reply_bulk_string(call->reply, is_replica ? "slave" : "master");
    if (is_replica) {
        reply_bulk_string(call->reply, replication->host);
        reply_integer(call->reply, replication->port);
        reply_bulk_string(call->reply, "connect");
        reply_integer(call->reply, -1);
    } else {
        reply_integer(call->reply, 0);
        reply_empty(call->reply, REPLY_ARRAY);
    }
    reply_close(call->reply);
}

/* --- FAILOVER --- */

/* False: the error was answered. */
static bool read_failover(struct call *call)
{
    bool has_timeout = false, has_target = false, is_forced = false;
    int64_t number;
    for (int i = 1; i < call->argc; i++) {
        if (call_is(call, i, "TIMEOUT") && i + 1 < call->argc && !has_timeout) {
            if (!call_integer(call, ++i, &number, NULL))
                return false;
            if (number <= 0) {
                reply_error(call->reply, ERROR_FAILOVER_TIMEOUT);
                return false;
            }
            has_timeout = true;
        } else if (call_is(call, i, "TO") && i + 2 < call->argc && !has_target) {
            if (!call_integer(call, i + 2, &number, NULL))
                return false;
            i += 2;
            has_target = true;
        } else if (call_is(call, i, "FORCE") && !is_forced) {
            is_forced = true;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    return true;
}

static void replication_failover(struct call *call)
{
    if (call->engine->cluster)
        reply_error(call->reply, ERROR_CLUSTER_FAILOVER_INSTEAD);
    else if (call->argc == 2 && call_is(call, 1, "ABORT"))
        reply_error(call->reply, ERROR_FAILOVER_NONE);
    else if (read_failover(call))
        reply_error(call->reply,
                    call->engine->replication.host ? ERROR_FAILOVER_REPLICA : ERROR_FAILOVER_ALONE);
}

/* --- what a replica would say --- */

/* There is nobody who could be served, or has been copied from. */
static void refuse_replica(struct call *call)
{
    reply_error(call->reply, call->engine->replication.host ? ERROR_SYNC_NO_LINK : ERROR_SYNC_HERE);
}

static void replication_sync(struct call *call)
{
    refuse_replica(call);
}

static void replication_psync(struct call *call)
{
    int64_t offset;
    if (call_integer(call, 2, &offset, NULL))
        refuse_replica(call);
}

/* One pair. False: the error was answered, or there is no answer. */
static bool read_replconf(struct call *call, int index)
{
    int64_t number;
    struct bytes value = call->argv[index + 1];
    if (call_is(call, index, "listening-port"))
        return call_integer(call, index + 1, &number, NULL);
    if (call_is(call, index, "ip-address")) {
        if (value.size <= REPLCONF_ADDRESS_SIZE)
            return true;
        reply_error_format(call->reply, ERROR_REPLCONF_ADDRESS, value.size);
        return false;
    }
    if (call_is(call, index, "capa"))
        return true;
    if (call_is(call, index, "ack") || call_is(call, index, "getack"))
        return false; /* meant for a replica, and for a primary: clients get no answer */
    if (call_emulates(call, 7, 0) && call_is(call, index, "rdb-only"))
        return call_integer_between(call, index + 1, 0, 1, &number, ERROR_NOT_ZERO_OR_ONE);
    if (call_emulates(call, 7, 0) && call_is(call, index, "rdb-filter-only")) {
        if (value.size == 0 || bytes_equal_ignoring_case(value, "functions"))
            return true;
        reply_error_format(call->reply, ERROR_REPLCONF_FILTER, BYTES_PRINT(value));
        return false;
    }
    reply_error_format(call->reply, ERROR_REPLCONF_OPTION, BYTES_PRINT(call->argv[index]));
    return false;
}

static void replication_replconf(struct call *call)
{
    if (call->argc % 2 == 0) {
        call_syntax_error(call);
        return;
    }
    for (int i = 1; i < call->argc; i += 2)
        if (!read_replconf(call, i))
            return;
    reply_ok(call->reply);
}

static const struct command_argument failover_target_arguments[] = {
    {.name = "host", .type = ARGUMENT_STRING},
    {.name = "port", .type = ARGUMENT_INTEGER},
    {.name = "force", .type = ARGUMENT_PURE_TOKEN, .token = "FORCE", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument failover_arguments[] = {
    {.name = "target",
     .type = ARGUMENT_BLOCK,
     .token = "TO",
     .flags = ARGUMENT_OPTIONAL,
     .arguments = failover_target_arguments},
    {.name = "abort", .type = ARGUMENT_PURE_TOKEN, .token = "ABORT", .flags = ARGUMENT_OPTIONAL},
    {.name = "milliseconds",
     .type = ARGUMENT_INTEGER,
     .token = "TIMEOUT",
     .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument psync_arguments[] = {
    {.name = "replicationid", .type = ARGUMENT_STRING},
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument host_and_port_arguments[] = {
    {.name = "host", .type = ARGUMENT_STRING},
    {.name = "port", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument no_one_arguments[] = {
    {.name = "no", .type = ARGUMENT_PURE_TOKEN, .token = "NO"},
    {.name = "one", .type = ARGUMENT_PURE_TOKEN, .token = "ONE"},
    {0},
};

static const struct command_argument primary_arguments[] = {
    {.name = "host-port", .type = ARGUMENT_BLOCK, .arguments = host_and_port_arguments},
    {.name = "no-one", .type = ARGUMENT_BLOCK, .arguments = no_one_arguments},
    {0},
};

static const struct command_argument replicaof_arguments[] = {
    {.name = "args", .type = ARGUMENT_ONEOF, .arguments = primary_arguments},
    {0},
};

const struct command replication_commands[] = {
    {.name = "FAILOVER",
     .arity = -1,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_STALE,
     .since = "6.2.0",
     .group = "server",
     .summary = "Hands the primary's part over to a replica.",
     .complexity = "O(1)",
     .arguments = failover_arguments,
     .run = replication_failover},
    {.name = "PSYNC",
     .arity = -3,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_NO_ASYNC_LOADING | COMMAND_NO_MULTI,
     .since = "2.8.0",
     .group = "server",
     .summary = "Asks a primary for its data and all changes.",
     .arguments = psync_arguments,
     .run = replication_psync},
    {.name = "REPLCONF",
     .arity = -1,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE |
              COMMAND_ALLOW_BUSY | COMMAND_INTERNAL,
     .since = "3.0.0",
     .group = "server",
     .summary = "Tells a primary about the replica that speaks.",
     .complexity = "O(1)",
     .run = replication_replconf},
    {.name = "REPLICAOF",
     .arity = 3,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_STALE | COMMAND_NO_ASYNC_LOADING,
     .since = "5.0.0",
     .group = "server",
     .summary = "Makes the server a replica of another, or a primary.",
     .complexity = "O(1)",
     .arguments = replicaof_arguments,
     .run = replication_replicaof},
    {.name = "ROLE",
     .arity = 1,
     .flags = COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST,
     .categories = CATEGORY_ADMIN | CATEGORY_DANGEROUS,
     .since = "2.8.12",
     .group = "server",
     .summary = "Answers the part that the server plays in replication.",
     .complexity = "O(1)",
     .run = replication_role},
    {.name = "SLAVEOF",
     .arity = 3,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_STALE | COMMAND_NO_ASYNC_LOADING,
     .since = "1.0.0",
     .group = "server",
     .summary = "Makes the server a replica of another, or a primary.",
     .complexity = "O(1)",
     .deprecated_since = "5.0.0",
     .replaced_by = "`REPLICAOF`",
     .arguments = replicaof_arguments,
     .run = replication_replicaof},
    {.name = "SYNC",
     .arity = 1,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_NO_ASYNC_LOADING | COMMAND_NO_MULTI,
     .since = "1.0.0",
     .group = "server",
     .summary = "Asks a primary for its data and all changes.",
     .run = replication_sync},
    {0},
};
