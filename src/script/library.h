/* SPDX-License-Identifier: MIT */
/*
 * Libraries of functions: FUNCTION LOAD puts them on the shelf, FCALL calls what they registered.
 *
 *     const struct library *library = library_load(engine->interpreter, code, false, reply);
 *     library_call(call, false);            // FCALL name numkeys ..., answered into call->reply
 *
 * To keep them elsewhere (a snapshot, an RDB file), their code is all there is to keep:
 *
 *     for (library = library_first(interpreter); library; library = library_next(library))
 *         save(library_code(library));
 *     ...
 *     library_flush(interpreter);
 *     library_load_kept(interpreter, code, false, NULL);       // for each
 *
 * A library's own variables begin anew then. Libraries live in a Lua state apart from the one of
 * scripts, made when the first is loaded. `interpreter` is always engine->interpreter.
 */
#ifndef UNDERSTUDY_SCRIPT_LIBRARY_H
#define UNDERSTUDY_SCRIPT_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "engine/call.h"
#include "script/interpreter.h"

struct library;
struct library_function;

/* Compiles the code, a text that begins with "#!lua name=...", and runs it so that it registers its
 * functions. NULL: the error was answered, and nothing has changed. Not from within a script. */
const struct library *library_load(struct interpreter *interpreter, struct bytes code,
                                   bool replaces, struct reply *reply);

/* The same for code that is kept elsewhere: an error is appended to `error`, which may be NULL. */
bool library_load_kept(struct interpreter *interpreter, struct bytes code, bool replaces,
                       struct buffer *error);

/* False: there is no library of that name. Not from within a script. */
bool library_delete(struct interpreter *interpreter, struct bytes name);
/* Deletes all, and their Lua state. Not from within a script. */
void library_flush(struct interpreter *interpreter);

/* FCALL and FCALL_RO: argv[1] is the function's name, argv[2] the number of keys. */
void library_call(struct call *call, bool is_read_only);

/* In the order of their loading; NULL after the last. */
const struct library *library_first(const struct interpreter *interpreter);
const struct library *library_next(const struct library *library);

/* Borrowed, as all that follows, until the library is deleted or replaced. Terminated. */
struct bytes library_name(const struct library *library);
struct bytes library_code(const struct library *library);

/* In the order of their registration. */
size_t library_size(const struct library *library);
const struct library_function *library_function(const struct library *library, size_t index);

struct bytes library_function_name(const struct library_function *function);
/* The data pointer is NULL when there is none. */
struct bytes library_function_description(const struct library_function *function);
/* enum script_flags. */
uint32_t library_function_flags(const struct library_function *function);

/* For INFO and FUNCTION STATS. */
size_t library_count(const struct interpreter *interpreter);
size_t library_function_count(const struct interpreter *interpreter);
size_t library_vm_memory(const struct interpreter *interpreter);
size_t library_memory(const struct interpreter *interpreter);

#endif
