/* SPDX-License-Identifier: MIT */
/*
 * When the data is written to a file: SAVE, BGSAVE, save points. The file: persistence_file.h.
 *
 *     if (!persistence_save(engine)) ...                                      // the log says why
 *
 * Nothing forks here: a background save is done when the command that asked for it returns, and so
 * none is ever in progress. A file is written beside its place and moved there.
 */
#ifndef UNDERSTUDY_ENGINE_PERSISTENCE_H
#define UNDERSTUDY_ENGINE_PERSISTENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

struct engine;
struct rdb_reader;

/* Libraries of functions are in the file, too, and live in a layer of their own. */
struct persistence_libraries {
    /* The records of all. */
    void (*append)(const struct engine *engine, struct buffer *out, int rdb_version,
                   bool compresses);
    /* The reader stands behind the opcode. Without `loads` the record is read over. False:
     * `problem` says why. */
    bool (*read)(struct engine *engine, uint8_t opcode, struct rdb_reader *reader, bool replaces,
                 bool loads, struct buffer *problem);
    /* The code of each. */
    void (*visit)(const struct engine *engine, void (*seen)(void *context, struct bytes code),
                  void *context);
    /* All go. */
    void (*flush)(struct engine *engine);
};

/* One of the directive `save`: so many changes are written once so many seconds have passed. */
struct save_point {
    int64_t seconds;
    uint64_t changes;
};

/* Embedded in the engine. */
struct persistence {
    const struct persistence_libraries *libraries; /* borrowed; NULL: there are none */
    struct save_point *points;                     /* owned */
    size_t point_count;
    int64_t last_save_s;        /* LASTSAVE: s since epoch, by the engine's clock */
    int64_t last_try_s;         /* the same of a background save, whatever became of it */
    int64_t last_background_s;  /* how long the last background save took; -1: there was none */
    uint64_t saves;             /* begun since the start or CONFIG RESETSTAT */
    uint64_t loaded;            /* keys, by the last load */
    uint64_t expired;           /* keys that it passed over */
    bool has_background_failed; /* the last one */
    bool is_scheduled;          /* a background save as soon as no command runs */
    bool has_final_save;        /* SHUTDOWN has dealt with it */
    uint32_t final_options;     /* enum config_shutdown: what the signal that ends it asks for */
};

void persistence_init(struct engine *engine);
void persistence_clear(struct engine *engine);

/* The directive `save` may have changed. */
void persistence_configure(struct engine *engine);

/* SAVE: `dir`/`dbfilename` becomes what the data is now. False: the log says why, and the file is
 * as it was. */
bool persistence_save(struct engine *engine);

/* BGSAVE: the same; what became of it is told by INFO alone. */
void persistence_save_in_background(struct engine *engine);

/* Saves if a save point asks for it, or BGSAVE in a transaction did. While no command runs. */
void persistence_tick(struct engine *engine);

/* When one will ask for it: ms since epoch, or KEYSPACE_NEVER. */
int64_t persistence_next_deadline(const struct engine *engine);

/* Before the end: saves if there are save points, unless SHUTDOWN or the directive for the signal
 * said otherwise. Unlike Redis it ends even if the file cannot be written. */
void persistence_end(struct engine *engine);

/* All data goes, libraries included, and everybody who looks at it hears so. */
void persistence_empty(struct engine *engine);

/* Whether commands that write are refused because the last background save failed. */
bool persistence_refuses_writes(const struct engine *engine);

#endif
