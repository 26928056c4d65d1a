/* SPDX-License-Identifier: MIT */
/*
 * Users in words, as ACL LIST, ACL GETUSER, ACL files and redis.conf have them: rules that make the
 * same user again.
 */
#ifndef UNDERSTUDY_ENGINE_ACL_TEXT_H
#define UNDERSTUDY_ENGINE_ACL_TEXT_H

#include "base/buffer.h"
#include "engine/acl_user.h"

struct engine;

/* "on nopass ~* &* +@all" */
void acl_text_append_user(const struct engine *engine, const struct acl_user *user,
                          struct buffer *out);

/* "~a* %R~b"; "&a b"; "-@all +get" */
void acl_text_append_keys(const struct acl_selector *selector, struct buffer *out);
void acl_text_append_channels(const struct acl_selector *selector, struct buffer *out);
void acl_text_append_commands(const struct engine *engine, const struct acl_selector *selector,
                              struct buffer *out);

/* "nopass"; NULL when no flag has the index, "" when the user has not got it. */
const char *acl_text_flag(const struct acl_user *user, size_t index);

#endif
