/* SPDX-License-Identifier: MIT */
#include "script/lcov.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/whole_file.h"
#include "script/coverage.h"
#include "script/script_sources.h"

void lcov_append(struct buffer *out, const struct coverage_unit *unit, const char *source)
{
    size_t called = 0;
    buffer_append_format(out, "TN:\nSF:%s\n", source);
    for (size_t i = 0; i < unit->function_count; i++)
        buffer_append_format(out, "FN:%d,%s\n", unit->functions[i].first_line,
                             unit->functions[i].name);
    for (size_t i = 0; i < unit->function_count; i++) {
        const struct coverage_function *function = &unit->functions[i];
        buffer_append_format(out, "FNDA:%llu,%s\n", (unsigned long long)function->calls,
                             function->name);
        called += function->calls > 0;
    }
    buffer_append_format(out, "FNF:%zu\nFNH:%zu\n", unit->function_count, called);
    for (int line = 1; line < unit->line_count; line++)
        if (unit->has_code[line])
            buffer_append_format(out, "DA:%d,%llu\n", line, (unsigned long long)unit->hits[line]);
    struct coverage_summary summary = coverage_summary(unit);
    buffer_append_format(out, "LF:%zu\nLH:%zu\nend_of_record\n", summary.lines, summary.hit);
}

static bool refuse(const char *path, char *error)
{
    snprintf(error, LCOV_ERROR_SIZE, "cannot write %s: %s", path, strerror(errno));
    return false;
}

static bool write_file(const char *path, struct bytes text, char *error)
{
    return whole_file_write(path, text) || refuse(path, error);
}

/* "%p" becomes `number`. Owned by the caller. */
static char *expand_path(const char *path, const char *number)
{
    struct buffer expanded = {0};
    for (; *path; path++) {
        if (path[0] == '%' && path[1] == 'p') {
            buffer_append_string(&expanded, number);
            path++;
        } else {
            buffer_append_byte(&expanded, *path);
        }
    }
    buffer_append_byte(&expanded, '\0');
    return expanded.data;
}

/* Writes the script's text where the report will look for it: at one place for all processes, so
 * that their reports merge. `place` becomes that path. */
static bool write_text(const struct coverage_unit *unit, const char *path, struct buffer *place,
                       char *error)
{
    char *common = expand_path(path, "");
    buffer_append_format(place, "%s.scripts", common);
    buffer_append_byte(place, '\0');
    memory_free(common);
    if (mkdir(place->data, 0777) != 0 && errno != EEXIST)
        return refuse(place->data, error);
    char *absolute = realpath(place->data, NULL);
    if (!absolute)
        return refuse(place->data, error);
    place->size = 0;
    buffer_append_format(place, "%s/%s.lua", absolute, unit->sha);
    buffer_append_byte(place, '\0');
    free(absolute); /* realpath's */
    return write_file(place->data, bytes_of(unit->text, unit->text_size), error);
}

bool lcov_write(const struct coverage *coverage, const char *path, const char *patterns,
                char error[LCOV_ERROR_SIZE])
{
    struct script_sources *sources = script_sources_new(patterns);
    struct buffer out = {0};
    char number[16];
    snprintf(number, sizeof number, "%d", (int)getpid());
    char *expanded = expand_path(path, number);
    bool is_written = true;
    for (size_t i = 0; i < coverage_count(coverage) && is_written; i++) {
        const struct coverage_unit *unit = coverage_unit(coverage, i);
        struct buffer place = {0};
        const char *source = script_sources_find(sources, bytes_of(unit->text, unit->text_size));
        if (!source)
            is_written = write_text(unit, path, &place, error);
        if (is_written)
            lcov_append(&out, unit, source ? source : place.data);
        buffer_clear(&place);
    }
    if (is_written)
        is_written = write_file(expanded, buffer_bytes(&out), error);
    memory_free(expanded);
    buffer_clear(&out);
    script_sources_free(sources);
    return is_written;
}
