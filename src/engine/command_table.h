/* SPDX-License-Identifier: MIT */
/*
 * The commands of one engine: a struct command_state for each row that the emulated version has.
 * engine.h declares how they are found.
 *
 *     command_table_init(engine, families, NULL, hash_seed);
 *     struct command_state *get = engine_find_command(engine, BYTES_LITERAL("GET"), NULL);
 *     command_table_clear(engine);
 */
#ifndef UNDERSTUDY_ENGINE_COMMAND_TABLE_H
#define UNDERSTUDY_ENGINE_COMMAND_TABLE_H

#include <stdint.h>

struct command;
struct engine;

/* `families` ends with NULL. What `like` has is copied if it emulates the same version; it may be
 * NULL. The engine's version is set. */
void command_table_init(struct engine *engine, const struct command *const *families,
                        const struct engine *like, uint64_t hash_seed);

/* Calls, times and failures are counted from here on. */
void command_table_forget_counts(struct engine *engine);

void command_table_clear(struct engine *engine);

#endif
