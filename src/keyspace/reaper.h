/* SPDX-License-Identifier: MIT */
/*
 * Frees what is too big to be freed at once, on a thread of its own: UNLINK, FLUSHALL ASYNC and the
 * lazyfree-* directives.
 *
 *     struct reaper reaper;
 *     reaper_init(&reaper);
 *     reaper_dispose(&reaper, value, free_value, objects, bytes);     // returns at once
 *     reaper_clear(&reaper);                                   // waits until all is freed
 *
 * What is handed over belongs to the reaper alone: nothing else may hold a reference into it. The
 * thread starts with the first thing to free, so a server that never needs it has none.
 */
#ifndef UNDERSTUDY_KEYSPACE_REAPER_H
#define UNDERSTUDY_KEYSPACE_REAPER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reaper_work;

struct reaper {
    pthread_mutex_t mutex;     /* guards all below */
    pthread_cond_t changed;    /* work came, work is done, or the end has come */
    struct reaper_work *first; /* owned: the oldest piece of work */
    struct reaper_work *last;  /* borrowed: the newest */
    uint64_t pending;          /* objects handed over and not freed yet */
    size_t pending_bytes;      /* of them, estimated by who handed them over */
    uint64_t freed;            /* objects freed since the start or reaper_forget */
    pthread_t thread;
    bool has_thread;
    bool is_ending;
};

void reaper_init(struct reaper *reaper);

/* Waits for what is pending, then ends the thread. */
void reaper_clear(struct reaper *reaper);

/* `dispose(thing)` will be called on the reaper's thread. `objects` is what INFO counts it as,
 * `bytes` what it is known to take, or 0. When no thread can be started, it is called here and now.
 */
void reaper_dispose(struct reaper *reaper, void *thing, void (*dispose)(void *thing),
                    uint64_t objects, size_t bytes);

/* Until nothing is pending. */
void reaper_wait(struct reaper *reaper);

/* INFO's lazyfree_pending_objects and lazyfreed_objects. */
uint64_t reaper_pending(struct reaper *reaper);
uint64_t reaper_freed(struct reaper *reaper);
/* Bytes that are on their way back to the allocator. */
size_t reaper_pending_bytes(struct reaper *reaper);
/* The count of the freed starts anew: CONFIG RESETSTAT. */
void reaper_forget(struct reaper *reaper);

#endif
