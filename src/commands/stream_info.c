/* SPDX-License-Identifier: MIT */
/* XINFO: what a stream, its groups and their consumers are like. */
#include "commands/help_lines.h"
#include "commands/stream_replies.h"
#include "reply/errors.h"
#include "values/stream.h"

#define DEFAULT_FULL_COUNT 10

static void reply_named_integer(struct reply *reply, const char *name, int64_t value)
{
    reply_bulk_string(reply, name);
    reply_integer(reply, value);
}

static void reply_named_id(struct reply *reply, const char *name, struct stream_id id)
{
    reply_bulk_string(reply, name);
    stream_replies_id(reply, id);
}

/* The stream at argv[2]; NULL: it is absent or another type, and the error was answered. */
static const struct value *find_stream(struct call *call)
{
    struct entry *entry;
    if (!call_find(call, call->argv[2], VALUE_STREAM, ACCESS_READ, &entry))
        return NULL;
    if (entry)
        return entry_value(entry);
    reply_error(call->reply, ERROR_NO_SUCH_KEY);
    return NULL;
}

static void reply_progress(struct call *call, const struct value *value,
                           const struct stream_group *group)
{
    int64_t lag;
    reply_bulk_string(call->reply, "entries-read");
    if (group->entries_read == STREAM_GROUP_UNKNOWN)
        reply_null(call->reply);
    else
        reply_integer(call->reply, group->entries_read);
    reply_bulk_string(call->reply, "lag");
    if (stream_progress_lag(value, group, stream_replies_rules(call), &lag))
        reply_integer(call->reply, lag);
    else
        reply_null(call->reply);
}

/* XINFO STREAM ... FULL. `limit` is how many of each list are told; 0 means all. */

static void reply_group_pending(struct reply *reply, const struct order_tree *tree, uint64_t limit,
                                bool tells_consumer)
{
    struct order_position at = order_tree_seek(tree, 0);
    size_t count = limit && limit < tree->count ? (size_t)limit : tree->count;
    reply_named_integer(reply, "pel-count", (int64_t)tree->count);
    reply_bulk_string(reply, "pending");
    reply_open(reply, REPLY_ARRAY, count);
    for (; count > 0; count--, at = order_position_next(at)) {
        const struct stream_pending *pending = order_position_element(at);
        reply_open(reply, REPLY_ARRAY, tells_consumer ? 4 : 3);
        stream_replies_id(reply, pending->id);
        if (tells_consumer)
            reply_bulk(reply, stream_group_consumer_name(pending->consumer));
        reply_integer(reply, pending->delivered_at);
        reply_integer(reply, (int64_t)pending->deliveries);
        reply_close(reply);
    }
    reply_close(reply);
}

static void reply_full_consumer(struct call *call, const struct stream_consumer *consumer,
                                uint64_t limit)
{
    bool tells_active = call_emulates(call, 7, 2);
    reply_open(call->reply, REPLY_MAP, tells_active ? 5 : 4);
    reply_bulk_string(call->reply, "name");
    reply_bulk(call->reply, stream_group_consumer_name(consumer));
    reply_named_integer(call->reply, "seen-time", consumer->seen_at);
    if (tells_active)
        reply_named_integer(call->reply, "active-time", consumer->active_at);
    reply_group_pending(call->reply, &consumer->pending, limit, false);
    reply_close(call->reply);
}

static void reply_full_group(struct call *call, const struct value *value,
                             const struct stream_group *group, uint64_t limit)
{
    bool tells_progress = call_emulates(call, 7, 0);
    reply_open(call->reply, REPLY_MAP, tells_progress ? 7 : 5);
    reply_bulk_string(call->reply, "name");
    reply_bulk(call->reply, stream_group_name(group));
    reply_named_id(call->reply, "last-delivered-id", group->last_id);
    if (tells_progress)
        reply_progress(call, value, group);
    reply_group_pending(call->reply, &group->pending, limit, true);
    reply_bulk_string(call->reply, "consumers");
    reply_open(call->reply, REPLY_ARRAY, group->consumer_count);
    for (size_t i = 0; i < group->consumer_count; i++)
        reply_full_consumer(call, group->consumers[i], limit);
    reply_close(call->reply);
    reply_close(call->reply);
}

static void reply_full(struct call *call, const struct value *value, uint64_t limit)
{
    const struct stream *stream = stream_const(value);
    reply_bulk_string(call->reply, "entries");
    stream_replies_range(call->reply, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, limit, false);
    reply_bulk_string(call->reply, "groups");
    reply_open(call->reply, REPLY_ARRAY, stream->group_count);
    for (size_t i = 0; i < stream->group_count; i++)
        reply_full_group(call, value, stream->groups[i], limit);
    reply_close(call->reply);
}

/* XINFO STREAM. */

/* The first entry from either end, or null. */
static void reply_end(struct reply *reply, const char *name, const struct value *value,
                      bool is_reverse)
{
    struct stream_iterator iterator;
    reply_bulk_string(reply, name);
    stream_iterator_begin(&iterator, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, is_reverse);
    if (stream_iterator_next(&iterator))
        stream_replies_entry(reply, &iterator);
    else
        reply_null(reply);
}

/* FULL [COUNT count], from argv[3] on. */
static bool parse_full(struct call *call, bool *is_full, int64_t *count)
{
    int options = call->argc - 3;
    *is_full = options > 0;
    *count = DEFAULT_FULL_COUNT;
    bool is_good = options == 0 || ((options == 1 || options == 3) && call_is(call, 3, "FULL"));
    if (!is_good || (options == 3 && !call_is(call, 4, "COUNT"))) {
        stream_replies_usage(call, "XINFO");
        return false;
    }
    if (options == 3 && !call_integer(call, 5, count, NULL))
        return false;
    if (*count < 0)
        *count = DEFAULT_FULL_COUNT;
    return true;
}

static void stream_info_stream(struct call *call)
{
    bool tells_past = call_emulates(call, 7, 0);
    bool is_full;
    int64_t count;
    const struct value *value = find_stream(call);
    if (!value || !parse_full(call, &is_full, &count))
        return;
    const struct stream *stream = stream_const(value);
    struct reply *reply = call->reply;
    reply_open(reply, REPLY_MAP, (tells_past ? 7u : 4u) + (is_full ? 2u : 3u));
    reply_named_integer(reply, "length", (int64_t)stream->length);
    reply_named_integer(reply, "radix-tree-keys", (int64_t)stream->block_count);
    reply_named_integer(reply, "radix-tree-nodes", (int64_t)stream_radix_nodes(value));
    reply_named_id(reply, "last-generated-id", stream->last_id);
    if (tells_past) {
        reply_named_id(reply, "max-deleted-entry-id", stream->max_deleted_id);
        reply_named_integer(reply, "entries-added", (int64_t)stream->entries_added);
        reply_named_id(reply, "recorded-first-entry-id", stream->first_id);
    }
    if (is_full) {
        reply_full(call, value, (uint64_t)count);
    } else {
        reply_named_integer(reply, "groups", (int64_t)stream->group_count);
        reply_end(reply, "first-entry", value, false);
        reply_end(reply, "last-entry", value, true);
    }
    reply_close(reply);
}

/* XINFO GROUPS and CONSUMERS. */

static void stream_info_groups(struct call *call)
{
    bool tells_progress = call_emulates(call, 7, 0);
    const struct value *value = find_stream(call);
    if (!value)
        return;
    const struct stream *stream = stream_const(value);
    reply_open(call->reply, REPLY_ARRAY, stream->group_count);
    for (size_t i = 0; i < stream->group_count; i++) {
        const struct stream_group *group = stream->groups[i];
        reply_open(call->reply, REPLY_MAP, tells_progress ? 6 : 4);
        reply_bulk_string(call->reply, "name");
        reply_bulk(call->reply, stream_group_name(group));
        reply_named_integer(call->reply, "consumers", (int64_t)group->consumer_count);
        reply_named_integer(call->reply, "pending", (int64_t)group->pending.count);
        reply_named_id(call->reply, "last-delivered-id", group->last_id);
        if (tells_progress)
            reply_progress(call, value, group);
        reply_close(call->reply);
    }
    reply_close(call->reply);
}

static void reply_consumer(struct call *call, const struct stream_consumer *consumer)
{
    bool tells_active = call_emulates(call, 7, 2);
    int64_t idle = stream_replies_idle(call, consumer->seen_at);
    reply_open(call->reply, REPLY_MAP, tells_active ? 4 : 3);
    reply_bulk_string(call->reply, "name");
    reply_bulk(call->reply, stream_group_consumer_name(consumer));
    reply_named_integer(call->reply, "pending", (int64_t)consumer->pending.count);
    reply_named_integer(call->reply, "idle", idle > 0 ? idle : 0);
    if (tells_active) {
        int64_t inactive = stream_replies_idle(call, consumer->active_at);
        if (consumer->active_at == STREAM_GROUP_NEVER)
            inactive = STREAM_GROUP_NEVER;
        else if (inactive < 0)
            inactive = 0;
        reply_named_integer(call->reply, "inactive", inactive);
    }
    reply_close(call->reply);
}

static void stream_info_consumers(struct call *call)
{
    const struct value *value = find_stream(call);
    if (!value)
        return;
    const struct stream_group *group = stream_find_group(value, call->argv[3]);
    if (!group) {
        reply_error_format(call->reply, ERROR_NOGROUP_FOR_KEY, BYTES_PRINT(call->argv[3]),
                           BYTES_PRINT(call->argv[2]));
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, group->consumer_count);
    for (size_t i = 0; i < group->consumer_count; i++)
        reply_consumer(call, group->consumers[i]);
    reply_close(call->reply);
}

static void stream_info_help(struct call *call)
{
    static const char *const lines[] = {
        "XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CONSUMERS <key> <groupname>",
        "    Tells of the consumers of a group.",
        "GROUPS <key>",
        "    Tells of the groups of a stream.",
        "STREAM <key> [FULL [COUNT <count>]",
        "    Tells of a stream; with FULL of its entries and groups too.",
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

static const struct command_argument consumers_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "groupname", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument full_argument[] = {
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument stream_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "full",
     .type = ARGUMENT_BLOCK,
     .token = "FULL",
     .flags = ARGUMENT_OPTIONAL,
     .arguments = full_argument},
    {0},
};

static const struct command xinfo_subcommands[] = {
    {.name = "CONSUMERS",
     .arity = 4,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Lists the consumers of a group.",
     .complexity = "O(N) for N consumers",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(2, KEY_READ_ACCESS),
     .arguments = consumers_arguments,
     .run = stream_info_consumers},
    {.name = "GROUPS",
     .arity = 3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Tells of each consumer group that a stream has.",
     .complexity = "O(N) for N groups",
     KEYS_AT(2, KEY_READ_ACCESS),
     .arguments = key_argument,
     .run = stream_info_groups},
    {HELP_LINES_ROW("5.0.0", "stream", stream_info_help), .categories = CATEGORY_STREAM},
    {.name = "STREAM",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Describes a stream.",
     .complexity = "O(B) for B blocks of the stream; FULL adds what it lists",
     KEYS_AT(2, KEY_READ_ACCESS),
     .arguments = stream_arguments,
     .run = stream_info_stream},
    {0},
};

const struct command stream_info_commands[] = {
    {.name = "XINFO",
     .arity = -2,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Container of commands that describe streams and their groups.",
     .complexity = "As the subcommand.",
     .subcommands = xinfo_subcommands},
    {0},
};
