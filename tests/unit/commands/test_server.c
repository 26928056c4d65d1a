/* SPDX-License-Identifier: MIT */
/* What the server tells of itself: commands, counts, the slow log, its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define OK "+OK\r\n"

static void time_is_that_of_the_clock(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "TIME", "*2\r\n$10\r\n1704067200\r\n$1\r\n0\r\n");
    virtual_clock_advance(&server->clock, 1500);
    expect_reply(server, "TIME", "*2\r\n$10\r\n1704067201\r\n$6\r\n500000\r\n");
    expect_reply(server, "LASTSAVE", ":1704067200\r\n");
}

static void info_tells_the_sections_asked_for(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "INFO nosuch", "$0\r\n\r\n");
    expect_reply(server, "SET a 1 PX 4000", OK);
    expect_reply(server, "SET b 1", OK);
    expect_reply(server, "INFO keyspace CLUSTER",
                 "$79\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n"
                 "# Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=4000\r\n\r\n");
    assert_non_null(strstr(run_command(server->session, "INFO"), "\r\nredis_version:7.2.4\r\n"));
    assert_null(strstr(run_command(server->session, "INFO"), "# Commandstats"));
    assert_non_null(strstr(run_command(server->session, "INFO all"), "cmdstat_set:calls=2,"));
}

static void errors_are_counted_by_code_until_reset(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "NOSUCH");
    run_command(server->session, "INCR");
    run_command(server->session, "HELLO 7");
    expect_reply(server, "INFO errorstats",
                 "$64\r\n# Errorstats\r\nerrorstat_ERR:count=2\r\n"
                 "errorstat_NOPROTO:count=1\r\n\r\n");
    expect_reply(server, "CONFIG RESETSTAT", OK);
    expect_reply(server, "INFO errorstats", "$14\r\n# Errorstats\r\n\r\n");
}

static void getkeys_finds_what_a_command_would_touch(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "COMMAND GETKEYS MSET a 1 b 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
    expect_reply(server, "COMMAND GETKEYS PING x", "-ERR The command has no key arguments\r\n");
    expect_reply(server, "COMMAND GETKEYS NOSUCH x", "-ERR Invalid command specified\r\n");
    expect_reply(server, "COMMAND GETKEYS GET a b",
                 "-ERR Invalid number of arguments specified for command\r\n");
    expect_reply(server, "COMMAND GETKEYSANDFLAGS GET a",
                 "*1\r\n*2\r\n$1\r\na\r\n*2\r\n+RO\r\n+access\r\n");
}

static void newer_commands_are_hidden_from_older_versions(void **state)
{
    struct server_fixture server;
    const char *const options[] = {"emulate", "6.2", NULL};
    (void)state;
    server_fixture_open(&server, options);
    expect_reply(&server, "COMMAND DOCS", "-ERR unknown subcommand 'DOCS'. Try COMMAND HELP.\r\n");
    expect_reply(&server, "COMMAND INFO EXPIRETIME GETEX x",
                 "*3\r\n$-1\r\n*7\r\n$5\r\ngetex\r\n:-2\r\n*2\r\n+write\r\n+fast\r\n"
                 ":1\r\n:1\r\n:1\r\n*3\r\n+@write\r\n+@string\r\n+@fast\r\n$-1\r\n");
    server_fixture_close(&server);
}

static void slow_log_keeps_the_latest(void **state)
{
    struct server_fixture server;
    const char *const options[] = {"slowlog-log-slower-than", "0", "slowlog-max-len", "2", NULL};
    (void)state;
    server_fixture_open(&server, options);
    for (int i = 0; i < 5; i++)
        run_command(server.session, "PING");
    run_command(server.session, "ECHO last");
    expect_reply(&server, "SLOWLOG LEN", ":2\r\n");
    assert_non_null(strstr(run_command(server.session, "SLOWLOG GET"),
                           "*2\r\n$7\r\nSLOWLOG\r\n$3\r\nLEN\r\n$3\r\n?:0\r\n$0\r\n\r\n"));
    assert_non_null(strstr(run_command(server.session, "SLOWLOG GET 1"), "*1\r\n*6\r\n:7\r\n"));
    expect_reply(&server, "CONFIG SET slowlog-max-len 4", OK);
    run_command(server.session, "PING");
    run_command(server.session, "PING");
    run_command(server.session, "PING");
    expect_reply(&server, "SLOWLOG LEN", ":4\r\n");
    expect_reply(&server, "CONFIG SET slowlog-log-slower-than -1", OK);
    expect_reply(&server, "SLOWLOG RESET", OK);
    expect_reply(&server, "SLOWLOG GET -1", "*0\r\n");
    server_fixture_close(&server);
}

static void slow_log_shortens_long_commands(void **state)
{
    struct server_fixture server;
    const char *const options[] = {"slowlog-log-slower-than", "0", NULL};
    (void)state;
    server_fixture_open(&server, options);
    char line[400] = "DEL";
    for (int i = 0; i < 40; i++)
        strcat(line, " key");
    run_command(server.session, line);
    assert_non_null(
        strstr(run_command(server.session, "SLOWLOG GET 1"), "*32\r\n$3\r\nDEL\r\n$3\r\nkey\r\n"));
    assert_non_null(
        strstr(run_command(server.session, "SLOWLOG GET 2"), "$23\r\n... (10 more arguments)\r\n"));
    memset(line + 5, 'x', 200);
    memcpy(line, "ECHO ", 5);
    line[205] = '\0';
    run_command(server.session, line);
    assert_non_null(
        strstr(run_command(server.session, "SLOWLOG GET 1"), "xx... (72 more bytes)\r\n"));
    server_fixture_close(&server);
}

static void pictures_have_the_size_asked_for_and_follow_the_seed(void **state)
{
    struct server_fixture *server = *state;
    char first[200];
    run_command(server->session, "MOCK SEED 1");
    snprintf(first, sizeof first, "%s", run_command(server->session, "LOLWUT VERSION 5 3 2 9"));
    /* Two lines of three strokes, three bytes each. */
    assert_true(strncmp(first, "$38\r\n", 5) == 0);
    assert_true(first[5 + 9] == '\n' && first[5 + 19] == '\n');
    run_command(server->session, "MOCK SEED 1");
    expect_reply(server, "LOLWUT VERSION 5 3 2", first);
    assert_non_null(
        strstr(run_command(server->session, "LOLWUT VERSION 6 -5 1"), "\n\nRedis ver. 7.2.4\n"));
}

static void help_leaves_out_what_a_version_lacks(void **state)
{
    struct server_fixture server;
    const char *const options[] = {"emulate", "7.0", NULL};
    (void)state;
    server_fixture_open(&server, NULL);
    assert_non_null(strstr(run_command(server.session, "CLIENT HELP"), "+NO-TOUCH (ON|OFF)"));
    server_fixture_close(&server);
    server_fixture_open(&server, options);
    assert_null(strstr(run_command(server.session, "CLIENT HELP"), "+NO-TOUCH (ON|OFF)"));
    assert_null(strstr(run_command(server.session, "CLIENT HELP"), "access times"));
    server_fixture_close(&server);
}

static void shutdown_stops_the_engine_without_an_answer(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SHUTDOWN SAVE NOSAVE", "-ERR syntax error\r\n");
    expect_reply(server, "SHUTDOWN ABORT", "-ERR No shutdown in progress.\r\n");
    assert_false(server->engine->is_stopping);
    expect_reply(server, "SHUTDOWN NOSAVE", "");
    assert_true(server->engine->is_stopping);
}

static void debug_needs_leave(void **state)
{
    struct server_fixture server;
    const char *const options[] = {"enable-debug-command", "local", NULL};
    (void)state;
    server_fixture_open(&server, NULL);
    assert_memory_equal(run_command(server.session, "DEBUG SLEEP 0"),
                        "-ERR DEBUG command not allowed.", 31);
    server_fixture_close(&server);
    server_fixture_open(&server, options);
    expect_reply(&server, "DEBUG SLEEP 0", OK);
    expect_reply(&server, "DEBUG ERROR 'MINE of my own'", "-MINE of my own\r\n");
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(time_is_that_of_the_clock, NULL),
        SERVER_TEST(info_tells_the_sections_asked_for, NULL),
        SERVER_TEST(errors_are_counted_by_code_until_reset, NULL),
        SERVER_TEST(getkeys_finds_what_a_command_would_touch, NULL),
        cmocka_unit_test(newer_commands_are_hidden_from_older_versions),
        cmocka_unit_test(slow_log_keeps_the_latest),
        cmocka_unit_test(slow_log_shortens_long_commands),
        SERVER_TEST(pictures_have_the_size_asked_for_and_follow_the_seed, NULL),
        cmocka_unit_test(help_leaves_out_what_a_version_lacks),
        SERVER_TEST(shutdown_stops_the_engine_without_an_answer, NULL),
        cmocka_unit_test(debug_needs_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
