/* SPDX-License-Identifier: MIT */
#include "commands/set_limits.h"

struct set_limits set_limits_of(const struct call *call)
{
    bool has_listpacks = call_emulates(call, 7, 2);
    return (struct set_limits){
        .integers = (size_t)call_config(call, CONFIG_SET_MAX_INTSET_ENTRIES),
        .entries = has_listpacks ? (size_t)call_config(call, CONFIG_SET_MAX_LISTPACK_ENTRIES) : 0,
        .text = (size_t)call_config(call, CONFIG_SET_MAX_LISTPACK_VALUE),
        .seed = call->db->keys.seed,
    };
}

struct value *set_limits_add_key(struct call *call, struct bytes key, struct bytes first,
                                 size_t expected, const struct set_limits *limits)
{
    /* Before 7.2 Redis looks at the first member alone. */
    struct value *set = set_new(first, call_emulates(call, 7, 2) ? expected : 1, limits);
    database_add(call->db, key, set);
    return set;
}
