/* SPDX-License-Identifier: MIT */
/*
 * HyperLogLogs: how many different elements there were, with an error below one in a hundred, from
 * 16,384 registers. They are strings, in the layout that Redis gives them, so that GET and SET
 * carry them from one server to another.
 *
 *     struct value *string = hyperloglog_new();
 *     hyperloglog_add(&string, element, 3000);
 *     uint64_t count;
 *     if (hyperloglog_count(text, &count)) ...
 *
 * What takes `struct value **string` changes a string that is on the heap, raw and not shared
 * (database_own_string sees to that) and has passed hyperloglog_is_valid; the string may move.
 *
 * Layout: "HYLL", a byte that is 0 for dense and 1 for sparse, three of no meaning, the count as of
 * when it was last asked for (64 bits, little endian; the highest bit set: no longer true), then
 * the registers. Dense: 6 bits each, from the lowest bit of the first byte on. Sparse: runs of
 * equal registers, 00llllll for l + 1 zeros, 01llllll llllllll for l + 1 zeros, 1vvvvvll for l + 1
 * registers of v + 1.
 */
#ifndef UNDERSTUDY_VALUES_HYPERLOGLOG_H
#define UNDERSTUDY_VALUES_HYPERLOGLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "values/value.h"

#define HYPERLOGLOG_REGISTERS 16384

/* Whether the text begins as one does; a dense one must have its size too. */
bool hyperloglog_is_valid(struct bytes text);
bool hyperloglog_is_dense(struct bytes text);

/* Empty and sparse. */
struct value *hyperloglog_new(void);

enum hyperloglog_outcome { HYPERLOGLOG_SAME, HYPERLOGLOG_CHANGED, HYPERLOGLOG_CORRUPT };

/* A sparse one becomes dense when it would exceed `sparse_limit` bytes. What changes it leaves the
 * remembered count in place: hyperloglog_forget_count. */
enum hyperloglog_outcome hyperloglog_add(struct value **string, struct bytes element,
                                         size_t sparse_limit);

/* Makes a register at least `level`, which is 1 to 51. */
enum hyperloglog_outcome hyperloglog_raise(struct value **string, unsigned index, unsigned level,
                                           size_t sparse_limit);

/* False when it is corrupt. */
bool hyperloglog_make_dense(struct value **string);

/* The count that the header remembers; false when it is no longer true. */
bool hyperloglog_remembered_count(struct bytes text, uint64_t *count);
void hyperloglog_remember_count(struct value *string, uint64_t count);
void hyperloglog_forget_count(struct value *string);

/* From the registers. False when they are corrupt. */
bool hyperloglog_count(struct bytes text, uint64_t *count);

/* Registers on their own: the union of several. All zero is the empty one. */
struct hyperloglog_registers {
    uint8_t levels[HYPERLOGLOG_REGISTERS];
};

/* Raises each register to that of the text. False when the text is corrupt; some registers may have
 * been raised then. */
bool hyperloglog_merge(struct hyperloglog_registers *registers, struct bytes text);
uint64_t hyperloglog_registers_count(const struct hyperloglog_registers *registers);

/* The runs of a sparse one, as PFDEBUG DECODE shows them: "Z:100 v:3,1 z:7". */
void hyperloglog_describe(struct bytes text, struct buffer *out);

/* Checks the structure against plain arithmetic and its promised error. NULL, or what is wrong. */
const char *hyperloglog_self_test(void);

#endif
