/* SPDX-License-Identifier: MIT */
/*
 * Names for the functions of a Lua source, which the compiler does not keep:
 *
 *     function a.b:c()                                 a.b:c
 *     local function d() / local d = function()        d
 *     {e = function() ... }                            e
 *     redis.register_function("f", function() ...)     f
 *     pcall(function() ...)                            function:12, by its line
 *
 * In the order of the word `function` in the text, which is the order of struct prototypes.
 */
#ifndef UNDERSTUDY_SCRIPT_FUNCTION_NAMES_H
#define UNDERSTUDY_SCRIPT_FUNCTION_NAMES_H

#include <stddef.h>

#include "base/bytes.h"

struct function_names {
    char **names; /* owned, and so are the strings; each is there once */
    size_t count;
    size_t capacity;
};

/* `text` is one that compiles; of another the names are those found on the way. */
void function_names_read(struct function_names *names, struct bytes text);
void function_names_clear(struct function_names *names);

#endif
