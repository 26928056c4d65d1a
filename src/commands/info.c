/* SPDX-License-Identifier: MIT */
/*
 * INFO: one function a section. What Understudy has is told; what it lacks (replicas, forks) is
 * told as by a Redis that has it switched off, so that tools find their fields.
 */
#define _GNU_SOURCE /* RUSAGE_THREAD */

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "commands/info_fields.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "script/interpreter.h"
#include "script/library.h"

static void append_listener(struct buffer *out, int number, const char *name, const char *places,
                            int64_t port)
{
    buffer_append_format(out, "listener%d:name=%s", number, name);
    for (places += strspn(places, " "); *places; places += strspn(places, " ")) {
        size_t size = strcspn(places, " ");
        buffer_append_format(out, ",bind=%.*s", (int)size, places);
        places += size;
    }
    if (port)
        buffer_append_format(out, ",port=%lld", (long long)port);
    buffer_append_string(out, "\r\n");
}

/* Where clients may connect. Since 7.2. Each kind has its number, whether the others are there or
 * not. */
static void append_listeners(struct call *call, struct buffer *out)
{
    const struct config *config = call->engine->config;
    const char *bind = config_string(config, CONFIG_BIND);
    const char *path = config_string(config, CONFIG_UNIXSOCKET);
    if (call_config(call, CONFIG_PORT))
        append_listener(out, 0, "tcp", bind, call_config(call, CONFIG_PORT));
    if (*path)
        append_listener(out, 1, "unix", path, 0);
    if (call_config(call, CONFIG_TLS_PORT))
        append_listener(out, 2, "tls", bind, call_config(call, CONFIG_TLS_PORT));
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
    info_fields_text(out, "redis_version", engine->version_text);
    info_fields_text(out, "redis_git_sha1", "00000000");
    info_fields_text(out, "redis_git_dirty", "0");
    info_fields_text(out, "redis_build_id", "0000000000000000");
    info_fields_text(out, "redis_mode", engine->cluster ? "cluster" : "standalone");
    buffer_append_format(out, "os:%s %s %s\r\n", system.sysname, system.release, system.machine);
    info_fields_integer(out, "arch_bits", (int64_t)sizeof(void *) * 8);
    info_fields_text(out, "monotonic_clock", "POSIX clock_gettime");
    info_fields_text(out, "multiplexing_api", "epoll");
    info_fields_text(out, "atomicvar_api", "c11-builtin");
    info_fields_text(out, "gcc_version", __VERSION__);
    info_fields_integer(out, "process_id", getpid());
    info_fields_text(out, "process_supervised", "no");
    info_fields_text(out, "run_id", engine->run_id);
    int64_t port = call_config(call, CONFIG_PORT);
    info_fields_integer(out, "tcp_port", port ? port : call_config(call, CONFIG_TLS_PORT));
    info_fields_integer(out, "server_time_usec", call->now_us);
    info_fields_integer(out, "uptime_in_seconds", uptime);
    info_fields_integer(out, "uptime_in_days", uptime / 86400);
    info_fields_integer(out, "hz", hz);
    info_fields_integer(out, "configured_hz", hz);
    info_fields_integer(out, "lru_clock", call->now_us / 1000000 & 0xffffff);
    info_fields_text(out, "executable", executable);
    info_fields_text(out, "config_file", config_path(engine->config));
    info_fields_integer(out, "io_threads_active", 0);
    if (call_emulates(call, 7, 2))
        append_listeners(call, out);
    info_fields_text(out, "understudy_version", UNDERSTUDY_VERSION);
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
    info_fields_integer(out, "connected_clients", (int64_t)list_count(&call->engine->sessions));
    info_fields_integer(out, "cluster_connections", 0);
    info_fields_integer(out, "maxclients", call_config(call, CONFIG_MAXCLIENTS));
    info_fields_integer(out, "client_recent_max_input_buffer", (int64_t)largest_input);
    info_fields_integer(out, "client_recent_max_output_buffer", (int64_t)largest_output);
    info_fields_integer(out, "blocked_clients", (int64_t)blocking->count);
    info_fields_integer(out, "tracking_clients", (int64_t)call->engine->tracking.clients);
    if (call_emulates(call, 7, 4)) {
        info_fields_integer(out, "pubsub_clients", subscribed);
        info_fields_integer(out, "watching_clients", watching);
    }
    info_fields_integer(out, "clients_in_timeout_table", (int64_t)heap_count(&blocking->deadlines));
    if (call_emulates(call, 7, 4))
        info_fields_integer(out, "total_watched_keys",
                            (int64_t)key_registry_count(&call->engine->watched));
    if (!call_emulates(call, 7, 2))
        return;
    info_fields_integer(out, "total_blocking_keys", (int64_t)key_registry_count(&blocking->keys));
    info_fields_integer(out, "total_blocking_keys_on_nokey", 0);
}

static double ratio_of(size_t whole, size_t part)
{
    return part ? (double)whole / (double)part : 1;
}

static void append_ratio(struct buffer *out, const char *name, size_t whole, size_t part)
{
    buffer_append_format(out, "%s_ratio:%.2f\r\n%s_bytes:%lld\r\n", name, ratio_of(whole, part),
                         name, (long long)whole - (long long)part);
}

static void append_percentage(struct buffer *out, const char *name, size_t part, size_t whole)
{
    buffer_append_format(out, "%s:%.2f%%\r\n", name,
                         whole ? 100 * (double)part / (double)whole : 0);
}

/* Without an interpreter (a unit test's engine) there is nothing to tell. 6.2 had no functions. */
static void append_script_memory(struct call *call, struct buffer *out)
{
    const struct interpreter *interpreter = call->engine->interpreter;
    size_t vm = interpreter ? interpreter_vm_memory(interpreter) : 0;
    size_t scripts = interpreter ? interpreter_scripts_memory(interpreter) : 0;
    size_t functions_vm = interpreter ? library_vm_memory(interpreter) : 0;
    size_t functions = interpreter ? library_memory(interpreter) : 0;
    int64_t cached = interpreter ? (int64_t)interpreter_script_count(interpreter) : 0;
    info_fields_integer(out, "used_memory_lua", (int64_t)vm);
    if (!call_emulates(call, 7, 0)) {
        info_fields_human(out, "used_memory_lua", vm);
        info_fields_size(out, "used_memory_scripts", scripts);
        info_fields_integer(out, "number_of_cached_scripts", cached);
        return;
    }
    info_fields_integer(out, "used_memory_vm_eval", (int64_t)vm);
    info_fields_human(out, "used_memory_lua", vm);
    info_fields_integer(out, "used_memory_scripts_eval", (int64_t)scripts);
    info_fields_integer(out, "number_of_cached_scripts", cached);
    info_fields_integer(out, "number_of_functions",
                        interpreter ? (int64_t)library_function_count(interpreter) : 0);
    info_fields_integer(out, "number_of_libraries",
                        interpreter ? (int64_t)library_count(interpreter) : 0);
    info_fields_integer(out, "used_memory_vm_functions", (int64_t)functions_vm);
    info_fields_size(out, "used_memory_vm_total", vm + functions_vm);
    info_fields_integer(out, "used_memory_functions", (int64_t)functions);
    info_fields_size(out, "used_memory_scripts", scripts + functions);
}

static void append_usage(const struct footprint *footprint, struct buffer *out)
{
    size_t net = footprint->used > footprint->startup ? footprint->used - footprint->startup : 1;
    info_fields_size(out, "used_memory", footprint->used);
    info_fields_size(out, "used_memory_rss", footprint->resident);
    info_fields_size(out, "used_memory_peak", footprint->peak);
    append_percentage(out, "used_memory_peak_perc", footprint->used, footprint->peak);
    info_fields_integer(out, "used_memory_overhead", (int64_t)footprint->overhead);
    info_fields_integer(out, "used_memory_startup", (int64_t)footprint->startup);
    info_fields_integer(out, "used_memory_dataset", (int64_t)footprint->dataset);
    append_percentage(out, "used_memory_dataset_perc", footprint->dataset, net);
}

/* What the allocator does not tell is what Redis says of itself with the same one. */
static void append_fragmentation(const struct footprint *footprint, struct buffer *out)
{
    append_ratio(out, "allocator_frag", footprint->active, footprint->used);
    append_ratio(out, "allocator_rss", footprint->active, footprint->active);
    append_ratio(out, "rss_overhead", footprint->resident, footprint->active);
    append_ratio(out, "mem_fragmentation", footprint->resident, footprint->used);
}

static void append_buffers(struct call *call, const struct footprint *footprint, struct buffer *out)
{
    size_t apart = footprint_apart(call->engine);
    bool is_7_0 = call_emulates(call, 7, 0);
    info_fields_integer(out, "mem_not_counted_for_evict", (int64_t)apart);
    info_fields_integer(out, "mem_replication_backlog", 0);
    if (is_7_0)
        info_fields_integer(out, "mem_total_replication_buffers", 0);
    if (call_emulates(call, 8, 0))
        info_fields_integer(out, "mem_replica_full_sync_buffer", 0);
    info_fields_integer(out, "mem_clients_slaves", 0);
    info_fields_integer(out, "mem_clients_normal", (int64_t)footprint->clients);
    if (is_7_0)
        info_fields_integer(out, "mem_cluster_links", 0);
    info_fields_integer(out, "mem_aof_buffer", (int64_t)footprint->journal);
}

static void append_memory(struct call *call, struct buffer *out)
{
    struct engine *engine = call->engine;
    struct reaper *reaper = &engine->keyspace.reaper;
    struct footprint footprint;
    struct buffer policy = {0};
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    footprint_measure(engine, &footprint);
    config_format(engine->config, CONFIG_MAXMEMORY_POLICY, &policy);
    buffer_append_byte(&policy, '\0');
    append_usage(&footprint, out);
    info_fields_integer(out, "allocator_allocated", (int64_t)footprint.used);
    info_fields_integer(out, "allocator_active", (int64_t)footprint.active);
    info_fields_integer(out, "allocator_resident", (int64_t)footprint.active);
    if (call_emulates(call, 7, 4))
        info_fields_integer(out, "allocator_muzzy", 0);
    info_fields_size(out, "total_system_memory", pages > 0 ? (uint64_t)pages * (uint64_t)page : 0);
    append_script_memory(call, out);
    info_fields_size(out, "maxmemory", (uint64_t)call_config(call, CONFIG_MAXMEMORY));
    info_fields_text(out, "maxmemory_policy", policy.data);
    append_fragmentation(&footprint, out);
    append_buffers(call, &footprint, out);
    if (call_emulates(call, 7, 4))
        info_fields_integer(out, "mem_overhead_db_hashtable_rehashing",
                            (int64_t)footprint.rehashing);
    info_fields_text(out, "mem_allocator", "libc");
    info_fields_integer(out, "active_defrag_running", 0);
    info_fields_integer(out, "lazyfree_pending_objects", (int64_t)reaper_pending(reaper));
    info_fields_integer(out, "lazyfreed_objects", (int64_t)reaper_freed(reaper));
    buffer_clear(&policy);
}

static void append_persistence(struct call *call, struct buffer *out)
{
    const struct journal *journal = &call->engine->journal;
    const struct journal_facts *facts = &journal->facts;
    static const char *const zeros[] = {
        "loading",          "async_loading",        "current_cow_peak",
        "current_cow_size", "current_cow_size_age", NULL};
    const struct persistence *persistence = &call->engine->persistence;
    info_fields_zeros(out, zeros);
    info_fields_text(out, "current_fork_perc", "0.00");
    info_fields_integer(out, "current_save_keys_processed", 0);
    info_fields_integer(out, "current_save_keys_total", 0);
    info_fields_integer(out, "rdb_changes_since_last_save", (int64_t)call->engine->stats.changes);
    info_fields_integer(out, "rdb_bgsave_in_progress", 0);
    info_fields_integer(out, "rdb_last_save_time", persistence->last_save_s);
    info_fields_text(out, "rdb_last_bgsave_status",
                     persistence->has_background_failed ? "err" : "ok");
    info_fields_integer(out, "rdb_last_bgsave_time_sec", persistence->last_background_s);
    info_fields_integer(out, "rdb_current_bgsave_time_sec", -1);
    info_fields_integer(out, "rdb_saves", (int64_t)persistence->saves);
    info_fields_integer(out, "rdb_last_cow_size", 0);
    info_fields_integer(out, "rdb_last_load_keys_expired", (int64_t)persistence->expired);
    info_fields_integer(out, "rdb_last_load_keys_loaded", (int64_t)persistence->loaded);
    info_fields_integer(out, "aof_enabled", journal->is_on);
    info_fields_integer(out, "aof_rewrite_in_progress", 0);
    info_fields_integer(out, "aof_rewrite_scheduled", facts->is_scheduled);
    info_fields_integer(out, "aof_last_rewrite_time_sec", facts->last_rewrite_s);
    info_fields_integer(out, "aof_current_rewrite_time_sec", -1);
    info_fields_text(out, "aof_last_bgrewrite_status", facts->has_rewrite_failed ? "err" : "ok");
    info_fields_integer(out, "aof_rewrites", (int64_t)facts->rewrites);
    info_fields_integer(out, "aof_rewrites_consecutive_failures", (int64_t)facts->rewrite_failures);
    info_fields_text(out, "aof_last_write_status", *facts->write_error ? "err" : "ok");
    info_fields_integer(out, "aof_last_cow_size", 0);
    info_fields_integer(out, "module_fork_in_progress", 0);
    info_fields_integer(out, "module_fork_last_cow_size", 0);
    if (!journal->is_on)
        return;
    info_fields_integer(out, "aof_current_size", (int64_t)facts->size);
    info_fields_integer(out, "aof_base_size", (int64_t)facts->base_size);
    info_fields_integer(out, "aof_pending_rewrite", 0);
    info_fields_integer(out, "aof_buffer_length", (int64_t)journal->output.size);
    info_fields_integer(out, "aof_pending_bio_fsync", 0);
    info_fields_integer(out, "aof_delayed_fsync", 0);
}

/* What a replica tells that has never reached its primary. */
static void append_primary(struct call *call, struct buffer *out)
{
    const struct replication *replication = &call->engine->replication;
    info_fields_text(out, "master_host", replication->host);
    info_fields_integer(out, "master_port", replication->port);
    info_fields_text(out, "master_link_status", "down");
    info_fields_integer(out, "master_last_io_seconds_ago", -1);
    info_fields_integer(out, "master_sync_in_progress", 0);
    if (call_emulates(call, 7, 0))
        info_fields_integer(out, "slave_read_repl_offset", 0);
    info_fields_integer(out, "slave_repl_offset", 0);
    info_fields_integer(out, "master_link_down_since_seconds", -1);
    info_fields_integer(out, "slave_priority", call_config(call, CONFIG_REPLICA_PRIORITY));
    info_fields_integer(out, "slave_read_only", call_config(call, CONFIG_REPLICA_READ_ONLY));
    info_fields_integer(out, "replica_announced", call_config(call, CONFIG_REPLICA_ANNOUNCED));
}

static void append_replication(struct call *call, struct buffer *out)
{
    const struct replication *replication = &call->engine->replication;
    info_fields_text(out, "role", replication->host ? "slave" : "master");
    if (replication->host)
        append_primary(call, out);
    info_fields_integer(out, "connected_slaves", 0);
    if (call_config(call, CONFIG_MIN_REPLICAS_TO_WRITE) &&
        call_config(call, CONFIG_MIN_REPLICAS_MAX_LAG))
        info_fields_integer(out, "min_slaves_good_slaves", 0);
    info_fields_text(out, "master_failover_state", "no-failover");
    info_fields_text(out, "master_replid", replication->id);
    info_fields_text(out, "master_replid2", replication->former_id);
    info_fields_integer(out, "master_repl_offset", 0);
    info_fields_integer(out, "second_repl_offset", replication->former_offset);
    info_fields_integer(out, "repl_backlog_active", 0);
    info_fields_integer(out, "repl_backlog_size", call_config(call, CONFIG_REPL_BACKLOG_SIZE));
    info_fields_integer(out, "repl_backlog_first_byte_offset", 0);
    info_fields_integer(out, "repl_backlog_histlen", 0);
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

/* A section of our own. */
static void append_scripts(struct call *call, struct buffer *out)
{
    static const char *const names[] = {"undeclared_keys", "cross_slot_keys",
                                        "writes_after_random_reads", "global_writes"};
    struct buffer mode = {0};
    config_format(call->engine->config, CONFIG_SCRIPT_CHECKS, &mode);
    buffer_append_byte(&mode, '\0');
    info_fields_text(out, "script_checks", mode.data);
    buffer_clear(&mode);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        buffer_append_format(out, "script_checks_%s:%llu\r\n", names[i],
                             (unsigned long long)call->engine->stats.script_checks[i]);
}

static void append_cluster(struct call *call, struct buffer *out)
{
    info_fields_integer(out, "cluster_enabled", call->engine->cluster != NULL);
}

enum section_kind {
    SECTION_DEFAULT,
    SECTION_FULL,    /* of "all" and "everything" */
    SECTION_OURS,    /* of "everything" */
    SECTION_BY_NAME, /* of none */
};

/* In the order in which they are told, whatever the order of the arguments. */
static const struct {
    const char *name;
    const char *title;
    const char *since; /* the version that has it first; NULL: all have it */
    enum section_kind kind;
    void (*append)(struct call *call, struct buffer *out);
} sections[] = {
    {"server", "Server", NULL, SECTION_DEFAULT, append_server},
    {"clients", "Clients", NULL, SECTION_DEFAULT, append_clients},
    {"memory", "Memory", NULL, SECTION_DEFAULT, append_memory},
    {"persistence", "Persistence", NULL, SECTION_DEFAULT, append_persistence},
    {"threads", "Threads", "8.0", SECTION_DEFAULT, info_stats_append_threads},
    {"stats", "Stats", NULL, SECTION_DEFAULT, info_stats_append},
    {"replication", "Replication", NULL, SECTION_DEFAULT, append_replication},
    {"cpu", "CPU", NULL, SECTION_DEFAULT, append_cpu},
    {"modules", "Modules", NULL, SECTION_DEFAULT, append_nothing},
    {"commandstats", "Commandstats", NULL, SECTION_FULL, info_commands_append_stats},
    {"errorstats", "Errorstats", NULL, SECTION_DEFAULT, info_commands_append_errors},
    {"latencystats", "Latencystats", "7.0", SECTION_FULL, info_commands_append_latency},
    {"cluster", "Cluster", NULL, SECTION_DEFAULT, append_cluster},
    {"keyspace", "Keyspace", NULL, SECTION_DEFAULT, info_keys_append},
    {"keysizes", "Keysizes", "8.0", SECTION_FULL, info_keys_append_sizes},
    {"scripts", "Scripts", NULL, SECTION_OURS, append_scripts},
    {"debug", "Debug", "7.2", SECTION_BY_NAME, info_stats_append_debug},
};

static bool is_asked_for(const struct call *call, size_t section)
{
    enum section_kind kind = sections[section].kind;
    bool is_asked = call->argc == 1 && kind == SECTION_DEFAULT;
    for (int i = 1; i < call->argc; i++)
        is_asked |= call_is(call, i, sections[section].name) ||
                    (call_is(call, i, "everything") && kind <= SECTION_OURS) ||
                    (call_is(call, i, "all") && kind <= SECTION_FULL) ||
                    (call_is(call, i, "default") && kind == SECTION_DEFAULT);
    const char *since = sections[section].since;
    return is_asked && (!since || command_version_number(since) <= call->engine->version);
}

static void info_info(struct call *call)
{
    struct buffer text = {0};
    if (call->argc > 2 && !call_emulates(call, 7, 0)) {
        call_syntax_error(call);
        return;
    }
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
