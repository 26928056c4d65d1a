/* SPDX-License-Identifier: MIT */
/* XREAD and XREADGROUP: what is new in several streams at once. */
#include "base/memory.h"
#include "commands/stream_ids.h"
#include "commands/stream_replies.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "engine/session.h"
#include "reply/errors.h"
#include "values/stream.h"

struct read_options {
    bool is_group_read; /* XREADGROUP */
    bool has_group;
    struct bytes group;
    struct bytes consumer;
    bool skips_pending; /* NOACK */
    uint64_t count;     /* 0: all */
    bool blocks;
    int64_t wait_until; /* ms since epoch; KEYSPACE_NEVER; meaningful with blocks */
    int keys;           /* argv index of the first key; 0: no STREAMS */
    int streams;
};

/* From where one of the streams is read. */
struct read_start {
    struct stream_id after; /* entries above it */
    bool is_new;            /* ">": what the group has not delivered yet */
};

/* Options. */

static bool parse_block(struct call *call, int index, struct read_options *options)
{
    int64_t wait_ms;
    if (call->session->flags & SESSION_SCRIPT) {
        reply_error_format(call->reply, ERROR_XREAD_IN_SCRIPT, BYTES_PRINT(call->argv[0]));
        return false;
    }
    if (!call_integer(call, index, &wait_ms, ERROR_TIMEOUT_NOT_INTEGER))
        return false;
    if (wait_ms < 0) {
        reply_error(call->reply, ERROR_TIMEOUT_NEGATIVE);
        return false;
    }
    options->blocks = true;
    options->wait_until = KEYSPACE_NEVER;
    if (wait_ms && __builtin_add_overflow(wait_ms, call->now_ms, &options->wait_until)) {
        options->wait_until = KEYSPACE_NEVER - 1;
        if (call_emulates(call, 7, 2)) {
            reply_error(call->reply, ERROR_TIMEOUT_OUT_OF_RANGE);
            return false;
        }
    }
    return true;
}

static bool parse_streams(struct call *call, int index, struct read_options *options)
{
    int texts = call->argc - index;
    options->keys = index;
    options->streams = texts / 2;
    if (texts % 2 == 0)
        return true;
    const char *name = options->is_group_read ? "xreadgroup" : "xread";
    const char *ids = options->is_group_read ? "ID or '>'" : "ID or '$'";
    if (call_emulates(call, 7, 4) && !options->is_group_read)
        ids = "ID, '+', or '$'";
    if (call_emulates(call, 7, 2))
        reply_error_format(call->reply, ERROR_XREAD_UNBALANCED, name, ids);
    else
        reply_error(call->reply, ERROR_XREAD_UNBALANCED_BEFORE_7_2);
    return false;
}

static bool refuse(struct call *call, const char *error)
{
    reply_error(call->reply, error);
    return false;
}

/* The option at argv[*index], which comes to stand at its last word. */
static bool parse_option(struct call *call, int *index, struct read_options *options)
{
    int i = *index;
    int more = call->argc - 1 - i;
    if (more > 0 && call_is(call, i, "BLOCK"))
        return parse_block(call, ++*index, options);
    if (more > 0 && call_is(call, i, "COUNT")) {
        int64_t count;
        if (!call_integer(call, ++*index, &count, NULL))
            return false;
        options->count = count > 0 ? (uint64_t)count : 0;
        return true;
    }
    if (more >= 2 && call_is(call, i, "GROUP")) {
        if (!options->is_group_read)
            return refuse(call, ERROR_XREAD_GROUP);
        options->has_group = true;
        options->group = call->argv[i + 1];
        options->consumer = call->argv[i + 2];
        *index += 2;
        return true;
    }
    if (call_is(call, i, "NOACK")) {
        options->skips_pending = true;
        return options->is_group_read || refuse(call, ERROR_XREAD_NOACK);
    }
    return refuse(call, ERROR_SYNTAX);
}

static bool parse_options(struct call *call, struct read_options *options)
{
    for (int i = 1; i < call->argc && !options->keys; i++) {
        if (i + 1 < call->argc && call_is(call, i, "STREAMS")) {
            if (!parse_streams(call, i + 1, options))
                return false;
        } else if (!parse_option(call, &i, options)) {
            return false;
        }
    }
    if (!options->keys)
        return refuse(call, ERROR_SYNTAX);
    if (options->is_group_read && !options->has_group)
        return refuse(call, ERROR_XREADGROUP_NO_GROUP);
    return true;
}

/* Where to start. */

/* "+", since 7.4: the last entry alone. */
static struct stream_id before_top(const struct entry *entry)
{
    if (!entry || stream_const(entry_value(entry))->length == 0)
        return entry ? stream_const(entry_value(entry))->last_id : STREAM_ID_LOWEST;
    struct stream_id id = stream_top(entry_value(entry));
    stream_id_decrement(&id);
    return id;
}

static bool parse_start(struct call *call, int index, const struct read_options *options,
                        const struct entry *entry, struct read_start *start)
{
    struct bytes text = call->argv[index];
    bool is_last = bytes_equal_string(text, "$");
    bool is_top = call_emulates(call, 7, 4) && bytes_equal_string(text, "+");
    start->is_new = bytes_equal_string(text, ">");
    if (options->is_group_read && (is_last || is_top))
        return refuse(call, is_last ? ERROR_XREADGROUP_LAST : ERROR_XREADGROUP_TOP);
    if (start->is_new)
        return options->is_group_read || refuse(call, ERROR_XREAD_NEW);
    if (is_top)
        start->after = before_top(entry);
    else if (is_last)
        start->after = entry ? stream_const(entry_value(entry))->last_id : STREAM_ID_LOWEST;
    else if (!stream_ids_parse(call, index, &start->after))
        return false;
    /* Redis keeps ">" as the highest id, and so cannot tell the two apart. */
    start->is_new = stream_id_compare(start->after, STREAM_ID_HIGHEST) == 0;
    return true;
}

/* Looks at every key, group and id before anything is read. */
static bool parse_starts(struct call *call, const struct read_options *options,
                         struct read_start *starts)
{
    for (int i = 0; i < options->streams; i++) {
        struct bytes key = call->argv[options->keys + i];
        struct entry *entry;
        if (!call_may_serve(call, key))
            continue;
        if (!call_find(call, key, VALUE_STREAM, ACCESS_READ, &entry))
            return false;
        if (options->is_group_read &&
            (!entry || !stream_find_group(entry_value(entry), options->group))) {
            if (call_is_run_again(call) && !call_emulates(call, 7, 2))
                reply_error(call->reply, entry ? ERROR_GROUP_GONE : ERROR_STREAM_GONE);
            else
                reply_error_format(call->reply, ERROR_NOGROUP_READ, BYTES_PRINT(key),
                                   BYTES_PRINT(options->group));
            return false;
        }
        if (!parse_start(call, options->keys + options->streams + i, options, entry, &starts[i]))
            return false;
    }
    return true;
}

/* Reading. */

struct group_read {
    struct stream_group *group;
    struct stream_consumer *consumer;
};

static struct stream_consumer *find_or_add_consumer(struct call *call, struct stream_group *group,
                                                    struct bytes name, struct bytes key)
{
    struct stream_consumer *consumer = stream_group_find_consumer(group, name);
    if (!consumer) {
        consumer = stream_group_add_consumer(group, name, call->now_ms);
        call_announce_quietly(call, ANNOUNCE_STREAM, "xgroup-createconsumer", key);
    }
    consumer->seen_at = call->now_ms;
    return consumer;
}

/* The entry is delivered to the consumer, whoever had it before. */
static struct stream_pending *make_pending(struct call *call, const struct group_read *read,
                                           struct stream_id id)
{
    struct stream_pending *pending =
        stream_group_add_pending(read->group, id, read->consumer, call->now_ms);
    if (!pending) {
        pending = stream_group_find_pending(read->group, id);
        stream_group_assign(pending, read->consumer);
        pending->delivered_at = call->now_ms;
        pending->deliveries = 1;
    }
    read->consumer->active_at = call->now_ms;
    return pending;
}

static void reply_new(struct call *call, const struct read_options *options, struct bytes key,
                      struct value *stream, const struct group_read *read, struct stream_id start)
{
    struct stream_iterator iterator;
    uint64_t answered = 0;
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    stream_iterator_begin(&iterator, stream, start, STREAM_ID_HIGHEST, false);
    while ((options->count == 0 || answered < options->count) && stream_iterator_next(&iterator)) {
        struct stream_id id = iterator.entry.id;
        if (stream_id_compare(id, read->group->last_id) > 0)
            stream_progress_advance(stream, read->group, id, stream_replies_rules(call));
        stream_replies_entry(call->reply, &iterator);
        answered++;
        if (options->skips_pending)
            continue;
        stream_replies_record_claim(call, key, read->group, make_pending(call, read, id));
    }
    reply_close(call->reply);
    /* Before 7.2 the number of entries read was lost on the way. */
    if (answered && (options->skips_pending || call_emulates(call, 7, 2)))
        stream_replies_record_place(call, key, read->group);
}

/* What the consumer has pending; an entry that was deleted meanwhile has no fields. */
static void reply_history(struct call *call, const struct read_options *options,
                          const struct value *stream, const struct group_read *read,
                          struct stream_id start)
{
    uint64_t answered = 0;
    struct order_position at = stream_group_seek(&read->consumer->pending, start);
    struct stream_pending *pending;
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    for (; (options->count == 0 || answered < options->count) &&
           (pending = order_position_element(at));
         at = order_position_next(at)) {
        if (stream_replies_find(call->reply, stream, pending->id)) {
            pending->delivered_at = call->now_ms;
            pending->deliveries++;
        } else {
            reply_open(call->reply, REPLY_ARRAY, 2);
            stream_replies_id(call->reply, pending->id);
            reply_null_array(call->reply);
            reply_close(call->reply);
        }
        answered++;
    }
    reply_close(call->reply);
}

/* Opens the reply when this is the first stream that has something. */
static void open_stream(struct call *call, struct bytes key, bool *is_open)
{
    if (!*is_open)
        reply_open(call->reply, REPLY_PAIRED_MAP, REPLY_UNSIZED);
    *is_open = true;
    reply_bulk(call->reply, key);
}

static bool has_above(const struct value *value, struct stream_id id)
{
    return stream_const(value)->length && stream_id_compare(stream_top(value), id) > 0;
}

/* Whether a read of what is above this place is answered. Before 7.2 one that has waited is once
 * the stream's last id is above, be it that no entry is: they are gone again, or XSETID has moved
 * it. */
static bool may_answer(const struct call *call, const struct value *value, struct stream_id id)
{
    if (call_is_run_again(call) && !call_emulates(call, 7, 2))
        return stream_id_compare(stream_const(value)->last_id, id) > 0;
    return has_above(value, id);
}

static void read_plainly(struct call *call, const struct read_options *options, struct bytes key,
                         struct entry *entry, struct stream_id after, bool *is_open)
{
    const struct value *stream = entry_value(entry);
    if (!may_answer(call, stream, after))
        return;
    open_stream(call, key, is_open);
    stream_id_increment(&after);
    stream_replies_range(call->reply, stream, after, STREAM_ID_HIGHEST, options->count, false);
}

static void read_for_group(struct call *call, const struct read_options *options, struct bytes key,
                           struct entry *entry, struct read_start start, bool *is_open)
{
    struct value *stream = database_own(call->db, entry);
    struct group_read read = {.group = stream_find_group(stream, options->group)};
    bool is_history = !start.is_new;
    bool is_served = is_history || may_answer(call, stream, read.group->last_id);
    /* Before 7.2 a consumer that gets nothing is not made, or seen. */
    if (!is_served && !call_emulates(call, 7, 2))
        return;
    bool is_new = !stream_group_find_consumer(read.group, options->consumer);
    read.consumer = find_or_add_consumer(call, read.group, options->consumer, key);
    bool is_recorded = options->skips_pending || (!is_served && call_emulates(call, 7, 2));
    if (is_new && is_recorded)
        stream_replies_record_consumer(call, key, read.group, read.consumer);
    if (!is_served)
        return;
    open_stream(call, key, is_open);
    struct stream_id from = is_history ? start.after : read.group->last_id;
    stream_id_increment(&from);
    if (is_history)
        reply_history(call, options, stream, &read, from);
    else
        reply_new(call, options, key, stream, &read, from);
    call->engine->stats.changes++;
}

/* Waits for entries above those that are there now: an id such as $ is what it means at this
 * moment, so the command that is run again has it in full. */
static void wait_for_entries(struct call *call, const struct read_options *options,
                             const struct read_start *starts)
{
    struct bytes *argv = memory_copy(call->argv, (size_t)call->argc * sizeof *argv);
    char *ids = memory_allocate((size_t)options->streams * STREAM_ID_SIZE);
    for (int i = 0; i < options->streams && !options->is_group_read; i++) {
        char *id = ids + (size_t)i * STREAM_ID_SIZE;
        argv[options->keys + options->streams + i] =
            bytes_of(id, stream_id_format(id, starts[i].after));
    }
    struct block_request request = {.first_key = options->keys,
                                    .key_count = options->streams,
                                    .key_step = 1,
                                    .type = VALUE_STREAM,
                                    .deadline_ms = options->wait_until,
                                    .timed_out = reply_null_array,
                                    .wakes_when_gone = options->is_group_read,
                                    .argv = argv};
    if (!call_block(call, &request))
        reply_null_array(call->reply);
    memory_free(argv);
    memory_free(ids);
}

static void read_streams(struct call *call, bool is_group_read)
{
    struct read_options options = {.is_group_read = is_group_read};
    if (!parse_options(call, &options))
        return;
    struct read_start *starts = memory_zeroed((size_t)options.streams * sizeof *starts);
    bool is_open = false;
    if (parse_starts(call, &options, starts)) {
        /* Before 7.2 one that has waited gets one stream, from its first place. */
        bool gets_one = call_is_run_again(call) && !call_emulates(call, 7, 2);
        bool has_one = false;
        for (int i = 0; i < options.streams && !has_one; i++) {
            struct bytes key = call->argv[options.keys + i];
            if (!call_may_serve(call, key))
                continue;
            has_one = gets_one;
            struct entry *entry = call_find_any(call, key, ACCESS_READ);
            if (entry && is_group_read)
                read_for_group(call, &options, key, entry, starts[i], &is_open);
            else if (entry)
                read_plainly(call, &options, key, entry, starts[i].after, &is_open);
        }
        if (is_open)
            reply_close(call->reply);
        else if (options.blocks)
            wait_for_entries(call, &options, starts);
        else
            reply_null_array(call->reply);
    }
    memory_free(starts);
}

static void stream_reads_xread(struct call *call)
{
    read_streams(call, false);
}

static void stream_reads_xreadgroup(struct call *call)
{
    journal_skip(call); /* but for what it says itself */
    read_streams(call, true);
}

/* The keys behind STREAMS, of which a group or a consumer may have the name. */
static bool find_keys(const struct bytes *argv, int argc, struct key_references *found)
{
    int first = 0;
    for (int i = 1; i < argc && !first; i++) {
        if (bytes_equal_ignoring_case(argv[i], "BLOCK") ||
            bytes_equal_ignoring_case(argv[i], "COUNT"))
            i++;
        else if (bytes_equal_ignoring_case(argv[i], "GROUP"))
            i += 2;
        else if (bytes_equal_ignoring_case(argv[i], "STREAMS"))
            first = i + 1;
        else if (!bytes_equal_ignoring_case(argv[i], "NOACK"))
            return false;
    }
    int texts = argc - first;
    if (!first || texts == 0 || texts % 2 == 1)
        return false;
    for (int i = 0; i < texts / 2; i++)
        key_references_add(found, first + i, 0);
    return true;
}

static const struct command_argument streams_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY, .flags = ARGUMENT_MULTIPLE},
    {.name = "id", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument group_argument[] = {
    {.name = "group", .type = ARGUMENT_STRING},
    {.name = "consumer", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument xread_arguments[] = {
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {.name = "milliseconds",
     .type = ARGUMENT_INTEGER,
     .token = "BLOCK",
     .flags = ARGUMENT_OPTIONAL},
    {.name = "streams", .type = ARGUMENT_BLOCK, .token = "STREAMS", .arguments = streams_argument},
    {0},
};

static const struct command_argument xreadgroup_arguments[] = {
    {.name = "group_consumer",
     .type = ARGUMENT_BLOCK,
     .token = "GROUP",
     .arguments = group_argument},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {.name = "milliseconds",
     .type = ARGUMENT_INTEGER,
     .token = "BLOCK",
     .flags = ARGUMENT_OPTIONAL},
    {.name = "noack", .type = ARGUMENT_PURE_TOKEN, .token = "NOACK", .flags = ARGUMENT_OPTIONAL},
    {.name = "streams", .type = ARGUMENT_BLOCK, .token = "STREAMS", .arguments = streams_argument},
    {0},
};

const struct command stream_reads_commands[] = {
    {.name = "XREAD",
     .arity = -4,
     .flags = COMMAND_READONLY | COMMAND_BLOCKING | COMMAND_MOVABLE_KEYS,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Answers the entries of several streams that are above given ids, and may wait for "
                "some to come.",
     .complexity = "O(log(B)+N) a stream, for N entries answered out of B blocks",
     KEY_SPECS({.flags = KEY_READ_ACCESS,
                .begin = KEY_BEGIN_KEYWORD,
                .begin_keyword = "STREAMS",
                .begin_position = 1,
                .last = -1,
                .step = 1,
                .limit = 2}),
     .arguments = xread_arguments,
     .find_keys = find_keys,
     .run = stream_reads_xread},
    {.name = "XREADGROUP",
     .arity = -7,
     .flags = COMMAND_WRITE | COMMAND_BLOCKING | COMMAND_MOVABLE_KEYS,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Delivers the entries of several streams that a group has not had yet to one of "
                "its consumers, or what the consumer has pending; may wait for some to come.",
     .complexity = "O(log(B)+N) a stream, for N entries answered out of B blocks",
     KEY_SPECS({.flags = KEY_READ_ACCESS,
                .begin = KEY_BEGIN_KEYWORD,
                .begin_keyword = "STREAMS",
                .begin_position = 4,
                .last = -1,
                .step = 1,
                .limit = 2}),
     .arguments = xreadgroup_arguments,
     .find_keys = find_keys,
     .run = stream_reads_xreadgroup},
    {0},
};
