/* SPDX-License-Identifier: MIT */
/*
 * Invariant: an integer-encoded string holds its int64 where others hold bytes, and size is 0. Data
 * is read with memcpy, because an embedded value is aligned to 4 bytes only.
 */
#include "values/string.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"

static const char *payload(const struct value *value)
{
    if (value->is_embedded)
        return value_embedded(value).data;
    return ((const struct string *)value)->data;
}

static int64_t stored_integer(const struct value *value)
{
    int64_t integer;
    memcpy(&integer, payload(value), sizeof integer);
    return integer;
}

static struct string *string_allocate(enum value_encoding encoding, size_t capacity)
{
    struct string *string = memory_allocate(sizeof *string + capacity);
    value_init(&string->head, VALUE_STRING, encoding);
    string->size = 0;
    string->capacity = capacity;
    return string;
}

enum value_encoding string_encoding_for(struct bytes text, int64_t *integer)
{
    if (text.size <= NUMBER_INTEGER_SIZE && number_parse_integer(text, integer))
        return ENCODING_INT;
    return text.size <= STRING_EMBSTR_LIMIT ? ENCODING_EMBSTR : ENCODING_RAW;
}

struct value *string_new(struct bytes text)
{
    int64_t integer;
    enum value_encoding encoding = string_encoding_for(text, &integer);
    if (encoding == ENCODING_INT)
        return string_new_integer(integer);
    struct string *string = string_allocate(encoding, text.size);
    string->size = text.size;
    if (text.size)
        memcpy(string->data, text.data, text.size);
    return &string->head;
}

struct value *string_new_integer(int64_t integer)
{
    struct string *string = string_allocate(ENCODING_INT, sizeof integer);
    memcpy(string->data, &integer, sizeof integer);
    return &string->head;
}

struct value *string_new_raw(size_t size)
{
    struct string *string = string_allocate(ENCODING_RAW, size);
    string->size = size;
    return &string->head;
}

struct bytes string_bytes(const struct value *value, char digits[NUMBER_INTEGER_SIZE])
{
    if (value->encoding == ENCODING_INT)
        return bytes_of(digits, number_format_integer(digits, stored_integer(value)));
    return bytes_of(payload(value), string_size(value));
}

size_t string_size(const struct value *value)
{
    if (value->encoding == ENCODING_INT) {
        char digits[NUMBER_INTEGER_SIZE];
        return number_format_integer(digits, stored_integer(value));
    }
    return value->is_embedded ? value->embedded_size : ((const struct string *)value)->size;
}

bool string_integer(const struct value *value, int64_t *integer)
{
    if (value->encoding == ENCODING_INT) {
        *integer = stored_integer(value);
        return true;
    }
    return number_parse_integer(bytes_of(payload(value), string_size(value)), integer);
}

char *string_data(struct value *value)
{
    CHECK(!value->is_embedded && value->encoding != ENCODING_INT);
    return ((struct string *)value)->data;
}

struct value *string_resize(struct value *value, size_t size)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes old = string_bytes(value, digits);
    struct string *string = (struct string *)value;
    bool is_own = !value->is_embedded && value->references == 1;
    bool reuses = is_own && value->encoding != ENCODING_INT;
    if (!reuses) {
        CHECK(is_own || value->is_embedded);
        string = string_allocate(ENCODING_RAW, size);
        string->size = old.size < size ? old.size : size;
        if (string->size)
            memcpy(string->data, old.data, string->size);
        if (is_own)
            value_release(value);
    } else if (size > string->capacity) {
        /* Double while small, then a mebibyte at a time: as much spare as Redis keeps. */
        size_t spare = size < (1U << 20) ? size : (1U << 20);
        string = memory_resize(string, sizeof *string + size + spare);
        string->capacity = size + spare;
    }
    if (size > string->size)
        memset(string->data + string->size, 0, size - string->size);
    string->size = size;
    string->head.encoding = ENCODING_RAW;
    return &string->head;
}

void string_free(struct value *value)
{
    memory_free(value);
}

struct value *string_clone(const struct value *value)
{
    if (value->encoding == ENCODING_INT)
        return string_new_integer(stored_integer(value));
    struct bytes text = bytes_of(payload(value), string_size(value));
    struct string *string = string_allocate((enum value_encoding)value->encoding, text.size);
    string->size = text.size;
    if (text.size)
        memcpy(string->data, text.data, text.size);
    return &string->head;
}

size_t string_memory(const struct value *value, size_t samples)
{
    (void)samples;
    if (value->is_embedded)
        return 0;
    return memory_cost((void *)(uintptr_t)value);
}
