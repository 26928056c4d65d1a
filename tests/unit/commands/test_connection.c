/* SPDX-License-Identifier: MIT */
/* Who the client is, what it may ask for itself, and its transactions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define OK "+OK\r\n"

static void hello_switches_the_protocol(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "HELLO 4", "-NOPROTO unsupported protocol version\r\n");
    expect_reply(server, "HELLO 3 SETNAME 'a b'",
                 "-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
    expect_reply(server, "GET none", "$-1\r\n");
    assert_memory_equal(run_command(server->session, "HELLO 3 SETNAME me"), "%7\r\n", 4);
    expect_reply(server, "GET none", "_\r\n");
    expect_reply(server, "CLIENT GETNAME", "$2\r\nme\r\n");
    expect_reply(server, "RESET", "+RESET\r\n");
    expect_reply(server, "CLIENT GETNAME", "$-1\r\n");
}

static void password_is_asked_for(void **state)
{
    struct server_fixture server;
    const char *const options[] = {"requirepass", "secret", NULL};
    (void)state;
    server_fixture_open(&server, options);
    server.session->flags &= (uint32_t) ~(SESSION_EXEMPT | SESSION_AUTHENTICATED);
    expect_reply(&server, "GET k", "-NOAUTH Authentication required.\r\n");
    expect_reply(&server, "AUTH wrong",
                 "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    expect_reply(&server, "AUTH secre",
                 "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    expect_reply(&server, "AUTH other secret",
                 "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    expect_reply(&server, "AUTH default secret", OK);
    expect_reply(&server, "GET k", "$-1\r\n");
    server_fixture_close(&server);
}

static void silenced_client_hears_nothing_until_it_asks(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "CLIENT REPLY SKIP", "");
    expect_reply(server, "PING", "");
    expect_reply(server, "PING", "+PONG\r\n");
    expect_reply(server, "CLIENT REPLY OFF", "");
    expect_reply(server, "PING", "");
    expect_reply(server, "PING", "");
    expect_reply(server, "CLIENT REPLY ON", OK);
    expect_reply(server, "PING", "+PONG\r\n");
}

static void client_describes_itself_as_the_emulated_version_does(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    run_command(server.session, "CLIENT SETINFO LIB-NAME hiredis");
    assert_non_null(
        strstr(run_command(server.session, "CLIENT INFO"), " resp=2 lib-name=hiredis lib-ver=\n"));
    server_fixture_close(&server);

    const char *const options[] = {"emulate", "7.0", NULL};
    server_fixture_open(&server, options);
    expect_reply(&server, "CLIENT SETINFO LIB-NAME hiredis",
                 "-ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.\r\n");
    assert_non_null(strstr(run_command(server.session, "CLIENT INFO"), " redir=-1 resp=2\n"));
    server_fixture_close(&server);
}

static void refused_command_spoils_the_transaction(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MULTI", OK);
    expect_reply(server, "SET k", "-ERR wrong number of arguments for 'set' command\r\n");
    expect_reply(server, "SET k 1", "+QUEUED\r\n");
    expect_reply(server, "EXEC",
                 "-EXECABORT Transaction discarded because of previous errors.\r\n");
    expect_reply(server, "GET k", "$-1\r\n");
    expect_reply(server, "EXEC", "-ERR EXEC without MULTI\r\n");
}

static void changed_key_stops_the_watcher_alone(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    expect_reply(server, "WATCH k", OK);
    expect_session_reply(other, "SET k 1", OK);
    expect_reply(server, "MULTI", OK);
    expect_reply(server, "GET k", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*-1\r\n");
    expect_reply(server, "MULTI", OK);
    expect_reply(server, "GET k", "+QUEUED\r\n");
    expect_reply(server, "INCR k", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*2\r\n$1\r\n1\r\n:2\r\n");
    session_free(other);
}

static void flush_counts_as_a_change_of_keys_that_were_there(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    expect_reply(server, "WATCH none", OK);
    expect_session_reply(other, "FLUSHALL ASYNC", OK);
    expect_reply(server, "MULTI", OK);
    expect_reply(server, "EXEC", "*0\r\n");
    expect_reply(server, "SET k 1", OK);
    expect_reply(server, "WATCH k", OK);
    expect_session_reply(other, "FLUSHDB", OK);
    expect_reply(server, "MULTI", OK);
    expect_reply(server, "EXEC", "*-1\r\n");
    session_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(hello_switches_the_protocol, NULL),
        cmocka_unit_test(password_is_asked_for),
        SERVER_TEST(silenced_client_hears_nothing_until_it_asks, NULL),
        cmocka_unit_test(client_describes_itself_as_the_emulated_version_does),
        SERVER_TEST(refused_command_spoils_the_transaction, NULL),
        SERVER_TEST(changed_key_stops_the_watcher_alone, NULL),
        SERVER_TEST(flush_counts_as_a_change_of_keys_that_were_there, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
