/* SPDX-License-Identifier: MIT */
/*
 * The decimal digits of a double, by the Grisu2 algorithm of Florian Loitsch, "Printing
 * Floating-Point Numbers Quickly and Accurately with Integers" (PLDI 2010).
 *
 *     char digits[GRISU_DIGITS];
 *     int exponent;
 *     size_t count = grisu_digits(0.25, digits, &exponent);   // "25", exponent -2
 *
 * The digits read back as the same double. They are the fewest that do for all but one double in a
 * thousand, whose text has a digit more: Redis prints by this algorithm since 7.2, so clients see
 * the same exceptions.
 */
#ifndef UNDERSTUDY_BASE_GRISU_H
#define UNDERSTUDY_BASE_GRISU_H

#include <stddef.h>

#define GRISU_DIGITS 20

/* `value` is finite and greater than 0. It is the number that the digits say times 10^exponent.
 * Returns the count of digits, not terminated. */
size_t grisu_digits(double value, char digits[GRISU_DIGITS], int *exponent);

#endif
