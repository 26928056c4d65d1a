/* SPDX-License-Identifier: MIT */
/* MOCK GATE: clients that wait until a test lets them go. */
#include "commands/mock.h"
#include "commands/mock_options.h"
#include "controls/controls.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "reply/errors.h"

#define ADD             "GATE ADD"
#define DEFAULT_WAIT_MS 10000
#define LONGEST_WAIT_MS (INT64_C(1) << 40)

static struct gates *gates_of(const struct call *call)
{
    return &call->engine->controls->gates;
}

static void answer_absent(struct call *call)
{
    reply_error_format(call->reply, ERROR_MOCK_NO_SUCH_GATE, BYTES_PRINT(call->argv[3]));
}

static void gate_add(struct call *call)
{
    struct matcher_options which = matcher_no_options();
    int index = 4;
    while (index < call->argc) {
        int64_t nth;
        enum mock_word word = mock_option_matcher(call, ADD, &index, &which);
        if (word == MOCK_WORD_OTHER && call_is(call, index, "NTH")) {
            if (!mock_option_number(call, ADD, index, 1, INT64_MAX, "a count from 1", &nth))
                return;
            which.skip = (uint64_t)nth - 1;
            which.times = 1;
            index += 2;
            continue;
        }
        if (word == MOCK_WORD_OTHER)
            mock_option_refuse(call, ADD, index, MOCK_MATCHER_WORDS ", NTH n");
        if (word != MOCK_WORD_TAKEN)
            return;
    }
    gates_add(gates_of(call), call->argv[3], &which);
    reply_ok(call->reply);
}

static void gate_open(struct call *call)
{
    if (gates_open(gates_of(call), call->argv[3]))
        reply_ok(call->reply);
    else
        answer_absent(call);
}

static void gate_remove(struct call *call)
{
    if (gates_remove(gates_of(call), call->argv[3]))
        reply_ok(call->reply);
    else
        answer_absent(call);
}

static void gate_clear(struct call *call)
{
    gates_clear(gates_of(call));
    reply_ok(call->reply);
}

static void gate_list(struct call *call)
{
    gates_reply(gates_of(call), call->reply);
}

static void wait_timed_out(struct reply *reply)
{
    reply_error(reply, ERROR_MOCK_GATE_TIMEOUT);
}

/* Real time ends it: a test that has frozen the clock shall not hang. */
static void gate_wait(struct call *call)
{
    const struct gates *gates = gates_of(call);
    struct bytes name = call->argv[3];
    int64_t timeout_ms = DEFAULT_WAIT_MS;
    if (call->argc == 5 &&
        !call_integer_between(call, 4, 0, LONGEST_WAIT_MS, &timeout_ms, ERROR_MOCK_GATE_WAIT))
        return;
    enum gate_state state = gates_state(gates, name);
    uint64_t held = gates_held(gates, name);
    if (state == GATE_ABSENT) {
        answer_absent(call);
    } else if (held) {
        reply_integer(call->reply, (int64_t)held);
    } else if (state == GATE_OPEN) {
        reply_error_format(call->reply, ERROR_MOCK_GATE_OPEN, BYTES_PRINT(name));
    } else {
        struct buffer topic = {0};
        gates_append_topic(name, &topic);
        struct block_request request = {.topic = buffer_bytes(&topic),
                                        .deadline_ms = KEYSPACE_NEVER,
                                        .real_timeout_ms = timeout_ms,
                                        .timed_out = wait_timed_out};
        if (!call_block(call, &request))
            wait_timed_out(call->reply);
        buffer_clear(&topic);
    }
}

void mock_gates(struct call *call)
{
    static const struct mock_option options[] = {{"ADD", 4, INT32_MAX, gate_add},
                                                 {"OPEN", 4, 4, gate_open},
                                                 {"WAIT", 4, 5, gate_wait},
                                                 {"LIST", 3, 3, gate_list},
                                                 {"REMOVE", 4, 4, gate_remove},
                                                 {"CLEAR", 3, 3, gate_clear},
                                                 {0}};
    mock_run_option(call, options,
                    "ADD name [condition...], OPEN name, WAIT name [timeout-ms], LIST, REMOVE name "
                    "or CLEAR");
}
