/* SPDX-License-Identifier: MIT */
#include "controls/controls.h"

#include "base/memory.h"
#include "engine/engine.h"

struct controls *controls_new(struct engine *engine)
{
    struct controls *controls = memory_zeroed(sizeof *controls);
    controls->engine = engine;
    faults_init(&controls->faults, engine);
    gates_init(&controls->gates, engine);
    return controls;
}

void controls_reset(struct controls *controls)
{
    /* Faults first: what a gate lets go is not to meet one any more. */
    faults_set_error(&controls->faults, BYTES_LITERAL(""));
    faults_clear(&controls->faults);
    gates_clear(&controls->gates);
}

void controls_free(struct controls *controls)
{
    if (!controls)
        return;
    controls_reset(controls);
    memory_free(controls);
}
