/* SPDX-License-Identifier: MIT */
/* OBJECT: how a value is kept. */
#include "commands/help_lines.h"
#include "commands/value_facts.h"
#include "engine/call.h"
#include "reply/errors.h"

/* NULL when absent, and null was answered. */
static struct entry *find(struct call *call)
{
    /* As in Redis, a miss counts but is not announced. */
    struct entry *entry = database_find(call->db, call->argv[2], ACCESS_LOOK);
    if (!entry)
        reply_null(call->reply);
    return entry;
}

static void objects_encoding(struct call *call)
{
    const struct entry *entry = find(call);
    if (entry)
        reply_bulk_string(call->reply, value_facts_encoding(call, entry_value(entry)));
}

static void objects_refcount(struct call *call)
{
    const struct entry *entry = find(call);
    if (entry)
        reply_integer(call->reply, value_facts_references(call, entry_value(entry)));
}

static void objects_idletime(struct call *call)
{
    const struct entry *entry = find(call);
    if (!entry)
        return;
    if (call->db->keyspace->uses_lfu)
        reply_error(call->reply, ERROR_LFU_SELECTED);
    else
        reply_integer(call->reply, database_idle_seconds(call->db, entry));
}

static void objects_freq(struct call *call)
{
    const struct entry *entry = find(call);
    if (!entry)
        return;
    if (call->db->keyspace->uses_lfu)
        reply_integer(call->reply, database_frequency(call->db, entry));
    else
        reply_error(call->reply, ERROR_LFU_NOT_SELECTED);
}

static void objects_help(struct call *call)
{
    static const char *const lines[] = {
        "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "ENCODING <key>",
        "    The name of the encoding in which the value is kept.",
        "FREQ <key>",
        "    How often the key is used, on a logarithmic scale (with an LFU policy).",
        "IDLETIME <key>",
        "    Seconds since the key was last used (without an LFU policy).",
        "REFCOUNT <key>",
        "    How many references to the value there are.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command object_subcommands[] = {
    {.name = "ENCODING",
     .arity = 3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.2.3",
     .group = "generic",
     .summary = "Names how a value is kept in memory.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(2, KEY_RO),
     .arguments = key_argument,
     .run = objects_encoding},
    {.name = "FREQ",
     .arity = 3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_KEYSPACE,
     .since = "4.0.0",
     .group = "generic",
     .summary = "Answers how often a key is used, as a logarithmic counter.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(2, KEY_RO),
     .arguments = key_argument,
     .run = objects_freq},
    {HELP_LINES_ROW("6.2.0", "generic", objects_help), .categories = CATEGORY_KEYSPACE},
    {.name = "IDLETIME",
     .arity = 3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.2.3",
     .group = "generic",
     .summary = "Answers how many seconds ago a key was last used.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(2, KEY_RO),
     .arguments = key_argument,
     .run = objects_idletime},
    {.name = "REFCOUNT",
     .arity = 3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_KEYSPACE,
     .since = "2.2.3",
     .group = "generic",
     .summary = "Answers how many references to a value there are.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(2, KEY_RO),
     .arguments = key_argument,
     .run = objects_refcount},
    {0},
};

const struct command objects_commands[] = {
    {.name = "OBJECT",
     .arity = -2,
     .since = "2.2.3",
     .group = "generic",
     .summary = "Container of commands that look into how a value is kept.",
     .complexity = "As the subcommand.",
     .subcommands = object_subcommands},
    {0},
};
