/* SPDX-License-Identifier: MIT */
/*
 * An append-only file: whatever is in it, loading ends; and what stands before the place where one
 * is cut off is loaded without complaint.
 */
#include "base/check.h"
#include "commands/registry.h"
#include "controls/virtual_clock.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "engine/journal_load.h"
#include "script/interpreter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Into a server of its own. */
static enum journal_load_result load_file(struct bytes file, size_t *valid)
{
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    const struct engine_options options = {
        .families = command_families, .clock = &clock.clock, .config = config_new()};
    struct engine *engine = engine_new(&options);
    engine->interpreter = interpreter_new(engine);
    struct journal_load load = {.engine = engine};
    struct buffer problem = {0};
    journal_load_begin(&load);
    enum journal_load_result result = journal_load_bytes(&load, file, &problem);
    journal_load_end(&load);
    CHECK((result == JOURNAL_LOAD_DONE) == (problem.size == 0));
    CHECK(load.valid <= file.size);
    *valid = load.valid;
    buffer_clear(&problem);
    interpreter_free(engine->interpreter);
    engine_free(engine);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes file = bytes_of((const char *)data, size);
    size_t valid, whole;
    if (load_file(file, &valid) == JOURNAL_LOAD_TRUNCATED)
        CHECK(load_file(bytes_of(file.data, valid), &whole) == JOURNAL_LOAD_DONE);
    return 0;
}
