/* SPDX-License-Identifier: MIT */
/*
 * String values: bytes, or an integer kept as a number.
 *
 *     struct value *value = string_new(bytes_of_string("42"));   // encoding int
 *     char digits[NUMBER_INTEGER_SIZE];
 *     struct bytes text = string_bytes(value, digits);
 *
 * The encoding is what OBJECT ENCODING says and follows how the value came to be (SET: int, embstr
 * to 44 bytes, raw; APPEND and its kin: raw); where the bytes live is another matter, decided by
 * the keyspace, which embeds short ones in the entry.
 */
#ifndef UNDERSTUDY_VALUES_STRING_H
#define UNDERSTUDY_VALUES_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/number.h"
#include "values/value.h"

#define STRING_EMBSTR_LIMIT 44 /* bytes; longer ones are raw */

/* On the heap. An embedded one is its head followed by its bytes, or by its int64. */
struct string {
    struct value head;
    size_t size;     /* 0 for an integer */
    size_t capacity; /* of data */
    char data[];     /* the bytes, or an int64 */
};

/* The encoding SET would choose for this text; `integer` is set for ENCODING_INT. */
enum value_encoding string_encoding_for(struct bytes text, int64_t *integer);

struct value *string_new(struct bytes text);
struct value *string_new_integer(int64_t integer);
/* `size` bytes for the caller to fill through string_data; encoding raw. */
struct value *string_new_raw(size_t size);

/* The text. Points into the value, or into `digits` for an integer; valid until either changes. */
struct bytes string_bytes(const struct value *value, char digits[NUMBER_INTEGER_SIZE]);

/* Size of the text in bytes. */
size_t string_size(const struct value *value);

/* Whether the text is an integer (strictly, as number_parse_integer), and which. */
bool string_integer(const struct value *value, int64_t *integer);

/* Bytes of a heap string that is not an integer, for writing; the value must not be shared. */
char *string_data(struct value *value);

/* A heap, unshared, raw value of `size` bytes with what `value` held, zeros after it. Takes `value`
 * when it is on the heap (and may return it at another address); copies an embedded one. Grows with
 * room to spare, so that repeated APPENDs are linear. */
struct value *string_resize(struct value *value, size_t size);

/* value_class members. */
void string_free(struct value *value);
struct value *string_clone(const struct value *value);
size_t string_memory(const struct value *value, size_t samples);

#endif
