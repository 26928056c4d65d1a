/* SPDX-License-Identifier: MIT */
/*
 * Lua has one hook for each thread, and this file alone sets it: whoever wants to see lines or
 * calls is asked from here, and the mask has those events only while somebody does. But a run that
 * is debugged has the debugger's hook, which passes on what it sees.
 *
 * A count hook costs next to nothing: Lua checks the hook mask at each instruction anyway. Other
 * clients are served from within it (engine_host.busy_turn), so nothing of a command may be on the
 * stack here; none is, as hooks run between Lua instructions.
 */
#include "script/hooks.h"

#include "base/clock.h"
#include "reply/errors.h"
#include "script/interpreter_private.h"
#include "script/script_errors.h"

#define LIBRARY_LOAD_LIMIT 500 /* ms */

/* Instructions between looks. One may take long: a call of a library function, a call with many
 * arguments. So the first look comes early, and the next ones come as the time between allows. */
#define FIRST_INTERVAL    200
#define SHORTEST_INTERVAL 10
#define LONGEST_INTERVAL  100000
#define SOON_US           1000
#define LATE_US           10000

/* A collection starts when memory has grown to so many percent of what was left by the last. */
#define LAZY_PAUSE  400
#define EAGER_PAUSE 150
#define TIGHT_PAUSE 110

/* A collection goes so many percent as fast as memory grows. */
#define STEADY_PACE 200
#define ALL_AT_ONCE 0

#define SMALL_STATE        ((size_t)8 << 20) /* bytes */
#define LARGE_LEFT_OVER    ((size_t)64 << 20)
#define RUNS_BETWEEN_STEPS 256 /* of the collector, should a script have stopped it */

static void hook(lua_State *L, lua_Debug *activation);

/* Called by the allocator too: these two settings are all of lua_gc that is safe there. */
static void pace_collector(struct lua_memory *memory)
{
    lua_State *L = ((struct interpreter *)(void *)memory)->L;
    bool is_small = memory->used < SMALL_STATE;
    bool is_tight = memory->limit != SIZE_MAX && lua_memory_left(memory) < memory->limit / 2;
    lua_gc(L, LUA_GCSETPAUSE, is_small ? LAZY_PAUSE : is_tight ? TIGHT_PAUSE : EAGER_PAUSE);
    lua_gc(L, LUA_GCSETSTEPMUL, is_small ? STEADY_PACE : ALL_AT_ONCE);
}

/* From now on each new line raises, so that a pcall in the script does not keep it alive. */
int hooks_kill_run(struct interpreter *interpreter, lua_State *L)
{
    const char *ending = interpreter->run->ending;
    lua_sethook(interpreter->L, hook, LUA_MASKLINE, 0);
    lua_sethook(L, hook, LUA_MASKLINE, 0);
    return script_errors_raise(L, ending ? ending : ERROR_SCRIPT_KILLED);
}

int hooks_fail_run(lua_State *L, const char *error)
{
    struct interpreter *interpreter = interpreter_of(L);
    interpreter->run->is_killed = true;
    interpreter->run->ending = error;
    return hooks_kill_run(interpreter, L);
}

static void serve_others(struct interpreter *interpreter)
{
    const struct engine_host *host = &interpreter->engine->host;
    if (!interpreter->run->is_busy)
        engine_log(interpreter->engine, 3, "Slow script detected: %s", interpreter->run->name);
    interpreter->run->is_busy = true;
    if (!host->busy_turn)
        return;
    struct engine *engine = interpreter->engine;
    int64_t now_us = engine->now_us;
    engine->busy_error = interpreter->run->script ? ERROR_SCRIPT_BUSY : ERROR_FUNCTION_BUSY;
    host->busy_turn(host->context);
    engine->busy_error = NULL;
    engine->now_us = now_us;
    if (engine->is_stopping)
        interpreter->run->is_killed = true;
}

/* How long the run may take before something is done about it; 0: for ever. */
static int64_t threshold_ms(const struct interpreter *interpreter)
{
    if (interpreter->run->loading)
        return LIBRARY_LOAD_LIMIT;
    return config_integer(interpreter->engine->config, CONFIG_LUA_TIME_LIMIT);
}

static void end_loading(struct script_run *run)
{
    run->ending = ERROR_FUNCTION_LOAD_TIMEOUT;
    run->is_killed = true;
}

/* `elapsed_us` since the last look. */
static void set_interval(lua_State *L, int64_t elapsed_us)
{
    int interval = lua_gethookcount(L);
    if (elapsed_us > LATE_US && interval > SHORTEST_INTERVAL)
        interval = interval > 8 * SHORTEST_INTERVAL ? interval / 8 : SHORTEST_INTERVAL;
    else if (elapsed_us < SOON_US && interval < LONGEST_INTERVAL)
        interval = interval < LONGEST_INTERVAL / 4 ? interval * 4 : LONGEST_INTERVAL;
    else
        return;
    lua_sethook(L, lua_gethook(L), lua_gethookmask(L), interval); /* the debugger has its own */
}

/* Microseconds from the start to the first look. */
static int64_t time_before_looks(const struct interpreter *interpreter)
{
    uint64_t ticks = stopwatch_ticks() - interpreter->run->began;
    return (int64_t)stopwatch_us(&interpreter->engine->stopwatch, ticks);
}

/* Once in so many instructions; after a kill at each line. */
static void look(lua_State *L, struct interpreter *interpreter)
{
    struct script_run *run = interpreter->run;
    pace_collector(&interpreter->memory);
    if (!run->is_killed) {
        int64_t now = clock_monotonic_us();
        if (run->started_us == 0)
            run->started_us = run->looked_us = now - time_before_looks(interpreter);
        set_interval(L, now - run->looked_us);
        run->looked_us = now;
        int64_t limit = threshold_ms(interpreter);
        if (limit <= 0 || (now - run->started_us) / 1000 < limit)
            return;
        if (run->loading)
            end_loading(run);
        else
            serve_others(interpreter);
    }
    if (run->is_killed)
        hooks_kill_run(interpreter, L);
}

void hooks_look(lua_State *L, lua_Debug *activation)
{
    struct interpreter *interpreter = interpreter_of(L);
    struct script_run *run = interpreter->run;
    if (!run)
        return;
    if (activation->event == LUA_HOOKCOUNT || run->is_killed)
        look(L, interpreter);
    else if (run->coverage)
        coverage_note(run->coverage, L, activation);
}

static void hook(lua_State *L, lua_Debug *activation)
{
    hooks_look(L, activation);
}

int hooks_events(const struct interpreter *interpreter)
{
    return LUA_MASKCOUNT | (interpreter->coverage ? LUA_MASKLINE | LUA_MASKCALL : 0);
}

void hooks_install(lua_State *L)
{
    lua_sethook(L, hook, hooks_events(interpreter_of(L)), FIRST_INTERVAL);
}

void hooks_watch_memory(struct interpreter *interpreter)
{
    interpreter->memory.grew = pace_collector;
    interpreter->memory_left_over = interpreter->memory.used;
    pace_collector(&interpreter->memory);
}

static void collect_after_run(struct interpreter *interpreter, bool is_memory_short)
{
    size_t used = interpreter->memory.used;
    size_t kept = interpreter_memory_limit(interpreter) / 8;
    if (kept > LARGE_LEFT_OVER)
        kept = LARGE_LEFT_OVER;
    if (is_memory_short || (used > kept && used / 2 > interpreter->memory_left_over)) {
        lua_gc(interpreter->L, LUA_GCCOLLECT, 0);
        interpreter->memory_left_over = interpreter->memory.used;
    }
    if (++interpreter->run_count % RUNS_BETWEEN_STEPS == 0) {
        pace_collector(&interpreter->memory);
        lua_gc(interpreter->L, LUA_GCSTEP, 0);
    }
}

void hooks_end_run(struct interpreter *interpreter, bool is_memory_short)
{
    if (lua_gethookmask(interpreter->L) != hooks_events(interpreter) ||
        lua_gethookcount(interpreter->L) != FIRST_INTERVAL)
        hooks_install(interpreter->L);
    collect_after_run(interpreter, is_memory_short);
}
