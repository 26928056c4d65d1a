/* SPDX-License-Identifier: MIT */
#include "controls/controls.h"

#include "base/memory.h"
#include "controls/seed_file.h"
#include "engine/engine.h"

static void start_recording(struct controls *controls, const struct config *config)
{
    int64_t limit = config_integer(config, CONFIG_MOCK_CALLS_MAX);
    recording_start(&controls->recording, (size_t)limit);
}

struct controls *controls_new(struct engine *engine)
{
    struct controls *controls = memory_zeroed(sizeof *controls);
    controls->engine = engine;
    faults_init(&controls->faults, engine);
    gates_init(&controls->gates, engine);
    recording_init(&controls->recording, engine);
    expectations_init(&controls->expectations, engine);
    start_recording(controls, engine->config);
    return controls;
}

void controls_reset(struct controls *controls)
{
    /* Faults first: what a gate lets go is not to meet one any more. */
    faults_set_error(&controls->faults, BYTES_LITERAL(""));
    faults_clear(&controls->faults);
    gates_clear(&controls->gates);
    expectations_clear(&controls->expectations);
    recording_clear(&controls->recording);
    start_recording(controls, controls->engine->config_at_start);
}

int64_t controls_load_seed(struct controls *controls, const char *path, struct buffer *problem)
{
    if (controls->is_seeding) {
        buffer_append_format(problem, "%s is within another file of commands", path);
        return -1;
    }
    controls->is_seeding = true;
    int64_t count = seed_file_load(controls->engine, path, problem);
    controls->is_seeding = false;
    return count;
}

int64_t controls_load_configured_seed(struct controls *controls, struct buffer *problem)
{
    const char *path = config_string(controls->engine->config, CONFIG_SEED_FILE);
    if (*path == '\0' || controls->is_seeding)
        return 0;
    return controls_load_seed(controls, path, problem);
}

void controls_start_report(struct controls *controls)
{
    if (*config_string(controls->engine->config, CONFIG_REPORT) && !controls->report)
        controls->report = report_new(controls);
}

void controls_config_changed(struct controls *controls, enum config_id id)
{
    if (id == CONFIG_MOCK_CALLS_MAX)
        start_recording(controls, controls->engine->config);
}

void controls_free(struct controls *controls)
{
    if (!controls)
        return;
    report_free(controls->report);
    controls_reset(controls);
    recording_stop(&controls->recording);
    memory_free(controls);
}
