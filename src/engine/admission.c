/* SPDX-License-Identifier: MIT */
/* Refusals come in Redis's order: which one a client sees when several hold is part of the
 * behaviour. */
#include "engine/admission.h"

#include "engine/journal_file.h"
#include "engine/monitor.h"
#include "engine/replication.h"
#include "engine/tracking.h"
#include "reply/errors.h"

/* Whether this is EXEC, and its queue has a command with the flag. */
static bool has_queued(const struct session *session, const struct command *command, uint32_t flag)
{
    for (int i = 0; command->flags & COMMAND_ABORTS_TRANSACTION && i < session->queue_count; i++)
        if (session->queue[i].state->command->flags & flag)
            return true;
    return false;
}

uint32_t admission_flags_of(const struct engine *engine, const struct command *command,
                            const struct bytes *argv, int argc)
{
    if (!command->find_flags)
        return command->flags;
    return command->find_flags(engine, command->flags, argv, argc);
}

/* NULL, or the format of the error for one whose user may not do this. */
static const char *find_denial(struct session *session, const struct acl_request *request)
{
    if (session->user->is_unrestricted)
        return NULL;
    enum acl_verdict verdict = acl_judge(session, request);
    return verdict == ACL_ALLOWED ? NULL : acl_refusal(session->engine, verdict);
}

bool admission_may_run_again(struct session *session, struct command_state *state,
                             const struct bytes *argv, int argc, struct buffer *error)
{
    const struct acl_request request = {.state = state, .argv = argv, .argc = argc};
    if (!engine_emulates(session->engine, 7, 2))
        return true;
    const char *denial = find_denial(session, &request);
    if (denial)
        acl_append_refusal(denial, session, state, error);
    return !denial;
}

/* A queue takes memory whatever is in it, so while memory is short nothing is queued; EXEC counts
 * as what its queue does. */
static bool needs_memory(const struct session *session, const struct command *command,
                         const struct bytes *argv, int argc)
{
    if (admission_flags_of(session->engine, command, argv, argc) & COMMAND_DENYOOM)
        return true;
    if (!(session->flags & SESSION_IN_MULTI))
        return false;
    return !(command->flags & COMMAND_LEAVES_MULTI) ||
           has_queued(session, command, COMMAND_DENYOOM);
}

/* Whether the command cannot run for lack of memory: keys are evicted if that helps. Who may look
 * at the figures finds them as they are; and to refuse one must be sure. */
static bool is_short_of_memory(struct session *session, const struct acl_request *request)
{
    const uint32_t frequent = COMMAND_WRITE | COMMAND_READONLY | COMMAND_FAST |
                              COMMAND_MAY_REPLICATE | COMMAND_ABORTS_TRANSACTION;
    struct engine *engine = session->engine;
    const struct command *command = request->state->command;
    bool needs = needs_memory(session, command, request->argv, request->argc);
    bool exactly = !(command->flags & frequent) || (needs && engine->is_short_of_memory);
    /* Redis makes no room, and misses none, while CLIENT PAUSE lasts. */
    engine->is_short_of_memory =
        engine->blocking.pause == PAUSE_NONE && !eviction_make_room(engine, exactly);
    return needs && engine->is_short_of_memory;
}

const char *admission_file_refusal(const struct engine *engine)
{
    return persistence_refuses_writes(engine) ? ERROR_MISCONF : journal_file_refusal(engine);
}

static bool is_write(const struct session *session, const struct command *command,
                     const struct bytes *argv, int argc)
{
    return admission_flags_of(session->engine, command, argv, argc) & COMMAND_WRITE ||
           has_queued(session, command, COMMAND_WRITE);
}

/* What forbids writes: a file that cannot be written, replicas that are missing, being one. */
static const char *find_write_refusal(const struct session *session,
                                      const struct acl_request *request)
{
    const struct command *command = request->state->command;
    bool may_write =
        command->flags & (COMMAND_WRITE | COMMAND_ABORTS_TRANSACTION) || command->find_flags;
    if (!may_write)
        return NULL;
    const char *refusal = admission_file_refusal(session->engine);
    if (!refusal)
        refusal = admission_find_write_obstacle(session);
    return refusal && is_write(session, command, request->argv, request->argc) ? refusal : NULL;
}

const char *admission_find_write_obstacle(const struct session *session)
{
    return session->flags & SESSION_OBEYED ? NULL : replication_find_obstacle(session->engine);
}

bool admission_refuses_reads(const struct session *session)
{
    return !(session->flags & SESSION_OBEYED) && replication_refuses_reads(session->engine);
}

/* Whether it is not for a replica whose data may be old. */
static bool needs_data(const struct session *session, const struct acl_request *request)
{
    const struct command *command = request->state->command;
    if (!(admission_flags_of(session->engine, command, request->argv, request->argc) &
          COMMAND_STALE))
        return true;
    for (int i = 0; command->flags & COMMAND_ABORTS_TRANSACTION && i < session->queue_count; i++)
        if (!(session->queue[i].state->command->flags & COMMAND_STALE))
            return true;
    return false;
}

/* A monitor could not tell replies from lines. */
static bool is_for_no_monitor(const struct session *session, const struct command *command)
{
    const uint32_t on_keys = COMMAND_WRITE | COMMAND_READONLY | COMMAND_MAY_REPLICATE;
    return !list_is_empty(&session->engine->monitors) && command->flags & on_keys &&
           monitor_is(session);
}

const char *admission_find_refusal(struct session *session, const struct acl_request *request)
{
    struct engine *engine = session->engine;
    const struct command *command = request->state->command;
    const char *refusal = command->find_refusal ? command->find_refusal(session) : NULL;
    if (refusal)
        return refusal;
    if (!(session->flags & SESSION_AUTHENTICATED) && !(command->flags & COMMAND_NO_AUTH) &&
        acl_asks_for_login(engine))
        return ERROR_NOAUTH;
    if (session->flags & SESSION_IN_MULTI && command->flags & COMMAND_NO_MULTI)
        return ERROR_NOT_IN_MULTI;
    return find_denial(session, request);
}

const char *admission_find_obstacle(struct session *session, const struct acl_request *request)
{
    struct engine *engine = session->engine;
    const struct command *command = request->state->command;
    if (engine->maxmemory && !engine->busy_error && !replication_ignores_memory(engine) &&
        is_short_of_memory(session, request))
        return ERROR_OOM;
    if (engine->tracking.clients)
        tracking_keep_limit(engine);
    const char *write_refusal = find_write_refusal(session, request);
    if (write_refusal)
        return write_refusal;
    /* In RESP2 a client that subscribed could not tell replies from messages. */
    if (session->subscriptions && session->writer.protocol == 2 &&
        !(command->flags & COMMAND_WHILE_SUBSCRIBED))
        return engine_emulates(engine, 7, 0) ? ERROR_SUBSCRIBED : ERROR_SUBSCRIBED_BEFORE_7;
    if (admission_refuses_reads(session) && needs_data(session, request))
        return ERROR_MASTERDOWN;
    if (engine->busy_error && !(command->flags & COMMAND_ALLOW_BUSY))
        return engine->busy_error;
    return is_for_no_monitor(session, command) ? ERROR_MONITOR_KEYS : NULL;
}

bool admission_is_paused(const struct session *session, const struct command *command,
                         const struct bytes *argv, int argc)
{
    if (session->engine->blocking.pause == PAUSE_EVERYTHING)
        return true;
    const uint32_t changes = COMMAND_WRITE | COMMAND_MAY_REPLICATE;
    return admission_flags_of(session->engine, command, argv, argc) & changes ||
           has_queued(session, command, changes);
}
