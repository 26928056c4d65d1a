/* SPDX-License-Identifier: MIT */
/*
 * Options with options of their own (MOCK FAULT ADD): words with their values, and those that say
 * which commands are meant. Whatever is wrong is answered with what would be right.
 *
 *     enum mock_word word = mock_option_matcher(call, "FAULT ADD", &index, &which);
 *     if (word == MOCK_WORD_OTHER) ...
 */
#ifndef UNDERSTUDY_COMMANDS_MOCK_OPTIONS_H
#define UNDERSTUDY_COMMANDS_MOCK_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "controls/matcher.h"
#include "engine/call.h"

enum mock_word {
    MOCK_WORD_TAKEN, /* the word and its value were read; the index stands behind them */
    MOCK_WORD_OTHER, /* it is none of these */
    MOCK_WORD_BAD,   /* its value is missing or wrong, and the error was answered */
};

/* Words that say which commands are meant; `where` is "FAULT ADD" and the like. */
#define MOCK_MATCHER_WORDS                                                                         \
    "COMMAND glob, KEY glob, CLIENT glob, ID client-id, SCRIPT sha1, SKIP n, TIMES n, "            \
    "PROBABILITY p"
enum mock_word mock_option_matcher(struct call *call, const char *where, int *index,
                                   struct matcher_options *options);

/* The value behind the word at an index: false when it is missing, or no such number; the error was
 * answered. */
bool mock_option_value(struct call *call, const char *where, int index, const char *takes,
                       struct bytes *value);
bool mock_option_number(struct call *call, const char *where, int index, int64_t lowest,
                        int64_t highest, const char *takes, int64_t *value);

/* "MOCK where has no option 'word'. It takes ..." */
void mock_option_refuse(struct call *call, const char *where, int index, const char *takes);

#endif
