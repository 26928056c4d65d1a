/* SPDX-License-Identifier: MIT */
/*
 * What stands between MULTI and EXEC is looked at when it is read, and run when EXEC has come: it
 * is read a second time then, so nothing is kept.
 */
#include "engine/journal_load.h"

#include "base/memory.h"
#include "base/number.h"
#include "dump/rdb_file.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "engine/persistence_file.h"
#include "engine/session.h"

#define MOST_WORDS ((int64_t)1 << 30)

void journal_load_begin(struct journal_load *load)
{
    struct engine *engine = load->engine;
    load->session = session_new(engine, NULL, NULL);
    load->session->flags |=
        SESSION_AUTHENTICATED | SESSION_EXEMPT | SESSION_IN_EXEC | SESSION_LOADS | SESSION_OBEYED;
    load->session->writer.discards = true;
    load->hits = engine->keyspace.hits;
    load->misses = engine->keyspace.misses;
    engine->keyspace.keeps_overdue = true;
}

void journal_load_end(struct journal_load *load)
{
    struct engine *engine = load->engine;
    engine->keyspace.keeps_overdue = false;
    engine->keyspace.hits = load->hits;
    engine->keyspace.misses = load->misses;
    keyspace_find_earliest(&engine->keyspace);
    session_free(load->session);
    memory_free(load->words);
    load->session = NULL;
    load->words = NULL;
    load->capacity = 0;
}

/* --- reading --- */

enum reading { READ_COMMAND, READ_NOTE, READ_END, READ_CUT_OFF, READ_DAMAGED };

/* The rest of the file, from its beginning on. */
struct place {
    struct bytes rest;
    size_t argc; /* words of the command that was read */
};

static void advance(struct place *place, size_t size)
{
    place->rest = bytes_of(place->rest.data + size, place->rest.size - size);
}

/* A line that begins with the sign and holds a number. */
static enum reading read_length(struct place *place, char sign, int64_t lowest, int64_t *length)
{
    struct bytes rest = place->rest;
    if (rest.size == 0)
        return READ_CUT_OFF;
    if (rest.data[0] != sign)
        return READ_DAMAGED;
    const char *end = memchr(rest.data, '\n', rest.size);
    if (!end)
        return rest.size > NUMBER_INTEGER_SIZE + 2 ? READ_DAMAGED : READ_CUT_OFF;
    size_t size = (size_t)(end - rest.data);
    size_t digits = size && rest.data[size - 1] == '\r' ? size - 1 : size;
    if (digits < 2 || !number_parse_integer(bytes_of(rest.data + 1, digits - 1), length) ||
        *length < lowest || *length > MOST_WORDS)
        return READ_DAMAGED;
    advance(place, size + 1);
    return READ_COMMAND;
}

static enum reading read_word(struct place *place, struct bytes *word)
{
    int64_t length;
    enum reading reading = read_length(place, '$', 0, &length);
    if (reading != READ_COMMAND)
        return reading;
    size_t size = (size_t)length;
    if (place->rest.size < size + 2)
        return READ_CUT_OFF;
    *word = bytes_of(place->rest.data, size);
    advance(place, size + 2); /* Redis does not look at these two, either */
    return READ_COMMAND;
}

static struct bytes *room_for(struct journal_load *load, size_t words)
{
    if (load->capacity < words) {
        load->capacity = words + words / 2;
        load->words = memory_resize(load->words, load->capacity * sizeof *load->words);
    }
    return load->words;
}

/* The next command into load->words; or a line that begins with "#". */
static enum reading read_next(struct journal_load *load, struct place *place)
{
    int64_t count;
    if (place->rest.size == 0)
        return READ_END;
    if (place->rest.data[0] == '#') {
        const char *end = memchr(place->rest.data, '\n', place->rest.size);
        if (!end)
            return READ_CUT_OFF;
        advance(place, (size_t)(end + 1 - place->rest.data));
        return READ_NOTE;
    }
    enum reading reading = read_length(place, '*', 1, &count);
    place->argc = 0;
    for (int64_t i = 0; reading == READ_COMMAND && i < count; i++) {
        struct bytes word = {0};
        reading = read_word(place, &word);
        room_for(load, place->argc + 1)[place->argc] = word;
        place->argc++;
    }
    return reading;
}

/* --- running --- */

/* NULL: the command may be run. */
static const char *find_objection(const struct command_state *state, int argc)
{
    const uint32_t on_data = COMMAND_WRITE | COMMAND_READONLY | COMMAND_MAY_REPLICATE;
    if (!state)
        return "unknown command";
    if (!state->command->run || !dispatch_arity_is_right(state->command, argc))
        return "wrong number of arguments for";
    if (state->flags & COMMAND_NOSCRIPT && !(state->flags & on_data))
        return "a command that changes no data:";
    return NULL;
}

static struct command_state *find_command(struct journal_load *load, size_t argc,
                                          struct buffer *problem)
{
    const struct bytes *argv = load->words;
    struct command_state *state =
        engine_find_command(load->engine, argv[0], argc > 1 ? &argv[1] : NULL);
    const char *objection = find_objection(state, (int)argc);
    if (!objection)
        return state;
    buffer_append_format(problem, "%s '%.*s'", objection, BYTES_PRINT(argv[0]));
    return NULL;
}

static void run(struct journal_load *load, struct command_state *state, size_t argc)
{
    struct engine *engine = load->engine;
    struct session *session = load->session;
    const struct call *outer = engine->running;
    struct session *outer_session = engine->current;
    struct call call = {.engine = engine,
                        .session = session,
                        .db = &engine->keyspace.databases[session->db],
                        .command = state->command,
                        .state = state,
                        .argv = load->words,
                        .argc = (int)argc,
                        .reply = &session->writer.reply,
                        .now_ms = engine->now_us / 1000,
                        .now_us = engine->now_us};
    engine->running = &call;
    engine->current = session;
    engine->depth++;
    state->command->run(&call);
    engine->depth--;
    engine->running = outer;
    engine->current = outer_session;
    session->output.size = 0;
}

/* What the file itself means by a word on its own. */
static bool is_mark(const struct journal_load *load, const struct place *place, const char *word)
{
    return place->argc == 1 && bytes_equal_ignoring_case(load->words[0], word);
}

/* The commands from `place` on, up to EXEC. They were read before. */
static void run_transaction(struct journal_load *load, struct place place)
{
    struct buffer problem = {0};
    enum reading reading;
    while ((reading = read_next(load, &place)) == READ_NOTE || !is_mark(load, &place, "EXEC"))
        if (reading == READ_COMMAND && !is_mark(load, &place, "MULTI"))
            run(load, find_command(load, place.argc, &problem), place.argc);
    buffer_clear(&problem);
}

/* --- files --- */

static enum journal_load_result refuse(enum reading reading, size_t position,
                                       struct buffer *problem)
{
    if (problem->size == 0 && reading == READ_CUT_OFF)
        buffer_append_format(problem, "unexpected end of file after byte %zu", position);
    else if (problem->size == 0)
        buffer_append_format(problem, "bad file format at or after byte %zu", position);
    else
        buffer_append_format(problem, " after byte %zu", position);
    return reading == READ_CUT_OFF ? JOURNAL_LOAD_TRUNCATED : JOURNAL_LOAD_REFUSED;
}

static enum journal_load_result load_commands(struct journal_load *load, struct bytes file,
                                              struct buffer *problem)
{
    struct place place = {.rest = bytes_of(file.data + load->valid, file.size - load->valid)};
    struct place transaction = {0}; /* behind its MULTI */
    bool is_open = false;
    enum reading reading;
    while ((reading = read_next(load, &place)) == READ_COMMAND || reading == READ_NOTE) {
        size_t position = file.size - place.rest.size;
        bool is_command = reading == READ_COMMAND;
        if (is_command && is_mark(load, &place, "MULTI")) {
            transaction = is_open ? transaction : place;
            is_open = true;
        } else if (is_command && is_mark(load, &place, "EXEC")) {
            if (is_open)
                run_transaction(load, transaction);
            is_open = false;
        } else if (is_command) {
            struct command_state *state = find_command(load, place.argc, problem);
            if (!state)
                return refuse(READ_DAMAGED, load->valid, problem);
            if (!is_open)
                run(load, state, place.argc);
        }
        if (!is_open)
            load->valid = position;
    }
    if (reading == READ_END && !is_open)
        return JOURNAL_LOAD_DONE;
    return refuse(reading == READ_END ? READ_CUT_OFF : reading, load->valid, problem);
}

enum journal_load_result journal_load_bytes(struct journal_load *load, struct bytes file,
                                            struct buffer *problem)
{
    load->valid = 0;
    load->session->db = 0;
    if (rdb_file_is_one(file)) {
        if (!persistence_file_load_bytes(load->engine, file, PERSISTENCE_START, &load->valid,
                                         problem))
            return JOURNAL_LOAD_REFUSED;
    }
    return load_commands(load, file, problem);
}
