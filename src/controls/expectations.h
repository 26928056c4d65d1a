/* SPDX-License-Identifier: MIT */
/*
 * Commands that a test expects to come, and those that it expects not to.
 *
 *     struct expectation_options expected = expectation_no_options();
 *     expected.which.command = BYTES_LITERAL("set");
 *     expected.least = expected.most = 1;
 *     expectations_add(&controls->expectations, BYTES_LITERAL("locked once"), &expected);
 *     ...
 *     if (expectations_unmet(&controls->expectations)) ...
 *
 * Commands of clients, transactions and scripts count alike; MOCK does not.
 */
#ifndef UNDERSTUDY_CONTROLS_EXPECTATIONS_H
#define UNDERSTUDY_CONTROLS_EXPECTATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/list.h"
#include "controls/matcher.h"
#include "controls/outcome.h"
#include "engine/observer.h"

struct engine;
struct reply;

struct expectation_options {
    struct matcher_options which; /* times, skip and probability mean nothing here */
    /* A glob for each argument behind the command's name; "..." as the last stands for any others.
     * Borrowed; NULL sets no condition. */
    const struct bytes *args;
    int arg_count;
    uint64_t least, most; /* how often; MATCHER_ALWAYS = no limit */
    struct bytes after;   /* name of another that must have come before; empty = none */
};

/* Once or more. */
struct expectation_options expectation_no_options(void);

/* Embedded in struct controls. */
struct expectations {
    struct engine *engine; /* borrowed */
    struct list all;       /* of struct expectation (expectations.c), owned, oldest first */
    struct observer observer;
    const struct outcome_listener *listener; /* borrowed; NULL: nobody keeps account */
};

void expectations_init(struct expectations *expectations, struct engine *engine);
void expectations_clear(struct expectations *expectations);

/* One of the same name is replaced; it counts from now on. Texts are copied. False when there is
 * none that `after` names. */
bool expectations_add(struct expectations *expectations, struct bytes name,
                      const struct expectation_options *options);

/* How many are not met by now. */
size_t expectations_unmet(const struct expectations *expectations);

/* An array with a map for each that is not met: what was expected, and what came instead. */
void expectations_reply_unmet(const struct expectations *expectations, struct reply *reply);

/* What became so far of those that are there. */
void expectations_tell(const struct expectations *expectations,
                       void (*tell_one)(void *context, const struct outcome *outcome),
                       void *context);

#endif
