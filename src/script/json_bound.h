/* SPDX-License-Identifier: MIT */
/*
 * Whether a value's JSON stays within what cjson's encoder can hold. Its buffer ends the process
 * when it grows past 2^31 bytes, which small tables that name one long string many times can ask.
 *
 *     if (!json_bound_holds(L, 1, (struct json_settings){sparse, depth})) ...   // an error instead
 */
#ifndef UNDERSTUDY_SCRIPT_JSON_BOUND_H
#define UNDERSTUDY_SCRIPT_JSON_BOUND_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

#include "base/bytes.h"

/* Stack indices (upvalues too) of the encoder's own functions, which are asked for its settings. */
struct json_settings {
    int sparse_array; /* encode_sparse_array */
    int max_depth;    /* encode_max_depth */
};

/* Whether the text has `room` bytes. Errs on the safe side: strings count as if every byte were
 * escaped. True for what the encoder refuses by itself before it gets too long. Leaves the stack as
 * it was. Raises the encoder's error when a library is within the value: there are functions in it.
 */
bool json_bound_holds(lua_State *L, int index, struct json_settings settings, size_t room);

/* Whether the tables and strings that the text decodes to take `room` bytes at most. Errs on the
 * safe side. */
bool json_bound_holds_decoded(struct bytes text, size_t room);

#endif
