/* SPDX-License-Identifier: MIT */
/*
 * What the compiler knows of a chunk's lines and functions, nested ones included: read from the
 * bytecode of our own compilation, since lua_getinfo tells of one function only.
 *
 *     struct prototypes prototypes;
 *     prototypes_read(&prototypes, L);          // of the function on top
 *     if (prototypes_has_code(&prototypes, line)) ...
 *     prototypes_clear(&prototypes);
 *
 * A line counts when some instruction on it can be reached: the `end` behind a `return` has one
 * that can't.
 */
#ifndef UNDERSTUDY_SCRIPT_PROTOTYPES_H
#define UNDERSTUDY_SCRIPT_PROTOTYPES_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

#include "base/buffer.h"

struct prototype {
    int first_line; /* of the word `function`, or of the parenthesis behind it */
    int last_line;  /* of its `end` */
};

struct prototypes {
    struct prototype *functions; /* owned: without the chunk itself, in the order of the text */
    size_t count;
    size_t capacity;
    struct buffer lines; /* a byte for each line from 0 on: 1 = has code */
};

void prototypes_read(struct prototypes *prototypes, lua_State *L);
void prototypes_clear(struct prototypes *prototypes);

static inline bool prototypes_has_code(const struct prototypes *prototypes, int line)
{
    return line > 0 && (size_t)line < prototypes->lines.size && prototypes->lines.data[line];
}

#endif
