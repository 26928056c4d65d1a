/* SPDX-License-Identifier: MIT */
#include "commands/command_docs.h"

#include "commands/command_history.h"

static void reply_pair(struct reply *reply, const char *name, const char *value)
{
    reply_bulk_string(reply, name);
    reply_bulk_string(reply, value);
}

static void reply_argument_flags(struct reply *reply, uint32_t flags)
{
    static const char *const names[] = {"optional", "multiple", "multiple_token"};
    size_t count = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        count += flags >> i & 1;
    reply_bulk_string(reply, "flags");
    reply_open(reply, REPLY_SET, count);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags >> i & 1)
            reply_simple(reply, names[i]);
    reply_close(reply);
}

static void reply_arguments(struct call *call, const struct command_argument *arguments);

static void reply_argument(struct call *call, const struct command_argument *argument)
{
    static const char *const types[] = {"string",    "integer",    "double", "key",  "pattern",
                                        "unix-time", "pure-token", "oneof",  "block"};
    struct reply *reply = call->reply;
    bool is_group = argument->type == ARGUMENT_ONEOF || argument->type == ARGUMENT_BLOCK;
    bool has_display = !is_group && call_emulates(call, 7, 2);
    bool has_spec = argument->type == ARGUMENT_KEY || argument->key_spec > 0;
    size_t count = 2 + (size_t)has_display + (size_t)has_spec + (argument->token != NULL) +
                   (argument->since != NULL) + (argument->deprecated_since != NULL) +
                   (argument->flags != 0) + (argument->arguments != NULL);
    reply_open(reply, REPLY_MAP, count);
    reply_pair(reply, "name", argument->name);
    reply_pair(reply, "type", types[argument->type]);
    if (has_display)
        reply_pair(reply, "display_text", argument->name);
    if (has_spec) {
        reply_bulk_string(reply, "key_spec_index");
        reply_integer(reply, argument->key_spec);
    }
    if (argument->token)
        reply_pair(reply, "token", argument->token);
    if (argument->since)
        reply_pair(reply, "since", argument->since);
    if (argument->deprecated_since)
        reply_pair(reply, "deprecated_since", argument->deprecated_since);
    if (argument->flags)
        reply_argument_flags(reply, argument->flags);
    if (argument->arguments)
        reply_arguments(call, argument->arguments);
    reply_close(reply);
}

/* Whether the emulated version has the argument. */
static bool is_known(const struct call *call, const struct command_argument *argument)
{
    return !argument->since || command_version_number(argument->since) <= call->engine->version;
}

static void reply_arguments(struct call *call, const struct command_argument *arguments)
{
    size_t count = 0;
    for (size_t i = 0; arguments[i].name; i++)
        count += is_known(call, &arguments[i]);
    reply_bulk_string(call->reply, "arguments");
    reply_open(call->reply, REPLY_ARRAY, count);
    for (size_t i = 0; arguments[i].name; i++)
        if (is_known(call, &arguments[i]))
            reply_argument(call, &arguments[i]);
    reply_close(call->reply);
}

static void reply_history(struct call *call, const struct command_state *state)
{
    size_t count;
    const struct command_change *changes =
        command_history_of(state->name, call->engine->version, &count);
    if (count == 0)
        return;
    reply_bulk_string(call->reply, "history");
    reply_open(call->reply, REPLY_SET, count);
    for (size_t i = 0; i < count; i++) {
        reply_open(call->reply, REPLY_ARRAY, 2);
        reply_bulk_string(call->reply, changes[i].since);
        reply_bulk_string(call->reply, changes[i].what);
        reply_close(call->reply);
    }
    reply_close(call->reply);
}

static void reply_subcommands(struct call *call, const struct command_state *state)
{
    reply_bulk_string(call->reply, "subcommands");
    reply_open(call->reply, REPLY_MAP, state->subcommand_count);
    for (size_t i = 0; i < state->subcommand_count; i++) {
        reply_bulk_string(call->reply, state->subcommands[i].name);
        command_docs_reply(call, &state->subcommands[i]);
    }
    reply_close(call->reply);
}

void command_docs_reply(struct call *call, const struct command_state *state)
{
    const struct command *command = state->command;
    struct reply *reply = call->reply;
    bool is_deprecated = command->deprecated_since != NULL;
    bool is_internal = (command->flags & COMMAND_INTERNAL) != 0;
    reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
    if (command->summary)
        reply_pair(reply, "summary", command->summary);
    if (command->since)
        reply_pair(reply, "since", command->since);
    if (command->group)
        reply_pair(reply, "group", command->group);
    if (command->complexity)
        reply_pair(reply, "complexity", command->complexity);
    if (is_deprecated || is_internal) {
        reply_bulk_string(reply, "doc_flags");
        reply_open(reply, REPLY_SET, (size_t)is_deprecated + is_internal);
        if (is_deprecated)
            reply_simple(reply, "deprecated");
        if (is_internal)
            reply_simple(reply, "syscmd");
        reply_close(reply);
    }
    if (is_deprecated)
        reply_pair(reply, "deprecated_since", command->deprecated_since);
    if (command->replaced_by)
        reply_pair(reply, "replaced_by", command->replaced_by);
    reply_history(call, state);
    if (command->arguments)
        reply_arguments(call, command->arguments);
    if (state->subcommand_count)
        reply_subcommands(call, state);
    reply_close(reply);
}
