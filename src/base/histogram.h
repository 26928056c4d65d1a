/* SPDX-License-Identifier: MIT */
/*
 * How durations are spread, in a fixed amount of memory: eight steps to each doubling, so that what
 * is read is at most an eighth above what was.
 *
 *     struct histogram latency = {0};
 *     histogram_add(&latency, 1500);
 *     uint64_t p99 = histogram_percentile(&latency, 99);
 */
#ifndef UNDERSTUDY_BASE_HISTOGRAM_H
#define UNDERSTUDY_BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 304 /* up to 2^40; what is above counts as that */

/* All zero is empty. The unit is the user's. */
struct histogram {
    uint64_t count;
    uint64_t total;
    uint64_t most; /* the highest value */
    uint32_t steps[HISTOGRAM_STEPS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* The value so many times. */
void histogram_add_several(struct histogram *histogram, uint64_t value, uint32_t times);

/* How many values are below this power of two. */
uint64_t histogram_count_below(const struct histogram *histogram, uint64_t power);

/* What so many percent of the values do not exceed; 0 when there are none. Exact up to 15 and for
 * 100. */
uint64_t histogram_percentile(const struct histogram *histogram, double percent);

#endif
