/* SPDX-License-Identifier: MIT */
/* What values that RESTORE and its kin read may hold in their small encodings, and by which version
 * of RDB they are written. */
#ifndef UNDERSTUDY_ENGINE_DUMP_LIMITS_H
#define UNDERSTUDY_ENGINE_DUMP_LIMITS_H

#include "dump/dump.h"
#include "engine/engine.h"

struct dump_limits dump_limits_of(const struct engine *engine, const struct database *db);

/* The parts of it; commands on one type need no more. */
struct hash_limits dump_limits_of_hashes(const struct engine *engine, const struct database *db);
struct set_limits dump_limits_of_sets(const struct engine *engine, const struct database *db);
struct sorted_set_limits dump_limits_of_sorted_sets(const struct engine *engine,
                                                    const struct database *db);

/* The RDB version that the emulated Redis writes, and the newest that it reads. */
int dump_limits_rdb_version(const struct engine *engine);

#endif
