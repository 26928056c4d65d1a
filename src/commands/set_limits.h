/* SPDX-License-Identifier: MIT */
/* What a set may hold in its small encodings, by the configuration and the version emulated. */
#ifndef UNDERSTUDY_COMMANDS_SET_LIMITS_H
#define UNDERSTUDY_COMMANDS_SET_LIMITS_H

#include "engine/call.h"
#include "values/set.h"

struct set_limits set_limits_of(const struct call *call);

/* A set for `first` and `expected` members in all, at a key that is absent. */
struct value *set_limits_add_key(struct call *call, struct bytes key, struct bytes first,
                                 size_t expected, const struct set_limits *limits);

#endif
