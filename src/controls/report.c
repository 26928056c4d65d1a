/* SPDX-License-Identifier: MIT */
/*
 * Time in a report is real time, as a test may stop the server's clock. The timeline has a fixed
 * number of bins: when the run outgrows them, each two become one.
 */
#include "controls/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/whole_file.h"
#include "controls/answer.h"
#include "controls/controls.h"
#include "controls/report_private.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"

#define FIRST_BIN_US   1000
#define SHOWN_ARGUMENT 64  /* bytes of each argument of a slow call */
#define SHOWN_CALL     240 /* bytes of all */

/* --- tables --- */

static struct bytes command_key(const void *entry)
{
    const struct report_command *command = entry;
    return bytes_of(command->state->name, command->state->name_size);
}
static struct bytes failure_key(const void *entry)
{
    const struct report_failure *failure = entry;
    return bytes_of(failure->key, failure->key_size);
}
static struct bytes client_key(const void *entry)
{
    const struct report_client *client = entry;
    return bytes_of((const char *)&client->id, sizeof client->id);
}
static const struct table_class command_class = {.key_of = command_key};
static const struct table_class failure_class = {.key_of = failure_key};
static const struct table_class client_class = {.key_of = client_key};

/* --- the timeline --- */

static void widen_bins(struct report *report)
{
    for (struct list_node *node = list_first(&report->clients); node; node = list_next(node)) {
        struct report_bin *bins = LIST_ENTRY(node, struct report_client, node)->bins;
        for (size_t i = 0; i < REPORT_BINS / 2; i++)
            bins[i] = (struct report_bin){bins[2 * i].calls + bins[2 * i + 1].calls,
                                          bins[2 * i].errors + bins[2 * i + 1].errors,
                                          bins[2 * i].faults + bins[2 * i + 1].faults};
        memset(bins + REPORT_BINS / 2, 0, REPORT_BINS / 2 * sizeof *bins);
    }
    report->bin_us *= 2;
}

/* The bin of this moment. */
static struct report_bin *bin_of(struct report *report, struct report_client *client)
{
    report->now_us = clock_monotonic_us() - report->began_us;
    while (report->now_us / report->bin_us >= REPORT_BINS)
        widen_bins(report);
    return &client->bins[report->now_us / report->bin_us];
}

/* --- clients --- */

static struct report_client *add_client(struct report *report, uint64_t id)
{
    struct report_client *client = memory_zeroed(sizeof *client);
    client->id = id;
    list_append(&report->clients, &client->node);
    table_insert(&report->clients_by_id, client);
    return client;
}

static struct report_client *find_client(struct report *report, uint64_t id)
{
    if (report->latest && report->latest->id == id)
        return report->latest;
    return table_find(&report->clients_by_id, bytes_of((const char *)&id, sizeof id));
}

/* The row of whoever asked for what happens in the session. */
static struct report_client *client_of(struct report *report, const struct session *session)
{
    struct report_client *client = find_client(report, session->id);
    if (!client) {
        report->client_count++;
        if (list_count(&report->clients) > REPORT_CLIENTS)
            return find_client(report, 0);
        client = add_client(report, session->id);
        if (session->transport && session->transport->describe) {
            struct session_stream stream = {0};
            session->transport->describe(session, &stream);
            memcpy(client->address, stream.address, sizeof client->address);
        }
    }
    if (session->name && !client->name)
        client->name = bytes_to_string(bytes_of_string(session->name));
    return report->latest = client;
}

/* --- commands --- */

static struct report_command *command_of(struct report *report, const struct command_state *state)
{
    struct bytes name = bytes_of(state->name, state->name_size);
    struct report_command *command = table_find(&report->commands_by_name, name);
    if (command)
        return command;
    command = memory_zeroed(sizeof *command);
    command->state = state;
    list_append(&report->commands, &command->node);
    table_insert(&report->commands_by_name, command);
    return command;
}

static void note_failure(struct report *report, struct bytes name, struct bytes error, char kind)
{
    struct buffer key = {0};
    buffer_append_bytes(&key, name);
    buffer_append_byte(&key, kind);
    buffer_append_bytes(&key, error);
    struct report_failure *failure = table_find(&report->failures_by_key, buffer_bytes(&key));
    if (!failure && list_count(&report->failures) >= REPORT_FAILURES) {
        report->failures_without_text++;
    } else if (!failure) {
        failure = memory_zeroed(sizeof *failure + key.size);
        failure->is_refused = kind != 'e';
        failure->is_unknown = kind == 'u';
        failure->name_size = name.size;
        failure->key_size = key.size;
        memcpy(failure->key, key.data, key.size);
        list_append(&report->failures, &failure->node);
        table_insert(&report->failures_by_key, failure);
    }
    if (failure)
        failure->count++;
    buffer_clear(&key);
}

static void append_call(struct buffer *text, const struct call *call)
{
    buffer_append_string(text, call->state->name);
    for (int i = call->state->parent ? 2 : 1; i < call->argc && text->size < SHOWN_CALL; i++) {
        struct bytes argument = call_shown_argument(call, i);
        bool is_cut = argument.size > SHOWN_ARGUMENT;
        buffer_append_byte(text, ' ');
        buffer_append_quoted(text, is_cut ? bytes_of(argument.data, SHOWN_ARGUMENT) : argument);
        if (is_cut)
            buffer_append_string(text, "...");
    }
}

static void note_if_slow(struct report *report, const struct call *call, uint64_t client_id,
                         uint64_t ns)
{
    size_t place = report->slow_count;
    if (place == REPORT_SLOWEST && report->slowest[place - 1].ns >= ns)
        return;
    if (place == REPORT_SLOWEST)
        buffer_clear(&report->slowest[--place].text);
    else
        report->slow_count++;
    for (; place > 0 && report->slowest[place - 1].ns < ns; place--)
        report->slowest[place] = report->slowest[place - 1];
    struct report_slow_call *slow = &report->slowest[place];
    *slow = (struct report_slow_call){.ns = ns,
                                      .at_us = report->now_us,
                                      .client_id = client_id,
                                      .is_in_script = call->session->flags & SESSION_SCRIPT};
    append_call(&slow->text, call);
}

/* --- what the engine tells --- */

static const struct session *caller_of(const struct call *call)
{
    bool is_in_script = call->session->flags & SESSION_SCRIPT;
    return is_in_script && call->engine->current ? call->engine->current : call->session;
}

static bool report_before(void *context, struct call *call)
{
    struct report *report = context;
    answer_begin(&report->noting, call);
    return true;
}

static void report_after(void *context, const struct call *call, int64_t duration_us)
{
    struct report *report = context;
    (void)duration_us;
    if (call->command->flags & COMMAND_OURS ||
        (call->session->blocked && blocking_is_waiting(call->session)))
        return;
    struct bytes error;
    bool is_error = answer_kind(&report->noting, call, &error) == NOTED_ERROR;
    uint64_t ns = (uint64_t)(stopwatch_us(&report->engine->stopwatch, call->ticks) * 1000);
    struct report_command *command = command_of(report, call->state);
    struct report_client *client = client_of(report, caller_of(call));
    struct report_bin *bin = bin_of(report, client);
    histogram_add(&command->latency, ns);
    bin->calls++;
    client->calls++;
    report->calls++;
    note_if_slow(report, call, client->id, ns);
    if (!is_error)
        return;
    bin->errors++;
    client->errors++;
    command->errors++;
    report->errors++;
    note_failure(report, command_key(command), error, 'e');
}

static void report_refused(void *context, const struct session *session,
                           const struct command_state *state, struct bytes name, struct bytes error)
{
    struct report *report = context;
    bool is_in_script = session->flags & SESSION_SCRIPT;
    if (is_in_script && report->engine->current)
        session = report->engine->current;
    struct report_client *client = client_of(report, session);
    if (name.size > SHOWN_ARGUMENT)
        name.size = SHOWN_ARGUMENT;
    client->errors++;
    bin_of(report, client)->errors++;
    report->refused++;
    note_failure(report, name, error, state ? 'r' : 'u');
}

static void report_announced(void *context, const struct call *call, enum announce_class class,
                             const char *event, struct bytes key)
{
    struct report *report = context;
    if (class == ANNOUNCE_STRING && strcmp(event, "set") == 0)
        report_leaks_note_set(report, call, key);
    else if (class == ANNOUNCE_GENERIC && strcmp(event, "del") == 0)
        report_leaks_note_deleted(report, call, key);
}

static void report_leaves(void *context, const struct session *session)
{
    report_leaks_note_leaving(context, session);
}

/* --- what the controls tell --- */

static void note_struck(void *context, uint64_t client_id)
{
    struct report *report = context;
    const struct session *session =
        client_id ? engine_find_session(report->engine, client_id) : NULL;
    struct report_client *client = session ? client_of(report, session) : find_client(report, 0);
    report->faults++;
    bin_of(report, client)->faults++;
}

static struct report_outcome *outcome_of(struct report *report, const struct outcome *outcome)
{
    for (struct list_node *node = list_first(&report->outcomes); node; node = list_next(node)) {
        struct report_outcome *one = LIST_ENTRY(node, struct report_outcome, node);
        if (one->kind == outcome->kind && bytes_equal(buffer_bytes(&one->name), outcome->name) &&
            bytes_equal(buffer_bytes(&one->what), outcome->what))
            return one;
    }
    struct report_outcome *one = memory_zeroed(sizeof *one);
    one->kind = outcome->kind;
    buffer_append_bytes(&one->name, outcome->name);
    buffer_append_bytes(&one->what, outcome->what);
    list_append(&report->outcomes, &one->node);
    return one;
}

static void note_outcome(void *context, const struct outcome *outcome)
{
    struct report_outcome *one = outcome_of(context, outcome);
    one->seen += outcome->seen;
    one->hits += outcome->hits;
    one->unmet += outcome->kind == OUTCOME_EXPECTATION && !outcome->is_met;
}

bool report_outcome_is_unreached(const struct report_outcome *outcome)
{
    return outcome->kind == OUTCOME_EXPECTATION ? outcome->unmet > 0 : outcome->hits == 0;
}

static void listen_to(struct controls *controls, const struct outcome_listener *listener)
{
    controls->faults.listener = listener;
    controls->gates.listener = listener;
    controls->expectations.listener = listener;
}

/* --- the report --- */

struct report *report_new(struct controls *controls)
{
    struct report *report = memory_zeroed(sizeof *report);
    report->engine = controls->engine;
    report->controls = controls;
    report->began_us = clock_monotonic_us();
    report->began_at_us = clock_system_us();
    report->bin_us = FIRST_BIN_US;
    table_init(&report->commands_by_name, &command_class, 0);
    table_init(&report->failures_by_key, &failure_class, 0);
    table_init(&report->clients_by_id, &client_class, 0);
    add_client(report, 0);
    report_leaks_init(report);
    report->observer = (struct observer){.context = report,
                                         .comes_first = true,
                                         .before = report_before,
                                         .after = report_after,
                                         .refused = report_refused,
                                         .announced = report_announced,
                                         .leaves = report_leaves};
    report->listener =
        (struct outcome_listener){.context = report, .struck = note_struck, .ended = note_outcome};
    listen_to(controls, &report->listener);
    observer_add(report->engine, &report->observer);
    return report;
}

static void free_clients(struct report *report)
{
    struct list_node *node;
    while ((node = list_first(&report->clients)) != NULL) {
        struct report_client *client = LIST_ENTRY(node, struct report_client, node);
        list_remove(&report->clients, node);
        memory_free(client->name);
        memory_free(client);
    }
}

static void free_outcomes(struct report *report)
{
    struct list_node *node;
    while ((node = list_first(&report->outcomes)) != NULL) {
        struct report_outcome *outcome = LIST_ENTRY(node, struct report_outcome, node);
        list_remove(&report->outcomes, node);
        buffer_clear(&outcome->name);
        buffer_clear(&outcome->what);
        memory_free(outcome);
    }
}

static void free_entry(void *entry, void *context)
{
    (void)context;
    memory_free(entry);
}

void report_free(struct report *report)
{
    if (!report)
        return;
    observer_remove(report->engine, &report->observer);
    listen_to(report->controls, NULL);
    table_clear(&report->commands_by_name, free_entry, NULL);
    table_clear(&report->failures_by_key, free_entry, NULL);
    table_clear(&report->clients_by_id, NULL, NULL);
    free_clients(report);
    free_outcomes(report);
    report_leaks_clear(report);
    for (size_t i = 0; i < report->slow_count; i++)
        buffer_clear(&report->slowest[i].text);
    noting_reply_clear(&report->noting);
    memory_free(report);
}

void report_count_lines(const struct report_script *script, int *lines, int *hit)
{
    *lines = *hit = 0;
    for (int line = 1; line < script->line_count; line++) {
        *lines += script->has_code[line];
        *hit += script->has_code[line] && script->hits[line];
    }
}

/* --- writing --- */

static bool write_to_stderr(struct bytes text)
{
    while (text.size) {
        ssize_t written = write(STDERR_FILENO, text.data, text.size);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text = bytes_of(text.data + written, text.size - (size_t)written);
    }
    return true;
}

static bool is_page(const char *path)
{
    size_t size = strlen(path);
    return size >= 5 && strcmp(path + size - 5, ".html") == 0;
}

bool report_write(struct report *report, const char *path, const struct report_script *scripts,
                  size_t script_count, char error[REPORT_ERROR_SIZE])
{
    const struct report_contents contents = {report, scripts, script_count};
    struct buffer out = {0};
    bool is_text = strcmp(path, "-") == 0;
    report->now_us = clock_monotonic_us() - report->began_us;
    faults_tell(&report->controls->faults, note_outcome, report);
    gates_tell(&report->controls->gates, note_outcome, report);
    expectations_tell(&report->controls->expectations, note_outcome, report);
    listen_to(report->controls, NULL); /* they are accounted for */
    if (is_text)
        report_text_append(&contents, &out);
    else if (is_page(path))
        report_html_append(&contents, &out);
    else
        report_json_append(&contents, &out);
    bool is_written =
        is_text ? write_to_stderr(buffer_bytes(&out)) : whole_file_write(path, buffer_bytes(&out));
    if (!is_written)
        snprintf(error, REPORT_ERROR_SIZE, "cannot write the report %s: %s", path, strerror(errno));
    buffer_clear(&out);
    return is_written;
}
