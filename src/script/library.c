/* SPDX-License-Identifier: MIT */
/* A function's callback is prepared in Lua's registry: a call is a look-up and a push. */
#include "script/library.h"

#include <lauxlib.h>

#include "base/check.h"
#include "base/memory.h"
#include "reply/errors.h"
#include "script/debugger.h"
#include "script/interpreter_private.h"
#include "script/library_private.h"
#include "script/script_flags.h"

#define SHORT_NAME 128 /* names up to this size are looked up without an allocation */

static struct bytes key_of_library(const void *entry)
{
    return ((const struct library *)entry)->name;
}
static const struct table_class library_class = {.key_of = key_of_library};

static struct bytes key_of_function(const void *entry)
{
    return ((const struct library_function *)entry)->key;
}
static const struct table_class function_class = {.key_of = key_of_function};

static void copy_lower(char *out, struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
}

/* --- a library --- */

struct library *library_new(struct bytes name, struct bytes code)
{
    struct library *library = memory_zeroed(sizeof *library);
    library->name = bytes_of(bytes_to_string(name), name.size);
    library->code = bytes_of(bytes_to_string(code), code.size);
    library->memory = memory_usable_size(library) + name.size + code.size + 2;
    return library;
}

/* A terminated copy at `*place`, which moves behind it. */
static struct bytes store_text(char **place, struct bytes text)
{
    struct bytes stored = bytes_of(*place, text.size);
    if (text.size)
        memcpy(*place, text.data, text.size);
    (*place)[text.size] = '\0';
    *place += text.size + 1;
    return stored;
}

void library_add_function(struct library *library, struct bytes name, struct bytes description,
                          uint32_t flags, int reference)
{
    size_t size = sizeof(struct library_function) + 2 * (name.size + 1) + description.size + 1;
    struct library_function *function = memory_allocate(size);
    char *place = function->text;
    function->library = library;
    function->name = store_text(&place, name);
    copy_lower(place, function->name);
    function->key = bytes_of(place, name.size);
    place[name.size] = '\0';
    place += name.size + 1;
    function->description = bytes_of(NULL, 0);
    if (description.data)
        function->description = store_text(&place, description);
    function->flags = flags;
    function->reference = reference;
    if (library->function_count == library->function_capacity) {
        library->function_capacity = library->function_capacity * 2 + 4;
        library->functions = memory_resize(library->functions,
                                           library->function_capacity * sizeof *library->functions);
    }
    library->functions[library->function_count++] = function;
    library->memory += size + sizeof(struct library_function *);
}

void library_free(struct interpreter *functions, struct library *library)
{
    if (!library)
        return;
    for (size_t i = 0; i < library->function_count; i++) {
        if (functions->L)
            luaL_unref(functions->L, LUA_REGISTRYINDEX, library->functions[i]->reference);
        memory_free(library->functions[i]);
    }
    memory_free(library->functions);
    memory_free((char *)library->name.data);
    memory_free((char *)library->code.data);
    memory_free(library);
}

/* --- a shelf --- */

struct library_shelf *library_shelf_new(uint64_t seed)
{
    struct library_shelf *shelf = memory_zeroed(sizeof *shelf);
    table_init(&shelf->names, &library_class, seed);
    table_init(&shelf->functions, &function_class, seed);
    return shelf;
}

void library_shelf_free(struct library_shelf *shelf)
{
    if (!shelf)
        return;
    CHECK(list_is_empty(&shelf->libraries));
    table_clear(&shelf->names, NULL, NULL);
    table_clear(&shelf->functions, NULL, NULL);
    memory_free(shelf);
}

void library_shelf_add(struct library_shelf *shelf, struct library *library)
{
    list_append(&shelf->libraries, &library->node);
    table_insert(&shelf->names, library);
    for (size_t i = 0; i < library->function_count; i++)
        if (!table_find(&shelf->functions, library->functions[i]->key))
            table_insert(&shelf->functions, library->functions[i]);
    shelf->function_count += library->function_count;
    shelf->memory += library->memory;
}

void library_shelf_remove(struct library_shelf *shelf, struct library *library)
{
    for (size_t i = 0; i < library->function_count; i++)
        table_remove(&shelf->functions, library->functions[i]->key);
    table_remove(&shelf->names, library->name);
    list_remove(&shelf->libraries, &library->node);
    shelf->function_count -= library->function_count;
    shelf->memory -= library->memory;
}

struct library *library_shelf_find(struct library_shelf *shelf, struct bytes name)
{
    return table_find(&shelf->names, name);
}

struct library_function *library_shelf_find_function(struct library_shelf *shelf, struct bytes name)
{
    char room[SHORT_NAME];
    char *key = name.size <= sizeof room ? room : memory_allocate(name.size);
    copy_lower(key, name);
    struct library_function *function = table_find(&shelf->functions, bytes_of(key, name.size));
    if (key != room)
        memory_free(key);
    return function;
}

void library_shelf_clear(struct interpreter *functions, struct library_shelf *shelf)
{
    struct list_node *node;
    while ((node = list_first(&shelf->libraries))) {
        struct library *library = LIST_ENTRY(node, struct library, node);
        library_shelf_remove(shelf, library);
        library_free(functions, library);
    }
}

/* --- the engine's shelf --- */

const struct library *library_load(struct interpreter *interpreter, struct bytes code,
                                   bool replaces, struct reply *reply)
{
    struct interpreter *functions = interpreter->functions;
    return library_load_onto(functions, functions->shelf, code, replaces, reply);
}

bool library_delete(struct interpreter *interpreter, struct bytes name)
{
    struct interpreter *functions = interpreter->functions;
    CHECK(!functions->run);
    struct library *library = library_shelf_find(functions->shelf, name);
    if (!library)
        return false;
    library_shelf_remove(functions->shelf, library);
    library_free(functions, library);
    return true;
}

void library_flush(struct interpreter *interpreter)
{
    struct interpreter *functions = interpreter->functions;
    CHECK(!functions->run);
    interpreter_close_state(functions);
    library_shelf_clear(functions, functions->shelf);
}

/* --- FCALL --- */

static void push_list(lua_State *L, const struct bytes *items, int count)
{
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushlstring(L, items[i].size ? items[i].data : "", items[i].size);
        lua_rawseti(L, -2, i + 1);
    }
}

/* The checks that come before a run, in Redis's order. False: the error was answered. */
static bool may_run(struct call *call, const struct library_function *function, bool is_read_only,
                    int *key_count)
{
    const char *error = NULL;
    if (!script_run_read_keys(call, ERROR_FUNCTION_KEY_COUNT, key_count))
        return false;
    if (script_run_current(call->engine))
        error = ERROR_FUNCTION_BUSY;
    else if (call->engine->cluster && function->flags & SCRIPT_NO_CLUSTER)
        error = ERROR_SCRIPT_NO_CLUSTER;
    else if (is_read_only && !(function->flags & SCRIPT_NO_WRITES))
        error = ERROR_SCRIPT_WRITES_IN_RO;
    else if (engine_lacks_memory(call->engine) && script_flags_need_memory(function->flags))
        error = ERROR_SCRIPT_OOM; /* within EXEC; else the dispatcher has refused already */
    if (error)
        reply_error(call->reply, error);
    return !error;
}

void library_call(struct call *call, bool is_read_only)
{
    struct interpreter *functions = call->engine->interpreter->functions;
    const struct library_function *function =
        library_shelf_find_function(functions->shelf, call->argv[1]);
    if (!function) {
        reply_error(call->reply, ERROR_FUNCTION_NOT_FOUND);
        return;
    }
    int key_count;
    if (!may_run(call, function, is_read_only, &key_count))
        return;
    struct script_run run = {
        .call = call,
        .name = function->name.data,
        .flags = function->flags,
        .keys = call->argv + 3,
        .key_count = (int)key_count,
        .coverage = function->library->coverage,
        .options = {.is_read_only = is_read_only || function->flags & SCRIPT_NO_WRITES,
                    .allows_oom = function->flags & SCRIPT_ALLOW_OOM,
                    .allows_cross_slot = function->flags & SCRIPT_ALLOW_CROSS_SLOT_KEYS},
    };
    bool is_debugged = debugger_start(functions, call, function->library->code, "user_function");
    lua_rawgeti(functions->L, LUA_REGISTRYINDEX, function->reference);
    push_list(functions->L, call->argv + 3, (int)key_count);
    push_list(functions->L, call->argv + 3 + key_count, call->argc - 3 - (int)key_count);
    call->engine->library = function->library->name.data;
    script_run_answer(functions, &run, 2);
    call->engine->library = NULL;
    if (is_debugged)
        debugger_finish(functions);
}

/* --- facts --- */

static const struct library *library_at(const struct list_node *node)
{
    return node ? LIST_ENTRY(node, struct library, node) : NULL;
}

const struct library *library_first(const struct interpreter *interpreter)
{
    return library_at(list_first(&interpreter->functions->shelf->libraries));
}

const struct library *library_next(const struct library *library)
{
    return library_at(list_next(&library->node));
}

struct bytes library_name(const struct library *library)
{
    return library->name;
}

struct bytes library_code(const struct library *library)
{
    return library->code;
}

size_t library_size(const struct library *library)
{
    return library->function_count;
}

const struct library_function *library_function(const struct library *library, size_t index)
{
    CHECK(index < library->function_count);
    return library->functions[index];
}

struct bytes library_function_name(const struct library_function *function)
{
    return function->name;
}

struct bytes library_function_description(const struct library_function *function)
{
    return function->description;
}

uint32_t library_function_flags(const struct library_function *function)
{
    return function->flags;
}

size_t library_count(const struct interpreter *interpreter)
{
    return list_count(&interpreter->functions->shelf->libraries);
}

size_t library_function_count(const struct interpreter *interpreter)
{
    return interpreter->functions->shelf->function_count;
}

size_t library_vm_memory(const struct interpreter *interpreter)
{
    return interpreter->functions->memory.used;
}

size_t library_memory(const struct interpreter *interpreter)
{
    const struct library_shelf *shelf = interpreter->functions->shelf;
    return shelf->memory + table_memory(&shelf->names) + table_memory(&shelf->functions);
}
