/* SPDX-License-Identifier: MIT */
#include "controls/gates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "controls/controls.h"
#include "engine/blocking.h"
#include "support/server_fixture.h"

#define RELEASE                                                                                    \
    "EVAL \"if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end "  \
    "return 0\" 1 lock mine"

static const char *told(struct session *session)
{
    *buffer_reserve(&session->output, 1) = '\0';
    return session->output.data ? session->output.data : "";
}

static void client_is_held_before_its_command_until_the_gate_opens(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    expect_reply(server, "MOCK GATE ADD g COMMAND set", "+OK\r\n");
    expect_session_reply(client, "SET k v", "");
    assert_true(blocking_is_held(client));
    expect_reply(server, "GET k", "$-1\r\n");
    expect_reply(server, "MOCK GATE OPEN g", "+OK\r\n");
    assert_string_equal(told(client), "+OK\r\n");
    assert_null(client->blocked);
    expect_reply(server, "GET k", "$1\r\nv\r\n");
    expect_session_reply(client, "SET k w", "+OK\r\n"); /* it stays open */
    session_free(client);
}

static void held_clients_go_in_the_order_in_which_they_came(void **state)
{
    struct server_fixture *server = *state;
    struct session *first = server_fixture_session(server);
    struct session *second = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD g COMMAND rpush");
    run_command(first, "RPUSH l 1");
    run_command(second, "RPUSH l 2");
    run_command(server->session, "MOCK GATE OPEN g");
    assert_string_equal(told(first), ":1\r\n");
    assert_string_equal(told(second), ":2\r\n");
    session_free(first);
    session_free(second);
}

static void nth_holds_that_one_alone(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD g COMMAND incr NTH 2");
    expect_session_reply(client, "INCR n", ":1\r\n");
    expect_session_reply(client, "INCR n", "");
    expect_reply(server, "INCR n", ":2\r\n");
    run_command(server->session, "MOCK GATE OPEN g");
    assert_string_equal(told(client), ":3\r\n");
    session_free(client);
}

static void script_is_held_as_a_whole(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    run_command(server->session, "SET lock mine");
    char line[128], sha[41];
    snprintf(
        sha, sizeof sha, "%s",
        strstr(run_command(server->session, "SCRIPT LOAD \"return redis.call('del', 'lock')\""),
               "\r\n") +
            2);
    snprintf(line, sizeof line, "MOCK GATE ADD g COMMAND del SCRIPT %s", sha);
    expect_reply(server, line, "+OK\r\n");
    snprintf(line, sizeof line, "EVALSHA %s 0", sha);
    expect_session_reply(client, line, "");
    run_command(server->session, "SET lock other");
    run_command(server->session, "MOCK GATE OPEN g");
    assert_string_equal(told(client), ":1\r\n");
    session_free(client);
}

static void transaction_is_held_before_exec_for_what_it_queued(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD g COMMAND set KEY k");
    run_command(client, "MULTI");
    expect_session_reply(client, "SET k v", "+QUEUED\r\n");
    expect_session_reply(client, "EXEC", "");
    run_command(server->session, "MOCK GATE OPEN g");
    assert_string_equal(told(client), "*1\r\n+OK\r\n");
    session_free(client);
}

static void one_gate_comes_after_another_and_a_delay_as_well(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD a COMMAND set");
    run_command(server->session, "MOCK FAULT ADD slow COMMAND set DELAY 100");
    run_command(server->session, "MOCK GATE ADD b COMMAND set");
    expect_session_reply(client, "SET k v", "");
    run_command(server->session, "MOCK GATE OPEN a");
    assert_string_equal(told(client), "");
    run_command(server->session, "MOCK GATE OPEN b");
    assert_string_equal(told(client), "");
    run_command(server->session, "MOCK CLOCK ADVANCE 100");
    assert_string_equal(told(client), "+OK\r\n");
    assert_int_equal(client->passed.gate, 0);
    assert_int_equal(client->passed.fault, 0);
    session_free(client);
}

static void wait_answers_when_a_client_is_held(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    struct session *waiter = server_fixture_session(server);
    char id[16];
    snprintf(id, sizeof id, ":%d\r\n", (int)client->id);
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    expect_session_reply(waiter, "MOCK GATE WAIT g", "");
    run_command(client, "SET k v");
    assert_string_equal(told(waiter), id);
    assert_null(waiter->blocked);
    expect_session_reply(waiter, "MOCK GATE WAIT g", id);
    session_free(waiter);
    session_free(client);
}

static void wait_ends_when_the_gate_goes_or_opens(void **state)
{
    struct server_fixture *server = *state;
    struct session *waiter = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    run_command(waiter, "MOCK GATE WAIT g");
    run_command(server->session, "MOCK GATE OPEN g");
    assert_string_equal(told(waiter), "-ERR the gate 'g' is open and will hold nobody\r\n");
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    run_command(waiter, "MOCK GATE WAIT g");
    run_command(server->session, "MOCK RESET");
    assert_string_equal(told(waiter), "-ERR there is no gate 'g'\r\n");
    session_free(waiter);
}

static void wait_ends_by_real_time_while_the_clock_stands(void **state)
{
    struct server_fixture *server = *state;
    struct session *waiter = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    run_command(waiter, "MOCK GATE WAIT g 1");
    int64_t deadline_ms = blocking_next_real_deadline(&server->engine->blocking);
    assert_true(deadline_ms <= clock_monotonic_us() / 1000 + 1);
    while (clock_monotonic_us() / 1000 < deadline_ms)
        ;
    engine_tick(server->engine);
    assert_string_equal(told(waiter), "-ERR no client came to the gate in time\r\n");
    assert_int_equal(blocking_next_real_deadline(&server->engine->blocking), KEYSPACE_NEVER);
    session_free(waiter);
}

static void client_that_goes_away_leaves_the_gate(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    struct gates *gates = &server->engine->controls->gates;
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    run_command(client, "SET k v");
    assert_int_equal(gates_held(gates, BYTES_LITERAL("g")), client->id);
    session_free(client);
    assert_int_equal(gates_held(gates, BYTES_LITERAL("g")), 0);
    run_command(server->session, "MOCK GATE OPEN g");
    expect_reply(server, "GET k", "$-1\r\n");
}

static void client_that_is_to_be_closed_does_not_go_on(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    run_command(client, "SET k v");
    session_close(client, false);
    run_command(server->session, "MOCK GATE OPEN g");
    expect_reply(server, "GET k", "$-1\r\n");
    session_free(client);
}

static void reset_lets_held_clients_go_and_leaves_no_trace(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    run_command(client, "SET k v");
    run_command(server->session, "MOCK RESET");
    assert_string_equal(told(client), "+OK\r\n");
    expect_reply(server, "DBSIZE", ":0\r\n");
    expect_reply(server, "MOCK GATE LIST", "*0\r\n");
    assert_true(list_is_empty(&server->engine->observers));
    session_free(client);
}

static void silence_asked_for_one_reply_outlasts_the_hold(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    run_command(client, "CLIENT REPLY SKIP");
    run_command(client, "SET k v");
    run_command(server->session, "MOCK GATE OPEN g");
    assert_string_equal(told(client), "");
    expect_session_reply(client, "GET k", "$1\r\nv\r\n");
    session_free(client);
}

/* The lock that expired under its owner: he releases it when it is another's. With the script that
 * compares he does not; with a bare DEL he would. */
static void stolen_lock_is_not_released_by_its_old_owner(void **state)
{
    struct server_fixture *server = *state;
    struct session *owner = server_fixture_session(server);
    struct session *thief = server_fixture_session(server);
    run_command(server->session, "MOCK GATE ADD release COMMAND eval");
    expect_session_reply(owner, "SET lock mine NX PX 1000", "+OK\r\n");
    expect_session_reply(owner, RELEASE, "");
    run_command(server->session, "MOCK CLOCK ADVANCE 1000");
    expect_session_reply(thief, "SET lock his NX PX 1000", "+OK\r\n");
    run_command(server->session, "MOCK GATE OPEN release");
    assert_string_equal(told(owner), ":0\r\n");
    expect_reply(server, "GET lock", "$3\r\nhis\r\n");
    session_free(owner);
    session_free(thief);
}

static void list_shows_whom_a_gate_holds(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    char expected[256];
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    run_command(client, "SET k v");
    snprintf(expected, sizeof expected,
             "*1\r\n*12\r\n$4\r\nname\r\n$1\r\ng\r\n$5\r\nstate\r\n$6\r\nclosed\r\n$5\r\nholds\r\n"
             "*1\r\n:%d\r\n$7\r\ncommand\r\n$3\r\nset\r\n$4\r\nseen\r\n:1\r\n$4\r\nhits\r\n:1\r\n",
             (int)client->id);
    expect_reply(server, "MOCK GATE LIST", expected);
    session_free(client);
}

static void bad_words_are_told_with_what_would_be_right(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MOCK GATE OPEN g", "-ERR there is no gate 'g'\r\n");
    expect_reply(server, "MOCK GATE WAIT g", "-ERR there is no gate 'g'\r\n");
    expect_reply(server, "MOCK GATE ADD g NTH 0",
                 "-ERR MOCK GATE ADD: NTH takes a count from 1, not '0'\r\n");
    expect_reply(server, "MOCK GATE WAIT g soon",
                 "-ERR MOCK GATE WAIT takes a timeout in milliseconds; 0 is none\r\n");
    expect_reply(server, "MOCK GATE OPEN",
                 "-ERR wrong number of arguments for MOCK GATE OPEN. It takes ADD name "
                 "[condition...], OPEN name, WAIT name [timeout-ms], LIST, REMOVE name or "
                 "CLEAR\r\n");
    assert_non_null(strstr(run_command(server->session, "MOCK GATE ADD g HOLD x"),
                           "-ERR MOCK GATE ADD has no option 'HOLD'. It takes COMMAND glob"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(client_is_held_before_its_command_until_the_gate_opens, NULL),
        SERVER_TEST(held_clients_go_in_the_order_in_which_they_came, NULL),
        SERVER_TEST(nth_holds_that_one_alone, NULL),
        SERVER_TEST(script_is_held_as_a_whole, NULL),
        SERVER_TEST(transaction_is_held_before_exec_for_what_it_queued, NULL),
        SERVER_TEST(one_gate_comes_after_another_and_a_delay_as_well, NULL),
        SERVER_TEST(wait_answers_when_a_client_is_held, NULL),
        SERVER_TEST(wait_ends_when_the_gate_goes_or_opens, NULL),
        SERVER_TEST(wait_ends_by_real_time_while_the_clock_stands, NULL),
        SERVER_TEST(client_that_goes_away_leaves_the_gate, NULL),
        SERVER_TEST(client_that_is_to_be_closed_does_not_go_on, NULL),
        SERVER_TEST(reset_lets_held_clients_go_and_leaves_no_trace, NULL),
        SERVER_TEST(silence_asked_for_one_reply_outlasts_the_hold, NULL),
        SERVER_TEST(stolen_lock_is_not_released_by_its_old_owner, NULL),
        SERVER_TEST(list_shows_whom_a_gate_holds, NULL),
        SERVER_TEST(bad_words_are_told_with_what_would_be_right, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
