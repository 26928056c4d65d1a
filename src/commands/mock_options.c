/* SPDX-License-Identifier: MIT */
#include "commands/mock_options.h"

#include "base/number.h"
#include "reply/errors.h"

void mock_option_refuse(struct call *call, const char *where, int index, const char *takes)
{
    reply_error_format(call->reply, ERROR_MOCK_OPTION, where, BYTES_PRINT(call->argv[index]),
                       takes);
}

bool mock_option_value(struct call *call, const char *where, int index, const char *takes,
                       struct bytes *value)
{
    if (index + 1 >= call->argc) {
        reply_error_format(call->reply, ERROR_MOCK_VALUE_MISSING, where,
                           BYTES_PRINT(call->argv[index]), takes);
        return false;
    }
    *value = call->argv[index + 1];
    return true;
}

static bool refuse_value(struct call *call, const char *where, int index, const char *takes)
{
    reply_error_format(call->reply, ERROR_MOCK_VALUE, where, BYTES_PRINT(call->argv[index]), takes,
                       BYTES_PRINT(call->argv[index + 1]));
    return false;
}

bool mock_option_number(struct call *call, const char *where, int index, int64_t lowest,
                        int64_t highest, const char *takes, int64_t *value)
{
    struct bytes text;
    if (!mock_option_value(call, where, index, takes, &text))
        return false;
    if (number_parse_integer(text, value) && *value >= lowest && *value <= highest)
        return true;
    return refuse_value(call, where, index, takes);
}

static bool read_glob(struct call *call, const char *where, int index, struct bytes *glob)
{
    return mock_option_value(call, where, index, "a glob", glob);
}

static bool read_count(struct call *call, const char *where, int index, int64_t lowest,
                       const char *takes, uint64_t *count)
{
    int64_t value;
    if (!mock_option_number(call, where, index, lowest, INT64_MAX, takes, &value))
        return false;
    *count = (uint64_t)value;
    return true;
}

static bool read_probability(struct call *call, const char *where, int index, double *probability)
{
    const char *takes = "a number from 0 to 1";
    struct bytes text;
    if (!mock_option_value(call, where, index, takes, &text))
        return false;
    if (number_parse_double(text, probability) && *probability >= 0 && *probability <= 1)
        return true;
    return refuse_value(call, where, index, takes);
}

enum mock_word mock_option_matcher(struct call *call, const char *where, int *index,
                                   struct matcher_options *options)
{
    int i = *index;
    bool is_good;
    if (call_is(call, i, "COMMAND"))
        is_good = read_glob(call, where, i, &options->command);
    else if (call_is(call, i, "KEY"))
        is_good = read_glob(call, where, i, &options->key);
    else if (call_is(call, i, "CLIENT"))
        is_good = read_glob(call, where, i, &options->client);
    else if (call_is(call, i, "SCRIPT"))
        is_good = mock_option_value(call, where, i, "a SHA-1, or a function's or library's name",
                                    &options->script);
    else if (call_is(call, i, "ID"))
        is_good = read_count(call, where, i, 1, "a client's id", &options->client_id);
    else if (call_is(call, i, "SKIP"))
        is_good = read_count(call, where, i, 0, "a count", &options->skip);
    else if (call_is(call, i, "TIMES"))
        is_good = read_count(call, where, i, 0, "a count", &options->times);
    else if (call_is(call, i, "PROBABILITY"))
        is_good = read_probability(call, where, i, &options->probability);
    else
        return MOCK_WORD_OTHER;
    *index += 2;
    return is_good ? MOCK_WORD_TAKEN : MOCK_WORD_BAD;
}
