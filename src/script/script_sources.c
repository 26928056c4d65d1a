/* SPDX-License-Identifier: MIT */
#include "script/script_sources.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/table.h"

#define LARGEST_FILE ((size_t)16 << 20) /* bytes; larger ones are no scripts */

struct source {
    char sha[DIGEST_SHA1_HEX_SIZE + 1]; /* of the text without its end */
    char *path;                         /* owned */
};

struct script_sources {
    struct table files; /* of struct source, owned, by sum */
};

static struct bytes source_sha(const void *entry)
{
    return bytes_of(((const struct source *)entry)->sha, DIGEST_SHA1_HEX_SIZE);
}
static const struct table_class source_class = {.key_of = source_sha};

/* The sum of the text without line ends and blanks at its end. */
static void sum_up(struct bytes text, char sha[DIGEST_SHA1_HEX_SIZE + 1])
{
    while (text.size && memchr(" \t\r\n", text.data[text.size - 1], 4))
        text.size--;
    digest_sha1_hex(text, sha);
}

static bool read_file(const char *path, struct buffer *text)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t count;
    do {
        count = fread(buffer_reserve(text, 65536), 1, 65536, file);
        text->size += count;
    } while (count && text->size <= LARGEST_FILE);
    bool is_read = !ferror(file) && text->size <= LARGEST_FILE;
    fclose(file);
    return is_read;
}

/* Of two files with one text the first counts. */
static void add_file(struct script_sources *sources, const char *path)
{
    struct buffer text = {0};
    char *absolute = realpath(path, NULL);
    if (absolute && read_file(path, &text)) {
        struct source *source = memory_zeroed(sizeof *source);
        sum_up(buffer_bytes(&text), source->sha);
        if (table_find(&sources->files, source_sha(source))) {
            memory_free(source);
        } else {
            source->path = bytes_to_string(bytes_of_string(absolute));
            table_insert(&sources->files, source);
        }
    }
    free(absolute); /* realpath's */
    buffer_clear(&text);
}

static void add_pattern(struct script_sources *sources, const char *pattern)
{
    glob_t found;
    if (glob(pattern, GLOB_TILDE, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        add_file(sources, found.gl_pathv[i]);
    globfree(&found);
}

struct script_sources *script_sources_new(const char *patterns)
{
    struct script_sources *sources = memory_zeroed(sizeof *sources);
    table_init(&sources->files, &source_class, 0);
    while (*patterns) {
        size_t size = strcspn(patterns, " ");
        char *pattern = bytes_to_string(bytes_of(patterns, size));
        if (size)
            add_pattern(sources, pattern);
        memory_free(pattern);
        patterns += size + (patterns[size] == ' ');
    }
    return sources;
}

static void free_source(void *entry, void *context)
{
    struct source *source = entry;
    (void)context;
    memory_free(source->path);
    memory_free(source);
}

void script_sources_free(struct script_sources *sources)
{
    if (!sources)
        return;
    table_clear(&sources->files, free_source, NULL);
    memory_free(sources);
}

const char *script_sources_find(const struct script_sources *sources, struct bytes text)
{
    char sha[DIGEST_SHA1_HEX_SIZE + 1];
    sum_up(text, sha);
    const struct source *source =
        table_find((struct table *)&sources->files, bytes_of(sha, DIGEST_SHA1_HEX_SIZE));
    return source ? source->path : NULL;
}
