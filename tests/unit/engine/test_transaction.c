/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/server_fixture.h"

static void queued_commands_run_in_order_and_answer_together(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MULTI", "+OK\r\n");
    expect_reply(server, "SET k 1", "+QUEUED\r\n");
    expect_reply(server, "INCR k", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*2\r\n+OK\r\n:2\r\n");
}

static void a_refused_command_spoils_the_transaction(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MULTI", "+OK\r\n");
    expect_reply(server, "SET k 1", "+QUEUED\r\n");
    expect_reply(server, "GET", "-ERR wrong number of arguments for 'get' command\r\n");
    expect_reply(server, "EXEC",
                 "-EXECABORT Transaction discarded because of previous errors.\r\n");
    expect_reply(server, "GET k", "$-1\r\n");
}

static void a_change_of_a_watched_key_by_another_aborts(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    expect_reply(server, "WATCH k", "+OK\r\n");
    expect_session_reply(other, "SET k theirs", "+OK\r\n");
    expect_reply(server, "MULTI", "+OK\r\n");
    expect_reply(server, "SET k mine", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*-1\r\n");
    expect_reply(server, "GET k", "$6\r\ntheirs\r\n");
    session_free(other);
}

static void a_watched_key_that_expires_aborts(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k v PX 100", "+OK\r\n");
    expect_reply(server, "WATCH k", "+OK\r\n");
    virtual_clock_advance(&server->clock, 100);
    expect_reply(server, "MULTI", "+OK\r\n");
    expect_reply(server, "PING", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*-1\r\n");
}

static void unwatched_keys_may_change(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    expect_reply(server, "WATCH k", "+OK\r\n");
    expect_reply(server, "UNWATCH", "+OK\r\n");
    expect_session_reply(other, "SET k theirs", "+OK\r\n");
    expect_reply(server, "MULTI", "+OK\r\n");
    expect_reply(server, "GET k", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*1\r\n$6\r\ntheirs\r\n");
    session_free(other);
}

static void a_session_that_goes_leaves_no_watch(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    expect_session_reply(other, "WATCH a b a", "+OK\r\n");
    assert_int_equal(key_registry_count(&server->engine->watched), 2);
    session_free(other);
    assert_int_equal(key_registry_count(&server->engine->watched), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(queued_commands_run_in_order_and_answer_together, NULL),
        SERVER_TEST(a_refused_command_spoils_the_transaction, NULL),
        SERVER_TEST(a_change_of_a_watched_key_by_another_aborts, NULL),
        SERVER_TEST(a_watched_key_that_expires_aborts, NULL),
        SERVER_TEST(unwatched_keys_may_change, NULL),
        SERVER_TEST(a_session_that_goes_leaves_no_watch, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
