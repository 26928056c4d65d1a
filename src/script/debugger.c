/* SPDX-License-Identifier: MIT */
/*
 * A session begins and ends with one EVAL. In between, the script runs, or it stands still in
 * hook() while the client is talked with. All that the hook owns belongs to the session, so it may
 * raise a Lua error at its end.
 */
#include "script/debugger.h"

#include "base/clock.h"
#include "base/memory.h"
#include "keyspace/snapshot.h"
#include "reply/errors.h"
#include "script/debugger_commands.h"
#include "script/debugger_print.h"
#include "script/debugger_private.h"
#include "script/debugger_reply.h"
#include "script/hooks.h"
#include "script/script_errors.h"

#define INSTRUCTIONS 100000 /* between looks at the time */
#define DEFAULT_LIMIT                                                                              \
    5000 /* ms a script may run without a stop, if busy-reply-threshold is off                     \
          */
#define INPUT_LIMIT ((size_t)1 << 20) /* bytes received that are no whole command yet */
#define SHOWN_WORDS 10                /* of a command */

static struct debugger *debugger_of(lua_State *L)
{
    return interpreter_of(L)->debugger;
}

/* --- the talk --- */

/* False: the client has gone, or the server is to stop. */
static bool converse(struct debugger *debugger, struct bytes output, bool waits)
{
    struct engine *engine = debugger->interpreter->engine;
    if ((waits && debugger->is_alone) || engine->is_stopping)
        return false;
    engine->is_held = true;
    bool is_there = engine->host.converse(engine->host.context, debugger->session, output,
                                          &debugger->input, waits);
    engine->is_held = false;
    return is_there && !engine->is_stopping;
}

static void send_log(struct debugger *debugger)
{
    struct buffer output = {0};
    debugger_log_take(&debugger->log, &output);
    converse(debugger, buffer_bytes(&output), false);
    buffer_clear(&output);
}

/* Waits until more bytes have come. */
static bool receive(struct debugger *debugger)
{
    size_t before = debugger->input.size;
    while (debugger->input.size == before)
        if (debugger->interpreter->run->is_killed || !converse(debugger, bytes_of(NULL, 0), true))
            return false;
    return true;
}

enum talk {
    TALK_GOES_ON,
    TALK_ENDED, /* nobody is there, or wants to hear more */
    TALK_RAISES,
};

/* The next command is in debugger->request, and stays in `input` for now. */
static enum talk next_request(struct debugger *debugger, const char **error)
{
    for (;;) {
        switch (debugger_request_parse(buffer_bytes(&debugger->input), &debugger->request)) {
        case DEBUGGER_REQUEST_COMPLETE:
            return TALK_GOES_ON;
        case DEBUGGER_REQUEST_INVALID:
            *error = ERROR_DEBUGGER_PROTOCOL;
            return TALK_RAISES;
        case DEBUGGER_REQUEST_PARTIAL:
            break;
        }
        if (debugger->input.size > INPUT_LIMIT) {
            *error = ERROR_DEBUGGER_INPUT;
            return TALK_RAISES;
        }
        if (!receive(debugger))
            return TALK_ENDED;
    }
}

/* Until the script is to go on, or to end. */
static enum talk talk(struct debugger *debugger, lua_State *L, const char **error)
{
    for (;;) {
        enum talk talk = next_request(debugger, error);
        if (talk != TALK_GOES_ON)
            return talk;
        enum debugger_verdict verdict = debugger_commands_run(debugger, L);
        buffer_consume(&debugger->input, debugger->request.consumed);
        if (verdict == DEBUGGER_GOES_ON)
            return TALK_GOES_ON;
        if (verdict == DEBUGGER_ABORTS) {
            *error = ERROR_DEBUGGER_ABORT;
            return TALK_RAISES;
        }
        send_log(debugger);
    }
}

/* --- the hook --- */

static int64_t time_limit_ms(const struct debugger *debugger)
{
    int64_t limit_ms = config_integer(debugger->interpreter->engine->config, CONFIG_LUA_TIME_LIMIT);
    return limit_ms > 0 ? limit_ms : DEFAULT_LIMIT;
}

/* Why the script stops here; NULL when it does not. */
static const char *find_reason(const struct debugger *debugger, const lua_Debug *activation)
{
    if (debugger->must_stop)
        return "redis.breakpoint() called";
    if (debugger_commands_is_breakpoint(debugger, debugger->line))
        return "break point";
    if (debugger->is_stepping)
        return "step over";
    int64_t limit_us = time_limit_ms(debugger) * 1000;
    if (activation->event == LUA_HOOKCOUNT &&
        clock_monotonic_us() - debugger->resumed_us >= limit_us)
        return "timeout reached, infinite loop?";
    return NULL;
}

/* Nobody listens any more. A script that is to be undone need not go on. */
static void leave_alone(struct debugger *debugger, lua_State *L)
{
    struct interpreter *interpreter = debugger->interpreter;
    debugger->is_alone = true;
    debugger->is_stepping = debugger->must_stop = false;
    if (debugger->snapshot || interpreter->engine->is_stopping) {
        interpreter->run->is_killed = true;
    } else if (!interpreter->run->is_killed) {
        hooks_install(interpreter->L);
        hooks_install(L);
    }
}

/* Raises when the script is to end. */
static void stop(struct debugger *debugger, lua_State *L, const char *reason)
{
    struct interpreter *interpreter = debugger->interpreter;
    const char *error = NULL;
    interpreter->memory.is_strict = true;
    debugger->is_stepping = debugger->must_stop = false;
    debugger_log_format(&debugger->log, "* Stopped at %d, stop reason = %s", debugger->line,
                        reason);
    debugger_commands_show_line(debugger, debugger->line);
    send_log(debugger);
    enum talk outcome = talk(debugger, L, &error);
    if (outcome == TALK_ENDED && !interpreter->run->is_killed)
        leave_alone(debugger, L);
    debugger->resumed_us = clock_monotonic_us();
    interpreter->memory.is_strict = false;
    if (outcome == TALK_RAISES)
        script_errors_raise(L, error);
    if (interpreter->run->is_killed)
        hooks_kill_run(interpreter, L);
}

static void hook(lua_State *L, lua_Debug *activation)
{
    struct debugger *debugger = debugger_of(L);
    if (!debugger)
        return;
    if (debugger->is_alone) { /* a coroutine that was made before the client went */
        hooks_look(L, activation);
        return;
    }
    if (activation->event != LUA_HOOKCOUNT)
        hooks_look(L, activation);
    if (activation->event != LUA_HOOKCOUNT && activation->event != LUA_HOOKLINE)
        return;
    lua_getinfo(L, "Sl", activation);
    debugger->line = activation->currentline;
    if (!strstr(activation->short_src, debugger->chunk))
        return;
    const char *reason = find_reason(debugger, activation);
    if (reason)
        stop(debugger, L, reason);
}

void debugger_attach(struct interpreter *interpreter)
{
    if (!interpreter->debugger)
        return;
    interpreter->debugger->resumed_us = clock_monotonic_us();
    lua_sethook(interpreter->L, hook, hooks_events(interpreter) | LUA_MASKLINE | LUA_MASKCOUNT,
                INSTRUCTIONS);
}

void debugger_detach(struct interpreter *interpreter)
{
    if (interpreter->debugger)
        hooks_install(interpreter->L);
}

/* --- a session --- */

static bool has_unsent_replies(const struct session *session)
{
    return session->output.size || session_measure(session).unsent;
}

bool debugger_may_switch(const struct session *session, bool is_on)
{
    if (!session->transport || !session->transport->converses || !session->engine->host.converse)
        return !is_on;
    return !has_unsent_replies(session);
}

static void split_lines(struct debugger *debugger, struct bytes source)
{
    while (source.size &&
           (source.data[source.size - 1] == '\n' || source.data[source.size - 1] == '\r'))
        source.size--;
    int capacity = 0;
    while (source.size) {
        const char *end = memchr(source.data, '\n', source.size);
        size_t size = end ? (size_t)(end - source.data) : source.size;
        if (debugger->line_count == capacity) {
            capacity = capacity ? capacity * 2 : 64;
            debugger->lines =
                memory_resize(debugger->lines, (size_t)capacity * sizeof *debugger->lines);
        }
        debugger->lines[debugger->line_count++] = bytes_of(source.data, size);
        size += end != NULL;
        source = bytes_of(source.data + size, source.size - size);
    }
}

/* What the script does from now on will be undone, so nobody is told of it. */
static void begin_trial(struct debugger *debugger)
{
    struct engine *engine = debugger->interpreter->engine;
    debugger->snapshot = snapshot_take(&engine->keyspace);
    debugger->random = engine->random;
    debugger->script_random = *debugger->interpreter->random;
    debugger->changes = engine->stats.changes;
    engine->is_trial = true;
}

static void end_trial(struct debugger *debugger)
{
    struct engine *engine = debugger->interpreter->engine;
    if (!debugger->snapshot)
        return;
    snapshot_restore(debugger->snapshot);
    snapshot_free(debugger->snapshot);
    engine->random = debugger->random;
    *debugger->interpreter->random = debugger->script_random;
    engine->stats.changes = debugger->changes;
    engine->is_trial = false;
    engine_deadline_moved(engine);
}

bool debugger_start(struct interpreter *interpreter, struct call *call, struct bytes source,
                    const char *chunk)
{
    struct session *session = call->session;
    if (!(session->flags & SESSION_DEBUGS) || script_run_current(call->engine) ||
        !call->engine->host.converse)
        return false;
    struct debugger *debugger = memory_zeroed(sizeof *debugger);
    debugger->interpreter = interpreter;
    debugger->session = session;
    debugger->chunk = chunk;
    debugger->is_stepping = true;
    debugger_log_init(&debugger->log);
    split_lines(debugger, source);
    if (!(session->flags & SESSION_DEBUGS_IN_PLACE))
        begin_trial(debugger);
    interpreter->debugger = debugger;
    engine_log(call->engine, 2, "Debugging session started%s",
               debugger->snapshot ? "" : ", changes stay");
    return true;
}

void debugger_finish(struct interpreter *interpreter)
{
    struct debugger *debugger = interpreter->debugger;
    bool is_abandoned = debugger->is_alone && debugger->snapshot;
    debugger_log_format(&debugger->log, "<endsession>");
    if (!is_abandoned)
        send_log(debugger);
    end_trial(debugger);
    /* redis-cli sends something at once, and would be ended by SIGPIPE if nobody were there. */
    debugger->session->flags |= SESSION_CLOSE_SOFTLY;
    session_close(debugger->session, !is_abandoned);
    engine_log(interpreter->engine, 2, "Debugging session ended");
    interpreter->debugger = NULL;
    memory_free(debugger->lines);
    debugger_log_clear(&debugger->log);
    buffer_clear(&debugger->input);
    debugger_request_clear(&debugger->request);
    memory_free(debugger);
}

bool debugger_undoes(const struct interpreter *interpreter)
{
    return interpreter->debugger && interpreter->debugger->snapshot;
}

/* --- what the script calls --- */

bool debugger_break(struct interpreter *interpreter)
{
    if (!interpreter->debugger || interpreter->debugger->is_alone)
        return false;
    interpreter->debugger->must_stop = true;
    return true;
}

void debugger_show_arguments(lua_State *L)
{
    struct debugger *debugger = debugger_of(L);
    if (!debugger || debugger->is_alone)
        return;
    struct lua_memory *memory = &debugger->interpreter->memory;
    bool was_strict = memory->is_strict;
    memory->is_strict = true;
    struct buffer line = {0};
    int count = lua_gettop(L);
    buffer_append_format(&line, "<debug> line %d: ", debugger->line);
    for (int i = 1; i <= count; i++) {
        debugger_print_value(L, i, &line, DEBUGGER_LOG_LIMIT);
        if (i < count)
            buffer_append_string(&line, ", ");
    }
    debugger_log_line(&debugger->log, buffer_bytes(&line));
    buffer_clear(&line);
    memory->is_strict = was_strict;
}

bool debugger_is_watching(const struct interpreter *interpreter)
{
    return interpreter->debugger && interpreter->debugger->is_stepping;
}

void debugger_show_call(struct interpreter *interpreter, const struct bytes *argv, int argc)
{
    struct buffer line = {0};
    buffer_append_string(&line, "<redis>");
    for (int i = 0; i < argc && i < SHOWN_WORDS; i++) {
        buffer_append_byte(&line, ' ');
        buffer_append_bytes(&line, argv[i]);
    }
    if (argc > SHOWN_WORDS)
        buffer_append_format(&line, " ... (%d more)", argc - SHOWN_WORDS - 1);
    debugger_log_line(&interpreter->debugger->log, buffer_bytes(&line));
    buffer_clear(&line);
}

void debugger_show_error(struct interpreter *interpreter, const char *text)
{
    if (!debugger_is_watching(interpreter))
        return;
    if (strncmp(text, "ERR ", 4) == 0)
        text += 4;
    debugger_log_format(&interpreter->debugger->log, "<error> %s", text);
}

void debugger_show_answer(struct interpreter *interpreter, struct debugger_reply *noted,
                          bool was_refused)
{
    struct debugger_log *log = &interpreter->debugger->log;
    struct bytes encoded = debugger_reply_end(noted);
    if (*encoded.data == '-') {
        size_t skipped = was_refused && strncmp(encoded.data + 1, "ERR ", 4) == 0 ? 5 : 0;
        debugger_log_format(log, "<error> %.*s", (int)(encoded.size - skipped - 2),
                            encoded.data + skipped);
    }
    if (was_refused)
        return;
    struct buffer line = {0};
    buffer_append_string(&line, "<reply> ");
    debugger_reply_show(encoded, &line);
    debugger_log_value(log, buffer_bytes(&line));
    buffer_clear(&line);
}
