/* SPDX-License-Identifier: MIT */
/*
 * Numbers to text and back, by the rules that Redis clients see.
 *
 *     int64_t count;
 *     if (!number_parse_integer(call->argv[2], &count)) ...   // "ERR value is not an integer ..."
 *
 * Nothing here depends on the locale. Parsers take the whole run of bytes or fail.
 */
#ifndef UNDERSTUDY_BASE_NUMBER_H
#define UNDERSTUDY_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Room for any formatted int64 or uint64 without terminator. */
#define NUMBER_INTEGER_SIZE 20
/* Room for any formatted double, terminator included. */
#define NUMBER_DOUBLE_SIZE 40
/* Room for any long double in decimal notation, terminator included. */
#define NUMBER_LONG_DOUBLE_SIZE (5 * 1024)

/* Strict decimal: optional '-', no '+', no blanks, no leading zeros, no "-0"; within the type. This
 * is the form that Redis stores as an integer, and the form it takes for integer arguments. */
bool number_parse_integer(struct bytes text, int64_t *value);
bool number_parse_unsigned(struct bytes text, uint64_t *value);

/* As atoi reads it: the integer that the text begins with after blanks, else 0. What doesn't fit is
 * INT_MAX, or less than 0 by as much. */
int number_leading_integer(struct bytes text);

/* A double as Redis takes it for scores and increments' arguments (getDoubleFromObject): what
 * strtod takes ("1e3", "inf", "-Infinity", "0x1p3"), whole, no leading blank; not NaN; not out of
 * range (overflow to infinity and underflow to 0 with ERANGE fail as in Redis). */
bool number_parse_double(struct bytes text, double *value);

/* The same for long double (INCRBYFLOAT). */
bool number_parse_long_double(struct bytes text, long double *value);

/* Decimal digits, no terminator; returns the size. `out` has NUMBER_INTEGER_SIZE bytes. */
size_t number_format_integer(char *out, int64_t value);
size_t number_format_unsigned(char *out, uint64_t value);

/* How a double looks in replies. NUMBER_DOUBLE_17 is "%.17g", Redis up to 7.0; SHORTEST is the
 * shortest text that reads back as the same double, Redis from 7.2. Both say "inf", "-inf", "nan".
 * Terminated; returns the size. `out` has NUMBER_DOUBLE_SIZE bytes. */
enum number_double_style { NUMBER_DOUBLE_17, NUMBER_DOUBLE_SHORTEST };
size_t number_format_double(char *out, double value, enum number_double_style style);

/* Decimal notation with 17 digits after the point, trailing zeros and point removed, "-0" as "0":
 * how INCRBYFLOAT and HINCRBYFLOAT print. Terminated; returns the size. `out` has
 * NUMBER_LONG_DOUBLE_SIZE bytes. */
size_t number_format_long_double(char *out, long double value);

#endif
