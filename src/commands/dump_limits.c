/* SPDX-License-Identifier: MIT */
#include "commands/dump_limits.h"

#include "commands/hash_limits.h"
#include "commands/set_limits.h"
#include "commands/sorted_set_limits.h"

struct dump_limits dump_limits_of(const struct call *call)
{
    return (struct dump_limits){
        .hash = hash_limits_of(call),
        .list_fill = call_config(call, CONFIG_LIST_MAX_LISTPACK_SIZE),
        .set = set_limits_of(call),
        .sorted_set = sorted_set_limits_of(call),
    };
}

int dump_limits_rdb_version(const struct call *call)
{
    if (call_emulates(call, 7, 4))
        return 12;
    if (call_emulates(call, 7, 2))
        return 11;
    return call_emulates(call, 7, 0) ? 10 : 9;
}
