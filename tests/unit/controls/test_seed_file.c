/* SPDX-License-Identifier: MIT */
#include "controls/seed_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/server_fixture.h"

static void expect_run(struct server_fixture *server, const char *text, int64_t count,
                       const char *expected_problem)
{
    struct buffer problem = {0};
    assert_int_equal(seed_file_run(server->engine, "f", bytes_of_string(text), &problem), count);
    buffer_append_byte(&problem, '\0');
    assert_string_equal(problem.data, expected_problem);
    buffer_clear(&problem);
}

static void lines_are_commands_but_for_comments_and_blanks(void **state)
{
    struct server_fixture *server = *state;
    expect_run(server, "# first\n\n  SET k \"a b\"\r\n\t\nSELECT 2\nset k 'two'", 3, "");
    expect_reply(server, "GET k", "$3\r\na b\r\n");
    run_command(server->session, "SELECT 2");
    expect_reply(server, "GET k", "$3\r\ntwo\r\n");
}

static void the_line_that_fails_is_named_and_the_rest_left_out(void **state)
{
    struct server_fixture *server = *state;
    expect_run(server, "SET k v\nINCR k\nSET k w\n", -1,
               "f, line 2: ERR value is not an integer or out of range");
    expect_reply(server, "GET k", "$1\r\nv\r\n");
    expect_run(server, "SET \"k", -1, "f, line 1: the quotes are not balanced");
    expect_run(server, "NOSUCH", -1,
               "f, line 1: ERR unknown command 'NOSUCH', with args beginning with: ");
}

static void a_command_that_waits_is_an_error(void **state)
{
    struct server_fixture *server = *state;
    expect_run(server, "BLPOP l 0\nSET k v", -1, "f, line 1: the command waits");
    run_command(server->session, "MOCK GATE ADD g COMMAND set");
    expect_run(server, "SET k v", -1, "f, line 1: the command waits");
}

static void rdb_files_are_loaded(void **state)
{
    expect_run(*state, "REDIS0004\xfe\x02\x01\x01k\x01\x01v\xff", 1, "");
    expect_reply((struct server_fixture *)*state, "SELECT 2", "+OK\r\n");
    expect_reply((struct server_fixture *)*state, "LPOP k", "$1\r\nv\r\n");
    expect_run(*state, "REDIS0011\xfa", -1, "cannot load f: the file is cut off after 10 bytes");
}

static void transactions_and_scripts_may_be_within(void **state)
{
    struct server_fixture *server = *state;
    expect_run(server,
               "MULTI\nSET k 1\nINCR k\nEXEC\nEVAL \"return redis.call('incr', 'k')\" 0\nQUIT\n"
               "SET k 9",
               6, "");
    expect_reply(server, "GET k", "$1\r\n3\r\n");
}

static void mock_loads_a_file_and_reset_loads_the_configured_one(void **state)
{
    char path[] = "/tmp/understudy-seed-XXXXXX", line[64];
    struct server_fixture server;
    (void)state;
    int fd = mkstemp(path);
    const char text[] = "SET k v\nSADD s a\nMOCK FAULT ADD f COMMAND get OOM\n";
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    server_fixture_open(&server, (const char *const[]){"seed-file", path, NULL});
    expect_reply(&server, "DBSIZE", ":0\r\n"); /* loading it at the start is its owner's affair */
    snprintf(line, sizeof line, "MOCK SEEDFILE %s", path);
    expect_reply(&server, line, ":3\r\n");
    expect_reply(&server, "GET k", "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    run_command(server.session, "FLUSHALL");
    expect_reply(&server, "MOCK RESET", "+OK\r\n");
    expect_reply(&server, "MOCK CHECK k v", "+OK\r\n");
    unlink(path);
    assert_non_null(strstr(run_command(server.session, "MOCK RESET"), "-ERR cannot read /tmp/"));
    assert_non_null(strstr(run_command(server.session, line), "-ERR cannot read /tmp/"));
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(lines_are_commands_but_for_comments_and_blanks, NULL),
        SERVER_TEST(the_line_that_fails_is_named_and_the_rest_left_out, NULL),
        SERVER_TEST(a_command_that_waits_is_an_error, NULL),
        SERVER_TEST(rdb_files_are_loaded, NULL),
        SERVER_TEST(transactions_and_scripts_may_be_within, NULL),
        cmocka_unit_test(mock_loads_a_file_and_reset_loads_the_configured_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
