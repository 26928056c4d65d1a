/* SPDX-License-Identifier: MIT */
/*
 * Invariant: the last increment of the manifest is open as long as the journal is on, and the
 * manifest on the disk is the one in memory.
 */
#include "engine/journal_file.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/memory.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "engine/journal_directory.h"
#include "engine/journal_load.h"
#include "engine/journal_manifest.h"
#include "engine/persistence_file.h"
#include "engine/session.h"
#include "reply/errors.h"

#define SECOND_US 1000000

enum sync_policy { SYNC_EVERY_SECOND, SYNC_ALWAYS, SYNC_NEVER }; /* as appendfsync lists them */

struct journal_file {
    struct journal_manifest manifest;
    int fd;
    uint64_t written; /* of journal.offset */
    uint64_t synced;
    int64_t synced_us; /* when, by the engine's clock */
};

static struct journal_file *file_new(int fd, struct journal_manifest manifest)
{
    struct journal_file *file = memory_zeroed(sizeof *file);
    file->fd = fd;
    file->manifest = manifest;
    return file;
}

static void file_free(struct journal_file *file)
{
    if (!file)
        return;
    close(file->fd);
    journal_manifest_clear(&file->manifest);
    memory_free(file);
}

static void begin(struct engine *engine, struct journal_file *file)
{
    struct journal *journal = &engine->journal;
    file_free(journal->file);
    journal->file = file;
    file->written = file->synced = journal->offset;
    file->synced_us = engine->now_us;
    journal->facts.write_error[0] = '\0';
    journal_begin(engine);
}

/* --- rewriting --- */

/* A new base; with `opens` a new increment, too, to which the journal goes then. */
static bool rewrite(struct engine *engine, bool opens)
{
    struct journal *journal = &engine->journal;
    struct journal_manifest manifest = {0};
    struct buffer problem = {0};
    int fd = -1;
    bool is_right = journal_directory_make(engine);
    if (is_right && journal->file)
        journal_manifest_copy(&manifest, &journal->file->manifest);
    else if (is_right && !(is_right = journal_directory_read_manifest(engine, &manifest, &problem)))
        engine_log(engine, 3, "%.*s", BYTES_PRINT(buffer_bytes(&problem)));
    buffer_clear(&problem);
    journal_manifest_retire(&manifest);
    if (manifest.base_sequence < journal->facts.base_sequence)
        manifest.base_sequence = journal->facts.base_sequence;
    if (manifest.increment_sequence < journal->facts.increment_sequence)
        manifest.increment_sequence = journal->facts.increment_sequence;
    is_right = is_right && journal_directory_add_base(engine, &manifest);
    is_right =
        is_right && (!opens || (fd = journal_directory_add_increment(engine, &manifest)) >= 0);
    if (!is_right || !journal_directory_write_manifest(engine, &manifest)) {
        if (fd >= 0)
            close(fd);
        journal_manifest_clear(&manifest);
        return false;
    }
    journal_directory_remove_history(engine, &manifest);
    journal->facts.size = journal->facts.base_size = journal_directory_measure(engine, &manifest);
    if (opens)
        begin(engine, file_new(fd, manifest));
    else
        journal_manifest_clear(&manifest);
    return true;
}

static bool rewrite_and_tell(struct engine *engine, bool opens)
{
    struct journal_facts *facts = &engine->journal.facts;
    int64_t began_us = clock_system_us();
    facts->is_scheduled = false;
    facts->rewrites++;
    engine_log(engine, 2, "Background append only file rewriting started");
    facts->has_rewrite_failed = !rewrite(engine, opens);
    int64_t took_us = clock_system_us() - began_us;
    facts->last_rewrite_s = took_us / SECOND_US;
    latency_note_fork(engine, took_us);
    facts->rewrite_failures = facts->has_rewrite_failed ? facts->rewrite_failures + 1 : 0;
    if (facts->has_rewrite_failed)
        engine_log(engine, 3, "Background AOF rewrite failed");
    else
        engine_log(engine, 2, "Background AOF rewrite finished successfully");
    return !facts->has_rewrite_failed;
}

bool journal_file_rewrite(struct engine *engine)
{
    journal_file_flush(engine);
    return rewrite_and_tell(engine, engine->journal.is_on);
}

void journal_file_schedule_rewrite(struct engine *engine)
{
    engine->journal.facts.is_scheduled = true;
}

/* --- loading --- */

/* The end that is cut off goes, so that what follows stands behind what is whole. */
static bool cut_off(struct engine *engine, const char *path, size_t valid, struct buffer *problem)
{
    if (!config_integer(engine->config, CONFIG_AOF_LOAD_TRUNCATED)) {
        buffer_append_string(problem, "; aof-load-truncated yes loads it all the same");
        return false;
    }
    engine_log(engine, 3, "%s: %.*s; loaded up to there", path, BYTES_PRINT(buffer_bytes(problem)));
    problem->size = 0;
    if (truncate(path, (off_t)valid) == 0)
        return true;
    buffer_append_format(problem, "cannot be truncated: %s", strerror(errno));
    return false;
}

static bool load_file(struct engine *engine, struct journal_load *load, const char *path,
                      bool is_last, struct buffer *problem)
{
    struct buffer bytes = {0};
    enum journal_load_result result = JOURNAL_LOAD_REFUSED;
    if (persistence_file_read_bytes(path, &bytes))
        result = journal_load_bytes(load, buffer_bytes(&bytes), problem);
    else
        buffer_append_string(problem, strerror(errno));
    if (result == JOURNAL_LOAD_TRUNCATED && !is_last)
        buffer_append_string(problem, "; it is not the last file");
    else if (result == JOURNAL_LOAD_TRUNCATED && cut_off(engine, path, load->valid, problem))
        result = JOURNAL_LOAD_DONE;
    buffer_clear(&bytes);
    return result == JOURNAL_LOAD_DONE;
}

static bool load_files(struct engine *engine, const struct journal_manifest *manifest,
                       struct buffer *problem)
{
    struct journal_load load = {.engine = engine};
    size_t left = journal_manifest_live_count(manifest);
    bool is_loaded = true;
    uint64_t expired = engine->keyspace.expired;
    journal_load_begin(&load);
    for (size_t i = 0; i < manifest->count && is_loaded; i++) {
        const struct journal_manifest_file *file = &manifest->files[i];
        if (file->part == JOURNAL_HISTORY)
            continue;
        struct buffer reason = {0};
        char *path = journal_directory_path(engine, file->name);
        is_loaded = load_file(engine, &load, path, --left == 0, &reason);
        if (is_loaded)
            engine_log(engine, 2, "DB loaded from %s file %s",
                       file->part == JOURNAL_BASE ? "base" : "incr", file->name);
        else
            buffer_append_format(problem, "cannot load %s: %.*s", path,
                                 BYTES_PRINT(buffer_bytes(&reason)));
        buffer_clear(&reason);
        memory_free(path);
    }
    journal_load_end(&load);
    engine->keyspace.expired = expired;
    engine->stats.changes = 0;
    return is_loaded;
}

/* The manifest's files are loaded: opens the last one, or makes what there has to be. */
static bool open_files(struct engine *engine, struct journal_manifest *manifest,
                       struct buffer *problem)
{
    const struct journal_manifest_file *last = journal_manifest_last_increment(manifest);
    int fd = -1;
    bool is_right = journal_directory_make(engine);
    if (is_right && last) {
        fd = journal_directory_open_increment(engine, last->name, false);
    } else if (is_right) {
        is_right = manifest->count > 0 || journal_directory_add_base(engine, manifest);
        fd = is_right ? journal_directory_add_increment(engine, manifest) : -1;
        is_right = fd >= 0 && journal_directory_write_manifest(engine, manifest);
    }
    if (!is_right || fd < 0) {
        buffer_append_string(problem, "cannot write the append-only file: the log says why");
        if (fd >= 0)
            close(fd);
        return false;
    }
    journal_directory_remove_history(engine, manifest);
    engine->journal.facts.size = engine->journal.facts.base_size =
        journal_directory_measure(engine, manifest);
    begin(engine, file_new(fd, *manifest));
    return true;
}

bool journal_file_start(struct engine *engine, struct buffer *problem)
{
    struct journal_manifest manifest = {0};
    bool is_right = journal_directory_read_manifest(engine, &manifest, problem) &&
                    journal_directory_adopt(engine, &manifest, problem) &&
                    load_files(engine, &manifest, problem) &&
                    open_files(engine, &manifest, problem);
    if (!is_right) {
        journal_manifest_clear(&manifest);
        return false;
    }
    keyspace_set_time(&engine->keyspace, engine->now_us / 1000);
    journal_file_flush(engine);
    return true;
}

bool journal_file_reload(struct engine *engine, struct buffer *problem)
{
    struct journal *journal = &engine->journal;
    struct journal_manifest manifest = {0};
    bool was_on = journal->is_on;
    journal_file_flush(engine);
    journal->is_on = false;
    persistence_empty(engine);
    bool is_right = journal_directory_read_manifest(engine, &manifest, problem) &&
                    load_files(engine, &manifest, problem);
    journal->is_on = was_on;
    journal_manifest_clear(&manifest);
    keyspace_set_time(&engine->keyspace, engine->now_us / 1000);
    return is_right;
}

/* --- writing --- */

static bool sync_now(struct engine *engine)
{
    struct journal_file *file = engine->journal.file;
    file->synced_us = engine->now_us;
    if (file->synced == file->written)
        return true;
    uint64_t began = stopwatch_ticks();
    bool is_synced = fdatasync(file->fd) == 0;
    if (!is_synced)
        engine_log(engine, 3, "Can't persist AOF for fsync error: %s", strerror(errno));
    if (config_integer(engine->config, CONFIG_APPENDFSYNC) == SYNC_ALWAYS)
        latency_note_since(engine, "aof-fsync-always", began);
    if (!is_synced)
        return false;
    file->synced = file->written;
    return true;
}

static bool is_sync_due(const struct engine *engine)
{
    const struct journal_file *file = engine->journal.file;
    int64_t policy = config_integer(engine->config, CONFIG_APPENDFSYNC);
    if (file->synced == file->written || policy == SYNC_NEVER)
        return false;
    return policy == SYNC_ALWAYS || engine->now_us < file->synced_us ||
           engine->now_us - file->synced_us >= SECOND_US;
}

/* What cannot be written stays, and half of a command does not. */
static void write_output(struct engine *engine)
{
    struct journal *journal = &engine->journal;
    struct journal_file *file = journal->file;
    if (journal->output.size == 0)
        return;
    off_t start = lseek(file->fd, 0, SEEK_END);
    uint64_t began = stopwatch_ticks();
    bool is_written = persistence_file_write_bytes(file->fd, buffer_bytes(&journal->output));
    int error = is_written ? 0 : errno ? errno : ENOSPC;
    /* Redis tells of each write twice: that there was one, and what went on meanwhile. */
    latency_note_since(engine, "aof-write", began);
    latency_note_since(engine, "aof-write-alone", began);
    if (!is_written) {
        if (start < 0 || ftruncate(file->fd, start) != 0)
            engine_log(engine, 3, "Could not remove short write from the append-only file");
        if (!*journal->facts.write_error)
            engine_log(engine, 3, "Error writing to the AOF file: %s", strerror(error));
        snprintf(journal->facts.write_error, sizeof journal->facts.write_error,
                 ERROR_MISCONF_APPEND_ONLY, strerror(error));
        return;
    }
    if (*journal->facts.write_error)
        engine_log(engine, 3, "AOF write error looks solved. The server can write again.");
    journal->facts.write_error[0] = '\0';
    journal->facts.size += journal->output.size;
    file->written = journal->offset;
    journal->output.size = 0;
}

/* Whether the file has grown by so much that a new base pays. */
static bool has_outgrown(const struct engine *engine)
{
    const struct journal_facts *facts = &engine->journal.facts;
    int64_t percentage = config_integer(engine->config, CONFIG_AUTO_AOF_REWRITE_PERCENTAGE);
    int64_t least = config_integer(engine->config, CONFIG_AUTO_AOF_REWRITE_MIN_SIZE);
    if (percentage <= 0 || (int64_t)facts->size <= least || facts->has_rewrite_failed)
        return false;
    size_t base = facts->base_size ? facts->base_size : 1;
    return (double)facts->size * 100 / (double)base - 100 >= (double)percentage;
}

void journal_file_flush(struct engine *engine)
{
    struct journal *journal = &engine->journal;
    if (journal->file) {
        journal_end_unit(engine);
        write_output(engine);
        if (is_sync_due(engine))
            sync_now(engine);
    }
    if (engine->depth || engine->is_trial)
        return;
    if (journal->facts.is_scheduled)
        rewrite_and_tell(engine, journal->is_on);
    else if (journal->is_on && has_outgrown(engine)) {
        engine_log(engine, 2, "Starting automatic rewriting of AOF on its growth");
        rewrite_and_tell(engine, true);
    }
}

bool journal_file_sync(struct engine *engine)
{
    if (!engine->journal.file)
        return false;
    write_output(engine);
    return *engine->journal.facts.write_error == '\0' && sync_now(engine);
}

bool journal_file_has_synced(const struct session *session)
{
    const struct journal_file *file = session->engine->journal.file;
    return file && file->synced >= session->journal_offset;
}

int64_t journal_file_next_deadline(const struct engine *engine)
{
    const struct journal_file *file = engine->journal.file;
    if (engine->journal.facts.is_scheduled)
        return engine->now_us / 1000;
    if (!file || file->synced == file->written ||
        config_integer(engine->config, CONFIG_APPENDFSYNC) != SYNC_EVERY_SECOND)
        return KEYSPACE_NEVER;
    return (file->synced_us + SECOND_US) / 1000;
}

void journal_file_mark_stale(struct engine *engine)
{
    if (engine->journal.is_on)
        journal_file_schedule_rewrite(engine);
}

const char *journal_file_refusal(const struct engine *engine)
{
    const char *error = engine->journal.facts.write_error;
    return *error ? error : NULL;
}

/* --- the end --- */

void journal_file_clear(struct engine *engine)
{
    file_free(engine->journal.file);
    engine->journal.file = NULL;
    journal_end(engine);
}

void journal_file_end(struct engine *engine)
{
    if (!engine->journal.file)
        return;
    engine_log(engine, 2, "Calling fsync() on the AOF file.");
    journal_file_flush(engine);
    journal_file_sync(engine);
    journal_file_clear(engine);
}

bool journal_file_switch(struct engine *engine, bool is_on)
{
    struct journal *journal = &engine->journal;
    if (is_on == journal->is_on)
        return true;
    if (is_on)
        return !journal->facts.is_forbidden && rewrite_and_tell(engine, true);
    journal->facts.is_scheduled = false;
    journal->facts.write_error[0] = '\0';
    journal_file_end(engine);
    return true;
}
