/* SPDX-License-Identifier: MIT */
/*
 * An account of a whole run, whatever MOCK RESET forgets on the way: the directive `report`.
 *
 *     controls->report = report_new(controls);             // data to begin with is there
 *     ... clients come and go ...
 *     char error[REPORT_ERROR_SIZE];
 *     if (!report_write(controls->report, "run.html", scripts, script_count, error)) ...
 *     report_free(controls->report);
 *
 * It holds counts, not calls, so its size depends on how many commands, clients and keys there are
 * and not on how long the run is. MOCK itself is left out, as from a recording.
 */
#ifndef UNDERSTUDY_CONTROLS_REPORT_H
#define UNDERSTUDY_CONTROLS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define REPORT_ERROR_SIZE 512

struct controls;
struct report;

struct report_function {
    const char *name;
    int first_line;
    uint64_t calls;
};

/* A script or library that ran, as script/coverage.h counts it; all borrowed. */
struct report_script {
    const char *sha;
    struct bytes text;
    int line_count;       /* lines 1 to line_count - 1 have a place in these */
    const bool *has_code; /* by line */
    const uint64_t *hits; /* by line */
    const struct report_function *functions;
    size_t function_count;
};

/* Begins to watch. Owned by the caller. */
struct report *report_new(struct controls *controls);
/* Accepts NULL. Before the controls are cleared. */
void report_free(struct report *report);

/* The end of it, to be written once: "-" is a text on standard error, a path that ends in ".html"
 * gets a page, any other JSON. False: `error` says in one line what is wrong. */
bool report_write(struct report *report, const char *path, const struct report_script *scripts,
                  size_t script_count, char error[REPORT_ERROR_SIZE]);

#endif
