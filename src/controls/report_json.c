/* SPDX-License-Identifier: MIT */
/* The members are described in docs/REPORT.md; durations are in microseconds. */
#include "base/json_writer.h"
#include "controls/report_private.h"
#include "engine/engine.h"

#define FORMAT_NUMBER 1 /* grows when a member changes its meaning */

static double us(uint64_t ns)
{
    return (double)ns / 1000;
}

/* --- what ran --- */

static void write_totals(struct json_writer *json, const struct report *report)
{
    json_writer_name(json, "totals");
    json_writer_open(json, '{');
    json_writer_member_integer(json, "calls", (int64_t)report->calls);
    json_writer_member_integer(json, "errors", (int64_t)report->errors);
    json_writer_member_integer(json, "refused", (int64_t)report->refused);
    json_writer_member_integer(json, "faults", (int64_t)report->faults);
    json_writer_member_integer(json, "clients", (int64_t)report->client_count);
    json_writer_close(json, '}');
}

static void write_command(struct json_writer *json, const struct report_command *command)
{
    const struct histogram *latency = &command->latency;
    json_writer_open(json, '{');
    json_writer_member_string(json, "name", command->state->name);
    json_writer_member_integer(json, "calls", (int64_t)latency->count);
    json_writer_member_integer(json, "errors", (int64_t)command->errors);
    json_writer_member_decimal(json, "total_us", us(latency->total));
    json_writer_member_decimal(json, "avg_us", us(latency->total) / (double)latency->count);
    json_writer_member_decimal(json, "p50_us", us(histogram_percentile(latency, 50)));
    json_writer_member_decimal(json, "p90_us", us(histogram_percentile(latency, 90)));
    json_writer_member_decimal(json, "p99_us", us(histogram_percentile(latency, 99)));
    json_writer_member_decimal(json, "max_us", us(latency->most));
    json_writer_close(json, '}');
}

static void write_commands(struct json_writer *json, const struct report *report)
{
    json_writer_name(json, "commands");
    json_writer_open(json, '[');
    for (struct list_node *node = list_first(&report->commands); node; node = list_next(node))
        write_command(json, LIST_ENTRY(node, struct report_command, node));
    json_writer_close(json, ']');
}

static void write_slowest(struct json_writer *json, const struct report *report)
{
    json_writer_name(json, "slowest");
    json_writer_open(json, '[');
    for (size_t i = 0; i < report->slow_count; i++) {
        const struct report_slow_call *slow = &report->slowest[i];
        json_writer_open(json, '{');
        json_writer_member_text(json, "command", buffer_bytes(&slow->text));
        json_writer_member_decimal(json, "duration_us", us(slow->ns));
        json_writer_member_integer(json, "at_us", slow->at_us);
        json_writer_member_integer(json, "client", (int64_t)slow->client_id);
        json_writer_member_boolean(json, "in_script", slow->is_in_script);
        json_writer_close(json, '}');
    }
    json_writer_close(json, ']');
}

static void write_failures(struct json_writer *json, const struct report *report, const char *name,
                           bool is_refused)
{
    json_writer_name(json, name);
    json_writer_open(json, '[');
    for (struct list_node *node = list_first(&report->failures); node; node = list_next(node)) {
        const struct report_failure *failure = LIST_ENTRY(node, struct report_failure, node);
        size_t start = failure->name_size + 1;
        if (failure->is_refused != is_refused)
            continue;
        json_writer_open(json, '{');
        json_writer_member_text(json, "command", bytes_of(failure->key, failure->name_size));
        json_writer_member_text(json, "error",
                                bytes_of(failure->key + start, failure->key_size - start));
        json_writer_member_integer(json, "count", (int64_t)failure->count);
        if (is_refused)
            json_writer_member_boolean(json, "unknown", failure->is_unknown);
        json_writer_close(json, '}');
    }
    json_writer_close(json, ']');
}

/* --- faults, gates, expectations --- */

static void write_outcomes(struct json_writer *json, const struct report *report, const char *name,
                           enum outcome_kind kind)
{
    json_writer_name(json, name);
    json_writer_open(json, '[');
    for (struct list_node *node = list_first(&report->outcomes); node; node = list_next(node)) {
        const struct report_outcome *outcome = LIST_ENTRY(node, struct report_outcome, node);
        if (outcome->kind != kind)
            continue;
        json_writer_open(json, '{');
        json_writer_member_text(json, "name", buffer_bytes(&outcome->name));
        json_writer_member_text(json, "what", buffer_bytes(&outcome->what));
        json_writer_member_integer(json, "seen", (int64_t)outcome->seen);
        json_writer_member_integer(json, "hits", (int64_t)outcome->hits);
        if (kind == OUTCOME_EXPECTATION)
            json_writer_member_boolean(json, "met", outcome->unmet == 0);
        json_writer_close(json, '}');
    }
    json_writer_close(json, ']');
}

/* --- scripts --- */

static void write_functions(struct json_writer *json, const struct report_script *script)
{
    json_writer_name(json, "functions");
    json_writer_open(json, '[');
    for (size_t i = 0; i < script->function_count; i++) {
        json_writer_open(json, '{');
        json_writer_member_string(json, "name", script->functions[i].name);
        json_writer_member_integer(json, "line", script->functions[i].first_line);
        json_writer_member_integer(json, "calls", (int64_t)script->functions[i].calls);
        json_writer_close(json, '}');
    }
    json_writer_close(json, ']');
}

/* One number a line, from the first on; null where there is no code. */
static void write_hits(struct json_writer *json, const struct report_script *script)
{
    json_writer_name(json, "hits");
    json_writer_open(json, '[');
    for (int line = 1; line < script->line_count; line++) {
        if (script->has_code[line])
            json_writer_integer(json, (int64_t)script->hits[line]);
        else
            json_writer_null(json);
    }
    json_writer_close(json, ']');
}

static void write_scripts(struct json_writer *json, const struct report_contents *contents)
{
    json_writer_name(json, "scripts");
    json_writer_open(json, '[');
    for (size_t i = 0; i < contents->script_count; i++) {
        const struct report_script *script = &contents->scripts[i];
        int lines, hit;
        report_count_lines(script, &lines, &hit);
        json_writer_open(json, '{');
        json_writer_member_string(json, "sha", script->sha);
        json_writer_member_integer(json, "lines", lines);
        json_writer_member_integer(json, "hit", hit);
        json_writer_member_text(json, "source", script->text);
        write_hits(json, script);
        write_functions(json, script);
        json_writer_close(json, '}');
    }
    json_writer_close(json, ']');
}

/* --- leaks --- */

struct leaked_keys {
    struct json_writer *json;
    bool are_locks; /* which ones are wanted */
    int64_t count;
};

static void write_leaked_key(void *context, const struct report_leaked_key *leaked)
{
    struct leaked_keys *keys = context;
    struct json_writer *json = keys->json;
    if ((leaked->lock != NULL) != keys->are_locks || keys->count++ >= REPORT_LEAKS_LISTED)
        return;
    json_writer_open(json, '{');
    json_writer_member_integer(json, "db", leaked->db);
    json_writer_member_text(json, "key", leaked->key);
    json_writer_member_string(json, "type", leaked->type);
    if (leaked->lock) {
        json_writer_name(json, "ttl_ms");
        if (leaked->ttl_ms >= 0)
            json_writer_integer(json, leaked->ttl_ms);
        else
            json_writer_null(json);
        json_writer_member_integer(json, "client", (int64_t)leaked->lock->client_id);
        json_writer_member_integer(json, "at_us", leaked->lock->at_us);
    }
    json_writer_close(json, '}');
}

static void write_leaked_keys(struct json_writer *json, struct report *report, const char *name,
                              const char *count_name, bool are_locks)
{
    struct leaked_keys keys = {.json = json, .are_locks = are_locks};
    json_writer_name(json, name);
    json_writer_open(json, '[');
    report_leaks_visit(report, write_leaked_key, &keys);
    json_writer_close(json, ']');
    json_writer_member_integer(json, count_name, keys.count);
}

static void write_leaks(struct json_writer *json, struct report *report)
{
    json_writer_name(json, "leaks");
    json_writer_open(json, '{');
    write_leaked_keys(json, report, "locks", "lock_count", true);
    write_leaked_keys(json, report, "keys", "key_count", false);
    json_writer_name(json, "clients");
    json_writer_open(json, '[');
    for (struct list_node *node = list_first(&report->unfinished); node; node = list_next(node)) {
        const struct report_unfinished *one = LIST_ENTRY(node, struct report_unfinished, node);
        json_writer_open(json, '{');
        json_writer_member_integer(json, "id", (int64_t)one->id);
        json_writer_member_string(json, "name", one->name ? one->name : "");
        json_writer_member_string(json, "address", one->address);
        json_writer_member_string(json, "state", one->state);
        json_writer_member_string(json, "command", one->command);
        json_writer_member_boolean(json, "connected", one->was_there_to_the_end);
        json_writer_close(json, '}');
    }
    json_writer_close(json, ']');
    json_writer_member_integer(json, "client_count", (int64_t)report->unfinished_count);
    json_writer_close(json, '}');
}

/* --- what was never reached --- */

static void write_unreached_names(struct json_writer *json, const struct report *report,
                                  const char *name, enum outcome_kind kind)
{
    json_writer_name(json, name);
    json_writer_open(json, '[');
    for (struct list_node *node = list_first(&report->outcomes); node; node = list_next(node)) {
        const struct report_outcome *outcome = LIST_ENTRY(node, struct report_outcome, node);
        if (outcome->kind == kind && report_outcome_is_unreached(outcome))
            json_writer_text(json, buffer_bytes(&outcome->name));
    }
    json_writer_close(json, ']');
}

static void write_unreached_functions(struct json_writer *json,
                                      const struct report_contents *contents)
{
    json_writer_name(json, "functions");
    json_writer_open(json, '[');
    for (size_t i = 0; i < contents->script_count; i++) {
        const struct report_script *script = &contents->scripts[i];
        for (size_t f = 0; f < script->function_count; f++) {
            if (script->functions[f].calls)
                continue;
            json_writer_open(json, '{');
            json_writer_member_string(json, "script", script->sha);
            json_writer_member_string(json, "name", script->functions[f].name);
            json_writer_member_integer(json, "line", script->functions[f].first_line);
            json_writer_close(json, '}');
        }
    }
    json_writer_close(json, ']');
}

static void write_unreached_lines(struct json_writer *json, const struct report_contents *contents)
{
    json_writer_name(json, "lines");
    json_writer_open(json, '[');
    for (size_t i = 0; i < contents->script_count; i++) {
        const struct report_script *script = &contents->scripts[i];
        int lines, hit;
        report_count_lines(script, &lines, &hit);
        if (lines == hit)
            continue;
        json_writer_open(json, '{');
        json_writer_member_string(json, "script", script->sha);
        json_writer_name(json, "lines");
        json_writer_open(json, '[');
        for (int line = 1; line < script->line_count; line++)
            if (script->has_code[line] && !script->hits[line])
                json_writer_integer(json, line);
        json_writer_close(json, ']');
        json_writer_close(json, '}');
    }
    json_writer_close(json, ']');
}

static void write_unreached(struct json_writer *json, const struct report_contents *contents)
{
    json_writer_name(json, "unreached");
    json_writer_open(json, '{');
    write_unreached_names(json, contents->report, "faults", OUTCOME_FAULT);
    write_unreached_names(json, contents->report, "gates", OUTCOME_GATE);
    write_unreached_names(json, contents->report, "expectations", OUTCOME_EXPECTATION);
    write_unreached_functions(json, contents);
    write_unreached_lines(json, contents);
    json_writer_close(json, '}');
}

/* --- the timeline --- */

/* Bins in which something happened: [index, calls, errors, faults]. */
static void write_bins(struct json_writer *json, const struct report_client *client)
{
    json_writer_name(json, "bins");
    json_writer_open(json, '[');
    for (int i = 0; i < REPORT_BINS; i++) {
        const struct report_bin *bin = &client->bins[i];
        if (!bin->calls && !bin->errors && !bin->faults)
            continue;
        json_writer_open(json, '[');
        json_writer_integer(json, i);
        json_writer_integer(json, bin->calls);
        json_writer_integer(json, bin->errors);
        json_writer_integer(json, bin->faults);
        json_writer_close(json, ']');
    }
    json_writer_close(json, ']');
}

static void write_timeline(struct json_writer *json, const struct report *report)
{
    json_writer_name(json, "timeline");
    json_writer_open(json, '{');
    json_writer_member_integer(json, "bin_us", report->bin_us);
    json_writer_member_integer(json, "bins", REPORT_BINS);
    json_writer_name(json, "clients");
    json_writer_open(json, '[');
    for (struct list_node *node = list_first(&report->clients); node; node = list_next(node)) {
        const struct report_client *client = LIST_ENTRY(node, struct report_client, node);
        json_writer_open(json, '{');
        json_writer_member_integer(json, "id", (int64_t)client->id);
        json_writer_member_string(json, "name", client->name ? client->name : "");
        json_writer_member_string(json, "address", client->address);
        json_writer_member_integer(json, "calls", (int64_t)client->calls);
        json_writer_member_integer(json, "errors", (int64_t)client->errors);
        write_bins(json, client);
        json_writer_close(json, '}');
    }
    json_writer_close(json, ']');
    json_writer_close(json, '}');
}

void report_json_append(const struct report_contents *contents, struct buffer *out)
{
    struct report *report = contents->report;
    struct json_writer json = {0};
    json_writer_open(&json, '{');
    json_writer_member_integer(&json, "report", FORMAT_NUMBER);
    json_writer_member_string(&json, "emulates", report->engine->version_text);
    json_writer_member_integer(&json, "began_ms", report->began_at_us / 1000);
    json_writer_member_integer(&json, "duration_us", report->now_us);
    write_totals(&json, report);
    write_commands(&json, report);
    write_slowest(&json, report);
    write_failures(&json, report, "errors", false);
    write_failures(&json, report, "refused", true);
    json_writer_member_integer(&json, "failures_without_text",
                               (int64_t)report->failures_without_text);
    write_outcomes(&json, report, "faults", OUTCOME_FAULT);
    write_outcomes(&json, report, "gates", OUTCOME_GATE);
    write_outcomes(&json, report, "expectations", OUTCOME_EXPECTATION);
    write_scripts(&json, contents);
    write_leaks(&json, report);
    write_unreached(&json, contents);
    write_timeline(&json, report);
    json_writer_close(&json, '}');
    buffer_append_byte(&json.out, '\n');
    buffer_append_bytes(out, buffer_bytes(&json.out));
    buffer_clear(&json.out);
}
