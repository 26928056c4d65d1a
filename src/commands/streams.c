/* SPDX-License-Identifier: MIT */
/* Streams as a whole: entries added, read by range, deleted and trimmed. */
#include "values/stream.h"

#include "base/memory.h"
#include "commands/stream_ids.h"
#include "commands/stream_options.h"
#include "commands/stream_replies.h"
#include "engine/journal.h"
#include "reply/errors.h"

static bool find_stream(struct call *call, enum database_access access, struct entry **entry)
{
    return call_find(call, call->argv[1], VALUE_STREAM, access, entry);
}

static void announce(struct call *call, const char *event)
{
    call_announce(call, ANNOUNCE_STREAM, event, call->argv[1]);
}

/* Entries have gone: who waits for some is not woken. */
static void announce_gone(struct call *call, const char *event)
{
    call_announce_unseen(call, ANNOUNCE_STREAM, event, call->argv[1]);
}

/* XADD. */

/* The id that the new entry gets; false: it is not above the highest, and the error was answered.
 */
static bool choose_id(struct call *call, const struct stream_options *options,
                      struct stream_id last, struct stream_id *id)
{
    *id = options->id;
    bool follows_last = options->has_id ? !options->has_sequence && id->ms == last.ms
                                        : (uint64_t)call->now_ms <= last.ms;
    if (!options->has_id)
        *id = (struct stream_id){.ms = (uint64_t)call->now_ms};
    if (follows_last) {
        *id = last;
        stream_id_increment(id);
    }
    /* "ms-*" must not go on into the next millisecond; Redis 7.0 gives a wrong reason for it. */
    bool overflows = options->has_id && follows_last && id->ms != last.ms;
    if (!overflows && stream_id_compare(*id, last) > 0)
        return true;
    bool is_wrong = overflows && !call_emulates(call, 7, 2);
    reply_error(call->reply, is_wrong ? ERROR_XADD_TOO_LARGE : ERROR_XADD_ID_SMALL);
    return false;
}

static bool fits(struct call *call, int first)
{
    size_t size = 0;
    for (int i = first; i < call->argc; i++)
        size += call->argv[i].size;
    if (size <= STREAM_ENTRY_LIMIT)
        return true;
    reply_error(call->reply, ERROR_XADD_TOO_LARGE);
    return false;
}

/* The entry's id for the stream that is there, or will be. False: an error was answered. */
static bool prepare_entry(struct call *call, const struct stream_options *options,
                          const struct entry *entry, struct stream_id *id)
{
    struct stream_id last = entry ? stream_const(entry_value(entry))->last_id : STREAM_ID_LOWEST;
    if (stream_id_compare(last, STREAM_ID_HIGHEST) == 0) {
        reply_error(call->reply, ERROR_XADD_EXHAUSTED);
        return false;
    }
    return choose_id(call, options, last, id) && fits(call, options->next);
}

static struct bytes format_first_id(char *room, const struct value *stream)
{
    struct stream_iterator iterator;
    struct stream_id first = STREAM_ID_HIGHEST;
    stream_iterator_begin(&iterator, stream, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
    if (stream_iterator_next(&iterator))
        first = iterator.entry.id;
    return bytes_of(room, stream_id_format(room, first));
}

/* The id that the entry got, if there is one, and where an approximate trim has led to. */
static void record(struct call *call, const struct stream_options *options,
                   const struct value *stream, const struct stream_id *added)
{
    struct journal_edit edits[3];
    int count = 0;
    char id_room[STREAM_ID_SIZE], first_room[STREAM_ID_SIZE];
    struct journal_number length_room;
    if (!journal_wants(call))
        return;
    if (added && (!options->has_id || !options->has_sequence))
        edits[count++] = (struct journal_edit){
            options->next - 1, bytes_of(id_room, stream_id_format(id_room, *added))};
    if (options->trim.strategy != STREAM_TRIM_NONE && options->trim.is_approximate) {
        int64_t length = (int64_t)stream_const(stream)->length;
        bool is_by_id = options->trim.strategy == STREAM_TRIM_ID;
        edits[count++] = (struct journal_edit){options->trim_index - 1, BYTES_LITERAL("=")};
        edits[count++] = (struct journal_edit){options->trim_index,
                                               is_by_id ? format_first_id(first_room, stream)
                                                        : journal_format(&length_room, length)};
    }
    if (count)
        journal_replace_words(call, edits, count);
}

static void streams_xadd(struct call *call)
{
    struct stream_options options;
    struct entry *entry;
    struct stream_id id;
    if (!stream_options_parse(call, true, &options))
        return;
    int texts = call->argc - options.next;
    if (texts < 2 || texts % 2 == 1) {
        if (call_emulates(call, 7, 0))
            call_arity_error(call);
        else
            reply_error(call->reply, ERROR_XADD_ARITY_BEFORE_7);
        return;
    }
    if (options.has_id && options.has_sequence && stream_id_is_zero(options.id)) {
        reply_error(call->reply, ERROR_XADD_ID_ZERO);
        return;
    }
    if (!find_stream(call, ACCESS_WRITE, &entry))
        return;
    if (!entry && options.needs_stream) {
        reply_null(call->reply);
        return;
    }
    if (!prepare_entry(call, &options, entry, &id))
        return;
    struct value *stream = entry ? database_own(call->db, entry)
                                 : entry_value(database_add(call->db, call->argv[1], stream_new()));
    struct stream_limits limits = {
        .bytes = (size_t)call_config(call, CONFIG_STREAM_NODE_MAX_BYTES),
        .entries = (size_t)call_config(call, CONFIG_STREAM_NODE_MAX_ENTRIES),
    };
    stream_append(stream, id, call->argv + options.next, (size_t)texts / 2, &limits);
    stream_replies_id(call->reply, id);
    announce(call, "xadd");
    if (stream_trim(stream, &options.trim))
        announce_gone(call, "xtrim");
    record(call, &options, stream, &id);
}

/* Ranges. */

static void streams_xlen(struct call *call)
{
    struct entry *entry;
    if (find_stream(call, ACCESS_READ, &entry))
        reply_integer(call->reply, entry ? (int64_t)stream_const(entry_value(entry))->length : 0);
}

/* COUNT, from argv[4] on; -1 when it is not given. */
static bool parse_count(struct call *call, int64_t *count)
{
    *count = -1;
    for (int i = 4; i < call->argc; i += 2) {
        if (i + 1 == call->argc || !call_is(call, i, "COUNT")) {
            call_syntax_error(call);
            return false;
        }
        if (!call_integer(call, i + 1, count, NULL))
            return false;
        if (*count < 0)
            *count = 0;
    }
    return true;
}

static void reply_range(struct call *call, bool is_reverse)
{
    struct stream_id start, end;
    int64_t count;
    struct entry *entry;
    if (!stream_ids_parse_start(call, is_reverse ? 3 : 2, &start) ||
        !stream_ids_parse_end(call, is_reverse ? 2 : 3, &end) || !parse_count(call, &count) ||
        !find_stream(call, ACCESS_READ, &entry))
        return;
    if (!entry)
        reply_empty(call->reply, REPLY_ARRAY);
    else if (count == 0)
        reply_null_array(call->reply);
    else
        stream_replies_range(call->reply, entry_value(entry), start, end,
                             count < 0 ? 0 : (uint64_t)count, is_reverse);
}

static void streams_xrange(struct call *call)
{
    reply_range(call, false);
}

static void streams_xrevrange(struct call *call)
{
    reply_range(call, true);
}

/* Deleting. */

static void streams_xdel(struct call *call)
{
    struct entry *entry;
    if (!find_stream(call, ACCESS_WRITE, &entry))
        return;
    if (!entry) {
        reply_integer(call->reply, 0);
        return;
    }
    struct stream_id *ids = stream_ids_parse_rest(call, 2);
    if (!ids)
        return;
    struct value *stream = database_own(call->db, entry);
    int64_t deleted = 0;
    for (int i = 2; i < call->argc; i++)
        deleted += stream_delete(stream, ids[i - 2]);
    memory_free(ids);
    if (deleted)
        announce_gone(call, "xdel");
    reply_integer(call->reply, deleted);
}

static void streams_xtrim(struct call *call)
{
    struct stream_options options;
    struct entry *entry;
    if (!stream_options_parse(call, false, &options) || !find_stream(call, ACCESS_WRITE, &entry))
        return;
    uint64_t deleted = entry ? stream_trim(database_own(call->db, entry), &options.trim) : 0;
    if (deleted) {
        announce_gone(call, "xtrim");
        record(call, &options, entry_value(entry), NULL);
    }
    reply_integer(call->reply, (int64_t)deleted);
}

/* XSETID. */

struct setid_options {
    int64_t added; /* -1: not given */
    struct stream_id max_deleted_id;
};

static bool parse_setid_option(struct call *call, int index, struct stream_id id,
                               struct setid_options *options)
{
    bool has_more = index + 1 < call->argc;
    const char *error = NULL;
    if (has_more && call_is(call, index, "ENTRIESADDED")) {
        if (!call_integer(call, index + 1, &options->added, NULL))
            return false;
        error = options->added < 0 ? ERROR_XSETID_ADDED : NULL;
    } else if (has_more && call_is(call, index, "MAXDELETEDID")) {
        if (!stream_ids_parse(call, index + 1, &options->max_deleted_id))
            return false;
        if (stream_id_compare(id, options->max_deleted_id) < 0)
            error = ERROR_XSETID_BELOW_GIVEN;
    } else {
        error = ERROR_SYNTAX;
    }
    if (error)
        reply_error(call->reply, error);
    return !error;
}

/* What is wrong with the new id and options, or NULL. */
static const char *setid_error(const struct call *call, const struct value *value,
                               struct stream_id id, const struct setid_options *options)
{
    const struct stream *stream = stream_const(value);
    if (call_emulates(call, 7, 2) && stream_id_compare(id, stream->max_deleted_id) < 0)
        return ERROR_XSETID_BELOW_DELETED;
    if (stream->length && stream_id_compare(id, stream_top(value)) < 0)
        return ERROR_XSETID_BELOW_TOP;
    if (stream->length && options->added >= 0 && stream->length > (uint64_t)options->added)
        return ERROR_XSETID_ADDED_BELOW_LENGTH;
    return NULL;
}

static void streams_xsetid(struct call *call)
{
    struct stream_id id;
    struct setid_options options = {.added = -1};
    struct entry *entry;
    if (call->argc > 3 && !call_emulates(call, 7, 0)) {
        call_arity_error(call);
        return;
    }
    if (!stream_ids_parse(call, 2, &id))
        return;
    for (int i = 3; i < call->argc; i += 2)
        if (!parse_setid_option(call, i, id, &options))
            return;
    if (!find_stream(call, ACCESS_WRITE, &entry))
        return;
    const char *error =
        entry ? setid_error(call, entry_value(entry), id, &options) : ERROR_NO_SUCH_KEY;
    if (error) {
        reply_error(call->reply, error);
        return;
    }
    struct stream *stream = stream_of(database_own(call->db, entry));
    stream->last_id = id;
    if (options.added >= 0)
        stream->entries_added = (uint64_t)options.added;
    if (!stream_id_is_zero(options.max_deleted_id))
        stream->max_deleted_id = options.max_deleted_id;
    call_announce_quietly(call, ANNOUNCE_STREAM, "xsetid", call->argv[1]);
    reply_ok(call->reply);
}

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument trim_strategy[] = {
    {.name = "maxlen", .type = ARGUMENT_PURE_TOKEN, .token = "MAXLEN"},
    {.name = "minid", .type = ARGUMENT_PURE_TOKEN, .token = "MINID", .since = "6.2.0"},
    {0},
};

static const struct command_argument trim_operator[] = {
    {.name = "equal", .type = ARGUMENT_PURE_TOKEN, .token = "="},
    {.name = "approximately", .type = ARGUMENT_PURE_TOKEN, .token = "~"},
    {0},
};

static const struct command_argument trim_arguments[] = {
    {.name = "strategy", .type = ARGUMENT_ONEOF, .arguments = trim_strategy},
    {.name = "operator",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = trim_operator},
    {.name = "threshold", .type = ARGUMENT_STRING},
    {.name = "count",
     .type = ARGUMENT_INTEGER,
     .token = "LIMIT",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0"},
    {0},
};

static const struct command_argument xadd_id[] = {
    {.name = "auto_id", .type = ARGUMENT_PURE_TOKEN, .token = "*"},
    {.name = "id", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument field_and_value[] = {
    {.name = "field", .type = ARGUMENT_STRING},
    {.name = "value", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument xadd_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "nomkstream",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "NOMKSTREAM",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0"},
    {.name = "trim",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = trim_arguments},
    {.name = "id_or_auto", .type = ARGUMENT_ONEOF, .arguments = xadd_id},
    {.name = "field_value",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = field_and_value},
    {0},
};

static const struct command_argument xrange_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "start", .type = ARGUMENT_STRING},
    {.name = "end", .type = ARGUMENT_STRING},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument xrevrange_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "end", .type = ARGUMENT_STRING},
    {.name = "start", .type = ARGUMENT_STRING},
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT", .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument xdel_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "id", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument xtrim_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "trim", .type = ARGUMENT_BLOCK, .arguments = trim_arguments},
    {0},
};

static const struct command_argument xsetid_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "last-id", .type = ARGUMENT_STRING},
    {.name = "entries_added",
     .type = ARGUMENT_INTEGER,
     .token = "ENTRIESADDED",
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.0.0"},
    {.name = "max_deleted_entry_id",
     .type = ARGUMENT_STRING,
     .token = "MAXDELETEDID",
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.0.0"},
    {0},
};

static const char *const nondeterministic[] = {"nondeterministic_output", NULL};

const struct command streams_commands[] = {
    {.name = "XADD",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Adds an entry at the end of a stream, which is made if the key is absent, and may "
                "trim the stream.",
     .complexity = "O(1) to add, O(N) to trim N entries away",
     .tips = nondeterministic,
     KEY_SPECS({.flags = KEY_RW | KEY_UPDATE,
                .begin_position = 1,
                .step = 1,
                .notes = "UPDATE instead of INSERT because of the optional trimming feature"}),
     .arguments = xadd_arguments,
     .run = streams_xadd},
    {.name = "XLEN",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Counts the entries of a stream.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = key_argument,
     .run = streams_xlen},
    {.name = "XRANGE",
     .arity = -4,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Answers the entries whose ids lie in a range.",
     .complexity = "O(log(B)+N) for N entries answered out of B blocks",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = xrange_arguments,
     .run = streams_xrange},
    {.name = "XREVRANGE",
     .arity = -4,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Answers the entries whose ids lie in a range, the highest first.",
     .complexity = "O(log(B)+N) for N entries answered out of B blocks",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = xrevrange_arguments,
     .run = streams_xrevrange},
    {.name = "XDEL",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Deletes entries and answers how many were there.",
     .complexity = "O(log(B)) an entry, B being the blocks of the stream",
     KEYS_AT(1, KEY_RW | KEY_DELETE),
     .arguments = xdel_arguments,
     .run = streams_xdel},
    {.name = "XTRIM",
     .arity = -4,
     .flags = COMMAND_WRITE,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Deletes the oldest entries of a stream, down to a length or an id.",
     .complexity = "O(N) for N entries that go, whole blocks at once",
     .tips = nondeterministic,
     KEYS_AT(1, KEY_RW | KEY_DELETE),
     .arguments = xtrim_arguments,
     .run = streams_xtrim},
    {.name = "XSETID",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_STREAM,
     .since = "5.0.0",
     .group = "stream",
     .summary = "Sets the ids and counts that a stream keeps of its past.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = xsetid_arguments,
     .run = streams_xsetid},
    {0},
};
