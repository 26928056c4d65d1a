/* SPDX-License-Identifier: MIT */
/* FUNCTION and FCALL. What they do is in src/script/library.h. */
#include "base/glob.h"
#include "commands/help_lines.h"
#include "commands/script_arguments.h"
#include "engine/call.h"
#include "engine/dump_limits.h"
#include "engine/engine.h"
#include "engine/monitor.h"
#include "reply/errors.h"
#include "script/library.h"
#include "script/library_dump.h"
#include "script/script_flags.h"
#include "script/shebang.h"

static void functions_fcall(struct call *call)
{
    monitor_show(call);
    library_call(call, false);
}

static void functions_fcall_ro(struct call *call)
{
    monitor_show(call);
    library_call(call, true);
}

static void count_change(struct call *call)
{
    call->engine->stats.changes++;
}

/* "unknown subcommand or wrong number of arguments for 'flush'. Try FUNCTION HELP." */
static void answer_too_many(struct call *call)
{
    reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]),
                       "FUNCTION");
}

static void function_load(struct call *call)
{
    bool replaces = false;
    for (int i = 2; i < call->argc - 1; i++) {
        if (!call_is(call, i, "REPLACE")) {
            reply_error_format(call->reply, ERROR_FUNCTION_LOAD_OPTION, BYTES_PRINT(call->argv[i]));
            return;
        }
        replaces = true;
    }
    const struct library *library =
        library_load(call->engine->interpreter, call->argv[call->argc - 1], replaces, call->reply);
    if (!library)
        return;
    count_change(call);
    reply_bulk(call->reply, library_name(library));
}

static void function_delete(struct call *call)
{
    if (!library_delete(call->engine->interpreter, call->argv[2])) {
        reply_error(call->reply, ERROR_LIBRARY_NOT_FOUND);
        return;
    }
    count_change(call);
    reply_ok(call->reply);
}

static void function_flush(struct call *call)
{
    if (call->argc > 3) {
        answer_too_many(call);
        return;
    }
    if (call->argc == 3 && !call_is(call, 2, "SYNC") && !call_is(call, 2, "ASYNC")) {
        reply_error(call->reply, ERROR_FUNCTION_FLUSH_OPTION);
        return;
    }
    library_flush(call->engine->interpreter);
    count_change(call);
    reply_ok(call->reply);
}

/* --- LIST --- */

struct list_options {
    bool has_code;
    struct bytes pattern; /* data NULL: all */
};

static bool parse_list_options(struct call *call, struct list_options *options)
{
    for (int i = 2; i < call->argc; i++) {
        if (!options->has_code && call_is(call, i, "WITHCODE")) {
            options->has_code = true;
        } else if (!options->pattern.data && call_is(call, i, "LIBRARYNAME")) {
            if (i + 1 == call->argc) {
                reply_error(call->reply, ERROR_FUNCTION_LIST_PATTERN);
                return false;
            }
            options->pattern = call->argv[++i];
            if (!options->pattern.data)
                options->pattern = BYTES_LITERAL("");
        } else {
            reply_error_format(call->reply, ERROR_FUNCTION_LIST_OPTION, BYTES_PRINT(call->argv[i]));
            return false;
        }
    }
    return true;
}

static void answer_flags(struct reply *reply, uint32_t flags)
{
    reply_open(reply, REPLY_SET, (size_t)__builtin_popcount(flags));
    for (int i = 0; i < SHEBANG_FLAG_COUNT; i++)
        if (flags & 1U << i)
            reply_simple(reply, shebang_flag_word(i));
    reply_close(reply);
}

static void answer_function(struct reply *reply, const struct library_function *function)
{
    struct bytes description = library_function_description(function);
    reply_open(reply, REPLY_MAP, 3);
    reply_bulk_string(reply, "name");
    reply_bulk(reply, library_function_name(function));
    reply_bulk_string(reply, "description");
    if (description.data)
        reply_bulk(reply, description);
    else
        reply_null(reply);
    reply_bulk_string(reply, "flags");
    answer_flags(reply, library_function_flags(function));
    reply_close(reply);
}

static void answer_library(struct reply *reply, const struct library *library, bool has_code)
{
    reply_open(reply, REPLY_MAP, has_code ? 4 : 3);
    reply_bulk_string(reply, "library_name");
    reply_bulk(reply, library_name(library));
    reply_bulk_string(reply, "engine");
    reply_bulk_string(reply, "LUA");
    reply_bulk_string(reply, "functions");
    reply_open(reply, REPLY_ARRAY, library_size(library));
    for (size_t i = 0; i < library_size(library); i++)
        answer_function(reply, library_function(library, i));
    reply_close(reply);
    if (has_code) {
        reply_bulk_string(reply, "library_code");
        reply_bulk(reply, library_code(library));
    }
    reply_close(reply);
}

static void function_list(struct call *call)
{
    struct list_options options = {0};
    if (!parse_list_options(call, &options))
        return;
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    const struct library *library = library_first(call->engine->interpreter);
    for (; library; library = library_next(library))
        if (!options.pattern.data ||
            glob_matches_ignoring_case(options.pattern, library_name(library)))
            answer_library(call->reply, library, options.has_code);
    reply_close(call->reply);
}

/* --- DUMP and RESTORE --- */

static void function_dump(struct call *call)
{
    struct buffer payload = {0};
    library_dump(call->engine->interpreter, &payload, dump_limits_rdb_version(call->engine),
                 call_config(call, CONFIG_RDBCOMPRESSION) != 0);
    reply_bulk(call->reply, buffer_bytes(&payload));
    buffer_clear(&payload);
}

static bool parse_policy(struct call *call, enum library_dump_policy *policy)
{
    *policy = LIBRARY_DUMP_APPEND;
    if (call->argc == 3 || call_is(call, 3, "APPEND"))
        return true;
    if (call_is(call, 3, "REPLACE"))
        *policy = LIBRARY_DUMP_REPLACE;
    else if (call_is(call, 3, "FLUSH"))
        *policy = LIBRARY_DUMP_FLUSH;
    else
        reply_error(call->reply, ERROR_FUNCTION_POLICY);
    return *policy != LIBRARY_DUMP_APPEND;
}

static void function_restore(struct call *call)
{
    enum library_dump_policy policy;
    if (call->argc > 4) {
        answer_too_many(call);
        return;
    }
    if (!parse_policy(call, &policy) ||
        !library_dump_restore(call->engine->interpreter, call->argv[2],
                              dump_limits_rdb_version(call->engine), policy, call->reply))
        return;
    count_change(call);
    reply_ok(call->reply);
}

/* --- what runs --- */

static void answer_run(struct reply *reply, const struct interpreter_run_facts *facts)
{
    reply_open(reply, REPLY_MAP, 3);
    reply_bulk_string(reply, "name");
    reply_bulk_string(reply, facts->name);
    reply_bulk_string(reply, "command");
    reply_open(reply, REPLY_ARRAY, (size_t)facts->call->argc);
    for (int i = 0; i < facts->call->argc; i++)
        reply_bulk(reply, facts->call->argv[i]);
    reply_close(reply);
    reply_bulk_string(reply, "duration_ms");
    reply_integer(reply, facts->duration_ms);
    reply_close(reply);
}

static void function_stats(struct call *call)
{
    struct reply *reply = call->reply;
    const struct interpreter *interpreter = call->engine->interpreter;
    struct interpreter_run_facts facts;
    bool is_running = interpreter_describe_run(call->engine, &facts);
    if (is_running && facts.kind == INTERPRETER_SCRIPTS) {
        reply_error(reply, ERROR_SCRIPT_BUSY);
        return;
    }
    reply_open(reply, REPLY_MAP, 2);
    reply_bulk_string(reply, "running_script");
    if (is_running)
        answer_run(reply, &facts);
    else
        reply_null(reply);
    reply_bulk_string(reply, "engines");
    reply_open(reply, REPLY_MAP, 1);
    reply_bulk_string(reply, "LUA");
    reply_open(reply, REPLY_MAP, 2);
    reply_bulk_string(reply, "libraries_count");
    reply_integer(reply, (int64_t)library_count(interpreter));
    reply_bulk_string(reply, "functions_count");
    reply_integer(reply, (int64_t)library_function_count(interpreter));
    reply_close(reply);
    reply_close(reply);
    reply_close(reply);
}

static void function_kill(struct call *call)
{
    switch (interpreter_kill(call->engine, INTERPRETER_FUNCTIONS)) {
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
        reply_error(call->reply, ERROR_SCRIPT_BUSY);
        break;
    }
}

static void function_help(struct call *call)
{
    static const char *const lines[] = {
        "FUNCTION <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "LOAD [REPLACE] <code>",
        "    Run a library's code, which begins with '#!lua name=<name>', so that it",
        "    registers its functions; the library's name is the answer.",
        "    REPLACE: a library of that name makes way for it.",
        "DELETE <name>",
        "    Forget a library and its functions.",
        "LIST [LIBRARYNAME <pattern>] [WITHCODE]",
        "    The libraries with their functions, and their code if asked for.",
        "STATS",
        "    The function that runs, if any, and how many there are.",
        "KILL",
        "    End the running function, unless it has written.",
        "FLUSH [ASYNC|SYNC]",
        "    Forget all libraries. Both modes are the same here.",
        "DUMP",
        "    All libraries as one string of bytes, for RESTORE.",
        "RESTORE <bytes> [FLUSH|APPEND|REPLACE]",
        "    Load the libraries that DUMP gave.",
        "    APPEND: to those that are there; one that is there already is an error.",
        "    REPLACE: such a one is replaced.",
        "    FLUSH: in the place of all that are there.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

/* --- the rows --- */

static const struct command_argument fcall_arguments[] = {
    {.name = "function", .type = ARGUMENT_STRING},
    SCRIPT_ARGUMENTS_OF_CALL,
    {0},
};

static const struct command_argument load_arguments[] = {
    {.name = "replace",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "REPLACE",
     .flags = ARGUMENT_OPTIONAL},
    {.name = "function-code", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument delete_arguments[] = {
    {.name = "library-name", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument list_arguments[] = {
    {.name = "library-name-pattern",
     .type = ARGUMENT_STRING,
     .token = "LIBRARYNAME",
     .flags = ARGUMENT_OPTIONAL},
    {.name = "withcode",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "WITHCODE",
     .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument flush_arguments[] = {
    {.name = "async",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = script_arguments_flush_words},
    {0},
};

static const struct command_argument policy_words[] = {
    {.name = "flush", .type = ARGUMENT_PURE_TOKEN, .token = "FLUSH"},
    {.name = "append", .type = ARGUMENT_PURE_TOKEN, .token = "APPEND"},
    {.name = "replace", .type = ARGUMENT_PURE_TOKEN, .token = "REPLACE"},
    {0},
};
static const struct command_argument restore_arguments[] = {
    {.name = "serialized-value", .type = ARGUMENT_STRING},
    {.name = "policy",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = policy_words},
    {0},
};

#define ON_ALL_SHARDS                                                                              \
    (const char *const[])                                                                          \
    {                                                                                              \
        "request_policy:all_shards", "response_policy:all_succeeded", NULL                         \
    }

static const struct command function_subcommands[] = {
    {.name = "LOAD",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Loads a library of functions and answers its name.",
     .complexity = "O(1), the library's own code not counted",
     .tips = ON_ALL_SHARDS,
     .arguments = load_arguments,
     .run = function_load},
    {.name = "DELETE",
     .arity = 3,
     .flags = COMMAND_WRITE | COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Forgets a library and its functions.",
     .complexity = "O(1)",
     .tips = ON_ALL_SHARDS,
     .arguments = delete_arguments,
     .run = function_delete},
    {.name = "LIST",
     .arity = -2,
     .flags = COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Lists libraries with their functions.",
     .complexity = "O(N) for N functions",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     .arguments = list_arguments,
     .run = function_list},
    {.name = "STATS",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT | COMMAND_ALLOW_BUSY,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Tells which function runs, and how many there are.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", "request_policy:all_shards",
                                   "response_policy:special", NULL},
     .run = function_stats},
    {.name = "KILL",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT | COMMAND_ALLOW_BUSY,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Ends the running function, unless it has written.",
     .complexity = "O(1)",
     .tips =
         (const char *const[]){"request_policy:all_shards", "response_policy:one_succeeded", NULL},
     .run = function_kill},
    {.name = "FLUSH",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Forgets all libraries.",
     .complexity = "O(N) for N functions",
     .tips = ON_ALL_SHARDS,
     .arguments = flush_arguments,
     .run = function_flush},
    {.name = "DUMP",
     .arity = 2,
     .flags = COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Answers all libraries as one string of bytes.",
     .complexity = "O(N) for N functions",
     .run = function_dump},
    {.name = "RESTORE",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_NOSCRIPT,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Loads the libraries that FUNCTION DUMP answered.",
     .complexity = "O(N) for N functions in the bytes",
     .tips = ON_ALL_SHARDS,
     .arguments = restore_arguments,
     .run = function_restore},
    {HELP_LINES_ROW("7.0.0", "scripting", function_help), .categories = CATEGORY_SCRIPTING},
    {0},
};

const struct command functions_commands[] = {
    {.name = "FCALL",
     .arity = -3,
     .flags = SCRIPT_ARGUMENTS_FLAGS | COMMAND_MAY_REPLICATE,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Runs a function of a library.",
     .complexity = "That of the function",
     SCRIPT_ARGUMENTS_KEYS(
         KEY_RW | KEY_ACCESS | KEY_UPDATE,
         "what the function does with the keys is not known; the most is assumed"),
     .arguments = fcall_arguments,
     .run = functions_fcall,
     .find_flags = script_flags_of_fcall},
    {.name = "FCALL_RO",
     .arity = -3,
     .flags = SCRIPT_ARGUMENTS_FLAGS | COMMAND_READONLY,
     .categories = CATEGORY_SCRIPTING,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Calls a function that does not write.",
     .complexity = "That of the function",
     SCRIPT_ARGUMENTS_KEYS(
         KEY_RO | KEY_ACCESS,
         "what the function does with the keys is not known; that it reads is assumed"),
     .arguments = fcall_arguments,
     .run = functions_fcall_ro,
     .find_flags = script_flags_of_fcall},
    {.name = "FUNCTION",
     .arity = -2,
     .since = "7.0.0",
     .group = "scripting",
     .summary = "Holds the commands that manage libraries of functions.",
     .complexity = "That of the subcommand",
     .subcommands = function_subcommands},
    {0},
};
