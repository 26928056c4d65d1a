/* SPDX-License-Identifier: MIT */
/*
 * MOCK: what a test may do to the server and Redis never lets it. Not a Redis command; refused
 * unless `enable-mock-command` allows it.
 */
#include <string.h>

#include "controls/virtual_clock.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"
#include "script/interpreter.h"

#define LATEST_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

enum permission { PERMISSION_NO, PERMISSION_YES, PERMISSION_LOCAL }; /* the directive's words */

/* A session without a stream is in this process; 127.0.0.0/8, ::1 and a Unix socket are this
 * machine. */
static bool is_local(const struct session *session)
{
    struct session_stream stream = {0};
    if (!session->transport || !session->transport->describe)
        return true;
    session->transport->describe(session, &stream);
    return stream.is_unix_socket || strncmp(stream.address, "127.", 4) == 0 ||
           strncmp(stream.address, "[::1]:", 6) == 0 || strncmp(stream.address, "::1:", 4) == 0;
}

static bool is_allowed(struct call *call)
{
    int64_t permission = call_config(call, CONFIG_ENABLE_MOCK_COMMAND);
    if (permission == PERMISSION_YES || (permission == PERMISSION_LOCAL && is_local(call->session)))
        return true;
    reply_error(call->reply,
                permission == PERMISSION_LOCAL ? ERROR_MOCK_NOT_LOCAL : ERROR_MOCK_DISABLED);
    return false;
}

/* --- MOCK CLOCK --- */

static struct virtual_clock *clock_of(const struct call *call)
{
    return call->engine->virtual_clock;
}

static int64_t read_clock(const struct call *call)
{
    return clock_now_us(&clock_of(call)->clock);
}

static void arrive(struct call *call, int64_t now_us)
{
    virtual_clock_set(clock_of(call), now_us);
    call->engine->now_us = now_us;
    keyspace_set_time(&call->engine->keyspace, now_us / 1000);
    blocking_expire(call->engine);
}

/* Stops at each moment on the way at which something falls due. */
static void travel(struct call *call, int64_t target_us)
{
    struct engine *engine = call->engine;
    for (;;) {
        int64_t due_ms = engine_next_deadline(engine);
        if (due_ms == KEYSPACE_NEVER || due_ms > target_us / 1000)
            break;
        if (due_ms * 1000 > read_clock(call))
            arrive(call, due_ms * 1000);
        else
            arrive(call, read_clock(call));
        if (engine_next_deadline(engine) == due_ms) /* expiry is switched off */
            break;
    }
    arrive(call, target_us);
}

static void answer_time(struct call *call)
{
    if (call->engine->host.deadline_moved)
        call->engine->host.deadline_moved(call->engine->host.context);
    reply_integer(call->reply, read_clock(call) / 1000);
}

static void freeze(struct call *call)
{
    int64_t ms;
    if (call->argc == 4) {
        if (!call_integer_between(call, 3, 0, LATEST_MS, &ms, ERROR_MOCK_CLOCK_TIME))
            return;
        virtual_clock_freeze(clock_of(call));
        travel(call, ms * 1000);
    } else {
        virtual_clock_freeze(clock_of(call));
    }
    answer_time(call);
}

static void set_time(struct call *call)
{
    int64_t ms;
    if (!call_integer_between(call, 3, 0, LATEST_MS, &ms, ERROR_MOCK_CLOCK_TIME))
        return;
    travel(call, ms * 1000);
    answer_time(call);
}

static void advance(struct call *call)
{
    int64_t ms;
    int64_t now_us = read_clock(call);
    if (!call_integer_between(call, 3, -now_us / 1000, LATEST_MS - now_us / 1000, &ms,
                              ERROR_MOCK_CLOCK_SPAN))
        return;
    travel(call, now_us + ms * 1000);
    answer_time(call);
}

static void resume(struct call *call)
{
    virtual_clock_resume(clock_of(call));
    arrive(call, read_clock(call));
    virtual_clock_resume(clock_of(call));
    answer_time(call);
}

static void mock_clock(struct call *call)
{
    static const struct {
        const char *word;
        int least, most; /* argc */
        void (*run)(struct call *call);
    } options[] = {{"FREEZE", 3, 4, freeze},
                   {"SET", 4, 4, set_time},
                   {"ADVANCE", 4, 4, advance},
                   {"RESUME", 3, 3, resume},
                   {"GET", 3, 3, answer_time}};
    if (!is_allowed(call))
        return;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!call_is(call, 2, options[i].word))
            continue;
        if (call->argc < options[i].least || call->argc > options[i].most)
            reply_error_format(call->reply, ERROR_MOCK_CLOCK_ARITY, options[i].word);
        else
            options[i].run(call);
        return;
    }
    reply_error_format(call->reply, ERROR_MOCK_CLOCK_OPTION, BYTES_PRINT(call->argv[2]));
}

/* --- the others --- */

static void mock_reset(struct call *call)
{
    if (!is_allowed(call))
        return;
    virtual_clock_resume(clock_of(call));
    engine_reset(call->engine);
    interpreter_reset(call->engine->interpreter);
    if (call->engine->host.deadline_moved)
        call->engine->host.deadline_moved(call->engine->host.context);
    reply_ok(call->reply);
}

static void mock_seed(struct call *call)
{
    int64_t seed;
    if (!is_allowed(call) || !call_integer(call, 2, &seed, ERROR_MOCK_SEED))
        return;
    engine_seed(call->engine, (uint64_t)seed);
    reply_ok(call->reply);
}

static void mock_help(struct call *call)
{
    static const char *const lines[] = {
        "MOCK <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CLOCK FREEZE [ms]",
        "    Stop time at this moment, or at a moment in milliseconds since the epoch.",
        "CLOCK SET ms",
        "    Set the time, in milliseconds since the epoch. What falls due on the way happens.",
        "CLOCK ADVANCE ms",
        "    Move the time by milliseconds. What falls due on the way happens, in order.",
        "CLOCK RESUME",
        "    Bring real time back.",
        "CLOCK GET",
        "    Answer the time in milliseconds since the epoch, as the other CLOCK options do.",
        "RESET",
        "    Bring back the state at start: no keys, no scripts, real time, first configuration.",
        "SEED n",
        "    Make every random choice from now on repeatable.",
        "HELP",
        "    Print this help.",
        NULL};
    reply_lines(call->reply, lines);
}

#define MOCK_FLAGS                                                                                 \
    (COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_NO_MULTI |       \
     COMMAND_OURS)

static const struct command mock_subcommands[] = {
    {.name = "CLOCK",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .group = "mock",
     .summary = "Stops, sets and moves the server's time.",
     .complexity = "O(N log N) for N keys that expire",
     .run = mock_clock},
    {.name = "HELP",
     .arity = 2,
     .flags = COMMAND_LOADING | COMMAND_STALE | COMMAND_OURS,
     .group = "mock",
     .summary = "Lists the subcommands.",
     .complexity = "O(1)",
     .run = mock_help},
    {.name = "RESET",
     .arity = 2,
     .flags = MOCK_FLAGS,
     .group = "mock",
     .summary = "Brings back the state at start.",
     .complexity = "O(N) for N keys",
     .run = mock_reset},
    {.name = "SEED",
     .arity = 3,
     .flags = MOCK_FLAGS,
     .group = "mock",
     .summary = "Makes random choices repeatable.",
     .complexity = "O(1)",
     .run = mock_seed},
    {0},
};

const struct command mock_commands[] = {
    {.name = "MOCK",
     .arity = -2,
     .flags = COMMAND_OURS,
     .group = "mock",
     .summary = "Container of commands that control the mock server.",
     .complexity = "As the subcommand.",
     .subcommands = mock_subcommands},
    {0},
};
