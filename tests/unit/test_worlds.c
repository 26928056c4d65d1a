/* SPDX-License-Identifier: MIT */
#include "worlds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/socket_client.h"
#include "understudy.h"

static int open_server(void **state)
{
    static const char *const words[] = {"--worlds", "yes"};
    const struct understudy_options options = {.words = words, .word_count = 2};
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = understudy_new(&options, error);
    if (!server || !understudy_start(server, error))
        fail_msg("%s", error);
    *state = server;
    return 0;
}

static int close_server(void **state)
{
    understudy_free(*state);
    return 0;
}

static void ask(int client, const char *line, const char *expected)
{
    socket_client_send(client, line);
    socket_client_send(client, "\r\n");
    socket_client_expect(client, expected);
}

/* A client in a world; in none, for NULL. */
static int enter(void *server, const char *world)
{
    char line[64];
    int client = socket_client_connect(understudy_port(server));
    snprintf(line, sizeof line, "AUTH world:%s x", world ? world : "");
    if (world)
        ask(client, line, "+OK\r\n");
    return client;
}

static void worlds_share_no_keys(void **state)
{
    int outside = enter(*state, NULL), a = enter(*state, "a"), b = enter(*state, "b");
    int also_a = enter(*state, "a");
    ask(outside, "SET k outside", "+OK\r\n");
    ask(a, "SET k a", "+OK\r\n");
    ask(b, "EXISTS k", ":0\r\n");
    ask(also_a, "GET k", "$1\r\na\r\n");
    ask(b, "FLUSHALL", "+OK\r\n");
    ask(outside, "GET k", "$7\r\noutside\r\n");
    close(outside);
    close(a);
    close(b);
    close(also_a);
}

static void world_goes_with_its_last_client(void **state)
{
    int outside = enter(*state, NULL), a = enter(*state, "a");
    ask(a, "SET k v", "+OK\r\n");
    ask(a, "QUIT", "+OK\r\n");
    assert_true(socket_client_is_at_end(a));
    ask(outside, "MOCK WORLD LIST", "*0\r\n");
    close(a);
    a = enter(*state, "a");
    ask(a, "EXISTS k", ":0\r\n");
    close(a);
    close(outside);
}

static void kept_world_stays(void **state)
{
    int outside = enter(*state, NULL), a = enter(*state, "a");
    ask(a, "SET k v", "+OK\r\n");
    ask(a, "MOCK WORLD KEEP", "+OK\r\n");
    ask(a, "QUIT", "+OK\r\n");
    assert_true(socket_client_is_at_end(a));
    close(a);
    ask(outside, "MOCK WORLD LIST",
        "*1\r\n*8\r\n$4\r\nname\r\n$1\r\na\r\n$7\r\nclients\r\n:0\r\n$4\r\nkeys\r\n:1\r\n"
        "$4\r\nkept\r\n:1\r\n");
    a = enter(*state, "a");
    ask(a, "GET k", "$1\r\nv\r\n");
    close(a);
    ask(outside, "MOCK WORLD DROP a", ":1\r\n");
    ask(outside, "MOCK WORLD DROP a", ":0\r\n");
    ask(outside, "MOCK WORLD KEEP", "-ERR MOCK WORLD KEEP needs the name of a world here\r\n");
    close(outside);
}

static void dropping_a_world_closes_its_connections(void **state)
{
    int outside = enter(*state, NULL), a = enter(*state, "a"), b = enter(*state, "b");
    ask(outside, "MOCK WORLD DROP a", ":1\r\n");
    assert_true(socket_client_is_at_end(a));
    ask(b, "MOCK WORLD DROP b", ":1\r\n");
    assert_true(socket_client_is_at_end(b));
    ask(outside, "MOCK WORLD LIST", "*0\r\n");
    close(outside);
    close(a);
    close(b);
}

static void shutdown_ends_one_world(void **state)
{
    int outside = enter(*state, NULL), a = enter(*state, "a"), b = enter(*state, "b");
    socket_client_send(a, "SHUTDOWN NOSAVE\r\n");
    assert_true(socket_client_is_at_end(a));
    ask(b, "PING", "+PONG\r\n");
    ask(outside, "PING", "+PONG\r\n");
    close(outside);
    close(a);
    close(b);
}

static void worlds_have_clocks_of_their_own(void **state)
{
    int a = enter(*state, "a"), b = enter(*state, "b");
    ask(a, "MOCK CLOCK FREEZE 5000", ":5000\r\n");
    ask(b, "MOCK CLOCK FREEZE 7000", ":7000\r\n");
    ask(b, "SET k v PX 100", "+OK\r\n");
    ask(a, "MOCK CLOCK ADVANCE 60000", ":65000\r\n");
    ask(b, "PTTL k", ":100\r\n");
    close(a);
    close(b);
}

static void deadlines_of_every_world_come_by_themselves(void **state)
{
    int a = enter(*state, "a"), b = enter(*state, "b");
    socket_client_send(a, "BLPOP list 0.03\r\n");
    socket_client_send(b, "BLPOP list 0.02\r\n");
    socket_client_expect(b, "*-1\r\n");
    socket_client_expect(a, "*-1\r\n");
    close(a);
    close(b);
}

static void waiting_clients_are_served_within_their_world(void **state)
{
    int a = enter(*state, "a"), also_a = enter(*state, "a"), b = enter(*state, "b");
    socket_client_send(a, "BLPOP list 0\r\n");
    ask(b, "RPUSH list b", ":1\r\n");
    ask(also_a, "RPUSH list a", ":1\r\n");
    socket_client_expect(a, "*2\r\n$4\r\nlist\r\n$1\r\na\r\n");
    ask(b, "LLEN list", ":1\r\n");
    close(a);
    close(also_a);
    close(b);
}

static void channels_and_configuration_stay_within_a_world(void **state)
{
    int a = enter(*state, "a"), b = enter(*state, "b");
    ask(a, "SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
    ask(b, "PUBLISH c m", ":0\r\n");
    ask(b, "CONFIG SET hash-max-listpack-entries 3", "+OK\r\n");
    ask(b, "CONFIG SET port 1",
        "-ERR CONFIG SET failed (possibly related to argument 'port') - a world listens where its "
        "server does\r\n");
    close(a);
    a = enter(*state, "a");
    ask(a, "CONFIG GET hash-max-listpack-entries",
        "*2\r\n$25\r\nhash-max-listpack-entries\r\n$3\r\n512\r\n");
    close(a);
    close(b);
}

static void client_may_go_from_world_to_world(void **state)
{
    int client = enter(*state, "a");
    ask(client, "SELECT 3", "+OK\r\n");
    ask(client, "SET k v", "+OK\r\n");
    ask(client, "WATCH k", "+OK\r\n");
    ask(client, "AUTH world:b x", "+OK\r\n");
    ask(client, "DBSIZE", ":0\r\n");
    ask(client, "SET k b", "+OK\r\n");
    ask(client, "MULTI", "+OK\r\n");
    ask(client, "GET k", "+QUEUED\r\n");
    ask(client, "EXEC", "*1\r\n$1\r\nb\r\n");
    close(client);
}

static void nobody_logs_in_to_a_world_within_a_transaction(void **state)
{
    int client = enter(*state, NULL);
    ask(client, "MULTI", "+OK\r\n");
    ask(client, "AUTH world:a x", "+QUEUED\r\n");
    ask(client, "EXEC", "*1\r\n-WRONGPASS invalid username-password pair or user is disabled.\r\n");
    close(client);
}

static void script_that_runs_on_in_one_world_stops_no_other(void **state)
{
    int a = enter(*state, "a"), b = enter(*state, "b"), also_a = enter(*state, "a");
    ask(a, "CONFIG SET busy-reply-threshold 1", "+OK\r\n");
    socket_client_send(a, "EVAL 'while true do end' 0\r\n");
    ask(b, "SET k v", "+OK\r\n");
    ask(b, "EVAL 'return 1' 0", ":1\r\n");
    ask(b, "BLPOP list 0.01", "*-1\r\n");
    ask(also_a, "SCRIPT KILL", "+OK\r\n");
    socket_client_expect(a, "-ERR Script killed by user");
    close(a);
    close(b);
    close(also_a);
}

static void dropping_a_world_ends_its_script(void **state)
{
    int outside = enter(*state, NULL), a = enter(*state, "a");
    ask(a, "CONFIG SET busy-reply-threshold 1", "+OK\r\n");
    socket_client_send(a, "EVAL 'while true do end' 0\r\n");
    ask(outside, "MOCK WORLD DROP a", ":1\r\n");
    char answer[1024];
    assert_true(socket_client_read(a, answer, sizeof answer) < sizeof answer);
    ask(outside, "MOCK WORLD LIST", "*0\r\n");
    close(a);
    close(outside);
}

static void world_has_the_users_of_the_start(void **state)
{
    (void)state;
    static const char *const words[] = {"--worlds", "yes",  "--user",  "alice", "on",
                                        ">pw",      "~a:*", "+@write", "+auth"};
    const struct understudy_options options = {.words = words,
                                               .word_count = sizeof words / sizeof *words};
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = understudy_new(&options, error);
    if (!server || !understudy_start(server, error))
        fail_msg("%s", error);
    int outside = enter(server, NULL);
    ask(outside, "ACL SETUSER bob on nopass", "+OK\r\n");
    ask(outside, "ACL SETUSER alice +@all", "+OK\r\n");
    int a = enter(server, "a");
    ask(a, "ACL USERS", "*2\r\n$5\r\nalice\r\n$7\r\ndefault\r\n");
    ask(a, "AUTH alice pw", "+OK\r\n");
    ask(a, "SET a:1 v", "+OK\r\n");
    ask(a, "GET a:1", "-NOPERM User alice has no permissions to run the 'get' command\r\n");
    close(a);
    a = enter(server, "a");
    ask(a, "ACL DELUSER alice", ":1\r\n");
    ask(a, "ACL SAVE", "-ERR This Redis instance is not configured to use an ACL file.");
    ask(outside, "ACL USERS", "*3\r\n$5\r\nalice\r\n$3\r\nbob\r\n$7\r\ndefault\r\n");
    close(a);
    close(outside);
    understudy_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, open_server, close_server)
        SERVER_TEST(worlds_share_no_keys),
        SERVER_TEST(world_goes_with_its_last_client),
        SERVER_TEST(kept_world_stays),
        SERVER_TEST(dropping_a_world_closes_its_connections),
        SERVER_TEST(shutdown_ends_one_world),
        SERVER_TEST(worlds_have_clocks_of_their_own),
        SERVER_TEST(deadlines_of_every_world_come_by_themselves),
        SERVER_TEST(waiting_clients_are_served_within_their_world),
        SERVER_TEST(channels_and_configuration_stay_within_a_world),
        SERVER_TEST(client_may_go_from_world_to_world),
        SERVER_TEST(nobody_logs_in_to_a_world_within_a_transaction),
        SERVER_TEST(script_that_runs_on_in_one_world_stops_no_other),
        SERVER_TEST(dropping_a_world_ends_its_script),
        cmocka_unit_test(world_has_the_users_of_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
