/* SPDX-License-Identifier: MIT */
/* A new family's table gets its two lines here. */
#include "commands/registry.h"

extern const struct command clients_commands[];
extern const struct command connection_commands[];
extern const struct command debug_commands[];
extern const struct command expiry_commands[];
extern const struct command hash_scan_commands[];
extern const struct command hashes_commands[];
extern const struct command info_commands[];
extern const struct command introspection_commands[];
extern const struct command key_scan_commands[];
extern const struct command keys_commands[];
extern const struct command lcs_commands[];
extern const struct command list_pops_commands[];
extern const struct command lists_commands[];
extern const struct command memory_report_commands[];
extern const struct command mock_commands[];
extern const struct command objects_commands[];
extern const struct command scripting_commands[];
extern const struct command serialization_commands[];
extern const struct command server_commands[];
extern const struct command slow_log_commands[];
extern const struct command string_counters_commands[];
extern const struct command string_ranges_commands[];
extern const struct command strings_commands[];
extern const struct command transactions_commands[];

/* clang-format off: one a line, so that a new one is one line of a diff */
const struct command *const command_families[] = {
    clients_commands,
    connection_commands,
    debug_commands,
    expiry_commands,
    hash_scan_commands,
    hashes_commands,
    info_commands,
    introspection_commands,
    key_scan_commands,
    keys_commands,
    lcs_commands,
    list_pops_commands,
    lists_commands,
    memory_report_commands,
    mock_commands,
    objects_commands,
    scripting_commands,
    serialization_commands,
    server_commands,
    slow_log_commands,
    string_counters_commands,
    string_ranges_commands,
    strings_commands,
    transactions_commands,
    NULL,
};
/* clang-format on */
