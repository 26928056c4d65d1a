/* SPDX-License-Identifier: MIT */
/* The rows of ACL. */
#include "commands/acl_subcommands.h"
#include "commands/help_lines.h"

static const struct command_argument cat_arguments[] = {
    {.name = "categoryname", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument deluser_arguments[] = {
    {.name = "username", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument dryrun_arguments[] = {
    {.name = "username", .type = ARGUMENT_STRING},
    {.name = "command", .type = ARGUMENT_STRING},
    {.name = "arg", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument genpass_arguments[] = {
    {.name = "bits", .type = ARGUMENT_INTEGER, .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument getuser_arguments[] = {
    {.name = "username", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument log_operation_arguments[] = {
    {.name = "count", .type = ARGUMENT_INTEGER},
    {.name = "reset", .type = ARGUMENT_PURE_TOKEN, .token = "RESET"},
    {0},
};

static const struct command_argument log_arguments[] = {
    {.name = "operation",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = log_operation_arguments},
    {0},
};

static const struct command_argument setuser_arguments[] = {
    {.name = "username", .type = ARGUMENT_STRING},
    {.name = "rule", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

#define OPEN_FLAGS  (COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE)
#define ADMIN_FLAGS (COMMAND_ADMIN | OPEN_FLAGS)

static const struct command acl_subcommands[] = {
    {.name = "CAT",
     .arity = -2,
     .flags = OPEN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Lists the categories of commands, or the commands of one.",
     .complexity = "O(1)",
     .arguments = cat_arguments,
     .run = acl_subcommands_cat},
    {.name = "DELUSER",
     .arity = -3,
     .flags = ADMIN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Deletes users and closes their connections.",
     .complexity = "O(1) for each user, and O(N) for N connections",
     .arguments = deluser_arguments,
     .run = acl_subcommands_deluser},
    {.name = "DRYRUN",
     .arity = -4,
     .flags = ADMIN_FLAGS,
     .since = "7.0.0",
     .group = "server",
     .summary = "Tells whether a user may run a command, without running it.",
     .complexity = "O(1)",
     .arguments = dryrun_arguments,
     .run = acl_subcommands_dryrun},
    {.name = "GENPASS",
     .arity = -2,
     .flags = OPEN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Makes up a password.",
     .complexity = "O(1)",
     .arguments = genpass_arguments,
     .run = acl_subcommands_genpass},
    {.name = "GETUSER",
     .arity = 3,
     .flags = ADMIN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Answers all there is to know of a user.",
     .complexity = "O(N) for N passwords and rules",
     .arguments = getuser_arguments,
     .run = acl_subcommands_getuser},
    {HELP_LINES_ROW("6.0.0", "server", acl_subcommands_help)},
    {.name = "LIST",
     .arity = 2,
     .flags = ADMIN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Lists the users with their rules.",
     .complexity = "O(N) for N users",
     .run = acl_subcommands_list},
    {.name = "LOAD",
     .arity = 2,
     .flags = ADMIN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Reads the file of users again.",
     .complexity = "O(N) for N users",
     .run = acl_subcommands_load},
    {.name = "LOG",
     .arity = -2,
     .flags = ADMIN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Lists what was refused lately.",
     .complexity = "O(N) for N entries",
     .arguments = log_arguments,
     .run = acl_subcommands_log},
    {.name = "SAVE",
     .arity = 2,
     .flags = ADMIN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Writes the users to their file.",
     .complexity = "O(N) for N users",
     .run = acl_subcommands_save},
    {.name = "SETUSER",
     .arity = -3,
     .flags = ADMIN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Makes or changes a user.",
     .complexity = "O(N) for N rules",
     .arguments = setuser_arguments,
     .run = acl_subcommands_setuser},
    {.name = "USERS",
     .arity = 2,
     .flags = ADMIN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Lists the names of the users.",
     .complexity = "O(N) for N users",
     .run = acl_subcommands_users},
    {.name = "WHOAMI",
     .arity = 2,
     .flags = OPEN_FLAGS,
     .since = "6.0.0",
     .group = "server",
     .summary = "Answers the name of the connection's user.",
     .complexity = "O(1)",
     .run = acl_subcommands_whoami},
    {0},
};

const struct command acl_commands[] = {
    {.name = "ACL",
     .arity = -2,
     .since = "6.0.0",
     .group = "server",
     .summary = "Container for the commands about users and their rights.",
     .complexity = "depends on the subcommand",
     .subcommands = acl_subcommands},
    {0},
};
