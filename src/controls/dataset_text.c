/* SPDX-License-Identifier: MIT */
#include "controls/dataset_text.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "controls/matcher.h"
#include "engine/engine.h"
#include "values/hash.h"
#include "values/hash_deadline.h"
#include "values/quicklist.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"
#include "values/string.h"

/* --- words --- */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("_:.-/@+=,*$%&!?;{}[]()<>^|~", c);
}

static void append_word(struct buffer *text, struct bytes word)
{
    bool needs_quotes = word.size == 0;
    for (size_t i = 0; i < word.size && !needs_quotes; i++)
        needs_quotes = word.data[i] == '\0' || !is_plain(word.data[i]);
    buffer_append_byte(text, ' ');
    if (needs_quotes)
        buffer_append_quoted(text, word);
    else
        buffer_append_bytes(text, word);
}

static void append_command(struct buffer *text, const char *name, struct bytes key)
{
    buffer_append_string(text, name);
    append_word(text, key);
}

static void append_id(struct buffer *text, struct stream_id id)
{
    char digits[STREAM_ID_SIZE];
    append_word(text, bytes_of(digits, stream_id_format(digits, id)));
}

static void end_line(struct buffer *text)
{
    buffer_append_byte(text, '\n');
}

/* --- members without an order --- */

/* Pieces of a text that is being written, to be put in order. */
struct pieces {
    struct buffer text;
    struct buffer ends; /* of size_t: where each piece ends */
};

static void end_piece(struct pieces *pieces)
{
    buffer_append(&pieces->ends, &pieces->text.size, sizeof pieces->text.size);
}

static int compare_bytes(const void *a, const void *b)
{
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* Moves them to the text, in order if `sorts`. */
static void append_pieces(struct pieces *pieces, bool sorts, struct buffer *text)
{
    size_t count = pieces->ends.size / sizeof(size_t), start = 0;
    struct bytes *all = memory_allocate((count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++) {
        size_t end;
        memcpy(&end, pieces->ends.data + i * sizeof end, sizeof end);
        all[i] = bytes_of(pieces->text.data + start, end - start);
        start = end;
    }
    if (sorts && count)
        qsort(all, count, sizeof *all, compare_bytes);
    for (size_t i = 0; i < count; i++)
        buffer_append_bytes(text, all[i]);
    memory_free(all);
    buffer_clear(&pieces->text);
    buffer_clear(&pieces->ends);
}

static void append_hash(struct buffer *text, const struct value *value)
{
    struct pieces pieces = {0};
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, value);
    while (hash_iterator_next(&iterator, &pair)) {
        append_word(&pieces.text, pair.field);
        append_word(&pieces.text, pair.value);
        end_piece(&pieces);
    }
    hash_iterator_end(&iterator);
    append_pieces(&pieces, value->encoding == ENCODING_HASHTABLE, text);
}

/* Fields that expire, one a line. */
static void append_field_deadlines(struct buffer *text, struct bytes key, const struct value *value)
{
    struct hash_iterator iterator;
    struct hash_pair pair;
    int64_t deadline_ms;
    if (hash_deadline_next(value) == HASH_NO_DEADLINE)
        return;
    struct pieces pieces = {0};
    hash_iterator_begin(&iterator, value);
    while (hash_iterator_next(&iterator, &pair)) {
        if (!hash_deadline_get(value, pair.field, &deadline_ms) || deadline_ms == HASH_NO_DEADLINE)
            continue;
        append_command(&pieces.text, "HPEXPIREAT", key);
        buffer_append_format(&pieces.text, " %lld FIELDS 1", (long long)deadline_ms);
        append_word(&pieces.text, pair.field);
        end_line(&pieces.text);
        end_piece(&pieces);
    }
    hash_iterator_end(&iterator);
    append_pieces(&pieces, value->encoding == ENCODING_HASHTABLE, text);
}

static void append_set(struct buffer *text, const struct value *value)
{
    struct pieces pieces = {0};
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, value);
    while (set_iterator_next(&iterator, &element)) {
        append_word(&pieces.text, element.text);
        end_piece(&pieces);
    }
    set_iterator_end(&iterator);
    append_pieces(&pieces, value->encoding == ENCODING_HASHTABLE, text);
}

/* --- ordered types --- */

static void append_list(struct buffer *text, const struct value *value)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct quicklist_cursor cursor;
    for (bool is = quicklist_seek(&cursor, value, 0); is; is = quicklist_next(&cursor))
        append_word(text, quicklist_get(&cursor, digits));
}

static void append_sorted_set(struct buffer *text, const struct value *value)
{
    char score[NUMBER_DOUBLE_SIZE];
    struct sorted_set_element element;
    struct sorted_set_range range = sorted_set_range_open(value, 0, false);
    while (sorted_set_range_next(&range, &element)) {
        size_t size = number_format_double(score, element.score, NUMBER_DOUBLE_SHORTEST);
        append_word(text, bytes_of(score, size));
        append_word(text, element.member);
    }
}

/* --- streams --- */

static void append_entries(struct buffer *text, struct bytes key, const struct value *value)
{
    struct stream_iterator iterator;
    struct stream_field field;
    stream_iterator_begin(&iterator, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
    while (stream_iterator_next(&iterator)) {
        append_command(text, "XADD", key);
        append_id(text, iterator.entry.id);
        while (stream_block_field(&iterator.entry, &field)) {
            append_word(text, field.name);
            append_word(text, field.value);
        }
        end_line(text);
    }
}

/* A stream without entries is made with one that goes at once, or if it never had any, with a group
 * that goes at once. */
static void append_emptiness(struct buffer *text, struct bytes key, const struct stream *stream)
{
    if (!stream_id_is_zero(stream->last_id)) {
        append_command(text, "XADD", key);
        buffer_append_string(text, " MAXLEN 0");
        append_id(text, stream->last_id);
        buffer_append_string(text, " field value\n");
        return;
    }
    append_command(text, "XGROUP CREATE", key);
    buffer_append_string(text, " understudy 0 MKSTREAM\n");
    append_command(text, "XGROUP DESTROY", key);
    buffer_append_string(text, " understudy\n");
}

static void append_progress(const struct engine *engine, struct buffer *text, struct bytes key,
                            const struct stream *stream)
{
    append_command(text, "XSETID", key);
    append_id(text, stream->last_id);
    if (engine_emulates(engine, 7, 0)) {
        buffer_append_format(text, " ENTRIESADDED %llu MAXDELETEDID",
                             (unsigned long long)stream->entries_added);
        append_id(text, stream->max_deleted_id);
    }
    end_line(text);
}

static void append_pending(struct buffer *text, struct bytes key, const struct stream_group *group,
                           const struct stream_consumer *consumer)
{
    struct order_position at = stream_group_seek(&consumer->pending, STREAM_ID_LOWEST);
    const struct stream_pending *pending;
    for (; (pending = order_position_element(at)) != NULL; at = order_position_next(at)) {
        append_command(text, "XCLAIM", key);
        append_word(text, stream_group_name(group));
        append_word(text, stream_group_consumer_name(consumer));
        buffer_append_string(text, " 0");
        append_id(text, pending->id);
        buffer_append_format(text, " TIME %lld RETRYCOUNT %llu JUSTID FORCE\n",
                             (long long)pending->delivered_at,
                             (unsigned long long)pending->deliveries);
    }
}

static void append_group(const struct engine *engine, struct buffer *text, struct bytes key,
                         const struct stream_group *group)
{
    append_command(text, "XGROUP CREATE", key);
    append_word(text, stream_group_name(group));
    append_id(text, group->last_id);
    if (engine_emulates(engine, 7, 0) && group->entries_read != STREAM_GROUP_UNKNOWN)
        buffer_append_format(text, " ENTRIESREAD %lld", (long long)group->entries_read);
    end_line(text);
    for (size_t i = 0; i < group->consumer_count; i++) {
        append_command(text, "XGROUP CREATECONSUMER", key);
        append_word(text, stream_group_name(group));
        append_word(text, stream_group_consumer_name(group->consumers[i]));
        end_line(text);
        append_pending(text, key, group, group->consumers[i]);
    }
}

static void append_stream(const struct engine *engine, struct buffer *text, struct bytes key,
                          const struct value *value)
{
    const struct stream *stream = stream_const(value);
    if (stream->length)
        append_entries(text, key, value);
    else
        append_emptiness(text, key, stream);
    if (!stream_id_is_zero(stream->last_id))
        append_progress(engine, text, key, stream);
    for (size_t i = 0; i < stream->group_count; i++)
        append_group(engine, text, key, stream->groups[i]);
}

/* --- keys --- */

static void append_value(const struct engine *engine, struct buffer *text,
                         const struct entry *entry)
{
    static const char *const names[] = {[VALUE_STRING] = "SET",
                                        [VALUE_LIST] = "RPUSH",
                                        [VALUE_SET] = "SADD",
                                        [VALUE_SORTED_SET] = "ZADD",
                                        [VALUE_HASH] = "HSET"};
    const struct value *value = entry_value(entry);
    char digits[NUMBER_INTEGER_SIZE];
    if (entry_type(entry) == VALUE_STREAM) {
        append_stream(engine, text, entry_key(entry), value);
        return;
    }
    append_command(text, names[entry_type(entry)], entry_key(entry));
    switch (entry_type(entry)) {
    case VALUE_STRING:
        append_word(text, string_bytes(value, digits));
        break;
    case VALUE_LIST:
        append_list(text, value);
        break;
    case VALUE_SET:
        append_set(text, value);
        break;
    case VALUE_SORTED_SET:
        append_sorted_set(text, value);
        break;
    case VALUE_HASH:
        append_hash(text, value);
        break;
    default:
        break;
    }
    end_line(text);
    if (entry_type(entry) == VALUE_HASH)
        append_field_deadlines(text, entry_key(entry), value);
}

static int compare_entries(const void *a, const void *b)
{
    return bytes_compare(entry_key(*(const struct entry *const *)a),
                         entry_key(*(const struct entry *const *)b));
}

/* The entries that fit, in order; owned by the caller. */
static const struct entry **list_entries(struct database *db, struct bytes glob, size_t *count)
{
    const struct entry **entries = memory_allocate((database_count(db) + 1) * sizeof *entries);
    struct table_iterator iterator;
    const struct entry *entry;
    *count = 0;
    table_iterator_begin(&iterator, &db->keys);
    while ((entry = table_iterator_next(&iterator)) != NULL)
        if (matcher_glob(glob, entry_key(entry)))
            entries[(*count)++] = entry;
    table_iterator_end(&iterator);
    if (*count)
        qsort(entries, *count, sizeof *entries, compare_entries);
    return entries;
}

static void append_database(struct engine *engine, struct database *db, struct bytes glob,
                            int *selected, struct buffer *text)
{
    size_t count;
    const struct entry **entries = list_entries(db, glob, &count);
    if (count && *selected != db->index) {
        buffer_append_format(text, "SELECT %d\n", db->index);
        *selected = db->index;
    }
    for (size_t i = 0; i < count; i++) {
        int64_t deadline_ms = database_deadline(db, entries[i]);
        append_value(engine, text, entries[i]);
        if (deadline_ms == KEYSPACE_NEVER)
            continue;
        append_command(text, "PEXPIREAT", entry_key(entries[i]));
        buffer_append_format(text, " %lld\n", (long long)deadline_ms);
    }
    memory_free(entries);
}

void dataset_text_append(struct engine *engine, struct bytes glob, struct buffer *text)
{
    int selected = 0;
    for (int i = 0; i < engine->keyspace.count; i++)
        append_database(engine, &engine->keyspace.databases[i], glob, &selected, text);
}
