/* SPDX-License-Identifier: MIT */
/* MOCK CALLS and MOCK COUNT: which commands came, and what came of them. */
#include "commands/mock.h"
#include "commands/mock_options.h"
#include "controls/controls.h"
#include "engine/engine.h"
#include "reply/errors.h"

#define LARGEST_RECORD (INT64_C(1) << 30)

static struct recording *recording_of(const struct call *call)
{
    return &call->engine->controls->recording;
}

static bool read_count(struct call *call, const char *where, int index, const char *takes,
                       int64_t lowest, uint64_t *count)
{
    int64_t number;
    if (!mock_option_number(call, where, index, lowest, INT64_MAX, takes, &number))
        return false;
    *count = (uint64_t)number;
    return true;
}

/* False: the error was answered. */
static bool read_filter(struct call *call, const char *where, struct recording_filter *filter)
{
    for (int i = 2; i < call->argc; i += 2) {
        bool is_good;
        if (call_is(call, i, "COMMAND"))
            is_good = mock_option_value(call, where, i, "a glob", &filter->command);
        else if (call_is(call, i, "KEY"))
            is_good = mock_option_value(call, where, i, "a glob", &filter->key);
        else if (call_is(call, i, "CLIENT"))
            is_good = mock_option_value(call, where, i, "a glob", &filter->client);
        else if (call_is(call, i, "ID"))
            is_good = read_count(call, where, i, "a client's id", 1, &filter->client_id);
        else if (call_is(call, i, "SINCE"))
            is_good = read_count(call, where, i, "a call's id", 0, &filter->since);
        else if (call_is(call, i, "COUNT"))
            is_good = read_count(call, where, i, "a count from 1", 1, &filter->count);
        else {
            mock_option_refuse(call, where, i,
                               "COMMAND glob, KEY glob, CLIENT glob, ID client-id, SINCE call-id, "
                               "COUNT n; or alone ON [max], OFF, CLEAR");
            return false;
        }
        if (!is_good)
            return false;
    }
    if (recording_is_used(recording_of(call)))
        return true;
    reply_error(call->reply, ERROR_MOCK_CALLS_OFF);
    return false;
}

static void switch_on(struct call *call)
{
    int64_t limit = RECORDING_DEFAULT_LIMIT;
    if (call->argc == 4 &&
        !mock_option_number(call, "CALLS", 2, 1, LARGEST_RECORD, "how many calls to keep", &limit))
        return;
    recording_start(recording_of(call), (size_t)limit);
    reply_ok(call->reply);
}

void mock_calls(struct call *call)
{
    struct recording_filter filter = {0};
    if (!mock_is_allowed(call))
        return;
    if (call->argc >= 3 && call->argc <= 4 && call_is(call, 2, "ON")) {
        switch_on(call);
    } else if (call->argc == 3 && call_is(call, 2, "OFF")) {
        recording_stop(recording_of(call));
        reply_ok(call->reply);
    } else if (call->argc == 3 && call_is(call, 2, "CLEAR")) {
        recording_clear(recording_of(call));
        reply_ok(call->reply);
    } else if (read_filter(call, "CALLS", &filter)) {
        recording_reply(recording_of(call), &filter, call->reply);
    }
}

void mock_calls_count(struct call *call)
{
    struct recording_filter filter = {0};
    if (mock_is_allowed(call) && read_filter(call, "COUNT", &filter))
        reply_integer(call->reply, (int64_t)recording_count(recording_of(call), &filter));
}
