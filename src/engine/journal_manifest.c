/* SPDX-License-Identifier: MIT */
#include "engine/journal_manifest.h"

#include "base/memory.h"
#include "base/number.h"
#include "resp/request_parser.h"

#define LONGEST_LINE 1024 /* Redis reads no longer ones */

void journal_manifest_clear(struct journal_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        memory_free(manifest->files[i].name);
    memory_free(manifest->files);
    *manifest = (struct journal_manifest){0};
}

void journal_manifest_add(struct journal_manifest *manifest, enum journal_part part,
                          const char *name, int64_t sequence)
{
    size_t place = manifest->count;
    manifest->files =
        memory_resize(manifest->files, (manifest->count + 1) * sizeof *manifest->files);
    while (place > 0 && manifest->files[place - 1].part > part) {
        manifest->files[place] = manifest->files[place - 1];
        place--;
    }
    manifest->files[place] = (struct journal_manifest_file){
        .name = bytes_to_string(bytes_of_string(name)), .sequence = sequence, .part = part};
    manifest->count++;
    if (part == JOURNAL_BASE)
        manifest->base_sequence = sequence;
    if (part == JOURNAL_INCREMENT)
        manifest->increment_sequence = sequence;
}

void journal_manifest_copy(struct journal_manifest *to, const struct journal_manifest *from)
{
    *to = (struct journal_manifest){0};
    for (size_t i = 0; i < from->count; i++)
        journal_manifest_add(to, from->files[i].part, from->files[i].name, from->files[i].sequence);
    to->base_sequence = from->base_sequence;
    to->increment_sequence = from->increment_sequence;
}

/* --- reading --- */

/* A file within the directory, and nowhere else. */
static bool is_plain_name(struct bytes name)
{
    return name.size && !memchr(name.data, '/', name.size) && !memchr(name.data, '\0', name.size) &&
           !bytes_equal_string(name, ".") && !bytes_equal_string(name, "..");
}

static bool is_part(struct bytes text)
{
    return text.size == 1 && (text.data[0] == JOURNAL_BASE || text.data[0] == JOURNAL_HISTORY ||
                              text.data[0] == JOURNAL_INCREMENT);
}

/* Pairs of a word and its value; what is not known is read over, as in Redis. NULL, or why not. */
static const char *read_words(struct journal_manifest *manifest, const struct bytes *words,
                              int count)
{
    struct bytes name = {0}, part = {0};
    int64_t sequence = 0;
    if (count < 6 || count % 2)
        return "Invalid AOF manifest file format";
    for (int i = 0; i < count; i += 2) {
        struct bytes value = words[i + 1];
        if (bytes_equal_ignoring_case(words[i], "file"))
            name = value;
        else if (bytes_equal_ignoring_case(words[i], "type"))
            part = value;
        else if (bytes_equal_ignoring_case(words[i], "seq") &&
                 !number_parse_integer(value, &sequence))
            sequence = 0;
    }
    if (!is_plain_name(name))
        return name.size ? "File can't be a path, just a filename"
                         : "Invalid AOF manifest file format";
    if (sequence <= 0 || !is_part(part))
        return "Invalid AOF manifest file format";
    if (part.data[0] == JOURNAL_BASE && manifest->base_sequence)
        return "Found duplicate base file information";
    if (part.data[0] == JOURNAL_INCREMENT && sequence <= manifest->increment_sequence)
        return "Found a non-monotonic sequence number";
    char *copy = bytes_to_string(name);
    journal_manifest_add(manifest, (enum journal_part)part.data[0], copy, sequence);
    memory_free(copy);
    return NULL;
}

static const char *read_line(struct journal_manifest *manifest, struct bytes line)
{
    struct request request = {0};
    if (line.size >= LONGEST_LINE)
        return "The AOF manifest file contains too long line";
    while (line.size && strchr(" \t\r", line.data[line.size - 1]))
        line.size--;
    if (line.size == 0)
        return "Invalid AOF manifest file format";
    const char *problem = request_split_line(line, &request)
                              ? read_words(manifest, request.argv, request.argc)
                              : "Invalid AOF manifest file format";
    request_clear(&request);
    return problem;
}

bool journal_manifest_read(struct journal_manifest *manifest, struct bytes text,
                           struct buffer *problem)
{
    const char *reason = text.size ? NULL : "Found an empty AOF manifest";
    size_t number = 0;
    while (text.size && !reason) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) : text.size;
        number++;
        if (!end)
            reason = "The AOF manifest file contains too long line";
        else if (text.data[0] != '#')
            reason = read_line(manifest, bytes_of(text.data, size));
        size += end != NULL;
        text = bytes_of(text.data + size, text.size - size);
    }
    if (!reason)
        return true;
    buffer_append_format(problem, "%s (line %zu)", reason, number);
    journal_manifest_clear(manifest);
    return false;
}

/* --- writing --- */

static bool is_plain_text(const char *name)
{
    for (; *name; name++)
        if (*name <= ' ' || *name == '"' || *name == '\'' || *name == '\\' || *name >= 127)
            return false;
    return true;
}

void journal_manifest_write(const struct journal_manifest *manifest, struct buffer *text)
{
    for (size_t i = 0; i < manifest->count; i++) {
        const struct journal_manifest_file *file = &manifest->files[i];
        buffer_append_string(text, "file ");
        if (is_plain_text(file->name))
            buffer_append_string(text, file->name);
        else
            buffer_append_quoted(text, bytes_of_string(file->name));
        buffer_append_format(text, " seq %lld type %c\n", (long long)file->sequence,
                             (char)file->part);
    }
}

/* --- changing --- */

static char *format_name(const char *prefix, int64_t sequence, const char *suffix)
{
    struct buffer name = {0};
    buffer_append_format(&name, "%s.%lld.%s", prefix, (long long)sequence, suffix);
    buffer_append_byte(&name, '\0');
    return name.data;
}

char *journal_manifest_next_base(const struct journal_manifest *manifest, const char *prefix,
                                 bool is_rdb)
{
    return format_name(prefix, manifest->base_sequence + 1, is_rdb ? "base.rdb" : "base.aof");
}

char *journal_manifest_next_increment(const struct journal_manifest *manifest, const char *prefix)
{
    return format_name(prefix, manifest->increment_sequence + 1, "incr.aof");
}

void journal_manifest_retire(struct journal_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++)
        manifest->files[i].part = JOURNAL_HISTORY;
}

void journal_manifest_forget(struct journal_manifest *manifest)
{
    size_t kept = 0;
    for (size_t i = 0; i < manifest->count; i++) {
        if (manifest->files[i].part == JOURNAL_HISTORY)
            memory_free(manifest->files[i].name);
        else
            manifest->files[kept++] = manifest->files[i];
    }
    manifest->count = kept;
}

const struct journal_manifest_file *
journal_manifest_last_increment(const struct journal_manifest *manifest)
{
    const struct journal_manifest_file *last =
        manifest->count ? &manifest->files[manifest->count - 1] : NULL;
    return last && last->part == JOURNAL_INCREMENT ? last : NULL;
}

size_t journal_manifest_live_count(const struct journal_manifest *manifest)
{
    size_t count = 0;
    for (size_t i = 0; i < manifest->count; i++)
        count += manifest->files[i].part != JOURNAL_HISTORY;
    return count;
}
