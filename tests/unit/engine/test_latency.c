/* SPDX-License-Identifier: MIT */
/* What took long: events over the threshold, histograms of commands. */
#include "engine/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define OK "+OK\r\n"

/* A machine that stands still for a while must not come near what is noted here: so the threshold
   is a hundred seconds. */
static const char *const options[] = {"latency-monitor-threshold", "100000",
                                      "slowlog-log-slower-than", "100000000", NULL};

/* At one second after another. */
static void note(struct server_fixture *server, const char *event, int64_t seconds)
{
    virtual_clock_advance(&server->clock, 1000);
    server->engine->now_us = clock_now_us(server->engine->clock);
    latency_note(server->engine, event, seconds * 1000000);
}

static const struct latency_event *event_of(const struct server_fixture *server, const char *name)
{
    return latency_find(&server->engine->latency, bytes_of_string(name));
}

static void events_below_the_threshold_are_not_noted(void **state)
{
    struct server_fixture *server = *state;
    note(server, "fork", 99);
    assert_null(event_of(server, "fork"));
    note(server, "fork", 100);
    assert_int_equal(event_of(server, "fork")->most_ms, 100000);
    expect_reply(server, "CONFIG SET latency-monitor-threshold 0", OK);
    note(server, "fork", 1000);
    assert_int_equal(event_of(server, "fork")->most_ms, 100000);
}

static void one_second_has_one_sample_the_worst(void **state)
{
    struct server_fixture *server = *state;
    latency_note(server->engine, "fork", 200000000);
    latency_note(server->engine, "fork", 300000000);
    latency_note(server->engine, "fork", 250000000);
    assert_int_equal(event_of(server, "fork")->count, 1);
    expect_reply(server, "LATENCY HISTORY fork", "*1\r\n*2\r\n:1704067200\r\n:300000\r\n");
}

static void history_tells_the_latest_last_and_latest_the_worst(void **state)
{
    struct server_fixture *server = *state;
    note(server, "fork", 300);
    note(server, "expire-cycle", 120);
    note(server, "fork", 200);
    expect_reply(server, "LATENCY HISTORY fork",
                 "*2\r\n*2\r\n:1704067201\r\n:300000\r\n*2\r\n:1704067203\r\n:200000\r\n");
    expect_reply(server, "LATENCY LATEST",
                 "*2\r\n*4\r\n$4\r\nfork\r\n:1704067203\r\n:200000\r\n:300000\r\n"
                 "*4\r\n$12\r\nexpire-cycle\r\n:1704067202\r\n:120000\r\n:120000\r\n");
    expect_reply(server, "LATENCY RESET fork nosuch fork", ":1\r\n");
    expect_reply(server, "LATENCY HISTORY fork", "*0\r\n");
    expect_reply(server, "LATENCY RESET", ":1\r\n");
    expect_reply(server, "LATENCY LATEST", "*0\r\n");
}

static void many_samples_keep_the_latest(void **state)
{
    struct server_fixture *server = *state;
    note(server, "fork", 1000);
    for (int i = 0; i < LATENCY_SAMPLES + 10; i++)
        note(server, "fork", 100 + i);
    const struct latency_event *event = event_of(server, "fork");
    assert_int_equal(event->count, LATENCY_SAMPLES);
    assert_int_equal(latency_sample(event, 0)->ms, (100 + LATENCY_SAMPLES + 9) * 1000);
    assert_int_equal(latency_sample(event, LATENCY_SAMPLES - 1)->ms, 110000);
    assert_int_equal(event->most_ms, 1000000);
}

static void graph_draws_what_is_kept(void **state)
{
    struct server_fixture *server = *state;
    note(server, "fork", 100);
    note(server, "fork", 800);
    note(server, "fork", 300);
    virtual_clock_advance(&server->clock, 40000);
    const char *graph = run_command(server->session, "LATENCY GRAPH fork");
    assert_non_null(
        strstr(graph, "fork - high 800000 ms, low 100000 ms (all time high 800000 ms)\n---"));
    assert_non_null(strstr(graph, "\n #\n #\n #_\n_##\n"));
    assert_non_null(strstr(graph, "\n444\n210\nsss\n"));
    expect_reply(server, "LATENCY GRAPH nosuch",
                 "-ERR No samples available for event 'nosuch'\r\n");
}

static void doctor_tells_what_was_slow(void **state)
{
    struct server_fixture *server = *state;
    assert_non_null(strstr(run_command(server->session, "LATENCY DOCTOR"), "100000 ms or more"));
    note(server, "aof-write", 300);
    const char *report = run_command(server->session, "LATENCY DOCTOR");
    assert_non_null(strstr(report, "1. aof-write: 1 sample, 300000 to 300000 ms"));
    assert_non_null(strstr(report, "- aof-*: "));
    assert_null(strstr(report, "- fork: "));
}

static void delay_of_a_fault_is_time_that_the_command_took(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    expect_reply(server, "MOCK FAULT ADD slow COMMAND set DELAY 600000", OK);
    run_command(client, "SET k v");
    expect_reply(server, "MOCK CLOCK ADVANCE 600000", ":1704067800000\r\n");
    assert_in_range(event_of(server, "command")->most_ms, 600000, 700000);
    expect_reply(server, "SLOWLOG LEN", ":1\r\n");
    assert_non_null(
        strstr(run_command(server->session, "LATENCY HISTOGRAM set"), ":1082130\r\n:1"));
    expect_reply(server, "MOCK FAULT CLEAR", OK);
    expect_reply(server, "LATENCY RESET", ":1\r\n");
    run_command(client, "GET k");
    assert_null(event_of(server, "fast-command"));
    session_free(client);
}

static void delay_of_what_a_transaction_does_is_its_own(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    expect_reply(server, "MOCK FAULT ADD slow COMMAND set DELAY 600000", OK);
    run_command(client, "MULTI");
    run_command(client, "SET k v");
    run_command(client, "EXEC");
    run_command(server->session, "MOCK CLOCK ADVANCE 600000");
    assert_in_range(event_of(server, "command")->most_ms, 600000, 700000);
    assert_non_null(
        strstr(run_command(server->session, "LATENCY HISTOGRAM exec"), ":1082130\r\n:1"));
    session_free(client);
}

static void calls_are_counted_exactly_though_few_are_timed(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "EVAL \"for i = 1, 3005 do redis.call('get', 'k') end\" 0");
    const struct command_state *get = engine_find_full_name(server->engine, BYTES_LITERAL("get"));
    assert_int_equal(latency_calls(get), 3005);
    assert_true(get->latency->count < 3005);
    const char *reply = run_command(server->session, "LATENCY HISTOGRAM get");
    assert_non_null(strstr(reply, "$5\r\ncalls\r\n:3005\r\n"));
    assert_string_equal(reply + strlen(reply) - strlen(":3005\r\n"), ":3005\r\n");
    expect_reply(server, "CONFIG RESETSTAT", OK);
    expect_reply(server, "LATENCY HISTOGRAM get", "*0\r\n");
}

static void nothing_is_recorded_while_tracking_is_off(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "GET k");
    expect_reply(server, "CONFIG SET latency-tracking no", OK);
    run_command(server->session, "GET k");
    run_command(server->session, "STRLEN k");
    assert_non_null(strstr(run_command(server->session, "LATENCY HISTOGRAM get strlen"),
                           "*2\r\n$3\r\nget\r\n*4\r\n$5\r\ncalls\r\n:1\r\n"));
    expect_reply(server, "INFO latencystats", "$16\r\n# Latencystats\r\n\r\n");
}

static void one_that_waits_is_counted_when_it_answers(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    run_command(client, "BLPOP l 0");
    expect_reply(server, "LATENCY HISTOGRAM blpop", "*0\r\n");
    run_command(server->session, "RPUSH l a");
    assert_non_null(strstr(run_command(server->session, "LATENCY HISTOGRAM blpop"), "calls\r\n:1"));
    session_free(client);
}

static void percentiles_are_those_of_the_directive(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "GET k");
    expect_reply(server, "CONFIG SET latency-tracking-info-percentiles \"12.5 100\"", OK);
    const char *info = run_command(server->session, "INFO latencystats");
    assert_non_null(strstr(info, "latency_percentiles_usec_get:p12.5="));
    assert_non_null(strstr(info, ",p100="));
    expect_reply(server, "CONFIG SET latency-tracking-info-percentiles \"\"", OK);
    assert_non_null(strstr(run_command(server->session, "INFO latencystats"),
                           "latency_percentiles_usec_get:\r\n"));
}

static void saving_counts_as_a_fork(void **state)
{
    struct server_fixture *server = *state;
    latency_note_fork(server->engine, 250000000);
    assert_int_equal(event_of(server, "fork")->most_ms, 250000);
    const char *info = run_command(server->session, "INFO stats");
    assert_non_null(strstr(info, "latest_fork_usec:250000000\r\ntotal_forks:1\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(events_below_the_threshold_are_not_noted, options),
        SERVER_TEST(one_second_has_one_sample_the_worst, options),
        SERVER_TEST(history_tells_the_latest_last_and_latest_the_worst, options),
        SERVER_TEST(many_samples_keep_the_latest, options),
        SERVER_TEST(graph_draws_what_is_kept, options),
        SERVER_TEST(doctor_tells_what_was_slow, options),
        SERVER_TEST(saving_counts_as_a_fork, options),
        SERVER_TEST(delay_of_a_fault_is_time_that_the_command_took, options),
        SERVER_TEST(delay_of_what_a_transaction_does_is_its_own, options),
        SERVER_TEST(calls_are_counted_exactly_though_few_are_timed, options),
        SERVER_TEST(nothing_is_recorded_while_tracking_is_off, options),
        SERVER_TEST(one_that_waits_is_counted_when_it_answers, options),
        SERVER_TEST(percentiles_are_those_of_the_directive, options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
