/* SPDX-License-Identifier: MIT */
/* What the files of src/script share; others see interpreter.h. */
#ifndef UNDERSTUDY_SCRIPT_INTERPRETER_PRIVATE_H
#define UNDERSTUDY_SCRIPT_INTERPRETER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include "base/buffer.h"
#include "base/list.h"
#include "base/table.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "script/coverage.h"
#include "script/direct_globals.h"
#include "script/lua_memory.h"
#include "script/lua_reply.h"
#include "script/script_checks.h"
#include "script/script_run.h"
#include "script/script_trace.h"
#include "script/shebang.h"

struct library_shelf;

/* What stands at the bottom of the main state's stack, so that a run finds it without a search. No
 * more than that: what a script returns may fill the stack up to Lua's limit. */
enum interpreter_slot {
    SLOT_GLOBALS = 1,   /* the table behind _G: where KEYS and ARGV are set */
    SLOT_KEYS,          /* KEYS for scripts that do not hold it; filled anew for each */
    SLOT_ARGV,          /* ARGV in the same way */
    SLOT_ERROR_HANDLER, /* script_errors_handle */
    SLOT_COUNT = SLOT_ERROR_HANDLER
};

/* What stands first in the registry. */
enum interpreter_reference {
    REFERENCE_DIRECT = 1, /* the environment that direct_globals_push made */
    REFERENCE_KEYS,       /* "KEYS" */
    REFERENCE_ARGV,       /* "ARGV" */
    REFERENCE_NAMES,      /* holds the names that interpreter.names points to */
};

/* A command that scripts called by this string of theirs, which is held: so that the same pointer
 * is the same name. */
struct known_name {
    const char *name; /* NULL: none */
    struct command_state *state;
};

#define INTERPRETER_NAMES      32 /* a power of two */
#define INTERPRETER_RECENT     16 /* as many as a digit has values */
#define INTERPRETER_SLOT_ITEMS 32 /* of a script with more, KEYS and ARGV are made anew */

/* What a list holds that stays from run to run. */
struct slot_list {
    int count;
    struct bytes items[INTERPRETER_SLOT_ITEMS]; /* where Lua keeps them */
};

struct script {
    struct list_node by_use;        /* in the interpreter's evictable */
    char sha[41];                   /* 40 lower-case digits, terminated */
    uint32_t flags;                 /* enum script_flags */
    int reference;                  /* of the compiled function in Lua's registry */
    enum globals_use globals;       /* how it uses them: which environment it has */
    struct coverage_unit *coverage; /* borrowed; NULL: not asked for */
    size_t body_size;
    char body[];
};

/* One Lua state and what runs in it. Scripts and libraries have one each, so that neither sees what
 * the other has set up. */
struct interpreter {
    struct lua_memory memory; /* first: Lua's allocator context is the interpreter */
    struct engine *engine;    /* borrowed */
    lua_State *L;             /* owned; NULL until a script comes */
    struct table scripts;     /* of struct script, owned, by SHA-1 */
    struct table bodies;      /* the same by their text */
    struct list evictable; /* of struct script, by_use, least recent first: EVAL alone made them */
    size_t scripts_memory; /* bytes of struct script */
    struct interpreter *functions; /* owned; the one that libraries live in; it has none itself */
    struct library_shelf *shelf;   /* owned; its libraries; NULL in the one for scripts */
    struct session *session; /* who talks to the engine for the script; NULL until a run. Owned by
                                the interpreter of scripts, shared with the other. */
    struct lua_reply reply;
    struct debugger *debugger; /* owned; NULL unless a debugging session goes on */
    struct script_run *run;    /* NULL while no script runs */
    struct script_checks checks;
    struct coverage *coverage;  /* NULL: not asked for. Owned by the interpreter of scripts, shared
                                   with the other. */
    struct script_trace *trace; /* owned by the interpreter of scripts; NULL: never asked for */
    /* Those that EVALSHA found last, by a part of their SHA-1. NULL: none. */
    struct script *recent[INTERPRETER_RECENT];
    struct slot_list keys; /* in the table at SLOT_KEYS */
    struct slot_list argv; /* and at SLOT_ARGV */
    bool has_slots;        /* these two tables are KEYS and ARGV of the direct environment */
    struct known_name names[INTERPRETER_NAMES]; /* by address */
    bool is_calling;  /* a command runs for the script: no second one may start */
    uint64_t *random; /* 48 bits: the state of math.random, which both share */
    uint64_t random_state;
    uint32_t run_count;
    size_t memory_left_over; /* bytes that the last full collection left */
    struct bytes *arguments; /* owned: room for a call with many */
    int argument_capacity;
    struct buffer digits; /* owned: numbers among them, as text */
};

static inline struct interpreter *interpreter_of(lua_State *L)
{
    void *context;
    lua_getallocf(L, &context);
    return context;
}

/* Makes the state if there is none. True: it is new. */
bool interpreter_open_state(struct interpreter *interpreter);
void interpreter_close_state(struct interpreter *interpreter);

/* A cached script by its SHA-1, or NULL. */
struct script *interpreter_find(struct interpreter *interpreter, struct bytes sha);

/* Bytes; SIZE_MAX: none. */
static inline size_t interpreter_memory_limit(const struct interpreter *interpreter)
{
    int64_t allowed = config_integer(interpreter->engine->config, CONFIG_LUA_MEMORY_LIMIT);
    return allowed ? (size_t)allowed : SIZE_MAX;
}

/* What comes may take as much memory as lua-memory-limit allows, until lua_memory_end_run. */
static inline void interpreter_begin_memory(struct interpreter *interpreter)
{
    lua_memory_begin_run(&interpreter->memory, interpreter_memory_limit(interpreter));
}

#endif
