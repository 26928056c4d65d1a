/* SPDX-License-Identifier: MIT */
/*
 * The words that ACL SETUSER takes, applied to a user one by one.
 *
 *     enum acl_rules_result result = acl_rules_apply(engine, user, BYTES_LITERAL("~cache:*"));
 *     if (result != ACL_RULES_DONE) ... acl_rules_problem(result) says why ...
 *
 * https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
#ifndef UNDERSTUDY_ENGINE_ACL_RULES_H
#define UNDERSTUDY_ENGINE_ACL_RULES_H

#include "base/bytes.h"
#include "engine/acl_user.h"

struct command_state;
struct engine;

enum acl_rules_result {
    ACL_RULES_DONE,
    ACL_RULES_UNKNOWN, /* no such command or category */
    ACL_RULES_SYNTAX,
    ACL_RULES_KEYS_COVERED,
    ACL_RULES_CHANNELS_COVERED,
    ACL_RULES_NO_SUCH_PASSWORD,
    ACL_RULES_HASH,
    ACL_RULES_FIRST_ARGUMENT,
};

/* What a user has to begin with: channels as acl-pubsub-default says. */
void acl_rules_start(const struct engine *engine, struct acl_user *user);

/* Nothing has changed unless the result is DONE. Ends with acl_user_settle. */
enum acl_rules_result acl_rules_apply(const struct engine *engine, struct acl_user *user,
                                      struct bytes rule);

/* Why a rule was refused, without a code. */
const char *acl_rules_problem(enum acl_rules_result result);

/* Joins the words of each selector, "(+get" "~a)", to one. Returns their new count, the words in
 * `merged`, marked with their sizes; or -1 when a parenthesis stays open, and `*open` is its word.
 */
int acl_rules_merge(const struct bytes *words, int count, struct acl_texts *merged, int *open);

/* Whether a name or pattern has what must not be in one: blanks, NUL. */
bool acl_rules_has_blanks(struct bytes text);

/* Rights to one command with its subcommands; or to all of a category (enum command_category). */
void acl_rules_set_command(struct acl_selector *selector, const struct command_state *state,
                           bool is_allowed);
void acl_rules_set_category(const struct engine *engine, struct acl_selector *selector,
                            uint32_t category, bool is_allowed);

#endif
