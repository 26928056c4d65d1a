/* SPDX-License-Identifier: MIT */
/*
 * What the commands on bits share: offsets in arguments, and strings that grow to hold them.
 *
 *     uint64_t offset;
 *     if (!bit_strings_offset(call, 2, 0, &offset) || !call_find(..., &entry))
 *         return;
 *     bool grew;
 *     char *data = bit_strings_own(call, key, entry, offset, &grew);
 */
#ifndef UNDERSTUDY_COMMANDS_BIT_STRINGS_H
#define UNDERSTUDY_COMMANDS_BIT_STRINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/call.h"

/* argv[index] as an offset in bits that a string may have. With a width, "#3" is three times the
 * width. False: the error was answered. */
bool bit_strings_offset(struct call *call, int index, unsigned width, uint64_t *offset);

/* The string's bytes for writing, as many as hold the bit at `offset`; `entry` is NULL for a key
 * that is to be made. `*grew` says whether it became longer. */
char *bit_strings_own(struct call *call, struct bytes key, struct entry *entry, uint64_t offset,
                      bool *grew);

#endif
