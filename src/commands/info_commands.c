/* SPDX-License-Identifier: MIT */
/* INFO's sections about commands: how often, how long, with what errors. */
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/number.h"
#include "commands/info_fields.h"
#include "engine/engine.h"

static void append_command(const struct engine *engine, const struct command_state *state,
                           struct buffer *out)
{
    double us = stopwatch_us(&engine->stopwatch, state->ticks);
    if (state->calls || state->rejected || state->failed)
        buffer_append_format(out,
                             "cmdstat_%s:calls=%llu,usec=%llu,usec_per_call=%.2f,"
                             "rejected_calls=%llu,failed_calls=%llu\r\n",
                             state->name, (unsigned long long)state->calls, (unsigned long long)us,
                             state->calls ? us / (double)state->calls : 0,
                             (unsigned long long)state->rejected,
                             (unsigned long long)state->failed);
    for (size_t i = 0; i < state->subcommand_count; i++)
        append_command(engine, &state->subcommands[i], out);
}

void info_commands_append_stats(struct call *call, struct buffer *out)
{
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &call->engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)))
        append_command(call->engine, state, out);
    table_iterator_end(&iterator);
}

/* "p50=12.287,p99=15.039": the percentiles that the directive names. */
static void append_percentiles(const struct histogram *latency, const char *percentiles,
                               struct buffer *out)
{
    char *end;
    for (double percent; percent = strtod(percentiles, &end), end > percentiles;
         percentiles = end) {
        char name[NUMBER_DOUBLE_SIZE];
        int size = snprintf(name, sizeof name, "%f", percent);
        while (name[size - 1] == '0')
            size--;
        if (name[size - 1] == '.')
            size--;
        buffer_append_format(out, "%sp%.*s=%.3f", out->data[out->size - 1] == ':' ? "" : ",", size,
                             name, (double)histogram_percentile(latency, percent) / 1000);
    }
}

static void append_latency(const struct engine *engine, const struct command_state *state,
                           struct buffer *out)
{
    if (state->latency) {
        buffer_append_format(out, "latency_percentiles_usec_%s:", state->name);
        append_percentiles(state->latency,
                           config_string(engine->config, CONFIG_LATENCY_TRACKING_INFO_PERCENTILES),
                           out);
        buffer_append(out, "\r\n", 2);
    }
    for (size_t i = 0; i < state->subcommand_count; i++)
        append_latency(engine, &state->subcommands[i], out);
}

void info_commands_append_latency(struct call *call, struct buffer *out)
{
    if (!call_config(call, CONFIG_LATENCY_TRACKING))
        return;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &call->engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)))
        append_latency(call->engine, state, out);
    table_iterator_end(&iterator);
}

static int compare_errors(const void *a, const void *b)
{
    const struct error_count *const *left = a, *const *right = b;
    return bytes_compare(bytes_of((*left)->code, (*left)->code_size),
                         bytes_of((*right)->code, (*right)->code_size));
}

void info_commands_append_errors(struct call *call, struct buffer *out)
{
    size_t count = table_count(&call->engine->errors), i = 0;
    const struct error_count **errors = memory_allocate((count + 1) * sizeof *errors);
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &call->engine->errors);
    const struct error_count *error;
    while ((error = table_iterator_next(&iterator)))
        errors[i++] = error;
    table_iterator_end(&iterator);
    qsort(errors, count, sizeof *errors, compare_errors);
    for (i = 0; i < count; i++)
        buffer_append_format(out, "errorstat_%.*s:count=%llu\r\n", (int)errors[i]->code_size,
                             errors[i]->code, (unsigned long long)errors[i]->count);
    memory_free(errors);
}
