/* SPDX-License-Identifier: MIT */
/*
 * What a test may do to one engine, in one place: each engine has controls of its own.
 *
 *     engine->controls = controls_new(engine);
 *     faults_set_error(&engine->controls->faults, BYTES_LITERAL("ERR down"));
 *     controls_reset(engine->controls);            // before engine_reset
 *     controls_free(engine->controls);             // before engine_free, when sessions are gone
 *
 * Nothing here needs a session: the subcommands of MOCK and whoever embeds the engine call the same
 * functions.
 */
#ifndef UNDERSTUDY_CONTROLS_CONTROLS_H
#define UNDERSTUDY_CONTROLS_CONTROLS_H

#include "controls/expectations.h"
#include "controls/faults.h"
#include "controls/gates.h"
#include "controls/recording.h"
#include "controls/report.h"
#include "engine/config.h"

struct controls {
    struct engine *engine; /* borrowed */
    struct faults faults;
    struct gates gates;
    struct recording recording;
    struct expectations expectations;
    struct report *report; /* owned; NULL: none is asked for */
    bool is_seeding;       /* a file of commands is being run */
};

struct controls *controls_new(struct engine *engine);

/* Accepts NULL. */
void controls_free(struct controls *controls);

/* No faults, no gates, nothing recorded or expected: as after controls_new. Clients that were held
 * go on at once, so it comes before their traces are wiped out. */
void controls_reset(struct controls *controls);

/* Runs a file of commands (seed_file.h): how many, or -1 with the reason in `problem`. One within
 * another is refused. */
int64_t controls_load_seed(struct controls *controls, const char *path, struct buffer *problem);
/* The same for the file that the directive seed-file names, if it names one and none is being run.
 */
int64_t controls_load_configured_seed(struct controls *controls, struct buffer *problem);

/* Begins the account that the directive report asks for, if it does: what is there by now is given.
 */
void controls_start_report(struct controls *controls);

/* A directive was changed. For the config listener. */
void controls_config_changed(struct controls *controls, enum config_id id);

#endif
