/* SPDX-License-Identifier: MIT */
#include "script/prototypes.h"

#include <stdint.h>

#include "base/check.h"
#include "base/memory.h"
#include "script/bytecode.h"

/* The instructions that may run after the one at `position`: up to two. */
static int find_followers(const char *code, int position, int followers[2])
{
    uint32_t word = bytecode_word(code, position);
    int next = position + 1;
    int target = next + (int)bytecode_bx(word) - 131071; /* of a jump */
    uint32_t c = bytecode_c(word);
    switch (bytecode_operation(word)) {
    case BYTECODE_RETURN:
        return 0;
    case BYTECODE_JMP:
    case BYTECODE_FORPREP:
        followers[0] = target;
        return 1;
    case BYTECODE_FORLOOP:
        followers[0] = next;
        followers[1] = target;
        return 2;
    case BYTECODE_EQ:
    case BYTECODE_LT:
    case BYTECODE_LE:
    case BYTECODE_TEST:
    case BYTECODE_TESTSET:
    case BYTECODE_TFORLOOP:
        followers[0] = next;
        followers[1] = next + 1;
        return 2;
    case BYTECODE_LOADBOOL:
        followers[0] = next + (c ? 1 : 0);
        return 1;
    case BYTECODE_SETLIST: /* a count that does not fit stands in the next word */
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
static void read_function(struct prototypes *prototypes, struct bytecode *bytecode, bool is_chunk)
{
    bytecode_skip_string(bytecode);
    int first_line = bytecode_take_int(bytecode);
    int last_line = bytecode_take_int(bytecode);
    if (!is_chunk)
        add_function(prototypes, first_line, last_line);
    bytecode_take(bytecode, BYTECODE_SMALL_FIELDS);
    int code_size = bytecode_take_int(bytecode);
    const char *code = bytecode_take(bytecode, (size_t)code_size * sizeof(uint32_t));
    for (int count = bytecode_take_int(bytecode); count > 0; count--)
        bytecode_take_constant(bytecode);
    for (int count = bytecode_take_int(bytecode); count > 0; count--)
        read_function(prototypes, bytecode, false);
    int line_count = bytecode_take_int(bytecode);
    char *is_reached = find_reachable(code, code_size);
    for (int i = 0; i < line_count; i++) {
        int line = bytecode_take_int(bytecode);
        if (i < code_size && is_reached[i])
            mark_line(&prototypes->lines, line);
    }
    memory_free(is_reached);
    for (int count = bytecode_take_int(bytecode); count > 0; count--) { /* local variables */
        bytecode_skip_string(bytecode);
        bytecode_take(bytecode, 2 * sizeof(int));
    }
    for (int count = bytecode_take_int(bytecode); count > 0; count--) /* names of upvalues */
        bytecode_skip_string(bytecode);
}

void prototypes_read(struct prototypes *prototypes, lua_State *L)
{
    *prototypes = (struct prototypes){0};
    struct buffer dumped = {0};
    struct bytecode bytecode = bytecode_dump(L, &dumped);
    read_function(prototypes, &bytecode, true);
    buffer_clear(&dumped);
}

void prototypes_clear(struct prototypes *prototypes)
{
    memory_free(prototypes->functions);
    buffer_clear(&prototypes->lines);
    *prototypes = (struct prototypes){0};
}
