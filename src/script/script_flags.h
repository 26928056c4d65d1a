/* SPDX-License-Identifier: MIT */
/*
 * What a call of EVAL, EVALSHA or FCALL does is for its script to say. Since 7.0 one that has flags
 * is refused, or held by CLIENT PAUSE, like a command that does what they say:
 *
 *     {.name = "EVAL", .find_flags = script_flags_of_eval, ...}
 */
#ifndef UNDERSTUDY_SCRIPT_SCRIPT_FLAGS_H
#define UNDERSTUDY_SCRIPT_SCRIPT_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "engine/engine.h"

/* The command's flags (enum command_flags) with those of the script; as they are when it has none,
 * or is not known. */
uint32_t script_flags_of_eval(const struct engine *engine, uint32_t flags, const struct bytes *argv,
                              int argc);
uint32_t script_flags_of_evalsha(const struct engine *engine, uint32_t flags,
                                 const struct bytes *argv, int argc);
uint32_t script_flags_of_fcall(const struct engine *engine, uint32_t flags,
                               const struct bytes *argv, int argc);

/* Whether a script with these flags (enum script_flags) must not run while memory is short. */
bool script_flags_need_memory(uint32_t script_flags);

#endif
