/* SPDX-License-Identifier: MIT */
/* The data that a server begins with: that of one file or the other, then that of `seed-file`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "commands/mock.h"
#include "controls/controls.h"
#include "controls/snapshots.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "engine/journal_directory.h"
#include "engine/journal_file.h"
#include "engine/persistence_file.h"
#include "understudy_private.h"

static bool load_seed(struct understudy *server, char *error)
{
    struct buffer problem = {0};
    bool is_loaded = controls_load_configured_seed(server->engine->controls, &problem) >= 0;
    if (!is_loaded)
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "%.*s", BYTES_PRINT(buffer_bytes(&problem)));
    buffer_clear(&problem);
    return is_loaded;
}

/* Whether it is the directory in which the process runs, which `dir` is unless it is set. */
static bool is_working_directory(const char *path)
{
    struct stat named, working;
    return stat(path, &named) == 0 && stat(".", &working) == 0 && named.st_dev == working.st_dev &&
           named.st_ino == working.st_ino;
}

/* The append-only file, which is begun if there is none. */
static bool load_journal(struct understudy *server, char *error)
{
    struct buffer problem = {0};
    bool is_there = journal_directory_is_there(server->engine);
    bool is_right = journal_file_start(server->engine, &problem);
    if (!is_right) {
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "%.*s", BYTES_PRINT(buffer_bytes(&problem)));
        engine_log(server->engine, 3, "%s", error);
    } else if (is_there) {
        snapshots_save_start(server->engine, mock_snapshot_parts);
    }
    buffer_clear(&problem);
    return is_right;
}

/* What the last server left in `dir`/`dbfilename`, as redis-server loads it. A server within
 * another program looks there only if it was told of a place. */
static bool load_data(struct understudy *server, char *error)
{
    bool is_told = !is_working_directory(config_string(server->config, CONFIG_DIR)) ||
                   strcmp(config_string(server->config, CONFIG_DBFILENAME), "dump.rdb") != 0;
    struct buffer problem = {0};
    char *path = persistence_file_path(server->engine);
    bool is_there = (server->is_program || is_told) && (access(path, F_OK) == 0 || errno != ENOENT);
    bool is_right = true;
    if (is_there)
        is_right = persistence_file_load(server->engine, path, PERSISTENCE_START, &problem);
    if (!is_right)
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "%.*s", BYTES_PRINT(buffer_bytes(&problem)));
    if (!is_right)
        engine_log(server->engine, 3, "%s", error);
    else if (is_there) {
        engine_log(server->engine, 2, "DB loaded from disk");
        snapshots_save_start(server->engine, mock_snapshot_parts); /* MOCK RESET goes back there */
    }
    buffer_clear(&problem);
    memory_free(path);
    return is_right;
}

bool understudy_data_load(struct understudy *server, char *error)
{
    bool is_loaded = config_integer(server->config, CONFIG_APPENDONLY) ? load_journal(server, error)
                                                                       : load_data(server, error);
    return is_loaded && load_seed(server, error);
}
