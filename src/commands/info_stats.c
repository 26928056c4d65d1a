/* SPDX-License-Identifier: MIT */
/* INFO's sections about what was done, and how fast. */
#include "commands/info_fields.h"
#include "engine/engine.h"

static double rate(const struct call *call, enum throughput_kind kind)
{
    return throughput_rate(&call->engine->throughput, kind);
}

static int64_t us_of(const struct call *call, uint64_t ticks)
{
    return (int64_t)stopwatch_us(&call->engine->stopwatch, ticks);
}

static void append_traffic(struct call *call, struct buffer *out)
{
    static const char *const transfers[] = {"total_net_repl_input_bytes",
                                            "total_net_repl_output_bytes", NULL};
    const struct engine_stats *stats = &call->engine->stats;
    bool is_new = call_emulates(call, 7, 0);
    info_fields_integer(out, "total_connections_received", (int64_t)stats->connections);
    info_fields_integer(out, "total_commands_processed", (int64_t)stats->commands);
    info_fields_integer(out, "instantaneous_ops_per_sec", (int64_t)rate(call, THROUGHPUT_COMMANDS));
    info_fields_integer(out, "total_net_input_bytes", (int64_t)stats->input_bytes);
    info_fields_integer(out, "total_net_output_bytes", (int64_t)stats->output_bytes);
    if (is_new)
        info_fields_zeros(out, transfers);
    info_fields_decimal(out, "instantaneous_input_kbps", rate(call, THROUGHPUT_INPUT) / 1024);
    info_fields_decimal(out, "instantaneous_output_kbps", rate(call, THROUGHPUT_OUTPUT) / 1024);
    if (is_new) {
        info_fields_decimal(out, "instantaneous_input_repl_kbps", 0);
        info_fields_decimal(out, "instantaneous_output_repl_kbps", 0);
    }
    info_fields_integer(out, "rejected_connections", (int64_t)stats->rejected_connections);
}

static void append_removals(struct call *call, struct buffer *out)
{
    const struct engine *engine = call->engine;
    const struct engine_stats *stats = &engine->stats;
    if (call_emulates(call, 7, 4))
        info_fields_integer(out, "expired_subkeys", (int64_t)engine->keyspace.expired_fields);
    info_fields_integer(out, "expired_keys", (int64_t)engine->keyspace.expired);
    info_fields_decimal(out, "expired_stale_perc", 0);
    info_fields_integer(out, "expired_time_cap_reached_count", 0);
    info_fields_integer(out, "expire_cycle_cpu_milliseconds",
                        us_of(call, stats->expiry_ticks) / 1000);
    info_fields_integer(out, "evicted_keys", (int64_t)engine->keyspace.evicted);
    if (call_emulates(call, 7, 0))
        info_fields_integer(out, "evicted_clients", (int64_t)stats->evicted_clients);
    if (call_emulates(call, 7, 4))
        info_fields_integer(out, "evicted_scripts", (int64_t)stats->evicted_scripts);
    if (call_emulates(call, 7, 0)) {
        info_fields_integer(out, "total_eviction_exceeded_time",
                            eviction_total_exceeded_ms(engine));
        info_fields_integer(out, "current_eviction_exceeded_time", eviction_exceeded_ms(engine));
    }
    info_fields_integer(out, "keyspace_hits", (int64_t)engine->keyspace.hits);
    info_fields_integer(out, "keyspace_misses", (int64_t)engine->keyspace.misses);
}

static void append_pubsub(struct call *call, struct buffer *out)
{
    const struct pubsub *pubsub = &call->engine->pubsub;
    info_fields_integer(out, "pubsub_channels",
                        (int64_t)pubsub_topic_count(pubsub, PUBSUB_CHANNEL));
    info_fields_integer(out, "pubsub_patterns",
                        (int64_t)pubsub_topic_count(pubsub, PUBSUB_PATTERN));
    if (call_emulates(call, 7, 0))
        info_fields_integer(out, "pubsubshard_channels",
                            (int64_t)pubsub_topic_count(pubsub, PUBSUB_SHARD));
}

static void append_tracking(struct call *call, struct buffer *out)
{
    static const char *const none[] = {
        "migrate_cached_sockets",   "slave_expires_tracked_keys", "active_defrag_hits",
        "active_defrag_misses",     "active_defrag_key_hits",     "active_defrag_key_misses",
        "total_active_defrag_time", "current_active_defrag_time", NULL};
    static const char *const none_before_7[] = {"migrate_cached_sockets",
                                                "slave_expires_tracked_keys",
                                                "active_defrag_hits",
                                                "active_defrag_misses",
                                                "active_defrag_key_hits",
                                                "active_defrag_key_misses",
                                                NULL};
    const struct tracking *tracking = &call->engine->tracking;
    const struct engine_stats *stats = &call->engine->stats;
    info_fields_integer(out, "latest_fork_usec", stats->last_fork_us);
    info_fields_integer(out, "total_forks", (int64_t)stats->forks);
    info_fields_zeros(out, call_emulates(call, 7, 0) ? none : none_before_7);
    info_fields_integer(out, "tracking_total_keys", (int64_t)table_count(&tracking->keys));
    info_fields_integer(out, "tracking_total_items", (int64_t)tracking->items);
    info_fields_integer(out, "tracking_total_prefixes", (int64_t)list_count(&tracking->prefixes));
}

static void append_replies(struct call *call, struct buffer *out)
{
    const struct engine_stats *stats = &call->engine->stats;
    info_fields_integer(out, "unexpected_error_replies", 0);
    info_fields_integer(out, "total_error_replies", (int64_t)stats->error_replies);
    info_fields_integer(out, "dump_payload_sanitizations", 0);
    info_fields_integer(out, "total_reads_processed", (int64_t)stats->reads);
    info_fields_integer(out, "total_writes_processed", (int64_t)stats->writes);
    info_fields_integer(out, "io_threaded_reads_processed", 0);
    info_fields_integer(out, "io_threaded_writes_processed", 0);
    if (call_emulates(call, 7, 4)) {
        info_fields_integer(out, "client_query_buffer_limit_disconnections",
                            (int64_t)stats->query_limit_disconnections);
        info_fields_integer(out, "client_output_buffer_limit_disconnections",
                            (int64_t)stats->output_limit_disconnections);
    }
    if (call_emulates(call, 7, 0)) {
        info_fields_integer(out, "reply_buffer_shrinks", 0);
        info_fields_integer(out, "reply_buffer_expands", 0);
    }
}

static void append_turns(struct call *call, struct buffer *out)
{
    const struct engine_stats *stats = &call->engine->stats;
    double cycles = rate(call, THROUGHPUT_CYCLES), ticks = rate(call, THROUGHPUT_TICKS);
    info_fields_integer(out, "eventloop_cycles", (int64_t)stats->cycles);
    info_fields_integer(out, "eventloop_duration_sum", us_of(call, stats->cycle_ticks));
    info_fields_integer(out, "eventloop_duration_cmd_sum", us_of(call, stats->command_ticks));
    info_fields_integer(out, "instantaneous_eventloop_cycles_per_sec", (int64_t)cycles);
    info_fields_integer(out, "instantaneous_eventloop_duration_usec",
                        cycles > 0 ? us_of(call, (uint64_t)(ticks / cycles)) : 0);
}

static void append_denials(struct call *call, struct buffer *out)
{
    const uint64_t *denied = call->engine->acl.log.denied;
    info_fields_integer(out, "acl_access_denied_auth", (int64_t)denied[ACL_DENIED_LOGIN]);
    info_fields_integer(out, "acl_access_denied_cmd", (int64_t)denied[ACL_DENIED_COMMAND]);
    info_fields_integer(out, "acl_access_denied_key", (int64_t)denied[ACL_DENIED_KEY]);
    info_fields_integer(out, "acl_access_denied_channel", (int64_t)denied[ACL_DENIED_CHANNEL]);
}

void info_stats_append(struct call *call, struct buffer *out)
{
    static const char *const no_replicas[] = {"sync_full", "sync_partial_ok", "sync_partial_err",
                                              NULL};
    append_traffic(call, out);
    info_fields_zeros(out, no_replicas);
    append_removals(call, out);
    append_pubsub(call, out);
    append_tracking(call, out);
    append_replies(call, out);
    if (!call_emulates(call, 7, 2))
        return;
    append_turns(call, out);
    append_denials(call, out);
}

/* There is one, that does everything. */
void info_stats_append_threads(struct call *call, struct buffer *out)
{
    const struct engine_stats *stats = &call->engine->stats;
    buffer_append_format(out, "io_thread_0:clients=%zu,reads=%llu,writes=%llu\r\n",
                         list_count(&call->engine->sessions), (unsigned long long)stats->reads,
                         (unsigned long long)stats->writes);
}

void info_stats_append_debug(struct call *call, struct buffer *out)
{
    const struct engine_stats *stats = &call->engine->stats;
    info_fields_integer(out, "eventloop_duration_aof_sum", 0);
    info_fields_integer(out, "eventloop_duration_cron_sum", 0);
    info_fields_integer(out, "eventloop_duration_max", us_of(call, stats->longest_cycle_ticks));
    info_fields_integer(out, "eventloop_cmd_per_cycle_max", (int64_t)stats->most_commands_a_cycle);
}
