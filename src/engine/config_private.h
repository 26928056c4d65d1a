/* SPDX-License-Identifier: MIT */
/* What config.c, config_file.c and config_rewrite.c share; nobody else includes this. */
#ifndef UNDERSTUDY_ENGINE_CONFIG_PRIVATE_H
#define UNDERSTUDY_ENGINE_CONFIG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "engine/config.h"
#include "engine/config_value.h"

struct config {
    struct config_value values[CONFIG_COUNT];
    struct config_listener listener;
    char *path;   /* owned: the file that was loaded, absolute; NULL = none */
    char **lines; /* owned: see config_line */
    size_t line_count;
    size_t line_capacity;
    bool has_loaded_save;        /* further "save" lines add to the first */
    bool is_given[CONFIG_COUNT]; /* by a file or the command line */
};

struct config_name {
    enum config_id id;
    const char *spelling; /* the directive's new or old name, as in its row */
};

/* By new or old name, case ignored, whatever version is emulated. */
bool config_find_name(struct bytes name, struct config_name *found);

/* Tells the listener; false with its `error` (CONFIG_ERROR_SIZE bytes) when it refuses. */
bool config_tell(struct config *config, enum config_id id, char *error);

/* Values that Redis takes and quietly moves to the nearest that it can use. */
void config_clamp(struct config *config, enum config_id id);

#endif
