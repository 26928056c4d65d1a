/* SPDX-License-Identifier: MIT */
/*
 * Which commands a fault, a gate or an expectation is about.
 *
 *     struct matcher_options options = {.command = BYTES_LITERAL("set"), .times = 1};
 *     struct matcher matcher;
 *     matcher_init(&matcher, &options);
 *     if (matcher_accepts(&matcher, &subject) && matcher_takes(&matcher, random)) ...
 *     matcher_clear(&matcher);
 *
 * MOCK itself is never meant, nor anything else that Redis does not have.
 */
#ifndef UNDERSTUDY_CONTROLS_MATCHER_H
#define UNDERSTUDY_CONTROLS_MATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/random.h"

struct call;
struct command_state;
struct reply;
struct session;

#define MATCHER_ALWAYS UINT64_MAX /* of times: without end */

/* Texts are borrowed; an empty one sets no condition. matcher_no_options sets none at all. */
struct matcher_options {
    struct bytes command; /* glob for the whole name: "get", "client|list"; case is ignored */
    struct bytes key;     /* glob for any of the command's keys */
    struct bytes client;  /* glob for the client's name */
    struct bytes script;  /* glob for a SHA-1, a function or a library; case is ignored */
    uint64_t client_id;   /* 0 = any */
    uint64_t skip;        /* so many that fit go free first */
    uint64_t times;       /* so many are taken then */
    double probability;   /* with which each of them is, 0 to 1 */
};

struct matcher_options matcher_no_options(void);

struct matcher {
    struct matcher_options options; /* texts point into `texts` */
    struct buffer texts;            /* owned */
    uint64_t seen;                  /* that fitted */
    uint64_t hits;                  /* that were taken */
};

/* What is looked at. A command that a script calls has the script's caller as its client. */
struct matcher_subject {
    const struct session *client;
    const struct command_state *state;
    const struct bytes *argv;
    int argc;
    const char *script; /* the script or function that calls it, and its library; NULL = none */
    const char *library;
};

struct matcher_subject matcher_subject_of(const struct call *call);

void matcher_init(struct matcher *matcher, const struct matcher_options *options);
void matcher_clear(struct matcher *matcher);

/* Whether the subject fits. With a script's name: if it is called by that script; or if it is the
 * very request that runs the script, and `command` names it. */
bool matcher_accepts(const struct matcher *matcher, const struct matcher_subject *subject);

/* The same for a request of a client that has not begun: EXEC fits if it or one of its queue does;
 * with a script's name the request that runs the script does, whatever `command` says. */
bool matcher_accepts_request(const struct matcher *matcher, const struct matcher_subject *subject);

/* One that fits has come: counts it, and tells whether it is taken. */
bool matcher_takes(struct matcher *matcher, struct random *random);

/* The conditions and the counts, as elements of a map that is open; returns how many there are. */
size_t matcher_reply(const struct matcher *matcher, struct reply *reply);

/* The conditions in one line, as MOCK takes them: " COMMAND set KEY k*"; nothing when there are
 * none.
 */
void matcher_describe(const struct matcher *matcher, struct buffer *out);

/* Whether the text fits the glob; an empty glob and "*" fit all. */
bool matcher_glob(struct bytes glob, struct bytes text);
bool matcher_glob_ignoring_case(struct bytes glob, struct bytes text);

#endif
