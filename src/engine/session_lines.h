/* SPDX-License-Identifier: MIT */
/*
 * One session as a line of CLIENT LIST and CLIENT INFO.
 *
 *     session_line_append(session, &text);      // "id=3 addr=127.0.0.1:4711 ... resp=2"
 */
#ifndef UNDERSTUDY_ENGINE_SESSION_LINES_H
#define UNDERSTUDY_ENGINE_SESSION_LINES_H

#include <stdbool.h>

#include "base/buffer.h"
#include "engine/session.h"

/* The fields that the emulated version has, in its order; no line end. */
void session_line_append(const struct session *session, struct buffer *out);

/* What the session's stream says of itself; a session without one has address "?:0" and fd -1. */
void session_line_describe(const struct session *session, struct session_stream *stream);

/* Whether the client is on this machine: a Unix socket, the loopback address, or in process. */
bool session_line_is_local(const struct session *session);

#endif
