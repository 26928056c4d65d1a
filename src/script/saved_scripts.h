/* SPDX-License-Identifier: MIT */
/*
 * The script cache, the libraries of functions and the state of math.random at a moment, for
 * snapshots. What a library keeps in variables of its own is kept only as long as no library comes
 * or goes in between.
 *
 *     struct saved_scripts *saved = saved_scripts_take(interpreter);
 *     saved_scripts_restore(saved, call);
 *     saved_scripts_free(saved);
 */
#ifndef UNDERSTUDY_SCRIPT_SAVED_SCRIPTS_H
#define UNDERSTUDY_SCRIPT_SAVED_SCRIPTS_H

#include "engine/call.h"

struct interpreter;
struct saved_scripts;

/* Owned by the caller. */
struct saved_scripts *saved_scripts_take(const struct interpreter *interpreter);

/* EVALSHA and FCALL know these scripts and functions again and no others. Not from within a script.
 */
void saved_scripts_restore(const struct saved_scripts *saved, struct call *call);

/* Accepts NULL. */
void saved_scripts_free(struct saved_scripts *saved);

#endif
