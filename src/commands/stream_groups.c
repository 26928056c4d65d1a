/* SPDX-License-Identifier: MIT */
/* Consumer groups: XGROUP, and what becomes of the entries that they deliver. */
#include "base/memory.h"
#include "commands/help_lines.h"
#include "commands/stream_ids.h"
#include "commands/stream_replies.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "values/stream.h"

/* XGROUP. */

struct group_options {
    bool makes_stream;    /* MKSTREAM */
    int64_t entries_read; /* ENTRIESREAD, or STREAM_GROUP_UNKNOWN */
};

/* argv from 5 on; 6.2 has MKSTREAM alone. */
static bool parse_group_options(struct call *call, bool is_create, struct group_options *options)
{
    *options = (struct group_options){.entries_read = STREAM_GROUP_UNKNOWN};
    for (int i = 5; i < call->argc; i++) {
        if (is_create && call_is(call, i, "MKSTREAM")) {
            options->makes_stream = true;
        } else if (i + 1 < call->argc && call_is(call, i, "ENTRIESREAD") &&
                   call_emulates(call, 7, 0)) {
            if (!call_integer(call, ++i, &options->entries_read, NULL))
                return false;
            if (options->entries_read < 0 && options->entries_read != STREAM_GROUP_UNKNOWN) {
                reply_error(call->reply, ERROR_XGROUP_ENTRIES_READ);
                return false;
            }
        } else {
            stream_replies_usage(call, "XGROUP");
            return false;
        }
    }
    return true;
}

/* The stream at argv[2]. False: an error was answered, as it is for an absent one unless it
 * `may_lack`.
 */
static bool find_stream(struct call *call, bool may_lack, struct entry **entry)
{
    if (!call_find(call, call->argv[2], VALUE_STREAM, ACCESS_WRITE, entry))
        return false;
    if (*entry || may_lack)
        return true;
    reply_error(call->reply, ERROR_XGROUP_NO_KEY);
    return false;
}

/* The stream for writing, and its group argv[3]. False: an error was answered. */
static bool own_group(struct call *call, struct value **stream, struct stream_group **group)
{
    struct bytes name = call->argv[3];
    struct entry *entry;
    if (!find_stream(call, false, &entry))
        return false;
    if (!stream_find_group(entry_value(entry), name)) {
        reply_error_format(call->reply, ERROR_NOGROUP_FOR_KEY, BYTES_PRINT(name),
                           BYTES_PRINT(call->argv[2]));
        return false;
    }
    *stream = database_own(call->db, entry);
    *group = stream_find_group(*stream, name);
    return true;
}

static void announce_group(struct call *call, const char *event)
{
    call_announce_quietly(call, ANNOUNCE_STREAM, event, call->argv[2]);
}

static void stream_groups_create(struct call *call)
{
    struct group_options options;
    struct entry *entry;
    struct stream_id id = STREAM_ID_LOWEST;
    if (!parse_group_options(call, true, &options) ||
        !find_stream(call, options.makes_stream, &entry))
        return;
    if (call->argc > 8) {
        stream_replies_usage(call, "XGROUP");
        return;
    }
    if (!bytes_equal_string(call->argv[4], "$")) {
        if (!stream_ids_parse(call, 4, &id))
            return;
    } else if (entry) {
        id = stream_const(entry_value(entry))->last_id;
    }
    if (entry && stream_find_group(entry_value(entry), call->argv[3])) {
        reply_error(call->reply, ERROR_BUSYGROUP);
        return;
    }
    if (!entry) {
        entry = database_add(call->db, call->argv[2], stream_new());
        call_touch(call, call->db, call->argv[2]);
    }
    struct value *stream = database_own(call->db, entry);
    stream_add_group(stream, call->argv[3], id, options.entries_read);
    announce_group(call, "xgroup-create");
    reply_ok(call->reply);
}

static void stream_groups_setid(struct call *call)
{
    struct group_options options;
    struct value *stream;
    struct stream_group *group;
    struct stream_id id;
    if (!parse_group_options(call, false, &options) || !own_group(call, &stream, &group))
        return;
    if (call->argc > 7) {
        stream_replies_usage(call, "XGROUP");
        return;
    }
    if (bytes_equal_string(call->argv[4], "$"))
        id = stream_const(stream)->last_id;
    else if (!stream_ids_parse_loosely(call, 4, &id))
        return;
    group->last_id = id;
    group->entries_read = options.entries_read;
    announce_group(call, "xgroup-setid");
    reply_ok(call->reply);
}

static void stream_groups_destroy(struct call *call)
{
    struct entry *entry;
    if (!find_stream(call, false, &entry))
        return;
    bool exists = stream_find_group(entry_value(entry), call->argv[3]) != NULL;
    if (exists) {
        struct value *stream = database_own(call->db, entry);
        stream_remove_group(stream, stream_find_group(stream, call->argv[3]));
        announce_group(call, "xgroup-destroy");
        blocking_signal(call->engine, call->db, call->argv[2]); /* its readers wait in vain */
    }
    reply_integer(call->reply, exists);
}

static void stream_groups_createconsumer(struct call *call)
{
    struct value *stream;
    struct stream_group *group;
    if (!own_group(call, &stream, &group))
        return;
    bool is_new = stream_group_add_consumer(group, call->argv[4], call->now_ms) != NULL;
    if (is_new)
        announce_group(call, "xgroup-createconsumer");
    reply_integer(call->reply, is_new);
}

static void stream_groups_delconsumer(struct call *call)
{
    struct value *stream;
    struct stream_group *group;
    size_t pending = 0;
    if (!own_group(call, &stream, &group))
        return;
    struct stream_consumer *consumer = stream_group_find_consumer(group, call->argv[4]);
    if (consumer) {
        pending = consumer->pending.count;
        stream_group_remove_consumer(group, consumer);
        announce_group(call, "xgroup-delconsumer");
    }
    reply_integer(call->reply, (int64_t)pending);
}

static void stream_groups_help(struct call *call)
{
    static const char *const lines[] = {
        "XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CREATE <key> <groupname> <id|$> [option]",
        "    Makes a group that has read up to an id. Options are:",
        "    * MKSTREAM",
        "      Makes an empty stream if the key is absent.",
        "    * ENTRIESREAD entries_read",
        "      How many entries the group counts as read.",
        "CREATECONSUMER <key> <groupname> <consumer>",
        "    Makes a consumer in a group.",
        "DELCONSUMER <key> <groupname> <consumer>",
        "    Removes a consumer, with what it has pending.",
        "DESTROY <key> <groupname>",
        "    Removes a group.",
        "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
        "    Sets up to which id a group has read.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

/* XACK. */

static int64_t acknowledge(struct stream_group *group, const struct stream_id *ids, int count)
{
    int64_t acknowledged = 0;
    for (int i = 0; i < count; i++) {
        struct stream_pending *pending = stream_group_find_pending(group, ids[i]);
        if (!pending)
            continue;
        stream_group_remove_pending(group, pending);
        acknowledged++;
    }
    return acknowledged;
}

static void stream_groups_xack(struct call *call)
{
    struct entry *entry;
    if (!call_find(call, call->argv[1], VALUE_STREAM, ACCESS_READ, &entry))
        return;
    if (!entry || !stream_find_group(entry_value(entry), call->argv[2])) {
        reply_integer(call->reply, 0);
        return;
    }
    struct stream_id *ids = stream_ids_parse_rest(call, 3);
    if (!ids)
        return;
    struct value *stream = database_own(call->db, entry);
    struct stream_group *group = stream_find_group(stream, call->argv[2]);
    int64_t acknowledged = acknowledge(group, ids, call->argc - 3);
    memory_free(ids);
    call->engine->stats.changes += (uint64_t)acknowledged;
    reply_integer(call->reply, acknowledged);
}

/* XPENDING. */

struct pending_filter {
    bool is_given;
    int64_t min_idle; /* ms */
    struct stream_id start, end;
    int64_t count;
    const struct bytes *consumer; /* or NULL: those of all */
};

static bool parse_filter(struct call *call, struct pending_filter *filter)
{
    int i = 3;
    *filter = (struct pending_filter){.is_given = call->argc > 3};
    if (call->argc != 3 && (call->argc < 6 || call->argc > 9)) {
        call_syntax_error(call);
        return false;
    }
    if (!filter->is_given)
        return true;
    if (call_is(call, i, "IDLE")) {
        if (!call_integer(call, i + 1, &filter->min_idle, NULL))
            return false;
        if (call->argc < 8) {
            call_syntax_error(call);
            return false;
        }
        i += 2;
    }
    if (i + 3 < call->argc)
        filter->consumer = &call->argv[i + 3];
    return call_integer(call, i + 2, &filter->count, NULL) &&
           stream_ids_parse_start(call, i, &filter->start) &&
           stream_ids_parse_end(call, i + 1, &filter->end);
}

static void reply_pending_summary(struct reply *reply, const struct stream_group *group)
{
    size_t count = group->pending.count;
    reply_open(reply, REPLY_ARRAY, 4);
    reply_integer(reply, (int64_t)count);
    if (count == 0) {
        reply_null(reply);
        reply_null(reply);
        reply_null_array(reply);
        reply_close(reply);
        return;
    }
    const struct stream_pending *first =
        order_position_element(order_tree_seek(&group->pending, 0));
    const struct stream_pending *last =
        order_position_element(order_tree_seek(&group->pending, count - 1));
    stream_replies_id(reply, first->id);
    stream_replies_id(reply, last->id);
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (size_t i = 0; i < group->consumer_count; i++) {
        const struct stream_consumer *consumer = group->consumers[i];
        if (consumer->pending.count == 0)
            continue;
        reply_open(reply, REPLY_ARRAY, 2);
        reply_bulk(reply, stream_group_consumer_name(consumer));
        reply_bulk_integer(reply, (int64_t)consumer->pending.count);
        reply_close(reply);
    }
    reply_close(reply);
    reply_close(reply);
}

static void reply_pending(struct call *call, const struct order_tree *tree,
                          const struct pending_filter *filter)
{
    struct reply *reply = call->reply;
    struct order_position at = stream_group_seek(tree, filter->start);
    const struct stream_pending *pending;
    int64_t left = filter->count;
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (; left > 0 && (pending = order_position_element(at)); at = order_position_next(at)) {
        int64_t idle = stream_replies_idle(call, pending->delivered_at);
        if (stream_id_compare(pending->id, filter->end) > 0)
            break;
        if (filter->min_idle && idle < filter->min_idle)
            continue;
        reply_open(reply, REPLY_ARRAY, 4);
        stream_replies_id(reply, pending->id);
        reply_bulk(reply, stream_group_consumer_name(pending->consumer));
        reply_integer(reply, idle > 0 ? idle : 0);
        reply_integer(reply, (int64_t)pending->deliveries);
        reply_close(reply);
        left--;
    }
    reply_close(reply);
}

static void stream_groups_xpending(struct call *call)
{
    struct pending_filter filter;
    struct entry *entry;
    struct stream_group *group;
    if (!parse_filter(call, &filter) || !stream_replies_find_group(call, &entry, &group))
        return;
    if (!filter.is_given) {
        reply_pending_summary(call->reply, group);
        return;
    }
    const struct stream_consumer *consumer =
        filter.consumer ? stream_group_find_consumer(group, *filter.consumer) : NULL;
    if (filter.consumer && !consumer)
        reply_empty(call->reply, REPLY_ARRAY);
    else
        reply_pending(call, consumer ? &consumer->pending : &group->pending, &filter);
}

static const struct command_argument group_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "groupname", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument consumer_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "groupname", .type = ARGUMENT_STRING},
    {.name = "consumername", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument group_id[] = {
    {.name = "id", .type = ARGUMENT_STRING},
    {.name = "new_id", .type = ARGUMENT_PURE_TOKEN, .token = "$"},
    {0},
};

static const struct command_argument create_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "groupname", .type = ARGUMENT_STRING},
    {.name = "id", .type = ARGUMENT_ONEOF, .arguments = group_id},
    {.name = "mkstream",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "MKSTREAM",
     .flags = ARGUMENT_OPTIONAL},
    {.name = "entries_read",
     .type = ARGUMENT_INTEGER,
     .token = "ENTRIESREAD",
     .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument setid_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "groupname", .type = ARGUMENT_STRING},
    {.name = "id", .type = ARGUMENT_ONEOF, .arguments = group_id},
    {.name = "entries_read",
     .type = ARGUMENT_INTEGER,
     .token = "ENTRIESREAD",
     .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument xack_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "group", .type = ARGUMENT_STRING},
    {.name = "id", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument xpending_filters[] = {
    {.name = "min-idle-time",
     .type = ARGUMENT_INTEGER,
     .token = "IDLE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0"},
    {.name = "start", .type = ARGUMENT_STRING},
    {.name = "end", .type = ARGUMENT_STRING},
    {.name = "count", .type = ARGUMENT_INTEGER},
    {.name = "consumer", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument xpending_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "group", .type = ARGUMENT_STRING},
    {.name = "filters",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = xpending_filters},
    {0},
};

static const struct command xgroup_subcommands[] = {
    {.name = "CREATE",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Begins a new group on a stream.",
     .complexity = "O(1)",
     KEYS_AT(2, KEY_RW | KEY_INSERT),
     .arguments = create_arguments,
     .run = stream_groups_create},
    {.name = "CREATECONSUMER",
     .arity = 5,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_STREAM,
     .since = "6.2.0",
     .group = "stream",
     .summary = "Adds a consumer before it has read anything.",
     .complexity = "O(1)",
     KEYS_AT(2, KEY_RW | KEY_INSERT),
     .arguments = consumer_arguments,
     .run = stream_groups_createconsumer},
    {.name = "DELCONSUMER",
     .arity = 5,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Removes a consumer, with what it has pending.",
     .complexity = "O(N log(N)) for N pending entries",
     KEYS_AT(2, KEY_RW | KEY_DELETE),
     .arguments = consumer_arguments,
     .run = stream_groups_delconsumer},
    {.name = "DESTROY",
     .arity = 4,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Ends a group, with all that it has pending.",
     .complexity = "O(N) for N pending entries",
     KEYS_AT(2, KEY_RW | KEY_DELETE),
     .arguments = group_arguments,
     .run = stream_groups_destroy},
    {HELP_LINES_ROW("5.0.0", "stream", stream_groups_help), .categories = CATEGORY_STREAM},
    {.name = "SETID",
     .arity = -5,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Sets up to which id a group has read.",
     .complexity = "O(1)",
     KEYS_AT(2, KEY_RW | KEY_UPDATE),
     .arguments = setid_arguments,
     .run = stream_groups_setid},
    {0},
};

const struct command stream_groups_commands[] = {
    {.name = "XGROUP",
     .arity = -2,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Container of commands that make, change and remove consumer groups.",
     .complexity = "As the subcommand.",
     .subcommands = xgroup_subcommands},
    {.name = "XACK",
     .arity = -4,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Takes entries that were dealt with off a group's pending ones, and answers how "
                "many there were.",
     .complexity = "O(log(N)) an entry, N being pending",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = xack_arguments,
     .run = stream_groups_xack},
    {.name = "XPENDING",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Tells which entries a group has pending, or how many.",
     .complexity = "O(log(N)+M) for M of N pending entries looked at; O(C) for the summary of C "
                   "consumers",
     .tips = (const char *const[]){"nondeterministic_output", NULL},
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = xpending_arguments,
     .run = stream_groups_xpending},
    {0},
};
