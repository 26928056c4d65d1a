/* SPDX-License-Identifier: MIT */
/* Files come first, the manifest that names them after, and what it no longer names goes last. */
#include "engine/journal_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/whole_file.h"
#include "engine/engine.h"
#include "engine/journal_base.h"
#include "engine/persistence_file.h"

/* --- names --- */

static const char *prefix_of(const struct engine *engine)
{
    return config_string(engine->config, CONFIG_APPENDFILENAME);
}

/* `dir`/`name`, or `dir` without one (memory_free). */
static char *path_in_dir(const struct engine *engine, const char *name)
{
    struct buffer path = {0};
    const char *directory = config_string(engine->config, CONFIG_DIR);
    buffer_append_format(&path, "%s/%s", *directory ? directory : ".", name);
    buffer_append_byte(&path, '\0');
    return path.data;
}

/* The same in the directory of the append-only file. */
char *journal_directory_path(const struct engine *engine, const char *name)
{
    struct buffer path = {0};
    const char *directory = config_string(engine->config, CONFIG_DIR);
    buffer_append_format(&path, "%s/%s/%s", *directory ? directory : ".",
                         config_string(engine->config, CONFIG_APPENDDIRNAME), name);
    buffer_append_byte(&path, '\0');
    return path.data;
}

static char *manifest_path(const struct engine *engine)
{
    struct buffer name = {0};
    buffer_append_format(&name, "%s.manifest", prefix_of(engine));
    buffer_append_byte(&name, '\0');
    char *path = journal_directory_path(engine, name.data);
    buffer_clear(&name);
    return path;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0 || errno != ENOENT;
}

bool journal_directory_make(struct engine *engine)
{
    char *path = path_in_dir(engine, config_string(engine->config, CONFIG_APPENDDIRNAME));
    bool is_made = mkdir(path, 0755) == 0 || errno == EEXIST;
    if (!is_made)
        engine_log(engine, 3, "Can't open or create append-only dir %s: %s", path, strerror(errno));
    memory_free(path);
    return is_made;
}

static size_t size_of(const struct engine *engine, const char *name)
{
    char *path = journal_directory_path(engine, name);
    struct stat status;
    size_t size = stat(path, &status) == 0 ? (size_t)status.st_size : 0;
    memory_free(path);
    return size;
}

/* Of all that holds data. */
size_t journal_directory_measure(const struct engine *engine,
                                 const struct journal_manifest *manifest)
{
    size_t size = 0;
    for (size_t i = 0; i < manifest->count; i++)
        if (manifest->files[i].part != JOURNAL_HISTORY)
            size += size_of(engine, manifest->files[i].name);
    return size;
}

/* --- the manifest --- */

/* One that is not there is empty. */
bool journal_directory_read_manifest(const struct engine *engine, struct journal_manifest *manifest,
                                     struct buffer *problem)
{
    char *path = manifest_path(engine);
    struct buffer text = {0}, reason = {0};
    bool is_right = true;
    if (exists(path)) {
        is_right = persistence_file_read_bytes(path, &text);
        if (!is_right)
            buffer_append_format(problem, "cannot read %s: %s", path, strerror(errno));
        else if (!journal_manifest_read(manifest, buffer_bytes(&text), &reason)) {
            is_right = false;
            buffer_append_format(problem, "cannot load %s: %.*s", path,
                                 BYTES_PRINT(buffer_bytes(&reason)));
        }
    }
    buffer_clear(&text);
    buffer_clear(&reason);
    memory_free(path);
    return is_right;
}

bool journal_directory_write_manifest(struct engine *engine,
                                      const struct journal_manifest *manifest)
{
    struct journal_facts *facts = &engine->journal.facts;
    facts->base_sequence = manifest->base_sequence;
    facts->increment_sequence = manifest->increment_sequence;
    char *path = manifest_path(engine);
    struct buffer text = {0};
    journal_manifest_write(manifest, &text);
    bool is_written = whole_file_write(path, buffer_bytes(&text));
    if (!is_written)
        engine_log(engine, 3, "Fail to write the AOF manifest file %s: %s", path, strerror(errno));
    buffer_clear(&text);
    memory_free(path);
    return is_written;
}

/* --- making files --- */

/* The next base, added to the manifest. */
bool journal_directory_add_base(struct engine *engine, struct journal_manifest *manifest)
{
    bool is_rdb = config_integer(engine->config, CONFIG_AOF_USE_RDB_PREAMBLE);
    char *name = journal_manifest_next_base(manifest, prefix_of(engine), is_rdb);
    char *path = journal_directory_path(engine, name);
    bool is_written = journal_base_write(engine, path, is_rdb);
    if (is_written)
        engine_log(engine, 2, "Created the AOF base file %s", name);
    if (is_written)
        journal_manifest_add(manifest, JOURNAL_BASE, name, manifest->base_sequence + 1);
    memory_free(path);
    memory_free(name);
    return is_written;
}

int journal_directory_open_increment(struct engine *engine, const char *name, bool is_new)
{
    char *path = journal_directory_path(engine, name);
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (is_new ? O_TRUNC : 0);
    int fd = open(path, flags, 0644);
    if (fd < 0)
        engine_log(engine, 3, "Can't open the append-only file %s: %s", path, strerror(errno));
    memory_free(path);
    return fd;
}

/* The next increment, added to the manifest and open; or -1. */
int journal_directory_add_increment(struct engine *engine, struct journal_manifest *manifest)
{
    char *name = journal_manifest_next_increment(manifest, prefix_of(engine));
    int fd = journal_directory_open_increment(engine, name, true);
    if (fd >= 0)
        engine_log(engine, 2, "Created the AOF incr file %s", name);
    if (fd >= 0)
        journal_manifest_add(manifest, JOURNAL_INCREMENT, name, manifest->increment_sequence + 1);
    memory_free(name);
    return fd;
}

/* The history goes, unless aof-disable-auto-gc keeps it. */
void journal_directory_remove_history(struct engine *engine, struct journal_manifest *manifest)
{
    bool has_any = manifest->count > journal_manifest_live_count(manifest);
    if (!has_any || config_integer(engine->config, CONFIG_AOF_DISABLE_AUTO_GC))
        return;
    for (size_t i = 0; i < manifest->count; i++) {
        char *path = journal_directory_path(engine, manifest->files[i].name);
        if (manifest->files[i].part == JOURNAL_HISTORY) {
            engine_log(engine, 2, "Removing the history file %s", manifest->files[i].name);
            unlink(path);
        }
        memory_free(path);
    }
    journal_manifest_forget(manifest);
    journal_directory_write_manifest(engine, manifest);
}

/* The single file of a Redis before 7.0 goes into the directory, as the base. */
bool journal_directory_adopt(struct engine *engine, struct journal_manifest *manifest,
                             struct buffer *problem)
{
    const char *name = prefix_of(engine);
    char *old = path_in_dir(engine, name), *new = journal_directory_path(engine, name);
    /* It may have been moved only half: then the manifest has it, and it is still here. */
    bool is_half =
        manifest->count == 1 && strcmp(manifest->files[0].name, name) == 0 && !exists(new);
    bool is_right = true;
    if ((manifest->count == 0 || is_half) && exists(old)) {
        if (!is_half)
            journal_manifest_add(manifest, JOURNAL_BASE, name, 1);
        is_right = journal_directory_make(engine) &&
                   journal_directory_write_manifest(engine, manifest) && rename(old, new) == 0;
        if (!is_right)
            buffer_append_format(problem, "cannot move %s to %s: %s", old, new, strerror(errno));
        else
            engine_log(engine, 2, "Migrated the append-only file %s into %s", old, new);
    }
    memory_free(old);
    memory_free(new);
    return is_right;
}

bool journal_directory_is_there(const struct engine *engine)
{
    char *manifest = manifest_path(engine), *single = path_in_dir(engine, prefix_of(engine));
    bool is_there = exists(manifest) || exists(single);
    memory_free(manifest);
    memory_free(single);
    return is_there;
}
