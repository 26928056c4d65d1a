/* SPDX-License-Identifier: MIT */
/* Invariant: the state is never all zero, which splitmix64's output cannot be. */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/check.h"

static uint64_t rotate_left(uint64_t value, int count)
{
    return (value << count) | (value >> (64 - count));
}

/* Splitmix64: spreads a seed of any quality, even 0 or 1, over the whole state. */
static uint64_t splitmix_next(uint64_t *state)
{
    uint64_t mixed = *state += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

void random_seed(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        random->state[i] = splitmix_next(&seed);
}

uint64_t random_next(struct random *random)
{
    uint64_t *state = random->state;
    uint64_t result = rotate_left(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return result;
}

/* Lemire's method: the high word of a product is the answer; a few low words are refused so that
 * each answer has the same number of ways to come about. */
uint64_t random_below(struct random *random, uint64_t limit)
{
    CHECK(limit > 0);
    __uint128_t product = (__uint128_t)random_next(random) * limit;
    if ((uint64_t)product < limit) {
        uint64_t refused = -limit % limit;
        while ((uint64_t)product < refused)
            product = (__uint128_t)random_next(random) * limit;
    }
    return (uint64_t)(product >> 64);
}

double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

void random_hex(struct random *random, char *out, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++) {
        if (i % 16 == 0)
            bits = random_next(random);
        out[i] = digits[bits & 15];
        bits >>= 4;
    }
}

uint64_t random_system_seed(void)
{
    uint64_t seed;
    ssize_t size;
    do {
        size = getrandom(&seed, sizeof seed, 0);
    } while (size < 0 && errno == EINTR);
    CHECK(size == (ssize_t)sizeof seed);
    return seed;
}
