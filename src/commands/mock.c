/* SPDX-License-Identifier: MIT */
/*
 * MOCK: what a test may do to the server and Redis never lets it. Not a Redis command; refused
 * unless `enable-mock-command` allows it.
 */
#include "commands/mock.h"

#include <string.h>

#include "controls/controls.h"
#include "controls/snapshots.h"
#include "controls/virtual_clock.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"
#include "script/interpreter.h"

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

static const char *find_refusal(const struct session *session)
{
    int64_t permission = config_integer(session->engine->config, CONFIG_ENABLE_MOCK_COMMAND);
    if (permission == PERMISSION_YES || (permission == PERMISSION_LOCAL && is_local(session)))
        return NULL;
    return permission == PERMISSION_LOCAL ? ERROR_MOCK_NOT_LOCAL : ERROR_MOCK_DISABLED;
}

bool mock_is_allowed(struct call *call)
{
    const char *refusal = find_refusal(call->session);
    if (refusal)
        reply_error(call->reply, refusal);
    return !refusal;
}

void mock_run_option(struct call *call, const struct mock_option *options, const char *usage)
{
    if (!mock_is_allowed(call))
        return;
    for (; options->word; options++) {
        if (!call_is(call, 2, options->word))
            continue;
        if (call->argc < options->least || call->argc > options->most)
            reply_error_format(call->reply, ERROR_MOCK_OPTION_ARITY, call->command->name,
                               options->word, usage);
        else
            options->run(call);
        return;
    }
    reply_error_format(call->reply, ERROR_MOCK_OPTION, call->command->name,
                       BYTES_PRINT(call->argv[2]), usage);
}

static void mock_reset(struct call *call)
{
    if (!mock_is_allowed(call))
        return;
    controls_reset(call->engine->controls);
    virtual_clock_start(call->engine->virtual_clock,
                        bytes_of_string(config_string(call->engine->config, CONFIG_CLOCK)));
    engine_reset(call->engine);
    interpreter_reset(call->engine->interpreter);
    snapshots_reset(call);
    struct buffer problem = {0};
    bool is_seeded = controls_load_configured_seed(call->engine->controls, &problem) >= 0;
    engine_deadline_moved(call->engine);
    if (is_seeded)
        reply_ok(call->reply);
    else
        reply_error_format(call->reply, ERROR_MOCK_SEED_FILE, BYTES_PRINT(buffer_bytes(&problem)));
    buffer_clear(&problem);
}

static void mock_seed(struct call *call)
{
    int64_t seed;
    if (!mock_is_allowed(call) || !call_integer(call, 2, &seed, ERROR_MOCK_SEED))
        return;
    engine_seed(call->engine, (uint64_t)seed);
    reply_ok(call->reply);
}

static void mock_help(struct call *call)
{
    static const char *const lines[] = {
        "MOCK <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CALLS ON [max]",
        "    Record the commands that run from now on: the latest ten thousand, or so many.",
        "CALLS [COMMAND glob] [KEY glob] [CLIENT glob] [ID client-id] [SINCE id] [COUNT n]",
        "    The recorded calls, oldest first: those that fit; with SINCE the first n behind",
        "    that one, else the latest n.",
        "CALLS OFF",
        "    Record no more.",
        "CALLS CLEAR",
        "    Forget what was recorded.",
        "CHECK key [value ...]",
        "    Whether the key holds exactly this: a text; elements in order; members, fields with",
        "    values or members with scores in any order; ids with fields and values. Without a",
        "    value, whether it is absent. If not, the error shows the difference.",
        "CLOCK FREEZE [ms]",
        "    Stop time at this moment, or at a moment in milliseconds since the epoch.",
        "CLOCK SET ms",
        "    Set the time, in milliseconds since the epoch. What falls due on the way happens.",
        "CLOCK ADVANCE ms",
        "    Move the time by milliseconds. What falls due on the way happens, in order.",
        "CLOCK NEXT",
        "    Move the time to the next thing that will happen: an expiry, the end of a wait.",
        "CLOCK RATE factor",
        "    Let time run on from here, so many times as fast as real time.",
        "CLOCK RESUME",
        "    Bring real time back.",
        "CLOCK GET",
        "    Answer the time in milliseconds since the epoch, as the other CLOCK options do.",
        "COUNT [COMMAND glob] [KEY glob] [CLIENT glob] [ID client-id] [SINCE id]",
        "    How many calls were recorded that fit.",
        "COVERAGE REPORT",
        "    Answer which lines of scripts have run, script by script and in all.",
        "COVERAGE RESET",
        "    Count from the start again.",
        "COVERAGE WRITE [path]",
        "    Write the report for lcov, by default to where the server writes it at its end.",
        "DUMP [glob]",
        "    The keys that fit as text: the commands that make them, as redis-cli takes them.",
        "EXPECT name [COMMAND glob] [ARGS glob ...] [KEY glob] [CLIENT glob] [ID client-id]",
        "       [SCRIPT sha1] [TIMES n] [MIN n] [MAX n] [AFTER name]",
        "    Expect such a command from now on: at least once, so many times, after another.",
        "    There is a glob for each argument; a last one of ... stands for any others.",
        "FASTFORWARD ms",
        "    As CLOCK ADVANCE, forward.",
        "FAULT ADD name [condition ...] action",
        "    Let something go wrong. Conditions (all must hold; without one every command is "
        "meant):",
        "    * COMMAND glob, KEY glob, CLIENT glob (its name), ID client-id",
        "    * SCRIPT sha1|function|library: what that script calls, or with COMMAND the request",
        "      that runs it",
        "    * SKIP n, TIMES n, PROBABILITY p: not the first n, n times, with a chance of p",
        "    Actions:",
        "    * ERROR text; NOSCRIPT, BUSY, LOADING, READONLY, OOM, CLUSTERDOWN, MOVED slot",
        "      host:port: an error, and the command does not run",
        "    * REPLY raw: these bytes, and the command does not run",
        "    * CLOSE BEFORE|AFTER: the connection ends before or after the command has run",
        "    * NOREPLY BEFORE|AFTER: the same with a reply that never comes",
        "    * TRUNCATE bytes: so much of the reply, then the connection ends",
        "    * SLOW bytes-per-second: the reply trickles out",
        "    * DELAY ms: the command is held, by the server's clock",
        "    * REFUSE: new connections are closed at once",
        "FAULT LIST",
        "    The faults, and how often each has come.",
        "FAULT REMOVE name",
        "    Remove a fault.",
        "FAULT CLEAR",
        "    Remove all faults.",
        "GATE ADD name [condition ...] [NTH n]",
        "    Hold clients before such a command (of a script: before the script as a whole).",
        "GATE OPEN name",
        "    Let the held clients go, and hold nobody from now on.",
        "GATE WAIT name [timeout-ms]",
        "    Wait until the gate holds a client; its id is the answer. Real time counts; without",
        "    a timeout it is ten seconds, 0 is no end.",
        "GATE LIST",
        "    The gates, and whom they hold.",
        "GATE REMOVE name",
        "    Open and remove a gate.",
        "GATE CLEAR",
        "    Open and remove all gates.",
        "RESET",
        "    Bring back the state at start: the data and the configuration that it began with, no",
        "    scripts, real time.",
        "SEED n",
        "    Make every random choice from now on repeatable.",
        "SEEDFILE path",
        "    Run a file of commands, as DUMP writes them; how many is the answer. An RDB file is",
        "    loaded: keys of the same name go, and how many keys it has is the answer.",
        "SETERROR text",
        "    Let every command but MOCK fail with this error; an empty text ends that.",
        "SETTIME ms",
        "    As CLOCK FREEZE ms.",
        "SNAPSHOT SAVE name",
        "    Remember the data, scripts, configuration, clock and chance of this moment.",
        "SNAPSHOT RESTORE name",
        "    Go back to that moment. It can be done again.",
        "SNAPSHOT LIST",
        "    List the snapshots: name, time, keys, bytes.",
        "SNAPSHOT DELETE name",
        "    Forget a snapshot.",
        "TRACE ON|OFF|CLEAR",
        "    Note what scripts ask of the server from now on, or no more; forget it.",
        "TRACE GET [COUNT n]",
        "    Answer the calls, or the last n: script, line, command, reply, changed keys.",
        "VERIFY [CLEAR]",
        "    The expectations that are not met, with what came instead; CLEAR forgets all.",
        "WORLD LIST",
        "    List the worlds: name, clients, keys, whether it is kept.",
        "WORLD DROP name",
        "    End a world and the connections in it.",
        "WORLD KEEP [name]",
        "    Keep this world, or that one, when its last connection ends.",
        "HELP",
        "    Print this help.",
        NULL};
    reply_lines(call->reply, lines);
}

#define MOCK_FLAGS                                                                                 \
    (COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_NO_MULTI |       \
     COMMAND_OURS)

static const struct command mock_subcommands[] = {
    {.name = "CALLS",
     .arity = -2,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Records commands and shows those that came.",
     .complexity = "O(N) for N recorded calls",
     .run = mock_calls},
    {.name = "CHECK",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Compares a key's whole value.",
     .complexity = "O(N) for N elements",
     .run = mock_dataset_check},
    {.name = "DUMP",
     .arity = -2,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Shows the keyspace as commands that make it again.",
     .complexity = "O(N) for N elements of all keys",
     .run = mock_dataset_dump},
    {.name = "SEEDFILE",
     .arity = 3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Runs a file of commands.",
     .complexity = "That of the commands",
     .run = mock_dataset_seed_file},
    {.name = "COUNT",
     .arity = -2,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Counts the commands that came.",
     .complexity = "O(N) for N recorded calls",
     .run = mock_calls_count},
    {.name = "EXPECT",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Expects a command to come.",
     .complexity = "O(N) for N expectations",
     .run = mock_expect},
    {.name = "VERIFY",
     .arity = -2,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Tells which expectations are not met.",
     .complexity = "O(N) for N expectations",
     .run = mock_expect_verify},
    {.name = "CLOCK",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Stops, sets and moves the server's time.",
     .complexity = "O(N log N) for N keys that expire",
     .run = mock_clock},
    {.name = "FASTFORWARD",
     .arity = 3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Moves the server's time forward.",
     .complexity = "O(N log N) for N keys that expire",
     .run = mock_clock_fastforward},
    {.name = "COVERAGE",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Tells which lines of scripts have run.",
     .complexity = "O(N) for N lines of scripts",
     .run = mock_coverage},
    {.name = "FAULT",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Lets commands go wrong as ordered.",
     .complexity = "O(N) for N faults",
     .run = mock_faults},
    {.name = "GATE",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Holds clients before a command until they are let go.",
     .complexity = "O(N) for N gates, and that of the commands that were held",
     .run = mock_gates},
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
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Brings back the state at start.",
     .complexity = "O(N) for N keys",
     .run = mock_reset},
    {.name = "SEED",
     .arity = 3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Makes random choices repeatable.",
     .complexity = "O(1)",
     .run = mock_seed},
    {.name = "SETTIME",
     .arity = 3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Stops the server's time at an instant.",
     .complexity = "O(N log N) for N keys that expire",
     .run = mock_clock_settime},
    {.name = "SNAPSHOT",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Remembers the server's state and brings it back.",
     .complexity = "O(N) for N keys that changed since; O(1) to save.",
     .run = mock_snapshot},
    {.name = "TRACE",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Notes what scripts ask of the server.",
     .complexity = "O(N) for N calls",
     .run = mock_trace},
    {.name = "SETERROR",
     .arity = 3,
     .flags = MOCK_FLAGS,
     .find_refusal = find_refusal,
     .group = "mock",
     .summary = "Lets every command but MOCK fail.",
     .complexity = "O(1)",
     .run = mock_faults_set_error},
    {.name = "WORLD",
     .arity = -3,
     .flags = MOCK_FLAGS,
     .group = "mock",
     .summary = "Lists, ends and keeps the worlds that clients log in to.",
     .complexity = "O(N) for N worlds",
     .run = mock_world},
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
