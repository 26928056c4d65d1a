/* SPDX-License-Identifier: MIT */
#include "controls/recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controls/controls.h"
#include "support/server_fixture.h"

static int open_server(void **state)
{
    struct server_fixture *server = test_malloc(sizeof *server);
    server_fixture_open(server, NULL);
    expect_reply(server, "MOCK CALLS ON", "+OK\r\n");
    *state = server;
    return 0;
}

static int close_server(void **state)
{
    server_fixture_close(*state);
    test_free(*state);
    return 0;
}

static void append_call(const struct recorded_call *call, void *context)
{
    struct buffer *text = context;
    struct bytes argv[16];
    recording_call_arguments(call, argv);
    buffer_append_format(text, "%d:", (int)call->id);
    for (int i = 0; i < call->argc; i++)
        buffer_append_format(text, "%.*s ", BYTES_PRINT(argv[i]));
    buffer_append_format(text, "%s%s", noting_reply_kind_name(call->reply),
                         call->is_in_script ? "*" : "");
    if (call->error_size)
        buffer_append_format(text, " (%.*s)", BYTES_PRINT(recording_call_error(call)));
    buffer_append_string(text, "; ");
}

static void expect_calls(struct server_fixture *server, const struct recording_filter *filter,
                         const char *expected)
{
    struct buffer text = {0};
    recording_visit(&server->engine->controls->recording, filter, append_call, &text);
    buffer_append_byte(&text, '\0');
    assert_string_equal(text.data, expected);
    buffer_clear(&text);
}

static const struct recording_filter all = {0};

static void calls_are_kept_with_what_they_answered(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "SET k v");
    run_command(server->session, "GET k");
    run_command(server->session, "GET none");
    run_command(server->session, "INCR k");
    run_command(server->session, "LRANGE none 0 -1");
    expect_calls(
        server, &all,
        "1:SET k v simple; 2:GET k bulk; 3:GET none null; 4:INCR k error (ERR value is not "
        "an integer or out of range); 5:LRANGE none 0 -1 array; ");
}

static void scripts_and_transactions_show_their_commands(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session,
                "EVAL \"redis.call('set', 'k', 1) return redis.pcall('lpush', 'k', 2)\" 0");
    run_command(server->session, "MULTI");
    run_command(server->session, "INCR k");
    run_command(server->session, "EXEC");
    expect_calls(server, &(struct recording_filter){.command = BYTES_LITERAL("[sli]*")},
                 "1:set k 1 simple*; 2:lpush k 2 error* (WRONGTYPE Operation against a key holding "
                 "the wrong kind of value); 5:INCR k integer; ");
}

static void answers_of_faults_are_recorded_as_answers(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "MOCK FAULT ADD f COMMAND get OOM");
    run_command(server->session, "GET k");
    run_command(server->session, "EVAL \"return redis.pcall('get', 'k')\" 0");
    expect_calls(server, &(struct recording_filter){.command = BYTES_LITERAL("get")},
                 "1:GET k error (OOM command not allowed when used memory > 'maxmemory'.); "
                 "2:get k error* (OOM command not allowed when used memory > 'maxmemory'.); ");
}

static void one_that_waits_is_recorded_when_it_answers(void **state)
{
    struct server_fixture *server = *state;
    struct session *waiter = server_fixture_session(server);
    run_command(waiter, "BLPOP l 1");
    run_command(server->session, "RPUSH l a");
    run_command(waiter, "BLPOP l 1");
    run_command(server->session, "MOCK CLOCK ADVANCE 1000");
    expect_calls(server, &all, "1:RPUSH l a integer; 2:BLPOP l 1 array; 3:BLPOP l 1 null; ");
    session_free(waiter);
}

static void the_ring_keeps_the_latest(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "MOCK CALLS ON 3");
    for (int i = 0; i < 10; i++)
        run_command(server->session, "PING");
    run_command(server->session, "ECHO last");
    expect_calls(server, &all, "9:PING simple; 10:PING simple; 11:ECHO last bulk; ");
    run_command(server->session, "MOCK CALLS ON 2");
    run_command(server->session, "MOCK CALLS OFF");
    run_command(server->session, "PING");
    expect_calls(server, &all, "10:PING simple; 11:ECHO last bulk; ");
    assert_true(list_is_empty(&server->engine->observers));
}

static void memory_is_bounded_by_the_limit(void **state)
{
    struct server_fixture *server = *state;
    const struct recording *recording = &server->engine->controls->recording;
    run_command(server->session, "MOCK CALLS ON 1000");
    for (int i = 0; i < 20000; i++)
        run_command(server->session, "ECHO 0123456789012345678901234567890123456789");
    assert_true(recording->bytes < 600000);
    expect_reply(server, "MOCK COUNT", ":1000\r\n");
    expect_calls(server, &(struct recording_filter){.since = 19999},
                 "20000:ECHO 0123456789012345678901234567890123456789 bulk; ");
}

static void filters_narrow(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    run_command(other, "CLIENT SETNAME worker");
    run_command(other, "SET lock:1 v");
    run_command(server->session, "SET lock:2 v");
    run_command(server->session, "MGET a lock:3");
    expect_calls(server, &(struct recording_filter){.client = BYTES_LITERAL("work*"), .since = 1},
                 "2:SET lock:1 v simple; ");
    expect_calls(server, &(struct recording_filter){.client_id = other->id, .count = 1},
                 "2:SET lock:1 v simple; ");
    expect_calls(server, &(struct recording_filter){.key = BYTES_LITERAL("lock:*")},
                 "2:SET lock:1 v simple; 3:SET lock:2 v simple; 4:MGET a lock:3 array; ");
    expect_calls(server, &(struct recording_filter){.key = BYTES_LITERAL("lock:*"), .count = 2},
                 "3:SET lock:2 v simple; 4:MGET a lock:3 array; ");
    expect_calls(server, &(struct recording_filter){.since = 1, .count = 1},
                 "2:SET lock:1 v simple; ");
    expect_reply(server, "MOCK COUNT COMMAND set KEY lock:*", ":2\r\n");
    session_free(other);
}

static void secrets_are_left_out(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "CONFIG SET requirepass hidden");
    run_command(server->session, "AUTH hidden");
    expect_calls(server, &all,
                 "1:CONFIG SET requirepass (redacted) simple; 2:AUTH (redacted) simple; ");
}

static void a_map_tells_all_of_a_call(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "SELECT 2");
    run_command(server->session, "INCR k");
    char *reply = strdup(run_command(server->session, "MOCK CALLS COMMAND incr"));
    char expected[128];
    snprintf(
        expected, sizeof expected,
        "*1\r\n*20\r\n$2\r\nid\r\n:2\r\n$4\r\ntime\r\n:1704067200000\r\n$9\r\nclient-id\r\n:%d\r\n",
        (int)server->session->id);
    assert_memory_equal(reply, expected, strlen(expected));
    assert_non_null(strstr(reply, "$2\r\ndb\r\n:2\r\n$9\r\narguments\r\n*2\r\n$4\r\nINCR\r\n$1\r\nk"
                                  "\r\n$5\r\nreply\r\n$7\r\ninteger\r\n$5\r\nerror\r\n$-1\r\n"));
    free(reply);
}

static void long_arguments_are_shortened(void **state)
{
    struct server_fixture *server = *state;
    struct buffer value = {0};
    memset(buffer_reserve(&value, 1 << 20), 'x', 1 << 20);
    value.size = 1 << 20;
    struct bytes argv[] = {BYTES_LITERAL("SET"), BYTES_LITERAL("k"), buffer_bytes(&value)};
    session_execute(server->session, argv, 3);
    const struct recording *recording = &server->engine->controls->recording;
    assert_true(recording->bytes < 200000);
    assert_int_equal(recording->next_id, 2);
    buffer_clear(&value);
}

static void reset_forgets_and_records_as_at_the_start(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "PING");
    run_command(server->session, "MOCK RESET");
    expect_reply(server, "MOCK CALLS",
                 "-ERR nothing is being recorded. MOCK CALLS ON switches it on\r\n");
    struct server_fixture other;
    server_fixture_open(&other, (const char *const[]){"mock-calls-max", "5", NULL});
    run_command(other.session, "PING");
    expect_reply(&other, "MOCK COUNT", ":1\r\n");
    run_command(other.session, "MOCK CALLS OFF");
    run_command(other.session, "MOCK RESET");
    run_command(other.session, "PING");
    expect_reply(&other, "MOCK COUNT", ":1\r\n");
    server_fixture_close(&other);
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_are_kept_with_what_they_answered),
        TEST(scripts_and_transactions_show_their_commands),
        TEST(answers_of_faults_are_recorded_as_answers),
        TEST(one_that_waits_is_recorded_when_it_answers),
        TEST(the_ring_keeps_the_latest),
        TEST(memory_is_bounded_by_the_limit),
        TEST(filters_narrow),
        TEST(secrets_are_left_out),
        TEST(a_map_tells_all_of_a_call),
        TEST(long_arguments_are_shortened),
        TEST(reset_forgets_and_records_as_at_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
