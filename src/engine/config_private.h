/* SPDX-License-Identifier: MIT */
/* What config.c, config_file.c, config_arguments.c and config_rewrite.c share; nobody else includes
 * this. */
#ifndef UNDERSTUDY_ENGINE_CONFIG_PRIVATE_H
#define UNDERSTUDY_ENGINE_CONFIG_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "engine/config.h"
#include "engine/config_value.h"

/* A line that is no value but a deed, and where it stood. */
struct config_deed_line {
    struct config_deed deed;
    char *text; /* owned: the line itself */
    char *path; /* owned, or NULL: the file */
    int number;
};

/* The line that ended the loading. */
struct config_fault {
    char *text;    /* owned; NULL when there is none */
    char *path;    /* owned, or NULL */
    char *problem; /* owned */
    int number;
};

struct config {
    struct config_value values[CONFIG_COUNT];
    struct config_listener listener;
    char *path;                     /* owned: the file that was loaded, absolute; NULL = none */
    struct config_deed_line *deeds; /* owned */
    size_t deed_count;
    size_t deed_capacity;
    struct config_fault fault;
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

void config_clear_deed(struct config_deed_line *line);

/* Whether the emulated version has the directive no more. */
bool config_is_gone(const struct config *config, enum config_id id);

/* The file that CONFIG REWRITE writes. */
void config_keep_path(struct config *config, const char *path);

/* Without the blanks around it. */
struct bytes config_trim(struct bytes text);

/* Whether all that was loaded may be together; false adds to `error` what may not. */
bool config_fits_together(struct config *config, struct buffer *error);

/* The directives of a text, which begins with the line `number` of the file `path` (NULL: none).
 * Adds the count of its lines to `*number`. */
bool config_load_text(struct config *config, struct bytes text, const char *path, int *number,
                      struct buffer *error);
/* The same of a file; one that is named by a pattern need not be there. */
bool config_load_path(struct config *config, const char *path, int *number, struct buffer *error);

/* Values that Redis takes and quietly moves to the nearest that it can use. */
void config_clamp(struct config *config, enum config_id id);

#endif
