/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/server_fixture.h"

static void frozen_clock_answers_its_time(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MOCK CLOCK FREEZE 5000", ":5000\r\n");
    expect_reply(server, "MOCK CLOCK GET", ":5000\r\n");
    expect_reply(server, "mock clock set 6000", ":6000\r\n");
    expect_reply(server, "MOCK CLOCK ADVANCE 500", ":6500\r\n");
    expect_reply(server, "MOCK CLOCK ADVANCE -500", ":6000\r\n");
    expect_reply(server, "TIME", "*2\r\n$1\r\n6\r\n$1\r\n0\r\n");
}

static void key_is_gone_at_its_deadline_and_not_before(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k v PX 100", "+OK\r\n");
    run_command(server->session, "MOCK CLOCK ADVANCE 99");
    expect_reply(server, "EXISTS k", ":1\r\n");
    run_command(server->session, "MOCK CLOCK ADVANCE 1");
    expect_reply(server, "EXISTS k", ":0\r\n");
}

struct expired {
    char order[8];
    int64_t at_ms[8];
    size_t count;
};

static void note_expired(void *context, struct database *db, struct bytes key)
{
    struct expired *expired = context;
    expired->order[expired->count] = key.data[0];
    expired->at_ms[expired->count++] = db->keyspace->now_ms;
}

static void advance_meets_deadlines_in_order_each_at_its_time(void **state)
{
    struct server_fixture *server = *state;
    struct expired expired = {0};
    expect_reply(server, "MOCK CLOCK FREEZE 1000", ":1000\r\n");
    run_command(server->session, "SET c v PX 30");
    run_command(server->session, "SET a v PX 10");
    run_command(server->session, "SET b v PX 20");
    server->engine->keyspace.listener =
        (struct keyspace_listener){.context = &expired, .expired = note_expired};
    expect_reply(server, "MOCK CLOCK ADVANCE 1000000", ":1001000\r\n");
    assert_string_equal(expired.order, "abc");
    assert_int_equal(expired.at_ms[0], 1010);
    assert_int_equal(expired.at_ms[1], 1020);
    assert_int_equal(expired.at_ms[2], 1030);
}

static void reset_brings_the_start_back(void **state)
{
    struct server_fixture *server = *state;
    run_command(server->session, "SET k v");
    run_command(server->session, "SELECT 3");
    run_command(server->session, "SET k v");
    run_command(server->session, "CONFIG SET hash-max-listpack-entries 3");
    run_command(server->session, "SCRIPT LOAD 'return 1'");
    expect_reply(server, "MOCK RESET", "+OK\r\n");
    expect_reply(server, "DBSIZE", ":0\r\n");
    expect_reply(server, "SELECT 3", "+OK\r\n");
    expect_reply(server, "DBSIZE", ":0\r\n");
    expect_reply(server, "SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db", "*1\r\n:0\r\n");
    assert_non_null(
        strstr(run_command(server->session, "CONFIG GET hash-max-listpack-entries"), "512"));
    assert_false(server->clock.is_frozen);
}

static void seed_makes_choices_repeatable(void **state)
{
    struct server_fixture *server = *state;
    char first[64];
    for (int i = 0; i < 100; i++) {
        char line[32];
        snprintf(line, sizeof line, "SET key:%d v", i);
        run_command(server->session, line);
    }
    for (int i = 0; i < 1000; i++) /* the table has grown: let it settle, as lookups move entries */
        run_command(server->session, "EXISTS key:0");
    for (int round = 0; round < 2; round++) {
        expect_reply(server, "MOCK SEED 7", "+OK\r\n");
        const char *chosen = run_command(server->session, "RANDOMKEY");
        if (round == 0)
            snprintf(first, sizeof first, "%s", chosen);
        else
            assert_string_equal(chosen, first);
    }
}

/* The members that one server takes out of a set too large to be packed. */
static void popped_with_seed(struct server_fixture *server, const char *seeds, char *out,
                             size_t size)
{
    for (; *seeds; seeds++) {
        char line[32];
        snprintf(line, sizeof line, "MOCK SEED %c", *seeds);
        run_command(server->session, line);
    }
    for (int i = 0; i < 1000; i++) {
        char line[32];
        snprintf(line, sizeof line, "SADD s m%d", i);
        run_command(server->session, line);
    }
    snprintf(out, size, "%s", run_command(server->session, "SPOP s 10"));
}

static void two_servers_with_one_seed_choose_the_same(void **state)
{
    struct server_fixture *server = *state;
    struct server_fixture other;
    char first[512], second[512];
    server_fixture_open(&other, NULL);
    popped_with_seed(server, "7", first, sizeof first);
    popped_with_seed(&other, "97", second, sizeof second);
    assert_string_equal(first, second);
    run_command(other.session, "MOCK RESET");
    popped_with_seed(&other, "8", second, sizeof second);
    assert_string_not_equal(first, second);
    server_fixture_close(&other);
}

static void wrong_option_is_told_with_what_it_takes(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MOCK CLOCK STOP",
                 "-ERR MOCK CLOCK has no option 'STOP'. It takes FREEZE [ms], SET ms, ADVANCE ms, "
                 "NEXT, RATE factor, RESUME or GET\r\n");
    expect_reply(server, "MOCK CLOCK SET",
                 "-ERR wrong number of arguments for MOCK CLOCK SET. It takes FREEZE [ms], "
                 "SET ms, ADVANCE ms, NEXT, RATE factor, RESUME or GET\r\n");
    expect_reply(server, "MOCK CLOCK SET -1",
                 "-ERR MOCK CLOCK takes a time in milliseconds since the epoch, from 0 to the year "
                 "9999\r\n");
    expect_reply(server, "MOCK CLOCK ADVANCE soon",
                 "-ERR MOCK CLOCK ADVANCE takes milliseconds, forward or back, from the epoch to "
                 "the year 9999\r\n");
    expect_reply(server, "MOCK CLOCK ADVANCE 9223372036854775807",
                 "-ERR MOCK CLOCK ADVANCE takes milliseconds, forward or back, from the epoch to "
                 "the year 9999\r\n");
    expect_reply(server, "MOCK SEED x", "-ERR MOCK SEED takes a whole number of 64 bits\r\n");
    expect_reply(server, "MOCK FOO", "-ERR unknown subcommand 'FOO'. Try MOCK HELP.\r\n");
}

static void describe_remote(const struct session *session, struct session_stream *stream)
{
    (void)session;
    *stream = (struct session_stream){.address = "192.0.2.7:1234"};
}

static void describe_loopback(const struct session *session, struct session_stream *stream)
{
    (void)session;
    *stream = (struct session_stream){.address = "[::1]:1234"};
}

static void ignore(struct session *session)
{
    (void)session;
}

static struct session *session_from(struct server_fixture *server,
                                    const struct session_transport *transport)
{
    return session_new(server->engine, transport, NULL);
}

static const struct session_transport remote = {
    .output_ready = ignore, .close_requested = ignore, .describe = describe_remote};
static const struct session_transport loopback = {
    .output_ready = ignore, .close_requested = ignore, .describe = describe_loopback};

static void by_default_it_is_for_this_machine(void **state)
{
    struct server_fixture *server = *state;
    struct session *far = session_from(server, &remote);
    struct session *near = session_from(server, &loopback);
    expect_session_reply(far, "MOCK SEED 1",
                         "-ERR MOCK is for clients on the server's machine, as "
                         "enable-mock-command is \"local\"\r\n");
    expect_session_reply(near, "MOCK SEED 1", "+OK\r\n");
    session_free(far);
    session_free(near);
}

static void directive_may_switch_it_off_or_open_it(void **state)
{
    (void)state;
    struct server_fixture server;
    server_fixture_open(&server, (const char *const[]){"enable-mock-command", "no", NULL});
    expect_reply(&server, "MOCK RESET",
                 "-ERR MOCK is disabled, as enable-mock-command is \"no\"\r\n");
    server_fixture_close(&server);
    server_fixture_open(&server, (const char *const[]){"enable-mock-command", "yes", NULL});
    struct session *far = session_from(&server, &remote);
    expect_session_reply(far, "MOCK SEED 1", "+OK\r\n");
    session_free(far);
    server_fixture_close(&server);
}

static void scripts_and_transactions_may_not_use_it(void **state)
{
    struct server_fixture *server = *state;
    assert_non_null(
        strstr(run_command(server->session, "EVAL \"return redis.call('MOCK','RESET')\" 0"),
               "not allowed from script"));
    run_command(server->session, "MULTI");
    assert_int_equal(run_command(server->session, "MOCK RESET")[0], '-');
    run_command(server->session, "DISCARD");
}

static void it_is_not_listed_among_redis_commands(void **state)
{
    struct server_fixture *server = *state;
    assert_null(strstr(run_command(server->session, "COMMAND LIST"), "mock"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(frozen_clock_answers_its_time, NULL),
        SERVER_TEST(key_is_gone_at_its_deadline_and_not_before, NULL),
        SERVER_TEST(advance_meets_deadlines_in_order_each_at_its_time, NULL),
        SERVER_TEST(reset_brings_the_start_back, NULL),
        SERVER_TEST(seed_makes_choices_repeatable, NULL),
        SERVER_TEST(two_servers_with_one_seed_choose_the_same, NULL),
        SERVER_TEST(wrong_option_is_told_with_what_it_takes, NULL),
        SERVER_TEST(by_default_it_is_for_this_machine, NULL),
        cmocka_unit_test(directive_may_switch_it_off_or_open_it),
        SERVER_TEST(scripts_and_transactions_may_not_use_it, NULL),
        SERVER_TEST(it_is_not_listed_among_redis_commands, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
