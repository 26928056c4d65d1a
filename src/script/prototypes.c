/* SPDX-License-Identifier: MIT */
/*
 * The layout is that of Lua 5.1's ldump.c, in this machine's byte order and sizes: a header, then a
 * function with its constants and its nested functions.
 */
#include "script/prototypes.h"

#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/memory.h"

#define HEADER_SIZE 12
/* Bytes of numlinedefined's followers: upvalues, parameters, varargs, stack size. */
#define SMALL_FIELDS 4

/* Those of Lua 5.1's instructions after which something else than the next one may run. */
enum instruction {
    INSTRUCTION_LOADBOOL = 2,
    INSTRUCTION_JMP = 22,
    INSTRUCTION_EQ = 23,
    INSTRUCTION_LT = 24,
    INSTRUCTION_LE = 25,
    INSTRUCTION_TEST = 26,
    INSTRUCTION_TESTSET = 27,
    INSTRUCTION_RETURN = 30,
    INSTRUCTION_FORLOOP = 31,
    INSTRUCTION_FORPREP = 32,
    INSTRUCTION_TFORLOOP = 33,
    INSTRUCTION_SETLIST = 34,
};

struct dump {
    struct bytes rest;
    struct prototypes *prototypes;
};

static const char *take(struct dump *dump, size_t size)
{
    CHECK(dump->rest.size >= size);
    const char *data = dump->rest.data;
    dump->rest = bytes_of(data + size, dump->rest.size - size);
    return data;
}

static int take_int(struct dump *dump)
{
    int value;
    memcpy(&value, take(dump, sizeof value), sizeof value);
    CHECK(value >= 0);
    return value;
}

static void skip_string(struct dump *dump)
{
    size_t size;
    memcpy(&size, take(dump, sizeof size), sizeof size);
    take(dump, size);
}

static void skip_constants(struct dump *dump)
{
    for (int count = take_int(dump); count > 0; count--) {
        switch (*take(dump, 1)) {
        case LUA_TBOOLEAN:
            take(dump, 1);
            break;
        case LUA_TNUMBER:
            take(dump, sizeof(lua_Number));
            break;
        case LUA_TSTRING:
            skip_string(dump);
            break;
        default:
            break;
        }
    }
}

static uint32_t read_word(const char *code, int position)
{
    uint32_t word;
    memcpy(&word, code + (size_t)position * sizeof word, sizeof word);
    return word;
}

/* The instructions that may run after the one at `position`: up to two. */
static int find_followers(const char *code, int position, int followers[2])
{
    uint32_t word = read_word(code, position);
    int next = position + 1;
    int target = next + (int)(word >> 14) - 131071; /* of a jump */
    uint32_t c = word >> 14 & 0x1ff;
    switch (word & 0x3f) {
    case INSTRUCTION_RETURN:
        return 0;
    case INSTRUCTION_JMP:
    case INSTRUCTION_FORPREP:
        followers[0] = target;
        return 1;
    case INSTRUCTION_FORLOOP:
        followers[0] = next;
        followers[1] = target;
        return 2;
    case INSTRUCTION_EQ:
    case INSTRUCTION_LT:
    case INSTRUCTION_LE:
    case INSTRUCTION_TEST:
    case INSTRUCTION_TESTSET:
    case INSTRUCTION_TFORLOOP:
        followers[0] = next;
        followers[1] = next + 1;
        return 2;
    case INSTRUCTION_LOADBOOL:
        followers[0] = next + (c ? 1 : 0);
        return 1;
    case INSTRUCTION_SETLIST: /* a count that does not fit stands in the next word */
        followers[0] = next + (c ? 0 : 1);
        return 1;
    default:
        followers[0] = next;
        return 1;
    }
}

/* A byte for each instruction, owned by the caller: whether it can be reached from the first. */
static char *find_reachable(const char *code, int count)
{
    char *is_reached = memory_zeroed((size_t)count);
    int *waiting = memory_allocate((size_t)count * sizeof *waiting);
    int waiting_count = 1;
    waiting[0] = 0;
    is_reached[0] = 1;
    while (waiting_count > 0) {
        int followers[2];
        int follower_count = find_followers(code, waiting[--waiting_count], followers);
        for (int i = 0; i < follower_count; i++) {
            int follower = followers[i];
            if (follower < 0 || follower >= count || is_reached[follower])
                continue;
            is_reached[follower] = 1;
            waiting[waiting_count++] = follower;
        }
    }
    memory_free(waiting);
    return is_reached;
}

static void mark_line(struct buffer *lines, int line)
{
    while (lines->size <= (size_t)line)
        buffer_append_byte(lines, 0);
    lines->data[line] = 1;
}

static void add_function(struct prototypes *prototypes, int first_line, int last_line)
{
    if (prototypes->count == prototypes->capacity) {
        prototypes->capacity = prototypes->capacity ? prototypes->capacity * 2 : 8;
        prototypes->functions = memory_resize(prototypes->functions,
                                              prototypes->capacity * sizeof *prototypes->functions);
    }
    prototypes->functions[prototypes->count++] =
        (struct prototype){.first_line = first_line, .last_line = last_line};
}

/* Nesting is as deep as the compiler allows: 200. */
static void read_function(struct dump *dump, bool is_chunk)
{
    skip_string(dump);
    int first_line = take_int(dump);
    int last_line = take_int(dump);
    if (!is_chunk)
        add_function(dump->prototypes, first_line, last_line);
    take(dump, SMALL_FIELDS);
    int code_size = take_int(dump);
    const char *code = take(dump, (size_t)code_size * sizeof(uint32_t));
    skip_constants(dump);
    for (int count = take_int(dump); count > 0; count--)
        read_function(dump, false);
    int line_count = take_int(dump);
    char *is_reached = find_reachable(code, code_size);
    for (int i = 0; i < line_count; i++) {
        int line = take_int(dump);
        if (i < code_size && is_reached[i])
            mark_line(&dump->prototypes->lines, line);
    }
    memory_free(is_reached);
    for (int count = take_int(dump); count > 0; count--) { /* local variables */
        skip_string(dump);
        take(dump, 2 * sizeof(int));
    }
    for (int count = take_int(dump); count > 0; count--) /* names of upvalues */
        skip_string(dump);
}

static int append(lua_State *L, const void *data, size_t size, void *context)
{
    (void)L;
    buffer_append(context, data, size);
    return 0;
}

void prototypes_read(struct prototypes *prototypes, lua_State *L)
{
    *prototypes = (struct prototypes){0};
    struct buffer bytecode = {0};
    CHECK(lua_dump(L, append, &bytecode) == 0);
    struct dump dump = {.rest = buffer_bytes(&bytecode), .prototypes = prototypes};
    take(&dump, HEADER_SIZE);
    read_function(&dump, true);
    buffer_clear(&bytecode);
}

void prototypes_clear(struct prototypes *prototypes)
{
    memory_free(prototypes->functions);
    buffer_clear(&prototypes->lines);
    *prototypes = (struct prototypes){0};
}
