/* SPDX-License-Identifier: MIT */
#include "controls/snapshots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/server_fixture.h"

static void data_of_all_databases_comes_back_with_deadlines(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SET k v PX 5000");
    expect_success(server, "COPY k k DB 3");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "MOCK CLOCK ADVANCE 60000");
    expect_success(server, "FLUSHALL");
    expect_success(server, "SET other v");
    expect_reply(server, "MOCK SNAPSHOT RESTORE here", "+OK\r\n");
    expect_reply(server, "KEYS *", "*1\r\n$1\r\nk\r\n");
    expect_reply(server, "PTTL k", ":5000\r\n");
    server->session->db = 3;
    expect_reply(server, "PTTL k", ":5000\r\n");
}

static void clock_goes_back_to_its_instant(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "MOCK CLOCK SET 5000");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "MOCK CLOCK ADVANCE 1000");
    expect_success(server, "MOCK SNAPSHOT RESTORE here");
    expect_reply(server, "MOCK CLOCK GET", ":5000\r\n");
}

static void configuration_comes_back(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "CONFIG SET maxmemory-policy allkeys-lru");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "CONFIG SET maxmemory-policy allkeys-lfu");
    expect_success(server, "MOCK SNAPSHOT RESTORE here");
    expect_reply(server, "CONFIG GET maxmemory-policy",
                 "*2\r\n$16\r\nmaxmemory-policy\r\n$11\r\nallkeys-lru\r\n");
}

static void random_choices_repeat(void **state)
{
    struct server_fixture *server = *state;
    char first[256];
    expect_success(server, "SADD set a b c d e f g h i j k l m n o p");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    strcpy(first, run_command(server->session, "SRANDMEMBER set -8"));
    expect_success(server, "EVAL 'return tostring(math.random())' 0");
    expect_success(server, "MOCK SNAPSHOT RESTORE here");
    expect_reply(server, "SRANDMEMBER set -8", first);
}

static void scripts_are_those_of_the_moment(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SCRIPT LOAD 'return 1'");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "SCRIPT FLUSH");
    expect_success(server, "SCRIPT LOAD 'return 2'");
    expect_success(server, "MOCK SNAPSHOT RESTORE here");
    expect_reply(server,
                 "SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db "
                 "7f923f79fe76194c868d7e1d0820de36700eb649",
                 "*2\r\n:1\r\n:0\r\n");
    expect_reply(server, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0", ":1\r\n");
}

static void math_random_repeats(void **state)
{
    struct server_fixture *server = *state;
    char first[64];
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    strcpy(first, run_command(server->session, "EVAL 'return tostring(math.random())' 0"));
    expect_success(server, "MOCK SNAPSHOT RESTORE here");
    expect_reply(server, "EVAL 'return tostring(math.random())' 0", first);
}

static void unknown_name_is_an_error_and_changes_nothing(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SET k v");
    expect_reply(server, "MOCK SNAPSHOT RESTORE nowhere",
                 "-ERR There is no snapshot 'nowhere'. MOCK SNAPSHOT LIST shows those that there "
                 "are\r\n");
    expect_reply(server, "GET k", "$1\r\nv\r\n");
    expect_reply(server, "MOCK SNAPSHOT DELETE nowhere", ":0\r\n");
}

static void saving_again_under_a_name_replaces_it(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SET k 1");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "SET k 2");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "SET k 3");
    expect_success(server, "MOCK SNAPSHOT RESTORE here");
    expect_reply(server, "GET k", "$1\r\n2\r\n");
    expect_reply(server, "MOCK SNAPSHOT DELETE here", ":1\r\n");
    expect_reply(server, "MOCK SNAPSHOT LIST", "*0\r\n");
}

static void list_tells_name_time_and_keys(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "MSET a 1 b 2");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    const char *reply = run_command(server->session, "MOCK SNAPSHOT LIST");
    const char *expected =
        "*1\r\n*8\r\n$4\r\nname\r\n$4\r\nhere\r\n$4\r\ntime\r\n:1704067200000\r\n"
        "$4\r\nkeys\r\n:2\r\n$6\r\nmemory\r\n:";
    assert_memory_equal(reply, expected, strlen(expected));
}

static void caching_client_is_told_of_what_comes_back(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    expect_success(server, "SET k v");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "SET k w");
    run_command(client, "HELLO 3");
    run_command(client, "CLIENT TRACKING ON");
    expect_session_reply(client, "GET k", "$1\r\nw\r\n");
    client->output.size = 0;
    expect_success(server, "MOCK SNAPSHOT RESTORE here");
    buffer_append_byte(&client->output, '\0');
    assert_string_equal(client->output.data, ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n");
    session_free(client);
}

static void waiting_client_is_served_by_what_comes_back(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    expect_success(server, "RPUSH list a");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "DEL list");
    expect_session_reply(client, "BLPOP list 0", "");
    expect_success(server, "MOCK SNAPSHOT RESTORE here");
    buffer_append_byte(&client->output, '\0');
    assert_string_equal(client->output.data, "*2\r\n$4\r\nlist\r\n$1\r\na\r\n");
    session_free(client);
}

static void reset_forgets_the_snapshots(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SET k v");
    expect_success(server, "MOCK SNAPSHOT SAVE here");
    expect_success(server, "MOCK RESET");
    expect_reply(server, "MOCK SNAPSHOT LIST", "*0\r\n");
    expect_reply(server, "DBSIZE", ":0\r\n");
    assert_null(server->engine->keyspace.nearest_snapshot);
}

static const struct snapshots_part no_parts[] = {{0}};

static void reset_brings_back_what_was_there_at_the_start(void **state)
{
    struct server_fixture *server = *state;
    expect_success(server, "SET seeded v");
    snapshots_save_start(server->engine, no_parts);
    expect_success(server, "DEL seeded");
    expect_success(server, "SET k v");
    expect_success(server, "MOCK RESET");
    expect_reply(server, "KEYS *", "*1\r\n$6\r\nseeded\r\n");
    expect_success(server, "FLUSHALL");
    expect_success(server, "MOCK RESET");
    expect_reply(server, "KEYS *", "*1\r\n$6\r\nseeded\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(data_of_all_databases_comes_back_with_deadlines, NULL),
        SERVER_TEST(clock_goes_back_to_its_instant, NULL),
        SERVER_TEST(configuration_comes_back, NULL),
        SERVER_TEST(random_choices_repeat, NULL),
        SERVER_TEST(scripts_are_those_of_the_moment, NULL),
        SERVER_TEST(math_random_repeats, NULL),
        SERVER_TEST(unknown_name_is_an_error_and_changes_nothing, NULL),
        SERVER_TEST(saving_again_under_a_name_replaces_it, NULL),
        SERVER_TEST(list_tells_name_time_and_keys, NULL),
        SERVER_TEST(caching_client_is_told_of_what_comes_back, NULL),
        SERVER_TEST(waiting_client_is_served_by_what_comes_back, NULL),
        SERVER_TEST(reset_forgets_the_snapshots, NULL),
        SERVER_TEST(reset_brings_back_what_was_there_at_the_start, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
