/* SPDX-License-Identifier: MIT */
/*
 * Values of directives, from text and to text. A value is checked whole before it is kept: what
 * stands in a struct config_value is always valid.
 */
#include "engine/config_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/number.h"
#include "engine/command.h"
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

bool config_value_parse_memory(struct bytes text, uint64_t *bytes)
{
    static const struct {
        const char *name;
        uint64_t factor;
    } units[] = {{"", 1},        {"b", 1},        {"k", 1000},       {"kb", 1024},
                 {"m", 1000000}, {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30}};
    size_t digits = 0;
    uint64_t value = 0;
    bool is_huge = false;
    for (; digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9'; digits++)
        is_huge |= __builtin_mul_overflow(value, 10, &value) ||
                   __builtin_add_overflow(value, (uint64_t)(text.data[digits] - '0'), &value);
    if (is_huge)
        value = UINT64_MAX;
    struct bytes unit = bytes_of(text.data + digits, text.size - digits);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!bytes_equal_ignoring_case(unit, units[i].name))
            continue;
        *bytes = value * units[i].factor;
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

/* Takes the next word off an enumeration's list, with the version that brought it (0 = any). */
static bool next_word(const char **words, struct bytes *word, uint32_t *since)
{
    if (!**words)
        return false;
    size_t size = strcspn(*words, " ");
    *word = bytes_of(*words, strcspn(*words, " @"));
    *since = word->size < size ? command_version_number(*words + word->size + 1) : 0;
    *words += size + ((*words)[size] == ' ');
    return true;
}

/* The number of a word in an enumeration's list, -1 when it is not in it. */
static int find_word(const struct directive *directive, uint32_t version, struct bytes word)
{
    const char *words = directive->words;
    struct bytes candidate;
    uint32_t since;
    for (int number = 0; next_word(&words, &candidate, &since); number++)
        if ((!version || since <= version) && candidate.size == word.size &&
            strncasecmp(candidate.data, word.data, word.size) == 0)
            return number;
    return -1;
}

static bool refuse_words(const struct directive *directive, uint32_t version, char *error)
{
    struct buffer list = {0};
    const char *words = directive->words;
    struct bytes word;
    uint32_t since;
    while (next_word(&words, &word, &since))
        if (!version || since <= version)
            buffer_append_format(&list, "%s%.*s", list.size ? ", " : "", BYTES_PRINT(word));
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

static bool parse_enumeration(const struct directive *directive, uint32_t version,
                              const struct bytes *words, int count, int64_t *value, char *error)
{
    bool is_set = (directive->flags & CONFIG_SEVERAL) != 0;
    *value = 0;
    if (count == 0)
        return refuse_words(directive, version, error);
    for (int i = 0; i < count; i++) {
        int number = find_word(directive, version, words[i]);
        if (number < 0)
            return refuse_words(directive, version, error);
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

static bool parse_octal_number(const struct directive *directive, struct bytes word, int64_t *value,
                               char *error)
{
    if (!parse_octal(word, value))
        return config_value_refuse(error, "argument couldn't be parsed as an octal number");
    if (*value < directive->lowest || *value > directive->highest)
        return config_value_refuse(error, "argument must be between %llo and %llo inclusive",
                                   (unsigned long long)directive->lowest,
                                   (unsigned long long)directive->highest);
    return true;
}

static bool refuse_bounds(const struct directive *directive, char *error)
{
    return config_value_refuse(error, "argument must be between %lld and %lld inclusive",
                               (long long)directive->lowest, (long long)directive->highest);
}

static bool parse_memory(const struct directive *directive, struct bytes word, int64_t *value,
                         char *error)
{
    bool takes_percent = (directive->flags & CONFIG_PERCENT) != 0;
    uint64_t bytes, lowest = (uint64_t)directive->lowest, highest = (uint64_t)directive->highest;
    if (!parse_percentage(directive, word, value)) {
        if (!config_value_parse_memory(word, &bytes))
            return config_value_refuse(error, takes_percent
                                                  ? "argument must be a memory or percent value"
                                                  : "argument must be a memory value");
        *value = (int64_t)bytes;
    }
    /* A size beyond 63 bits counts as a percentage, as in Redis. */
    if (takes_percent)
        return *value >= directive->lowest ||
               config_value_refuse(error, "percentage argument must be less or equal to %lld",
                                   -(long long)directive->lowest);
    if (bytes < lowest || bytes > highest)
        return config_value_refuse(error, "argument must be between %llu and %llu inclusive",
                                   (unsigned long long)lowest, (unsigned long long)highest);
    return true;
}

static bool parse_integer(const struct directive *directive, struct bytes word, int64_t *value,
                          char *error)
{
    if (directive->flags & CONFIG_MAY_BE_FREE && bytes_equal_ignoring_case(word, "free")) {
        *value = CONFIG_FREE_PORT;
        return true;
    }
    if (!number_parse_integer(word, value))
        return config_value_refuse(error, "argument couldn't be parsed into an integer");
    return (*value >= directive->lowest && *value <= directive->highest) ||
           refuse_bounds(directive, error);
}

static bool keep_text(struct bytes word, struct config_value *value)
{
    value->text = bytes_to_string(word);
    value->integer = (int64_t)word.size;
    return true;
}

static bool parse_words(const struct directive *directive, struct config_reading reading,
                        const struct bytes *words, int count, struct config_value *value,
                        char *error)
{
    switch (directive->type) {
    case DIRECTIVE_BOOLEAN:
        return parse_boolean(words[0], &value->integer, error);
    case DIRECTIVE_INTEGER:
        return parse_integer(directive, words[0], &value->integer, error);
    case DIRECTIVE_OCTAL:
        return parse_octal_number(directive, words[0], &value->integer, error);
    case DIRECTIVE_MEMORY:
        return parse_memory(directive, words[0], &value->integer, error);
    case DIRECTIVE_ENUMERATION:
        return parse_enumeration(directive, reading.version, words, count, &value->integer, error);
    case DIRECTIVE_VERSION:
        if (find_word(directive, 0, words[0]) < 0)
            return refuse_words(directive, 0, error);
        return keep_text(words[0], value);
    case DIRECTIVE_STRING:
        return keep_text(words[0], value);
    default:
        if (!config_special_parse(directive, reading.old, words, count, value, error))
            return false;
        if (value->text)
            value->integer = (int64_t)strlen(value->text);
        return true;
    }
}

bool config_value_parse(const struct directive *directive, struct config_reading reading,
                        const struct bytes *words, int count, struct config_value *value,
                        char *error)
{
    *value = (struct config_value){0};
    if (!(directive->flags & CONFIG_SEVERAL) && count != 1)
        return config_value_refuse(error, "wrong number of arguments");
    bool has_size = directive->flags & CONFIG_BINARY || directive->type == DIRECTIVE_INTEGER ||
                    directive->type == DIRECTIVE_PERCENTILES;
    if (has_size)
        return parse_words(directive, reading, words, count, value, error);

    /* To Redis all others are C strings. */
    struct bytes *plain = memory_allocate((size_t)(count + 1) * sizeof *plain);
    for (int i = 0; i < count; i++)
        plain[i] =
            bytes_of(words[i].data, words[i].size ? strnlen(words[i].data, words[i].size) : 0);
    bool is_valid = parse_words(directive, reading, plain, count, value, error);
    memory_free(plain);
    return is_valid;
}

bool config_value_parse_text(const struct directive *directive, struct config_reading reading,
                             struct bytes text, struct config_value *value, char *error)
{
    if (!(directive->flags & CONFIG_SEVERAL))
        return config_value_parse(directive, reading, &text, 1, value, error);

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
    bool is_valid = config_value_parse(directive, reading, words, count, value, error);
    memory_free(words);
    return is_valid;
}

static void format_enumeration(const struct directive *directive, int64_t value, struct buffer *out)
{
    const char *words = directive->words;
    bool is_set = (directive->flags & CONFIG_SEVERAL) != 0;
    size_t start = out->size;
    struct bytes word;
    uint32_t since;
    for (int number = 0; next_word(&words, &word, &since); number++) {
        bool is_meant = is_set && value ? (value & word_bit(number)) != 0 : value == number;
        if (is_meant)
            buffer_append_format(out, "%s%.*s", out->size > start ? " " : "", BYTES_PRINT(word));
    }
}

void config_value_format(const struct directive *directive, const struct config_value *value,
                         struct buffer *out)
{
    if (directive_is_text(directive)) {
        if (value->text)
            buffer_append(out, value->text, (size_t)value->integer);
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
        else if (directive->type == DIRECTIVE_MEMORY)
            buffer_append_format(out, "%llu", (unsigned long long)value->integer);
        else
            buffer_append_format(out, "%lld", (long long)value->integer);
        break;
    }
}

bool config_value_equals(const struct directive *directive, const struct config_value *a,
                         const struct config_value *b)
{
    if (directive_is_text(directive))
        return a->integer == b->integer && memcmp(a->text, b->text, (size_t)a->integer) == 0;
    return a->integer == b->integer;
}

void config_value_clear(struct config_value *value)
{
    memory_free(value->text);
    *value = (struct config_value){0};
}
