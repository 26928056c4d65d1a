/* SPDX-License-Identifier: MIT */
/*
 * Users in files, a line each: "user alice on #hash ~cache:* +@read". Either redis.conf has such
 * lines, or a file of their own, the directive `aclfile`.
 */
#ifndef UNDERSTUDY_ENGINE_ACL_FILE_H
#define UNDERSTUDY_ENGINE_ACL_FILE_H

#include <stdbool.h>

#include "base/buffer.h"

struct engine;

/* The users that the server starts with. False: `error` has a line that says what is wrong. */
bool acl_file_load_start(struct engine *engine, struct buffer *error);

/* ACL LOAD. False: `error` says what is wrong, without a code, and nothing has changed. */
bool acl_file_load(struct engine *engine, struct buffer *error);
/* ACL SAVE. False: it could not be written; the log says why. */
bool acl_file_save(struct engine *engine);

/* All users, a line each. */
void acl_file_append_users(const struct engine *engine, struct buffer *out);

#endif
