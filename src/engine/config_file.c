/* SPDX-License-Identifier: MIT */
/*
 * Directives before the start: a line, a text, a file with those that it includes. The first thing
 * that is wrong ends the loading; what and where is told in one line, and kept for whoever wants
 * to tell it in Redis's form.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/config.h"
#include "engine/config_private.h"
#include "resp/request_parser.h"

#define INCLUDE_DEPTH 16 /* files that include one another */

/* A line, and where it stands. */
struct place {
    struct bytes text;
    const char *path; /* or NULL */
    int number;
    int depth; /* of files that include one another */
};

static bool load_path(struct config *config, const char *path, int depth, int *number,
                      struct buffer *error);

struct bytes config_trim(struct bytes text)
{
    while (text.size && memchr(" \t\r\n", text.data[0], 4))
        text = bytes_of(text.data + 1, text.size - 1);
    while (text.size && memchr(" \t\r\n", text.data[text.size - 1], 4))
        text.size--;
    return text;
}

/* --- what is wrong --- */

static void replace_text(char **text, struct bytes fresh)
{
    memory_free(*text);
    *text = bytes_to_string(fresh);
}

static bool refuse(struct config *config, const struct place *place, const char *problem,
                   struct buffer *error)
{
    struct config_fault *fault = &config->fault;
    replace_text(&fault->text, place->text);
    replace_text(&fault->problem, bytes_of_string(problem));
    memory_free(fault->path);
    fault->path = place->path ? bytes_to_string(bytes_of_string(place->path)) : NULL;
    fault->number = place->number;
    if (place->path)
        buffer_append_format(error, "%s:%d: ", place->path, place->number);
    buffer_append_format(error, "'%s': %s", fault->text, problem);
    return false;
}

bool config_fits_together(struct config *config, struct buffer *error)
{
    static const char problem[] = "replicaof directive not allowed in cluster mode";
    if (!config_integer(config, CONFIG_CLUSTER_ENABLED) ||
        !*config_string(config, CONFIG_REPLICAOF))
        return true;
    replace_text(&config->fault.problem, bytes_of_string(problem));
    buffer_append_string(error, problem);
    return false;
}

void config_append_fault(const struct config *config, const char *version, struct buffer *out)
{
    const struct config_fault *fault = &config->fault;
    if (!fault->problem)
        return;
    buffer_append_format(out, "\n*** FATAL CONFIG FILE ERROR (Redis %s) ***\n", version);
    if (fault->text)
        buffer_append_format(out, "Reading the configuration file, at line %d\n>>> '%s'\n",
                             fault->number, fault->text);
    buffer_append_format(out, "%s\n", fault->problem);
    if (fault->path)
        buffer_append_format(out, "The file is %s\n", fault->path);
}

/* --- deeds --- */

void config_clear_deed(struct config_deed_line *line)
{
    for (int i = 0; i < line->deed.count; i++)
        memory_free((char *)line->deed.words[i].data);
    memory_free(line->deed.words);
    memory_free(line->text);
    memory_free(line->path);
}

static void keep_deed(struct config *config, const struct place *place, const struct bytes *words,
                      int count)
{
    if (config->deed_count == config->deed_capacity) {
        config->deed_capacity = config->deed_capacity ? config->deed_capacity * 2 : 4;
        config->deeds = memory_resize(config->deeds, config->deed_capacity * sizeof *config->deeds);
    }
    struct config_deed_line *line = &config->deeds[config->deed_count++];
    *line = (struct config_deed_line){
        .deed = {memory_allocate((size_t)count * sizeof *words), count},
        .text = bytes_to_string(place->text),
        .path = place->path ? bytes_to_string(bytes_of_string(place->path)) : NULL,
        .number = place->number,
    };
    for (int i = 0; i < count; i++)
        line->deed.words[i] = bytes_of(bytes_to_string(words[i]), words[i].size);
}

const struct config_deed *config_deed(const struct config *config, size_t index)
{
    return index < config->deed_count ? &config->deeds[index].deed : NULL;
}

void config_refuse_deed(struct config *config, size_t index, const char *problem,
                        struct buffer *error)
{
    const struct config_deed_line *line = &config->deeds[index];
    struct place place = {
        .text = bytes_of_string(line->text), .path = line->path, .number = line->number};
    refuse(config, &place, problem, error);
}

/* --- values --- */

bool config_is_given(const struct config *config, enum config_id id)
{
    return config->is_given[id];
}

/* The first "save" replaces the default; those that follow add to it, but an empty one clears. */
static bool load_save(struct config *config, struct config_value *value)
{
    struct config_value *old = &config->values[CONFIG_SAVE];
    if (config->has_loaded_save && *value->text && *old->text) {
        struct buffer both = {0};
        buffer_append_format(&both, "%s %s", old->text, value->text);
        buffer_append_byte(&both, '\0');
        config_value_clear(value);
        *value = (struct config_value){.integer = (int64_t)both.size - 1, .text = both.data};
    }
    config->has_loaded_save = true;
    return true;
}

static bool load_value(struct config *config, const struct place *place, const struct bytes *words,
                       int count, struct buffer *error)
{
    struct config_name name;
    bool is_found = config_find_name(words[0], &name), is_gone = false;
    if (is_found)
        is_gone = config_is_gone(config, name.id);
    if (is_gone && count == 2) /* taken, and dropped */
        return true;
    if (!is_found || is_gone)
        return refuse(config, place, "Bad directive or wrong number of arguments", error);

    const struct directive *directive = directive_of(name.id);
    struct config_value *value = &config->values[name.id];
    struct config_reading reading = {.old = value};
    struct config_value fresh;
    char problem[CONFIG_ERROR_SIZE];
    /* `save "3600 1 300 100"` and `save 3600 1 300 100` are the same. */
    bool is_valid =
        count == 2 && (directive->flags & CONFIG_SEVERAL)
            ? config_value_parse_text(directive, reading, words[1], &fresh, problem)
            : config_value_parse(directive, reading, words + 1, count - 1, &fresh, problem);
    if (!is_valid)
        return refuse(config, place, problem, error);
    if (name.id == CONFIG_SAVE)
        load_save(config, &fresh);
    config_value_clear(value);
    *value = fresh;
    config->is_given[name.id] = true;
    config_clamp(config, name.id);
    return config_tell(config, name.id, problem) || refuse(config, place, problem, error);
}

static bool load_words(struct config *config, const struct place *place, const struct bytes *words,
                       int count, struct buffer *error)
{
    /* Directives of older versions that Redis still takes, and drops. */
    static const char *const dropped[] = {"list-max-ziplist-entries", "list-max-ziplist-value"};
    if (bytes_equal_ignoring_case(words[0], "include") && count == 2) {
        char *path = bytes_to_string(words[1]);
        int number = 1;
        bool is_loaded = load_path(config, path, place->depth + 1, &number, error);
        memory_free(path);
        return is_loaded;
    }
    if ((bytes_equal_ignoring_case(words[0], "user") && count >= 2) ||
        (bytes_equal_ignoring_case(words[0], "rename-command") && count == 3)) {
        keep_deed(config, place, words, count);
        return true;
    }
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (bytes_equal_ignoring_case(words[0], dropped[i]) && count == 2)
            return true;
    if (bytes_equal_ignoring_case(words[0], "loadmodule"))
        return refuse(config, place, "modules cannot be loaded", error);
    return load_value(config, place, words, count, error);
}

bool config_load(struct config *config, const struct bytes *words, int count, struct buffer *error)
{
    struct buffer text = {0};
    for (int i = 0; i < count; i++)
        buffer_append_format(&text, "%s%.*s", i ? " " : "", BYTES_PRINT(words[i]));
    struct place place = {.text = buffer_bytes(&text), .number = 1};
    bool is_loaded = count == 0 || load_words(config, &place, words, count, error);
    buffer_clear(&text);
    return is_loaded;
}

/* --- texts and files --- */

static bool load_line(struct config *config, struct place *place, struct buffer *error)
{
    place->text = config_trim(place->text);
    if (place->text.size == 0 || place->text.data[0] == '#')
        return true;
    struct request words = {0};
    bool is_loaded;
    if (request_split_line(place->text, &words))
        is_loaded = words.argc == 0 || load_words(config, place, words.argv, words.argc, error);
    else
        is_loaded = refuse(config, place, "Unbalanced quotes in configuration line", error);
    request_clear(&words);
    return is_loaded;
}

static bool load_text(struct config *config, struct bytes text, struct place *place, int *number,
                      struct buffer *error)
{
    while (text.size) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) : text.size;
        place->text = bytes_of(text.data, size);
        place->number = (*number)++;
        if (!load_line(config, place, error))
            return false;
        size += end != NULL;
        text = bytes_of(text.data + size, text.size - size);
    }
    return true;
}

bool config_load_text(struct config *config, struct bytes text, const char *path, int *number,
                      struct buffer *error)
{
    struct place place = {.path = path};
    return load_text(config, text, &place, number, error);
}

static bool load_file(struct config *config, const char *path, int depth, int *number,
                      struct buffer *error)
{
    struct buffer text = {0};
    FILE *file = fopen(path, "re");
    size_t size = file != NULL;
    while (size > 0) {
        size = fread(buffer_reserve(&text, 4096), 1, 4096, file);
        text.size += size;
    }
    bool is_loaded = file && !ferror(file);
    if (!is_loaded)
        buffer_append_format(error, "Fatal error, can't open config file '%s': %s", path,
                             strerror(errno));
    if (file)
        fclose(file);
    struct place place = {.path = path, .depth = depth};
    is_loaded = is_loaded && load_text(config, buffer_bytes(&text), &place, number, error);
    buffer_clear(&text);
    return is_loaded;
}

static bool load_path(struct config *config, const char *path, int depth, int *number,
                      struct buffer *error)
{
    glob_t found;
    bool is_loaded = true;
    if (depth > INCLUDE_DEPTH) {
        buffer_append_format(error, "can't include '%s': too many files within one another", path);
        return false;
    }
    if (!strpbrk(path, "*?["))
        return load_file(config, path, depth, number, error);
    if (glob(path, 0, NULL, &found) != 0)
        return true;
    for (size_t i = 0; is_loaded && i < found.gl_pathc; i++)
        is_loaded = load_file(config, found.gl_pathv[i], depth, number, error);
    globfree(&found);
    return is_loaded;
}

bool config_load_path(struct config *config, const char *path, int *number, struct buffer *error)
{
    return load_path(config, path, 0, number, error);
}

void config_keep_path(struct config *config, const char *path)
{
    char *whole = realpath(path, NULL);
    memory_free(config->path);
    config->path = whole ? bytes_to_string(bytes_of_string(whole)) : NULL;
    free(whole);
}
