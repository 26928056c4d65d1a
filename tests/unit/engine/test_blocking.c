/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/server_fixture.h"

/* What the session has been told since its last command; terminated. */
static const char *told(struct session *session)
{
    *buffer_reserve(&session->output, 1) = '\0';
    return session->output.data;
}

static void a_waiting_client_gets_the_element_and_nobody_else(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *waiter = server_fixture_session(&server);
    expect_session_reply(waiter, "BLPOP k 0", "");
    assert_non_null(waiter->blocked);
    expect_reply(&server, "RPUSH k a", ":1\r\n");
    assert_string_equal(told(waiter), "*2\r\n$1\r\nk\r\n$1\r\na\r\n");
    assert_null(waiter->blocked);
    expect_reply(&server, "EXISTS k", ":0\r\n");
    session_free(waiter);
    server_fixture_close(&server);
}

static void who_came_first_is_served_first(void **state)
{
    struct server_fixture server;
    struct session *waiters[3];
    (void)state;
    server_fixture_open(&server, NULL);
    for (int i = 0; i < 3; i++) {
        waiters[i] = server_fixture_session(&server);
        expect_session_reply(waiters[i], "BLPOP k 0", "");
    }
    expect_reply(&server, "RPUSH k a b", ":2\r\n");
    assert_string_equal(told(waiters[0]), "*2\r\n$1\r\nk\r\n$1\r\na\r\n");
    assert_string_equal(told(waiters[1]), "*2\r\n$1\r\nk\r\n$1\r\nb\r\n");
    assert_non_null(waiters[2]->blocked);
    for (int i = 0; i < 3; i++)
        session_free(waiters[i]);
    server_fixture_close(&server);
}

static void a_moved_element_wakes_who_waits_for_its_new_list(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *mover = server_fixture_session(&server);
    struct session *popper = server_fixture_session(&server);
    expect_session_reply(mover, "BLMOVE a b LEFT RIGHT 0", "");
    expect_session_reply(popper, "BLPOP b 0", "");
    expect_reply(&server, "RPUSH a x", ":1\r\n");
    assert_string_equal(told(mover), "$1\r\nx\r\n");
    assert_string_equal(told(popper), "*2\r\n$1\r\nb\r\n$1\r\nx\r\n");
    session_free(mover);
    session_free(popper);
    server_fixture_close(&server);
}

static void waiting_ends_when_the_clock_says_so(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *waiter = server_fixture_session(&server);
    expect_session_reply(waiter, "BLPOP k 1.5", "");
    virtual_clock_advance(&server.clock, 1499);
    engine_tick(server.engine);
    assert_non_null(waiter->blocked);
    virtual_clock_advance(&server.clock, 1);
    engine_tick(server.engine);
    assert_null(waiter->blocked);
    assert_string_equal(told(waiter), "*-1\r\n");
    session_free(waiter);
    server_fixture_close(&server);
}

static void the_loop_is_told_when_the_wait_ends(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *waiter = server_fixture_session(&server);
    int64_t now_ms = server.engine->now_us / 1000;
    expect_session_reply(waiter, "BLPOP k 2", "");
    assert_int_equal(engine_next_deadline(server.engine), now_ms + 2000);
    session_free(waiter);
    assert_int_equal(engine_next_deadline(server.engine), KEYSPACE_NEVER);
    server_fixture_close(&server);
}

static void nobody_waits_in_a_transaction(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    expect_reply(&server, "MULTI", "+OK\r\n");
    expect_reply(&server, "BLPOP k 0", "+QUEUED\r\n");
    expect_reply(&server, "EXEC", "*1\r\n*-1\r\n");
    server_fixture_close(&server);
}

static void a_script_does_not_wait_and_before_7_2_may_not_ask(void **state)
{
    static const char *const before[] = {"emulate", "7.0", NULL};
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    expect_reply(&server, "EVAL \"return redis.call('blpop', 'k', '0')\" 0", "$-1\r\n");
    server_fixture_close(&server);
    server_fixture_open(&server, before);
    const char *reply = run_command(server.session, "EVAL \"return redis.call('wait', 1, 0)\" 0");
    assert_non_null(strstr(reply, "-ERR This Redis command is not allowed from script"));
    server_fixture_close(&server);
}

static void a_transaction_wakes_the_waiting_when_it_has_ended(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *waiter = server_fixture_session(&server);
    expect_session_reply(waiter, "BLPOP k 0", "");
    expect_reply(&server, "MULTI", "+OK\r\n");
    expect_reply(&server, "RPUSH k a", "+QUEUED\r\n");
    expect_reply(&server, "LPUSH k b", "+QUEUED\r\n");
    expect_reply(&server, "EXEC", "*2\r\n:1\r\n:2\r\n");
    assert_string_equal(told(waiter), "*2\r\n$1\r\nk\r\n$1\r\nb\r\n");
    session_free(waiter);
    server_fixture_close(&server);
}

static void a_value_of_another_type_leaves_it_waiting(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *waiter = server_fixture_session(&server);
    expect_session_reply(waiter, "BLPOP k 0", "");
    expect_reply(&server, "SET k v", "+OK\r\n");
    assert_non_null(waiter->blocked);
    session_free(waiter);
    server_fixture_close(&server);
}

static void a_client_that_goes_takes_nothing_with_it(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *waiter = server_fixture_session(&server);
    expect_session_reply(waiter, "BLPOP a b a 0", "");
    assert_int_equal(key_registry_count(&server.engine->blocking.keys), 2);
    session_free(waiter);
    assert_int_equal(key_registry_count(&server.engine->blocking.keys), 0);
    expect_reply(&server, "RPUSH a x", ":1\r\n");
    expect_reply(&server, "LLEN a", ":1\r\n");
    server_fixture_close(&server);
}

static void a_pause_holds_writes_until_its_end(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *writer = server_fixture_session(&server);
    expect_reply(&server, "CLIENT PAUSE 100 WRITE", "+OK\r\n");
    expect_session_reply(writer, "SET k v", "");
    expect_reply(&server, "GET k", "$-1\r\n");
    virtual_clock_advance(&server.clock, 100);
    expect_reply(&server, "GET k", "$1\r\nv\r\n");
    assert_string_equal(told(writer), "+OK\r\n");
    session_free(writer);
    server_fixture_close(&server);
}

static void a_wait_that_is_cancelled_while_another_is_served_does_no_harm(void **state)
{
    struct server_fixture server;
    struct session *waiters[4];
    (void)state;
    server_fixture_open(&server, NULL);
    for (int i = 0; i < 4; i++) {
        waiters[i] = server_fixture_session(&server);
        expect_session_reply(waiters[i], i % 2 ? "BLPOP k 0" : "BLMOVE k k LEFT RIGHT 0", "");
    }
    expect_reply(&server, "RPUSH k a b c", ":3\r\n");
    for (int i = 0; i < 4; i++)
        assert_null(waiters[i]->blocked);
    for (int i = 0; i < 4; i++)
        session_free(waiters[i]);
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_waiting_client_gets_the_element_and_nobody_else),
        cmocka_unit_test(who_came_first_is_served_first),
        cmocka_unit_test(a_moved_element_wakes_who_waits_for_its_new_list),
        cmocka_unit_test(waiting_ends_when_the_clock_says_so),
        cmocka_unit_test(the_loop_is_told_when_the_wait_ends),
        cmocka_unit_test(nobody_waits_in_a_transaction),
        cmocka_unit_test(a_script_does_not_wait_and_before_7_2_may_not_ask),
        cmocka_unit_test(a_transaction_wakes_the_waiting_when_it_has_ended),
        cmocka_unit_test(a_value_of_another_type_leaves_it_waiting),
        cmocka_unit_test(a_client_that_goes_takes_nothing_with_it),
        cmocka_unit_test(a_pause_holds_writes_until_its_end),
        cmocka_unit_test(a_wait_that_is_cancelled_while_another_is_served_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
