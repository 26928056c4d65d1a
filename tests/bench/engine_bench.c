/* SPDX-License-Identifier: MIT */
/*
 * Prints what another engine costs, as each world has one: time to make it, bytes that it holds.
 *
 *     engine_bench [count]        (1000 unless told)
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "commands/registry.h"
#include "controls/virtual_clock.h"
#include "engine/engine.h"
#include "script/interpreter.h"

static struct engine *make_engine(const struct config *config, struct virtual_clock *clock,
                                  const struct engine *like)
{
    const struct engine_options options = {.families = command_families,
                                           .like = like,
                                           .clock = &clock->clock,
                                           .config = config_copy(config),
                                           .seed = 1};
    struct engine *engine = engine_new(&options);
    engine->virtual_clock = clock;
    engine->interpreter = interpreter_new(engine);
    return engine;
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    struct engine **engines = memory_zeroed(count * sizeof *engines);
    struct config *config = config_new();
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    struct engine *base = make_engine(config, &clock, NULL);
    for (int round = 0; round < 2; round++) { /* the second finds memory that was used before */
        size_t before = mallinfo2().uordblks;
        int64_t start = clock_monotonic_us();
        for (size_t i = 0; i < count; i++)
            engines[i] = make_engine(config, &clock, base);
        int64_t made = clock_monotonic_us() - start;
        size_t held = mallinfo2().uordblks - before;
        start = clock_monotonic_us();
        for (size_t i = 0; i < count; i++) {
            interpreter_free(engines[i]->interpreter);
            engine_free(engines[i]);
        }
        int64_t freed = clock_monotonic_us() - start;
        printf("%s: %.1f us to make, %.1f us to free, %.1f kB\n", round ? "again" : "first",
               (double)made / (double)count, (double)freed / (double)count,
               (double)held / (double)count / 1000);
    }
    interpreter_free(base->interpreter);
    engine_free(base);
    config_free(config);
    memory_free(engines);
    return 0;
}
