/* SPDX-License-Identifier: MIT */
/* Several servers in one process, started and stopped: they share nothing and leave nothing. */
#include <dirent.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/socket_client.h"
#include "understudy.h"

struct fixture {
    struct understudy *server[2];
    int client[2];
};

static struct understudy *start(void)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = understudy_new(NULL, error);
    if (!server || !understudy_start(server, error))
        fail_msg("%s", error);
    return server;
}

static int open_two(void **state)
{
    static const struct fixture empty;
    struct fixture *fixture = test_malloc(sizeof *fixture);
    *fixture = empty;
    for (int i = 0; i < 2; i++) {
        fixture->server[i] = start();
        fixture->client[i] = socket_client_connect(understudy_port(fixture->server[i]));
    }
    *state = fixture;
    return 0;
}

static int close_two(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 2; i++) {
        close(fixture->client[i]);
        understudy_free(fixture->server[i]);
    }
    test_free(fixture);
    return 0;
}

#define ask(fixture, i, line, expected)                                                            \
    do {                                                                                           \
        socket_client_send((fixture)->client[i], line "\r\n");                                     \
        socket_client_expect((fixture)->client[i], expected);                                      \
    } while (0)

static void keys_are_apart(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, 0, "SET k first", "+OK\r\n");
    ask(fixture, 1, "EXISTS k", ":0\r\n");
    ask(fixture, 1, "SET k second", "+OK\r\n");
    ask(fixture, 0, "GET k", "$5\r\nfirst\r\n");
}

static void scripts_are_apart(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, 0, "SCRIPT LOAD \"return 1\"",
        "$40\r\ne0e1f9fabfc9d4800c877a703b823ac0578ff8db\r\n");
    ask(fixture, 1, "SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "*1\r\n:0\r\n");
    ask(fixture, 0, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0", ":1\r\n");
}

static void configuration_is_apart(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, 0, "CONFIG SET hash-max-listpack-entries 7", "+OK\r\n");
    ask(fixture, 1, "CONFIG GET hash-max-listpack-entries",
        "*2\r\n$25\r\nhash-max-listpack-entries\r\n$3\r\n512\r\n");
}

static void clocks_are_apart(void **state)
{
    struct fixture *fixture = *state;
    ask(fixture, 0, "MOCK CLOCK FREEZE 1000", ":1000\r\n");
    ask(fixture, 1, "SET k v PX 1000000", "+OK\r\n");
    ask(fixture, 0, "MOCK CLOCK ADVANCE 4102444800000", ":4102444801000\r\n");
    ask(fixture, 1, "EXISTS k", ":1\r\n");
}

static void one_may_stop_while_the_other_serves(void **state)
{
    struct fixture *fixture = *state;
    understudy_stop(fixture->server[0]);
    assert_true(socket_client_is_at_end(fixture->client[0]));
    ask(fixture, 1, "PING", "+PONG\r\n");
}

static void shutdown_ends_one_alone(void **state)
{
    struct fixture *fixture = *state;
    socket_client_send(fixture->client[0], "SHUTDOWN NOSAVE\r\n");
    assert_true(socket_client_is_at_end(fixture->client[0]));
    ask(fixture, 1, "PING", "+PONG\r\n");
}

static int count_files(const char *directory)
{
    int count = 0;
    DIR *open = opendir(directory);
    assert_non_null(open);
    while (readdir(open))
        count++;
    closedir(open);
    return count;
}

/* A thread that was joined stands in /proc a moment longer, so nothing is known of those that were
 * there before: all but this one have to go. */
static bool is_alone(void)
{
    int64_t until_us = clock_monotonic_us() + 60 * INT64_C(1000000);
    while (count_files("/proc/self/task") > 3) { /* ".", ".." and this thread */
        if (clock_monotonic_us() > until_us)
            return false;
        sched_yield();
    }
    return true;
}

static void starting_and_stopping_leaves_nothing(void **state)
{
    (void)state;
    int files = 0;
    for (int round = 0; round <= 50; round++) {
        struct understudy *server = start();
        int client = socket_client_connect(understudy_port(server));
        socket_client_send(client, "SET k v PX 100000\r\nEVAL \"return 1\" 0\r\n");
        socket_client_expect(client, "+OK\r\n:1\r\n");
        if (round % 2) /* with a connection that is open, or not */
            close(client);
        understudy_free(server);
        if (round % 2 == 0)
            close(client);
        if (round == 0) /* libuv keeps a pipe for the process */
            files = count_files("/proc/self/fd");
    }
    assert_int_equal(count_files("/proc/self/fd"), files);
    assert_true(is_alone());
}

static void server_that_never_ran_is_freed(void **state)
{
    (void)state;
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = understudy_new(NULL, error);
    assert_non_null(server);
    understudy_free(server);
    understudy_free(NULL);
}

/* A test suite may run where a redis-server has left its data. */
static void data_that_lies_about_is_let_alone(void **state)
{
    (void)state;
    char directory[] = "/tmp/understudy-XXXXXX", before[4096];
    assert_non_null(mkdtemp(directory));
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(directory), 0);
    FILE *file = fopen("dump.rdb", "w");
    assert_non_null(file);
    fputs("no such data", file);
    fclose(file);
    understudy_free(start());
    assert_int_equal(unlink("dump.rdb"), 0);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(rmdir(directory), 0);
}

static void wrong_word_is_told_in_one_line(void **state)
{
    (void)state;
    char error[UNDERSTUDY_ERROR_SIZE];
    const struct understudy_options options = {.words = (const char *const[]){"--nonsense", "1"},
                                               .word_count = 2};
    assert_null(understudy_new(&options, error));
    assert_non_null(strstr(error, "nonsense"));
    assert_null(strchr(error, '\n'));
}

static void url_says_where_and_how(void **state)
{
    (void)state;
    char error[UNDERSTUDY_ERROR_SIZE], expected[64];
    const struct understudy_options options = {
        .words = (const char *const[]){"--requirepass", "a/b"}, .word_count = 2};
    struct understudy *server = understudy_new(&options, error);
    assert_non_null(server);
    snprintf(expected, sizeof expected, "redis://default:a%%2Fb@127.0.0.1:%d",
             understudy_port(server));
    assert_string_equal(understudy_url(server), expected);
    understudy_free(server);
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, open_two, close_two)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_are_apart),
        TEST(scripts_are_apart),
        TEST(configuration_is_apart),
        TEST(clocks_are_apart),
        TEST(one_may_stop_while_the_other_serves),
        TEST(shutdown_ends_one_alone),
        cmocka_unit_test(starting_and_stopping_leaves_nothing),
        cmocka_unit_test(server_that_never_ran_is_freed),
        cmocka_unit_test(data_that_lies_about_is_let_alone),
        cmocka_unit_test(wrong_word_is_told_in_one_line),
        cmocka_unit_test(url_says_where_and_how),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
