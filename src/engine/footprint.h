/* SPDX-License-Identifier: MIT */
/*
 * What an engine takes of memory, and what for.
 *
 *     struct footprint footprint;
 *     footprint_measure(engine, &footprint);      // used, overhead, dataset ...
 *
 * While a process is one engine's alone (footprint_own_process), the allocator's own count is the
 * truth. Where several share one (worlds, a program that embeds), each adds up what it finds: that
 * knows nothing of the others, costs a walk over its keys, and beyond some thousands of them a walk
 * over a part.
 */
#ifndef UNDERSTUDY_ENGINE_FOOTPRINT_H
#define UNDERSTUDY_ENGINE_FOOTPRINT_H

#include <stddef.h>

struct database;
struct engine;

struct footprint {
    size_t used;    /* all but the Lua states, as in Redis, whose Lua has an allocator of its own */
    size_t peak;    /* the most that `used` ever was found to be */
    size_t startup; /* without data or clients */
    size_t clients; /* sessions with what their streams hold */
    size_t scripts; /* texts of scripts and libraries, and the tables that find them */
    size_t overhead;  /* the three above, the journal, and tables and deadlines of the databases */
    size_t dataset;   /* used without the overhead */
    size_t journal;   /* commands that wait to be written to the append-only file */
    size_t snapshots; /* what MOCK SNAPSHOT keeps; within the dataset, but nothing to evict */
    size_t keys;
    size_t rehashing;        /* bytes of tables that move: what they will give back */
    size_t rehashing_tables; /* databases whose table moves */
    size_t states;           /* of Lua, beside `used` */
    size_t resident;         /* the process's pages in physical memory */
    size_t active; /* of them, those that are not Lua's: what Redis calls active and resident where
                      its allocator is libc's, which tells neither */
};

/* What the scripting layer tells when it is asked. */
struct footprint_scripts {
    size_t states; /* bytes of the Lua states */
    size_t texts;
};

/* From here on the process is this engine's alone; what it takes by now is its startup. */
void footprint_own_process(struct engine *engine);
/* From here on it shares the process with others. */
void footprint_share_process(struct engine *engine);

/* At the end of engine_new: what it takes without anything in it. */
void footprint_start(struct engine *engine);
/* The peak is what is used now. */
void footprint_forget_peak(struct engine *engine);

void footprint_measure(struct engine *engine, struct footprint *footprint);

/* The same for `used` alone, peak noted. */
size_t footprint_used(struct engine *engine);

/* The loop calls it whenever it is awake: notes the peak a few times a second, or more rarely if
 * that would take a thousandth of the time. */
void footprint_look_for_peak(struct engine *engine);

/* Bytes within footprint_used that no eviction could free: snapshots hold them, or they are on
 * their way out already. */
size_t footprint_apart(struct engine *engine);

/* Of one database: what its tables take beside keys and values. */
size_t footprint_of_table(const struct database *db);
size_t footprint_of_deadlines(const struct database *db);

/* Keys of all databases. */
size_t footprint_key_count(const struct engine *engine);

#endif
