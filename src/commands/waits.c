/* SPDX-License-Identifier: MIT */
/* WAIT and WAITAOF, and what an operator does to clients that wait or shall wait. */
#include "commands/waits.h"

#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/journal_file.h"
#include "engine/session.h"
#include "reply/errors.h"

/* At most an option behind the first argument. */
static bool has_right_count(struct call *call)
{
    if (call->argc <= 4)
        return true;
    reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]),
                       "CLIENT");
    return false;
}

void waits_client_unblock(struct call *call)
{
    int64_t id;
    const char *error = NULL;
    if (!has_right_count(call))
        return;
    if (call->argc == 4 && call_is(call, 3, "ERROR")) {
        error = ERROR_UNBLOCKED;
    } else if (call->argc == 4 && !call_is(call, 3, "TIMEOUT")) {
        reply_error(call->reply, ERROR_UNBLOCK_REASON);
        return;
    }
    if (!call_integer(call, 2, &id, NULL))
        return;
    struct session *session = engine_find_session(call->engine, (uint64_t)id);
    reply_integer(call->reply, session && blocking_unblock(session, error));
}

/* An instant that is too late for its integer, before 7.2: long past to a pause, and to a wait
 * none, for the deadlines of those are kept without a sign. */
#define WRAPPED_AROUND 1

/* argv[index] in milliseconds from now, as the instant when it ends; 0 is 0. */
static bool parse_timeout(struct call *call, int index, int64_t *ends_ms)
{
    if (!call_integer(call, index, ends_ms, ERROR_TIMEOUT_NOT_INTEGER))
        return false;
    if (*ends_ms < 0) {
        reply_error(call->reply, ERROR_TIMEOUT_NEGATIVE);
        return false;
    }
    if (*ends_ms && __builtin_add_overflow(*ends_ms, call->now_ms, ends_ms)) {
        if (call_emulates(call, 7, 2)) {
            reply_error(call->reply, ERROR_TIMEOUT_OUT_OF_RANGE);
            return false;
        }
        *ends_ms = WRAPPED_AROUND;
    }
    return true;
}

void waits_client_pause(struct call *call)
{
    enum blocking_pause pause = PAUSE_EVERYTHING;
    int64_t ends_ms;
    if (!has_right_count(call))
        return;
    if (call->argc == 4 && call_is(call, 3, "WRITE")) {
        pause = PAUSE_WRITES;
    } else if (call->argc == 4 && !call_is(call, 3, "ALL")) {
        reply_error(call->reply, ERROR_PAUSE_MODE);
        return;
    }
    if (!parse_timeout(call, 2, &ends_ms))
        return;
    blocking_pause(call->engine, pause, ends_ms ? ends_ms : call->now_ms);
    reply_ok(call->reply);
}

void waits_client_unpause(struct call *call)
{
    blocking_unpause(call->engine);
    reply_ok(call->reply);
}

/* There are no replicas, so a wait for some lasts as long as it may. */

static void answer_no_replica(struct reply *reply)
{
    reply_integer(reply, 0);
}

static void answer_files(struct reply *reply, bool is_local)
{
    reply_open(reply, REPLY_ARRAY, 2);
    reply_integer(reply, is_local);
    reply_integer(reply, 0);
    reply_close(reply);
}

static void answer_no_file(struct reply *reply)
{
    answer_files(reply, false);
}

static void answer_one_file(struct reply *reply)
{
    answer_files(reply, true);
}

static void wait_for_time(struct call *call, int64_t ends_ms, void (*timed_out)(struct reply *))
{
    struct block_request request = {
        .deadline_ms = ends_ms > WRAPPED_AROUND ? ends_ms : KEYSPACE_NEVER, .timed_out = timed_out};
    if (!call_block(call, &request))
        timed_out(call->reply);
}

static void waits_wait(struct call *call)
{
    int64_t replicas, ends_ms;
    if (call->engine->replication.host) {
        reply_error(call->reply, ERROR_WAIT_REPLICA);
        return;
    }
    if (!call_integer(call, 1, &replicas, NULL) || !parse_timeout(call, 2, &ends_ms))
        return;
    if ((int32_t)replicas <= 0) /* Redis keeps the number in 32 bits */
        answer_no_replica(call->reply);
    else
        wait_for_time(call, ends_ms, answer_no_replica);
}

/* The own file need not be waited for: the disk has it when the call returns. */
static void wait_for_files(struct call *call, int64_t local, int64_t replicas, int64_t ends_ms)
{
    bool is_local =
        local > 0 ? journal_file_sync(call->engine) : journal_file_has_synced(call->session);
    if (replicas == 0)
        answer_files(call->reply, is_local);
    else
        wait_for_time(call, ends_ms, is_local ? answer_one_file : answer_no_file);
}

static void waits_waitaof(struct call *call)
{
    int64_t local, replicas, ends_ms;
    if (!call_integer_between(call, 1, 0, 1, &local, ERROR_NOT_POSITIVE) ||
        !call_integer_between(call, 2, 0, INT64_MAX, &replicas, ERROR_NOT_POSITIVE) ||
        !parse_timeout(call, 3, &ends_ms))
        return;
    if (call->engine->replication.host)
        reply_error(call->reply, ERROR_WAITAOF_REPLICA);
    else if (local > 0 && !call_config(call, CONFIG_APPENDONLY))
        reply_error(call->reply, ERROR_WAITAOF_NO_FILE);
    else
        wait_for_files(call, local, replicas, ends_ms);
}

static const struct command_argument wait_arguments[] = {
    {.name = "numreplicas", .type = ARGUMENT_INTEGER},
    {.name = "timeout", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument waitaof_arguments[] = {
    {.name = "numlocal", .type = ARGUMENT_INTEGER},
    {.name = "numreplicas", .type = ARGUMENT_INTEGER},
    {.name = "timeout", .type = ARGUMENT_INTEGER},
    {0},
};

const struct command waits_commands[] = {
    {.name = "WAIT",
     .arity = 3,
     .flags = COMMAND_NOSCRIPT | COMMAND_SCRIPTS_SINCE_7_2,
     .categories = CATEGORY_CONNECTION,
     .since = "3.0.0",
     .group = "generic",
     .summary = "Waits until replicas have the connection's writes, or for a time.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"request_policy:all_shards", "response_policy:agg_min", NULL},
     .arguments = wait_arguments,
     .run = waits_wait},
    {.name = "WAITAOF",
     .arity = 4,
     .flags = COMMAND_NOSCRIPT,
     .categories = CATEGORY_CONNECTION,
     .since = "7.2.0",
     .group = "generic",
     .summary = "Waits until the connection's writes are in append-only files, or for a time.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"request_policy:all_shards", "response_policy:agg_min", NULL},
     .arguments = waitaof_arguments,
     .run = waits_waitaof},
    {0},
};
