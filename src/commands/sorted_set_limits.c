/* SPDX-License-Identifier: MIT */
#include "commands/sorted_set_limits.h"

struct sorted_set_limits sorted_set_limits_of(const struct call *call)
{
    return (struct sorted_set_limits){
        .entries = (size_t)call_config(call, CONFIG_ZSET_MAX_LISTPACK_ENTRIES),
        .text = (size_t)call_config(call, CONFIG_ZSET_MAX_LISTPACK_VALUE),
        .seed = call->db->keys.seed,
        .style = call_emulates(call, 7, 2) ? NUMBER_DOUBLE_SHORTEST : NUMBER_DOUBLE_17,
    };
}
