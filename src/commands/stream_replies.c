/* SPDX-License-Identifier: MIT */
#include "commands/stream_replies.h"

#include "engine/journal.h"
#include "reply/errors.h"

void stream_replies_id(struct reply *reply, struct stream_id id)
{
    char text[STREAM_ID_SIZE];
    reply_bulk(reply, bytes_of(text, stream_id_format(text, id)));
}

void stream_replies_entry(struct reply *reply, struct stream_iterator *iterator)
{
    struct stream_field field;
    reply_open(reply, REPLY_ARRAY, 2);
    stream_replies_id(reply, iterator->entry.id);
    reply_open(reply, REPLY_ARRAY, iterator->entry.field_count * 2);
    while (stream_block_field(&iterator->entry, &field)) {
        reply_bulk(reply, field.name);
        reply_bulk(reply, field.value);
    }
    reply_close(reply);
    reply_close(reply);
}

bool stream_replies_find(struct reply *reply, const struct value *value, struct stream_id id)
{
    struct stream_iterator iterator;
    stream_iterator_begin(&iterator, value, id, id, false);
    if (!stream_iterator_next(&iterator))
        return false;
    stream_replies_entry(reply, &iterator);
    return true;
}

void stream_replies_range(struct reply *reply, const struct value *value, struct stream_id start,
                          struct stream_id end, uint64_t count, bool is_reverse)
{
    struct stream_iterator iterator;
    uint64_t answered = 0;
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    stream_iterator_begin(&iterator, value, start, end, is_reverse);
    while ((count == 0 || answered < count) && stream_iterator_next(&iterator)) {
        stream_replies_entry(reply, &iterator);
        answered++;
    }
    reply_close(reply);
}

bool stream_replies_find_group(struct call *call, struct entry **entry, struct stream_group **group)
{
    *entry = call_find_any(call, call->argv[1], ACCESS_READ);
    return stream_replies_group_in(call, *entry, group);
}

bool stream_replies_group_in(struct call *call, const struct entry *entry,
                             struct stream_group **group)
{
    struct bytes key = call->argv[1];
    struct bytes name = call->argv[2];
    if (entry && entry_type(entry) != VALUE_STREAM) {
        reply_error(call->reply, ERROR_WRONG_TYPE);
        return false;
    }
    *group = entry ? stream_find_group(entry_value(entry), name) : NULL;
    if (*group)
        return true;
    reply_error_format(call->reply, ERROR_NOGROUP, BYTES_PRINT(key), BYTES_PRINT(name));
    return false;
}

int64_t stream_replies_idle(const struct call *call, int64_t since_ms)
{
    int64_t idle;
    return __builtin_sub_overflow(call->now_ms, since_ms, &idle) ? INT64_MAX : idle;
}

void stream_replies_usage(struct call *call, const char *container)
{
    reply_error_format(call->reply, ERROR_SUBCOMMAND_OR_ARITY, BYTES_PRINT(call->argv[1]),
                       container);
}

enum stream_progress_rules stream_replies_rules(const struct call *call)
{
    return call_emulates(call, 7, 4) ? STREAM_PROGRESS_7_4 : STREAM_PROGRESS_7_0;
}

/* --- for the journal --- */

static struct bytes format_id(char *room, struct stream_id id)
{
    return bytes_of(room, stream_id_format(room, id));
}

void stream_replies_record_claim(struct call *call, struct bytes key,
                                 const struct stream_group *group,
                                 const struct stream_pending *pending)
{
    char id[STREAM_ID_SIZE], last_id[STREAM_ID_SIZE];
    struct journal_number time, count;
    if (journal_wants(call))
        JOURNAL_REPLACE(call, BYTES_LITERAL("XCLAIM"), key, stream_group_name(group),
                        stream_group_consumer_name(pending->consumer), BYTES_LITERAL("0"),
                        format_id(id, pending->id), BYTES_LITERAL("TIME"),
                        journal_format(&time, pending->delivered_at), BYTES_LITERAL("RETRYCOUNT"),
                        journal_format(&count, (int64_t)pending->deliveries),
                        BYTES_LITERAL("FORCE"), BYTES_LITERAL("JUSTID"), BYTES_LITERAL("LASTID"),
                        format_id(last_id, group->last_id));
}

void stream_replies_record_place(struct call *call, struct bytes key,
                                 const struct stream_group *group)
{
    char id[STREAM_ID_SIZE];
    struct journal_number read;
    if (!journal_wants(call))
        return;
    if (call_emulates(call, 7, 0))
        JOURNAL_REPLACE(call, BYTES_LITERAL("XGROUP"), BYTES_LITERAL("SETID"), key,
                        stream_group_name(group), format_id(id, group->last_id),
                        BYTES_LITERAL("ENTRIESREAD"), journal_format(&read, group->entries_read));
    else
        JOURNAL_REPLACE(call, BYTES_LITERAL("XGROUP"), BYTES_LITERAL("SETID"), key,
                        stream_group_name(group), format_id(id, group->last_id));
}

void stream_replies_record_consumer(struct call *call, struct bytes key,
                                    const struct stream_group *group,
                                    const struct stream_consumer *consumer)
{
    JOURNAL_REPLACE(call, BYTES_LITERAL("XGROUP"), BYTES_LITERAL("CREATECONSUMER"), key,
                    stream_group_name(group), stream_group_consumer_name(consumer));
}
