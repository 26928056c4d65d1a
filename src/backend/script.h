/* SPDX-License-Identifier: MIT */
/*
 * The functions of lua/libraries, run as scripts: one source serves FUNCTION LOAD and EVALSHA, so
 * it works on servers that have no functions, or none of ours loaded.
 *
 *     struct script script;
 *     script_init(&script, lua_source_libraries_lock, size, "lock_release");
 *     const char *words[] = {"state:lock:job", token};       // keys first
 *     script_run(&script, &pool, 1, words, NULL, 2, &answer);
 *     script_clear(&script);
 */
#ifndef UNDERSTUDY_BACKEND_SCRIPT_H
#define UNDERSTUDY_BACKEND_SCRIPT_H

#include "backend/link.h"
#include "base/buffer.h"

#define SCRIPT_SHA_SIZE 41 /* hexadecimal, terminated */

struct script {
    struct buffer text;
    char sha[SCRIPT_SHA_SIZE];
};

/* `function` of the library `source`. */
void script_init(struct script *script, const char *source, size_t size, const char *function);
void script_clear(struct script *script);

/* EVALSHA, and EVAL when the server does not know it. `harmless`: it may be carried out twice. */
enum backend_result script_run(const struct script *script, struct link_pool *pool, int keys,
                               const char *const *words, const size_t *sizes, int count,
                               bool harmless, struct link_answer *answer);

#endif
