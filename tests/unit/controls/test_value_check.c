/* SPDX-License-Identifier: MIT */
#include "controls/value_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/server_fixture.h"

static int open_server(void **state)
{
    static const char *const commands[] = {
        "SET s text",       "SET n 5",          "RPUSH l a b c",      "SADD set x y 3",
        "HSET h f 1 g two", "ZADD z 1.5 m 2 n", "XADD x 1-1 f v g w", "XADD x 2-1 f v2",
    };
    struct server_fixture *server = test_malloc(sizeof *server);
    server_fixture_open(server, NULL);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        run_command(server->session, commands[i]);
    *state = server;
    return 0;
}

static int close_server(void **state)
{
    server_fixture_close(*state);
    test_free(*state);
    return 0;
}

static void whole_values_that_are_equal_pass(void **state)
{
    struct server_fixture *server = *state;
    static const char *const lines[] = {
        "MOCK CHECK s text",
        "MOCK CHECK n 5",
        "MOCK CHECK l a b c",
        "MOCK CHECK set 3 y x",
        "MOCK CHECK h g two f 1",
        "MOCK CHECK z n 2.0 m 1.5",
        "MOCK CHECK x 1-1 f v g w 2-1 f v2",
        "MOCK CHECK absent",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_reply(server, lines[i], "+OK\r\n");
}

static void differences_are_shown(void **state)
{
    struct server_fixture *server = *state;
    static const char *const pairs[][2] = {
        {"MOCK CHECK s other", "-ERR \"s\" is a string: it is \"text\", not \"other\"\r\n"},
        {"MOCK CHECK s a b", "-ERR \"s\" is a string: a string is checked against one text\r\n"},
        {"MOCK CHECK l a x", "-ERR \"l\" is a list: element 1 is \"b\", not \"x\"; element 2 is "
                             "\"c\" and should not be there\r\n"},
        {"MOCK CHECK l a b c d", "-ERR \"l\" is a list: element 3 is missing, not \"d\"\r\n"},
        {"MOCK CHECK set x z 3",
         "-ERR \"set\" is a set: member \"z\" is missing; member \"y\" should not be there\r\n"},
        {"MOCK CHECK h f 2 e 1", "-ERR \"h\" is a hash: field \"f\" is \"1\", not \"2\"; field "
                                 "\"e\" is missing; field \"g\" should not be there\r\n"},
        {"MOCK CHECK h f",
         "-ERR \"h\" is a hash: a hash is checked against fields, each with its value\r\n"},
        {"MOCK CHECK z m 1 n 2",
         "-ERR \"z\" is a zset: the score of \"m\" is \"1.5\", not \"1\"\r\n"},
        {"MOCK CHECK x 1-1 f v g w",
         "-ERR \"x\" is a stream: word 5 is \"2-1\" and should not be there; word 6 is \"f\" and "
         "should not be there; word 7 is \"v2\" and should not be there\r\n"},
        {"MOCK CHECK absent v", "-ERR \"absent\" does not exist\r\n"},
        {"MOCK CHECK s", "-ERR \"s\" is a string, and should not exist\r\n"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        expect_reply(server, pairs[i][0], pairs[i][1]);
}

static void many_differences_are_counted(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MOCK CHECK set x y 3 a b c d e f g",
                 "-ERR \"set\" is a set: member \"a\" is missing; member \"b\" is missing; member "
                 "\"c\" is missing; member \"d\" is missing; member \"e\" is missing; and 2 "
                 "more\r\n");
}

static void checking_leaves_no_trace(void **state)
{
    struct server_fixture *server = *state;
    uint64_t hits = server->engine->keyspace.hits;
    expect_reply(server, "MOCK CHECK s text", "+OK\r\n");
    assert_int_equal(server->engine->keyspace.hits, hits);
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_values_that_are_equal_pass),
        TEST(differences_are_shown),
        TEST(many_differences_are_counted),
        TEST(checking_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
