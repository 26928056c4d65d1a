/* SPDX-License-Identifier: MIT */
/*
 * The command line. As in Redis its options become lines of a text, which is read behind the file
 * and standard input: so they have line numbers, and quotes keep blanks together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "engine/config.h"
#include "engine/config_private.h"
#include "resp/request_parser.h"

static bool is_name(const char *word)
{
    return strncmp(word, "--", 2) == 0;
}

/* Whether the word is a name alone, rather than a whole line such as "--port 6380". */
static bool is_lone(const char *word)
{
    struct request words = {0};
    bool is_lone = request_split_line(bytes_of_string(word), &words) && words.argc == 1;
    request_clear(&words);
    return is_lone;
}

/* Whether "-" there is standard input, as the first or the last word. It may be a value, too, of
 * one of our own directives: `--report -`. */
static bool is_input(int argc, const char *const *argv, int i)
{
    struct config_name name;
    if (strcmp(argv[i], "-") != 0 || (i > 0 && i < argc - 1))
        return false;
    return i == 0 || !is_name(argv[i - 1]) ||
           !config_find_name(bytes_of_string(argv[i - 1] + 2), &name) ||
           !(directive_of(name.id)->flags & CONFIG_OURS);
}

/* What follows a name directly is its value, even if it looks like a name (a password may); but
 * `--save --port 1` is an empty save. */
static void append_options(int argc, const char *const *argv, int first, bool *reads_input,
                           struct buffer *text)
{
    bool may_be_name = true;
    for (int i = first; i < argc; i++) {
        bool is_last = i == argc - 1;
        if (is_input(argc, argv, i)) {
            *reads_input = true;
        } else if (may_be_name && is_name(argv[i])) {
            buffer_append_format(text, "%s%s ", text->size ? "\n" : "", argv[i] + 2);
            bool is_empty_save =
                strcasecmp(argv[i], "--save") == 0 && (is_last || is_name(argv[i + 1]));
            if (is_empty_save)
                buffer_append_string(text, "\"\"");
            may_be_name = is_empty_save || !is_lone(argv[i]);
        } else {
            buffer_append_quoted(text, bytes_of_string(argv[i]));
            buffer_append_byte(text, ' ');
            may_be_name = true;
        }
    }
}

static bool load_input(struct config *config, int *number, struct buffer *error)
{
    struct buffer text = {0};
    size_t size;
    do {
        size = fread(buffer_reserve(&text, 4096), 1, 4096, stdin);
        text.size += size;
    } while (size > 0);
    bool is_loaded = config_load_text(config, buffer_bytes(&text), NULL, number, error);
    buffer_clear(&text);
    return is_loaded;
}

/* Which version it is shows in the first message already. */
static void load_version(struct config *config, int argc, const char *const *argv)
{
    struct bytes words[] = {BYTES_LITERAL("emulate"), {0}};
    struct buffer ignored = {0};
    for (int i = 0; i + 1 < argc; i++) {
        words[1] = bytes_of_string(argv[i + 1]);
        if (strcasecmp(argv[i], "--emulate") == 0)
            config_load(config, words, 2, &ignored);
    }
    buffer_clear(&ignored);
}

static char *absolute_path(const char *path)
{
    struct buffer whole = {0};
    char *directory = *path == '/' ? NULL : realpath(".", NULL);
    buffer_append_format(&whole, "%s%s%s", directory ? directory : "", directory ? "/" : "", path);
    buffer_append_byte(&whole, '\0');
    free(directory);
    return whole.data;
}

bool config_load_arguments(struct config *config, int argc, const char *const *argv,
                           struct buffer *error)
{
    struct buffer options = {0};
    bool reads_input = false, has_file = argc > 0 && argv[0][0] != '-';
    int number = 1;
    load_version(config, argc, argv);
    append_options(argc, argv, has_file, &reads_input, &options);
    char *path = has_file ? absolute_path(argv[0]) : NULL;
    if (path)
        config_keep_path(config, path);
    bool is_loaded = !path || config_load_path(config, path, &number, error);
    memory_free(path);
    is_loaded = is_loaded && (!reads_input || load_input(config, &number, error));
    number++;
    is_loaded = is_loaded && config_load_text(config, buffer_bytes(&options), NULL, &number, error);
    buffer_clear(&options);
    return is_loaded && config_fits_together(config, error);
}
