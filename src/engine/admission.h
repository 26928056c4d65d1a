/* SPDX-License-Identifier: MIT */
/*
 * Whether a client's command may run now: what it needs, what its user may do, and what state the
 * server is in.
 *
 *     const char *refusal = admission_find_refusal(session, &request);
 *     if (!refusal)
 *         refusal = admission_find_obstacle(session, &request);
 */
#ifndef UNDERSTUDY_ENGINE_ADMISSION_H
#define UNDERSTUDY_ENGINE_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/acl_check.h"
#include "engine/engine.h"
#include "engine/session.h"

/* NULL when the session may have the command at all, else the error that refuses it: a text, or the
 * format of one for the command's name. */
const char *admission_find_refusal(struct session *session, const struct acl_request *request);

/* The same for what comes after that: NULL when the server is in a state to run it. Makes room in
 * memory if that is short. */
const char *admission_find_obstacle(struct session *session, const struct acl_request *request);

/* Whether CLIENT PAUSE, which is on, holds the command. EXEC counts as what its queue does. */
bool admission_is_paused(const struct session *session, const struct command *command,
                         const struct bytes *argv, int argc);

/* What this call does: the row's flags, or what find_flags makes of them. */
uint32_t admission_flags_of(const struct engine *engine, const struct command *command,
                            const struct bytes *argv, int argc);

/* A command that waited may go on. False: its user has lost the right since, from 7.2 on, and
 * `error` has the whole error, terminated. */
bool admission_may_run_again(struct session *session, struct command_state *state,
                             const struct bytes *argv, int argc, struct buffer *error);

/* Why nobody may write now: a file could not be written. NULL: everybody may. */
const char *admission_file_refusal(const struct engine *engine);

/* What replication has against writes of this session, and whether it has anything against reads.
 */
const char *admission_find_write_obstacle(const struct session *session);
bool admission_refuses_reads(const struct session *session);

#endif
