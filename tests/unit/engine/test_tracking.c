/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/tracking.h"
#include "support/server_fixture.h"

#define INVALID(keys) ">2\r\n$10\r\ninvalidate\r\n" keys
#define KEY(key)      "*1\r\n$1\r\n" key "\r\n"

static const char *take_output(struct session *session)
{
    *buffer_reserve(&session->output, 1) = '\0';
    session->output.size = 0;
    return session->output.data;
}

/* A RESP3 session that has given these options to CLIENT TRACKING ON. */
static struct session *tracking_session(struct server_fixture *server, const char *options)
{
    char line[128];
    struct session *session = server_fixture_session(server);
    run_command(session, "HELLO 3");
    snprintf(line, sizeof line, "CLIENT TRACKING ON %s", options);
    expect_session_reply(session, line, "+OK\r\n");
    take_output(session);
    return session;
}

static const struct tracking *tracking_of(const struct server_fixture *server)
{
    return &server->engine->tracking;
}

static void a_key_that_was_read_is_told_once(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *reader = tracking_session(&server, "");
    run_command(reader, "MGET a b");
    assert_int_equal(tracking_of(&server)->items, 2);
    take_output(reader);
    run_command(server.session, "SET a 1");
    assert_string_equal(take_output(reader), INVALID(KEY("a")));
    run_command(server.session, "SET a 2");
    assert_string_equal(take_output(reader), "");
    assert_int_equal(tracking_of(&server)->items, 1);
    session_free(reader);
    server_fixture_close(&server);
}

static void own_changes_are_told_behind_the_answer(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *reader = tracking_session(&server, "");
    run_command(reader, "GET a");
    expect_session_reply(reader, "SET a 1", "+OK\r\n" INVALID(KEY("a")));
    run_command(reader, "GET a");
    run_command(reader, "MULTI");
    run_command(reader, "SET a 1");
    run_command(reader, "PING");
    expect_session_reply(reader, "EXEC", "*2\r\n+OK\r\n+PONG\r\n" INVALID(KEY("a")));
    session_free(reader);
    server_fixture_close(&server);
}

static void no_loop_leaves_own_changes_out(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *reader = tracking_session(&server, "NOLOOP");
    run_command(reader, "GET a");
    expect_session_reply(reader, "SET a 1", "+OK\r\n");
    session_free(reader);
    reader = tracking_session(&server, "BCAST NOLOOP");
    expect_session_reply(reader, "SET a 1", "+OK\r\n");
    take_output(reader);
    run_command(server.session, "SET b 1");
    assert_string_equal(take_output(reader), INVALID(KEY("b")));
    session_free(reader);
    server_fixture_close(&server);
}

/* What a client with NOLOOP hears of its own push when another takes the element that has waited
 * for it. */
static void expect_of_a_served_push(const char *version, const char *told)
{
    const char *const options[] = {"emulate", version, NULL};
    struct server_fixture server;
    server_fixture_open(&server, options);
    struct session *pusher = tracking_session(&server, "BCAST NOLOOP");
    struct session *waiter = server_fixture_session(&server);
    run_command(waiter, "BLPOP l 0");
    run_command(pusher, "RPUSH l a");
    run_command(server.session, "PING");
    assert_string_equal(take_output(pusher), told);
    session_free(waiter);
    session_free(pusher);
    server_fixture_close(&server);
}

static void what_a_waiting_client_takes_is_its_change_since_7_2(void **state)
{
    (void)state;
    expect_of_a_served_push("7.0", ":1\r\n");
    expect_of_a_served_push("7.2", ":1\r\n" INVALID(KEY("l")));
}

static void expect_of_a_waiting_read(const char *version, size_t remembered)
{
    const char *const options[] = {"emulate", version, NULL};
    struct server_fixture server;
    server_fixture_open(&server, options);
    struct session *reader = tracking_session(&server, "");
    run_command(reader, "XREAD BLOCK 0 STREAMS x $");
    run_command(server.session, "XADD x 1-1 f v");
    assert_null(reader->blocked);
    assert_int_equal(tracking_of(&server)->items, remembered);
    session_free(reader);
    server_fixture_close(&server);
}

static void a_read_that_has_waited_is_remembered_since_7_2(void **state)
{
    (void)state;
    expect_of_a_waiting_read("7.0", 0);
    expect_of_a_waiting_read("7.2", 1);
}

static void an_empty_request_ends_caching(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *reader = tracking_session(&server, "OPTIN");
    run_command(reader, "CLIENT CACHING YES");
    session_execute(reader, NULL, 0);
    run_command(reader, "GET a");
    assert_int_equal(tracking_of(&server)->items, 0);
    session_free(reader);
    server_fixture_close(&server);
}

static void a_flush_is_told_to_everyone_as_null(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *reader = tracking_session(&server, "");
    struct session *broadcast = tracking_session(&server, "BCAST PREFIX x");
    run_command(reader, "GET a");
    take_output(reader);
    run_command(server.session, "FLUSHDB");
    assert_string_equal(take_output(reader), INVALID("_\r\n"));
    assert_string_equal(take_output(broadcast), INVALID("_\r\n"));
    assert_int_equal(tracking_of(&server)->items, 0);
    session_free(reader);
    session_free(broadcast);
    server_fixture_close(&server);
}

static void broadcasts_go_by_prefix_in_the_order_of_keys(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *reader = tracking_session(&server, "BCAST PREFIX b PREFIX a");
    run_command(server.session, "MSET b2 1 c 1 b1 1 a 1 b2 2");
    assert_string_equal(take_output(reader),
                        INVALID("*1\r\n$1\r\na\r\n") INVALID("*2\r\n$2\r\nb1\r\n$2\r\nb2\r\n"));
    assert_int_equal(list_count(&tracking_of(&server)->prefixes), 2);
    session_free(reader);
    assert_int_equal(list_count(&tracking_of(&server)->prefixes), 0);
    server_fixture_close(&server);
}

static void expiry_invalidates(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *reader = tracking_session(&server, "");
    run_command(server.session, "SET a 1 PX 50");
    run_command(reader, "GET a");
    take_output(reader);
    virtual_clock_advance(&server.clock, 50);
    engine_tick(server.engine);
    assert_string_equal(take_output(reader), INVALID(KEY("a")));
    session_free(reader);
    server_fixture_close(&server);
}

static void keys_over_the_limit_are_invalidated(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *[]){"tracking-table-max-keys", "10", NULL});
    struct session *reader = tracking_session(&server, "");
    for (int i = 0; i < 25; i++) {
        char line[32];
        snprintf(line, sizeof line, "GET key%d", i);
        run_command(reader, line);
    }
    run_command(server.session, "PING");
    assert_int_equal(table_count(&tracking_of(&server)->keys), 10);
    assert_int_equal(tracking_of(&server)->items, 10);
    session_free(reader);
    server_fixture_close(&server);
}

static void ids_of_sessions_that_are_gone_are_passed_over(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *first = tracking_session(&server, "");
    struct session *second = tracking_session(&server, "");
    run_command(second, "GET a");
    run_command(first, "GET a");
    assert_int_equal(tracking_of(&server)->items, 2);
    take_output(second);
    session_free(first);
    assert_int_equal(tracking_of(&server)->clients, 1);
    run_command(server.session, "DEL a");
    run_command(server.session, "SET a 1");
    assert_string_equal(take_output(second), INVALID(KEY("a")));
    assert_int_equal(table_count(&tracking_of(&server)->keys), 0);
    session_free(second);
    server_fixture_close(&server);
}

static void what_a_script_reads_its_caller_has_read_since_7_2(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *[]){"emulate", "7.2", NULL});
    struct session *reader = tracking_session(&server, "");
    run_command(reader, "EVAL \"return redis.call('get', 'r')\" 1 d");
    take_output(reader);
    run_command(server.session, "SET d 1");
    assert_string_equal(take_output(reader), "");
    run_command(server.session, "SET r 1");
    assert_string_equal(take_output(reader), INVALID(KEY("r")));
    session_free(reader);
    server_fixture_close(&server);
}

static void caching_holds_for_one_command(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *reader = tracking_session(&server, "OPTIN");
    run_command(reader, "GET a");
    assert_int_equal(tracking_of(&server)->items, 0);
    run_command(reader, "CLIENT CACHING YES");
    run_command(reader, "GET a");
    run_command(reader, "GET b");
    assert_int_equal(tracking_of(&server)->items, 1);
    session_free(reader);
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_was_read_is_told_once),
        cmocka_unit_test(own_changes_are_told_behind_the_answer),
        cmocka_unit_test(no_loop_leaves_own_changes_out),
        cmocka_unit_test(what_a_waiting_client_takes_is_its_change_since_7_2),
        cmocka_unit_test(a_read_that_has_waited_is_remembered_since_7_2),
        cmocka_unit_test(an_empty_request_ends_caching),
        cmocka_unit_test(a_flush_is_told_to_everyone_as_null),
        cmocka_unit_test(broadcasts_go_by_prefix_in_the_order_of_keys),
        cmocka_unit_test(expiry_invalidates),
        cmocka_unit_test(keys_over_the_limit_are_invalidated),
        cmocka_unit_test(ids_of_sessions_that_are_gone_are_passed_over),
        cmocka_unit_test(what_a_script_reads_its_caller_has_read_since_7_2),
        cmocka_unit_test(caching_holds_for_one_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
