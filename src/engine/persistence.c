/* SPDX-License-Identifier: MIT */
/* When the data is written, and what INFO tells of it; the file itself is persistence_file.c. */
#include "engine/persistence.h"

#include "base/memory.h"
#include "base/number.h"
#include "engine/engine.h"
#include "engine/persistence_file.h"
#include "engine/transaction.h"

/* After a background save that failed, the next waits so long. */
#define RETRY_SECONDS 5
/* A point that is farther away never comes. */
#define FARTHEST_SECONDS (INT64_C(1) << 40)

static int64_t now_s(const struct engine *engine)
{
    return engine->now_us / 1000000;
}

void persistence_init(struct engine *engine)
{
    engine->persistence =
        (struct persistence){.last_save_s = engine->started_us / 1000000, .last_background_s = -1};
}

void persistence_clear(struct engine *engine)
{
    memory_free(engine->persistence.points);
    engine->persistence.points = NULL;
    engine->persistence.point_count = 0;
}

/* The next number of a text that is valid. False: there is none. */
static bool take_number(const char **text, int64_t *number)
{
    *text += strspn(*text, " ");
    size_t size = strcspn(*text, " ");
    bool has = size && number_parse_integer(bytes_of(*text, size), number);
    *text += size;
    return has;
}

void persistence_configure(struct engine *engine)
{
    struct persistence *persistence = &engine->persistence;
    const char *text = config_string(engine->config, CONFIG_SAVE);
    int64_t seconds, changes;
    persistence_clear(engine);
    while (take_number(&text, &seconds) && take_number(&text, &changes)) {
        size_t size = (persistence->point_count + 1) * sizeof *persistence->points;
        persistence->points = memory_resize(persistence->points, size);
        persistence->points[persistence->point_count++] =
            (struct save_point){.seconds = seconds < FARTHEST_SECONDS ? seconds : FARTHEST_SECONDS,
                                .changes = (uint64_t)changes};
    }
}

bool persistence_save(struct engine *engine)
{
    struct persistence *persistence = &engine->persistence;
    char *path = persistence_file_path(engine);
    persistence->saves++;
    bool is_saved = persistence_file_write(engine, path, false);
    memory_free(path);
    if (!is_saved)
        return false;
    engine_log(engine, 2, "DB saved on disk");
    engine->stats.changes = 0;
    persistence->last_save_s = now_s(engine);
    persistence->has_background_failed = false;
    return true;
}

void persistence_save_in_background(struct engine *engine)
{
    struct persistence *persistence = &engine->persistence;
    int64_t began_us = clock_system_us();
    persistence->last_try_s = now_s(engine);
    persistence->is_scheduled = false;
    engine_log(engine, 2, "Background saving started");
    persistence->has_background_failed = !persistence_save(engine);
    int64_t took_us = clock_system_us() - began_us;
    persistence->last_background_s = took_us / 1000000;
    latency_note_fork(engine, took_us);
    if (persistence->has_background_failed)
        engine_log(engine, 3, "Background saving error");
    else
        engine_log(engine, 2, "Background saving terminated with success");
}

/* When the point asks for a save, in seconds since the epoch. */
static int64_t due_s(const struct persistence *persistence, const struct save_point *point)
{
    /* Redis waits until more than that has passed. */
    int64_t due = persistence->last_save_s + point->seconds + 1;
    int64_t retry = persistence->last_try_s + RETRY_SECONDS + 1;
    return persistence->has_background_failed && retry > due ? retry : due;
}

/* The one that asks first; NULL: none as long as nothing changes. */
static const struct save_point *find_first(const struct engine *engine)
{
    const struct persistence *persistence = &engine->persistence;
    const struct save_point *first = NULL;
    for (size_t i = 0; i < persistence->point_count; i++) {
        const struct save_point *point = &persistence->points[i];
        if (engine->stats.changes >= point->changes && engine->stats.changes &&
            (!first || point->seconds < first->seconds))
            first = point;
    }
    return first;
}

int64_t persistence_next_deadline(const struct engine *engine)
{
    if (engine->persistence.is_scheduled)
        return engine->now_us / 1000;
    const struct save_point *point = find_first(engine);
    return point ? due_s(&engine->persistence, point) * 1000 : KEYSPACE_NEVER;
}

void persistence_tick(struct engine *engine)
{
    const struct save_point *point = find_first(engine);
    if (engine->persistence.is_scheduled) {
        persistence_save_in_background(engine);
        return;
    }
    if (!point || due_s(&engine->persistence, point) > now_s(engine) || engine->is_trial)
        return;
    engine_log(engine, 2, "%lld changes in %lld seconds. Saving...", (long long)point->changes,
               (long long)point->seconds);
    persistence_save_in_background(engine);
}

void persistence_end(struct engine *engine)
{
    const struct persistence *persistence = &engine->persistence;
    bool is_asked =
        persistence->final_options & CONFIG_SHUTDOWN_SAVE ||
        (persistence->point_count > 0 && !(persistence->final_options & CONFIG_SHUTDOWN_NOSAVE));
    if (persistence->has_final_save || !is_asked)
        return;
    engine_log(engine, 2, "Saving the final RDB snapshot before exiting.");
    if (!persistence_save(engine))
        engine_log(engine, 3, "Error trying to save the DB.");
}

bool persistence_refuses_writes(const struct engine *engine)
{
    return engine->persistence.has_background_failed && engine->persistence.point_count > 0 &&
           config_integer(engine->config, CONFIG_STOP_WRITES_ON_BGSAVE_ERROR);
}

void persistence_empty(struct engine *engine)
{
    for (int i = 0; i < engine->keyspace.count; i++) {
        struct database *db = keyspace_database(&engine->keyspace, i);
        transaction_touch_all(engine, db, NULL);
        database_flush(db, false);
        blocking_signal_all(engine, db);
    }
    tracking_invalidate_all(engine);
    if (engine->persistence.libraries)
        engine->persistence.libraries->flush(engine);
}
