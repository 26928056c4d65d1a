/* SPDX-License-Identifier: MIT */
/*
 * What scripts ask of the server, call by call, for a test to read: MOCK TRACE.
 *
 *     script_trace_switch(interpreter, true);
 *     struct script_trace_entry *entry = script_trace_begin(interpreter, L, argv, argc);
 *     ... the command runs, and what it announces is noted ...
 *     if (entry)
 *         script_trace_end(interpreter, entry, L);      // its answer is on top of L
 *
 * Switched off it costs one look at a pointer for each call.
 */
#ifndef UNDERSTUDY_SCRIPT_SCRIPT_TRACE_H
#define UNDERSTUDY_SCRIPT_SCRIPT_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/list.h"

#define SCRIPT_TRACE_LONGEST 10000 /* calls; of more the oldest are dropped */

struct interpreter;
struct script_trace;

struct script_trace_entry {
    struct list_node node;
    char *name;         /* owned: the script's SHA-1, the function's name */
    int line;           /* 0: none */
    struct bytes *argv; /* owned: one allocation */
    int argc;
    struct buffer reply; /* owned: 1, "text", +OK, -ERR text, null, [1, "a"], {"field": 1} */
    struct list changed; /* of struct script_trace_key, in order, each once */
    size_t size;         /* bytes that all of it takes */
};

struct script_trace_key {
    struct list_node node;
    size_t size;
    char data[];
};

/* From now on calls are noted, or no more. What was noted stays. */
void script_trace_switch(struct interpreter *interpreter, bool is_on);
/* Forgets what was noted. */
void script_trace_clear(struct interpreter *interpreter);
/* Off, and all of it freed. */
void script_trace_free(struct interpreter *interpreter);

/* The entries, oldest first: of struct script_trace_entry. NULL: there never were any. */
const struct list *script_trace_entries(const struct interpreter *interpreter);

/* --- for redis.call --- */

/* NULL: calls are not noted. */
struct script_trace_entry *script_trace_begin(struct interpreter *interpreter, lua_State *L,
                                              const struct bytes *argv, int argc);
void script_trace_end(struct interpreter *interpreter, struct script_trace_entry *entry,
                      lua_State *L);

#endif
