/* SPDX-License-Identifier: MIT */
/* MOCK EXPECT and MOCK VERIFY: which commands a test wants to see, and whether it has. */
#include "commands/mock.h"
#include "commands/mock_options.h"
#include "controls/controls.h"
#include "engine/engine.h"
#include "reply/errors.h"

#define WHERE "EXPECT"
#define TAKES                                                                                      \
    "COMMAND glob, KEY glob, CLIENT glob, ID client-id, SCRIPT sha1, ARGS glob..., TIMES n, "      \
    "MIN n, MAX n, AFTER other"

static bool is_word(const struct call *call, int index)
{
    static const char *const words[] = {"COMMAND", "KEY",   "CLIENT", "ID",  "SCRIPT",
                                        "ARGS",    "TIMES", "MIN",    "MAX", "AFTER"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (call_is(call, index, words[i]))
            return true;
    return false;
}

/* All up to the next word that means something here. */
static void read_args(struct call *call, int *index, struct expectation_options *options)
{
    int first = *index + 1;
    int end = first;
    while (end < call->argc && !is_word(call, end))
        end++;
    options->args = call->argv + first;
    options->arg_count = end - first;
    *index = end;
}

static bool read_count(struct call *call, int *index, uint64_t *count)
{
    int64_t number;
    if (!mock_option_number(call, WHERE, *index, 0, INT64_MAX, "a count", &number))
        return false;
    *count = (uint64_t)number;
    *index += 2;
    return true;
}

/* False: the error was answered. */
static bool read_expectation(struct call *call, struct expectation_options *options)
{
    bool has_least = false;
    int index = 3;
    while (index < call->argc) {
        bool is_good = true;
        if (call_is(call, index, "ARGS")) {
            read_args(call, &index, options);
        } else if (call_is(call, index, "TIMES")) {
            is_good = has_least = read_count(call, &index, &options->least);
            options->most = options->least;
        } else if (call_is(call, index, "MIN")) {
            is_good = has_least = read_count(call, &index, &options->least);
        } else if (call_is(call, index, "MAX")) {
            is_good = read_count(call, &index, &options->most);
            options->least = has_least ? options->least : 0;
        } else if (call_is(call, index, "AFTER")) {
            is_good = mock_option_value(call, WHERE, index, "the name of an expectation",
                                        &options->after);
            index += 2;
        } else if (is_word(call, index)) {
            is_good = mock_option_matcher(call, WHERE, &index, &options->which) == MOCK_WORD_TAKEN;
        } else {
            mock_option_refuse(call, WHERE, index, TAKES);
            is_good = false;
        }
        if (!is_good)
            return false;
    }
    if (options->least <= options->most)
        return true;
    reply_error(call->reply, ERROR_MOCK_EXPECT_RANGE);
    return false;
}

void mock_expect(struct call *call)
{
    struct expectation_options options = expectation_no_options();
    if (!mock_is_allowed(call) || !read_expectation(call, &options))
        return;
    if (expectations_add(&call->engine->controls->expectations, call->argv[2], &options))
        reply_ok(call->reply);
    else
        reply_error_format(call->reply, ERROR_MOCK_EXPECT_AFTER, BYTES_PRINT(options.after));
}

void mock_expect_verify(struct call *call)
{
    struct expectations *expectations = &call->engine->controls->expectations;
    if (!mock_is_allowed(call))
        return;
    if (call->argc > 3 || (call->argc == 3 && !call_is(call, 2, "CLEAR"))) {
        mock_option_refuse(call, "VERIFY", 2, "nothing, or CLEAR to forget what was expected");
        return;
    }
    expectations_reply_unmet(expectations, call->reply);
    if (call->argc == 3)
        expectations_clear(expectations);
}
