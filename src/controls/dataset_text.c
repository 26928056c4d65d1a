/* SPDX-License-Identifier: MIT */
#include "controls/dataset_text.h"

#include <stdlib.h>

#include "base/memory.h"
#include "controls/matcher.h"
#include "engine/dataset_commands.h"
#include "engine/engine.h"

/* --- words --- */

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           strchr("_:.-/@+=,*$%&!?;{}[]()<>^|~", c);
}

static void append_word(struct buffer *text, struct bytes word, bool is_first)
{
    bool needs_quotes = word.size == 0;
    for (size_t i = 0; i < word.size && !needs_quotes; i++)
        needs_quotes = word.data[i] == '\0' || !is_plain(word.data[i]);
    if (!is_first)
        buffer_append_byte(text, ' ');
    if (needs_quotes)
        buffer_append_quoted(text, word);
    else
        buffer_append_bytes(text, word);
}

/* One command, one line. */
static void append_line(void *context, const struct bytes *words, int count)
{
    struct buffer *text = context;
    for (int i = 0; i < count; i++)
        append_word(text, words[i], i == 0);
    buffer_append_byte(text, '\n');
}

/* --- keys --- */

static int compare_entries(const void *a, const void *b)
{
    return bytes_compare(entry_key(*(const struct entry *const *)a),
                         entry_key(*(const struct entry *const *)b));
}

/* The entries that fit, in order; owned by the caller. */
static const struct entry **list_entries(struct database *db, struct bytes glob, size_t *count)
{
    const struct entry **entries = memory_allocate((database_count(db) + 1) * sizeof *entries);
    struct table_iterator iterator;
    const struct entry *entry;
    *count = 0;
    table_iterator_begin(&iterator, &db->keys);
    while ((entry = table_iterator_next(&iterator)) != NULL)
        if (matcher_glob(glob, entry_key(entry)))
            entries[(*count)++] = entry;
    table_iterator_end(&iterator);
    if (*count)
        qsort(entries, *count, sizeof *entries, compare_entries);
    return entries;
}

static void append_database(struct engine *engine, struct database *db, struct bytes glob,
                            int *selected, struct buffer *text)
{
    size_t count;
    struct dataset_commands commands = {.engine = engine, .emit = append_line, .context = text};
    const struct entry **entries = list_entries(db, glob, &count);
    if (count && *selected != db->index) {
        buffer_append_format(text, "SELECT %d\n", db->index);
        *selected = db->index;
    }
    for (size_t i = 0; i < count; i++)
        dataset_commands_make(&commands, db, entries[i]);
    dataset_commands_clear(&commands);
    memory_free(entries);
}

void dataset_text_append(struct engine *engine, struct bytes glob, struct buffer *text)
{
    int selected = 0;
    for (int i = 0; i < engine->keyspace.count; i++)
        append_database(engine, &engine->keyspace.databases[i], glob, &selected, text);
}
