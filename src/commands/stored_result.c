/* SPDX-License-Identifier: MIT */
#include "commands/stored_result.h"

void stored_result_put(struct call *call, struct bytes key, struct value *value, size_t count,
                       enum announce_class class, const char *event)
{
    if (count > 0) {
        database_set(call->db, key, value, false);
        call_announce(call, class, event, key);
    } else {
        value_release(value);
        if (database_delete(call->db, key))
            call_announce(call, ANNOUNCE_GENERIC, "del", key);
    }
    reply_integer(call->reply, (int64_t)count);
}
