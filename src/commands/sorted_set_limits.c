/* SPDX-License-Identifier: MIT */
#include "commands/sorted_set_limits.h"

#include "engine/dump_limits.h"

struct sorted_set_limits sorted_set_limits_of(const struct call *call)
{
    return dump_limits_of_sorted_sets(call->engine, call->db);
}
