/* SPDX-License-Identifier: MIT */
/* The time that a blocking command waits: BLPOP and its kin. */
#ifndef UNDERSTUDY_COMMANDS_BLOCK_TIMEOUT_H
#define UNDERSTUDY_COMMANDS_BLOCK_TIMEOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/call.h"

/* argv[index] in seconds, as the instant when the waiting ends: ms since epoch, KEYSPACE_NEVER for
 * a timeout of 0. False: it is no timeout, and the error was answered. */
bool block_timeout_parse(struct call *call, int index, int64_t *deadline_ms);

#endif
