/* SPDX-License-Identifier: MIT */
/*
 * A library's code sees other globals while it is loaded than its functions see later, although
 * they share their environment: that is a view of the globals, and while a library loads it shows
 * another table, which has nothing but `redis`, and that nothing but register_function, log and
 * constants.
 */
#include <lauxlib.h>

#include "base/check.h"
#include "base/digest.h"
#include "base/memory.h"
#include "reply/errors.h"
#include "resp/request_parser.h"
#include "script/chunk.h"
#include "script/interpreter_private.h"
#include "script/library_private.h"
#include "script/readonly.h"
#include "script/sandbox.h"
#include "script/script_errors.h"

#define LARGEST_LIBRARY ((size_t)256 << 20) /* bytes of its code, names and descriptions */

/* Addresses serve as keys of Lua's registry. */
static const char environment_key = 'e'; /* the metatable of the environment */
static const char loading_key = 'l';     /* the globals while a library loads */

/* --- the first line --- */

struct header {
    struct request words; /* owned */
    struct bytes engine;
    struct bytes name; /* data NULL: not given */
    size_t size;       /* up to the line's end, which stays so that line numbers are right */
};

static bool begins_with(struct bytes text, const char *start)
{
    size_t size = strlen(start);
    return text.size >= size && bytes_equal_ignoring_case(bytes_of(text.data, size), start);
}

/* False: the error was answered. */
static bool parse_word(struct header *header, struct bytes word, struct reply *reply)
{
    if (!begins_with(word, "name=")) {
        reply_error_format(reply, ERROR_LIBRARY_METADATA_WORD, BYTES_PRINT(word));
        return false;
    }
    if (header->name.data) {
        reply_error(reply, ERROR_LIBRARY_NAME_TWICE);
        return false;
    }
    header->name = bytes_of(word.data + strlen("name="), word.size - strlen("name="));
    return true;
}

static bool parse_header(struct header *header, struct bytes code, struct reply *reply)
{
    const char *nul = memchr(code.data ? code.data : "", '\0', code.size);
    size_t size = nul ? (size_t)(nul - code.data) : code.size;
    if (!begins_with(code, "#!")) {
        reply_error(reply, ERROR_LIBRARY_NO_METADATA);
        return false;
    }
    const char *end = memchr(code.data, '\n', size);
    if (!end ||
        !request_split_line(bytes_of(code.data, (size_t)(end - code.data)), &header->words)) {
        reply_error(reply, ERROR_LIBRARY_METADATA);
        return false;
    }
    header->size = (size_t)(end - code.data);
    struct bytes first = header->words.argv[0];
    header->engine = bytes_of(first.data + 2, first.size - 2);
    for (int i = 1; i < header->words.argc; i++)
        if (!parse_word(header, header->words.argv[i], reply))
            return false;
    if (!header->name.data)
        reply_error(reply, ERROR_LIBRARY_NO_NAME);
    return header->name.data != NULL;
}

/* Letters, digits and underscores, at least one. */
static bool is_valid_name(struct bytes name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return name.size > 0;
}

/* --- redis.register_function --- */

/* Stack slots of register_function; its own arguments are in the first two. */
enum register_slot {
    SLOT_NAME = 3,
    SLOT_DESCRIPTION,
    SLOT_CALLBACK,
    SLOT_KEY,
    SLOT_LAST = SLOT_KEY
};

struct registration {
    struct bytes name;        /* data NULL: not given; borrowed of SLOT_NAME */
    struct bytes description; /* data NULL: none; borrowed of SLOT_DESCRIPTION */
    bool has_callback;        /* in SLOT_CALLBACK */
    uint32_t flags;
};

/* Moves the value on top to a slot and gives its text. A number counts as a string. The data
 * pointer is NULL for other types. */
static struct bytes take_text(lua_State *L, enum register_slot slot)
{
    struct bytes text = {NULL, 0};
    lua_replace(L, (int)slot);
    if (lua_isstring(L, (int)slot))
        text.data = lua_tolstring(L, (int)slot, &text.size);
    return text;
}

/* The flags are on top. */
static const char *take_flags(lua_State *L, uint32_t *flags)
{
    if (!lua_istable(L, -1))
        return ERROR_REGISTER_FLAGS;
    for (int i = 1;; i++) {
        lua_pushinteger(L, i);
        lua_gettable(L, -2);
        if (lua_isnil(L, -1))
            break;
        uint32_t flag = shebang_find_flag(take_text(L, SLOT_KEY), true);
        if (flag == 0)
            return ERROR_REGISTER_FLAG;
        *flags |= flag;
    }
    lua_pop(L, 2);
    return NULL;
}

/* A named argument: its value is on top, and is popped; the key stands below and stays. */
static const char *take_named(lua_State *L, struct registration *registration)
{
    if (!lua_isstring(L, -2))
        return ERROR_REGISTER_KEY;
    lua_pushvalue(L, -2);
    struct bytes key = take_text(L, SLOT_KEY);
    if (bytes_equal_ignoring_case(key, "function_name")) {
        registration->name = take_text(L, SLOT_NAME);
        return registration->name.data ? NULL : ERROR_REGISTER_NAMED_NAME;
    }
    if (bytes_equal_ignoring_case(key, "description")) {
        registration->description = take_text(L, SLOT_DESCRIPTION);
        return registration->description.data ? NULL : ERROR_REGISTER_DESCRIPTION;
    }
    if (bytes_equal_ignoring_case(key, "callback")) {
        registration->has_callback = lua_isfunction(L, -1);
        lua_replace(L, SLOT_CALLBACK);
        return registration->has_callback ? NULL : ERROR_REGISTER_NAMED_CALLBACK;
    }
    if (bytes_equal_ignoring_case(key, "flags"))
        return take_flags(L, &registration->flags);
    return ERROR_REGISTER_UNKNOWN;
}

static const char *read_table(lua_State *L, struct registration *registration)
{
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        const char *error = take_named(L, registration);
        if (error)
            return error;
    }
    if (!registration->name.data)
        return ERROR_REGISTER_NO_NAME;
    return registration->has_callback ? NULL : ERROR_REGISTER_NO_CALLBACK;
}

static const char *read_arguments(lua_State *L, struct registration *registration)
{
    int argc = lua_gettop(L);
    if (argc < 1 || argc > 2)
        return ERROR_REGISTER_ARGUMENTS;
    lua_settop(L, SLOT_LAST);
    if (argc == 1)
        return lua_istable(L, 1) ? read_table(L, registration) : ERROR_REGISTER_NOT_TABLE;
    lua_pushvalue(L, 1);
    registration->name = take_text(L, SLOT_NAME);
    if (!registration->name.data)
        return ERROR_REGISTER_NAME;
    lua_pushvalue(L, 2);
    lua_replace(L, SLOT_CALLBACK);
    return lua_isfunction(L, SLOT_CALLBACK) ? NULL : ERROR_REGISTER_CALLBACK;
}

static bool has_function(const struct library *library, struct bytes name)
{
    for (size_t i = 0; i < library->function_count; i++)
        if (bytes_equal(library->functions[i]->name, name))
            return true;
    return false;
}

/* Names and descriptions are kept outside of Lua's memory. */
static bool is_too_large(const struct library *library, const struct registration *registration)
{
    size_t size = registration->name.size + registration->description.size;
    return library->memory > LARGEST_LIBRARY || size > LARGEST_LIBRARY - library->memory;
}

static int register_function(lua_State *L)
{
    struct library *library = interpreter_of(L)->run->loading;
    struct registration registration = {0};
    const char *error = library ? read_arguments(L, &registration) : ERROR_REGISTER_LATE;
    if (!error && !is_valid_name(registration.name))
        error = ERROR_LIBRARY_NAME;
    else if (!error && has_function(library, registration.name))
        error = ERROR_REGISTER_TWICE;
    if (error)
        return script_errors_raise(L, error);
    if (is_too_large(library, &registration))
        return luaL_error(L, "not enough memory");
    lua_pushvalue(L, SLOT_CALLBACK);
    int reference = luaL_ref(L, LUA_REGISTRYINDEX);
    library_add_function(library, registration.name, registration.description, registration.flags,
                         reference);
    return 0;
}

/* --- the state --- */

/* Pushes the table `redis` of functions, for changes. */
static void push_redis(lua_State *L)
{
    lua_getfield(L, SLOT_GLOBALS, "redis");
    readonly_look_behind(L, lua_gettop(L));
}

static void remove_field(lua_State *L, const char *name)
{
    lua_pushnil(L);
    lua_setfield(L, -2, name);
}

/* What scripts have and functions have not. */
static void remove_names(lua_State *L)
{
    lua_pushvalue(L, SLOT_GLOBALS);
    remove_field(L, "__redis__err__handler");
    push_redis(L);
    remove_field(L, "breakpoint");
    remove_field(L, "debug");
    remove_field(L, "replicate_commands");
    lua_pop(L, 2);
}

/* Pushes the globals while a library loads. */
static void push_loading_globals(lua_State *L)
{
    static const char *const shared[] = {
        "log",         "LOG_DEBUG",     "LOG_VERBOSE",      "LOG_NOTICE",
        "LOG_WARNING", "REDIS_VERSION", "REDIS_VERSION_NUM"};
    lua_newtable(L);
    lua_newtable(L);
    push_redis(L);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        lua_getfield(L, -1, shared[i]);
        lua_setfield(L, -3, shared[i]);
    }
    lua_pop(L, 1);
    lua_pushcfunction(L, register_function);
    lua_setfield(L, -2, "register_function");
    sandbox_push_strict_view(L);
    lua_setfield(L, -3, "redis");
    lua_pop(L, 1);
    sandbox_push_strict_view(L);
    lua_pop(L, 1);
}

static void store(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)key);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

static void fetch(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)key);
    lua_rawget(L, LUA_REGISTRYINDEX);
}

static void prepare_state(struct interpreter *functions)
{
    if (!interpreter_open_state(functions))
        return;
    lua_State *L = functions->L;
    remove_names(L);
    push_loading_globals(L);
    store(L, &loading_key);
    readonly_push_view(L, SLOT_GLOBALS);
    lua_getmetatable(L, -1);
    store(L, &environment_key);
    lua_replace(L, LUA_GLOBALSINDEX);
}

static void show_globals(lua_State *L, bool is_loading)
{
    fetch(L, &environment_key);
    if (is_loading)
        fetch(L, &loading_key);
    else
        lua_pushvalue(L, SLOT_GLOBALS);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

/* --- loading --- */

/* What the error on top of the stack says. */
static const char *message_of(lua_State *L)
{
    if (lua_istable(L, -1))
        lua_getfield(L, -1, "err");
    else
        lua_pushfstring(L, "ERR %s", lua_tostring(L, -1));
    lua_remove(L, -2);
    const char *message = lua_tostring(L, -1);
    return message ? message : ERROR_SCRIPT_UNKNOWN;
}

/* Runs the library's code, which registers its functions. False: the error was answered. */
static bool run_code(struct interpreter *functions, struct library *library, struct bytes text,
                     struct reply *reply)
{
    lua_State *L = functions->L;
    if (chunk_load(L, text, "@user_function") != 0) {
        reply_error_format(reply, ERROR_FUNCTION_COMPILE, lua_tostring(L, -1));
        lua_pop(L, 1);
        return false;
    }
    char sha[DIGEST_SHA1_HEX_SIZE + 1];
    digest_sha1_hex(library->code, sha);
    library->coverage = coverage_add(functions->coverage, sha, library->code, L);
    struct script_run run = {
        .name = library->name.data, .loading = library, .coverage = library->coverage};
    show_globals(L, true);
    int status = script_run_enter(functions, &run, 0);
    show_globals(L, false);
    if (status != 0)
        reply_error_format(reply, ERROR_FUNCTION_REGISTER, message_of(L));
    else if (library->function_count == 0)
        reply_error(reply, ERROR_LIBRARY_EMPTY);
    lua_pop(L, 1);
    script_run_leave(functions, status);
    return status == 0 && library->function_count > 0;
}

/* Whether another library than `replaced` (which may be NULL) has a function of the same name. */
static bool has_clash(struct library_shelf *shelf, const struct library *library,
                      const struct library *replaced, struct reply *reply)
{
    for (size_t i = 0; i < library->function_count; i++) {
        struct bytes name = library->functions[i]->name;
        const struct library_function *other = library_shelf_find_function(shelf, name);
        if (other && other->library != replaced) {
            reply_error_format(reply, ERROR_FUNCTION_EXISTS, BYTES_PRINT(name));
            return true;
        }
    }
    return false;
}

static struct library *load(struct interpreter *functions, struct library_shelf *shelf,
                            struct bytes code, bool replaces, struct header *header,
                            struct reply *reply)
{
    if (!parse_header(header, code, reply))
        return NULL;
    if (!is_valid_name(header->name)) {
        reply_error(reply, ERROR_LIBRARY_NAME);
        return NULL;
    }
    if (!bytes_equal_ignoring_case(header->engine, "lua")) {
        reply_error_format(reply, ERROR_LIBRARY_ENGINE, BYTES_PRINT(header->engine));
        return NULL;
    }
    struct library *old = library_shelf_find(shelf, header->name);
    if (old && !replaces) {
        reply_error_format(reply, ERROR_LIBRARY_EXISTS, BYTES_PRINT(header->name));
        return NULL;
    }
    struct bytes text = bytes_of(code.data + header->size, code.size - header->size);
    struct library *library = library_new(header->name, code);
    prepare_state(functions);
    if (!run_code(functions, library, text, reply) || has_clash(shelf, library, old, reply)) {
        library_free(functions, library);
        return NULL;
    }
    if (old) {
        library_shelf_remove(shelf, old);
        library_free(functions, old);
    }
    library_shelf_add(shelf, library);
    return library;
}

struct library *library_load_onto(struct interpreter *functions, struct library_shelf *shelf,
                                  struct bytes code, bool replaces, struct reply *reply)
{
    CHECK(!functions->run);
    struct header header = {0};
    struct library *library = load(functions, shelf, code, replaces, &header, reply);
    request_clear(&header.words);
    return library;
}

/* A reply that keeps an error. */
struct error_keeper {
    struct reply reply;
    struct buffer *error;
};

static void keep_error(struct reply *reply, struct bytes text)
{
    struct buffer *error = ((struct error_keeper *)reply)->error;
    if (error)
        buffer_append_bytes(error, text);
}

static const struct reply_class error_keeper_class = {.error = keep_error};

bool library_load_kept(struct interpreter *interpreter, struct bytes code, bool replaces,
                       struct buffer *error)
{
    struct error_keeper keeper = {.reply = {.class = &error_keeper_class}, .error = error};
    return library_load(interpreter, code, replaces, &keeper.reply) != NULL;
}
