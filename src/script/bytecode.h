/* SPDX-License-Identifier: MIT */
/*
 * Reads what lua_dump makes of a function, in this machine's byte order and sizes: a header, then a
 * function with its constants and its nested functions. Only for bytecode of our own compilation.
 *
 *     struct buffer dumped = {0};
 *     struct bytecode bytecode = bytecode_dump(L, &dumped);   // of the function on top
 *     bytecode_skip_string(&bytecode);                        // a function begins with its source
 *     ...
 *     buffer_clear(&dumped);
 */
#ifndef UNDERSTUDY_SCRIPT_BYTECODE_H
#define UNDERSTUDY_SCRIPT_BYTECODE_H

#include <stdint.h>
#include <string.h>

#include <lua.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/check.h"

/* Bytes between a function's lines and its code: upvalues, parameters, varargs, stack size. */
#define BYTECODE_SMALL_FIELDS 4

/* Those of Lua 5.1's instructions that somebody asks for. */
enum bytecode_instruction {
    BYTECODE_LOADBOOL = 2,
    BYTECODE_GETGLOBAL = 5,
    BYTECODE_GETTABLE = 6,
    BYTECODE_SETGLOBAL = 7,
    BYTECODE_LEN = 20,
    BYTECODE_JMP = 22,
    BYTECODE_EQ = 23,
    BYTECODE_LT = 24,
    BYTECODE_LE = 25,
    BYTECODE_TEST = 26,
    BYTECODE_TESTSET = 27,
    BYTECODE_RETURN = 30,
    BYTECODE_FORLOOP = 31,
    BYTECODE_FORPREP = 32,
    BYTECODE_TFORLOOP = 33,
    BYTECODE_SETLIST = 34,
};

struct bytecode {
    struct bytes rest; /* borrowed: what is not read yet */
};

/* Dumps the function on top of the stack into an empty buffer; what is returned stands behind the
 * header and is valid as long as the buffer. */
struct bytecode bytecode_dump(lua_State *L, struct buffer *dumped);

static inline const char *bytecode_take(struct bytecode *bytecode, size_t size)
{
    CHECK(bytecode->rest.size >= size);
    const char *data = bytecode->rest.data;
    bytecode->rest = bytes_of(data + size, bytecode->rest.size - size);
    return data;
}

static inline int bytecode_take_int(struct bytecode *bytecode)
{
    int value;
    memcpy(&value, bytecode_take(bytecode, sizeof value), sizeof value);
    CHECK(value >= 0);
    return value;
}

/* With the zero byte that ends it; empty when there is none. */
static inline struct bytes bytecode_take_string(struct bytecode *bytecode)
{
    size_t size;
    memcpy(&size, bytecode_take(bytecode, sizeof size), sizeof size);
    return bytes_of(bytecode_take(bytecode, size), size);
}

static inline void bytecode_skip_string(struct bytecode *bytecode)
{
    bytecode_take_string(bytecode);
}

/* Takes one constant: its text if it is a string, else data is NULL. */
struct bytes bytecode_take_constant(struct bytecode *bytecode);

static inline uint32_t bytecode_word(const char *code, int position)
{
    uint32_t word;
    memcpy(&word, code + (size_t)position * sizeof word, sizeof word);
    return word;
}

/* The parts of an instruction. */
static inline uint32_t bytecode_operation(uint32_t word)
{
    return word & 0x3f;
}
static inline uint32_t bytecode_a(uint32_t word)
{
    return word >> 6 & 0xff;
}
static inline uint32_t bytecode_b(uint32_t word)
{
    return word >> 23;
}
static inline uint32_t bytecode_c(uint32_t word)
{
    return word >> 14 & 0x1ff;
}
static inline uint32_t bytecode_bx(uint32_t word)
{
    return word >> 14;
}

#endif
