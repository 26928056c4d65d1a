/* SPDX-License-Identifier: MIT */
/* A summary to be read in a terminal: a part that has nothing to say is left out. */
#include <stdlib.h>

#include "base/memory.h"
#include "controls/report_private.h"
#include "engine/engine.h"

#define COMMANDS_SHOWN 20
#define SLOWEST_SHOWN  5
#define FAILURES_SHOWN 10

static double us(uint64_t ns)
{
    return (double)ns / 1000;
}

/* What clients chose may hold what a terminal takes for orders. */
static void append_printable(struct buffer *out, struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < ' ' || c == 0x7f)
            buffer_append_format(out, "\\x%02x", (unsigned)c);
        else
            buffer_append_byte(out, (char)c);
    }
}

/* --- what ran --- */

static int compare_calls(const void *a, const void *b)
{
    const struct report_command *const *first = a, *const *second = b;
    uint64_t one = (*first)->latency.count, two = (*second)->latency.count;
    return one < two ? 1 : one > two ? -1 : strcmp((*first)->state->name, (*second)->state->name);
}

static void append_commands(const struct report *report, struct buffer *out)
{
    size_t count = list_count(&report->commands), at = 0;
    if (count == 0)
        return;
    const struct report_command **commands = memory_allocate(count * sizeof *commands);
    for (struct list_node *node = list_first(&report->commands); node; node = list_next(node))
        commands[at++] = LIST_ENTRY(node, struct report_command, node);
    qsort(commands, count, sizeof *commands, compare_calls);
    buffer_append_format(out, "\n  %-24s %9s %7s %10s %10s %10s\n", "command", "calls", "errors",
                         "avg us", "p99 us", "max us");
    for (size_t i = 0; i < count && i < COMMANDS_SHOWN; i++) {
        const struct histogram *latency = &commands[i]->latency;
        buffer_append_format(out, "  %-24s %9llu %7llu %10.1f %10.1f %10.1f\n",
                             commands[i]->state->name, (unsigned long long)latency->count,
                             (unsigned long long)commands[i]->errors,
                             us(latency->total) / (double)latency->count,
                             us(histogram_percentile(latency, 99)), us(latency->most));
    }
    if (count > COMMANDS_SHOWN)
        buffer_append_format(out, "  and %zu others\n", count - COMMANDS_SHOWN);
    memory_free(commands);
}

static void append_slowest(const struct report *report, struct buffer *out)
{
    if (report->slow_count)
        buffer_append_string(out, "\nslowest\n");
    for (size_t i = 0; i < report->slow_count && i < SLOWEST_SHOWN; i++)
        buffer_append_format(out, "  %10.1f us  %.*s\n", us(report->slowest[i].ns),
                             BYTES_PRINT(buffer_bytes(&report->slowest[i].text)));
}

static void append_failures(const struct report *report, const char *title, bool is_refused,
                            struct buffer *out)
{
    size_t shown = 0;
    for (struct list_node *node = list_first(&report->failures); node; node = list_next(node)) {
        const struct report_failure *failure = LIST_ENTRY(node, struct report_failure, node);
        size_t start = failure->name_size + 1;
        if (failure->is_refused != is_refused || shown++ >= FAILURES_SHOWN)
            continue;
        if (shown == 1)
            buffer_append_format(out, "\n%s\n", title);
        buffer_append_format(out, "  %6llu  ", (unsigned long long)failure->count);
        append_printable(out, bytes_of(failure->key, failure->name_size));
        buffer_append_string(out, ": ");
        append_printable(out, bytes_of(failure->key + start, failure->key_size - start));
        buffer_append_byte(out, '\n');
    }
    if (shown > FAILURES_SHOWN)
        buffer_append_format(out, "  and %zu others\n", shown - FAILURES_SHOWN);
}

/* --- faults, gates, expectations --- */

static void append_outcomes(const struct report *report, const char *title, enum outcome_kind kind,
                            struct buffer *out)
{
    bool has_title = false;
    for (struct list_node *node = list_first(&report->outcomes); node; node = list_next(node)) {
        const struct report_outcome *outcome = LIST_ENTRY(node, struct report_outcome, node);
        if (outcome->kind != kind)
            continue;
        if (!has_title)
            buffer_append_format(out, "\n%s\n", title);
        has_title = true;
        buffer_append_format(out, "  %6llu  ", (unsigned long long)outcome->hits);
        append_printable(out, buffer_bytes(&outcome->name));
        buffer_append_string(out, ": ");
        append_printable(out, buffer_bytes(&outcome->what));
        if (report_outcome_is_unreached(outcome))
            buffer_append_string(out,
                                 kind == OUTCOME_EXPECTATION ? "  NOT MET" : "  NEVER REACHED");
        buffer_append_byte(out, '\n');
    }
}

/* --- scripts --- */

static void append_script(const struct report_script *script, struct buffer *out)
{
    int lines, hit;
    report_count_lines(script, &lines, &hit);
    buffer_append_format(out, "  %s  %d of %d lines", script->sha, hit, lines);
    for (int line = 1, last = 0; line < script->line_count; line = last + 1) {
        last = line;
        if (!script->has_code[line] || script->hits[line])
            continue;
        while (last + 1 < script->line_count && script->has_code[last + 1] &&
               !script->hits[last + 1])
            last++;
        buffer_append_format(out, last > line ? "  not %d-%d" : "  not %d", line, last);
    }
    buffer_append_byte(out, '\n');
    for (size_t i = 0; i < script->function_count; i++)
        if (!script->functions[i].calls)
            buffer_append_format(out, "    never called: %s (line %d)\n", script->functions[i].name,
                                 script->functions[i].first_line);
}

/* --- leaks --- */

struct leaks {
    struct buffer *out;
    size_t count;
};

static void append_leaked_key(void *context, const struct report_leaked_key *leaked)
{
    struct leaks *leaks = context;
    struct buffer *out = leaks->out;
    if (leaks->count++ == 0)
        buffer_append_string(out, "\nleft behind\n");
    if (leaks->count > REPORT_LEAKS_LISTED)
        return;
    buffer_append_format(out, "  %s ", leaked->lock ? "lock" : "key");
    buffer_append_quoted(out, leaked->key);
    if (leaked->db)
        buffer_append_format(out, " in database %d", leaked->db);
    if (leaked->lock)
        buffer_append_format(out, ", set by client %llu",
                             (unsigned long long)leaked->lock->client_id);
    if (leaked->ttl_ms >= 0)
        buffer_append_format(out, ", for %lld ms more", (long long)leaked->ttl_ms);
    else
        buffer_append_string(out, ", for ever");
    buffer_append_byte(out, '\n');
}

static void append_leaks(struct report *report, struct buffer *out)
{
    struct leaks leaks = {.out = out};
    report_leaks_visit(report, append_leaked_key, &leaks);
    if (leaks.count > REPORT_LEAKS_LISTED)
        buffer_append_format(out, "  and %zu other keys\n", leaks.count - REPORT_LEAKS_LISTED);
    if (!leaks.count && report->unfinished_count)
        buffer_append_string(out, "\nleft behind\n");
    for (struct list_node *node = list_first(&report->unfinished); node; node = list_next(node)) {
        const struct report_unfinished *one = LIST_ENTRY(node, struct report_unfinished, node);
        buffer_append_format(out, "  client %llu", (unsigned long long)one->id);
        if (one->name) {
            buffer_append_string(out, " (");
            append_printable(out, bytes_of_string(one->name));
            buffer_append_byte(out, ')');
        }
        buffer_append_format(out, ": %s%s%s%s\n", one->state,
                             *one->command ? ", last command " : "", one->command,
                             one->was_there_to_the_end ? "" : ", and has gone");
    }
}

void report_text_append(const struct report_contents *contents, struct buffer *out)
{
    struct report *report = contents->report;
    buffer_append_format(
        out, "understudy: %llu calls, %llu errors, %llu refused, %llu clients in %.3f s\n",
        (unsigned long long)report->calls, (unsigned long long)report->errors,
        (unsigned long long)report->refused, (unsigned long long)report->client_count,
        (double)report->now_us / 1e6);
    append_commands(report, out);
    append_slowest(report, out);
    append_failures(report, "errors", false, out);
    append_failures(report, "refused", true, out);
    append_outcomes(report, "faults", OUTCOME_FAULT, out);
    append_outcomes(report, "gates", OUTCOME_GATE, out);
    append_outcomes(report, "expectations", OUTCOME_EXPECTATION, out);
    if (contents->script_count)
        buffer_append_string(out, "\nscripts\n");
    for (size_t i = 0; i < contents->script_count; i++)
        append_script(&contents->scripts[i], out);
    append_leaks(report, out);
}
