/* SPDX-License-Identifier: MIT */
#include "commands/hash_limits.h"

struct hash_limits hash_limits_of(const struct call *call)
{
    return (struct hash_limits){
        .entries = (size_t)call_config(call, CONFIG_HASH_MAX_LISTPACK_ENTRIES),
        .text = (size_t)call_config(call, CONFIG_HASH_MAX_LISTPACK_VALUE),
        .seed = call->db->keys.seed,
    };
}
