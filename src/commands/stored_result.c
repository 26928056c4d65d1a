/* SPDX-License-Identifier: MIT */
#include "commands/stored_result.h"

void stored_result_put(struct call *call, struct bytes key, struct value *value, size_t count,
                       enum announce_class class, const char *event)
{
    if (count > 0) {
        /* A key that was there serves nobody who waits; one that reads for a group learns of it. */
        const struct entry *old = database_find(call->db, key, ACCESS_PEEK);
        bool is_seen = !old || entry_type(old) == VALUE_STREAM;
        database_set(call->db, key, value, false);
        if (is_seen)
            call_announce(call, class, event, key);
        else
            call_announce_unseen(call, class, event, key);
    } else {
        value_release(value);
        if (database_delete(call->db, key))
            call_announce(call, ANNOUNCE_GENERIC, "del", key);
    }
    reply_integer(call->reply, (int64_t)count);
}
