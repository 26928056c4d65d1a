/* SPDX-License-Identifier: MIT */
/* What values that RESTORE and its kin read may hold in their small encodings. */
#ifndef UNDERSTUDY_COMMANDS_DUMP_LIMITS_H
#define UNDERSTUDY_COMMANDS_DUMP_LIMITS_H

#include "dump/dump.h"
#include "engine/call.h"

struct dump_limits dump_limits_of(const struct call *call);

/* The RDB version that the emulated Redis writes, and the newest that it reads. */
int dump_limits_rdb_version(const struct call *call);

#endif
