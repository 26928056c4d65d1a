/* SPDX-License-Identifier: MIT */
/*
 * INFO: one function a section. What Understudy has is told; what it lacks (saving, replication,
 * a cluster) is told as by a Redis that has it switched off, so that tools find their fields.
 */
#define _GNU_SOURCE /* RUSAGE_THREAD */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "script/interpreter.h"
#include "script/library.h"

static void append(struct buffer *out, const char *name, int64_t value)
{
    buffer_append_format(out, "%s:%lld\r\n", name, (long long)value);
}

static void append_text(struct buffer *out, const char *name, const char *value)
{
    buffer_append_format(out, "%s:%s\r\n", name, value);
}

/* Fields that are always the same here. */
static void append_zeros(struct buffer *out, const char *const *names)
{
    for (; *names; names++)
        append(out, *names, 0);
}

/* "name_human:1.00M". */
static void append_human(struct buffer *out, const char *name, uint64_t size)
{
    static const char units[] = "BKMGTP";
    double scaled = (double)size;
    int unit = 0;
    for (; scaled >= 1024 && unit < 5; unit++)
        scaled /= 1024;
    buffer_append_format(out, "%s_human:%.*f%c\r\n", name, unit ? 2 : 0, scaled, units[unit]);
}

static void append_size(struct buffer *out, const char *name, uint64_t size)
{
    append(out, name, (int64_t)size);
    append_human(out, name, size);
}

static void append_server(struct call *call, struct buffer *out)
{
    const struct engine *engine = call->engine;
    struct utsname system;
    uname(&system);
    char executable[1024];
    ssize_t size = readlink("/proc/self/exe", executable, sizeof executable - 1);
    executable[size > 0 ? size : 0] = '\0';
    int64_t uptime = (call->now_us - engine->started_us) / 1000000;
    int64_t hz = call_config(call, CONFIG_HZ);
    append_text(out, "redis_version", engine->version_text);
    append_text(out, "redis_git_sha1", "00000000");
    append_text(out, "redis_git_dirty", "0");
    append_text(out, "redis_build_id", "0000000000000000");
    append_text(out, "redis_mode", "standalone");
    buffer_append_format(out, "os:%s %s %s\r\n", system.sysname, system.release, system.machine);
    append(out, "arch_bits", (int64_t)sizeof(void *) * 8);
    append_text(out, "monotonic_clock", "POSIX clock_gettime");
    append_text(out, "multiplexing_api", "epoll");
    append_text(out, "atomicvar_api", "c11-builtin");
    append_text(out, "gcc_version", __VERSION__);
    append(out, "process_id", getpid());
    append_text(out, "process_supervised", "no");
    append_text(out, "run_id", engine->run_id);
    int64_t port = call_config(call, CONFIG_PORT);
    append(out, "tcp_port", port ? port : call_config(call, CONFIG_TLS_PORT));
    append(out, "server_time_usec", call->now_us);
    append(out, "uptime_in_seconds", uptime);
    append(out, "uptime_in_days", uptime / 86400);
    append(out, "hz", hz);
    append(out, "configured_hz", hz);
    append(out, "lru_clock", call->now_us / 1000000 & 0xffffff);
    append_text(out, "executable", executable);
    append_text(out, "config_file", config_path(engine->config));
    append(out, "io_threads_active", 0);
    append_text(out, "understudy_version", UNDERSTUDY_VERSION);
}

static void append_clients(struct call *call, struct buffer *out)
{
    const struct blocking *blocking = &call->engine->blocking;
    size_t largest_input = 0, largest_output = 0;
    int64_t subscribed = 0, watching = 0;
    struct list_node *node = list_first(&call->engine->sessions);
    for (; node; node = list_next(node)) {
        const struct session *session = LIST_ENTRY(node, struct session, node);
        struct session_buffers buffers = session_measure(session);
        size_t output = session->output.size + buffers.unsent;
        subscribed += session->subscriptions != NULL;
        watching += !list_is_empty(&session->watches);
        if (buffers.query_capacity > largest_input)
            largest_input = buffers.query_capacity;
        if (output > largest_output)
            largest_output = output;
    }
    append(out, "connected_clients", (int64_t)list_count(&call->engine->sessions));
    append(out, "cluster_connections", 0);
    append(out, "maxclients", call_config(call, CONFIG_MAXCLIENTS));
    append(out, "client_recent_max_input_buffer", (int64_t)largest_input);
    append(out, "client_recent_max_output_buffer", (int64_t)largest_output);
    append(out, "blocked_clients", (int64_t)blocking->count);
    append(out, "tracking_clients", (int64_t)call->engine->tracking.clients);
    if (call_emulates(call, 7, 4)) {
        append(out, "pubsub_clients", subscribed);
        append(out, "watching_clients", watching);
    }
    append(out, "clients_in_timeout_table", (int64_t)heap_count(&blocking->deadlines));
    if (call_emulates(call, 7, 4))
        append(out, "total_watched_keys", (int64_t)key_registry_count(&call->engine->watched));
    if (!call_emulates(call, 7, 2))
        return;
    append(out, "total_blocking_keys", (int64_t)key_registry_count(&blocking->keys));
    append(out, "total_blocking_keys_on_nokey", 0);
}

static void append_ratio(struct buffer *out, const char *name, size_t whole, size_t part)
{
    double ratio = part ? (double)whole / (double)part : 1;
    buffer_append_format(out, "%s_ratio:%.2f\r\n%s_bytes:%lld\r\n", name, ratio, name,
                         (long long)whole - (long long)part);
}

/* Without an interpreter (a unit test's engine) there is nothing to tell. */
static void append_script_memory(struct call *call, struct buffer *out)
{
    const struct interpreter *interpreter = call->engine->interpreter;
    size_t vm = interpreter ? interpreter_vm_memory(interpreter) : 0;
    size_t scripts = interpreter ? interpreter_scripts_memory(interpreter) : 0;
    size_t functions_vm = interpreter ? library_vm_memory(interpreter) : 0;
    size_t functions = interpreter ? library_memory(interpreter) : 0;
    append(out, "used_memory_lua", (int64_t)vm);
    append(out, "used_memory_vm_eval", (int64_t)vm);
    append_human(out, "used_memory_lua", vm);
    append(out, "used_memory_scripts_eval", (int64_t)scripts);
    append(out, "number_of_cached_scripts",
           interpreter ? (int64_t)interpreter_script_count(interpreter) : 0);
    append(out, "number_of_functions",
           interpreter ? (int64_t)library_function_count(interpreter) : 0);
    append(out, "number_of_libraries", interpreter ? (int64_t)library_count(interpreter) : 0);
    append(out, "used_memory_vm_functions", (int64_t)functions_vm);
    append_size(out, "used_memory_vm_total", vm + functions_vm);
    append(out, "used_memory_functions", (int64_t)functions);
    append_size(out, "used_memory_scripts", scripts + functions);
}

static void append_memory(struct call *call, struct buffer *out)
{
    static const char *const zeros[] = {"mem_not_counted_for_evict", "mem_replication_backlog",
                                        "mem_total_replication_buffers", "mem_clients_slaves",
                                        NULL};
    static const char *const last_zeros[] = {"mem_cluster_links", "mem_aof_buffer", NULL};
    struct engine *engine = call->engine;
    size_t used = engine_memory(engine);
    size_t resident = memory_resident();
    size_t clients = 0;
    if (used > engine->stats.peak_memory)
        engine->stats.peak_memory = used;
    for (struct list_node *node = list_first(&engine->sessions); node; node = list_next(node))
        clients += session_memory(LIST_ENTRY(node, struct session, node));
    size_t overhead = clients;
    for (int i = 0; i < engine->keyspace.count; i++)
        overhead += table_memory(&engine->keyspace.databases[i].keys);
    size_t dataset = used > overhead ? used - overhead : 0;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    struct reaper *reaper = &engine->keyspace.reaper;
    struct buffer policy = {0};
    config_format(engine->config, CONFIG_MAXMEMORY_POLICY, &policy);
    buffer_append_byte(&policy, '\0');

    append_size(out, "used_memory", used);
    append_size(out, "used_memory_rss", resident);
    append_size(out, "used_memory_peak", engine->stats.peak_memory);
    buffer_append_format(out, "used_memory_peak_perc:%.2f%%\r\n",
                         (double)used * 100 / (double)(engine->stats.peak_memory + 1));
    append(out, "used_memory_overhead", (int64_t)overhead);
    append(out, "used_memory_startup", 0);
    append(out, "used_memory_dataset", (int64_t)dataset);
    buffer_append_format(out, "used_memory_dataset_perc:%.2f%%\r\n",
                         (double)dataset * 100 / (double)(used + 1));
    append(out, "allocator_allocated", (int64_t)used);
    append(out, "allocator_active", (int64_t)resident);
    append(out, "allocator_resident", (int64_t)resident);
    append_size(out, "total_system_memory", pages > 0 ? (uint64_t)pages * (uint64_t)page : 0);
    append_script_memory(call, out);
    append_size(out, "maxmemory", (uint64_t)call_config(call, CONFIG_MAXMEMORY));
    append_text(out, "maxmemory_policy", policy.data);
    append_ratio(out, "allocator_frag", resident, used);
    append_ratio(out, "allocator_rss", resident, resident);
    append_ratio(out, "rss_overhead", resident, resident);
    buffer_append_format(out, "mem_fragmentation_ratio:%.2f\r\nmem_fragmentation_bytes:%lld\r\n",
                         used ? (double)resident / (double)used : 1,
                         (long long)resident - (long long)used);
    append_zeros(out, zeros);
    append(out, "mem_clients_normal", (int64_t)clients);
    append_zeros(out, last_zeros);
    append_text(out, "mem_allocator", "libc");
    append(out, "active_defrag_running", 0);
    append(out, "lazyfree_pending_objects", (int64_t)reaper_pending(reaper));
    append(out, "lazyfreed_objects", (int64_t)reaper_freed(reaper));
    buffer_clear(&policy);
}

static void append_persistence(struct call *call, struct buffer *out)
{
    static const char *const zeros[] = {
        "loading",          "async_loading",        "current_cow_peak",
        "current_cow_size", "current_cow_size_age", NULL};
    const struct persistence *persistence = &call->engine->persistence;
    append_zeros(out, zeros);
    append_text(out, "current_fork_perc", "0.00");
    append(out, "current_save_keys_processed", 0);
    append(out, "current_save_keys_total", 0);
    append(out, "rdb_changes_since_last_save", (int64_t)call->engine->stats.changes);
    append(out, "rdb_bgsave_in_progress", 0);
    append(out, "rdb_last_save_time", persistence->last_save_s);
    append_text(out, "rdb_last_bgsave_status", persistence->has_background_failed ? "err" : "ok");
    append(out, "rdb_last_bgsave_time_sec", persistence->last_background_s);
    append(out, "rdb_current_bgsave_time_sec", -1);
    append(out, "rdb_saves", (int64_t)persistence->saves);
    append(out, "rdb_last_cow_size", 0);
    append(out, "rdb_last_load_keys_expired", (int64_t)persistence->expired);
    append(out, "rdb_last_load_keys_loaded", (int64_t)persistence->loaded);
    append(out, "aof_enabled", 0);
    append(out, "aof_rewrite_in_progress", 0);
    append(out, "aof_rewrite_scheduled", 0);
    append(out, "aof_last_rewrite_time_sec", -1);
    append(out, "aof_current_rewrite_time_sec", -1);
    append_text(out, "aof_last_bgrewrite_status", "ok");
    append(out, "aof_rewrites", 0);
    append(out, "aof_rewrites_consecutive_failures", 0);
    append_text(out, "aof_last_write_status", "ok");
    append(out, "aof_last_cow_size", 0);
    append(out, "module_fork_in_progress", 0);
    append(out, "module_fork_last_cow_size", 0);
}

static void append_pubsub(struct call *call, struct buffer *out)
{
    const struct pubsub *pubsub = &call->engine->pubsub;
    append(out, "pubsub_channels", (int64_t)pubsub_topic_count(pubsub, PUBSUB_CHANNEL));
    append(out, "pubsub_patterns", (int64_t)pubsub_topic_count(pubsub, PUBSUB_PATTERN));
    if (call_emulates(call, 7, 0))
        append(out, "pubsubshard_channels", (int64_t)pubsub_topic_count(pubsub, PUBSUB_SHARD));
}

static void append_stats(struct call *call, struct buffer *out)
{
    static const char *const no_transfers[] = {"total_net_repl_input_bytes",
                                               "total_net_repl_output_bytes", NULL};
    static const char *const no_evictions[] = {"total_eviction_exceeded_time",
                                               "current_eviction_exceeded_time", NULL};
    static const char *const no_others[] = {"latest_fork_usec",
                                            "total_forks",
                                            "migrate_cached_sockets",
                                            "slave_expires_tracked_keys",
                                            "active_defrag_hits",
                                            "active_defrag_misses",
                                            "active_defrag_key_hits",
                                            "active_defrag_key_misses",
                                            "total_active_defrag_time",
                                            "current_active_defrag_time",
                                            NULL};
    const struct engine *engine = call->engine;
    const struct engine_stats *stats = &engine->stats;
    append(out, "total_connections_received", (int64_t)stats->connections);
    append(out, "total_commands_processed", (int64_t)stats->commands);
    append(out, "instantaneous_ops_per_sec", 0);
    append(out, "total_net_input_bytes", (int64_t)stats->input_bytes);
    append(out, "total_net_output_bytes", (int64_t)stats->output_bytes);
    append_zeros(out, no_transfers);
    append_text(out, "instantaneous_input_kbps", "0.00");
    append_text(out, "instantaneous_output_kbps", "0.00");
    append_text(out, "instantaneous_input_repl_kbps", "0.00");
    append_text(out, "instantaneous_output_repl_kbps", "0.00");
    append(out, "rejected_connections", (int64_t)stats->rejected_connections);
    append(out, "sync_full", 0);
    append(out, "sync_partial_ok", 0);
    append(out, "sync_partial_err", 0);
    if (call_emulates(call, 7, 4))
        append(out, "expired_subkeys", (int64_t)engine->keyspace.expired_fields);
    append(out, "expired_keys", (int64_t)engine->keyspace.expired);
    append_text(out, "expired_stale_perc", "0.00");
    append(out, "expired_time_cap_reached_count", 0);
    append(out, "expire_cycle_cpu_milliseconds", 0);
    append(out, "evicted_keys", 0);
    append(out, "evicted_clients", (int64_t)stats->evicted_clients);
    if (call_emulates(call, 7, 4))
        append(out, "evicted_scripts", (int64_t)stats->evicted_scripts);
    append_zeros(out, no_evictions);
    append(out, "keyspace_hits", (int64_t)engine->keyspace.hits);
    append(out, "keyspace_misses", (int64_t)engine->keyspace.misses);
    append_pubsub(call, out);
    append_zeros(out, no_others);
    append(out, "tracking_total_keys", (int64_t)table_count(&engine->tracking.keys));
    append(out, "tracking_total_items", (int64_t)engine->tracking.items);
    append(out, "tracking_total_prefixes", (int64_t)list_count(&engine->tracking.prefixes));
    append(out, "unexpected_error_replies", 0);
    append(out, "total_error_replies", (int64_t)stats->error_replies);
    append(out, "dump_payload_sanitizations", 0);
    append(out, "total_reads_processed", (int64_t)stats->reads);
    append(out, "total_writes_processed", (int64_t)stats->writes);
    append(out, "io_threaded_reads_processed", 0);
    append(out, "io_threaded_writes_processed", 0);
    if (call_emulates(call, 7, 4)) {
        append(out, "client_query_buffer_limit_disconnections",
               (int64_t)stats->query_limit_disconnections);
        append(out, "client_output_buffer_limit_disconnections",
               (int64_t)stats->output_limit_disconnections);
    }
    append(out, "reply_buffer_shrinks", 0);
    append(out, "reply_buffer_expands", 0);
    if (call_emulates(call, 7, 2)) {
        const uint64_t *denied = call->engine->acl.log.denied;
        append(out, "acl_access_denied_auth", (int64_t)denied[ACL_DENIED_LOGIN]);
        append(out, "acl_access_denied_cmd", (int64_t)denied[ACL_DENIED_COMMAND]);
        append(out, "acl_access_denied_key", (int64_t)denied[ACL_DENIED_KEY]);
        append(out, "acl_access_denied_channel", (int64_t)denied[ACL_DENIED_CHANNEL]);
    }
}

static void append_replication(struct call *call, struct buffer *out)
{
    append_text(out, "role", "master");
    append(out, "connected_slaves", 0);
    append_text(out, "master_failover_state", "no-failover");
    append_text(out, "master_replid", call->engine->run_id);
    append_text(out, "master_replid2", "0000000000000000000000000000000000000000");
    append(out, "master_repl_offset", 0);
    append(out, "second_repl_offset", -1);
    append(out, "repl_backlog_active", 0);
    append(out, "repl_backlog_size", call_config(call, CONFIG_REPL_BACKLOG_SIZE));
    append(out, "repl_backlog_first_byte_offset", 0);
    append(out, "repl_backlog_histlen", 0);
}

static void append_seconds(struct buffer *out, const char *name, struct timeval time)
{
    buffer_append_format(out, "%s:%lld.%06lld\r\n", name, (long long)time.tv_sec,
                         (long long)time.tv_usec);
}

static void append_cpu(struct call *call, struct buffer *out)
{
    struct rusage self, children, thread;
    (void)call;
    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    getrusage(RUSAGE_THREAD, &thread);
    append_seconds(out, "used_cpu_sys", self.ru_stime);
    append_seconds(out, "used_cpu_user", self.ru_utime);
    append_seconds(out, "used_cpu_sys_children", children.ru_stime);
    append_seconds(out, "used_cpu_user_children", children.ru_utime);
    append_seconds(out, "used_cpu_sys_main_thread", thread.ru_stime);
    append_seconds(out, "used_cpu_user_main_thread", thread.ru_utime);
}

static void append_nothing(struct call *call, struct buffer *out)
{
    (void)call;
    (void)out;
}

static void append_command(const struct engine *engine, const struct command_state *state,
                           struct buffer *out)
{
    double us = stopwatch_us(&engine->stopwatch, state->ticks);
    if (state->calls || state->rejected || state->failed)
        buffer_append_format(out,
                             "cmdstat_%s:calls=%llu,usec=%llu,usec_per_call=%.2f,"
                             "rejected_calls=%llu,failed_calls=%llu\r\n",
                             state->name, (unsigned long long)state->calls, (unsigned long long)us,
                             state->calls ? us / (double)state->calls : 0,
                             (unsigned long long)state->rejected,
                             (unsigned long long)state->failed);
    for (size_t i = 0; i < state->subcommand_count; i++)
        append_command(engine, &state->subcommands[i], out);
}

static void append_commandstats(struct call *call, struct buffer *out)
{
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &call->engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)))
        append_command(call->engine, state, out);
    table_iterator_end(&iterator);
}

/* "p50=12.287,p99=15.039": the percentiles that the directive names. */
static void append_percentiles(const struct histogram *latency, const char *percentiles,
                               struct buffer *out)
{
    char *end;
    for (double percent; percent = strtod(percentiles, &end), end > percentiles;
         percentiles = end) {
        char name[NUMBER_DOUBLE_SIZE];
        int size = snprintf(name, sizeof name, "%f", percent);
        while (name[size - 1] == '0')
            size--;
        if (name[size - 1] == '.')
            size--;
        buffer_append_format(out, "%sp%.*s=%.3f", out->data[out->size - 1] == ':' ? "" : ",", size,
                             name, (double)histogram_percentile(latency, percent) / 1000);
    }
}

static void append_latency(const struct engine *engine, const struct command_state *state,
                           struct buffer *out)
{
    if (state->latency) {
        buffer_append_format(out, "latency_percentiles_usec_%s:", state->name);
        append_percentiles(state->latency,
                           config_string(engine->config, CONFIG_LATENCY_TRACKING_INFO_PERCENTILES),
                           out);
        buffer_append(out, "\r\n", 2);
    }
    for (size_t i = 0; i < state->subcommand_count; i++)
        append_latency(engine, &state->subcommands[i], out);
}

static void append_latencystats(struct call *call, struct buffer *out)
{
    if (!call_config(call, CONFIG_LATENCY_TRACKING))
        return;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &call->engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)))
        append_latency(call->engine, state, out);
    table_iterator_end(&iterator);
}

static int compare_errors(const void *a, const void *b)
{
    const struct error_count *const *left = a, *const *right = b;
    return bytes_compare(bytes_of((*left)->code, (*left)->code_size),
                         bytes_of((*right)->code, (*right)->code_size));
}

static void append_errorstats(struct call *call, struct buffer *out)
{
    size_t count = table_count(&call->engine->errors), i = 0;
    const struct error_count **errors = memory_allocate((count + 1) * sizeof *errors);
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &call->engine->errors);
    const struct error_count *error;
    while ((error = table_iterator_next(&iterator)))
        errors[i++] = error;
    table_iterator_end(&iterator);
    qsort(errors, count, sizeof *errors, compare_errors);
    for (i = 0; i < count; i++)
        buffer_append_format(out, "errorstat_%.*s:count=%llu\r\n", (int)errors[i]->code_size,
                             errors[i]->code, (unsigned long long)errors[i]->count);
    memory_free(errors);
}

/* A section of our own. */
static void append_scripts(struct call *call, struct buffer *out)
{
    static const char *const names[] = {"undeclared_keys", "cross_slot_keys",
                                        "writes_after_random_reads", "global_writes"};
    struct buffer mode = {0};
    config_format(call->engine->config, CONFIG_SCRIPT_CHECKS, &mode);
    buffer_append_byte(&mode, '\0');
    append_text(out, "script_checks", mode.data);
    buffer_clear(&mode);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        buffer_append_format(out, "script_checks_%s:%llu\r\n", names[i],
                             (unsigned long long)call->engine->stats.script_checks[i]);
}

static void append_cluster(struct call *call, struct buffer *out)
{
    (void)call;
    append(out, "cluster_enabled", 0);
}

/* Mean time to live of the keys that have one, in ms. */
static int64_t mean_ttl(const struct call *call, const struct database *db)
{
    uint32_t count = (uint32_t)heap_count(&db->deadlines);
    double sum = 0;
    for (uint32_t slot = 0; slot < count; slot++)
        sum += (double)(heap_deadline(&db->deadlines, slot) - call->now_ms);
    return count ? (int64_t)(sum / count) : 0;
}

static void append_keyspace(struct call *call, struct buffer *out)
{
    for (int i = 0; i < call->engine->keyspace.count; i++) {
        const struct database *db = keyspace_database(&call->engine->keyspace, i);
        if (database_count(db) == 0)
            continue;
        buffer_append_format(out, "db%d:keys=%zu,expires=%zu,avg_ttl=%lld", i, database_count(db),
                             database_deadline_count(db), (long long)mean_ttl(call, db));
        if (call_emulates(call, 7, 4))
            buffer_append_format(out, ",subexpiry=%zu", database_expiring_hash_count(db));
        buffer_append(out, "\r\n", 2);
    }
}

/* In the order in which they are told, whatever the order of the arguments. */
static const struct {
    const char *name;
    const char *title;
    bool is_default;
    bool is_ours; /* shown by its name and "everything" alone */
    void (*append)(struct call *call, struct buffer *out);
} sections[] = {
    {"server", "Server", true, false, append_server},
    {"clients", "Clients", true, false, append_clients},
    {"memory", "Memory", true, false, append_memory},
    {"persistence", "Persistence", true, false, append_persistence},
    {"stats", "Stats", true, false, append_stats},
    {"replication", "Replication", true, false, append_replication},
    {"cpu", "CPU", true, false, append_cpu},
    {"modules", "Modules", true, false, append_nothing},
    {"commandstats", "Commandstats", false, false, append_commandstats},
    {"errorstats", "Errorstats", true, false, append_errorstats},
    {"latencystats", "Latencystats", false, false, append_latencystats},
    {"cluster", "Cluster", true, false, append_cluster},
    {"keyspace", "Keyspace", true, false, append_keyspace},
    {"scripts", "Scripts", false, true, append_scripts},
};

static bool is_asked_for(const struct call *call, size_t section)
{
    bool is_asked = call->argc == 1 && sections[section].is_default;
    for (int i = 1; i < call->argc; i++)
        is_asked |= call_is(call, i, sections[section].name) || call_is(call, i, "everything") ||
                    (call_is(call, i, "all") && !sections[section].is_ours) ||
                    (call_is(call, i, "default") && sections[section].is_default);
    return is_asked;
}

static void info_info(struct call *call)
{
    struct buffer text = {0};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (!is_asked_for(call, i))
            continue;
        buffer_append_format(&text, "%s# %s\r\n", text.size ? "\r\n" : "", sections[i].title);
        sections[i].append(call, &text);
    }
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

static const struct command_argument info_arguments[] = {
    {.name = "section", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

const struct command info_commands[] = {
    {.name = "INFO",
     .arity = -1,
     .flags = COMMAND_LOADING | COMMAND_STALE,
     .categories = CATEGORY_DANGEROUS,
     .since = "1.0.0",
     .group = "server",
     .summary = "Tells facts and counts of the server, by section.",
     .complexity = "O(1)",
     .tips = (const char *const[]){"nondeterministic_output", "request_policy:all_shards",
                                   "response_policy:special", NULL},
     .arguments = info_arguments,
     .run = info_info},
    {0},
};
