/* SPDX-License-Identifier: MIT */
#include "script/coverage.h"

#include <string.h>

#include "base/memory.h"
#include "base/table.h"
#include "script/function_names.h"
#include "script/prototypes.h"

#define CHUNK_PREFIX "@user_" /* of the names that scripts and libraries are compiled under */

struct coverage {
    struct table by_sha;          /* of struct coverage_unit */
    struct coverage_unit **units; /* owned, and so is each: in the order in which they came */
    size_t count;
    size_t capacity;
};

static struct bytes unit_sha(const void *entry)
{
    return bytes_of(((const struct coverage_unit *)entry)->sha, DIGEST_SHA1_HEX_SIZE);
}
static const struct table_class unit_class = {.key_of = unit_sha};

struct coverage *coverage_new(void)
{
    struct coverage *coverage = memory_zeroed(sizeof *coverage);
    table_init(&coverage->by_sha, &unit_class, 0);
    return coverage;
}

static void free_unit(struct coverage_unit *unit)
{
    for (size_t i = 0; i < unit->function_count; i++)
        memory_free(unit->functions[i].name);
    memory_free(unit->functions);
    memory_free(unit->has_code);
    memory_free(unit->hits);
    memory_free(unit->text);
    memory_free(unit);
}

void coverage_free(struct coverage *coverage)
{
    if (!coverage)
        return;
    table_clear(&coverage->by_sha, NULL, NULL);
    for (size_t i = 0; i < coverage->count; i++)
        free_unit(coverage->units[i]);
    memory_free(coverage->units);
    memory_free(coverage);
}

static struct coverage_function *find_function(const struct coverage_unit *unit, int first_line,
                                               int last_line)
{
    size_t low = 0, high = unit->function_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (unit->functions[middle].first_line < first_line)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < unit->function_count && unit->functions[low].first_line == first_line; low++)
        if (unit->functions[low].last_line == last_line)
            return &unit->functions[low];
    return NULL;
}

/* Functions that begin and end on the same lines cannot be told from one another in a hook: the
 * first of them stands for all. */
static void set_functions(struct coverage_unit *unit, const struct prototypes *prototypes,
                          struct bytes text)
{
    struct function_names names;
    function_names_read(&names, text);
    unit->functions = memory_allocate((prototypes->count + 1) * sizeof *unit->functions);
    for (size_t i = 0; i < prototypes->count; i++) {
        struct prototype prototype = prototypes->functions[i];
        if (find_function(unit, prototype.first_line, prototype.last_line))
            continue;
        const char *name = i < names.count ? names.names[i] : "function";
        unit->functions[unit->function_count++] =
            (struct coverage_function){.first_line = prototype.first_line,
                                       .last_line = prototype.last_line,
                                       .name = bytes_to_string(bytes_of_string(name))};
    }
    function_names_clear(&names);
}

static void set_lines(struct coverage_unit *unit, const struct prototypes *prototypes)
{
    unit->line_count = (int)prototypes->lines.size;
    unit->has_code = memory_zeroed((size_t)unit->line_count * sizeof *unit->has_code + 1);
    unit->hits = memory_zeroed((size_t)unit->line_count * sizeof *unit->hits + 1);
    for (int line = 1; line < unit->line_count; line++)
        unit->has_code[line] = prototypes_has_code(prototypes, line);
}

/* The scanner knows Lua alone: of a first line "#!lua name=x" it gets the end. */
static struct bytes without_shebang(struct bytes text)
{
    const char *end = text.size && *text.data == '#' ? memchr(text.data, '\n', text.size) : NULL;
    return end ? bytes_of(end, text.size - (size_t)(end - text.data)) : text;
}

struct coverage_unit *coverage_add(struct coverage *coverage, const char *sha, struct bytes text,
                                   lua_State *L)
{
    if (!coverage)
        return NULL;
    struct coverage_unit *unit = table_find(&coverage->by_sha, bytes_of(sha, DIGEST_SHA1_HEX_SIZE));
    if (unit)
        return unit;
    unit = memory_zeroed(sizeof *unit);
    memcpy(unit->sha, sha, DIGEST_SHA1_HEX_SIZE);
    unit->text = bytes_to_string(text);
    unit->text_size = text.size;
    struct prototypes prototypes;
    prototypes_read(&prototypes, L);
    set_functions(unit, &prototypes, without_shebang(text));
    set_lines(unit, &prototypes);
    prototypes_clear(&prototypes);
    if (coverage->count == coverage->capacity) {
        coverage->capacity = coverage->capacity ? coverage->capacity * 2 : 16;
        coverage->units =
            memory_resize(coverage->units, coverage->capacity * sizeof(struct coverage_unit *));
    }
    coverage->units[coverage->count++] = unit;
    table_insert(&coverage->by_sha, unit);
    return unit;
}

void coverage_note(struct coverage_unit *unit, lua_State *L, lua_Debug *activation)
{
    lua_getinfo(L, "S", activation);
    if (strncmp(activation->source, CHUNK_PREFIX, strlen(CHUNK_PREFIX)) != 0)
        return;
    if (activation->event == LUA_HOOKLINE) {
        int line = activation->currentline;
        if (line > 0 && line < unit->line_count)
            unit->hits[line]++;
    } else if (activation->event == LUA_HOOKCALL && activation->linedefined > 0) {
        struct coverage_function *function =
            find_function(unit, activation->linedefined, activation->lastlinedefined);
        if (function)
            function->calls++;
    }
}

void coverage_reset(struct coverage *coverage)
{
    for (size_t i = 0; i < coverage->count; i++) {
        struct coverage_unit *unit = coverage->units[i];
        memset(unit->hits, 0, (size_t)unit->line_count * sizeof *unit->hits);
        for (size_t f = 0; f < unit->function_count; f++)
            unit->functions[f].calls = 0;
    }
}

size_t coverage_count(const struct coverage *coverage)
{
    return coverage->count;
}

const struct coverage_unit *coverage_unit(const struct coverage *coverage, size_t index)
{
    return coverage->units[index];
}

struct coverage_summary coverage_summary(const struct coverage_unit *unit)
{
    struct coverage_summary summary = {0};
    for (int line = 1; line < unit->line_count; line++) {
        summary.lines += unit->has_code[line];
        summary.hit += unit->has_code[line] && unit->hits[line];
    }
    return summary;
}

struct coverage_summary coverage_total(const struct coverage *coverage)
{
    struct coverage_summary total = {0};
    for (size_t i = 0; i < coverage->count; i++) {
        struct coverage_summary summary = coverage_summary(coverage->units[i]);
        total.lines += summary.lines;
        total.hit += summary.hit;
    }
    return total;
}

int coverage_permille(struct coverage_summary summary)
{
    return summary.lines ? (int)(summary.hit * 1000 / summary.lines) : 0;
}
