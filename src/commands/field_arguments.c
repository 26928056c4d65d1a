/* SPDX-License-Identifier: MIT */
#include "commands/field_arguments.h"

#include "base/memory.h"
#include "engine/journal.h"
#include "reply/errors.h"

#define LATEST_DEADLINE ((INT64_C(1) << 46) - 1) /* ms since epoch */

bool field_arguments_parse(struct call *call, int index, const char *count_error,
                           struct field_arguments *fields)
{
    if (index >= call->argc || !call_is(call, index, "FIELDS")) {
        reply_error(call->reply, ERROR_FIELDS_MISSING);
        return false;
    }
    if (index + 1 >= call->argc) {
        call_arity_error(call);
        return false;
    }
    int64_t count;
    if (!call_integer_between(call, index + 1, 1, INT64_MAX, &count, count_error))
        return false;
    if (count != call->argc - index - 2) {
        reply_error(call->reply, ERROR_FIELDS_MISMATCH);
        return false;
    }
    *fields = (struct field_arguments){call->argv + index + 2, (size_t)count};
    return true;
}

bool field_arguments_deadline(struct call *call, int index, enum deadline_form form,
                              int64_t *deadline_ms)
{
    int64_t time;
    if (!call_integer(call, index, &time, NULL))
        return false;
    if (time < 0) {
        reply_error(call->reply, ERROR_FIELD_EXPIRE_NEGATIVE);
        return false;
    }
    bool is_seconds = form == DEADLINE_SECONDS || form == DEADLINE_UNIX_SECONDS;
    bool is_relative = form == DEADLINE_SECONDS || form == DEADLINE_MILLISECONDS;
    if (time > LATEST_DEADLINE / (is_seconds ? 1000 : 1)) {
        deadline_reply_error(call);
        return false;
    }
    time *= is_seconds ? 1000 : 1;
    int64_t origin_ms = is_relative ? call->now_ms : 0;
    if (time > LATEST_DEADLINE - origin_ms) {
        deadline_reply_error(call);
        return false;
    }
    *deadline_ms = time + origin_ms;
    return true;
}

void field_arguments_reply(struct call *call, const struct field_arguments *fields, int64_t code)
{
    reply_open(call->reply, REPLY_ARRAY, fields->count);
    for (size_t i = 0; i < fields->count; i++)
        reply_integer(call->reply, code);
    reply_close(call->reply);
}

void field_arguments_record_deletion(struct call *call, const struct field_arguments *fields)
{
    if (!journal_wants(call))
        return;
    struct bytes *argv = memory_allocate((fields->count + 2) * sizeof *argv);
    argv[0] = BYTES_LITERAL("HDEL");
    argv[1] = call->argv[1];
    memcpy(argv + 2, fields->names, fields->count * sizeof *argv);
    journal_replace(call, argv, (int)fields->count + 2);
    memory_free(argv);
}
