/* SPDX-License-Identifier: MIT */
/*
 * Whose replica this server is. Nothing is ever copied: REPLICAOF makes it one whose primary cannot
 * be reached, and it answers as such a one until REPLICAOF NO ONE. It has no replicas itself.
 *
 *     replication_follow(engine, BYTES_LITERAL("10.0.0.1"), 6379);
 *     const char *error = replication_find_obstacle(engine);            // READONLY
 */
#ifndef UNDERSTUDY_ENGINE_REPLICATION_H
#define UNDERSTUDY_ENGINE_REPLICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct engine;

#define REPLICATION_ID_SIZE 40

/* Embedded in the engine. */
struct replication {
    char *host; /* owned: the primary's name or address; NULL: this is a primary */
    int port;
    char id[REPLICATION_ID_SIZE + 1];        /* of the data's history */
    char former_id[REPLICATION_ID_SIZE + 1]; /* of that before, valid up to former_offset; zeros */
    int64_t former_offset;                   /* -1: there was none */
};

/* As the directive `replicaof` says. */
void replication_init(struct engine *engine, uint64_t seed);
void replication_clear(struct engine *engine);
/* MOCK RESET: whose replica the directive says, with a history that has no past. */
void replication_reset(struct engine *engine);

/* Those who wait are told so, and their connections end. */
void replication_follow(struct engine *engine, struct bytes host, int port);
/* A primary with a history of its own. Nothing for one that is a primary. */
void replication_follow_no_one(struct engine *engine);

/* DEBUG CHANGE-REPL-ID. */
void replication_begin_history(struct engine *engine);

/* Whether clients may not read, either: replica-serve-stale-data. */
bool replication_refuses_reads(const struct engine *engine);

/* Whether maxmemory is the primary's business: replica-ignore-maxmemory. */
bool replication_ignores_memory(const struct engine *engine);

/* Why a write is refused, in Redis's order; NULL: it is not. */
const char *replication_find_obstacle(const struct engine *engine);

#endif
