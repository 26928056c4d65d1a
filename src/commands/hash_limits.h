/* SPDX-License-Identifier: MIT */
/* What a hash may hold in its packed encoding, by the configuration. */
#ifndef UNDERSTUDY_COMMANDS_HASH_LIMITS_H
#define UNDERSTUDY_COMMANDS_HASH_LIMITS_H

#include "engine/call.h"
#include "values/hash.h"

struct hash_limits hash_limits_of(const struct call *call);

#endif
