/* SPDX-License-Identifier: MIT */
/*
 * Lua for one engine: the script cache, the sandboxed state, the run of a script.
 *
 *     engine->interpreter = interpreter_new(engine);
 *     interpreter_eval(call, body, keys, key_count, args, arg_count, false);
 *
 * The Lua state is made when the first script comes, so that a server that runs none pays nothing.
 */
#ifndef UNDERSTUDY_SCRIPT_INTERPRETER_H
#define UNDERSTUDY_SCRIPT_INTERPRETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "engine/call.h"

struct interpreter;

struct interpreter *interpreter_new(struct engine *engine);
void interpreter_free(struct interpreter *interpreter);

/* Runs a script (source text) or a cached one (its SHA-1, 40 hexadecimal digits) and answers into
 * call->reply: EVAL, EVALSHA and their read-only forms. argv[2] is the number of keys; the error for a
 * bad one is answered too. */
void interpreter_eval(struct call *call, bool is_read_only);
void interpreter_evalsha(struct call *call, bool is_read_only);

/* SCRIPT LOAD: compiles and caches. True: `sha` has 40 digits and a terminator. False: the compile error
 * was answered. */
bool interpreter_load(struct call *call, struct bytes body, char sha[41]);
bool interpreter_exists(const struct interpreter *interpreter, struct bytes sha);
/* Forgets all scripts and the Lua state. */
void interpreter_flush(struct interpreter *interpreter);

/* For INFO: number_of_cached_scripts, used_memory_vm_eval, used_memory_scripts_eval. */
size_t interpreter_script_count(const struct interpreter *interpreter);
size_t interpreter_vm_memory(const struct interpreter *interpreter);
size_t interpreter_scripts_memory(const struct interpreter *interpreter);

#endif
