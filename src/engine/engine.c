/* SPDX-License-Identifier: MIT */
#include "engine/engine.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "engine/cluster.h"
#include "engine/command_table.h"
#include "engine/journal_file.h"
#include "engine/monitor.h"
#include "engine/notify.h"
#include "engine/session.h"
#include "engine/transaction.h"

#define CLOCK_PATIENCE_US 4 /* of a batch: TIME is older by so much at most */

/* What `emulate` takes, and the full version that the emulated server gives as its own. */
static const struct {
    const char *short_version;
    const char *full_version;
} emulated_versions[] = {
    {"6.2", "6.2.14"}, {"7.0", "7.0.15"}, {"7.2", "7.2.4"}, {"7.4", "7.4.2"}, {"8.0", "8.0.0"}};

static struct bytes key_of_error(const void *entry)
{
    const struct error_count *error = entry;
    return bytes_of(error->code, error->code_size);
}
static const struct table_class error_class = {.key_of = key_of_error};

static void free_error_count(void *entry, void *context)
{
    (void)context;
    memory_free(entry);
}

const char *engine_full_version(const char *emulate)
{
    for (size_t i = 0; i < sizeof emulated_versions / sizeof emulated_versions[0]; i++)
        if (strcmp(emulate, emulated_versions[i].short_version) == 0)
            return emulated_versions[i].full_version;
    return emulate;
}

static void set_version(struct engine *engine, const char *emulate)
{
    snprintf(engine->version_text, sizeof engine->version_text, "%s", engine_full_version(emulate));
    engine->version = command_version_number(engine->version_text);
}

static void key_expired(void *context, struct database *db, struct bytes key)
{
    struct engine *engine = context;
    if (engine->journal.is_on)
        journal_key_expired(engine, db, key);
    notify_event(engine, ANNOUNCE_EXPIRED, "expired", db->index, key);
    transaction_touch(engine, db->index, key);
    tracking_invalidate(engine, NULL, key);
    blocking_signal(engine, db, key);
}

static void key_evicted(void *context, struct database *db, struct bytes key)
{
    struct engine *engine = context;
    if (engine->journal.is_on)
        journal_key_evicted(engine, db, key);
    transaction_touch(engine, db->index, key);
    tracking_invalidate(engine, NULL, key);
    notify_event(engine, ANNOUNCE_EVICTED, "evicted", db->index, key);
    blocking_signal(engine, db, key);
}

static void fields_expired(void *context, struct database *db, struct bytes key, bool is_emptied)
{
    struct engine *engine = context;
    notify_event(engine, ANNOUNCE_HASH, "hexpired", db->index, key);
    if (is_emptied)
        notify_event(engine, ANNOUNCE_GENERIC, "del", db->index, key);
    transaction_touch(engine, db->index, key);
    tracking_invalidate(engine, NULL, key);
    blocking_signal(engine, db, key);
}

static void key_restored(void *context, struct database *db, struct bytes key)
{
    struct engine *engine = context;
    transaction_touch(engine, db->index, key);
    tracking_invalidate(engine, NULL, key);
    blocking_signal(engine, db, key);
}

static void database_replaced(void *context, struct database *db, struct database *former)
{
    struct engine *engine = context;
    transaction_touch_all(engine, db, former);
    tracking_invalidate_all(engine);
    blocking_signal_all(engine, db);
}

static void apply_config(struct engine *engine)
{
    engine->keyspace.lfu_log_factor = (int)config_integer(engine->config, CONFIG_LFU_LOG_FACTOR);
    engine->keyspace.lfu_decay_time = (int)config_integer(engine->config, CONFIG_LFU_DECAY_TIME);
    engine->keyspace.is_lazy_on_expiry =
        config_integer(engine->config, CONFIG_LAZYFREE_LAZY_EXPIRE);
    engine->keyspace.is_lazy_on_overwrite =
        config_integer(engine->config, CONFIG_LAZYFREE_LAZY_SERVER_DEL);
    eviction_configure(engine);
    client_limits_configure(&engine->limits, engine->config);
    notify_configure(engine);
    persistence_configure(engine);
    latency_configure(engine);
}

void engine_config_changed(struct engine *engine, enum config_id id)
{
    switch (id) {
    case CONFIG_LFU_LOG_FACTOR:
    case CONFIG_LFU_DECAY_TIME:
    case CONFIG_LAZYFREE_LAZY_EVICTION:
    case CONFIG_LAZYFREE_LAZY_EXPIRE:
    case CONFIG_LAZYFREE_LAZY_SERVER_DEL:
    case CONFIG_MAXMEMORY_EVICTION_TENACITY:
    case CONFIG_MAXMEMORY_SAMPLES:
    case CONFIG_MAXMEMORY_CLIENTS:
    case CONFIG_CLIENT_OUTPUT_BUFFER_LIMIT:
    case CONFIG_CLIENT_QUERY_BUFFER_LIMIT:
    case CONFIG_MAXMEMORY_POLICY:
    case CONFIG_NOTIFY_KEYSPACE_EVENTS:
    case CONFIG_SAVE:
        apply_config(engine);
        break;
    case CONFIG_LATENCY_MONITOR_THRESHOLD:
    case CONFIG_SLOWLOG_LOG_SLOWER_THAN:
        latency_configure(engine);
        break;
    case CONFIG_LATENCY_TRACKING:
        latency_configure(engine);
        latency_begin(engine);
        break;
    case CONFIG_MAXMEMORY:
        apply_config(engine);
        eviction_limit_changed(engine);
        break;
    case CONFIG_REQUIREPASS:
        acl_set_default_password(engine);
        break;
    default:
        break;
    }
}

/* Orders in tables shall repeat with the seed, and not tell of the random numbers that follow. */
static uint64_t hash_seed_for(uint64_t seed)
{
    struct random random;
    random_seed(&random, ~seed);
    return random_next(&random);
}

struct engine *engine_new(const struct engine_options *options)
{
    struct engine *engine = memory_zeroed(sizeof *engine);
    engine->config = options->config;
    config_apply_version(engine->config);
    engine->config_at_start = config_copy(options->config);
    engine->clock = options->clock;
    engine->host = options->host;
    engine->next_session_id = 1;
    stopwatch_start(&engine->stopwatch);
    engine->now_us = clock_now_us(engine->clock);
    engine->started_us = engine->now_us;
    engine->seed = options->seed;
    random_seed(&engine->random, options->seed);
    random_hex(&engine->random, engine->run_id, sizeof engine->run_id - 1);
    set_version(engine, config_string(engine->config, CONFIG_EMULATE));
    uint64_t hash_seed = hash_seed_for(options->seed);
    table_init(&engine->errors, &error_class, hash_seed);
    key_registry_init(&engine->watched, hash_seed);
    blocking_init(&engine->blocking, hash_seed);
    pubsub_init(&engine->pubsub, hash_seed);
    tracking_init(&engine->tracking, hash_seed);
    command_table_init(engine, options->families, options->like, hash_seed);
    acl_init(engine);
    keyspace_init(&engine->keyspace, (int)config_integer(engine->config, CONFIG_DATABASES),
                  hash_seed, &engine->random);
    engine->keyspace.now_ms = engine->now_us / 1000;
    engine->keyspace.listener = (struct keyspace_listener){.context = engine,
                                                           .expired = key_expired,
                                                           .evicted = key_evicted,
                                                           .fields_expired = fields_expired,
                                                           .restored = key_restored,
                                                           .replaced = database_replaced};
    if (config_integer(engine->config, CONFIG_CLUSTER_ENABLED)) {
        engine->cluster = cluster_new(&engine->random);
        keyspace_index_slots(&engine->keyspace);
    }
    replication_init(engine, options->seed);
    persistence_init(engine);
    engine->journal.facts.last_rewrite_s = -1;
    apply_config(engine);
    footprint_start(engine);
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    CHECK(engine->sessions.count == 0);
    eviction_clear(engine);
    keyspace_clear(&engine->keyspace);
    acl_clear(&engine->acl);
    command_table_clear(engine);
    command_names_clear(&engine->names);
    table_clear(&engine->errors, free_error_count, NULL);
    slowlog_clear(&engine->slowlog);
    latency_clear(&engine->latency);
    key_registry_clear(&engine->watched);
    blocking_clear(&engine->blocking);
    pubsub_clear(&engine->pubsub);
    tracking_clear(&engine->tracking);
    persistence_clear(engine);
    journal_file_clear(engine);
    cluster_free(engine->cluster);
    replication_clear(engine);
    config_free(engine->config);
    config_free(engine->config_at_start);
    memory_free(engine);
}

static void expire_due(struct engine *engine)
{
    uint64_t began = stopwatch_ticks();
    keyspace_set_time(&engine->keyspace, engine->now_us / 1000);
    engine->stats.expiry_ticks += stopwatch_ticks() - began;
    latency_note_since(engine, "expire-cycle", began);
}

static void note_throughput(struct engine *engine)
{
    const struct engine_stats *stats = &engine->stats;
    const uint64_t totals[THROUGHPUT_KINDS] = {[THROUGHPUT_COMMANDS] = stats->commands,
                                               [THROUGHPUT_INPUT] = stats->input_bytes,
                                               [THROUGHPUT_OUTPUT] = stats->output_bytes,
                                               [THROUGHPUT_CYCLES] = stats->cycles,
                                               [THROUGHPUT_TICKS] = stats->cycle_ticks};
    throughput_note(&engine->throughput, totals, engine->now_us);
}

void engine_tick(struct engine *engine)
{
    CHECK(engine->depth == 0);
    engine->now_us = clock_now_us(engine->clock);
    if (engine->now_us / 1000 < keyspace_next_deadline(&engine->keyspace))
        keyspace_set_time(&engine->keyspace, engine->now_us / 1000);
    else
        expire_due(engine);
    if (throughput_is_due(&engine->throughput, engine->now_us))
        note_throughput(engine);
    if (!engine->cron_is_paused)
        persistence_tick(engine);
    blocking_expire(engine);
    blocking_serve(engine);
}

void engine_begin_batch(struct engine *engine)
{
    double patience = CLOCK_PATIENCE_US / engine->stopwatch.us_per_tick;
    engine->batch = (struct engine_batch){.is_on = true, .patience = (uint64_t)patience};
}

void engine_end_batch(struct engine *engine)
{
    engine->batch.is_on = false;
}

void engine_deadline_moved(struct engine *engine)
{
    engine->batch.clock = 0;
    if (engine->host.deadline_moved)
        engine->host.deadline_moved(engine->host.context);
}

/* When something happens that clients can see. */
static int64_t next_event(const struct engine *engine)
{
    int64_t expiry = keyspace_next_deadline(&engine->keyspace);
    int64_t wait = blocking_next_deadline(&engine->blocking);
    int64_t save = engine->cron_is_paused ? KEYSPACE_NEVER : persistence_next_deadline(engine);
    int64_t first = expiry < wait ? expiry : wait;
    if (eviction_is_due(engine))
        return engine->now_us / 1000;
    return save < first ? save : first;
}

int64_t engine_next_deadline(const struct engine *engine)
{
    int64_t event = next_event(engine), sync = journal_file_next_deadline(engine);
    return event < sync ? event : sync;
}

int64_t engine_exact_deadline(struct engine *engine)
{
    keyspace_find_earliest(&engine->keyspace);
    return next_event(engine);
}

/* By when the session must say something: us since epoch. One who listens or waits has nothing to
 * say; nor must the one that is being answered. */
static int64_t silence_ends_us(const struct session *session, int64_t seconds)
{
    const uint32_t soft_close = SESSION_CLOSE_AFTER_REPLY | SESSION_CLOSE_SOFTLY;
    bool is_closing = session->flags & (SESSION_CLOSE_NOW | SESSION_CLOSE_AFTER_REPLY) &&
                      (session->flags & soft_close) != soft_close;
    if (session->subscriptions || session->blocked || monitor_is(session) ||
        session == session->engine->current || is_closing)
        return INT64_MAX;
    return session->active_us + seconds * 1000000;
}

void engine_close_idle(struct engine *engine)
{
    int64_t seconds = config_integer(engine->config, CONFIG_TIMEOUT);
    int64_t now_us = clock_now_us(engine->clock);
    if (engine->cron_is_paused)
        return;
    for (struct list_node *node = engine->sessions.first; node && seconds > 0; node = node->next) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        if (silence_ends_us(session, seconds) < now_us)
            session_close(session, false);
    }
    client_limits_close_overdue(engine);
}

int64_t engine_idle_deadline(const struct engine *engine)
{
    int64_t seconds = config_integer(engine->config, CONFIG_TIMEOUT);
    int64_t first_us = INT64_MAX;
    for (struct list_node *node = engine->sessions.first; node && seconds > 0; node = node->next) {
        int64_t ends_us = silence_ends_us(LIST_ENTRY(node, struct session, node), seconds);
        first_us = ends_us < first_us ? ends_us : first_us;
    }
    return first_us == INT64_MAX ? KEYSPACE_NEVER : first_us / 1000 + 1;
}

void engine_seed(struct engine *engine, uint64_t seed)
{
    engine->seed = seed;
    random_seed(&engine->random, seed);
    keyspace_seed(&engine->keyspace, hash_seed_for(seed));
}

void engine_reset_stats(struct engine *engine)
{
    engine->stats = (struct engine_stats){.changes = engine->stats.changes,
                                          .peak_memory = engine->stats.peak_memory};
    engine->throughput = (struct throughput){.noted_us = engine->now_us};
    eviction_reset_stats(engine);
    engine->persistence.saves = 0;
    engine->journal.facts.rewrites = 0;
    engine->keyspace.hits = 0;
    engine->keyspace.misses = 0;
    engine->keyspace.expired = 0;
    engine->keyspace.expired_fields = 0;
    reaper_forget(&engine->keyspace.reaper);
    table_clear(&engine->errors, free_error_count, NULL);
    command_table_forget_counts(engine);
}

void engine_reset(struct engine *engine)
{
    for (int i = 0; i < engine->keyspace.count; i++) {
        struct database *db = &engine->keyspace.databases[i];
        transaction_touch_all(engine, db, NULL);
        blocking_signal_all(engine, db);
        database_flush(db, false);
    }
    tracking_invalidate_all(engine);
    engine->keyspace.expiry_is_paused = false;
    engine->expiry_is_off = engine->cron_is_paused = engine->lets_scripts_debug = false;
    blocking_unpause(engine);
    config_restore(engine->config, engine->config_at_start);
    apply_config(engine);
    acl_reset(engine);
    replication_reset(engine);
    if (engine->cluster)
        cluster_reset(engine->cluster);
    for (struct list_node *node = engine->sessions.first; node; node = node->next) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        transaction_discard(session);
        session->db = 0;
    }
    engine_seed(engine, engine->seed);
    slowlog_clear(&engine->slowlog);
    latency_clear(&engine->latency);
    engine_reset_stats(engine);
    footprint_forget_peak(engine);
    engine->stats.changes = 0;
    engine->persistence.has_background_failed = false;
    journal_file_mark_stale(engine);
}

bool engine_emulates(const struct engine *engine, int major, int minor)
{
    return engine->version >= ((uint32_t)major << 16 | (uint32_t)minor << 8);
}

void engine_count_error(struct engine *engine, const char *code)
{
    engine->stats.error_replies++;
    struct error_count *error = table_find(&engine->errors, bytes_of_string(code));
    if (!error) {
        size_t size = strlen(code);
        error = memory_allocate(sizeof *error + size);
        error->count = 0;
        error->code_size = size;
        memcpy(error->code, code, size);
        table_insert(&engine->errors, error);
    }
    error->count++;
}

void engine_log(struct engine *engine, int level, const char *format, ...)
{
    if (!engine->host.log)
        return;
    struct buffer line = {0};
    va_list arguments;
    va_start(arguments, format);
    buffer_append_arguments(&line, format, arguments);
    va_end(arguments);
    buffer_append_byte(&line, '\0');
    engine->host.log(engine->host.context, level, line.data);
    buffer_clear(&line);
}

struct session *engine_find_session(const struct engine *engine, uint64_t id)
{
    for (struct list_node *node = engine->sessions.first; node; node = node->next) {
        struct session *session = LIST_ENTRY(node, struct session, node);
        if (session->id == id)
            return session;
    }
    return NULL;
}
