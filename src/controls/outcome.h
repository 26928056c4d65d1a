/* SPDX-License-Identifier: MIT */
/*
 * What became of a fault, a gate or an expectation, told to whoever keeps account of a whole run:
 *
 *     struct outcome_listener listener = {.context = report, .ended = note_outcome};
 *     controls->faults.listener = &listener;               // borrowed until it is NULL again
 *     faults_tell(&controls->faults, note_outcome, report); // of those that are there still
 */
#ifndef UNDERSTUDY_CONTROLS_OUTCOME_H
#define UNDERSTUDY_CONTROLS_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum outcome_kind { OUTCOME_FAULT, OUTCOME_GATE, OUTCOME_EXPECTATION, OUTCOME_KIND_COUNT };

/* Texts are borrowed. */
struct outcome {
    enum outcome_kind kind;
    struct bytes name;
    struct bytes what; /* in one line: what it does, with which commands */
    uint64_t seen;     /* commands that it was about */
    uint64_t hits;     /* of these, those that it struck, held, or wanted */
    bool is_met;       /* meaningful for expectations */
};

/* Callbacks may be NULL, and so may a pointer to one of these. */
struct outcome_listener {
    void *context;
    /* A fault befell what this client did; 0 = a connection that was refused. */
    void (*struck)(void *context, uint64_t client_id);
    /* It was removed, or replaced. */
    void (*ended)(void *context, const struct outcome *outcome);
};

struct buffer;
struct matcher;

/* Tells of one that has a matcher: `what` is what it does, and is cleared; its conditions are
 * added.
 */
void outcome_tell(enum outcome_kind kind, const struct buffer *name, const struct matcher *matcher,
                  struct buffer *what,
                  void (*tell_one)(void *context, const struct outcome *outcome), void *context);

#endif
