/* SPDX-License-Identifier: MIT */
/*
 * The directive `rename-command`: names that clients call commands by instead of their own. Access
 * rights, COMMAND and statistics keep speaking of the own ones.
 *
 *     if (!command_names_apply(engine, &error)) ...
 *     state = command_names_resolve(engine, name, state);
 */
#ifndef UNDERSTUDY_ENGINE_COMMAND_NAMES_H
#define UNDERSTUDY_ENGINE_COMMAND_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct engine;
struct command_state;

struct command_name {
    char *name;  /* owned */
    uint32_t id; /* of the command's state */
};

struct command_names {
    struct command_name *items; /* owned */
    size_t count;
    bool has_renamed; /* some command has lost its own name */
};

/* What the configuration says. False: `error` says what is wrong. Before any command ran. */
bool command_names_apply(struct engine *engine, struct buffer *error);

/* The same names as `like` has, for an engine with the same commands. */
void command_names_copy(struct engine *engine, const struct engine *like);
void command_names_clear(struct command_names *names);

/* What clients mean by `name`, where `own` is the command whose own name it is, or NULL. */
struct command_state *command_names_resolve(const struct engine *engine, struct bytes name,
                                            struct command_state *own);

#endif
