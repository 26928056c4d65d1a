/* SPDX-License-Identifier: MIT */
/*
 * Directives before the start: a line, a file, the command line. The first thing that is wrong ends
 * the loading, with one line that says where and what.
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

static bool load_path(struct config *config, const char *path, int depth, struct buffer *error);

static bool refuse_words(const struct bytes *words, int count, const char *problem,
                         struct buffer *error)
{
    buffer_append_string(error, "'");
    for (int i = 0; i < count; i++)
        buffer_append_format(error, "%s%.*s", i ? " " : "", BYTES_PRINT(words[i]));
    buffer_append_format(error, "': %s", problem);
    return false;
}

static void keep_line(struct config *config, const struct bytes *words, int count)
{
    struct buffer line = {0};
    for (int i = 0; i < count; i++) {
        if (i)
            buffer_append_byte(&line, ' ');
        buffer_append_bytes(&line, words[i]);
    }
    buffer_append_byte(&line, '\0');
    if (config->line_count == config->line_capacity) {
        config->line_capacity = config->line_capacity ? config->line_capacity * 2 : 4;
        config->lines = memory_resize(config->lines, config->line_capacity * sizeof *config->lines);
    }
    config->lines[config->line_count++] = line.data;
}

const char *config_line(const struct config *config, size_t index)
{
    return index < config->line_count ? config->lines[index] : NULL;
}

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

static bool load_value(struct config *config, const struct bytes *words, int count,
                       struct buffer *error)
{
    struct config_name name;
    if (!config_find_name(words[0], &name))
        return refuse_words(words, count, "bad directive or wrong number of arguments", error);

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
        return refuse_words(words, count, problem, error);
    if (name.id == CONFIG_SAVE)
        load_save(config, &fresh);
    config_value_clear(value);
    *value = fresh;
    config->is_given[name.id] = true;
    config_clamp(config, name.id);
    if (!config_tell(config, name.id, problem))
        return refuse_words(words, count, problem, error);
    return true;
}

static bool load_include(struct config *config, const struct bytes *words, int count, int depth,
                         struct buffer *error)
{
    if (count != 2)
        return refuse_words(words, count, "wrong number of arguments", error);
    char *pattern = bytes_to_string(words[1]);
    bool is_loaded = true;
    glob_t found;
    if (strpbrk(pattern, "*?[")) {
        /* As in Redis, a pattern that nothing matches is no error. */
        if (glob(pattern, 0, NULL, &found) == 0) {
            for (size_t i = 0; is_loaded && i < found.gl_pathc; i++)
                is_loaded = load_path(config, found.gl_pathv[i], depth + 1, error);
            globfree(&found);
        }
    } else {
        is_loaded = load_path(config, pattern, depth + 1, error);
    }
    memory_free(pattern);
    return is_loaded;
}

static bool load_words(struct config *config, const struct bytes *words, int count, int depth,
                       struct buffer *error)
{
    static const char *const kept[] = {"user", "rename-command"};
    static const int kept_least[] = {2, 3};
    /* Directives of older versions that Redis still takes, and drops. */
    static const char *const dropped[] = {"list-max-ziplist-entries", "list-max-ziplist-value"};
    if (bytes_equal_ignoring_case(words[0], "include"))
        return load_include(config, words, count, depth, error);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (!bytes_equal_ignoring_case(words[0], kept[i]))
            continue;
        if (count < kept_least[i])
            return refuse_words(words, count, "wrong number of arguments", error);
        keep_line(config, words, count);
        return true;
    }
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (bytes_equal_ignoring_case(words[0], dropped[i]))
            return true;
    if (bytes_equal_ignoring_case(words[0], "loadmodule"))
        return refuse_words(words, count, "modules cannot be loaded", error);
    return load_value(config, words, count, error);
}

bool config_load(struct config *config, const struct bytes *words, int count, struct buffer *error)
{
    return count == 0 || load_words(config, words, count, 0, error);
}

/* --- files --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool load_line(struct config *config, struct bytes line, int depth, struct buffer *error)
{
    while (line.size && is_blank(line.data[0]))
        line = bytes_of(line.data + 1, line.size - 1);
    while (line.size && is_blank(line.data[line.size - 1]))
        line.size--;
    if (line.size == 0 || line.data[0] == '#')
        return true;
    struct request words = {0};
    bool is_loaded;
    if (request_split_line(line, &words))
        is_loaded = words.argc == 0 || load_words(config, words.argv, words.argc, depth, error);
    else
        is_loaded = refuse_words(&line, 1, "unbalanced quotes", error);
    request_clear(&words);
    return is_loaded;
}

static bool load_text(struct config *config, struct bytes text, const char *path, int depth,
                      struct buffer *error)
{
    int number = 0;
    while (text.size) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) : text.size;
        size_t before = error->size;
        number++;
        if (!load_line(config, bytes_of(text.data, size), depth, error)) {
            /* An included file has said where already. */
            if (error->size > before && error->data[before] == '\'') {
                struct buffer placed = {0};
                buffer_append_format(&placed, "%s:%d: %.*s", path, number,
                                     (int)(error->size - before), error->data + before);
                error->size = before;
                buffer_append_bytes(error, buffer_bytes(&placed));
                buffer_clear(&placed);
            }
            return false;
        }
        size += end != NULL;
        text = bytes_of(text.data + size, text.size - size);
    }
    return true;
}

static bool load_stream(struct config *config, FILE *file, const char *path, int depth,
                        struct buffer *error)
{
    struct buffer text = {0};
    size_t size;
    do {
        size = fread(buffer_reserve(&text, 4096), 1, 4096, file);
        text.size += size;
    } while (size > 0);
    bool is_loaded = !ferror(file);
    if (is_loaded)
        is_loaded = load_text(config, buffer_bytes(&text), path, depth, error);
    else
        buffer_append_format(error, "can't read config file '%s': %s", path, strerror(errno));
    buffer_clear(&text);
    return is_loaded;
}

static bool load_path(struct config *config, const char *path, int depth, struct buffer *error)
{
    if (depth > INCLUDE_DEPTH) {
        buffer_append_format(error, "can't include '%s': too many files within one another", path);
        return false;
    }
    FILE *file = fopen(path, "re");
    if (!file) {
        buffer_append_format(error, "can't open config file '%s': %s", path, strerror(errno));
        return false;
    }
    bool is_loaded = load_stream(config, file, path, depth, error);
    fclose(file);
    return is_loaded;
}

bool config_load_file(struct config *config, const char *path, struct buffer *error)
{
    if (!load_path(config, path, 0, error))
        return false;
    char *whole = realpath(path, NULL);
    memory_free(config->path);
    config->path = whole ? bytes_to_string(bytes_of_string(whole)) : NULL;
    free(whole);
    return true;
}

/* --- the command line --- */

/* One `--name value ...`, from argv[0]; adds to `*used` what it took. The name's argument may hold
 * the whole line ("--port 6380"). */
static bool load_option(struct config *config, int argc, const char *const *argv, int *used,
                        struct buffer *error)
{
    struct bytes head = bytes_of_string(argv[0] + 2);
    struct request name = {0};
    if (!request_split_line(head, &name) || name.argc == 0) {
        request_clear(&name);
        return refuse_words(&(struct bytes){argv[0], strlen(argv[0])}, 1, "not an option", error);
    }
    int count = name.argc;
    struct bytes *words = memory_allocate((size_t)(count + argc + 1) * sizeof *words);
    memcpy(words, name.argv, (size_t)count * sizeof *words);

    /* What follows a name directly is its value, even if it looks like a name (a password may); but
     * `--save --port 1` is an empty save. */
    bool is_save = bytes_equal_ignoring_case(words[0], "save");
    int taken = 1;
    while (taken < argc) {
        bool is_option = strncmp(argv[taken], "--", 2) == 0;
        if (is_option && (count > 1 || is_save))
            break;
        words[count++] = bytes_of_string(argv[taken++]);
    }
    if (is_save && count == 1)
        words[count++] = BYTES_LITERAL("");
    *used += taken;
    bool is_loaded = load_words(config, words, count, 0, error);
    memory_free(words);
    request_clear(&name);
    return is_loaded;
}

bool config_load_arguments(struct config *config, int argc, const char *const *argv,
                           struct buffer *error)
{
    int i = 0;
    if (argc > 0 && strcmp(argv[0], "-") == 0) {
        if (!load_stream(config, stdin, "standard input", 0, error))
            return false;
        i++;
    } else if (argc > 0 && argv[0][0] != '-') {
        if (!config_load_file(config, argv[0], error))
            return false;
        i++;
    }
    /* The command line's first "save" replaces the file's. */
    config->has_loaded_save = false;
    while (i < argc) {
        if (strncmp(argv[i], "--", 2) != 0)
            return refuse_words(&(struct bytes){argv[i], strlen(argv[i])}, 1, "not an option",
                                error);
        if (!load_option(config, argc - i, argv + i, &i, error))
            return false;
    }
    return true;
}
