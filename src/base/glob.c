/* SPDX-License-Identifier: MIT */
/*
 * Each element of a pattern other than '*' takes one byte of text, so only the last '*' seen ever
 * needs to be tried again: matching is a loop with one point of return, not a recursion.
 */
#include "base/glob.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_same(char a, char b, bool ignores_case)
{
    return ignores_case ? lower(a) == lower(b) : a == b;
}

static bool is_between(char c, char first, char last, bool ignores_case)
{
    if (first > last) {
        char swapped = first;
        first = last;
        last = swapped;
    }
    if (ignores_case) {
        first = lower(first);
        last = lower(last);
        c = lower(c);
    }
    return c >= first && c <= last;
}

/* `*pattern` stands after '['; moves it after ']', or to the end when there is none. Redis's ways
 * are kept: ']' as the end of a range belongs to the range, bytes compare as char (signed where
 * char is), and an escaped letter keeps its case. */
static bool bracket_matches(const char **pattern, const char *end, char c, bool ignores_case)
{
    const char *p = *pattern;
    bool is_negated = p < end && *p == '^';
    p += is_negated;
    bool matches = false;
    for (; p < end && *p != ']'; p++) {
        if (*p == '\\' && end - p >= 2) {
            p++;
            matches |= *p == c;
        } else if (end - p >= 3 && p[1] == '-') {
            matches |= is_between(c, p[0], p[2], ignores_case);
            p += 2;
        } else {
            matches |= is_same(*p, c, ignores_case);
        }
    }
    *pattern = p < end ? p + 1 : end;
    return matches != is_negated;
}

/* Whether the element at `*pattern`, which is not '*', takes `c`; moves behind it. */
static bool element_matches(const char **pattern, const char *end, char c, bool ignores_case)
{
    char element = *(*pattern)++;
    switch (element) {
    case '?':
        return true;
    case '[':
        return bracket_matches(pattern, end, c, ignores_case);
    case '\\':
        if (*pattern < end)
            element = *(*pattern)++;
        return is_same(element, c, ignores_case);
    default:
        return is_same(element, c, ignores_case);
    }
}

static bool matches(struct bytes pattern, struct bytes text, bool ignores_case)
{
    if (pattern.size == 0 || text.size == 0)
        return pattern.size == text.size;
    const char *p = pattern.data;
    const char *p_end = p + pattern.size;
    const char *t = text.data;
    const char *t_end = t + text.size;
    const char *after_star = NULL; /* in the pattern */
    const char *retry = NULL;      /* in the text: where after_star is to be tried next */
    while (t < t_end) {
        if (p < p_end && *p == '*') {
            while (p < p_end && *p == '*')
                p++;
            if (p == p_end)
                return true;
            after_star = p;
            retry = t + 1;
        } else if (p < p_end && element_matches(&p, p_end, *t, ignores_case)) {
            t++;
        } else if (after_star) {
            p = after_star;
            t = retry++;
        } else {
            return false;
        }
    }
    while (p < p_end && *p == '*')
        p++;
    return p == p_end;
}

bool glob_matches(struct bytes pattern, struct bytes text)
{
    return matches(pattern, text, false);
}

bool glob_matches_ignoring_case(struct bytes pattern, struct bytes text)
{
    return matches(pattern, text, true);
}
