/* SPDX-License-Identifier: MIT */
#include "engine/journal_base.h"

#include "engine/dataset_commands.h"
#include "engine/engine.h"
#include "engine/journal.h"
#include "engine/persistence_file.h"

#define ELEMENTS_A_COMMAND 64 /* as Redis has it */
#define MUCH               ((size_t)1 << 20)

struct base {
    int fd;
    struct buffer text;
    bool has_failed;
};

static void hand_over(struct base *base)
{
    base->has_failed =
        base->has_failed || !persistence_file_write_bytes(base->fd, buffer_bytes(&base->text));
    base->text.size = 0;
}

static void append(void *context, const struct bytes *words, int count)
{
    struct base *base = context;
    journal_append_command(&base->text, words, count);
    if (base->text.size > MUCH)
        hand_over(base);
}

static void append_library(void *context, struct bytes code)
{
    const struct bytes words[] = {BYTES_LITERAL("FUNCTION"), BYTES_LITERAL("LOAD"), code};
    append(context, words, 3);
}

static void append_database(struct engine *engine, struct database *db, struct base *base)
{
    struct dataset_commands commands = {
        .engine = engine, .emit = append, .context = base, .elements = ELEMENTS_A_COMMAND};
    struct journal_number room;
    const struct bytes select[] = {BYTES_LITERAL("SELECT"), journal_format(&room, db->index)};
    struct table_iterator iterator;
    append(base, select, 2);
    table_iterator_begin(&iterator, &db->keys);
    for (struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;)
        dataset_commands_make(&commands, db, entry);
    table_iterator_end(&iterator);
    dataset_commands_clear(&commands);
}

static bool write_commands(struct engine *engine, int fd)
{
    struct base base = {.fd = fd};
    const struct persistence_libraries *libraries = engine->persistence.libraries;
    if (config_integer(engine->config, CONFIG_AOF_TIMESTAMP_ENABLED))
        buffer_append_format(&base.text, "#TS:%lld\r\n", (long long)(engine->now_us / 1000000));
    if (libraries && engine_emulates(engine, 7, 0))
        libraries->visit(engine, append_library, &base);
    for (int i = 0; i < engine->keyspace.count; i++) {
        struct database *db = keyspace_database(&engine->keyspace, i);
        if (database_count(db))
            append_database(engine, db, &base);
    }
    hand_over(&base);
    buffer_clear(&base.text);
    return !base.has_failed;
}

bool journal_base_write(struct engine *engine, const char *path, bool is_rdb)
{
    return is_rdb ? persistence_file_write(engine, path, true)
                  : persistence_file_replace(engine, path, write_commands);
}
