/* SPDX-License-Identifier: MIT */
#include "commands/latency_advice.h"

#include <stdio.h>

#define WIDTH    80 /* columns, the latest samples */
#define ROWS     4
#define AGE_SIZE 5 /* "59m", terminated */

struct extent {
    int64_t lowest, highest; /* ms, of the samples that are kept */
};

static struct extent extent_of(const struct latency_event *event)
{
    struct extent extent = {INT64_MAX, 0};
    for (size_t i = 0; i < event->count; i++) {
        int64_t ms = latency_sample(event, i)->ms;
        extent.lowest = ms < extent.lowest ? ms : extent.lowest;
        extent.highest = ms > extent.highest ? ms : extent.highest;
    }
    return extent;
}

/* --- GRAPH --- */

/* "12s", "5m", "3h", "9d". */
static void format_age(int64_t seconds, char age[AGE_SIZE])
{
    static const struct {
        int64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t i = 0;
    if (seconds < 0)
        seconds = 0;
    while (i < 3 && seconds < units[i].seconds)
        i++;
    int64_t amount = seconds / units[i].seconds;
    snprintf(age, AGE_SIZE, "%d%c", (int)(amount < 999 ? amount : 999), units[i].unit);
}

/* What stands in the column of a bar, `row` rows above the ground. A bar has a foot, then a body,
 * so that the lowest one is seen, too. */
static char stroke(const struct extent *extent, int64_t ms, int row)
{
    int64_t range = extent->highest - extent->lowest;
    int64_t steps = ROWS * 2 - 1;
    int64_t height = range ? (ms - extent->lowest) * steps / range + 1 : 1;
    int64_t above = height - row * 2;
    return above >= 2 ? '#' : above == 1 ? '_' : ' ';
}

static void trim_line(struct buffer *text, size_t start)
{
    while (text->size > start && text->data[text->size - 1] == ' ')
        text->size--;
    buffer_append_byte(text, '\n');
}

/* Each sample's age stands below its bar, one letter under the other. */
static void append_ages(const struct latency_event *event, size_t columns, int64_t now_s,
                        struct buffer *text)
{
    for (size_t letter = 0; letter < AGE_SIZE - 1; letter++) {
        size_t start = text->size;
        for (size_t i = columns; i-- > 0;) {
            char age[AGE_SIZE];
            format_age(now_s - latency_sample(event, i)->time_s, age);
            buffer_append_byte(text, letter < strlen(age) ? age[letter] : ' ');
        }
        trim_line(text, start);
    }
}

void latency_advice_draw(const struct latency_event *event, int64_t now_s, struct buffer *text)
{
    struct extent extent = extent_of(event);
    size_t columns = event->count < WIDTH ? event->count : WIDTH;
    buffer_append_format(text, "%s - high %lld ms, low %lld ms (all time high %lld ms)\n",
                         event->name, (long long)extent.highest, (long long)extent.lowest,
                         (long long)event->most_ms);
    for (int i = 0; i < WIDTH; i++)
        buffer_append_byte(text, '-');
    buffer_append_byte(text, '\n');
    for (int row = ROWS; row-- > 0;) {
        size_t start = text->size;
        for (size_t i = columns; i-- > 0;)
            buffer_append_byte(text, stroke(&extent, latency_sample(event, i)->ms, row));
        trim_line(text, start);
    }
    append_ages(event, columns, now_s, text);
}

/* --- DOCTOR --- */

static const struct {
    const char *event; /* or how its name begins: "aof-*" */
    const char *advice;
} advices[] = {
    {"command", "A command ran long. See SLOWLOG GET for which, and whether a loop over a big "
                "collection can become several small steps (SCAN instead of KEYS, for one)."},
    {"fast-command", "Even a command that does little ran long: most likely the machine was busy, "
                     "or the command came with very many arguments."},
    {"expire-cycle", "Many keys ended at one instant. Deadlines that differ a little would spread "
                     "the work."},
    {"eviction-cycle", "Making room took long. More maxmemory, or smaller values, would help."},
    {"eviction-del", "Deleting what was evicted took long. Smaller values would help, or "
                     "lazyfree-lazy-eviction."},
    {"fork", "Saving held everybody up: here it is done at once and by nobody else. A test that "
             "needs no file runs faster without save points."},
    {"aof-*", "Writing the append-only file took long. A test that needs no file runs faster with "
              "appendonly no."},
};

static bool is_about(const char *pattern, const char *event)
{
    size_t size = strlen(pattern);
    if (size && pattern[size - 1] == '*')
        return strncmp(event, pattern, size - 1) == 0;
    return strcmp(event, pattern) == 0;
}

static void append_event(const struct latency_event *event, size_t number, struct buffer *text)
{
    struct extent extent = extent_of(event);
    int64_t sum = 0;
    for (size_t i = 0; i < event->count; i++)
        sum += latency_sample(event, i)->ms;
    buffer_append_format(
        text,
        "%zu. %s: %zu sample%s, %lld to %lld ms, %.1f ms in the mean; %lld ms was the worst.\n",
        number, event->name, event->count, event->count == 1 ? "" : "s", (long long)extent.lowest,
        (long long)extent.highest, (double)sum / (double)event->count, (long long)event->most_ms);
}

/* Each piece of advice once, for whatever event of its kind there was. */
static void append_advice(const struct latency *latency, struct buffer *text)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        bool is_needed = false;
        for (size_t j = 0; j < latency->count; j++)
            is_needed |= is_about(advices[i].event, latency->events[j]->name);
        if (is_needed)
            buffer_append_format(text, "- %s: %s\n", advices[i].event, advices[i].advice);
    }
}

void latency_advice_write(const struct engine *engine, struct buffer *text)
{
    const struct latency *latency = &engine->latency;
    int64_t threshold_ms = config_integer(engine->config, CONFIG_LATENCY_MONITOR_THRESHOLD);
    int64_t slow_us = config_integer(engine->config, CONFIG_SLOWLOG_LOG_SLOWER_THAN);
    if (latency->count == 0 && threshold_ms == 0) {
        buffer_append_string(text, "Nobody is looking: events are noted once "
                                   "latency-monitor-threshold is set to some milliseconds, as in "
                                   "CONFIG SET latency-monitor-threshold 100.\n");
        return;
    }
    if (latency->count == 0) {
        buffer_append_format(text, "Nothing has taken %lld ms or more. All is well.\n",
                             (long long)threshold_ms);
        return;
    }
    buffer_append_string(text, "What took long:\n\n");
    for (size_t i = 0; i < latency->count; i++)
        append_event(latency->events[i], i + 1, text);
    buffer_append_string(text, "\nWhat may help:\n\n");
    append_advice(latency, text);
    if (slow_us < 0 || slow_us > threshold_ms * 1000)
        buffer_append_format(text,
                             "- The slow log misses commands that are noted here: CONFIG SET "
                             "slowlog-log-slower-than %lld would show them.\n",
                             (long long)threshold_ms * 1000);
}
