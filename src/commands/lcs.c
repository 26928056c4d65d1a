/* SPDX-License-Identifier: MIT */
/*
 * LCS: the longest common subsequence of two strings.
 *
 * The table of lengths has (a.size + 1) * (b.size + 1) cells: cell (i, j) is the length for the
 * first i bytes of a and the first j bytes of b. Of several subsequences of the same length, the
 * way back through the table finds the one that Redis finds: it leaves b's last byte out when both
 * ways are equally good.
 */
#include "base/memory.h"
#include "engine/call.h"
#include "reply/errors.h"
#include "values/string.h"

struct lcs_options {
    bool wants_length;       /* LEN */
    bool wants_indexes;      /* IDX */
    bool wants_match_length; /* WITHMATCHLEN */
    int64_t shortest_match;  /* MINMATCHLEN: shorter runs are not listed */
};

struct lcs_table {
    struct bytes a, b;
    uint32_t *lengths; /* owned */
};

static bool parse_options(struct call *call, struct lcs_options *options)
{
    for (int i = 3; i < call->argc; i++) {
        if (call_is(call, i, "LEN")) {
            options->wants_length = true;
        } else if (call_is(call, i, "IDX")) {
            options->wants_indexes = true;
        } else if (call_is(call, i, "WITHMATCHLEN")) {
            options->wants_match_length = true;
        } else if (call_is(call, i, "MINMATCHLEN") && i + 1 < call->argc) {
            if (!call_integer(call, ++i, &options->shortest_match, NULL))
                return false;
        } else {
            call_syntax_error(call);
            return false;
        }
    }
    if (options->wants_length && options->wants_indexes) {
        reply_error(call->reply, ERROR_LCS_LEN_AND_IDX);
        return false;
    }
    return true;
}

static uint32_t *cell(const struct lcs_table *table, size_t i, size_t j)
{
    return &table->lengths[i * (table->b.size + 1) + j];
}

/* Fills the table and returns the length of the whole. */
static uint32_t compute_lengths(struct lcs_table *table)
{
    for (size_t i = 0; i <= table->a.size; i++) {
        for (size_t j = 0; j <= table->b.size; j++) {
            if (i == 0 || j == 0) {
                *cell(table, i, j) = 0;
            } else if (table->a.data[i - 1] == table->b.data[j - 1]) {
                *cell(table, i, j) = *cell(table, i - 1, j - 1) + 1;
            } else {
                uint32_t without_a = *cell(table, i - 1, j);
                uint32_t without_b = *cell(table, i, j - 1);
                *cell(table, i, j) = without_a > without_b ? without_a : without_b;
            }
        }
    }
    return *cell(table, table->a.size, table->b.size);
}

/* A run of bytes that both strings have: from *i and *j back to the new *i and *j. False: none
 * left. */
static bool next_match(const struct lcs_table *table, size_t *i, size_t *j, size_t *size)
{
    while (*i > 0 && *j > 0 && table->a.data[*i - 1] != table->b.data[*j - 1]) {
        if (*cell(table, *i - 1, *j) > *cell(table, *i, *j - 1))
            --*i;
        else
            --*j;
    }
    *size = 0;
    for (; *i > 0 && *j > 0 && table->a.data[*i - 1] == table->b.data[*j - 1]; ++*size) {
        --*i;
        --*j;
    }
    return *size > 0;
}

static void reply_range(struct reply *reply, size_t start, size_t size)
{
    reply_open(reply, REPLY_ARRAY, 2);
    reply_integer(reply, (int64_t)start);
    reply_integer(reply, (int64_t)(start + size - 1));
    reply_close(reply);
}

static void reply_indexes(struct reply *reply, const struct lcs_table *table, uint32_t length,
                          const struct lcs_options *options)
{
    reply_open(reply, REPLY_MAP, 2);
    reply_bulk_string(reply, "matches");
    reply_open(reply, REPLY_ARRAY, REPLY_UNSIZED);
    size_t i = table->a.size, j = table->b.size, size;
    while (next_match(table, &i, &j, &size)) {
        if ((int64_t)size < options->shortest_match)
            continue;
        reply_open(reply, REPLY_ARRAY, options->wants_match_length ? 3 : 2);
        reply_range(reply, i, size);
        reply_range(reply, j, size);
        if (options->wants_match_length)
            reply_integer(reply, (int64_t)size);
        reply_close(reply);
    }
    reply_close(reply);
    reply_bulk_string(reply, "len");
    reply_integer(reply, length);
    reply_close(reply);
}

static void reply_subsequence(struct reply *reply, const struct lcs_table *table, uint32_t length)
{
    char *text = memory_allocate(length);
    size_t i = table->a.size, j = table->b.size, size, left = length;
    while (next_match(table, &i, &j, &size)) {
        left -= size;
        memcpy(text + left, table->a.data + i, size);
    }
    reply_bulk(reply, bytes_of(text, length));
    memory_free(text);
}

static bool is_string_or_absent(const struct entry *entry)
{
    return !entry || entry_type(entry) == VALUE_STRING;
}

static void lcs_lcs(struct call *call)
{
    struct entry *first = call_find_any(call, call->argv[1], ACCESS_READ);
    struct entry *second = call_find_any(call, call->argv[2], ACCESS_READ);
    if (!is_string_or_absent(first) || !is_string_or_absent(second)) {
        reply_error(call->reply, ERROR_LCS_NOT_STRINGS);
        return;
    }
    struct lcs_options options = {0};
    if (!parse_options(call, &options))
        return;

    char first_digits[NUMBER_INTEGER_SIZE], second_digits[NUMBER_INTEGER_SIZE];
    struct lcs_table table = {0};
    if (first)
        table.a = string_bytes(entry_value(first), first_digits);
    if (second)
        table.b = string_bytes(entry_value(second), second_digits);
    if (table.a.size >= UINT32_MAX - 1 || table.b.size >= UINT32_MAX - 1) {
        reply_error(call->reply, ERROR_LCS_TOO_LONG);
        return;
    }
    uint64_t cells = ((uint64_t)table.a.size + 1) * ((uint64_t)table.b.size + 1);
    if (cells > (uint64_t)call_config(call, CONFIG_PROTO_MAX_BULK_LEN) / sizeof *table.lengths) {
        reply_error(call->reply, ERROR_LCS_MEMORY);
        return;
    }
    table.lengths = memory_allocate(cells * sizeof *table.lengths);
    uint32_t length = compute_lengths(&table);
    if (options.wants_indexes)
        reply_indexes(call->reply, &table, length, &options);
    else if (options.wants_length)
        reply_integer(call->reply, length);
    else
        reply_subsequence(call->reply, &table, length);
    memory_free(table.lengths);
}

static const struct command_argument lcs_arguments[] = {
    {.name = "key1", .type = ARGUMENT_KEY},
    {.name = "key2", .type = ARGUMENT_KEY},
    {.name = "len", .type = ARGUMENT_PURE_TOKEN, .token = "LEN", .flags = ARGUMENT_OPTIONAL},
    {.name = "idx", .type = ARGUMENT_PURE_TOKEN, .token = "IDX", .flags = ARGUMENT_OPTIONAL},
    {.name = "len", .type = ARGUMENT_INTEGER, .token = "MINMATCHLEN", .flags = ARGUMENT_OPTIONAL},
    {.name = "withmatchlen",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "WITHMATCHLEN",
     .flags = ARGUMENT_OPTIONAL},
    {0},
};

const struct command lcs_commands[] = {
    {.name = "LCS",
     .arity = -3,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_STRING,
     .since = "7.0.0",
     .group = "string",
     .summary = "Finds the longest common subsequence of two strings.",
     .complexity = "O(N*M) for strings of N and M bytes",
     KEYS_RANGE(1, 1, 1, KEY_READ_ACCESS),
     .arguments = lcs_arguments,
     .run = lcs_lcs},
    {0},
};
