/* SPDX-License-Identifier: MIT */
/*
 * MULTI's queue and WATCH's keys. commands/transactions.c answers the commands; this is what they
 * do.
 */
#ifndef UNDERSTUDY_ENGINE_TRANSACTION_H
#define UNDERSTUDY_ENGINE_TRANSACTION_H

#include <stdbool.h>

#include "base/bytes.h"
#include "engine/session.h"

struct database;
struct engine;
struct reply;

/* Copies the request to the end of the session's queue, unless EXEC will not run it anyway. */
void transaction_queue(struct session *session, struct command_state *state,
                       const struct bytes *argv, int argc);

/* Empties the queue, leaves MULTI and unwatches: DISCARD, and the end of EXEC. */
void transaction_discard(struct session *session);

/* Runs the queue in order, each command's reply into `reply`, which the caller has opened as an
 * array of session->queue_count; then as transaction_discard. */
void transaction_execute(struct session *session, struct reply *reply);

/* Watching a key twice is watching it once. */
void transaction_watch(struct session *session, struct database *db, struct bytes key);
void transaction_unwatch_all(struct session *session);

/* Whether a watched key has reached its deadline since, and is still there since expiry is paused.
 */
bool transaction_has_overdue_watch(const struct session *session);

/* The key changed: those who watch it will not execute. */
void transaction_touch(struct engine *engine, int db, struct bytes key);
/* Every key of the database that is there, or will be after a swap with `replacement` (NULL for a
 * flush), changed. */
void transaction_touch_all(struct engine *engine, struct database *db,
                           struct database *replacement);

#endif
