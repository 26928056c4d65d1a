/* SPDX-License-Identifier: MIT */
/* What a sorted set may hold in its packed encoding, by the configuration, and how it writes scores
 * there, by the version emulated. */
#ifndef UNDERSTUDY_COMMANDS_SORTED_SET_LIMITS_H
#define UNDERSTUDY_COMMANDS_SORTED_SET_LIMITS_H

#include "engine/call.h"
#include "values/sorted_set.h"

struct sorted_set_limits sorted_set_limits_of(const struct call *call);

#endif
