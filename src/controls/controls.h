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
#include "engine/config.h"

struct controls {
    struct engine *engine; /* borrowed */
    struct faults faults;
    struct gates gates;
    struct recording recording;
    struct expectations expectations;
};

struct controls *controls_new(struct engine *engine);

/* Accepts NULL. */
void controls_free(struct controls *controls);

/* No faults, no gates, nothing recorded or expected: as after controls_new. Clients that were held
 * go on at once, so it comes before their traces are wiped out. */
void controls_reset(struct controls *controls);

/* A directive was changed. For the config listener. */
void controls_config_changed(struct controls *controls, enum config_id id);

#endif
