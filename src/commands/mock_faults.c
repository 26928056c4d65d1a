/* SPDX-License-Identifier: MIT */
/* MOCK FAULT and MOCK SETERROR: what goes wrong because a test wants it to. */
#include "base/hash_slot.h"
#include "commands/mock.h"
#include "commands/mock_options.h"
#include "controls/controls.h"
#include "engine/engine.h"
#include "reply/errors.h"

#define ACTIONS                                                                                    \
    "ERROR text, REPLY raw, CLOSE BEFORE|AFTER, NOREPLY BEFORE|AFTER, TRUNCATE bytes, SLOW "       \
    "bytes-per-second, DELAY ms, REFUSE, NOSCRIPT, BUSY, LOADING, READONLY, OOM, CLUSTERDOWN or "  \
    "MOVED slot host:port"
#define ADD     "FAULT ADD"
#define LONGEST (INT64_C(1) << 40) /* milliseconds, bytes */
#define WHOLE   "a whole number"

static struct faults *faults_of(const struct call *call)
{
    return &call->engine->controls->faults;
}

/* Errors that have a word of their own. */
static const struct {
    const char *word;
    const char *text;
} known_errors[] = {{"NOSCRIPT", ERROR_NOSCRIPT}, {"BUSY", ERROR_SCRIPT_BUSY},
                    {"LOADING", ERROR_LOADING},   {"READONLY", ERROR_READONLY},
                    {"OOM", ERROR_OOM},           {"CLUSTERDOWN", ERROR_CLUSTERDOWN}};

static bool read_amount(struct call *call, int *index, int64_t lowest, enum fault_kind kind,
                        struct fault_action *action)
{
    action->kind = kind;
    bool is_good = mock_option_number(call, ADD, *index, lowest, LONGEST, WHOLE, &action->amount);
    *index += 2;
    return is_good;
}

static bool read_text(struct call *call, int *index, enum fault_kind kind,
                      struct fault_action *action)
{
    action->kind = kind;
    bool is_good = mock_option_value(call, ADD, *index, "a text", &action->text);
    *index += 2;
    return is_good;
}

static bool read_side(struct call *call, int *index, enum fault_kind before, enum fault_kind after,
                      struct fault_action *action)
{
    const char *takes = "BEFORE or AFTER (the command's effect)";
    struct bytes side;
    if (!mock_option_value(call, ADD, *index, takes, &side))
        return false;
    if (!bytes_equal_ignoring_case(side, "BEFORE") && !bytes_equal_ignoring_case(side, "AFTER")) {
        reply_error_format(call->reply, ERROR_MOCK_VALUE, ADD, BYTES_PRINT(call->argv[*index]),
                           takes, BYTES_PRINT(side));
        return false;
    }
    action->kind = bytes_equal_ignoring_case(side, "BEFORE") ? before : after;
    *index += 2;
    return true;
}

/* The text lives in `text`. */
static bool read_moved(struct call *call, int *index, struct fault_action *action,
                       struct buffer *text)
{
    int64_t slot;
    if (*index + 2 >= call->argc) {
        reply_error_format(call->reply, ERROR_MOCK_VALUE_MISSING, ADD,
                           BYTES_PRINT(call->argv[*index]), "slot host:port");
        return false;
    }
    if (!mock_option_number(call, ADD, *index, 0, HASH_SLOTS - 1, "a slot from 0 to 16383", &slot))
        return false;
    text->size = 0;
    buffer_append_format(text, ERROR_MOVED, (int)slot, BYTES_PRINT(call->argv[*index + 2]));
    action->kind = FAULT_ERROR;
    action->text = buffer_bytes(text);
    *index += 3;
    return true;
}

static enum mock_word read_known_error(struct call *call, int *index, struct fault_action *action)
{
    for (size_t i = 0; i < sizeof known_errors / sizeof *known_errors; i++) {
        if (!call_is(call, *index, known_errors[i].word))
            continue;
        action->kind = FAULT_ERROR;
        action->text = bytes_of_string(known_errors[i].text);
        *index += 1;
        return MOCK_WORD_TAKEN;
    }
    return MOCK_WORD_OTHER;
}

static enum mock_word read_action(struct call *call, int *index, struct fault_action *action,
                                  struct buffer *text)
{
    bool is_good;
    if (call_is(call, *index, "ERROR"))
        is_good = read_text(call, index, FAULT_ERROR, action);
    else if (call_is(call, *index, "REPLY"))
        is_good = read_text(call, index, FAULT_REPLY, action);
    else if (call_is(call, *index, "CLOSE"))
        is_good = read_side(call, index, FAULT_CLOSE_BEFORE, FAULT_CLOSE_AFTER, action);
    else if (call_is(call, *index, "NOREPLY"))
        is_good = read_side(call, index, FAULT_NOREPLY_BEFORE, FAULT_NOREPLY_AFTER, action);
    else if (call_is(call, *index, "TRUNCATE"))
        is_good = read_amount(call, index, 0, FAULT_TRUNCATE, action);
    else if (call_is(call, *index, "SLOW"))
        is_good = read_amount(call, index, 1, FAULT_SLOW, action);
    else if (call_is(call, *index, "DELAY"))
        is_good = read_amount(call, index, 0, FAULT_DELAY, action);
    else if (call_is(call, *index, "MOVED"))
        is_good = read_moved(call, index, action, text);
    else if (call_is(call, *index, "REFUSE")) {
        action->kind = FAULT_REFUSE;
        *index += 1;
        is_good = true;
    } else
        return read_known_error(call, index, action);
    return is_good ? MOCK_WORD_TAKEN : MOCK_WORD_BAD;
}

/* False: the error was answered. */
static bool read_fault(struct call *call, struct matcher_options *which,
                       struct fault_action *action, struct buffer *text)
{
    bool has_action = false;
    int index = 4;
    while (index < call->argc) {
        int place = index;
        enum mock_word word = mock_option_matcher(call, ADD, &index, which);
        if (word == MOCK_WORD_OTHER) {
            word = read_action(call, &index, action, text);
            if (word == MOCK_WORD_TAKEN && has_action) {
                reply_error_format(call->reply, ERROR_MOCK_FAULT_ACTIONS,
                                   BYTES_PRINT(call->argv[place]));
                return false;
            }
            has_action = true;
        }
        if (word == MOCK_WORD_OTHER)
            mock_option_refuse(call, ADD, place, MOCK_MATCHER_WORDS "; and one of " ACTIONS);
        if (word != MOCK_WORD_TAKEN)
            return false;
    }
    if (!has_action)
        reply_error(call->reply, ERROR_MOCK_FAULT_NO_ACTION ACTIONS);
    return has_action;
}

static void fault_add(struct call *call)
{
    struct matcher_options which = matcher_no_options();
    struct fault_action action = {0};
    struct buffer text = {0};
    if (read_fault(call, &which, &action, &text)) {
        faults_add(faults_of(call), call->argv[3], &which, &action);
        reply_ok(call->reply);
    }
    buffer_clear(&text);
}

static void fault_list(struct call *call)
{
    faults_reply(faults_of(call), call->reply);
}

static void fault_remove(struct call *call)
{
    if (faults_remove(faults_of(call), call->argv[3]))
        reply_ok(call->reply);
    else
        reply_error_format(call->reply, ERROR_MOCK_NO_SUCH_FAULT, BYTES_PRINT(call->argv[3]));
}

static void fault_clear(struct call *call)
{
    faults_clear(faults_of(call));
    reply_ok(call->reply);
}

void mock_faults(struct call *call)
{
    static const struct mock_option options[] = {{"ADD", 5, INT32_MAX, fault_add},
                                                 {"LIST", 3, 3, fault_list},
                                                 {"REMOVE", 4, 4, fault_remove},
                                                 {"CLEAR", 3, 3, fault_clear},
                                                 {0}};
    mock_run_option(call, options, "ADD name [condition...] action, LIST, REMOVE name or CLEAR");
}

void mock_faults_set_error(struct call *call)
{
    if (!mock_is_allowed(call))
        return;
    faults_set_error(faults_of(call), call->argv[2]);
    reply_ok(call->reply);
}
