/* SPDX-License-Identifier: MIT */
/* LATENCY: what is told stands in engine/latency.c. */
#include "engine/latency.h"

#include "commands/help_lines.h"
#include "commands/latency_advice.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "reply/errors.h"

/* --- HISTOGRAM: how many calls took at most so long, for steps that double --- */

#define FIRST_NS UINT64_C(1024)

/* The step's end in microseconds as Redis tells it, whose buckets have seven bits. */
static int64_t step_us(uint64_t ns)
{
    return (int64_t)((ns + (ns >> 7) - 1) / 1000);
}

/* The end of the step that has the most calls. */
static uint64_t fullest_step(const struct histogram *latency)
{
    uint64_t fullest = FIRST_NS, most = 0, before = 0;
    for (uint64_t ns = FIRST_NS; before < latency->count; ns *= 2) {
        uint64_t below = histogram_count_below(latency, ns);
        if (below - before > most) {
            most = below - before;
            fullest = ns;
        }
        before = below;
    }
    return fullest;
}

/* Calls whose time was not taken count as most others. */
static void reply_steps(struct reply *reply, const struct command_state *state)
{
    const struct histogram *latency = state->latency;
    uint64_t fullest = fullest_step(latency), told = 0;
    reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
    for (uint64_t ns = FIRST_NS; told < latency->count; ns *= 2) {
        uint64_t below = histogram_count_below(latency, ns);
        if (below == told)
            continue;
        reply_integer(reply, step_us(ns));
        reply_integer(reply, (int64_t)(ns < fullest ? below : below + state->untimed));
        told = below;
    }
    reply_close(reply);
}

static void reply_histogram(struct call *call, const struct command_state *state)
{
    struct reply *reply = call->reply;
    if (state->latency) {
        reply_bulk_string(reply, state->name);
        reply_open(reply, REPLY_MAP, 2);
        reply_bulk_string(reply, "calls");
        reply_integer(reply, (int64_t)latency_calls(state));
        reply_bulk_string(reply, "histogram_usec");
        reply_steps(reply, state);
        reply_close(reply);
    }
    for (size_t i = 0; i < state->subcommand_count; i++)
        reply_histogram(call, &state->subcommands[i]);
}

static void reply_all_histograms(struct call *call)
{
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &call->engine->commands);
    const struct command_state *state;
    while ((state = table_iterator_next(&iterator)))
        reply_histogram(call, state);
    table_iterator_end(&iterator);
}

static void latency_report_histogram(struct call *call)
{
    reply_open(call->reply, REPLY_MAP, REPLY_UNSIZED);
    if (call->argc == 2)
        reply_all_histograms(call);
    for (int i = 2; i < call->argc; i++) {
        const struct command_state *state = engine_find_full_name(call->engine, call->argv[i]);
        if (state)
            reply_histogram(call, state);
    }
    reply_close(call->reply);
}

/* --- events --- */

static void latency_report_latest(struct call *call)
{
    const struct latency *latency = &call->engine->latency;
    reply_open(call->reply, REPLY_ARRAY, latency->count);
    for (size_t i = 0; i < latency->count; i++) {
        const struct latency_event *event = latency->events[i];
        const struct latency_sample *latest = latency_sample(event, 0);
        reply_open(call->reply, REPLY_ARRAY, 4);
        reply_bulk_string(call->reply, event->name);
        reply_integer(call->reply, latest->time_s);
        reply_integer(call->reply, latest->ms);
        reply_integer(call->reply, event->most_ms);
        reply_close(call->reply);
    }
    reply_close(call->reply);
}

static void latency_report_history(struct call *call)
{
    const struct latency_event *event = latency_find(&call->engine->latency, call->argv[2]);
    size_t count = event ? event->count : 0;
    reply_open(call->reply, REPLY_ARRAY, count);
    for (size_t i = count; i-- > 0;) {
        const struct latency_sample *sample = latency_sample(event, i);
        reply_open(call->reply, REPLY_ARRAY, 2);
        reply_integer(call->reply, sample->time_s);
        reply_integer(call->reply, sample->ms);
        reply_close(call->reply);
    }
    reply_close(call->reply);
}

static void latency_report_reset(struct call *call)
{
    struct latency *latency = &call->engine->latency;
    size_t before = latency->count;
    if (call->argc == 2)
        latency_clear(latency);
    for (int i = 2; i < call->argc; i++) {
        struct latency_event *event = latency_find(latency, call->argv[i]);
        if (event)
            latency_forget(latency, event);
    }
    reply_integer(call->reply, (int64_t)(before - latency->count));
}

static void latency_report_graph(struct call *call)
{
    const struct latency_event *event = latency_find(&call->engine->latency, call->argv[2]);
    struct buffer text = {0};
    if (!event) {
        reply_error_format(call->reply, ERROR_LATENCY_EVENT, BYTES_PRINT(call->argv[2]));
        return;
    }
    latency_advice_draw(event, call->now_us / 1000000, &text);
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

static void latency_report_doctor(struct call *call)
{
    struct buffer text = {0};
    latency_advice_write(call->engine, &text);
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

static void latency_report_help(struct call *call)
{
    static const char *const lines[] = {
        "LATENCY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DOCTOR",
        "    What was slow, and what may be done about it.",
        "GRAPH <event>",
        "    The samples of an event as a picture in text.",
        "HISTORY <event>",
        "    When the event happened and how long it took, the latest last.",
        "LATEST",
        "    The latest sample of each event, and the worst.",
        "RESET [<event> ...]",
        "    Forget the named events, or all.",
        "HISTOGRAM [<command> ...]",
        "    How many calls of the named commands took at most so many microseconds.",
        "    Without a name, of all commands that ran.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

static const struct command_argument event_arguments[] = {
    {.name = "event", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument reset_arguments[] = {
    {.name = "event", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument histogram_arguments[] = {
    {.name = "command", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const char *const report_tips[] = {"nondeterministic_output", "request_policy:all_nodes",
                                          "response_policy:special", NULL};

#define REPORT_FLAGS (COMMAND_ADMIN | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE)

static const struct command latency_subcommands[] = {
    {.name = "DOCTOR",
     .arity = 2,
     .flags = REPORT_FLAGS,
     .since = "2.8.13",
     .group = "server",
     .summary = "Tells in words what was slow, and what may help.",
     .complexity = "O(1)",
     .tips = report_tips,
     .run = latency_report_doctor},
    {.name = "GRAPH",
     .arity = 3,
     .flags = REPORT_FLAGS,
     .since = "2.8.13",
     .group = "server",
     .summary = "Draws the samples of an event.",
     .complexity = "O(1)",
     .tips = report_tips,
     .arguments = event_arguments,
     .run = latency_report_graph},
    {HELP_LINES_ROW("2.8.13", "server", latency_report_help)},
    {.name = "HISTOGRAM",
     .arity = -2,
     .flags = REPORT_FLAGS,
     .since = "7.0.0",
     .group = "server",
     .summary = "Counts the calls of commands by how long they took.",
     .complexity = "O(N) for N commands that ran",
     .tips = report_tips,
     .arguments = histogram_arguments,
     .run = latency_report_histogram},
    {.name = "HISTORY",
     .arity = 3,
     .flags = REPORT_FLAGS,
     .since = "2.8.13",
     .group = "server",
     .summary = "Answers the samples of an event with their times.",
     .complexity = "O(1)",
     .tips = report_tips,
     .arguments = event_arguments,
     .run = latency_report_history},
    {.name = "LATEST",
     .arity = 2,
     .flags = REPORT_FLAGS,
     .since = "2.8.13",
     .group = "server",
     .summary = "Answers the latest sample of every event.",
     .complexity = "O(1)",
     .tips = report_tips,
     .run = latency_report_latest},
    {.name = "RESET",
     .arity = -2,
     .flags = REPORT_FLAGS,
     .since = "2.8.13",
     .group = "server",
     .summary = "Forgets events, the named ones or all.",
     .complexity = "O(1)",
     .tips =
         (const char *const[]){"request_policy:all_nodes", "response_policy:all_succeeded", NULL},
     .arguments = reset_arguments,
     .run = latency_report_reset},
    {0},
};

const struct command latency_report_commands[] = {
    {.name = "LATENCY",
     .arity = -2,
     .since = "2.8.13",
     .group = "server",
     .summary = "Holds the commands about what was slow.",
     .complexity = "As the subcommand's.",
     .subcommands = latency_subcommands},
    {0},
};
