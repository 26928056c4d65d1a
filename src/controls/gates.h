/* SPDX-License-Identifier: MIT */
/*
 * Gates: where a test lets clients wait, so that what is a race elsewhere happens in one order.
 *
 *     struct matcher_options which = matcher_no_options();
 *     which.command = BYTES_LITERAL("del");
 *     gates_add(&controls->gates, BYTES_LITERAL("release"), &which);
 *     ...                                     // a client sends DEL, and is held before it runs
 *     if (gates_held(&controls->gates, name)) ...
 *     gates_open(&controls->gates, name);     // its DEL has run when this returns
 *
 * A gate holds every request that fits until it is opened; from then on it holds nobody. What a
 * script or a transaction does is held as a whole, before its request.
 */
#ifndef UNDERSTUDY_CONTROLS_GATES_H
#define UNDERSTUDY_CONTROLS_GATES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/list.h"
#include "controls/matcher.h"
#include "controls/outcome.h"
#include "engine/observer.h"

struct engine;
struct reply;

/* Embedded in struct controls. */
struct gates {
    struct engine *engine; /* borrowed */
    struct list all;       /* of struct gate (gates.c), owned, oldest first */
    uint64_t next_id;
    struct observer observer;
    const struct outcome_listener *listener; /* borrowed; NULL: nobody keeps account */
};

enum gate_state { GATE_ABSENT, GATE_OPEN, GATE_CLOSED };

void gates_init(struct gates *gates, struct engine *engine);

/* Opens and removes all. The gates are usable afterwards. */
void gates_clear(struct gates *gates);

/* A closed one; one of the same name is opened and replaced. Texts are copied. */
void gates_add(struct gates *gates, struct bytes name, const struct matcher_options *which);

/* Lets go whom it holds, in the order in which they came. False when there is no such gate. */
bool gates_open(struct gates *gates, struct bytes name);
/* Opens and removes. */
bool gates_remove(struct gates *gates, struct bytes name);

enum gate_state gates_state(const struct gates *gates, struct bytes name);

/* The id of the client that it has held for longest; 0 when it holds nobody, or is not there. */
uint64_t gates_held(const struct gates *gates, struct bytes name);

/* What blocking_signal_topic is told whenever the gate holds somebody, is opened or goes; at the
 * end of `topic`. */
void gates_append_topic(struct bytes name, struct buffer *topic);

/* An array with a map for each. */
void gates_reply(const struct gates *gates, struct reply *reply);

/* What became so far of those that are there. */
void gates_tell(const struct gates *gates,
                void (*tell_one)(void *context, const struct outcome *outcome), void *context);

#endif
