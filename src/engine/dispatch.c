/* SPDX-License-Identifier: MIT */
/*
 * The dispatcher knows commands by their flags alone. The order of its checks is the order in which
 * Redis makes them, because a client that errs twice sees which error comes first.
 */
#include "engine/dispatch.h"

#include "base/check.h"
#include "base/memory.h"
#include "engine/admission.h"
#include "engine/cluster_redirect.h"
#include "engine/journal_file.h"
#include "engine/monitor.h"
#include "engine/observer.h"
#include "engine/transaction.h"
#include "reply/errors.h"
#include "reply/noting_reply.h"

#define SHOWN_BYTES 128 /* of an unknown command's name, and of its arguments */

/* Bytes up to the first NUL, at most SHOWN_BYTES: what a C format would show. */
static int shown_size(struct bytes text)
{
    size_t limit = text.size < SHOWN_BYTES ? text.size : SHOWN_BYTES;
    const char *nul = limit ? memchr(text.data, '\0', limit) : NULL;
    return (int)(nul ? (size_t)(nul - text.data) : limit);
}

static void answer_unknown(const struct bytes *argv, int argc, struct reply *reply)
{
    struct buffer shown = {0};
    for (int i = 1; i < argc && shown.size < SHOWN_BYTES; i++) {
        size_t room = SHOWN_BYTES - shown.size;
        struct bytes text = bytes_of(argv[i].data, (size_t)shown_size(argv[i]));
        if (text.size > room)
            text.size = room;
        buffer_append_byte(&shown, '\'');
        buffer_append_bytes(&shown, text);
        buffer_append_string(&shown, "' ");
    }
    buffer_append_byte(&shown, '\0');
    reply_error_format(reply, ERROR_UNKNOWN_COMMAND, shown_size(argv[0]), argv[0].data, shown.data);
    buffer_clear(&shown);
}

static void answer_unknown_subcommand(const struct command_state *container, struct bytes word,
                                      struct reply *reply)
{
    reply_error_format(reply, ERROR_UNKNOWN_SUBCOMMAND, shown_size(word), word.data,
                       container->command->name);
}

/* The request's, or its subcommand's. NULL: unknown; the error was answered into `reply`. */
static struct command_state *find(struct engine *engine, const struct bytes *argv, int argc,
                                  struct reply *reply)
{
    struct command_state *state = engine_find_command(engine, argv[0], argc > 1 ? &argv[1] : NULL);
    if (state)
        return state;
    struct command_state *container = engine_find_command(engine, argv[0], NULL);
    if (container)
        answer_unknown_subcommand(container, argv[1], reply);
    else
        answer_unknown(argv, argc, reply);
    return NULL;
}

bool dispatch_arity_is_right(const struct command *command, int argc)
{
    return command->arity >= 0 ? argc == command->arity : argc >= -command->arity;
}

static void count_new_errors(struct session *session, const struct reply *reply, uint64_t before)
{
    if (reply->errors != before)
        engine_count_error(session->engine, reply->error_code);
}

static void note_if_slow(const struct call *call, int64_t duration_us)
{
    const struct config *config = call->engine->config;
    int64_t threshold = config_integer(config, CONFIG_SLOWLOG_LOG_SLOWER_THAN);
    if (threshold < 0 || duration_us < threshold || call->command->flags & COMMAND_SKIP_SLOWLOG)
        return;
    slowlog_add(&call->engine->slowlog, call, duration_us,
                (size_t)config_integer(config, CONFIG_SLOWLOG_MAX_LEN));
}

/* What a script reads its caller has read. A script as such reads nothing. */
static void remember_keys(const struct call *call, const struct call *outer)
{
    const struct command *command = call->command;
    if (command->flags & COMMAND_READONLY && !(command->categories & CATEGORY_SCRIPTING))
        tracking_remember(call, call->session->flags & SESSION_SCRIPT ? outer : NULL);
}

/* While expiry is paused keys go when a command comes for them. */
static void expire_keys_of(const struct call *call)
{
    struct key_references found = {0};
    if (call->command->flags & (COMMAND_WRITE | COMMAND_READONLY) &&
        command_find_keys(call->command, call->argv, call->argc, &found))
        for (size_t i = 0; i < found.count; i++)
            database_expire_overdue(call->db, call->argv[found.keys[i].position]);
    memory_free(found.keys);
}

#define TIMED_CALLS   1000 /* of a command: all of them are timed */
#define CALLS_A_TIMED 8

/* For how many calls the time of this one stands; 0: it is not taken. Reading the clock twice is a
 * tenth of what a small command costs a script, and a script may call a million of them: then the
 * last of eight stands for the others. */
static uint32_t timing_weight(const struct session *session, struct command_state *state)
{
    if (!(session->flags & SESSION_SCRIPT) || state->calls < TIMED_CALLS ||
        !list_is_empty(&session->engine->observers))
        return 1;
    if (++state->untimed < CALLS_A_TIMED)
        return 0;
    state->untimed = 0;
    return CALLS_A_TIMED;
}

/* What the test's own delay took of the client's request, as if the command had been so slow. */
static int64_t take_delay(struct session *session)
{
    if (!session->delay_us || session->flags & (SESSION_SCRIPT | SESSION_IN_EXEC))
        return 0;
    int64_t delay_us = session->delay_us;
    session->delay_us = 0;
    return delay_us;
}

static uint64_t take_beginning(struct engine *engine)
{
    uint64_t known = engine->depth == 0 ? engine->batch.began : 0;
    engine->batch.began = 0;
    return known ? known : stopwatch_ticks();
}

static void take_time(struct call *call, uint32_t weight, bool is_observed)
{
    struct engine *engine = call->engine;
    const struct stopwatch *stopwatch = &engine->stopwatch;
    uint64_t now = stopwatch_ticks();
    uint64_t ticks = now - call->began;
    double us = stopwatch_us(stopwatch, ticks);
    int64_t delay_us = take_delay(call->session);
    call->state->ticks += weight * ticks;
    call->ticks = ticks;
    if (engine->depth == 0) {
        engine->batch.ended = now;
        engine->stats.command_ticks += ticks;
    }
    if (delay_us)
        call->state->ticks += stopwatch_ticks_of(stopwatch, (double)delay_us);
    /* A script that was debugged took as long as its client thought. */
    if (!(call->session->flags & SESSION_CLOSE_SOFTLY)) {
        double shown_us = us + (double)delay_us;
        latency_record(call, shown_us, weight);
        if (shown_us >= engine->latency.notable_us)
            note_if_slow(call, (int64_t)shown_us);
    }
    if (is_observed)
        observer_after(call, (int64_t)us);
}

void dispatch_run(struct session *session, struct command_state *state, const struct bytes *argv,
                  int argc, struct reply *reply)
{
    struct engine *engine = session->engine;
    struct call call = {.engine = engine,
                        .session = session,
                        .db = &engine->keyspace.databases[session->db],
                        .command = state->command,
                        .state = state,
                        .argv = argv,
                        .argc = argc,
                        .reply = reply,
                        .now_ms = engine->now_us / 1000,
                        .now_us = engine->now_us,
                        .reply_start = session->output.size};
    const struct call *outer = engine->running;
    struct session *outer_session = engine->current;
    bool is_again = session->blocked;
    uint64_t errors = reply->errors;
    uint64_t counted = engine->stats.error_replies;
    uint64_t changes = engine->stats.changes;
    uint32_t weight = timing_weight(session, state);
    if (weight)
        call.began = take_beginning(engine);
    /* Within EXEC and scripts time stands still, but a key may have been given a deadline that lies
     * in the past: the next command does not see it. */
    if (!engine->busy_error) /* to the keys of a slow script no time has passed */
        keyspace_set_time(&engine->keyspace, call.now_ms);
    engine->running = &call;
    if (!(session->flags & SESSION_SCRIPT))
        engine->current = session;
    bool is_observed = !list_is_empty(&engine->observers);
    engine->depth++;
    if (engine->keyspace.expiry_is_paused)
        expire_keys_of(&call);
    if (!is_observed || is_again || observer_before(&call))
        state->command->run(&call);
    else if (state->flags & COMMAND_ABORTS_TRANSACTION)
        transaction_discard(session); /* an EXEC that fails ends its transaction */
    engine->depth--;
    if (engine->journal.is_on)
        journal_end_call(&call, changes);
    engine->running = outer;
    if (!blocking_is_waiting(session)) /* one that waits is counted when it answers */
        state->calls++;
    if (weight)
        take_time(&call, weight, is_observed);
    engine->stats.commands++;
    if (!list_is_empty(&engine->monitors) && !is_again &&
        !(call.command->flags & (COMMAND_SKIP_MONITOR | COMMAND_ADMIN)))
        monitor_show(&call);
    if (engine->tracking.clients)
        remember_keys(&call, outer);
    engine->current = outer_session;
    if (outer_session != session && (session->tracker || session->late.size))
        session_send_late(session);
    if (reply->errors == errors)
        return;
    bool is_counted = engine->stats.error_replies != counted;
    /* What fails in EXEC's queue is not EXEC's failure. */
    if (!is_counted || !(state->command->flags & COMMAND_ABORTS_TRANSACTION))
        state->failed++;
    /* An error that a nested command (a script's, EXEC's) answered is counted already. */
    if (!is_counted)
        engine_count_error(engine, reply->error_code);
}

/* Monitors see EXEC end a transaction even if it is refused, and so does not run. */
static void show_refused(struct session *session, struct command_state *state,
                         const struct bytes *argv, int argc)
{
    const struct call call = {.engine = session->engine,
                              .session = session,
                              .command = state->command,
                              .state = state,
                              .argv = argv,
                              .argc = argc};
    monitor_show(&call);
}

/* Tells who watches; the error stands in the output from `start` on. */
static void tell_refused(const struct session *session, const struct command_state *state,
                         const struct bytes *argv, size_t start)
{
    const struct buffer *output = &session->output;
    struct bytes error = {0};
    if (list_is_empty(&session->engine->observers))
        return;
    if (start < output->size)
        noting_reply_kind_of(bytes_of(output->data + start, output->size - start), &error);
    observer_refused(session, state, state ? bytes_of(state->name, state->name_size) : argv[0],
                     error);
}

/* Refused before it ran. A transaction that is being queued is spoiled by it; EXEC itself then
 * answers EXECABORT with the reason. */
static void refuse(struct session *session, struct command_state *state, const struct bytes *argv,
                   int argc, const char *error)
{
    struct reply *reply = &session->writer.reply;
    uint64_t before = reply->errors;
    size_t start = session->output.size;
    state->rejected++;
    if (session->flags & SESSION_IN_MULTI)
        session->flags |= SESSION_DIRTY_EXEC;
    if (state->command->flags & COMMAND_ABORTS_TRANSACTION) {
        const char *reason = strncmp(error, "ERR ", 4) == 0 ? error + 4 : error;
        reply_error_format(reply, ERROR_EXECABORT_REASON, reason);
        transaction_discard(session);
        show_refused(session, state, argv, argc);
    } else {
        reply_error(reply, error);
    }
    count_new_errors(session, reply, before);
    tell_refused(session, state, argv, start);
}

/* `format` has places for names, as ERROR_NOPERM_COMMAND, or none. */
static void refuse_by_name(struct session *session, struct command_state *state,
                           const struct bytes *argv, int argc, const char *format)
{
    struct buffer error = {0};
    acl_append_refusal(format, session, state, &error);
    refuse(session, state, argv, argc, error.data);
    buffer_clear(&error);
}

/* The keys are not this node's to serve. True: the client was told so. EXEC, which no monitor then
 * sees, ends its transaction. */
static bool redirect(struct session *session, struct command_state *state,
                     const struct acl_request *request)
{
    struct reply *reply = &session->writer.reply;
    uint64_t before = reply->errors;
    size_t start = session->output.size;
    const char *error = cluster_redirect_find(session, request);
    if (!error)
        return false;
    state->rejected++;
    reply_error(reply, error);
    count_new_errors(session, reply, before);
    tell_refused(session, state, request->argv, start);
    if (state->command->flags & COMMAND_ABORTS_TRANSACTION)
        transaction_discard(session);
    else if (session->flags & SESSION_IN_MULTI)
        session->flags |= SESSION_DIRTY_EXEC;
    return true;
}

/* A browser that was tricked into talking to this port speaks HTTP: Redis closes without a word, so
 * that a web page can't smuggle commands in behind its headers. */
static bool is_http(struct bytes name)
{
    return bytes_equal_ignoring_case(name, "POST") || bytes_equal_ignoring_case(name, "Host:");
}

static void process(struct session *session, const struct bytes *argv, int argc)
{
    struct engine *engine = session->engine;
    struct reply *reply = &session->writer.reply;
    uint64_t errors = reply->errors;
    size_t start = session->output.size;
    struct command_state *state = find(engine, argv, argc, reply);
    session->last_command = state;
    if (!state && is_http(argv[0])) {
        session_close(session, false);
        return;
    }
    if (!state) {
        if (session->flags & SESSION_IN_MULTI)
            session->flags |= SESSION_DIRTY_EXEC;
        count_new_errors(session, reply, errors);
        tell_refused(session, NULL, argv, start);
        return;
    }
    const struct command *command = state->command;
    if (!dispatch_arity_is_right(command, argc) || !command->run) {
        char error[SHOWN_BYTES + 64];
        snprintf(error, sizeof error, ERROR_ARITY, state->name);
        refuse(session, state, argv, argc, error);
        return;
    }
    const struct acl_request request = {
        .state = state,
        .argv = argv,
        .argc = argc,
        .context = session->flags & SESSION_IN_MULTI ? ACL_LOG_MULTI : ACL_LOG_TOPLEVEL};
    const char *refusal = admission_find_refusal(session, &request);
    if (!refusal && engine->cluster && !(session->flags & SESSION_OBEYED) &&
        redirect(session, state, &request))
        return;
    if (!refusal)
        refusal = admission_find_obstacle(session, &request);
    if (refusal) {
        refuse_by_name(session, state, argv, argc, refusal);
        return;
    }
    bool is_held = engine->is_held && !(command->flags & COMMAND_ALLOW_BUSY);
    if (is_held || (engine->blocking.pause != PAUSE_NONE &&
                    admission_is_paused(session, command, argv, argc))) {
        blocking_hold(session, argv, argc, &engine->blocking.postponed, KEYSPACE_NEVER);
        return;
    }
    if (!list_is_empty(&engine->observers) && observer_arrives(session, state, argv, argc))
        return;
    if (session->flags & SESSION_IN_MULTI && !(command->flags & COMMAND_ENDS_QUEUEING)) {
        transaction_queue(session, state, argv, argc);
        reply_simple(reply, "QUEUED");
        return;
    }
    dispatch_run(session, state, argv, argc, reply);
}

/* CLIENT REPLY SKIP silences the command after it, then the session speaks again. */
static void update_silence(struct session *session)
{
    if (!(session->flags & (SESSION_REPLY_SKIP | SESSION_REPLY_SKIP_NEXT))) {
        session->writer.discards = session->flags & SESSION_REPLY_OFF;
        return;
    }
    session->flags &= (uint32_t)~SESSION_REPLY_SKIP;
    if (session->flags & SESSION_REPLY_SKIP_NEXT) {
        session->flags &= (uint32_t)~SESSION_REPLY_SKIP_NEXT;
        session->flags |= SESSION_REPLY_SKIP;
    }
    session->writer.discards = session->flags & (SESSION_REPLY_OFF | SESSION_REPLY_SKIP);
}

void dispatch_end_request(struct session *session)
{
    if (session->flags & (SESSION_REPLY_OFF | SESSION_REPLY_SKIP | SESSION_REPLY_SKIP_NEXT) ||
        session->writer.discards)
        update_silence(session);
}

/* CLIENT CACHING holds for the next command, or transaction. */
static void end_caching(struct session *session)
{
    const struct command_state *state = session->last_command;
    bool keeps = state && state->command->flags & COMMAND_KEEPS_CACHING;
    if (!keeps && !(session->flags & SESSION_IN_MULTI))
        session->tracker->flags &= (uint32_t)~TRACKING_CACHING;
}

/* ASKING holds for the next command, or transaction. */
static void end_asking(struct session *session)
{
    if (session->flags & SESSION_ASKING_FROM_NEXT)
        session->flags &= (uint32_t)~SESSION_ASKING_FROM_NEXT;
    else if (!(session->flags & SESSION_IN_MULTI) && !blocking_is_held(session))
        session->flags &= (uint32_t)~SESSION_ASKING;
}

/* Nothing can have fallen due since the clock was read, if that is not worth a second look. */
static void begin_request(struct engine *engine)
{
    struct engine_batch *batch = &engine->batch;
    batch->began = batch->is_on && batch->ended ? batch->ended : stopwatch_ticks();
    batch->ended = 0;
    if (batch->is_on && batch->began - batch->clock < batch->patience)
        return;
    engine_tick(engine);
    batch->clock = batch->began;
}

/* An empty line is the next command, too, to all that holds for the next one. */
static void end_empty_request(struct session *session)
{
    dispatch_end_request(session);
    if (session->flags & SESSION_IN_MULTI)
        return;
    if (session->tracker)
        session->tracker->flags &= (uint32_t)~TRACKING_CACHING;
    session->flags &= (uint32_t) ~(SESSION_ASKING | SESSION_ASKING_FROM_NEXT);
}

void session_execute(struct session *session, const struct bytes *argv, int argc)
{
    struct engine *engine = session->engine;
    if (argc == 0) {
        end_empty_request(session);
        return;
    }
    CHECK(!session->blocked);
    if (engine->depth == 0)
        begin_request(engine);
    else if (engine->busy_error) /* the script's time stands still, theirs does not */
        engine->now_us = clock_now_us(engine->clock);
    session->active_us = engine->now_us;
    session->command_count++;
    process(session, argv, argc);
    engine->batch.began = 0;
    session->active_us = engine->now_us; /* the command may have moved the clock */
    if (!session->blocked)
        dispatch_end_request(session);
    if (session->tracker && !blocking_is_held(session))
        end_caching(session);
    if (session->flags & SESSION_ASKING)
        end_asking(session);
    if (engine->depth == 0)
        blocking_serve(engine);
    if (engine->depth == 0 && !session->transport) {
        tracking_broadcast(engine);
        journal_file_flush(engine);
    }
}

/* In Redis's order. NULL: the command may run. */
static const char *find_script_refusal(const struct session *session,
                                       const struct command_state *state, int argc)
{
    const struct engine *engine = session->engine;
    if (state && dispatch_arity_is_right(state->command, argc) && state->command->run &&
        !(state->flags & COMMAND_NOSCRIPT) && !engine->replication.host)
        return NULL;
    bool is_new = engine_emulates(engine, 7, 0);
    if (!state)
        return is_new ? ERROR_SCRIPT_UNKNOWN_COMMAND : ERROR_SCRIPT_UNKNOWN_COMMAND_BEFORE_7;
    const struct command *command = state->command;
    if (!dispatch_arity_is_right(command, argc) || !command->run)
        return is_new ? ERROR_SCRIPT_ARITY : ERROR_SCRIPT_ARITY_BEFORE_7;
    bool may_debug = engine->lets_scripts_debug && command->flags & COMMAND_PROTECTED;
    if (state->flags & COMMAND_NOSCRIPT && !may_debug)
        return is_new ? ERROR_SCRIPT_NOT_ALLOWED : ERROR_SCRIPT_NOT_ALLOWED_BEFORE_7;
    if (!(command->flags & COMMAND_STALE) && admission_refuses_reads(session))
        return ERROR_SCRIPT_STALE;
    return NULL;
}

/* The same for what comes behind the user's rights. */
static const char *find_late_refusal(const struct session *session, const struct command *command,
                                     const struct dispatch_script_options *options)
{
    const struct engine *engine = session->engine;
    if (options->is_read_only && command->flags & (COMMAND_WRITE | COMMAND_MAY_REPLICATE))
        return ERROR_SCRIPT_READ_ONLY;
    const char *obstacle = command->flags & COMMAND_WRITE && !options->was_write
                               ? admission_find_write_obstacle(session)
                               : NULL;
    if (obstacle)
        return obstacle;
    if (options->refuses_random_writes && options->was_random && command->flags & COMMAND_WRITE)
        return ERROR_SCRIPT_RANDOM_WRITE;
    if (engine_lacks_memory(engine) && !options->allows_oom && !options->was_write &&
        command->flags & COMMAND_DENYOOM)
        return ERROR_OOM;
    return command->flags & COMMAND_WRITE ? admission_file_refusal(engine) : NULL;
}

static const char *find_redirection(struct session *session, const struct acl_request *request,
                                    struct dispatch_script_options *options)
{
    if (!session->engine->cluster || session->flags & SESSION_OBEYED)
        return NULL;
    return cluster_redirect_find_in_script(session, request, options);
}

/* True: the script's caller may not do that, and the error was answered. */
static bool deny_script(struct session *session, const struct acl_request *request,
                        struct reply *reply)
{
    struct engine *engine = session->engine;
    if (session->user->is_unrestricted)
        return false;
    enum acl_verdict verdict = acl_judge(session, request);
    if (verdict == ACL_ALLOWED)
        return false;
    if (!engine_emulates(engine, 7, 2)) {
        reply_error(reply, verdict == ACL_DENIED_KEY       ? ERROR_SCRIPT_USER_KEY
                           : verdict == ACL_DENIED_CHANNEL ? ERROR_SCRIPT_USER_CHANNEL
                                                           : ERROR_SCRIPT_USER_COMMAND);
        return true;
    }
    struct buffer error = {0};
    const char *format = acl_refusal(engine, verdict);
    buffer_append_string(&error, ERROR_NOPERM_IN_SCRIPT);
    acl_append_refusal(format + strlen("NOPERM "), session, request->state, &error);
    reply_error(reply, error.data);
    buffer_clear(&error);
    return true;
}

void dispatch_script_call(struct session *session, struct command_state *state,
                          const struct bytes *argv, int argc, struct reply *reply,
                          struct dispatch_script_options *options)
{
    struct engine *engine = session->engine;
    const struct acl_request request = {
        .state = state, .argv = argv, .argc = argc, .context = ACL_LOG_LUA};
    options->refusal = find_script_refusal(session, state, argc);
    bool is_denied = !options->refusal && deny_script(session, &request, reply);
    if (!options->refusal && !is_denied)
        options->refusal = find_late_refusal(session, state->command, options);
    if (!options->refusal && !is_denied)
        options->refusal = find_redirection(session, &request, options);
    if (options->refusal || is_denied) {
        if (state && engine_emulates(engine, 7, 0))
            state->rejected++;
        if (options->refusal)
            reply_error(reply, options->refusal);
        if (!list_is_empty(&engine->observers))
            observer_refused(
                session, state, state ? bytes_of(state->name, state->name_size) : argv[0],
                bytes_of_string(options->refusal ? options->refusal : reply->error_code));
        return;
    }
    if (state->command->flags & COMMAND_WRITE)
        options->was_write = true;
    if (options->refuses_random_writes && command_is_random(state->command))
        options->was_random = true;
    session->last_command = state;
    dispatch_run(session, state, argv, argc, reply);
}
