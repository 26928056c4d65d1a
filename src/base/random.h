/* SPDX-License-Identifier: MIT */
/*
 * A seedable source of random numbers (xoshiro256**, by Blackman and Vigna, in the public domain).
 * Embedded by value. Equal seeds give equal sequences: MOCK SEED stands on that.
 *
 *     struct random random;
 *     random_seed(&random, random_system_seed());
 *     size_t index = random_below(&random, count);
 */
#ifndef UNDERSTUDY_BASE_RANDOM_H
#define UNDERSTUDY_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);

uint64_t random_next(struct random *random);

/* Uniform in [0, limit); limit > 0. No modulo bias. */
uint64_t random_below(struct random *random, uint64_t limit);

/* Uniform in [0, 1). */
double random_unit(struct random *random);

/* `size` bytes of lower-case hexadecimal digits; no terminator. For run ids and the like. */
void random_hex(struct random *random, char *out, size_t size);

/* A seed from the operating system. */
uint64_t random_system_seed(void);

#endif
