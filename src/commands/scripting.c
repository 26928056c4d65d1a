/* SPDX-License-Identifier: MIT */
/* EVAL and its kin, SCRIPT. What they do is in src/script. */
#include "commands/help_lines.h"
#include "commands/script_arguments.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/monitor.h"
#include "engine/session.h"
#include "reply/errors.h"
#include "script/debugger.h"
#include "script/interpreter.h"
#include "script/script_flags.h"

static void scripting_eval(struct call *call)
{
    monitor_show(call);
    interpreter_eval(call, false);
}

static void scripting_eval_ro(struct call *call)
{
    monitor_show(call);
    interpreter_eval(call, true);
}

static void scripting_evalsha(struct call *call)
{
    monitor_show(call);
    interpreter_evalsha(call, false);
}

static void scripting_evalsha_ro(struct call *call)
{
    monitor_show(call);
    interpreter_evalsha(call, true);
}

static void script_load(struct call *call)
{
    char sha[41];
    if (interpreter_load(call, call->argv[2], sha))
        reply_bulk_string(call->reply, sha);
}

static void script_exists(struct call *call)
{
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 2);
    for (int i = 2; i < call->argc; i++)
        reply_integer(call->reply,
                      interpreter_exists(call->engine->interpreter, call->argv[i]) ? 1 : 0);
    reply_close(call->reply);
}

static void script_flush(struct call *call)
{
    if (call->argc > 3 ||
        (call->argc == 3 && !call_is(call, 2, "SYNC") && !call_is(call, 2, "ASYNC"))) {
        reply_error(call->reply, ERROR_SCRIPT_FLUSH_OPTION);
        return;
    }
    interpreter_flush(call->engine->interpreter);
    reply_ok(call->reply);
}

static void script_kill(struct call *call)
{
    switch (interpreter_kill(call->engine, INTERPRETER_SCRIPTS)) {
    case INTERPRETER_KILLED:
        reply_ok(call->reply);
        break;
    case INTERPRETER_NOT_BUSY:
        reply_error(call->reply, ERROR_SCRIPT_NOTBUSY);
        break;
    case INTERPRETER_UNKILLABLE:
        reply_error(call->reply, ERROR_SCRIPT_UNKILLABLE);
        break;
    case INTERPRETER_OTHER_KIND:
        reply_error(call->reply, ERROR_FUNCTION_BUSY);
        break;
    }
}

static void script_debug(struct call *call)
{
    const uint32_t both = SESSION_DEBUGS | SESSION_DEBUGS_IN_PLACE;
    bool is_off = call_is(call, 2, "NO");
    bool is_sync = call_is(call, 2, "SYNC");
    if (!debugger_may_switch(call->session, !is_off)) {
        reply_error(call->reply, ERROR_SCRIPT_DEBUG_PIPELINE);
        return;
    }
    if (!is_off && !is_sync && !call_is(call, 2, "YES")) {
        reply_error(call->reply, ERROR_SCRIPT_DEBUG_OPTION);
        return;
    }
    if (is_off)
        call->session->flags &= ~both;
    else /* YES after SYNC leaves it at SYNC, as in Redis */
        call->session->flags |= is_sync ? both : (uint32_t)SESSION_DEBUGS;
    reply_ok(call->reply);
}

static void script_help(struct call *call)
{
    static const char *const lines[] = {
        "SCRIPT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DEBUG (YES|SYNC|NO)",
        "    Whether this client's next scripts run in the debugger.",
        "EXISTS <sha1> [<sha1> ...]",
        "    For each sum, whether the script is in the cache.",
        "FLUSH [ASYNC|SYNC]",
        "    Forget all cached scripts. Both modes are the same here.",
        "KILL",
        "    End the running script, unless it has written.",
        "LOAD <script>",
        "    Compile a script into the cache; its SHA-1 sum is the answer.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

/* --- the rows --- */

static const struct command_argument eval_arguments[] = {
    {.name = "script", .type = ARGUMENT_STRING},
    SCRIPT_ARGUMENTS_OF_CALL,
    {0},
};

static const struct command_argument evalsha_arguments[] = {
    {.name = "sha1", .type = ARGUMENT_STRING},
    SCRIPT_ARGUMENTS_OF_CALL,
    {0},
};

static const struct command_argument load_arguments[] = {
    {.name = "script", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument exists_arguments[] = {
    {.name = "sha1", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument flush_arguments[] = {
    {.name = "async",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0",
     .arguments = script_arguments_flush_words},
    {0},
};

static const struct command_argument debug_words[] = {
    {.name = "yes", .type = ARGUMENT_PURE_TOKEN, .token = "YES"},
    {.name = "sync", .type = ARGUMENT_PURE_TOKEN, .token = "SYNC"},
    {.name = "no", .type = ARGUMENT_PURE_TOKEN, .token = "NO"},
    {0},
};
static const struct command_argument debug_arguments[] = {
    {.name = "mode", .type = ARGUMENT_ONEOF, .arguments = debug_words},
    {0},
};

static const struct command script_subcommands[] = {
    {HELP_LINES_ROW("5.0.0", "scripting", script_help), .categories = CATEGORY_SCRIPTING},
    {.name = "FLUSH",
     .arity = -2,
     .flags = COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "2.6.0",
     .group = "scripting",
     .summary = "Forgets all cached scripts.",
     .complexity = "O(N) for N cached scripts",
     .tips =
         (const char *const[]){"request_policy:all_nodes", "response_policy:all_succeeded", NULL},
     .arguments = flush_arguments,
     .run = script_flush},
    {.name = "EXISTS",
     .arity = -3,
     .flags = COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "2.6.0",
     .group = "scripting",
     .summary = "Tells which scripts are in the cache.",
     .complexity = "O(N) for N SHA-1 sums",
     .tips = (const char *const[]){"request_policy:all_shards", "response_policy:agg_logical_and",
                                   NULL},
     .arguments = exists_arguments,
     .run = script_exists},
    {.name = "DEBUG",
     .arity = 3,
     .flags = COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "3.2.0",
     .group = "scripting",
     .summary = "Chooses whether this client's next scripts run in the debugger.",
     .complexity = "O(1)",
     .arguments = debug_arguments,
     .run = script_debug},
    {.name = "KILL",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT | COMMAND_ALLOW_BUSY,
     .categories = CATEGORY_SCRIPTING,
     .since = "2.6.0",
     .group = "scripting",
     .summary = "Ends the running script, unless it has written.",
     .complexity = "O(1)",
     .tips =
         (const char *const[]){"request_policy:all_shards", "response_policy:one_succeeded", NULL},
     .run = script_kill},
    {.name = "LOAD",
     .arity = 3,
     .flags = COMMAND_NOSCRIPT | COMMAND_STALE,
     .categories = CATEGORY_SCRIPTING,
     .since = "2.6.0",
     .group = "scripting",
     .summary = "Compiles a script into the cache and answers its SHA-1 sum.",
     .complexity = "O(N) for a script of N bytes",
     .tips =
         (const char *const[]){"request_policy:all_nodes", "response_policy:all_succeeded", NULL},
     .arguments = load_arguments,
     .run = script_load},
    {0},
};

const struct command scripting_commands[] = {
    {.name = "EVAL",
     .arity = -3,
     .flags = SCRIPT_ARGUMENTS_FLAGS | COMMAND_MAY_REPLICATE,
     .categories = CATEGORY_SCRIPTING,
     .since = "2.6.0",
     .group = "scripting",
     .summary = "Runs a Lua script given as text.",
     .complexity = "That of the script",
     SCRIPT_ARGUMENTS_KEYS(KEY_RW | KEY_ACCESS | KEY_UPDATE,
                           "what the script does with the keys is not known; the most is assumed"),
     .arguments = eval_arguments,
     .run = scripting_eval,
     .find_flags = script_flags_of_eval},
    {.name = "EVALSHA",
     .arity = -3,
     .flags = SCRIPT_ARGUMENTS_FLAGS | COMMAND_MAY_REPLICATE,
     .categories = CATEGORY_SCRIPTING,
     .since = "2.6.0",
     .group = "scripting",
     .summary = "Runs a cached Lua script named by its SHA-1 sum.",
     .complexity = "That of the script",
     SCRIPT_ARGUMENTS_KEYS(KEY_RW | KEY_ACCESS | KEY_UPDATE, NULL),
     .arguments = evalsha_arguments,
     .run = scripting_evalsha,
     .find_flags = script_flags_of_evalsha},
    {.name = "EVAL_RO",
     .arity = -3,
     .flags = SCRIPT_ARGUMENTS_FLAGS | COMMAND_READONLY,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Runs a Lua script given as text that may not write.",
     .complexity = "That of the script",
     SCRIPT_ARGUMENTS_KEYS(
         KEY_RO | KEY_ACCESS,
         "what the script does with the keys is not known; that it reads is assumed"),
     .arguments = eval_arguments,
     .run = scripting_eval_ro,
     .find_flags = script_flags_of_eval},
    {.name = "EVALSHA_RO",
     .arity = -3,
     .flags = SCRIPT_ARGUMENTS_FLAGS | COMMAND_READONLY,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Runs a cached Lua script, named by its SHA-1 sum, that may not write.",
     .complexity = "That of the script",
     SCRIPT_ARGUMENTS_KEYS(KEY_RO | KEY_ACCESS, NULL),
     .arguments = evalsha_arguments,
     .run = scripting_evalsha_ro,
     .find_flags = script_flags_of_evalsha},
    {.name = "SCRIPT",
     .arity = -2,
     .since = "2.6.0",
     .group = "scripting",
     .summary = "Holds the commands that manage cached scripts.",
     .complexity = "That of the subcommand",
     .subcommands = script_subcommands},
    {0},
};
