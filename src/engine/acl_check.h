/* SPDX-License-Identifier: MIT */
/* Whether a user may run a command with these arguments. */
#ifndef UNDERSTUDY_ENGINE_ACL_CHECK_H
#define UNDERSTUDY_ENGINE_ACL_CHECK_H

#include <stdbool.h>

#include "base/bytes.h"
#include "engine/acl_user.h"

struct command_state;

/* The later one is what is told of when selectors refuse for several reasons. */
enum acl_verdict {
    ACL_ALLOWED,
    ACL_DENIED_COMMAND,
    ACL_DENIED_KEY,
    ACL_DENIED_LOGIN,
    ACL_DENIED_CHANNEL,
};

/* `*position` is that of the argument at fault, for KEY and CHANNEL. */
enum acl_verdict acl_check_call(const struct acl_user *user, const struct command_state *state,
                                const struct bytes *argv, int argc, int *position);

/* Whether one selector allows the call and to read any key: SORT's BY and GET. */
bool acl_check_reads_any_key(const struct acl_user *user, const struct command_state *state,
                             const struct bytes *argv, int argc);

/* Whether one of the patterns of channels allows a channel; or is, literally, that pattern. */
bool acl_check_channel(const struct acl_texts *channels, struct bytes channel, bool is_pattern);

#endif
