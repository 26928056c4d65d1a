/* SPDX-License-Identifier: MIT */
/* Splits the source into tokens and remembers the last few: a function is named by those before. */
#include "script/function_names.h"

#include <stdbool.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/table.h"

#define REMEMBERED 4 /* tokens */

enum token_kind { TOKEN_NONE, TOKEN_NAME, TOKEN_STRING, TOKEN_OTHER };

struct token {
    enum token_kind kind;
    struct bytes text; /* a chain "a.b:c" is one name; of a string what is within the quotes */
};

struct scanner {
    struct bytes rest;
    int line;
    struct token recent[REMEMBERED]; /* the last one first */
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static char peek(const struct scanner *scanner, size_t ahead)
{
    return ahead < scanner->rest.size ? scanner->rest.data[ahead] : '\0';
}

/* Goes on by `size` bytes and counts the lines. */
static struct bytes take(struct scanner *scanner, size_t size)
{
    if (size > scanner->rest.size)
        size = scanner->rest.size;
    struct bytes taken = bytes_of(scanner->rest.data, size);
    for (size_t i = 0; i < size; i++)
        scanner->line += taken.data[i] == '\n';
    scanner->rest = bytes_of(taken.data + size, scanner->rest.size - size);
    return taken;
}

/* The level of a long bracket that opens at `ahead`: "[==[" is 2; -1: it is none. */
static int bracket_level(const struct scanner *scanner, size_t ahead)
{
    int level = 0;
    if (peek(scanner, ahead) != '[')
        return -1;
    while (peek(scanner, ahead + 1 + (size_t)level) == '=')
        level++;
    return peek(scanner, ahead + 1 + (size_t)level) == '[' ? level : -1;
}

/* Up to and with the closing bracket. */
static struct bytes take_bracket(struct scanner *scanner, int level)
{
    size_t edge = (size_t)level + 2;
    take(scanner, edge);
    size_t size = 0;
    for (; size < scanner->rest.size; size++) {
        size_t equals = 0;
        if (peek(scanner, size) != ']')
            continue;
        while (peek(scanner, size + 1 + equals) == '=')
            equals++;
        if (equals == (size_t)level && peek(scanner, size + 1 + equals) == ']')
            break;
    }
    struct bytes text = take(scanner, size);
    take(scanner, edge);
    return text;
}

static struct bytes take_quoted(struct scanner *scanner)
{
    char quote = *take(scanner, 1).data;
    size_t size = 0;
    while (size < scanner->rest.size && peek(scanner, size) != quote)
        size += peek(scanner, size) == '\\' ? 2 : 1;
    struct bytes text = take(scanner, size);
    take(scanner, 1);
    return text;
}

static void take_comment(struct scanner *scanner)
{
    int level = bracket_level(scanner, 2);
    if (level >= 0) {
        take(scanner, 2);
        take_bracket(scanner, level);
        return;
    }
    size_t size = 2;
    while (size < scanner->rest.size && peek(scanner, size) != '\n')
        size++;
    take(scanner, size);
}

static size_t word_size(const struct scanner *scanner, size_t ahead)
{
    size_t size = 0;
    while (is_letter(peek(scanner, ahead + size)) || is_digit(peek(scanner, ahead + size)))
        size++;
    return size;
}

/* "a", "a.b", "a.b:c"; blanks within a chain end it. */
static struct bytes take_name(struct scanner *scanner)
{
    size_t size = word_size(scanner, 0);
    while ((peek(scanner, size) == '.' || peek(scanner, size) == ':') &&
           is_letter(peek(scanner, size + 1)))
        size += 1 + word_size(scanner, size + 1);
    return take(scanner, size);
}

static struct token take_token(struct scanner *scanner)
{
    for (;;) {
        char c = peek(scanner, 0);
        int level = bracket_level(scanner, 0);
        if (scanner->rest.size == 0)
            return (struct token){.kind = TOKEN_NONE};
        if (is_blank(c))
            take(scanner, 1);
        else if (c == '-' && peek(scanner, 1) == '-')
            take_comment(scanner);
        else if (is_letter(c))
            return (struct token){TOKEN_NAME, take_name(scanner)};
        else if (c == '"' || c == '\'')
            return (struct token){TOKEN_STRING, take_quoted(scanner)};
        else if (level >= 0)
            return (struct token){TOKEN_STRING, take_bracket(scanner, level)};
        else if (is_digit(c))
            return (struct token){TOKEN_OTHER, take(scanner, word_size(scanner, 0))};
        else
            return (struct token){TOKEN_OTHER, take(scanner, 1)};
    }
}

static void remember(struct scanner *scanner, struct token token)
{
    for (int i = REMEMBERED - 1; i > 0; i--)
        scanner->recent[i] = scanner->recent[i - 1];
    scanner->recent[0] = token;
}

static bool is_sign(struct token token, const char *sign)
{
    return token.kind == TOKEN_OTHER && bytes_equal_string(token.text, sign);
}

/* What the tokens before the word `function` call it: "NAME =" or "(STRING,". Empty: nothing. */
static struct bytes name_before(const struct scanner *scanner)
{
    const struct token *recent = scanner->recent;
    if (is_sign(recent[0], "=") && recent[1].kind == TOKEN_NAME)
        return recent[1].text;
    if (is_sign(recent[0], ",") && recent[1].kind == TOKEN_STRING && is_sign(recent[2], "("))
        return recent[1].text;
    return bytes_of("", 0);
}

static struct bytes key_of(const void *entry)
{
    return bytes_of_string(entry);
}
static const struct table_class name_class = {.key_of = key_of};

/* In letters that every reader of the report takes. */
static void add(struct function_names *names, struct table *taken, struct bytes text, int line)
{
    struct buffer name = {0};
    for (size_t i = 0; i < text.size && i < 100; i++) {
        char c = text.data[i];
        bool is_plain = is_letter(c) || is_digit(c) || c == '.' || c == ':' || c == '-';
        buffer_append_byte(&name, is_plain ? c : '_');
    }
    if (name.size == 0)
        buffer_append_format(&name, "function:%d", line);
    else if (table_find(taken, buffer_bytes(&name)))
        buffer_append_format(&name, ":%d", line);
    if (table_find(taken, buffer_bytes(&name)))
        buffer_append_format(&name, "-%zu", names->count + 1);
    if (names->count == names->capacity) {
        names->capacity = names->capacity ? names->capacity * 2 : 8;
        names->names = memory_resize(names->names, names->capacity * sizeof *names->names);
    }
    char *kept = bytes_to_string(buffer_bytes(&name));
    if (!table_find(taken, buffer_bytes(&name)))
        table_insert(taken, kept);
    names->names[names->count++] = kept;
    buffer_clear(&name);
}

void function_names_read(struct function_names *names, struct bytes text)
{
    *names = (struct function_names){0};
    struct scanner scanner = {.rest = text, .line = 1};
    struct table taken;
    table_init(&taken, &name_class, 0);
    for (;;) {
        struct token token = take_token(&scanner);
        if (token.kind == TOKEN_NONE)
            break;
        if (token.kind != TOKEN_NAME || !bytes_equal_string(token.text, "function")) {
            remember(&scanner, token);
            continue;
        }
        int line = scanner.line;
        struct bytes before = name_before(&scanner);
        struct token behind = take_token(&scanner);
        add(names, &taken, behind.kind == TOKEN_NAME ? behind.text : before, line);
        remember(&scanner, token);
        remember(&scanner, behind);
    }
    table_clear(&taken, NULL, NULL);
}

void function_names_clear(struct function_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        memory_free(names->names[i]);
    memory_free(names->names);
    *names = (struct function_names){0};
}
