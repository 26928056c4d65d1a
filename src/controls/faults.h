/* SPDX-License-Identifier: MIT */
/*
 * Faults that a test has ordered: what goes wrong, with which commands, how often.
 *
 *     struct matcher_options which = matcher_no_options();
 *     which.command = BYTES_LITERAL("set");
 *     struct fault_action what = {.kind = FAULT_ERROR, .text = BYTES_LITERAL("OOM no memory")};
 *     faults_add(&controls->faults, BYTES_LITERAL("full"), &which, &what);
 *     ...
 *     faults_clear(&controls->faults);
 *
 * Faults are asked in the order in which they were added. The first that comes in the command's
 * place (an error, a reply, anything BEFORE) ends the asking; those that only shape the reply add
 * up. While there is none the engine knows nothing of them.
 */
#ifndef UNDERSTUDY_CONTROLS_FAULTS_H
#define UNDERSTUDY_CONTROLS_FAULTS_H

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

enum fault_kind {
    FAULT_ERROR,          /* the text as an error, in the command's place */
    FAULT_REPLY,          /* the text as raw bytes, in its place */
    FAULT_CLOSE_BEFORE,   /* the connection ends, and the command does not run */
    FAULT_CLOSE_AFTER,    /* it ends, and the command has run */
    FAULT_NOREPLY_BEFORE, /* no reply ever comes, and the command does not run */
    FAULT_NOREPLY_AFTER,  /* no reply ever comes, and the command has run */
    FAULT_TRUNCATE,       /* so many bytes of the reply, then the connection ends */
    FAULT_SLOW,           /* the reply comes with so many bytes a second */
    FAULT_DELAY,          /* the request is held for so many milliseconds of the server's clock */
    FAULT_REFUSE, /* a new connection is closed at once; only skip, times, probability count */
};

struct fault_action {
    enum fault_kind kind;
    struct bytes text; /* borrowed */
    int64_t amount;    /* bytes, bytes a second, or milliseconds */
};

/* Embedded in struct controls. */
struct faults {
    struct engine *engine;    /* borrowed */
    struct list all;          /* of struct fault (faults.c), owned, oldest first */
    struct list effects;      /* of struct effect (faults.c), owned: what is to become of replies */
    struct list delayed;      /* sessions that a delay holds (engine/blocking.h) */
    struct buffer everything; /* the error that every command gets; empty = none */
    uint64_t next_id;
    struct observer observer;
    const struct outcome_listener *listener; /* borrowed; NULL: nobody keeps account */
};

void faults_init(struct faults *faults, struct engine *engine);

/* Removes all, and lets go whom they hold; faults_set_error stays as it is. */
void faults_clear(struct faults *faults);

/* One of the same name is replaced. Texts are copied. */
void faults_add(struct faults *faults, struct bytes name, const struct matcher_options *which,
                const struct fault_action *action);
/* Whether there was one. Who is being delayed by it stays so. */
bool faults_remove(struct faults *faults, struct bytes name);

/* Every command but MOCK fails with this error; an empty text ends that. */
void faults_set_error(struct faults *faults, struct bytes text);

/* How often the fault of that name came; 0 when there is none. */
uint64_t faults_hits(const struct faults *faults, struct bytes name);

/* An array with a map for each. */
void faults_reply(const struct faults *faults, struct reply *reply);

/* What became so far of those that are there. */
void faults_tell(const struct faults *faults,
                 void (*tell_one)(void *context, const struct outcome *outcome), void *context);

#endif
