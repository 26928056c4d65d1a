/* SPDX-License-Identifier: MIT */
#include "engine/throughput.h"

/* A total that was set back has grown by nothing. */
static double rate_of(uint64_t before, uint64_t now, int64_t elapsed_us)
{
    return now > before ? (double)(now - before) * 1e6 / (double)elapsed_us : 0;
}

void throughput_note(struct throughput *throughput, const uint64_t totals[THROUGHPUT_KINDS],
                     int64_t now_us)
{
    int64_t elapsed_us = now_us - throughput->noted_us;
    int64_t steps = elapsed_us / THROUGHPUT_STEP_US;
    if (throughput->noted_us == 0 || elapsed_us < 0)
        steps = 0;
    if (steps > THROUGHPUT_STEPS)
        steps = THROUGHPUT_STEPS;
    for (; steps > 0; steps--) {
        for (int kind = 0; kind < THROUGHPUT_KINDS; kind++)
            throughput->rates[throughput->next][kind] =
                rate_of(throughput->totals[kind], totals[kind], elapsed_us);
        throughput->next = (throughput->next + 1) % THROUGHPUT_STEPS;
        if (throughput->count < THROUGHPUT_STEPS)
            throughput->count++;
    }
    for (int kind = 0; kind < THROUGHPUT_KINDS; kind++)
        throughput->totals[kind] = totals[kind];
    throughput->noted_us = now_us;
}

double throughput_rate(const struct throughput *throughput, enum throughput_kind kind)
{
    double sum = 0;
    for (size_t i = 0; i < throughput->count; i++)
        sum += throughput->rates[i][kind];
    return throughput->count ? sum / (double)throughput->count : 0;
}
