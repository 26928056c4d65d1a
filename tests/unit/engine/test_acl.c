/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define DENIED_KEY "-NOPERM No permissions to access a key\r\n"
#define DENIED_GET "-NOPERM User u has no permissions to run the 'get' command\r\n"

static void a_user_may_do_what_one_selector_allows(void **state)
{
    struct server_fixture *server = *state;
    struct session *user = server_fixture_session(server);
    expect_reply(server, "ACL SETUSER u on nopass +set %W~a* (+get %R~b)", "+OK\r\n");
    expect_session_reply(user, "AUTH u x", "+OK\r\n");
    expect_session_reply(user, "SET ab 1", "+OK\r\n");
    expect_session_reply(user, "SET b 1", DENIED_KEY);
    expect_session_reply(user, "GET b", "$-1\r\n");
    expect_session_reply(user, "GET ab", DENIED_KEY);
    expect_session_reply(user, "SET ab 1 GET", DENIED_KEY);
    session_free(user);
}

static void scripts_have_their_callers_rights(void **state)
{
    struct server_fixture *server = *state;
    struct session *user = server_fixture_session(server);
    expect_reply(server, "ACL SETUSER u on nopass +eval ~*", "+OK\r\n");
    expect_session_reply(user, "AUTH u x", "+OK\r\n");
    expect_session_reply(user, "EVAL \"return redis.pcall('get','a')\" 0",
                         "-NOPERM ACL failure in script: User u has no permissions to run the "
                         "'get' command\r\n");
    expect_session_reply(user, "EVAL \"return redis.acl_check_cmd('get','a')\" 0", "$-1\r\n");
    session_free(user);
}

static void a_user_that_was_deleted_may_do_nothing(void **state)
{
    struct server_fixture *server = *state;
    struct session *user = server_fixture_session(server);
    expect_reply(server, "ACL SETUSER u on nopass +@all ~* &*", "+OK\r\n");
    expect_session_reply(user, "AUTH u x", "+OK\r\n");
    expect_session_reply(user, "GET a", "$-1\r\n");
    expect_reply(server, "ACL DELUSER u", ":1\r\n");
    expect_session_reply(user, "GET a", DENIED_GET);
    session_free(user);
}

static void rights_lost_while_a_transaction_waits_count(void **state)
{
    struct server_fixture *server = *state;
    struct session *user = server_fixture_session(server);
    expect_reply(server, "ACL SETUSER u on nopass +@all ~* &*", "+OK\r\n");
    expect_session_reply(user, "AUTH u x", "+OK\r\n");
    expect_session_reply(user, "MULTI", "+OK\r\n");
    expect_session_reply(user, "SET a 1", "+QUEUED\r\n");
    expect_reply(server, "ACL SETUSER u -set", "+OK\r\n");
    expect_session_reply(user, "EXEC",
                         "*1\r\n-NOPERM ACLs rules changed between the moment the transaction was "
                         "accumulated and the EXEC call. This command is no longer allowed for "
                         "the following reason: no permission to execute the command or "
                         "subcommand\r\n");
    session_free(user);
}

static void one_who_waits_is_refused_when_the_right_is_gone(void **state)
{
    struct server_fixture *server = *state;
    struct session *user = server_fixture_session(server);
    expect_reply(server, "ACL SETUSER u on nopass +@all ~* &*", "+OK\r\n");
    expect_session_reply(user, "AUTH u x", "+OK\r\n");
    expect_session_reply(user, "BLPOP l 0", "");
    expect_reply(server, "ACL SETUSER u resetkeys", "+OK\r\n");
    expect_reply(server, "RPUSH l v", ":1\r\n");
    assert_memory_equal(user->output.data, DENIED_KEY, sizeof DENIED_KEY - 1);
    expect_reply(server, "LLEN l", ":1\r\n");
    session_free(user);
}

static void a_reset_brings_the_first_users_back(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "ACL SETUSER u on", "+OK\r\n");
    expect_reply(server, "ACL SETUSER default >p", "+OK\r\n");
    engine_reset(server->engine);
    expect_reply(server, "ACL LIST",
                 "*1\r\n$51\r\nuser default on nopass sanitize-payload ~* &* +@all\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_user_may_do_what_one_selector_allows, NULL),
        SERVER_TEST(scripts_have_their_callers_rights, NULL),
        SERVER_TEST(a_user_that_was_deleted_may_do_nothing, NULL),
        SERVER_TEST(rights_lost_while_a_transaction_waits_count, NULL),
        SERVER_TEST(one_who_waits_is_refused_when_the_right_is_gone, NULL),
        SERVER_TEST(a_reset_brings_the_first_users_back, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
