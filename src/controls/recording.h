/* SPDX-License-Identifier: MIT */
/*
 * The commands that ran, and what came of them: the latest ones, while somebody wants it.
 *
 *     recording_start(&controls->recording, 10000);
 *     ...
 *     struct recording_filter filter = {.command = BYTES_LITERAL("set")};
 *     uint64_t sets = recording_count(&controls->recording, &filter);
 *     recording_stop(&controls->recording);        // what was recorded stays
 *
 * Commands of clients, of transactions and of scripts are recorded in the order in which they
 * ended; MOCK is not. Secrets are left out as MONITOR leaves them out, and arguments end after 64
 * KiB.
 */
#ifndef UNDERSTUDY_CONTROLS_RECORDING_H
#define UNDERSTUDY_CONTROLS_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/list.h"
#include "engine/observer.h"
#include "reply/noting_reply.h"

#define RECORDING_DEFAULT_LIMIT 10000

struct command_state;
struct engine;
struct record_chunk;

/* In one piece with its texts; 64 bytes and what it needs for those. */
struct recorded_call {
    uint64_t id;     /* 1 is the first */
    int64_t time_us; /* by the server's clock, since the epoch */
    uint64_t client_id;
    const struct command_state *state; /* borrowed from the engine */
    uint32_t duration_us;              /* real time */
    int db;
    int argc;
    uint32_t size;       /* of the whole */
    uint32_t texts_size; /* of data in use */
    uint32_t name_size;  /* of the client's name */
    uint32_t error_size; /* of the error that was answered; 0 = none */
    uint8_t reply;       /* enum noted_kind */
    bool is_in_script;
    char data[]; /* a uint32_t size for each argument, the arguments, name, error */
};

/* Which calls; all zero means all of them. Texts are borrowed, empty ones set no condition. */
struct recording_filter {
    struct bytes command; /* glob for the whole name, case ignored */
    struct bytes key;     /* glob for any key */
    struct bytes client;  /* glob for the client's name */
    uint64_t client_id;
    uint64_t since; /* those with higher ids */
    uint64_t count; /* at most so many: with `since` the first, else the latest; 0 = no limit */
};

/* Embedded in struct controls. */
struct recording {
    struct engine *engine;        /* borrowed */
    struct list chunks;           /* of struct record_chunk (recording.c), owned, oldest first */
    struct record_chunk *current; /* the last of them, NULL when there is none */
    struct record_chunk *spare;   /* owned: the next one's memory; or NULL */
    size_t bytes;                 /* of all chunks */
    uint64_t limit;               /* calls that are shown, at most */
    uint64_t next_id;
    bool is_on;
    struct noting_reply noting; /* of the command that a script is calling */
    struct observer observer;
};

void recording_init(struct recording *recording, struct engine *engine);

/* Keeps the latest `limit` calls from now on; 0 stops. Those that are there stay, as far as there
 * is room. */
void recording_start(struct recording *recording, size_t limit);
void recording_stop(struct recording *recording);

/* Forgets all calls; ids begin anew. */
void recording_clear(struct recording *recording);

/* Whether there is, or may come, anything to see. */
bool recording_is_used(const struct recording *recording);

/* Oldest first. The call is valid until the next one is recorded. */
void recording_visit(const struct recording *recording, const struct recording_filter *filter,
                     void (*visit)(const struct recorded_call *call, void *context), void *context);
uint64_t recording_count(const struct recording *recording, const struct recording_filter *filter);

/* An array with a map for each. */
void recording_reply(const struct recording *recording, const struct recording_filter *filter,
                     struct reply *reply);

/* The arguments, into room for recorded_call.argc of them. */
void recording_call_arguments(const struct recorded_call *call, struct bytes *argv);
struct bytes recording_call_error(const struct recorded_call *call);

#endif
