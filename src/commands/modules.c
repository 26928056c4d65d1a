/* SPDX-License-Identifier: MIT */
/* MODULE: there are none, and none can be loaded. */
#include "commands/help_lines.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "engine/session_lines.h"
#include "reply/errors.h"

enum permission { PERMISSION_NO, PERMISSION_YES, PERMISSION_LOCAL }; /* the directive's words */

/* Before 7.0 there was no such directive: MODULE was always there. */
static const char *find_refusal(const struct session *session)
{
    const struct engine *engine = session->engine;
    int64_t allowed = config_integer(engine->config, CONFIG_ENABLE_MODULE_COMMAND);
    if (allowed == PERMISSION_YES || !engine_emulates(engine, 7, 0) ||
        (allowed == PERMISSION_LOCAL && session_line_is_local(session)))
        return NULL;
    return ERROR_PROTECTED_COMMAND("MODULE", "enable-module-command");
}

static void modules_list(struct call *call)
{
    reply_empty(call->reply, REPLY_ARRAY);
}

static void modules_load(struct call *call)
{
    engine_log(call->engine, 3, "Module %.*s was not loaded: Understudy takes none",
               BYTES_PRINT(call->argv[2]));
    reply_error(call->reply, ERROR_MODULE_LOAD);
}

static void modules_unload(struct call *call)
{
    reply_error(call->reply, ERROR_MODULE_UNLOAD);
}

static void modules_help(struct call *call)
{
    static const char *const lines[] = {
        "MODULE <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "LIST",
        "    The modules that are loaded: none, ever.",
        "LOAD <path> [<arg> ...]",
        "    Load a module from a file. It fails here.",
        "LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
        "    The same with directives for the module.",
        "UNLOAD <name>",
        "    Take a module out.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

static const struct command_argument load_arguments[] = {
    {.name = "path", .type = ARGUMENT_STRING},
    {.name = "arg", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument loadex_arguments_configs[] = {
    {.name = "name", .type = ARGUMENT_STRING},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument loadex_arguments_args[] = {
    {.name = "arg", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument loadex_arguments[] = {
    {.name = "path", .type = ARGUMENT_STRING},
    {.name = "configs",
     .type = ARGUMENT_BLOCK,
     .token = "CONFIG",
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE | ARGUMENT_MULTIPLE_TOKEN,
     .arguments = loadex_arguments_configs},
    {.name = "args",
     .type = ARGUMENT_BLOCK,
     .token = "ARGS",
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE,
     .arguments = loadex_arguments_args},
    {0},
};

static const struct command_argument unload_arguments[] = {
    {.name = "name", .type = ARGUMENT_STRING},
    {0},
};

static const struct command module_subcommands[] = {
    {HELP_LINES_ROW("5.0.0", "server", modules_help)},
    {.name = "LIST",
     .arity = 2,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT,
     .since = "4.0.0",
     .group = "server",
     .summary = "Answers which modules are loaded.",
     .complexity = "O(N) for N modules",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     .run = modules_list},
    {.name = "LOAD",
     .arity = -3,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_NO_ASYNC_LOADING | COMMAND_PROTECTED,
     .since = "4.0.0",
     .group = "server",
     .summary = "Loads a module from a file.",
     .complexity = "O(1)",
     .arguments = load_arguments,
     .run = modules_load,
     .find_refusal = find_refusal},
    {.name = "LOADEX",
     .arity = -3,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_NO_ASYNC_LOADING | COMMAND_PROTECTED,
     .since = "7.0.0",
     .group = "server",
     .summary = "Loads a module from a file, with directives of its own.",
     .complexity = "O(1)",
     .arguments = loadex_arguments,
     .run = modules_load,
     .find_refusal = find_refusal},
    {.name = "UNLOAD",
     .arity = 3,
     .flags = COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_NO_ASYNC_LOADING | COMMAND_PROTECTED,
     .since = "4.0.0",
     .group = "server",
     .summary = "Takes a module out.",
     .complexity = "O(1)",
     .arguments = unload_arguments,
     .run = modules_unload,
     .find_refusal = find_refusal},
    {0},
};

const struct command modules_commands[] = {
    {.name = "MODULE",
     .arity = -2,
     .since = "4.0.0",
     .group = "server",
     .summary = "Holds the commands about modules.",
     .complexity = "As the subcommand's.",
     .subcommands = module_subcommands},
    {0},
};
