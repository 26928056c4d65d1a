/* SPDX-License-Identifier: MIT */
/*
 * Access control: the server's users, logging in, and refusing what a user may not do. Every
 * session has a user. For one that may do everything a command costs the look at one flag:
 *
 *     if (!session->user->is_unrestricted && acl_judge(session, &request) != ACL_ALLOWED) ...
 *
 * https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
#ifndef UNDERSTUDY_ENGINE_ACL_H
#define UNDERSTUDY_ENGINE_ACL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "engine/acl_log.h"
#include "engine/acl_user.h"

struct call;
struct command_state;
struct engine;
struct session;

/* Users in the order of their names' bytes. */
struct acl_users {
    struct acl_user **items; /* owned */
    size_t count;
    size_t capacity;
};

/* Embedded in the engine. */
struct acl {
    struct acl_users users;
    struct acl_users at_start;     /* copies: MOCK RESET */
    struct acl_user *default_user; /* in `users`, always the same */
    struct acl_log log;
};

/* --- sets of users --- */

struct acl_user *acl_users_find(const struct acl_users *users, struct bytes name);
/* Takes the reference. There is none of that name. */
void acl_users_add(struct acl_users *users, struct acl_user *user);
void acl_users_clear(struct acl_users *users);

/* --- start and end --- */

/* Makes the default user, with the password of `requirepass`. */
void acl_init(struct engine *engine);
void acl_clear(struct acl *acl);

/* What the users are now they are after a reset, too. */
void acl_settle_start(struct engine *engine);

/* Users and log as after the start. */
void acl_reset(struct engine *engine);

/* The users that `like` started with, for an engine that has no sessions yet. */
void acl_start_like(struct engine *engine, const struct engine *like);

/* All users as they are now, to be brought back: MOCK SNAPSHOT. Clients of users that are gone then
 * are the default user's. */
void *acl_copy(const struct engine *engine);
void acl_restore(struct engine *engine, const void *copy);
void acl_copy_free(void *copy);

/* --- users --- */

struct acl_user *acl_find(const struct engine *engine, struct bytes name);
/* By their names' order; NULL past the last. */
struct acl_user *acl_at(const struct engine *engine, size_t index);

/* Applies all of the rules or none. False: `error` has a whole error. Clients that listen to
 * channels which their user may not hear any more are closed. */
bool acl_set_user(struct engine *engine, struct bytes name, const struct bytes *rules, int count,
                  struct buffer *error);
/* Its clients are closed. False: there was none. */
bool acl_delete(struct engine *engine, struct bytes name);
/* CONFIG SET requirepass: the default user's one password, or none. */
void acl_set_default_password(struct engine *engine);

/* ACL LOAD: these take the place of all, but clients are closed as Redis does. A default user that
 * is missing may do everything. */
void acl_adopt(struct engine *engine, struct acl_users *users);

/* --- sessions --- */

/* Whether a session must log in, unless it has. */
bool acl_asks_for_login(const struct engine *engine);

/* The user as whom a session begins, logged in if that takes no password. */
void acl_begin_session(struct session *session);
void acl_end_session(struct session *session);
void acl_set_session_user(struct session *session, struct acl_user *user);

/* The one way to log in: AUTH and HELLO. False: name or password are wrong, which was logged. */
bool acl_authenticate(struct call *call, struct bytes name, struct bytes password);

/* --- permissions --- */

struct acl_request {
    const struct command_state *state;
    const struct bytes *argv;
    int argc;
    enum acl_log_context context;
};

/* Logs a refusal and tells its reason. */
enum acl_verdict acl_judge(struct session *session, const struct acl_request *request);

/* The error for a refusal: a text, or a format as ERROR_NOPERM_COMMAND. */
const char *acl_refusal(const struct engine *engine, enum acl_verdict verdict);
/* The same with the names in it, at the end of `out`, terminated. */
void acl_append_refusal(const char *format, const struct session *session,
                        const struct command_state *state, struct buffer *out);

#endif
