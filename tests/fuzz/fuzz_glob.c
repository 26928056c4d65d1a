/* SPDX-License-Identifier: MIT */
/*
 * The matcher agrees with one that is slow and plain: the pattern becomes a row of sets of bytes,
 * and a table says which part of the row matches which part of the text.
 *
 * The input is the pattern, a 0xfe byte, and the text.
 */
#include "base/glob.h"

#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

#define LARGEST_SIZE 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct element {
    bool is_star;
    bool takes[256]; /* by byte */
};

static int folded(int c, bool ignores_case)
{
    return ignores_case && c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static void take_equal(struct element *element, char wanted, bool ignores_case)
{
    for (int c = 0; c < 256; c++)
        if (folded((char)c, ignores_case) == folded(wanted, ignores_case))
            element->takes[c] = true;
}

static void take_range(struct element *element, char a, char b, bool ignores_case)
{
    int first = folded(a < b ? a : b, ignores_case);
    int last = folded(a < b ? b : a, ignores_case);
    for (int c = 0; c < 256; c++) {
        int candidate = folded((char)c, ignores_case);
        if (candidate >= first && candidate <= last)
            element->takes[c] = true;
    }
}

/* The set at `at`, behind '['; returns where the pattern goes on. */
static size_t read_set(struct element *element, struct bytes pattern, size_t at, bool ignores_case)
{
    bool is_negated = at < pattern.size && pattern.data[at] == '^';
    at += is_negated;
    while (at < pattern.size && pattern.data[at] != ']') {
        size_t left = pattern.size - at;
        const char *p = pattern.data + at;
        if (*p == '\\' && left > 1) {
            element->takes[(unsigned char)p[1]] = true;
            at += 2;
        } else if (left > 2 && p[1] == '-') {
            take_range(element, p[0], p[2], ignores_case);
            at += 3;
        } else {
            take_equal(element, *p, ignores_case);
            at++;
        }
    }
    for (int c = 0; is_negated && c < 256; c++)
        element->takes[c] = !element->takes[c];
    return at < pattern.size ? at + 1 : at;
}

static size_t read_pattern(struct element *elements, struct bytes pattern, bool ignores_case)
{
    size_t count = 0;
    for (size_t at = 0; at < pattern.size; count++) {
        struct element *element = &elements[count];
        memset(element, 0, sizeof *element);
        char c = pattern.data[at++];
        if (c == '*') {
            element->is_star = true;
        } else if (c == '?') {
            memset(element->takes, true, sizeof element->takes);
        } else if (c == '[') {
            at = read_set(element, pattern, at, ignores_case);
        } else {
            if (c == '\\' && at < pattern.size)
                c = pattern.data[at++];
            take_equal(element, c, ignores_case);
        }
    }
    return count;
}

static bool matches_slowly(struct bytes pattern, struct bytes text, bool ignores_case)
{
    if (text.size == 0)
        return pattern.size == 0;
    struct element *elements = memory_allocate(sizeof *elements * (pattern.size + 1));
    size_t count = read_pattern(elements, pattern, ignores_case);
    /* row[j]: the elements so far match the first j bytes of the text. */
    bool row[LARGEST_SIZE + 1] = {true};
    for (size_t i = 0; i < count; i++) {
        bool next[LARGEST_SIZE + 1] = {false};
        for (size_t j = 0; j <= text.size; j++) {
            if (elements[i].is_star)
                next[j] = row[j] || (j > 0 && next[j - 1]);
            else
                next[j] = j > 0 && row[j - 1] && elements[i].takes[(uint8_t)text.data[j - 1]];
        }
        memcpy(row, next, sizeof row);
    }
    memory_free(elements);
    return row[text.size];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *middle = size ? memchr(data, 0xfe, size) : NULL;
    if (!middle || size > LARGEST_SIZE)
        return 0;
    size_t pattern_size = (size_t)(middle - data);
    size_t text_size = size - pattern_size - 1;
    /* Copies, so that reading past either is seen. */
    char *pattern_copy = memory_copy(data, pattern_size);
    char *text_copy = memory_copy(middle + 1, text_size);
    struct bytes pattern = bytes_of(pattern_copy, pattern_size);
    struct bytes text = bytes_of(text_copy, text_size);
    CHECK(glob_matches(pattern, text) == matches_slowly(pattern, text, false));
    CHECK(glob_matches_ignoring_case(pattern, text) == matches_slowly(pattern, text, true));
    memory_free(pattern_copy);
    memory_free(text_copy);
    return 0;
}
