/* SPDX-License-Identifier: MIT */
/*
 * Values of directives, from text and to text. A value is checked whole before it is kept: what
 * stands in a struct config_value is always valid.
 */
#include "engine/config_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "engine/config.h"

#define DIRECTIVE(id, name_, old_name_, type_, flags_, default_, lowest_, highest_, ...)           \
    [CONFIG_##id] = {.name = (name_),                                                              \
                     .old_name = (old_name_),                                                      \
                     .type = DIRECTIVE_##type_,                                                    \
                     .flags = (flags_),                                                            \
                     .default_text = (default_),                                                   \
                     .lowest = (lowest_),                                                          \
                     .highest = (highest_),                                                        \
                     __VA_ARGS__},
static const struct directive directives[CONFIG_COUNT] = {
#include "engine/config_directives.h"
};
#undef DIRECTIVE

const struct directive *directive_of(size_t index)
{
    CHECK(index < CONFIG_COUNT);
    return &directives[index];
}

bool directive_is_text(const struct directive *directive)
{
    return directive->type >= DIRECTIVE_STRING && directive->type != DIRECTIVE_EVENTS;
}

bool config_value_refuse(char *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, CONFIG_ERROR_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

bool config_value_parse_memory(struct bytes text, int64_t *bytes)
{
    static const struct {
        const char *name;
        int64_t factor;
    } units[] = {{"", 1},        {"b", 1},        {"k", 1000},       {"kb", 1024},
                 {"m", 1000000}, {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30}};
    size_t digits = 0;
    int64_t value = 0;
    bool is_huge = false;
    for (; digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9'; digits++)
        is_huge |= __builtin_mul_overflow(value, 10, &value) ||
                   __builtin_add_overflow(value, text.data[digits] - '0', &value);
    struct bytes unit = bytes_of(text.data + digits, text.size - digits);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!bytes_equal_ignoring_case(unit, units[i].name))
            continue;
        if (is_huge || __builtin_mul_overflow(value, units[i].factor, bytes))
            *bytes = INT64_MAX;
        return true;
    }
    return false;
}

static bool parse_boolean(struct bytes word, int64_t *value, char *error)
{
    *value = bytes_equal_ignoring_case(word, "yes");
    if (*value || bytes_equal_ignoring_case(word, "no"))
        return true;
    return config_value_refuse(error, "argument must be 'yes' or 'no'");
}

/* The number of a word in an enumeration's list, -1 when it is not in it. */
static int find_word(const char *words, struct bytes word)
{
    for (int number = 0; *words; number++) {
        size_t size = strcspn(words, " ");
        if (size == word.size) {
            struct bytes candidate = bytes_of(words, size);
            char lower[32];
            if (size < sizeof lower) {
                memcpy(lower, candidate.data, size);
                lower[size] = '\0';
                if (bytes_equal_ignoring_case(word, lower))
                    return number;
            }
        }
        words += size + (words[size] == ' ');
    }
    return -1;
}

static bool refuse_words(const struct directive *directive, char *error)
{
    struct buffer list = {0};
    for (const char *c = directive->words; *c; c++)
        buffer_append_string(&list, *c == ' ' ? ", " : (const char[]){*c, '\0'});
    config_value_refuse(error, "argument(s) must be one of the following: %.*s",
                        BYTES_PRINT(buffer_bytes(&list)));
    buffer_clear(&list);
    return false;
}

/* A set of words is a bit for each but the first, which is none of them. */
static int64_t word_bit(int number)
{
    return number ? INT64_C(1) << (number - 1) : 0;
}

static bool parse_enumeration(const struct directive *directive, const struct bytes *words,
                              int count, int64_t *value, char *error)
{
    bool is_set = (directive->flags & CONFIG_SEVERAL) != 0;
    *value = 0;
    if (count == 0)
        return refuse_words(directive, error);
    for (int i = 0; i < count; i++) {
        int number = find_word(directive->words, words[i]);
        if (number < 0)
            return refuse_words(directive, error);
        *value = is_set ? *value | word_bit(number) : number;
    }
    if (is_set && (*value & word_bit(1)) && (*value & word_bit(2)))
        return config_value_refuse(error,
                                   "shutdown options SAVE and NOSAVE can't be used simultaneously");
    return true;
}

static bool parse_octal(struct bytes word, int64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] < '0' || word.data[i] > '7' || i > 20)
            return false;
        *value = *value * 8 + (word.data[i] - '0');
    }
    return true;
}

/* "50%": kept as -50. */
static bool parse_percentage(const struct directive *directive, struct bytes word, int64_t *value)
{
    if (!(directive->flags & CONFIG_PERCENT) || word.size < 2 || word.data[word.size - 1] != '%' ||
        !number_parse_integer(bytes_of(word.data, word.size - 1), value) || *value < 0)
        return false;
    *value = -*value;
    return true;
}

static bool parse_number(const struct directive *directive, struct bytes word, int64_t *value,
                         char *error)
{
    bool takes_percent = (directive->flags & CONFIG_PERCENT) != 0;
    if (directive->type == DIRECTIVE_OCTAL) {
        if (!parse_octal(word, value))
            return config_value_refuse(error, "argument couldn't be parsed as an octal number");
        if (*value < directive->lowest || *value > directive->highest)
            return config_value_refuse(error, "argument must be between %llo and %llo inclusive",
                                       (unsigned long long)directive->lowest,
                                       (unsigned long long)directive->highest);
        return true;
    }
    if (directive->type == DIRECTIVE_MEMORY) {
        if (parse_percentage(directive, word, value)) {
            if (*value >= directive->lowest)
                return true;
            return config_value_refuse(error, "percentage argument must be less or equal to %lld",
                                       -(long long)directive->lowest);
        }
        if (!config_value_parse_memory(word, value))
            return config_value_refuse(error, takes_percent
                                                  ? "argument must be a memory or percent value"
                                                  : "argument must be a memory value");
    } else if (directive->flags & CONFIG_MAY_BE_FREE && bytes_equal_ignoring_case(word, "free")) {
        *value = CONFIG_FREE_PORT;
        return true;
    } else if (!number_parse_integer(word, value)) {
        return config_value_refuse(error, "argument couldn't be parsed into an integer");
    }
    if (*value < directive->lowest || *value > directive->highest)
        return config_value_refuse(error, "argument must be between %lld and %lld inclusive",
                                   (long long)directive->lowest, (long long)directive->highest);
    return true;
}

bool config_value_parse(const struct directive *directive, const struct config_value *old,
                        const struct bytes *words, int count, struct config_value *value,
                        char *error)
{
    *value = (struct config_value){0};
    if (!(directive->flags & CONFIG_SEVERAL) && count != 1)
        return config_value_refuse(error, "wrong number of arguments");
    switch (directive->type) {
    case DIRECTIVE_BOOLEAN:
        return parse_boolean(words[0], &value->integer, error);
    case DIRECTIVE_INTEGER:
    case DIRECTIVE_OCTAL:
    case DIRECTIVE_MEMORY:
        return parse_number(directive, words[0], &value->integer, error);
    case DIRECTIVE_ENUMERATION:
        return parse_enumeration(directive, words, count, &value->integer, error);
    case DIRECTIVE_VERSION:
        if (find_word(directive->words, words[0]) < 0)
            return refuse_words(directive, error);
        value->text = bytes_to_string(words[0]);
        return true;
    case DIRECTIVE_STRING:
        value->text = bytes_to_string(words[0]);
        return true;
    default:
        return config_special_parse(directive, old, words, count, value, error);
    }
}

bool config_value_parse_text(const struct directive *directive, const struct config_value *old,
                             struct bytes text, struct config_value *value, char *error)
{
    if (!(directive->flags & CONFIG_SEVERAL))
        return config_value_parse(directive, old, &text, 1, value, error);

    /* Two blanks in a row have an empty word between them, as in Redis; no text is no words. */
    int count = text.size > 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == ' ';
    struct bytes *words = memory_allocate((size_t)(count + 1) * sizeof *words);
    const char *start = text.data;
    for (int i = 0; i < count; i++) {
        size_t left = text.size - (size_t)(start - text.data);
        const char *end = left ? memchr(start, ' ', left) : NULL;
        words[i] = bytes_of(start, end ? (size_t)(end - start) : left);
        start += words[i].size + 1;
    }
    bool is_valid = config_value_parse(directive, old, words, count, value, error);
    memory_free(words);
    return is_valid;
}

static void format_enumeration(const struct directive *directive, int64_t value, struct buffer *out)
{
    const char *word = directive->words;
    bool is_set = (directive->flags & CONFIG_SEVERAL) != 0;
    size_t start = out->size;
    for (int number = 0; *word; number++) {
        size_t size = strcspn(word, " ");
        bool is_meant = is_set && value ? (value & word_bit(number)) != 0 : value == number;
        if (is_meant) {
            if (out->size > start)
                buffer_append_byte(out, ' ');
            buffer_append(out, word, size);
        }
        word += size + (word[size] == ' ');
    }
}

void config_value_format(const struct directive *directive, const struct config_value *value,
                         struct buffer *out)
{
    if (directive_is_text(directive)) {
        buffer_append_string(out, value->text ? value->text : "");
        return;
    }
    switch (directive->type) {
    case DIRECTIVE_BOOLEAN:
        buffer_append_string(out, value->integer ? "yes" : "no");
        break;
    case DIRECTIVE_OCTAL:
        buffer_append_format(out, "%llo", (unsigned long long)value->integer);
        break;
    case DIRECTIVE_ENUMERATION:
        format_enumeration(directive, value->integer, out);
        break;
    case DIRECTIVE_EVENTS:
        config_special_format_events(value->integer, out);
        break;
    default:
        if ((directive->flags & CONFIG_PERCENT) && value->integer < 0)
            buffer_append_format(out, "%lld%%", -(long long)value->integer);
        else
            buffer_append_format(out, "%lld", (long long)value->integer);
        break;
    }
}

bool config_value_equals(const struct directive *directive, const struct config_value *a,
                         const struct config_value *b)
{
    if (directive_is_text(directive))
        return strcmp(a->text, b->text) == 0;
    return a->integer == b->integer;
}

void config_value_clear(struct config_value *value)
{
    memory_free(value->text);
    *value = (struct config_value){0};
}
