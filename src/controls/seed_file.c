/* SPDX-License-Identifier: MIT */
#include "controls/seed_file.h"

#include <errno.h>
#include <stdio.h>

#include "dump/rdb_file.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "engine/persistence_file.h"
#include "engine/session.h"
#include "resp/request_parser.h"

static bool read_file(const char *path, struct buffer *text, struct buffer *problem)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        buffer_append_format(problem, "cannot read %s: %s", path, strerror(errno));
        return false;
    }
    size_t count;
    do {
        buffer_reserve(text, 1 << 16);
        count = fread(text->data + text->size, 1, text->capacity - text->size, file);
        text->size += count;
    } while (count);
    bool is_whole = !ferror(file);
    if (!is_whole)
        buffer_append_format(problem, "cannot read %s: %s", path, strerror(errno));
    fclose(file);
    return is_whole;
}

/* The next line, without its end. False: there is none. */
static bool take_line(struct bytes *text, struct bytes *line)
{
    if (text->size == 0)
        return false;
    const char *end = memchr(text->data, '\n', text->size);
    size_t size = end ? (size_t)(end - text->data) : text->size;
    *line = bytes_of(text->data, size);
    size += end != NULL;
    *text = bytes_of(text->data + size, text->size - size);
    while (line->size && strchr("\r \t", line->data[line->size - 1]))
        line->size--;
    while (line->size && strchr(" \t", line->data[0]))
        *line = bytes_of(line->data + 1, line->size - 1);
    return true;
}

/* Why the command that the session has just run failed; NULL: it did not. Terminated. */
static const char *find_failure(struct session *session, uint64_t errors)
{
    struct buffer *output = &session->output;
    buffer_append_byte(output, '\0');
    if (session->blocked) {
        blocking_cancel(session);
        return "the command waits";
    }
    if (session->writer.reply.errors == errors)
        return NULL;
    output->data[strcspn(output->data, "\r")] = '\0';
    return output->data[0] == '-' ? output->data + 1 : session->writer.reply.error_code;
}

static bool run_line(struct session *session, struct bytes line, struct request *request,
                     const char *name, size_t number, struct buffer *problem)
{
    const char *failure = "the quotes are not balanced";
    if (request_split_line(line, request)) {
        uint64_t errors = session->writer.reply.errors;
        session->output.size = 0;
        session_execute(session, request->argv, request->argc);
        failure = find_failure(session, errors);
    }
    if (failure)
        buffer_append_format(problem, "%s, line %zu: %s", name, number, failure);
    return !failure;
}

static int64_t load_rdb_file(struct engine *engine, const char *name, struct bytes file,
                             struct buffer *problem)
{
    struct buffer reason = {0};
    bool is_loaded = persistence_file_load_bytes(engine, file, PERSISTENCE_MERGE, NULL, &reason);
    if (!is_loaded)
        buffer_append_format(problem, "cannot load %s: %.*s", name,
                             BYTES_PRINT(buffer_bytes(&reason)));
    buffer_clear(&reason);
    return is_loaded ? (int64_t)engine->persistence.loaded : -1;
}

int64_t seed_file_run(struct engine *engine, const char *name, struct bytes text,
                      struct buffer *problem)
{
    if (rdb_file_is_one(text))
        return load_rdb_file(engine, name, text, problem);
    struct session *session = session_new(engine, NULL, NULL);
    session->flags |= SESSION_OBEYED;
    struct request request = {0};
    struct bytes line;
    int64_t count = 0;
    for (size_t number = 1; count >= 0 && take_line(&text, &line); number++) {
        if (line.size == 0 || line.data[0] == '#')
            continue;
        count = run_line(session, line, &request, name, number, problem) ? count + 1 : -1;
        if (session->flags & (SESSION_CLOSE_NOW | SESSION_CLOSE_AFTER_REPLY))
            break;
    }
    request_clear(&request);
    session_free(session);
    return count;
}

int64_t seed_file_load(struct engine *engine, const char *path, struct buffer *problem)
{
    struct buffer text = {0};
    int64_t count = -1;
    if (read_file(path, &text, problem))
        count = seed_file_run(engine, path, buffer_bytes(&text), problem);
    buffer_clear(&text);
    return count;
}
