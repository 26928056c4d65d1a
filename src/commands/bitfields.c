/* SPDX-License-Identifier: MIT */
/* BITFIELD and BITFIELD_RO: integers of any width within strings. */
#include "base/buffer.h"
#include "base/number.h"
#include "commands/bit_strings.h"
#include "reply/errors.h"
#include "values/bits.h"
#include "values/string.h"

enum step_kind { STEP_GET, STEP_SET, STEP_ADD };

/* One GET, SET or INCRBY. */
struct step {
    enum step_kind kind;
    struct bits_field field;
    enum bits_overflow overflow;
    int64_t operand; /* of SET and INCRBY */
};

struct plan {
    struct buffer steps; /* owned; of struct step */
    bool writes;
    uint64_t last_bit; /* the last one that a step writes to */
};

static bool parse_overflow(struct call *call, int index, enum bits_overflow *overflow)
{
    static const char *const names[] = {
        [BITS_WRAP] = "WRAP", [BITS_SATURATE] = "SAT", [BITS_FAIL] = "FAIL"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (call_is(call, index, names[i])) {
            *overflow = (enum bits_overflow)i;
            return true;
        }
    }
    reply_error(call->reply, ERROR_BITFIELD_OVERFLOW);
    return false;
}

/* "u8", "i16": a sign and a width. Redis looks no further than a NUL. */
static bool parse_type(struct call *call, int index, struct bits_field *field)
{
    struct bytes text = call->argv[index];
    text.size = strnlen(text.data, text.size);
    int64_t width;
    field->is_signed = text.size > 0 && text.data[0] == 'i';
    bool is_good = text.size > 0 && (text.data[0] == 'i' || text.data[0] == 'u') &&
                   number_parse_integer(bytes_of(text.data + 1, text.size - 1), &width);
    if (is_good && width >= 1 && width <= (field->is_signed ? 64 : 63)) {
        field->width = (unsigned)width;
        return true;
    }
    reply_error(call->reply, ERROR_BITFIELD_TYPE);
    return false;
}

static bool parse_kind(const struct call *call, int index, enum step_kind *kind)
{
    static const char *const names[] = {
        [STEP_GET] = "GET", [STEP_SET] = "SET", [STEP_ADD] = "INCRBY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *kind = (enum step_kind)i;
        int operands = *kind == STEP_GET ? 2 : 3;
        if (call_is(call, index, names[i]))
            return index + operands < call->argc;
    }
    return false;
}

/* The step at argv[*index], which then is its last word. False: an error was answered. */
static bool parse_step(struct call *call, int *index, enum bits_overflow overflow,
                       struct plan *plan)
{
    struct step step = {.overflow = overflow};
    int at = *index;
    if (!parse_kind(call, at, &step.kind)) {
        call_syntax_error(call);
        return false;
    }
    if (!parse_type(call, at + 1, &step.field) ||
        !bit_strings_offset(call, at + 2, step.field.width, &step.field.offset))
        return false;
    *index = at + 2;
    if (step.kind != STEP_GET) {
        uint64_t last = step.field.offset + step.field.width - 1;
        if (!plan->writes || last > plan->last_bit)
            plan->last_bit = last;
        plan->writes = true;
        *index = at + 3;
        if (!call_integer(call, at + 3, &step.operand, NULL))
            return false;
    }
    buffer_append(&plan->steps, &step, sizeof step);
    return true;
}

static bool parse_plan(struct call *call, struct plan *plan)
{
    enum bits_overflow overflow = BITS_WRAP;
    for (int i = 2; i < call->argc; i++) {
        if (call_is(call, i, "OVERFLOW") && i + 1 < call->argc) {
            if (!parse_overflow(call, ++i, &overflow))
                return false;
        } else if (!parse_step(call, &i, overflow, plan)) {
            return false;
        }
    }
    return true;
}

/* Answers a step that writes. Whether it stored a value, and one that was not there before. */
static bool run_write(struct call *call, const struct step *step, char *data, size_t size,
                      bool is_new)
{
    int64_t old = bits_read(bytes_of(data, size), step->field);
    int64_t new;
    bool overflowed = step->kind == STEP_ADD
                          ? bits_add(step->field, old, step->operand, step->overflow, &new)
                          : bits_fit(step->field, step->operand, step->overflow, &new);
    if (overflowed && step->overflow == BITS_FAIL) {
        reply_null(call->reply);
        return false;
    }
    bits_write(data, step->field, new);
    reply_integer(call->reply, step->kind == STEP_ADD ? new : old);
    return is_new || new != old;
}

static void run_steps(struct call *call, const struct plan *plan, struct entry *entry)
{
    const struct step *steps = (const struct step *)(const void *)plan->steps.data;
    size_t count = plan->steps.size / sizeof *steps;
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes text = bytes_of(NULL, 0);
    char *data = NULL;
    bool grew = false;
    if (plan->writes) {
        size_t size = entry ? string_size(entry_value(entry)) : 0;
        size_t needed = (size_t)(plan->last_bit >> 3) + 1;
        data = bit_strings_own(call, call->argv[1], entry, plan->last_bit, &grew);
        text = bytes_of(data, needed > size ? needed : size);
    } else if (entry) {
        text = string_bytes(entry_value(entry), digits);
    }

    /* Before 7.0 a field counted as changed even if it had the value already. */
    bool is_new = grew || !call_emulates(call, 7, 0);
    bool changed = false;
    reply_open(call->reply, REPLY_ARRAY, count);
    for (size_t i = 0; i < count; i++) {
        if (steps[i].kind == STEP_GET)
            reply_integer(call->reply, bits_read(text, steps[i].field));
        else
            changed |= run_write(call, &steps[i], data, text.size, is_new);
    }
    reply_close(call->reply);
    if (changed)
        call_announce(call, ANNOUNCE_STRING, "setbit", call->argv[1]);
}

static void run(struct call *call, bool may_write)
{
    struct plan plan = {0};
    struct entry *entry;
    if (parse_plan(call, &plan)) {
        if (plan.writes && !may_write)
            reply_error(call->reply, ERROR_BITFIELD_READ_ONLY);
        else if (call_find(call, call->argv[1], VALUE_STRING,
                           plan.writes ? ACCESS_WRITE : ACCESS_READ, &entry))
            run_steps(call, &plan, entry);
    }
    buffer_clear(&plan.steps);
}

static void bitfields_bitfield(struct call *call)
{
    run(call, true);
}

static void bitfields_bitfield_ro(struct call *call)
{
    run(call, false);
}

/* The key, read or written by what the operations are. */
static bool bitfields_find_keys(const struct bytes *argv, int argc, struct key_references *found)
{
    bool only_reads = true;
    for (int i = 2; i < argc && only_reads; i++) {
        int left = argc - i - 1;
        if (bytes_equal_ignoring_case(argv[i], "GET") && left >= 2)
            i += 2;
        else if (bytes_equal_ignoring_case(argv[i], "OVERFLOW") && left >= 1)
            i++;
        else
            only_reads = false;
    }
    key_references_add(found, 1, only_reads ? KEY_READ_ACCESS : KEY_RW | KEY_ACCESS | KEY_UPDATE);
    return true;
}

static const struct command_argument field_arguments[] = {
    {.name = "encoding", .type = ARGUMENT_STRING},
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument overflow_arguments[] = {
    {.name = "wrap", .type = ARGUMENT_PURE_TOKEN, .token = "WRAP"},
    {.name = "sat", .type = ARGUMENT_PURE_TOKEN, .token = "SAT"},
    {.name = "fail", .type = ARGUMENT_PURE_TOKEN, .token = "FAIL"},
    {0},
};

static const struct command_argument set_arguments[] = {
    {.name = "encoding", .type = ARGUMENT_STRING},
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {.name = "value", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument increment_arguments[] = {
    {.name = "encoding", .type = ARGUMENT_STRING},
    {.name = "offset", .type = ARGUMENT_INTEGER},
    {.name = "increment", .type = ARGUMENT_INTEGER},
    {0},
};

static const struct command_argument write_arguments[] = {
    {.name = "encoding_offset_value",
     .type = ARGUMENT_BLOCK,
     .token = "SET",
     .arguments = set_arguments},
    {.name = "encoding_offset_increment",
     .type = ARGUMENT_BLOCK,
     .token = "INCRBY",
     .arguments = increment_arguments},
    {0},
};

static const struct command_argument overflow_and_write_arguments[] = {
    {.name = "wrap_sat_fail",
     .type = ARGUMENT_ONEOF,
     .token = "OVERFLOW",
     .flags = ARGUMENT_OPTIONAL,
     .arguments = overflow_arguments},
    {.name = "write_operation", .type = ARGUMENT_ONEOF, .arguments = write_arguments},
    {0},
};

static const struct command_argument operation_arguments[] = {
    {.name = "encoding_offset",
     .type = ARGUMENT_BLOCK,
     .token = "GET",
     .arguments = field_arguments},
    {.name = "write", .type = ARGUMENT_BLOCK, .arguments = overflow_and_write_arguments},
    {0},
};

static const struct command_argument bitfield_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "operation",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE,
     .arguments = operation_arguments},
    {0},
};

static const struct command_argument bitfield_ro_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "encoding_offset",
     .type = ARGUMENT_BLOCK,
     .token = "GET",
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE | ARGUMENT_MULTIPLE_TOKEN,
     .arguments = field_arguments},
    {0},
};

const struct command bitfields_commands[] = {
    {.name = "BITFIELD",
     .arity = -2,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_BITMAP,
     .since = "3.2.0",
     .group = "bitmap",
     .summary = "Reads and changes integers of any width within a string.",
     .complexity = "O(1) for each operation",
     KEY_SPECS({.flags = KEY_RW | KEY_ACCESS | KEY_UPDATE | KEY_VARIABLE_FLAGS,
                .begin_position = 1,
                .step = 1,
                .notes = "writes only if an operation other than GET is given"}),
     .arguments = bitfield_arguments,
     .run = bitfields_bitfield,
     .find_keys = bitfields_find_keys},
    {.name = "BITFIELD_RO",
     .arity = -2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_BITMAP,
     .since = "6.0.0",
     .group = "bitmap",
     .summary = "Reads integers of any width within a string.",
     .complexity = "O(1) for each operation",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = bitfield_ro_arguments,
     .run = bitfields_bitfield_ro},
    {0},
};
