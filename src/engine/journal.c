/* SPDX-License-Identifier: MIT */
/*
 * Invariant: the unit begins with a command for unit_db, without SELECT; SELECT stands in it where
 * the database changes. The output ends with a command for output_db.
 */
#include "engine/journal.h"

#include "base/memory.h"
#include "engine/engine.h"
#include "engine/session.h"

#define ROOM 16 /* arguments that need no allocation */

/* --- the form of the file --- */

static void append_length(struct buffer *out, char sign, size_t length)
{
    char digits[NUMBER_INTEGER_SIZE];
    buffer_append_byte(out, sign);
    buffer_append(out, digits, number_format_integer(digits, (int64_t)length));
    buffer_append(out, "\r\n", 2);
}

void journal_append_command(struct buffer *out, const struct bytes *argv, int argc)
{
    append_length(out, '*', (size_t)argc);
    for (int i = 0; i < argc; i++) {
        append_length(out, '$', argv[i].size);
        buffer_append_bytes(out, argv[i]);
        buffer_append(out, "\r\n", 2);
    }
}

static void append_word(struct buffer *out, struct bytes word)
{
    journal_append_command(out, &word, 1);
}

static void append_select(struct buffer *out, int db)
{
    struct journal_number room;
    const struct bytes argv[] = {BYTES_LITERAL("SELECT"), journal_format(&room, db)};
    journal_append_command(out, argv, 2);
}

struct bytes journal_format(struct journal_number *room, int64_t number)
{
    return bytes_of(room->digits, number_format_integer(room->digits, number));
}

/* --- units --- */

static void field_expires(void *context, struct database *db, struct bytes key, struct bytes field);

void journal_begin(struct engine *engine)
{
    struct journal *journal = &engine->journal;
    journal->is_on = true;
    journal->output_db = -1;
    journal->stamped_s = 0;
    engine->keyspace.listener.field_expires = field_expires;
}

void journal_end(struct engine *engine)
{
    struct journal *journal = &engine->journal;
    journal->is_on = false;
    journal->unit_count = 0;
    buffer_clear(&journal->unit);
    buffer_clear(&journal->output);
    engine->keyspace.listener.field_expires = NULL;
}

static void append(struct engine *engine, int db, const struct bytes *argv, int argc)
{
    struct journal *journal = &engine->journal;
    if (journal->unit_count++ == 0)
        journal->unit_db = db;
    else if (db != journal->db)
        append_select(&journal->unit, db);
    journal->db = db;
    journal_append_command(&journal->unit, argv, argc);
}

/* One a second at most, of Redis's form. */
static void append_stamp(struct engine *engine)
{
    struct journal *journal = &engine->journal;
    int64_t now_s = engine->now_us / 1000000;
    if (!config_integer(engine->config, CONFIG_AOF_TIMESTAMP_ENABLED) ||
        now_s <= journal->stamped_s)
        return;
    journal->stamped_s = now_s;
    buffer_append_format(&journal->output, "#TS:%lld\r\n", (long long)now_s);
}

void journal_end_unit(struct engine *engine)
{
    struct journal *journal = &engine->journal;
    if (journal->unit_count == 0)
        return;
    bool is_wrapped = journal->unit_count > 1;
    size_t start = journal->output.size;
    append_stamp(engine);
    if (journal->unit_db != journal->output_db)
        append_select(&journal->output, journal->unit_db);
    if (is_wrapped)
        append_word(&journal->output, BYTES_LITERAL("MULTI"));
    buffer_append_bytes(&journal->output, buffer_bytes(&journal->unit));
    if (is_wrapped)
        append_word(&journal->output, BYTES_LITERAL("EXEC"));
    journal->offset += journal->output.size - start;
    journal->output_db = journal->db;
    journal->unit.size = 0;
    journal->unit_count = 0;
    if (engine->current)
        engine->current->journal_offset = journal->offset;
}

/* --- for commands --- */

bool journal_wants(const struct call *call)
{
    const struct engine *engine = call->engine;
    return engine->journal.is_on && !engine->is_trial &&
           !(call->session->flags & SESSION_UNRECORDED);
}

void journal_replace(struct call *call, const struct bytes *argv, int argc)
{
    call->record = CALL_REPLACED;
    if (journal_wants(call))
        append(call->engine, call->db->index, argv, argc);
}

void journal_replace_words(struct call *call, const struct journal_edit *edits, int count)
{
    struct bytes room[ROOM] = {0};
    struct bytes *argv = room;
    int argc = 0;
    if (call->argc > ROOM)
        argv = memory_allocate((size_t)call->argc * sizeof *argv);
    for (int i = 0; i < call->argc; i++) {
        const struct journal_edit *edit = edits;
        while (edit < edits + count && edit->index != i)
            edit++;
        if (edit == edits + count)
            argv[argc++] = call->argv[i];
        else if (edit->word.data)
            argv[argc++] = edit->word;
    }
    journal_replace(call, argv, argc);
    if (argv != room)
        memory_free(argv);
}

void journal_skip(struct call *call)
{
    call->record = CALL_REPLACED;
}

void journal_force(struct call *call)
{
    call->record = CALL_RECORDED_ALWAYS;
}

static struct bytes word_for_expiry(const struct engine *engine)
{
    return engine->keyspace.is_lazy_on_expiry ? BYTES_LITERAL("UNLINK") : BYTES_LITERAL("DEL");
}

void journal_replace_by_expiry(struct call *call, struct bytes key)
{
    JOURNAL_REPLACE(call, word_for_expiry(call->engine), key);
}

/* --- for the engine --- */

void journal_end_call(const struct call *call, uint64_t changes)
{
    struct engine *engine = call->engine;
    bool has_changed = call->record == CALL_RECORDED && engine->stats.changes != changes;
    bool is_write = call->command->flags & (COMMAND_WRITE | COMMAND_MAY_REPLICATE);
    if (((has_changed && is_write) || call->record == CALL_RECORDED_ALWAYS) && journal_wants(call))
        append(engine, call->db->index, call->argv, call->argc);
    if (engine->depth == 0)
        journal_end_unit(engine);
}

static void append_deletion(struct engine *engine, const struct database *db, struct bytes word,
                            struct bytes key)
{
    const struct bytes argv[] = {word, key};
    if (engine->is_trial)
        return;
    append(engine, db->index, argv, 2);
    if (engine->depth == 0)
        journal_end_unit(engine);
}

void journal_key_expired(struct engine *engine, const struct database *db, struct bytes key)
{
    append_deletion(engine, db, word_for_expiry(engine), key);
}

void journal_key_evicted(struct engine *engine, const struct database *db, struct bytes key)
{
    bool is_lazy = config_integer(engine->config, CONFIG_LAZYFREE_LAZY_EVICTION);
    append_deletion(engine, db, is_lazy ? BYTES_LITERAL("UNLINK") : BYTES_LITERAL("DEL"), key);
}

static void field_expires(void *context, struct database *db, struct bytes key, struct bytes field)
{
    struct engine *engine = context;
    const struct bytes argv[] = {BYTES_LITERAL("HDEL"), key, field};
    if (engine->is_trial)
        return;
    append(engine, db->index, argv, 3);
    if (engine->depth == 0)
        journal_end_unit(engine);
}
