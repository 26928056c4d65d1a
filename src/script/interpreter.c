/* SPDX-License-Identifier: MIT */
/*
 * Between runs the main state's stack holds exactly what enum interpreter_slot names. A run pushes
 * the script's function above that, and its one result takes the function's place.
 */
#include "script/interpreter.h"

#include <lauxlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "engine/admission.h"
#include "reply/errors.h"
#include "script/chunk.h"
#include "script/debugger.h"
#include "script/hooks.h"
#include "script/interpreter_private.h"
#include "script/library_dump.h"
#include "script/library_private.h"
#include "script/redis_api.h"
#include "script/sandbox.h"
#include "script/script_errors.h"
#include "script/script_flags.h"
#include "script/script_run.h"

#define SHA_SIZE       DIGEST_SHA1_HEX_SIZE
#define MOST_EVICTABLE 500 /* scripts */

static struct bytes script_sha(const void *entry)
{
    return bytes_of(((const struct script *)entry)->sha, SHA_SIZE);
}
static const struct table_class script_class = {.key_of = script_sha};

static struct bytes script_body(const void *entry)
{
    const struct script *script = entry;
    return bytes_of(script->body, script->body_size);
}
static const struct table_class body_class = {.key_of = script_body};

/* --- life --- */

static struct interpreter *new_with_seed(struct engine *engine, uint64_t seed)
{
    struct interpreter *interpreter = memory_zeroed(sizeof *interpreter);
    interpreter->engine = engine;
    interpreter->random_state = REDIS_API_RANDOM_START;
    interpreter->random = &interpreter->random_state;
    lua_memory_init(&interpreter->memory);
    table_init(&interpreter->scripts, &script_class, seed);
    table_init(&interpreter->bodies, &body_class, seed);
    return interpreter;
}

static void measure_scripts(const struct engine *engine, struct footprint_scripts *scripts)
{
    const struct interpreter *interpreter = engine->interpreter;
    if (!interpreter)
        return;
    scripts->states = interpreter_vm_memory(interpreter) + library_vm_memory(interpreter);
    scripts->texts = interpreter_scripts_memory(interpreter) + library_memory(interpreter);
}

struct interpreter *interpreter_new(struct engine *engine)
{
    uint64_t seed = random_next(&engine->random);
    struct interpreter *interpreter = new_with_seed(engine, seed);
    if (*config_string(engine->config, CONFIG_SCRIPT_COVERAGE) ||
        *config_string(engine->config, CONFIG_REPORT) ||
        config_integer(engine->config, CONFIG_SCRIPT_COVERAGE_MIN) > 0)
        interpreter->coverage = coverage_new();
    interpreter->functions = new_with_seed(engine, seed);
    interpreter->functions->coverage = interpreter->coverage;
    interpreter->functions->random = &interpreter->random_state;
    interpreter->functions->shelf = library_shelf_new(seed);
    engine->persistence.libraries = &library_dump_in_files;
    engine->measure_scripts = measure_scripts;
    return interpreter;
}

static int fail_unprotected(lua_State *L)
{
    bool is_protected = false;
    CHECK(is_protected && lua_tostring(L, -1));
    return 0;
}

bool interpreter_open_state(struct interpreter *interpreter)
{
    if (interpreter->L)
        return false;
    interpreter->L = lua_newstate(lua_memory_allocate, &interpreter->memory);
    CHECK(interpreter->L);
    lua_atpanic(interpreter->L, fail_unprotected);
    sandbox_open(interpreter->L);
    hooks_install(interpreter->L);
    hooks_watch_memory(interpreter);
    return true;
}

void interpreter_close_state(struct interpreter *interpreter)
{
    if (interpreter->L)
        lua_close(interpreter->L);
    interpreter->L = NULL;
    interpreter->keys.count = interpreter->argv.count = 0;
    interpreter->has_slots = false;
    memset(interpreter->names, 0, sizeof interpreter->names);
    lua_memory_clear(&interpreter->memory);
}

static void free_script(void *entry, void *context)
{
    (void)context;
    memory_free(entry);
}

/* For who frees scripts. */
static void forget_recent(struct interpreter *interpreter)
{
    memset(interpreter->recent, 0, sizeof interpreter->recent);
}

void interpreter_flush(struct interpreter *interpreter)
{
    CHECK(!interpreter->run);
    forget_recent(interpreter);
    interpreter_close_state(interpreter);
    table_clear(&interpreter->bodies, NULL, NULL);
    interpreter->evictable = (struct list){0};
    table_clear(&interpreter->scripts, free_script, NULL);
    interpreter->scripts_memory = 0;
}

void interpreter_reset(struct interpreter *interpreter)
{
    interpreter_flush(interpreter);
    library_flush(interpreter);
    script_trace_free(interpreter);
    interpreter->random_state = REDIS_API_RANDOM_START;
}

static void free_buffers(struct interpreter *interpreter)
{
    memory_free(interpreter->arguments);
    buffer_clear(&interpreter->digits);
    memory_free(interpreter);
}

void interpreter_free(struct interpreter *interpreter)
{
    if (!interpreter)
        return;
    interpreter_flush(interpreter);
    library_flush(interpreter);
    library_shelf_free(interpreter->functions->shelf);
    free_buffers(interpreter->functions);
    session_free(interpreter->session);
    coverage_free(interpreter->coverage);
    script_trace_free(interpreter);
    free_buffers(interpreter);
}

/* --- the cache --- */

/* The chunk on top gets the environment that suits it. */
static enum globals_use judge_globals(struct interpreter *interpreter)
{
    lua_State *L = interpreter->L;
    enum globals_use use = direct_globals_judge(L, SLOT_GLOBALS);
    if (use != GLOBALS_SHOWN) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, REFERENCE_DIRECT);
        lua_setfenv(L, -2);
    }
    return use;
}

static struct script *compile(struct interpreter *interpreter, struct bytes body,
                              struct reply *reply)
{
    uint32_t flags = 0;
    size_t skipped = 0;
    if (engine_emulates(interpreter->engine, 7, 0) && !shebang_parse(body, reply, &flags, &skipped))
        return NULL;
    lua_State *L = interpreter->L;
    struct bytes text = bytes_of(body.data + skipped, body.size - skipped);
    if (chunk_load(L, text, "@user_script") != 0) {
        reply_error_format(reply, ERROR_SCRIPT_COMPILE, lua_tostring(L, -1));
        lua_pop(L, 1);
        return NULL;
    }
    struct script *script = memory_allocate(sizeof *script + body.size);
    script->by_use = (struct list_node){0};
    digest_sha1_hex(body, script->sha);
    script->flags = flags;
    script->coverage = coverage_add(interpreter->coverage, script->sha, body, L);
    script->globals = judge_globals(interpreter);
    script->reference = luaL_ref(L, LUA_REGISTRYINDEX);
    script->body_size = body.size;
    if (body.size)
        memcpy(script->body, body.data, body.size);
    table_insert(&interpreter->scripts, script);
    table_insert(&interpreter->bodies, script);
    interpreter->scripts_memory += memory_usable_size(script);
    return script;
}

/* NULL: the error was answered. */
static struct script *find_or_compile(struct interpreter *interpreter, struct bytes body,
                                      struct reply *reply)
{
    interpreter_open_state(interpreter);
    struct script *script = table_find(&interpreter->bodies, body);
    return script ? script : compile(interpreter, body, reply);
}

static void evict(struct interpreter *interpreter, struct script *script)
{
    forget_recent(interpreter);
    list_remove(&interpreter->evictable, &script->by_use);
    CHECK(table_remove(&interpreter->scripts, script_sha(script)) == script);
    CHECK(table_remove(&interpreter->bodies, script_body(script)) == script);
    luaL_unref(interpreter->L, LUA_REGISTRYINDEX, script->reference);
    interpreter->scripts_memory -= memory_usable_size(script);
    interpreter->engine->stats.evicted_scripts++;
    memory_free(script);
}

/* EVAL's script, which is evictable if EVAL is what made it: `is_new`. Since 7.4 only so many of
 * those stay. */
static void note_use(struct interpreter *interpreter, struct script *script, bool is_new)
{
    struct list *evictable = &interpreter->evictable;
    if (is_new && engine_emulates(interpreter->engine, 7, 4)) {
        while (list_count(evictable) >= MOST_EVICTABLE)
            evict(interpreter, LIST_ENTRY(list_first(evictable), struct script, by_use));
        list_append(evictable, &script->by_use);
    } else if (list_contains(evictable, &script->by_use)) {
        list_remove(evictable, &script->by_use);
        list_append(evictable, &script->by_use);
    }
}

static struct script *find_in_any_case(struct interpreter *interpreter, struct bytes sha)
{
    struct script *script = table_find(&interpreter->scripts, sha);
    if (script)
        return script;
    char lower[SHA_SIZE];
    for (size_t i = 0; i < SHA_SIZE; i++) {
        char c = sha.data[i];
        lower[i] = (char)(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
    }
    return table_find(&interpreter->scripts, bytes_of(lower, SHA_SIZE));
}

struct script *interpreter_find(struct interpreter *interpreter, struct bytes sha)
{
    if (sha.size != SHA_SIZE)
        return NULL;
    unsigned mixed = (unsigned char)sha.data[0] + ((unsigned char)sha.data[0] >> 6) * 9U;
    struct script **recent = &interpreter->recent[mixed % INTERPRETER_RECENT];
    if (!*recent || memcmp((*recent)->sha, sha.data, SHA_SIZE) != 0)
        *recent = find_in_any_case(interpreter, sha);
    return *recent;
}

bool interpreter_load(struct call *call, struct bytes body, char sha[41])
{
    struct interpreter *interpreter = call->engine->interpreter;
    if (script_run_current(call->engine)) {
        reply_error(call->reply, ERROR_SCRIPT_BUSY);
        return false;
    }
    struct script *script = find_or_compile(interpreter, body, call->reply);
    if (!script)
        return false;
    if (list_contains(&interpreter->evictable, &script->by_use))
        list_remove(&interpreter->evictable, &script->by_use); /* from now on it stays */
    memcpy(sha, script->sha, sizeof script->sha);
    return true;
}

bool interpreter_exists(struct interpreter *interpreter, struct bytes sha)
{
    return interpreter_find(interpreter, sha) != NULL;
}

/* --- a run --- */

static void push_item(lua_State *L, struct bytes item)
{
    lua_pushlstring(L, item.size ? item.data : "", item.size);
}

/* Fills the list at a slot. What is the same as in the run before stays: a script is often called
 * with one key, or with one limit, again and again, and to make a string of Lua is dear. */
static void fill_list(lua_State *L, int slot, struct slot_list *list, const struct bytes *items,
                      int count)
{
    for (int i = 0; i < count; i++) {
        if (i < list->count && bytes_equal(list->items[i], items[i]))
            continue;
        push_item(L, items[i]);
        list->items[i] = bytes_of(lua_tostring(L, -1), items[i].size);
        lua_rawseti(L, slot, i + 1);
    }
    for (int i = count; i < list->count; i++) {
        lua_pushnil(L);
        lua_rawseti(L, slot, i + 1);
    }
    list->count = count;
}

/* KEYS or ARGV of the direct environment becomes the table at `value`. */
static void set_direct(lua_State *L, enum interpreter_reference name, int value)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, REFERENCE_DIRECT);
    lua_rawgeti(L, LUA_REGISTRYINDEX, (int)name);
    lua_pushvalue(L, value);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* The lists of scripts that hold none are the same ones in each run. */
static void fill_slots(struct interpreter *interpreter, const struct bytes *items, int key_count,
                       int count)
{
    lua_State *L = interpreter->L;
    fill_list(L, SLOT_KEYS, &interpreter->keys, items, key_count);
    fill_list(L, SLOT_ARGV, &interpreter->argv, items + key_count, count - key_count);
    if (interpreter->has_slots)
        return;
    set_direct(L, REFERENCE_KEYS, SLOT_KEYS);
    set_direct(L, REFERENCE_ARGV, SLOT_ARGV);
    interpreter->has_slots = true;
}

/* KEYS or ARGV becomes a list of its own. The debugger knows the globals of the state. */
static void set_list(struct interpreter *interpreter, bool is_direct,
                     enum interpreter_reference name, const struct bytes *items, int count)
{
    lua_State *L = interpreter->L;
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        push_item(L, items[i]);
        lua_rawseti(L, -2, i + 1);
    }
    if (is_direct)
        set_direct(L, name, lua_gettop(L));
    if (!is_direct || interpreter->debugger) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, (int)name);
        lua_insert(L, -2);
        lua_rawset(L, SLOT_GLOBALS);
    } else {
        lua_pop(L, 1);
    }
}

static void set_lists(struct interpreter *interpreter, const struct script *script,
                      const struct bytes *items, int key_count, int count)
{
    bool is_unheld = script->globals == GLOBALS_LISTS_UNHELD && !interpreter->debugger;
    if (is_unheld && count <= INTERPRETER_SLOT_ITEMS) {
        fill_slots(interpreter, items, key_count, count);
        return;
    }
    bool is_direct = script->globals != GLOBALS_SHOWN;
    set_list(interpreter, is_direct, REFERENCE_KEYS, items, key_count);
    set_list(interpreter, is_direct, REFERENCE_ARGV, items + key_count, count - key_count);
    if (is_direct)
        interpreter->has_slots = false;
}

/* Before 7.0 a replica could be sent the script itself instead of what it wrote. */
static bool is_replicated(const struct engine *engine)
{
    return !engine_emulates(engine, 7, 0) &&
           !config_integer(engine->config, CONFIG_LUA_REPLICATE_COMMANDS);
}

static void run_script(struct call *call, const struct script *script, bool is_read_only,
                       int key_count)
{
    struct interpreter *interpreter = call->engine->interpreter;
    lua_State *L = interpreter->L;
    struct script_run run = {
        .call = call,
        .name = script->sha,
        .script = script,
        .flags = script->flags,
        .keys = call->argv + 3,
        .key_count = key_count,
        .coverage = script->coverage,
        .options = {.is_read_only = is_read_only || script->flags & SCRIPT_NO_WRITES,
                    .allows_oom = script->flags & SCRIPT_ALLOW_OOM,
                    .allows_cross_slot = !(script->flags & SCRIPT_HAS_SHEBANG) ||
                                         script->flags & SCRIPT_ALLOW_CROSS_SLOT_KEYS,
                    .refuses_random_writes = is_replicated(call->engine)},
    };
    set_lists(interpreter, script, call->argv + 3, key_count, call->argc - 3);
    lua_rawgeti(L, LUA_REGISTRYINDEX, script->reference);
    script_run_answer(interpreter, &run, 0);
}

/* `script` NULL: the error was answered already. */
static void run_checked(struct call *call, const struct script *script, bool is_read_only,
                        int key_count)
{
    if (!script)
        return;
    bool has_flags = script->flags & SCRIPT_HAS_SHEBANG;
    bool may_write = has_flags && !(script->flags & SCRIPT_NO_WRITES);
    const char *refusal = NULL;
    if (call->engine->cluster && script->flags & SCRIPT_NO_CLUSTER)
        refusal = ERROR_SCRIPT_NO_CLUSTER;
    else if (!has_flags && replication_refuses_reads(call->engine))
        refusal = ERROR_MASTERDOWN;
    else if (may_write &&
             admission_file_refusal(call->engine)) /* only within EXEC, as for memory */
        refusal = admission_file_refusal(call->engine);
    else if (may_write && is_read_only)
        refusal = ERROR_SCRIPT_WRITES_IN_RO;
    else if (has_flags && engine_lacks_memory(call->engine) &&
             script_flags_need_memory(script->flags))
        refusal = ERROR_SCRIPT_OOM;
    if (refusal) {
        reply_error(call->reply, refusal);
        return;
    }
    run_script(call, script, is_read_only, key_count);
}

/* EVAL. The error for a bad argument is answered. */
static void eval(struct call *call, bool is_read_only)
{
    struct interpreter *interpreter = call->engine->interpreter;
    int key_count;
    if (!script_run_read_keys(call, NULL, &key_count))
        return;
    if (script_run_current(call->engine)) {
        reply_error(call->reply, ERROR_SCRIPT_BUSY);
        return;
    }
    size_t count = table_count(&interpreter->scripts);
    struct script *script = find_or_compile(interpreter, call->argv[1], call->reply);
    if (script)
        note_use(interpreter, script, table_count(&interpreter->scripts) != count);
    run_checked(call, script, is_read_only, key_count);
}

/* What Redis compiles in the child that it forks for a session, its parent does not know. */
static void forget_newest(struct interpreter *interpreter, struct bytes body, size_t count_before)
{
    if (table_count(&interpreter->scripts) == count_before)
        return;
    struct script *script = table_remove(&interpreter->bodies, body);
    forget_recent(interpreter);
    table_remove(&interpreter->scripts, script_sha(script));
    interpreter->scripts_memory -= memory_usable_size(script);
    luaL_unref(interpreter->L, LUA_REGISTRYINDEX, script->reference);
    memory_free(script);
}

void interpreter_eval(struct call *call, bool is_read_only)
{
    struct interpreter *interpreter = call->engine->interpreter;
    size_t count = table_count(&interpreter->scripts);
    bool is_debugged = debugger_start(interpreter, call, call->argv[1], "user_script");
    eval(call, is_read_only);
    if (!is_debugged)
        return;
    if (debugger_undoes(interpreter))
        forget_newest(interpreter, call->argv[1], count);
    debugger_finish(interpreter);
}

void interpreter_evalsha(struct call *call, bool is_read_only)
{
    struct interpreter *interpreter = call->engine->interpreter;
    int key_count;
    if (call->argv[1].size != SHA_SIZE) {
        reply_error(call->reply, ERROR_NOSCRIPT);
        return;
    }
    if (call->session->flags & SESSION_DEBUGS) {
        reply_error(call->reply, ERROR_SCRIPT_DEBUG_EVALSHA);
        return;
    }
    if (!script_run_read_keys(call, NULL, &key_count))
        return;
    if (script_run_current(call->engine)) {
        reply_error(call->reply, ERROR_SCRIPT_BUSY);
        return;
    }
    struct script *script = interpreter_find(interpreter, call->argv[1]);
    if (script)
        note_use(interpreter, script, false);
    else
        reply_error(call->reply, ERROR_NOSCRIPT);
    run_checked(call, script, is_read_only, key_count);
}

/* --- what runs --- */

enum interpreter_kill_outcome interpreter_kill(struct engine *engine, enum interpreter_kind kind)
{
    const struct interpreter *interpreter = script_run_current(engine);
    if (!interpreter)
        return INTERPRETER_NOT_BUSY;
    if (interpreter->run->options.was_write && !debugger_undoes(interpreter))
        return INTERPRETER_UNKILLABLE;
    bool is_function = interpreter->run->script == NULL;
    if (is_function != (kind == INTERPRETER_FUNCTIONS))
        return INTERPRETER_OTHER_KIND;
    interpreter->run->is_killed = true;
    return INTERPRETER_KILLED;
}

bool interpreter_is_busy(const struct engine *engine)
{
    const struct interpreter *interpreter = script_run_current(engine);
    return interpreter && interpreter->run->is_busy;
}

bool interpreter_describe_run(const struct engine *engine, struct interpreter_run_facts *facts)
{
    const struct interpreter *interpreter = script_run_current(engine);
    if (!interpreter)
        return false;
    const struct script_run *run = interpreter->run;
    int64_t started_us = run->started_us ? run->started_us : clock_monotonic_us();
    *facts = (struct interpreter_run_facts){
        .kind = run->script ? INTERPRETER_SCRIPTS : INTERPRETER_FUNCTIONS,
        .name = run->name,
        .call = run->call,
        .duration_ms = (clock_monotonic_us() - started_us) / 1000,
    };
    return true;
}

struct coverage *interpreter_coverage(const struct interpreter *interpreter)
{
    return interpreter->coverage;
}

/* --- figures --- */

size_t interpreter_script_count(const struct interpreter *interpreter)
{
    return table_count(&interpreter->scripts);
}

size_t interpreter_vm_memory(const struct interpreter *interpreter)
{
    return interpreter->memory.used;
}

size_t interpreter_scripts_memory(const struct interpreter *interpreter)
{
    return interpreter->scripts_memory + table_memory(&interpreter->scripts) +
           table_memory(&interpreter->bodies);
}
