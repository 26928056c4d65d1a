/* SPDX-License-Identifier: MIT */
/*
 * All commands: the families' tables in one list, for engine_options.families.
 *
 *     struct engine_options options = {.families = command_families, ...};
 */
#ifndef UNDERSTUDY_COMMANDS_REGISTRY_H
#define UNDERSTUDY_COMMANDS_REGISTRY_H

#include "engine/command.h"

/* Each is an array of rows that ends with one whose name is NULL; the list ends with NULL. */
extern const struct command *const command_families[];

#endif
