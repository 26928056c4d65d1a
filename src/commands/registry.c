/* SPDX-License-Identifier: MIT */
/* A new family's table gets its two lines here. */
#include "commands/registry.h"

extern const struct command acl_commands[];
extern const struct command bitfields_commands[];
extern const struct command bitmaps_commands[];
extern const struct command clients_commands[];
extern const struct command cluster_commands[];
extern const struct command connection_commands[];
extern const struct command debug_commands[];
extern const struct command expiry_commands[];
extern const struct command functions_commands[];
extern const struct command geo_commands[];
extern const struct command geo_search_commands[];
extern const struct command hash_expiry_commands[];
extern const struct command hash_extended_commands[];
extern const struct command hash_scan_commands[];
extern const struct command hashes_commands[];
extern const struct command hyperloglogs_commands[];
extern const struct command info_commands[];
extern const struct command introspection_commands[];
extern const struct command key_scan_commands[];
extern const struct command keys_commands[];
extern const struct command latency_report_commands[];
extern const struct command lcs_commands[];
extern const struct command list_pops_commands[];
extern const struct command lists_commands[];
extern const struct command lolwut_commands[];
extern const struct command memory_report_commands[];
extern const struct command migrate_commands[];
extern const struct command mock_commands[];
extern const struct command modules_commands[];
extern const struct command monitoring_commands[];
extern const struct command objects_commands[];
extern const struct command persistence_commands[];
extern const struct command pubsub_commands[];
extern const struct command replication_commands[];
extern const struct command scripting_commands[];
extern const struct command serialization_commands[];
extern const struct command server_commands[];
extern const struct command set_algebra_commands[];
extern const struct command set_random_commands[];
extern const struct command sets_commands[];
extern const struct command slow_log_commands[];
extern const struct command sorted_set_algebra_commands[];
extern const struct command sorted_set_pops_commands[];
extern const struct command sorted_set_ranges_commands[];
extern const struct command sorted_set_scan_commands[];
extern const struct command sorted_set_spans_commands[];
extern const struct command sorted_sets_commands[];
extern const struct command sort_commands[];
extern const struct command stream_claims_commands[];
extern const struct command stream_groups_commands[];
extern const struct command stream_info_commands[];
extern const struct command stream_reads_commands[];
extern const struct command streams_commands[];
extern const struct command string_counters_commands[];
extern const struct command string_ranges_commands[];
extern const struct command strings_commands[];
extern const struct command transactions_commands[];
extern const struct command waits_commands[];

/* clang-format off: one a line, so that a new one is one line of a diff */
const struct command *const command_families[] = {
    acl_commands,
    bitfields_commands,
    bitmaps_commands,
    clients_commands,
    cluster_commands,
    connection_commands,
    debug_commands,
    expiry_commands,
    functions_commands,
    geo_commands,
    geo_search_commands,
    hash_expiry_commands,
    hash_extended_commands,
    hash_scan_commands,
    hashes_commands,
    hyperloglogs_commands,
    info_commands,
    introspection_commands,
    key_scan_commands,
    keys_commands,
    latency_report_commands,
    lcs_commands,
    list_pops_commands,
    lists_commands,
    lolwut_commands,
    memory_report_commands,
    migrate_commands,
    mock_commands,
    modules_commands,
    monitoring_commands,
    objects_commands,
    persistence_commands,
    pubsub_commands,
    replication_commands,
    scripting_commands,
    serialization_commands,
    server_commands,
    set_algebra_commands,
    set_random_commands,
    sets_commands,
    slow_log_commands,
    sorted_set_algebra_commands,
    sorted_set_pops_commands,
    sorted_set_ranges_commands,
    sorted_set_scan_commands,
    sorted_set_spans_commands,
    sorted_sets_commands,
    sort_commands,
    stream_claims_commands,
    stream_groups_commands,
    stream_info_commands,
    stream_reads_commands,
    streams_commands,
    string_counters_commands,
    string_ranges_commands,
    strings_commands,
    transactions_commands,
    waits_commands,
    NULL,
};
/* clang-format on */
