/* SPDX-License-Identifier: MIT */
/*
 * What versions of Redis have added to commands that were there before: COMMAND DOCS' "history".
 *
 *     size_t count;
 *     const struct command_change *changes = command_history_of("client|list", version, &count);
 */
#ifndef UNDERSTUDY_COMMANDS_COMMAND_HISTORY_H
#define UNDERSTUDY_COMMANDS_COMMAND_HISTORY_H

#include <stddef.h>
#include <stdint.h>

struct command_change {
    const char *command; /* its full name */
    const char *since;
    const char *what; /* in our own words */
};

/* The changes up to that version (0x070200), oldest first; one behind the other. `*count` may be 0.
 */
const struct command_change *command_history_of(const char *name, uint32_t version, size_t *count);

#endif
