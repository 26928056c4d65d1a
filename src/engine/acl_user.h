/* SPDX-License-Identifier: MIT */
/*
 * A user: who may log in, by which passwords, and what may be done then. The rights stand in
 * selectors; the first is the user's own, the others were given in parentheses. A command is
 * allowed when one selector allows all of it.
 *
 *     struct acl_user *user = acl_user_new(BYTES_LITERAL("alice"));
 *     acl_rules_apply(engine, user, BYTES_LITERAL("+@read"));       // engine/acl_rules.h
 *     acl_user_release(user);
 *
 * Sessions hold users, so that one that was deleted stays until the last of them has gone.
 */
#ifndef UNDERSTUDY_ENGINE_ACL_USER_H
#define UNDERSTUDY_ENGINE_ACL_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* In the order in which ACL GETUSER lists them. */
enum acl_user_flags {
    ACL_USER_ON = 1 << 0,
    ACL_USER_NOPASS = 1 << 1,
    ACL_USER_SKIPS_SANITIZING = 1 << 2,
    ACL_USER_SANITIZES = 1 << 3,
};

enum acl_selector_flags {
    ACL_ALL_KEYS = 1 << 0,
    ACL_ALL_CHANNELS = 1 << 1,
    ACL_ALL_COMMANDS = 1 << 2,
    ACL_FUTURE_COMMANDS = 1 << 3, /* +@all was given later than -@all */
};

/* What a pattern of keys lets one do. */
enum acl_access { ACL_READ = 1 << 0, ACL_WRITE = 1 << 1 };

struct acl_text {
    char *text; /* owned */
    uint32_t mark;
};

struct acl_texts {
    struct acl_text *items; /* owned */
    size_t count;
    size_t capacity;
};

struct acl_selector {
    uint32_t flags;                   /* enum acl_selector_flags */
    struct acl_texts keys;            /* patterns; marked with enum acl_access */
    struct acl_texts channels;        /* patterns */
    struct acl_texts first_arguments; /* words; marked with the command's id */
    struct acl_texts rules;           /* for commands, in order: "+get", "-@admin" */
    uint64_t *commands;               /* owned: a bit for each command id */
    size_t words;                     /* of `commands` */
};

struct acl_user {
    size_t references;
    uint32_t flags;                 /* enum acl_user_flags */
    bool is_unrestricted;           /* a selector allows everything: nothing is to be checked */
    struct acl_texts passwords;     /* SHA-256, in hexadecimal digits */
    struct acl_selector *selectors; /* owned: the first is the user's own */
    size_t selector_count;
    size_t name_size;
    char name[]; /* terminated */
};

/* Off, without rights and passwords; one reference. */
struct acl_user *acl_user_new(struct bytes name);
struct acl_user *acl_user_hold(struct acl_user *user);
/* Accepts NULL. */
void acl_user_release(struct acl_user *user);

/* `user` may do what `from` may, and logs in as it does; the names stay. */
void acl_user_assign(struct acl_user *user, const struct acl_user *from);

/* Rules have changed: is_unrestricted is found anew. */
void acl_user_settle(struct acl_user *user);

/* Nobody logs in as this user any more, and those who have may do nothing. */
void acl_user_disarm(struct acl_user *user);

static inline struct bytes acl_user_name(const struct acl_user *user)
{
    return bytes_of(user->name, user->name_size);
}

/* --- selectors --- */

/* Takes the selector's content over; returns its place, valid until the next one is added. */
struct acl_selector *acl_user_add_selector(struct acl_user *user, struct acl_selector selector);
/* All but the user's own. */
void acl_user_clear_selectors(struct acl_user *user);
void acl_user_clear_selector(struct acl_selector *selector);
void acl_user_copy_selector(struct acl_selector *copy, const struct acl_selector *from);

bool acl_user_has_command(const struct acl_selector *selector, uint32_t id);
void acl_user_set_command(struct acl_selector *selector, uint32_t id, bool is_allowed);
/* Every one that there is or will be; or none. */
void acl_user_set_all_commands(struct acl_selector *selector, bool is_allowed);

/* --- lists of texts --- */

/* A copy of the text comes at the end. */
void acl_user_add_text(struct acl_texts *texts, struct bytes text, uint32_t mark);
struct acl_text *acl_user_find_text(const struct acl_texts *texts, struct bytes text);
void acl_user_remove_text(struct acl_texts *texts, struct acl_text *text);
void acl_user_clear_texts(struct acl_texts *texts);

#endif
