/* SPDX-License-Identifier: MIT */
#include "engine/dataset_commands.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "engine/engine.h"
#include "values/hash.h"
#include "values/hash_deadline.h"
#include "values/quicklist.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"
#include "values/string.h"

#define HEAD 2 /* words before the elements: name and key */

/* --- words --- */

static void add(struct dataset_commands *commands, struct bytes word)
{
    buffer_append_bytes(&commands->text, word);
    buffer_append(&commands->ends, &commands->text.size, sizeof commands->text.size);
}

static void add_text(struct dataset_commands *commands, const char *text)
{
    add(commands, bytes_of_string(text));
}

static void add_number(struct dataset_commands *commands, int64_t number)
{
    char digits[NUMBER_INTEGER_SIZE];
    add(commands, bytes_of(digits, number_format_integer(digits, number)));
}

static void add_id(struct dataset_commands *commands, struct stream_id id)
{
    char digits[STREAM_ID_SIZE];
    add(commands, bytes_of(digits, stream_id_format(digits, id)));
}

/* The words as a list (memory_free), valid until another is added; none are left. */
static struct bytes *take_words(struct dataset_commands *commands, size_t *count)
{
    size_t start = 0;
    *count = commands->ends.size / sizeof(size_t);
    struct bytes *words = memory_allocate((*count + 1) * sizeof *words);
    for (size_t i = 0; i < *count; i++) {
        size_t end;
        memcpy(&end, commands->ends.data + i * sizeof end, sizeof end);
        words[i] = bytes_of(commands->text.data + start, end - start);
        start = end;
    }
    commands->text.size = commands->ends.size = 0;
    return words;
}

static void emit(struct dataset_commands *commands)
{
    size_t count;
    struct bytes *words = take_words(commands, &count);
    commands->emit(commands->context, words, (int)count);
    memory_free(words);
}

static int compare_words(const void *a, const void *b)
{
    return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* Elements of so many words, their first ones first in order if `sorts`, behind name and key. */
static void emit_elements(struct dataset_commands *commands, size_t words_each, bool sorts)
{
    size_t count;
    struct bytes *words = take_words(commands, &count);
    size_t left = (count - HEAD) / words_each;
    struct bytes *part = words, name = words[0], key = words[1];
    if (sorts && left)
        qsort(words + HEAD, left, words_each * sizeof *words, compare_words);
    while (left) {
        size_t taken = commands->elements && left > commands->elements ? commands->elements : left;
        part[0] = name; /* the head of a later part stands where elements were */
        part[1] = key;
        commands->emit(commands->context, part, (int)(HEAD + taken * words_each));
        part += taken * words_each;
        left -= taken;
    }
    memory_free(words);
}

/* --- types without an order --- */

static void make_hash(struct dataset_commands *commands, const struct value *value)
{
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, value);
    while (hash_iterator_next(&iterator, &pair)) {
        add(commands, pair.field);
        add(commands, pair.value);
    }
    hash_iterator_end(&iterator);
    emit_elements(commands, 2, value->encoding == ENCODING_HASHTABLE);
}

static void make_field_deadline(struct dataset_commands *commands, struct bytes key,
                                struct bytes field, int64_t deadline_ms)
{
    add_text(commands, "HPEXPIREAT");
    add(commands, key);
    add_number(commands, deadline_ms);
    add_text(commands, "FIELDS");
    add_text(commands, "1");
    add(commands, field);
    emit(commands);
}

/* Fields that expire, one a command. */
static void make_field_deadlines(struct dataset_commands *commands, struct bytes key,
                                 const struct value *value)
{
    struct hash_iterator iterator;
    struct hash_pair pair;
    int64_t deadline_ms;
    if (hash_deadline_next(value) == HASH_NO_DEADLINE)
        return;
    hash_iterator_begin(&iterator, value);
    while (hash_iterator_next(&iterator, &pair))
        if (hash_deadline_get(value, pair.field, &deadline_ms) && deadline_ms != HASH_NO_DEADLINE)
            add(commands, pair.field);
    hash_iterator_end(&iterator);
    size_t count;
    struct bytes *fields = take_words(commands, &count);
    struct buffer text = commands->text; /* that of the fields */
    commands->text = (struct buffer){0};
    if (value->encoding == ENCODING_HASHTABLE && count)
        qsort(fields, count, sizeof *fields, compare_words);
    for (size_t i = 0; i < count; i++) {
        hash_deadline_get(value, fields[i], &deadline_ms);
        make_field_deadline(commands, key, fields[i], deadline_ms);
    }
    memory_free(fields);
    buffer_clear(&text);
}

static void make_set(struct dataset_commands *commands, const struct value *value)
{
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, value);
    while (set_iterator_next(&iterator, &element))
        add(commands, element.text);
    set_iterator_end(&iterator);
    emit_elements(commands, 1, value->encoding == ENCODING_HASHTABLE);
}

/* --- ordered types --- */

/* Each command as soon as it is full: all elements at once would be a long list unfolded. */
static void make_list(struct dataset_commands *commands, struct bytes key,
                      const struct value *value)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct quicklist_cursor cursor;
    size_t count = 0;
    for (bool is = quicklist_seek(&cursor, value, 0); is; is = quicklist_next(&cursor)) {
        if (commands->elements && count == commands->elements) {
            emit(commands);
            add_text(commands, "RPUSH");
            add(commands, key);
            count = 0;
        }
        add(commands, quicklist_get(&cursor, digits));
        count++;
    }
    emit(commands);
}

static void make_sorted_set(struct dataset_commands *commands, const struct value *value)
{
    char score[NUMBER_DOUBLE_SIZE];
    struct sorted_set_element element;
    struct sorted_set_range range = sorted_set_range_open(value, 0, false);
    while (sorted_set_range_next(&range, &element)) {
        size_t size = number_format_double(score, element.score, NUMBER_DOUBLE_SHORTEST);
        add(commands, bytes_of(score, size));
        add(commands, element.member);
    }
    emit_elements(commands, 2, false);
}

/* --- streams --- */

static void make_entries(struct dataset_commands *commands, struct bytes key,
                         const struct value *value)
{
    struct stream_iterator iterator;
    struct stream_field field;
    stream_iterator_begin(&iterator, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
    while (stream_iterator_next(&iterator)) {
        add_text(commands, "XADD");
        add(commands, key);
        add_id(commands, iterator.entry.id);
        while (stream_block_field(&iterator.entry, &field)) {
            add(commands, field.name);
            add(commands, field.value);
        }
        emit(commands);
    }
}

/* A stream without entries is made with one that goes at once, or if it never had any, with a group
 * that goes at once. */
static void make_emptiness(struct dataset_commands *commands, struct bytes key,
                           const struct stream *stream)
{
    if (!stream_id_is_zero(stream->last_id)) {
        add_text(commands, "XADD");
        add(commands, key);
        add_text(commands, "MAXLEN");
        add_text(commands, "0");
        add_id(commands, stream->last_id);
        add_text(commands, "field");
        add_text(commands, "value");
        emit(commands);
        return;
    }
    add_text(commands, "XGROUP");
    add_text(commands, "CREATE");
    add(commands, key);
    add_text(commands, "understudy");
    add_text(commands, "0");
    add_text(commands, "MKSTREAM");
    emit(commands);
    add_text(commands, "XGROUP");
    add_text(commands, "DESTROY");
    add(commands, key);
    add_text(commands, "understudy");
    emit(commands);
}

static void make_progress(struct dataset_commands *commands, struct bytes key,
                          const struct stream *stream)
{
    add_text(commands, "XSETID");
    add(commands, key);
    add_id(commands, stream->last_id);
    if (engine_emulates(commands->engine, 7, 0)) {
        add_text(commands, "ENTRIESADDED");
        add_number(commands, (int64_t)stream->entries_added);
        add_text(commands, "MAXDELETEDID");
        add_id(commands, stream->max_deleted_id);
    }
    emit(commands);
}

static void make_pending(struct dataset_commands *commands, struct bytes key,
                         const struct stream_group *group, const struct stream_consumer *consumer)
{
    struct order_position at = stream_group_seek(&consumer->pending, STREAM_ID_LOWEST);
    const struct stream_pending *pending;
    for (; (pending = order_position_element(at)) != NULL; at = order_position_next(at)) {
        add_text(commands, "XCLAIM");
        add(commands, key);
        add(commands, stream_group_name(group));
        add(commands, stream_group_consumer_name(consumer));
        add_text(commands, "0");
        add_id(commands, pending->id);
        add_text(commands, "TIME");
        add_number(commands, pending->delivered_at);
        add_text(commands, "RETRYCOUNT");
        add_number(commands, (int64_t)pending->deliveries);
        add_text(commands, "JUSTID");
        add_text(commands, "FORCE");
        emit(commands);
    }
}

static void make_group(struct dataset_commands *commands, struct bytes key,
                       const struct stream_group *group)
{
    add_text(commands, "XGROUP");
    add_text(commands, "CREATE");
    add(commands, key);
    add(commands, stream_group_name(group));
    add_id(commands, group->last_id);
    if (engine_emulates(commands->engine, 7, 0) && group->entries_read != STREAM_GROUP_UNKNOWN) {
        add_text(commands, "ENTRIESREAD");
        add_number(commands, group->entries_read);
    }
    emit(commands);
    for (size_t i = 0; i < group->consumer_count; i++) {
        add_text(commands, "XGROUP");
        add_text(commands, "CREATECONSUMER");
        add(commands, key);
        add(commands, stream_group_name(group));
        add(commands, stream_group_consumer_name(group->consumers[i]));
        emit(commands);
        make_pending(commands, key, group, group->consumers[i]);
    }
}

static void make_stream(struct dataset_commands *commands, struct bytes key,
                        const struct value *value)
{
    const struct stream *stream = stream_const(value);
    if (stream->length)
        make_entries(commands, key, value);
    else
        make_emptiness(commands, key, stream);
    if (!stream_id_is_zero(stream->last_id))
        make_progress(commands, key, stream);
    for (size_t i = 0; i < stream->group_count; i++)
        make_group(commands, key, stream->groups[i]);
}

/* --- keys --- */

static void make_value(struct dataset_commands *commands, const struct entry *entry)
{
    static const char *const names[] = {[VALUE_STRING] = "SET",
                                        [VALUE_LIST] = "RPUSH",
                                        [VALUE_SET] = "SADD",
                                        [VALUE_SORTED_SET] = "ZADD",
                                        [VALUE_HASH] = "HSET"};
    const struct value *value = entry_value(entry);
    char digits[NUMBER_INTEGER_SIZE];
    if (entry_type(entry) == VALUE_STREAM) {
        make_stream(commands, entry_key(entry), value);
        return;
    }
    add_text(commands, names[entry_type(entry)]);
    add(commands, entry_key(entry));
    switch (entry_type(entry)) {
    case VALUE_STRING:
        add(commands, string_bytes(value, digits));
        emit(commands);
        break;
    case VALUE_LIST:
        make_list(commands, entry_key(entry), value);
        break;
    case VALUE_SET:
        make_set(commands, value);
        break;
    case VALUE_SORTED_SET:
        make_sorted_set(commands, value);
        break;
    case VALUE_HASH:
        make_hash(commands, value);
        make_field_deadlines(commands, entry_key(entry), value);
        break;
    default:
        break;
    }
}

void dataset_commands_make(struct dataset_commands *commands, const struct database *db,
                           const struct entry *entry)
{
    int64_t deadline_ms = database_deadline(db, entry);
    make_value(commands, entry);
    if (deadline_ms == KEYSPACE_NEVER)
        return;
    add_text(commands, "PEXPIREAT");
    add(commands, entry_key(entry));
    add_number(commands, deadline_ms);
    emit(commands);
}

void dataset_commands_clear(struct dataset_commands *commands)
{
    buffer_clear(&commands->text);
    buffer_clear(&commands->ends);
}
