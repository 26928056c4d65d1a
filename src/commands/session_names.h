/* SPDX-License-Identifier: MIT */
/*
 * What a client calls itself: CLIENT SETNAME, CLIENT SETINFO, HELLO SETNAME.
 *
 *     if (session_name_is_valid(name))
 *         session_name_set(&session->name, name);
 */
#ifndef UNDERSTUDY_COMMANDS_SESSION_NAMES_H
#define UNDERSTUDY_COMMANDS_SESSION_NAMES_H

#include <stdbool.h>

#include "base/bytes.h"

/* Printable ASCII without blanks, so that a line of CLIENT LIST can be taken apart. */
bool session_name_is_valid(struct bytes name);

/* Replaces an owned name; an empty one takes it away (NULL). */
void session_name_set(char **place, struct bytes name);

#endif
