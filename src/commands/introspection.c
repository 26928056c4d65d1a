/* SPDX-License-Identifier: MIT */
/* COMMAND: what the rows of the command table say. Nothing here knows a command by name. */
#include <stdio.h>

#include "base/glob.h"
#include "base/memory.h"
#include "commands/command_docs.h"
#include "commands/help_lines.h"
#include "engine/call.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "reply/errors.h"

struct named_bit {
    uint32_t bit;
    const char *name;
};

/* The names of the bits that are set, in the order of the table, as a set of simple strings. */
static void reply_names(struct reply *reply, uint32_t bits, const struct named_bit *names,
                        size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += (bits & names[i].bit) != 0;
    reply_open(reply, REPLY_SET, found);
    for (size_t i = 0; i < count; i++)
        if (bits & names[i].bit)
            reply_simple(reply, names[i].name);
    reply_close(reply);
}

static void reply_categories(struct reply *reply, uint32_t categories)
{
    const char *name;
    reply_open(reply, REPLY_SET, REPLY_UNSIZED);
    for (size_t i = 0; (name = command_category_name(i)) != NULL; i++) {
        char text[32];
        snprintf(text, sizeof text, "@%s", name);
        if (categories & command_category_at(i))
            reply_simple(reply, text);
    }
    reply_close(reply);
}

#define NAME_COUNT(names) (sizeof(names) / sizeof *(names))

static const struct named_bit flag_names[] = {
    {COMMAND_WRITE, "write"},
    {COMMAND_READONLY, "readonly"},
    {COMMAND_DENYOOM, "denyoom"},
    {COMMAND_MODULE, "module"},
    {COMMAND_ADMIN, "admin"},
    {COMMAND_PUBSUB, "pubsub"},
    {COMMAND_NOSCRIPT, "noscript"},
    {COMMAND_BLOCKING, "blocking"},
    {COMMAND_LOADING, "loading"},
    {COMMAND_STALE, "stale"},
    {COMMAND_SKIP_MONITOR, "skip_monitor"},
    {COMMAND_SKIP_SLOWLOG, "skip_slowlog"},
    {COMMAND_ASKING, "asking"},
    {COMMAND_FAST, "fast"},
    {COMMAND_NO_AUTH, "no_auth"},
    {COMMAND_NO_ASYNC_LOADING, "no_async_loading"},
    {COMMAND_NO_MULTI, "no_multi"},
    {COMMAND_ALLOW_BUSY, "allow_busy"},
    {COMMAND_NO_MANDATORY_KEYS, "no_mandatory_keys"},
    {COMMAND_MOVABLE_KEYS, "movablekeys"},
};

static const struct named_bit key_flag_names[] = {
    {KEY_RO, "RO"},
    {KEY_RW, "RW"},
    {KEY_OW, "OW"},
    {KEY_RM, "RM"},
    {KEY_ACCESS, "access"},
    {KEY_UPDATE, "update"},
    {KEY_INSERT, "insert"},
    {KEY_DELETE, "delete"},
    {KEY_NOT_KEY, "not_key"},
    {KEY_INCOMPLETE, "incomplete"},
    {KEY_VARIABLE_FLAGS, "variable_flags"},
};

/* --- the array of one command --- */

static void reply_named_integer(struct reply *reply, const char *name, int value)
{
    reply_bulk_string(reply, name);
    reply_integer(reply, value);
}

/* "type" and "spec" of a search; the caller fills in and closes the inner map. */
static void open_search(struct reply *reply, const char *name, const char *type, size_t count)
{
    reply_bulk_string(reply, name);
    reply_open(reply, REPLY_MAP, 2);
    reply_bulk_string(reply, "type");
    reply_bulk_string(reply, type);
    reply_bulk_string(reply, "spec");
    reply_open(reply, REPLY_MAP, count);
}

static void close_search(struct reply *reply)
{
    reply_close(reply);
    reply_close(reply);
}

static void reply_begin_search(struct reply *reply, const struct key_spec *spec)
{
    switch (spec->begin) {
    case KEY_BEGIN_INDEX:
        open_search(reply, "begin_search", "index", 1);
        reply_named_integer(reply, "index", spec->begin_position);
        break;
    case KEY_BEGIN_KEYWORD:
        open_search(reply, "begin_search", "keyword", 2);
        reply_bulk_string(reply, "keyword");
        reply_bulk_string(reply, spec->begin_keyword);
        reply_named_integer(reply, "startfrom", spec->begin_position);
        break;
    case KEY_BEGIN_UNKNOWN:
        open_search(reply, "begin_search", "unknown", 0);
        break;
    }
    close_search(reply);
}

static void reply_find_keys(struct reply *reply, const struct key_spec *spec)
{
    switch (spec->find) {
    case KEY_FIND_RANGE:
        open_search(reply, "find_keys", "range", 3);
        reply_named_integer(reply, "lastkey", spec->last);
        reply_named_integer(reply, "keystep", spec->step);
        reply_named_integer(reply, "limit", spec->limit);
        break;
    case KEY_FIND_NUMBER:
        open_search(reply, "find_keys", "keynum", 3);
        reply_named_integer(reply, "keynumidx", spec->number_index);
        reply_named_integer(reply, "firstkey", spec->first_key);
        reply_named_integer(reply, "keystep", spec->step);
        break;
    case KEY_FIND_UNKNOWN:
        open_search(reply, "find_keys", "unknown", 0);
        break;
    }
    close_search(reply);
}

static void reply_key_specs(struct reply *reply, const struct command *command)
{
    reply_open(reply, REPLY_SET, command->key_spec_count);
    for (size_t i = 0; i < command->key_spec_count; i++) {
        const struct key_spec *spec = &command->key_specs[i];
        reply_open(reply, REPLY_MAP, spec->notes ? 4 : 3);
        if (spec->notes) {
            reply_bulk_string(reply, "notes");
            reply_bulk_string(reply, spec->notes);
        }
        reply_bulk_string(reply, "flags");
        reply_names(reply, spec->flags, key_flag_names, NAME_COUNT(key_flag_names));
        reply_begin_search(reply, spec);
        reply_find_keys(reply, spec);
        reply_close(reply);
    }
    reply_close(reply);
}

static void reply_tips(struct reply *reply, const char *const *tips)
{
    size_t count = 0;
    while (tips && tips[count])
        count++;
    reply_open(reply, REPLY_SET, count);
    for (size_t i = 0; i < count; i++)
        reply_bulk_string(reply, tips[i]);
    reply_close(reply);
}

/* Ten elements since 7.0, seven before: tips, key specifications and subcommands came then. */
static void reply_command(struct call *call, const struct command_state *state)
{
    const struct command *command = state->command;
    struct reply *reply = call->reply;
    struct command_range range = command_legacy_range(command);
    uint32_t flags = state->flags | (range.is_partial ? (uint32_t)COMMAND_MOVABLE_KEYS : 0);
    bool is_long = call_emulates(call, 7, 0);
    reply_open(reply, REPLY_ARRAY, is_long ? 10 : 7);
    reply_bulk_string(reply, state->name);
    reply_integer(reply, command->arity);
    reply_names(reply, flags, flag_names, NAME_COUNT(flag_names));
    reply_integer(reply, range.first);
    reply_integer(reply, range.last);
    reply_integer(reply, range.step);
    reply_categories(reply, state->categories);
    if (is_long) {
        reply_tips(reply, command->tips);
        reply_key_specs(reply, command);
        reply_open(reply, REPLY_SET, state->subcommand_count);
        for (size_t i = 0; i < state->subcommand_count; i++)
            reply_command(call, &state->subcommands[i]);
        reply_close(reply);
    }
    reply_close(reply);
}

/* --- which commands --- */

/* Calls `visit` for each Redis command of the emulated version, not for subcommands. */
static void visit_commands(struct call *call,
                           void (*visit)(struct call *call, const struct command_state *state,
                                         void *context),
                           void *context)
{
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &call->engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)))
        if (!(state->command->flags & COMMAND_OURS) && !state->is_removed)
            visit(call, state, context);
    table_iterator_end(&iterator);
}

static void count_command(struct call *call, const struct command_state *state, void *context)
{
    (void)call;
    (void)state;
    ++*(size_t *)context;
}

static size_t count_commands(struct call *call)
{
    size_t count = 0;
    visit_commands(call, count_command, &count);
    return count;
}

static void reply_one(struct call *call, const struct command_state *state, void *context)
{
    (void)context;
    reply_command(call, state);
}

static void introspection_all(struct call *call)
{
    reply_open(call->reply, REPLY_ARRAY, count_commands(call));
    visit_commands(call, reply_one, NULL);
    reply_close(call->reply);
}

static void introspection_info(struct call *call)
{
    if (call->argc == 2) {
        introspection_all(call);
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        const struct command_state *state = engine_find_full_name(call->engine, call->argv[i]);
        if (state)
            reply_command(call, state);
        else
            reply_null(call->reply);
    }
    reply_close(call->reply);
}

static void introspection_count(struct call *call)
{
    reply_integer(call->reply, (int64_t)count_commands(call));
}

static void reply_docs(struct call *call, const struct command_state *state, void *context)
{
    (void)context;
    reply_bulk_string(call->reply, state->name);
    command_docs_reply(call, state);
}

static void introspection_docs(struct call *call)
{
    reply_open(call->reply, REPLY_MAP, REPLY_UNSIZED);
    if (call->argc == 2)
        visit_commands(call, reply_docs, NULL);
    for (int i = 2; i < call->argc; i++) {
        const struct command_state *state = engine_find_full_name(call->engine, call->argv[i]);
        if (state)
            reply_docs(call, state, NULL);
    }
    reply_close(call->reply);
}

/* --- LIST --- */

struct list_filter {
    bool has_pattern;
    struct bytes pattern;
    bool has_category;
    uint32_t category; /* 0: one that nothing has */
    bool is_module;
};

static void list_command(struct call *call, const struct command_state *state, void *context)
{
    const struct list_filter *filter = context;
    bool is_meant = !filter->is_module;
    if (filter->has_pattern)
        is_meant = glob_matches_ignoring_case(filter->pattern, bytes_of_string(state->name));
    if (filter->has_category)
        is_meant = (state->categories & filter->category) != 0;
    if (is_meant)
        reply_bulk_string(call->reply, state->name);
    for (size_t i = 0; i < state->subcommand_count; i++)
        list_command(call, &state->subcommands[i], context);
}

static void introspection_list(struct call *call)
{
    struct list_filter filter = {0};
    if (call->argc == 5 && call_is(call, 2, "FILTERBY")) {
        if (call_is(call, 3, "MODULE")) {
            filter.is_module = true;
        } else if (call_is(call, 3, "ACLCAT")) {
            filter.has_category = true;
            filter.category = command_category_find(call->argv[4]);
        } else if (call_is(call, 3, "PATTERN")) {
            filter.has_pattern = true;
            filter.pattern = call->argv[4];
        } else {
            call_syntax_error(call);
            return;
        }
    } else if (call->argc != 2) {
        call_syntax_error(call);
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    visit_commands(call, list_command, &filter);
    reply_close(call->reply);
}

/* --- GETKEYS --- */

static void reply_key(struct call *call, const struct key_reference *key, bool with_flags)
{
    struct bytes name = call->argv[2 + key->position];
    if (!with_flags) {
        reply_bulk(call->reply, name);
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, 2);
    reply_bulk(call->reply, name);
    reply_names(call->reply, key->flags, key_flag_names, NAME_COUNT(key_flag_names));
    reply_close(call->reply);
}

static void get_keys(struct call *call, bool with_flags)
{
    const struct bytes *argv = call->argv + 2;
    int argc = call->argc - 2;
    const struct command_state *state =
        engine_find_command(call->engine, argv[0], argc > 1 ? &argv[1] : NULL);
    struct key_references found;
    if (!state) {
        reply_error(call->reply, ERROR_GETKEYS_COMMAND);
    } else if (!command_has_keys(state->command)) {
        reply_error(call->reply, ERROR_GETKEYS_NO_KEYS);
    } else if (!dispatch_arity_is_right(state->command, argc)) {
        reply_error(call->reply, ERROR_GETKEYS_ARITY);
    } else if (!command_find_keys(state->command, argv, argc, &found)) {
        if (state->command->flags & COMMAND_NO_MANDATORY_KEYS)
            reply_empty(call->reply, REPLY_ARRAY);
        else
            reply_error(call->reply, ERROR_GETKEYS_ARGUMENTS);
    } else {
        reply_open(call->reply, REPLY_ARRAY, found.count);
        for (size_t i = 0; i < found.count; i++)
            reply_key(call, &found.keys[i], with_flags);
        reply_close(call->reply);
        memory_free(found.keys);
    }
}

static void introspection_getkeys(struct call *call)
{
    get_keys(call, false);
}

static void introspection_getkeysandflags(struct call *call)
{
    get_keys(call, true);
}

static void introspection_help(struct call *call)
{
    static const char *const lines[] = {
        "COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "(no subcommand)",
        "    The rows of all commands.",
        "COUNT",
        "    How many commands there are.",
        "LIST",
        "    The names of all commands.",
        "INFO [<command-name> ...]",
        "    The rows of the named commands.",
        "    Without a name, of all commands.",
        "DOCS [<command-name> ...]",
        "    What the named commands are for.",
        "    Without a name, of all commands.",
        "GETKEYS <full-command>",
        "    The keys of a whole command.",
        "GETKEYSANDFLAGS <full-command>",
        "    The keys of a whole command, and what happens to each.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

static const struct command_argument command_docs_arguments[] = {
    {.name = "command-name",
     .type = ARGUMENT_STRING,
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument command_list_arguments_filterby[] = {
    {.name = "module-name", .type = ARGUMENT_STRING, .token = "MODULE"},
    {.name = "category", .type = ARGUMENT_STRING, .token = "ACLCAT"},
    {.name = "pattern", .type = ARGUMENT_PATTERN, .token = "PATTERN"},
    {0},
};

static const struct command_argument command_list_arguments[] = {
    {.name = "filterby",
     .type = ARGUMENT_ONEOF,
     .token = "FILTERBY",
     .flags = ARGUMENT_OPTIONAL,
     .arguments = command_list_arguments_filterby},
    {0},
};

static const struct command command_subcommands[] = {
    {.name = "COUNT",
     .arity = 2,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .categories = CATEGORY_CONNECTION,
     .since = "2.8.13",
     .group = "server",
     .summary = "Counts the commands.",
     .complexity = "O(1)",
     .run = introspection_count},
    {.name = "DOCS",
     .arity = -2,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .categories = CATEGORY_CONNECTION,
     .since = "7.0.0",
     .group = "server",
     .summary = "Documents commands: what they do, since when, with what arguments.",
     .complexity = "O(N) for N commands asked for",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     .arguments = command_docs_arguments,
     .run = introspection_docs},
    {.name = "GETKEYS",
     .arity = -4,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .categories = CATEGORY_CONNECTION,
     .since = "2.8.13",
     .group = "server",
     .summary = "Picks the keys out of a whole command.",
     .complexity = "O(N) for N arguments",
     .run = introspection_getkeys},
    {.name = "GETKEYSANDFLAGS",
     .arity = -4,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .categories = CATEGORY_CONNECTION,
     .since = "7.0.0",
     .group = "server",
     .summary = "Picks the keys out of a whole command, with what happens to each.",
     .complexity = "O(N) for N arguments",
     .run = introspection_getkeysandflags},
    {HELP_LINES_ROW("5.0.0", "server", introspection_help), .categories = CATEGORY_CONNECTION},
    {.name = "INFO",
     .arity = -2,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .categories = CATEGORY_CONNECTION,
     .since = "2.8.13",
     .group = "server",
     .summary = "Describes the named commands, or all.",
     .complexity = "O(N) for N commands asked for",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     .arguments = command_docs_arguments,
     .run = introspection_info},
    {.name = "LIST",
     .arity = -2,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .categories = CATEGORY_CONNECTION,
     .since = "7.0.0",
     .group = "server",
     .summary = "Lists the names of commands, all or those that pass a filter.",
     .complexity = "O(N) for N commands in the server",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     .arguments = command_list_arguments,
     .run = introspection_list},
    {0},
};

const struct command introspection_commands[] = {
    {.name = "COMMAND",
     .arity = -1,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .categories = CATEGORY_CONNECTION,
     .since = "2.8.13",
     .group = "server",
     .summary = "Describes all commands.",
     .complexity = "O(N) for N commands in the server",
     .tips = (const char *const[]){"nondeterministic_output_order", NULL},
     .subcommands = command_subcommands,
     .run = introspection_all},
    {0},
};
