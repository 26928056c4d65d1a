/* SPDX-License-Identifier: MIT */
#include "controls/value_check.h"

#include <stdio.h>

#include "base/number.h"
#include "keyspace/keyspace.h"
#include "values/hash.h"
#include "values/quicklist.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"
#include "values/string.h"

#define DIFFERENCES_SHOWN 5
#define BYTES_SHOWN       100

struct comparison {
    const struct bytes *expected;
    size_t count;
    struct buffer *text;
    size_t differences;
};

static void append_shown(struct buffer *text, struct bytes bytes)
{
    bool is_long = bytes.size > BYTES_SHOWN;
    buffer_append_quoted(text, bytes_of(bytes.data, is_long ? BYTES_SHOWN : bytes.size));
    if (is_long)
        buffer_append_format(text, "... (%zu bytes)", bytes.size);
}

/* "; field "a" is "1", not "2"". Without `has` it is missing; without `wants` it should not be. */
static void note(struct comparison *comparison, const char *what, struct bytes name,
                 const struct bytes *has, const struct bytes *wants)
{
    struct buffer *text = comparison->text;
    if (++comparison->differences > DIFFERENCES_SHOWN)
        return;
    buffer_append_string(text, comparison->differences == 1 ? ": " : "; ");
    buffer_append_string(text, what);
    if (name.data) {
        buffer_append_byte(text, ' ');
        append_shown(text, name);
    }
    if (!has && !wants) {
        buffer_append_string(text, " is missing");
        return;
    }
    buffer_append_string(text, " is ");
    if (has)
        append_shown(text, *has);
    else
        buffer_append_string(text, "missing");
    if (!wants) {
        buffer_append_string(text, " and should not be there");
        return;
    }
    buffer_append_string(text, ", not ");
    append_shown(text, *wants);
}

static void note_unwanted(struct comparison *comparison, const char *what, struct bytes name)
{
    if (++comparison->differences > DIFFERENCES_SHOWN)
        return;
    buffer_append_string(comparison->text, comparison->differences == 1 ? ": " : "; ");
    buffer_append_format(comparison->text, "%s ", what);
    append_shown(comparison->text, name);
    buffer_append_string(comparison->text, " should not be there");
}

static void note_words(struct comparison *comparison, const char *words)
{
    comparison->differences++;
    buffer_append_format(comparison->text, ": %s", words);
}

/* Whether the name is one of every `step`-th word expected. */
static bool is_wanted(const struct comparison *comparison, struct bytes name, size_t step)
{
    for (size_t i = 0; i < comparison->count; i += step)
        if (bytes_equal(comparison->expected[i], name))
            return true;
    return false;
}

static bool come_in_pairs(struct comparison *comparison, const char *problem)
{
    if (comparison->count % 2 == 0)
        return true;
    note_words(comparison, problem);
    return false;
}

static void compare_string(struct comparison *comparison, const struct value *value)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes has = string_bytes(value, digits);
    if (comparison->count != 1)
        note_words(comparison, "a string is checked against one text");
    else if (!bytes_equal(has, comparison->expected[0]))
        note(comparison, "it", bytes_of(NULL, 0), &has, &comparison->expected[0]);
}

static void compare_at(struct comparison *comparison, const char *what, size_t index,
                       const struct bytes *has)
{
    char name[48];
    snprintf(name, sizeof name, "%s %zu", what, index);
    const struct bytes *wants = index < comparison->count ? &comparison->expected[index] : NULL;
    if (has && wants && bytes_equal(*has, *wants))
        return;
    note(comparison, name, bytes_of(NULL, 0), has, wants);
}

static void compare_list(struct comparison *comparison, const struct value *value)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct quicklist_cursor cursor;
    size_t index = 0;
    for (bool is = quicklist_seek(&cursor, value, 0); is; is = quicklist_next(&cursor)) {
        struct bytes has = quicklist_get(&cursor, digits);
        compare_at(comparison, "element", index++, &has);
    }
    for (; index < comparison->count; index++)
        compare_at(comparison, "element", index, NULL);
}

static void compare_set(struct comparison *comparison, const struct value *value)
{
    size_t found = 0;
    for (size_t i = 0; i < comparison->count; i++) {
        if (!set_has(value, comparison->expected[i]))
            note(comparison, "member", comparison->expected[i], NULL, NULL);
        else
            found++;
    }
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, value);
    while (found < set_count(value) && set_iterator_next(&iterator, &element))
        if (!is_wanted(comparison, element.text, 1))
            note_unwanted(comparison, "member", element.text);
    set_iterator_end(&iterator);
}

static void compare_hash(struct comparison *comparison, const struct value *value)
{
    if (!come_in_pairs(comparison, "a hash is checked against fields, each with its value"))
        return;
    size_t found = 0;
    for (size_t i = 0; i < comparison->count; i += 2) {
        char digits[NUMBER_INTEGER_SIZE];
        struct bytes has, field = comparison->expected[i];
        if (!hash_get(value, field, digits, &has)) {
            note(comparison, "field", field, NULL, NULL);
            continue;
        }
        found++;
        if (!bytes_equal(has, comparison->expected[i + 1]))
            note(comparison, "field", field, &has, &comparison->expected[i + 1]);
    }
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, value);
    while (found < hash_count(value) && hash_iterator_next(&iterator, &pair))
        if (!is_wanted(comparison, pair.field, 2))
            note_unwanted(comparison, "field", pair.field);
    hash_iterator_end(&iterator);
}

static void compare_sorted_set(struct comparison *comparison, const struct value *value)
{
    if (!come_in_pairs(comparison, "a sorted set is checked against members, each with its score"))
        return;
    size_t found = 0;
    for (size_t i = 0; i < comparison->count; i += 2) {
        char digits[NUMBER_DOUBLE_SIZE];
        double has, wants;
        struct bytes member = comparison->expected[i];
        if (!sorted_set_score(value, member, &has)) {
            note(comparison, "member", member, NULL, NULL);
            continue;
        }
        found++;
        if (number_parse_double(comparison->expected[i + 1], &wants) && has == wants)
            continue;
        struct bytes text =
            bytes_of(digits, number_format_double(digits, has, NUMBER_DOUBLE_SHORTEST));
        note(comparison, "the score of", member, &text, &comparison->expected[i + 1]);
    }
    struct sorted_set_element element;
    struct sorted_set_range range = sorted_set_range_open(value, 0, false);
    while (found < sorted_set_count(value) && sorted_set_range_next(&range, &element))
        if (!is_wanted(comparison, element.member, 2))
            note_unwanted(comparison, "member", element.member);
}

/* Ids, names and values are compared one after the other, so a stream needs no marks between its
 * entries. */
static void compare_stream(struct comparison *comparison, const struct value *value)
{
    struct stream_iterator iterator;
    struct stream_field field;
    char id[STREAM_ID_SIZE];
    size_t index = 0;
    stream_iterator_begin(&iterator, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
    while (stream_iterator_next(&iterator)) {
        struct bytes has = bytes_of(id, stream_id_format(id, iterator.entry.id));
        compare_at(comparison, "word", index++, &has);
        while (stream_block_field(&iterator.entry, &field)) {
            compare_at(comparison, "word", index++, &field.name);
            compare_at(comparison, "word", index++, &field.value);
        }
    }
    for (; index < comparison->count; index++)
        compare_at(comparison, "word", index, NULL);
}

static void compare(struct comparison *comparison, const struct entry *entry)
{
    const struct value *value = entry_value(entry);
    switch (entry_type(entry)) {
    case VALUE_STRING:
        compare_string(comparison, value);
        break;
    case VALUE_LIST:
        compare_list(comparison, value);
        break;
    case VALUE_SET:
        compare_set(comparison, value);
        break;
    case VALUE_SORTED_SET:
        compare_sorted_set(comparison, value);
        break;
    case VALUE_HASH:
        compare_hash(comparison, value);
        break;
    case VALUE_STREAM:
        compare_stream(comparison, value);
        break;
    case VALUE_TYPE_COUNT:
        break;
    }
}

bool value_check(struct database *db, struct bytes key, const struct bytes *expected, size_t count,
                 struct buffer *difference)
{
    struct comparison comparison = {.expected = expected, .count = count, .text = difference};
    const struct entry *entry = database_find(db, key, ACCESS_PEEK);
    size_t start = difference->size;
    if (!entry && count == 0)
        return true;
    append_shown(difference, key);
    if (!entry) {
        buffer_append_string(difference, " does not exist");
        return false;
    }
    buffer_append_format(difference, " is a %s", value_type_name(entry_type(entry)));
    if (count == 0) {
        buffer_append_string(difference, ", and should not exist");
        return false;
    }
    compare(&comparison, entry);
    if (comparison.differences > DIFFERENCES_SHOWN)
        buffer_append_format(difference, "; and %zu more",
                             comparison.differences - DIFFERENCES_SHOWN);
    if (comparison.differences == 0)
        difference->size = start;
    return comparison.differences == 0;
}
