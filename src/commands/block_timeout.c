/* SPDX-License-Identifier: MIT */
#include "commands/block_timeout.h"

#include <math.h>

#include "base/number.h"
#include "reply/errors.h"

bool block_timeout_parse(struct call *call, int index, int64_t *deadline_ms)
{
    long double seconds;
    if (!number_parse_long_double(call->argv[index], &seconds)) {
        reply_error(call->reply, ERROR_TIMEOUT_NOT_FLOAT);
        return false;
    }
    long double ms = ceill(seconds * 1000);
    bool is_too_large = ms >= 0x1p63L;
    if (ms < 0 || (is_too_large && !call_emulates(call, 7, 2))) {
        /* Before 7.2 Redis lets a number that is too large turn negative. */
        reply_error(call->reply, ERROR_TIMEOUT_NEGATIVE);
        return false;
    }
    if (ms == 0) {
        *deadline_ms = KEYSPACE_NEVER;
        return true;
    }
    bool overflows = is_too_large || __builtin_add_overflow((int64_t)ms, call->now_ms, deadline_ms);
    if (overflows && call_emulates(call, 7, 2)) {
        reply_error(call->reply, ERROR_TIMEOUT_OUT_OF_RANGE);
        return false;
    }
    if (overflows)
        *deadline_ms = KEYSPACE_NEVER - 1;
    return true;
}
