/* SPDX-License-Identifier: MIT */
#include "commands/set_limits.h"

#include "engine/dump_limits.h"

struct set_limits set_limits_of(const struct call *call)
{
    return dump_limits_of_sets(call->engine, call->db);
}

struct value *set_limits_add_key(struct call *call, struct bytes key, struct bytes first,
                                 size_t expected, const struct set_limits *limits)
{
    /* Before 7.2 Redis looks at the first member alone. */
    struct value *set = set_new(first, call_emulates(call, 7, 2) ? expected : 1, limits);
    database_add(call->db, key, set);
    return set;
}
