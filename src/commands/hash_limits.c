/* SPDX-License-Identifier: MIT */
#include "commands/hash_limits.h"

#include "engine/dump_limits.h"

struct hash_limits hash_limits_of(const struct call *call)
{
    return dump_limits_of_hashes(call->engine, call->db);
}
