/* SPDX-License-Identifier: MIT */
#include "engine/persistence_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "dump/rdb_file.h"
#include "engine/blocking.h"
#include "engine/dump_limits.h"
#include "engine/engine.h"
#include "engine/journal_file.h"
#include "engine/persistence.h"
#include "engine/transaction.h"

#define READ_AT_ONCE ((size_t)1 << 16)

char *persistence_file_path(const struct engine *engine)
{
    struct buffer path = {0};
    const char *directory = config_string(engine->config, CONFIG_DIR);
    buffer_append_format(&path, "%s/%s", *directory ? directory : ".",
                         config_string(engine->config, CONFIG_DBFILENAME));
    buffer_append_byte(&path, '\0');
    return path.data;
}

/* --- writing --- */

bool persistence_file_write_bytes(int fd, struct bytes bytes)
{
    while (bytes.size) {
        ssize_t written = write(fd, bytes.data, bytes.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes = bytes_of(bytes.data + written, bytes.size - (size_t)written);
    }
    return true;
}

static bool write_bytes(void *context, struct bytes bytes)
{
    const int *fd = context;
    return persistence_file_write_bytes(*fd, bytes);
}

/* Which word of maxmemory-policy says that access times, or counts, are worth keeping. */
static bool policy_has(const struct engine *engine, const char *word)
{
    struct buffer policy = {0};
    config_format(engine->config, CONFIG_MAXMEMORY_POLICY, &policy);
    buffer_append_byte(&policy, '\0');
    bool has = strstr(policy.data, word) != NULL;
    buffer_clear(&policy);
    return has;
}

static void write_fields(struct engine *engine, struct rdb_file_writer *file, bool is_base)
{
    rdb_file_write_field(file, "redis-ver", engine->version_text);
    rdb_file_write_number(file, "redis-bits", sizeof(void *) * 8);
    rdb_file_write_number(file, "ctime", engine->now_us / 1000000);
    rdb_file_write_number(file, "used-mem", (int64_t)footprint_used(engine));
    rdb_file_write_number(file, engine_emulates(engine, 7, 0) ? "aof-base" : "aof-preamble",
                          is_base);
}

static void write_libraries(const struct engine *engine, struct rdb_file_writer *file)
{
    struct buffer records = {0};
    if (!engine->persistence.libraries || !engine_emulates(engine, 7, 0))
        return;
    engine->persistence.libraries->append(engine, &records, file->version, file->compresses);
    rdb_file_write_records(file, buffer_bytes(&records));
    buffer_clear(&records);
}

static void write_database(struct engine *engine, struct database *db, struct rdb_file_writer *file)
{
    bool tells_idle = policy_has(engine, "lru"), tells_frequency = policy_has(engine, "lfu");
    struct table_iterator iterator;
    rdb_file_write_database(file, db->index, database_count(db), database_deadline_count(db));
    table_iterator_begin(&iterator, &db->keys);
    for (struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;) {
        struct rdb_file_key key = {
            .name = entry_key(entry),
            .deadline_ms = database_deadline(db, entry),
            .idle_seconds = tells_idle ? database_idle_seconds(db, entry) : -1,
            .frequency = tells_frequency ? database_frequency(db, entry) : -1,
        };
        rdb_file_write_key(file, &key, entry_value(entry));
    }
    table_iterator_end(&iterator);
}

static bool write_file(struct engine *engine, int fd, bool is_base)
{
    struct rdb_file_writer file = {
        .sink = write_bytes,
        .context = &fd,
        .version = dump_limits_rdb_version(engine),
        .compresses = config_integer(engine->config, CONFIG_RDBCOMPRESSION),
        .has_checksum = config_integer(engine->config, CONFIG_RDBCHECKSUM),
    };
    rdb_file_begin(&file);
    write_fields(engine, &file, is_base);
    write_libraries(engine, &file);
    for (int i = 0; i < engine->keyspace.count; i++) {
        struct database *db = keyspace_database(&engine->keyspace, i);
        if (database_count(db))
            write_database(engine, db, &file);
    }
    return rdb_file_end(&file);
}

static bool write_dump(struct engine *engine, int fd)
{
    return write_file(engine, fd, false);
}

static bool write_base(struct engine *engine, int fd)
{
    return write_file(engine, fd, true);
}

/* Beside `path`, and of this server alone, whatever else writes there. */
static char *temporary_path(const struct engine *engine, const char *path)
{
    struct buffer name = {0};
    const char *slash = strrchr(path, '/');
    buffer_append_format(&name, "%.*stemp-%d-%.8s.rdb", slash ? (int)(slash + 1 - path) : 0, path,
                         (int)getpid(), engine->run_id);
    buffer_append_byte(&name, '\0');
    return name.data;
}

/* Unlike Redis it does not wait for the disk: a file that outlives a power cut is not what a mock
 * is for. */
bool persistence_file_replace(struct engine *engine, const char *path,
                              bool (*write_contents)(struct engine *engine, int fd))
{
    char *temporary = temporary_path(engine, path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        engine_log(engine, 3, "Failed opening the temp RDB file %s for saving: %s", temporary,
                   strerror(errno));
        memory_free(temporary);
        return false;
    }
    errno = 0;
    bool is_written = write_contents(engine, fd);
    is_written = close(fd) == 0 && is_written;
    is_written = is_written && rename(temporary, path) == 0;
    if (!is_written) {
        engine_log(engine, 3, "Write error saving DB on disk (%s): %s", path, strerror(errno));
        unlink(temporary);
    }
    memory_free(temporary);
    return is_written;
}

bool persistence_file_write(struct engine *engine, const char *path, bool is_base)
{
    return persistence_file_replace(engine, path, is_base ? write_base : write_dump);
}

/* --- reading --- */

struct load {
    struct engine *engine;
    enum persistence_policy policy;
    bool is_trial; /* looks at all, changes nothing */
    struct database *db;
    struct dump_limits limits;
};

static bool load_database(void *context, uint64_t index, struct buffer *problem)
{
    struct load *load = context;
    struct engine *engine = load->engine;
    if (index >= (uint64_t)engine->keyspace.count) {
        buffer_append_format(problem,
                             "Data file was created with a Redis server configured to handle "
                             "more than %d databases",
                             engine->keyspace.count);
        return false;
    }
    load->db = keyspace_database(&engine->keyspace, (int64_t)index);
    load->limits = dump_limits_of(engine, load->db);
    return true;
}

static bool load_library(void *context, uint8_t opcode, struct rdb_reader *reader,
                         struct buffer *problem)
{
    struct load *load = context;
    const struct persistence_libraries *libraries = load->engine->persistence.libraries;
    if (!libraries) {
        buffer_append_string(problem, "the file has functions, and nothing here runs them");
        return false;
    }
    return libraries->read(load->engine, opcode, reader, load->policy == PERSISTENCE_MERGE,
                           !load->is_trial, problem);
}

static bool load_key(void *context, const struct rdb_file_key *key, struct value *value,
                     struct buffer *problem)
{
    struct load *load = context;
    struct engine *engine = load->engine;
    struct database *db = load->db;
    bool is_due = key->deadline_ms <= engine->keyspace.now_ms && !engine->keyspace.keeps_overdue;
    if (is_due || load->is_trial) {
        engine->persistence.expired += is_due && !load->is_trial;
        value_release(value);
        return true;
    }
    if (load->policy == PERSISTENCE_START && database_find(db, key->name, ACCESS_PEEK)) {
        buffer_append_format(problem, "RDB has duplicated key '%.*s' in DB %d",
                             BYTES_PRINT(key->name), db->index);
        value_release(value);
        return false;
    }
    database_delete(db, key->name);
    struct entry *entry = database_add(db, key->name, value);
    if (key->deadline_ms != RDB_FILE_NEVER)
        database_set_deadline(db, entry, key->deadline_ms);
    if (key->idle_seconds >= 0 && !db->keyspace->uses_lfu)
        database_set_idle_seconds(db, entry, key->idle_seconds);
    if (key->frequency >= 0 && db->keyspace->uses_lfu)
        database_set_frequency(db, entry, (uint8_t)key->frequency);
    engine->persistence.loaded++;
    return true;
}

static bool load_field(void *context, struct bytes name, struct bytes text, struct buffer *problem)
{
    const struct load *load = context;
    (void)problem;
    if (!load->is_trial && bytes_equal_string(name, "redis-ver"))
        engine_log(load->engine, 2, "Loading RDB produced by version %.*s", BYTES_PRINT(text));
    return true;
}

static bool read_bytes(struct load *load, struct bytes file, bool is_trial, size_t *end,
                       struct buffer *problem)
{
    load->is_trial = is_trial;
    /* Files of one database need not name it. */
    if (!load_database(load, 0, problem))
        return false;
    const struct rdb_file_options options = {
        .newest_version = dump_limits_rdb_version(load->engine),
        .has_checksum = config_integer(load->engine->config, CONFIG_RDBCHECKSUM),
        .limits = &load->limits,
        .end = end,
    };
    const struct rdb_file_handler handler = {.context = load,
                                             .field = load_field,
                                             .database = load_database,
                                             .library = load_library,
                                             .key = load_key};
    return rdb_file_read(file, &options, &handler, problem);
}

/* Any key may be another now. */
static void tell_of_merge(struct engine *engine)
{
    for (int i = 0; i < engine->keyspace.count; i++) {
        struct database *db = keyspace_database(&engine->keyspace, i);
        transaction_touch_all(engine, db, NULL);
        blocking_signal_all(engine, db);
    }
    tracking_invalidate_all(engine);
    engine->stats.changes += engine->persistence.loaded;
    journal_file_mark_stale(engine);
}

bool persistence_file_load_bytes(struct engine *engine, struct bytes file,
                                 enum persistence_policy policy, size_t *end,
                                 struct buffer *problem)
{
    struct load load = {.engine = engine, .policy = policy};
    if (policy == PERSISTENCE_MERGE && !read_bytes(&load, file, true, end, problem))
        return false;
    engine->persistence.loaded = engine->persistence.expired = 0;
    bool is_loaded = read_bytes(&load, file, false, end, problem);
    if (policy == PERSISTENCE_MERGE)
        tell_of_merge(engine);
    if (is_loaded)
        engine_log(engine, 2, "Done loading RDB, keys loaded: %llu, keys expired: %llu.",
                   (unsigned long long)engine->persistence.loaded,
                   (unsigned long long)engine->persistence.expired);
    return is_loaded;
}

bool persistence_file_read_bytes(const char *path, struct buffer *bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct stat status;
    ssize_t count;
    if (fstat(fd, &status) == 0 && status.st_size > 0)
        buffer_reserve(bytes, (size_t)status.st_size + 1);
    do {
        char *place = buffer_reserve(bytes, READ_AT_ONCE);
        count = read(fd, place, READ_AT_ONCE);
        if (count > 0)
            bytes->size += (size_t)count;
    } while (count > 0 || (count < 0 && errno == EINTR));
    int error = errno;
    close(fd);
    errno = error;
    return count == 0;
}

bool persistence_file_load(struct engine *engine, const char *path, enum persistence_policy policy,
                           struct buffer *problem)
{
    struct buffer bytes = {0}, reason = {0};
    bool is_loaded = false;
    if (!persistence_file_read_bytes(path, &bytes))
        buffer_append_format(problem, "cannot read %s: %s", path, strerror(errno));
    else if (persistence_file_load_bytes(engine, buffer_bytes(&bytes), policy, NULL, &reason))
        is_loaded = true;
    else
        buffer_append_format(problem, "cannot load %s: %.*s", path,
                             BYTES_PRINT(buffer_bytes(&reason)));
    buffer_clear(&bytes);
    buffer_clear(&reason);
    return is_loaded;
}
