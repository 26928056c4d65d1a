/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a real table that a script is to see as a view comes into a register by GETGLOBAL
 * alone, and the very next instruction puts one of its fields into the same register. No jump ends
 * between the two that did not begin at the first, and nothing else runs there but hooks.
 */
#include "script/direct_globals.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "script/bytecode.h"
#include "script/readonly.h"

struct judgement {
    lua_State *L;
    int globals;
    enum globals_use use;
};

/* These lead to the environment of the state. */
static bool is_way_out(const char *name)
{
    return strcmp(name, "_G") == 0 || strcmp(name, "load") == 0 || strcmp(name, "loadstring") == 0;
}

static bool is_list(const char *name)
{
    return strcmp(name, "KEYS") == 0 || strcmp(name, "ARGV") == 0;
}

void direct_globals_push(lua_State *L, int globals)
{
    lua_newtable(L);
    int direct = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, globals)) {
        readonly_look_behind(L, lua_gettop(L));
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        if (is_way_out(lua_tostring(L, -2)))
            lua_pop(L, 2);
        else
            lua_rawset(L, direct);
    }
    if (lua_getmetatable(L, globals))
        lua_setmetatable(L, direct);
}

static bool is_table(const struct judgement *judgement, struct bytes name)
{
    lua_pushlstring(judgement->L, name.data, name.size - 1);
    lua_rawget(judgement->L, judgement->globals);
    bool is_table = lua_istable(judgement->L, -1);
    lua_pop(judgement->L, 1);
    return is_table;
}

/* `next`: the instruction that follows on the GETGLOBAL, which writes to the register `target`. */
static void judge_read(struct judgement *judgement, struct bytes name, uint32_t target,
                       uint32_t next)
{
    bool is_taken_from = bytecode_operation(next) == BYTECODE_GETTABLE &&
                         bytecode_a(next) == target && bytecode_b(next) == target;
    bool is_measured = bytecode_operation(next) == BYTECODE_LEN && bytecode_a(next) == target &&
                       bytecode_b(next) == target;
    if (is_way_out(name.data))
        judgement->use = GLOBALS_SHOWN;
    else if (is_taken_from)
        return;
    else if (!is_list(name.data))
        judgement->use = is_table(judgement, name) ? GLOBALS_SHOWN : judgement->use;
    else if (!is_measured)
        judgement->use = GLOBALS_DIRECT;
}

/* The last instruction is a RETURN: none of the others is without a next one. */
static void judge_code(struct judgement *judgement, const char *code, int size,
                       const struct bytes *constants)
{
    for (int i = 0; i + 1 < size && judgement->use != GLOBALS_SHOWN; i++) {
        uint32_t word = bytecode_word(code, i);
        switch (bytecode_operation(word)) {
        case BYTECODE_GETGLOBAL:
            judge_read(judgement, constants[bytecode_bx(word)], bytecode_a(word),
                       bytecode_word(code, i + 1));
            break;
        case BYTECODE_SETGLOBAL:
            judgement->use = GLOBALS_SHOWN;
            break;
        case BYTECODE_SETLIST: /* a count that does not fit stands in the next word */
            i += bytecode_c(word) ? 0 : 1;
            break;
        default:
            break;
        }
    }
}

/* Nesting is as deep as the compiler allows: 200. */
static void judge_function(struct judgement *judgement, struct bytecode *bytecode)
{
    bytecode_skip_string(bytecode);
    bytecode_take(bytecode, 2 * sizeof(int) + BYTECODE_SMALL_FIELDS); /* lines first */
    int size = bytecode_take_int(bytecode);
    const char *code = bytecode_take(bytecode, (size_t)size * sizeof(uint32_t));
    int constant_count = bytecode_take_int(bytecode);
    struct bytes *constants = memory_allocate(((size_t)constant_count + 1) * sizeof *constants);
    for (int i = 0; i < constant_count; i++)
        constants[i] = bytecode_take_constant(bytecode);
    judge_code(judgement, code, size, constants);
    memory_free(constants);
    for (int count = bytecode_take_int(bytecode); count > 0; count--)
        judge_function(judgement, bytecode);
    int line_count = bytecode_take_int(bytecode);
    bytecode_take(bytecode, (size_t)line_count * sizeof(int));
    for (int count = bytecode_take_int(bytecode); count > 0; count--) { /* local variables */
        bytecode_skip_string(bytecode);
        bytecode_take(bytecode, 2 * sizeof(int));
    }
    for (int count = bytecode_take_int(bytecode); count > 0; count--) /* names of upvalues */
        bytecode_skip_string(bytecode);
}

enum globals_use direct_globals_judge(lua_State *L, int globals)
{
    struct judgement judgement = {.L = L, .globals = globals, .use = GLOBALS_LISTS_UNHELD};
    struct buffer dumped = {0};
    struct bytecode bytecode = bytecode_dump(L, &dumped);
    judge_function(&judgement, &bytecode);
    buffer_clear(&dumped);
    return judgement.use;
}
