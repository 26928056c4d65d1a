/* SPDX-License-Identifier: MIT */
#include "base/histogram.h"

#include <math.h>
#include <stddef.h>

#define STEPS_EACH 8 /* for each doubling */
#define STEP_BITS  3

static size_t step_of(uint64_t value)
{
    if (value < STEPS_EACH)
        return (size_t)value;
    unsigned exponent = 63 - (unsigned)__builtin_clzll(value);
    size_t step = (size_t)(value >> (exponent - STEP_BITS)) & (STEPS_EACH - 1);
    step += (size_t)(exponent - STEP_BITS + 1) * STEPS_EACH;
    return step < HISTOGRAM_STEPS ? step : HISTOGRAM_STEPS - 1;
}

/* The highest value of a step. */
static uint64_t end_of(size_t step)
{
    if (step < STEPS_EACH)
        return step;
    size_t shift = step / STEPS_EACH - 1;
    return ((uint64_t)(STEPS_EACH + step % STEPS_EACH + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram_add_several(histogram, value, 1);
}

void histogram_add_several(struct histogram *histogram, uint64_t value, uint32_t times)
{
    histogram->count += times;
    histogram->total += value * times;
    if (value > histogram->most)
        histogram->most = value;
    histogram->steps[step_of(value)] += times;
}

uint64_t histogram_count_below(const struct histogram *histogram, uint64_t power)
{
    uint64_t count = 0;
    size_t end = step_of(power);
    for (size_t step = 0; step < end; step++)
        count += histogram->steps[step];
    return count;
}

uint64_t histogram_percentile(const struct histogram *histogram, double percent)
{
    uint64_t rank = (uint64_t)ceil((double)histogram->count * percent / 100);
    uint64_t below = 0;
    for (size_t step = 0; step + 1 < HISTOGRAM_STEPS; step++) {
        below += histogram->steps[step];
        if (below >= rank && below > 0)
            return end_of(step) < histogram->most ? end_of(step) : histogram->most;
    }
    return histogram->most;
}
