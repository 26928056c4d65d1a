/* SPDX-License-Identifier: MIT */
/*
 * The subcommands of MOCK, one file a theme; mock.c holds their rows and HELP.
 *
 *     void mock_seed(struct call *call)
 *     {
 *         if (!mock_is_allowed(call))
 *             return;                             // it answered why not
 *         ...
 */
#ifndef UNDERSTUDY_COMMANDS_MOCK_H
#define UNDERSTUDY_COMMANDS_MOCK_H

#include <stdbool.h>

#include "controls/snapshots.h"
#include "engine/call.h"

/* Whether `enable-mock-command` lets this client use MOCK; if not, the refusal is answered. */
bool mock_is_allowed(struct call *call);

/* A word behind a subcommand. */
struct mock_option {
    const char *word;
    int least, most; /* argc */
    void (*run)(struct call *call);
};

/* Runs the option that argv[2] names, if this client may; `options` ends with a NULL word. Else the
 * error is answered: `usage` lists the options, as in "SET ms or GET". */
void mock_run_option(struct call *call, const struct mock_option *options, const char *usage);

void mock_clock(struct call *call);
void mock_clock_fastforward(struct call *call);
void mock_clock_settime(struct call *call);
void mock_world(struct call *call);
void mock_snapshot(struct call *call);

/* The layers whose state a snapshot of the server holds: mock_snapshot.c. */
extern const struct snapshots_part mock_snapshot_parts[];
void mock_coverage(struct call *call);
void mock_trace(struct call *call);
void mock_faults(struct call *call);
void mock_faults_set_error(struct call *call);
void mock_gates(struct call *call);
void mock_calls(struct call *call);
void mock_calls_count(struct call *call);
void mock_dataset_check(struct call *call);
void mock_dataset_dump(struct call *call);
void mock_dataset_seed_file(struct call *call);
void mock_expect(struct call *call);
void mock_expect_verify(struct call *call);

#endif
