/* SPDX-License-Identifier: MIT */
#include "controls/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "controls/controls.h"
#include "support/server_fixture.h"

#define GET_SCRIPT "EVAL \"return redis.call('get', KEYS[1])\" 1 k"

static int open_server(void **state)
{
    struct server_fixture *server = test_malloc(sizeof *server);
    server_fixture_open(server, NULL);
    run_command(server->session, "SET k value");
    *state = server;
    return 0;
}

static int close_server(void **state)
{
    server_fixture_close(*state);
    test_free(*state);
    return 0;
}

static void add(struct server_fixture *server, const char *words)
{
    struct buffer line = {0};
    buffer_append_format(&line, "MOCK FAULT ADD %s", words);
    buffer_append_byte(&line, '\0');
    expect_reply(server, line.data, "+OK\r\n");
    buffer_clear(&line);
}

static uint64_t hits(struct server_fixture *server, const char *name)
{
    return faults_hits(&server->engine->controls->faults, bytes_of_string(name));
}

/* What the session has been told since its last command; terminated. */
static const char *told(struct session *session)
{
    *buffer_reserve(&session->output, 1) = '\0';
    return session->output.data;
}

static void error_comes_in_the_place_of_the_command_it_names(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND set ERROR 'OOM no more'");
    expect_reply(server, "SET k other", "-OOM no more\r\n");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
    assert_int_equal(hits(server, "f"), 1);
}

static void error_counts_as_an_error(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND get ERROR 'OOM no more'");
    run_command(server->session, "GET k");
    assert_non_null(
        strstr(run_command(server->session, "INFO errorstats"), "errorstat_OOM:count=1"));
    assert_non_null(
        strstr(run_command(server->session, "INFO commandstats"), "cmdstat_get:calls=1,"));
}

static void text_without_a_code_gets_one(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND get ERROR 'no way'");
    expect_reply(server, "GET k", "-ERR no way\r\n");
}

static void shorthands_are_redis_texts(void **state)
{
    struct server_fixture *server = *state;
    static const char *const pairs[][2] = {
        {"NOSCRIPT", "-NOSCRIPT No matching script. Please use EVAL.\r\n"},
        {"LOADING", "-LOADING Redis is loading the dataset in memory\r\n"},
        {"READONLY", "-READONLY You can't write against a read only replica.\r\n"},
        {"OOM", "-OOM command not allowed when used memory > 'maxmemory'.\r\n"},
        {"CLUSTERDOWN", "-CLUSTERDOWN The cluster is down\r\n"},
        {"MOVED 3999 127.0.0.1:6381", "-MOVED 3999 127.0.0.1:6381\r\n"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char words[64];
        snprintf(words, sizeof words, "f COMMAND get %s", pairs[i][0]);
        add(server, words);
        expect_reply(server, "GET k", pairs[i][1]);
    }
}

static void skip_and_times_bound_it(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND get SKIP 1 TIMES 2 ERROR boom");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
    expect_reply(server, "GET k", "-ERR boom\r\n");
    expect_reply(server, "GET k", "-ERR boom\r\n");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
    assert_int_equal(hits(server, "f"), 2);
}

static void chance_repeats_with_the_seed(void **state)
{
    struct server_fixture *server = *state;
    char first[65] = "";
    for (int round = 0; round < 2; round++) {
        char pattern[65] = "";
        run_command(server->session, "MOCK SEED 3");
        add(server, "f COMMAND get PROBABILITY 0.5 ERROR boom");
        for (int i = 0; i < 64; i++)
            pattern[i] = *run_command(server->session, "GET k");
        if (round == 0)
            memcpy(first, pattern, sizeof first);
        assert_string_equal(pattern, first);
    }
    assert_non_null(strchr(first, '$'));
    assert_non_null(strchr(first, '-'));
}

static void key_is_found_wherever_the_command_has_it(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f KEY user:* ERROR boom");
    expect_reply(server, "MGET a user:1 b", "-ERR boom\r\n");
    expect_reply(server, "EVAL 'return 1' 2 a user:2 user", "-ERR boom\r\n");
    expect_reply(server, "EVAL 'return 1' 1 a user:2", ":1\r\n");
    expect_reply(server, "ECHO user:1", "$6\r\nuser:1\r\n");
}

static void subcommand_is_named_with_its_container(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND CLIENT|* ERROR boom");
    expect_reply(server, "CLIENT GETNAME", "-ERR boom\r\n");
    expect_reply(server, "CONFIG GET nothing", "*0\r\n");
}

static void client_is_known_by_name_and_id(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    char words[64];
    expect_session_reply(other, "CLIENT SETNAME worker-1", "+OK\r\n");
    add(server, "f COMMAND get CLIENT worker-* ERROR boom");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
    expect_session_reply(other, "GET k", "-ERR boom\r\n");
    assert_non_null(strstr(run_command(other, GET_SCRIPT), "-ERR boom script: "));
    snprintf(words, sizeof words, "f COMMAND get ID %d ERROR mine", (int)server->session->id);
    add(server, words);
    expect_reply(server, "GET k", "-ERR mine\r\n");
    expect_session_reply(other, "GET k", "$5\r\nvalue\r\n");
    session_free(other);
}

static void error_raises_in_a_script_and_pcall_catches_it(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND get ERROR 'BOOM now'");
    assert_non_null(strstr(run_command(server->session, GET_SCRIPT), "-BOOM now script: "));
    expect_reply(server, "EVAL \"return redis.pcall('get', 'k').err\" 0", "$8\r\nBOOM now\r\n");
}

static void script_condition_means_what_the_script_calls(void **state)
{
    struct server_fixture *server = *state;
    const char *sha =
        run_command(server->session, "SCRIPT LOAD \"return redis.pcall('get', 'k')\"");
    char words[96];
    snprintf(words, sizeof words, "f SCRIPT %.40s ERROR boom", strstr(sha, "\r\n") + 2);
    add(server, words);
    expect_reply(server, "EVAL \"return redis.pcall('get', 'k')\" 0", "-ERR boom\r\n");
    expect_reply(server, "EVAL \"return redis.pcall('get','k')\" 0", "$5\r\nvalue\r\n");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
}

static void script_condition_with_a_command_means_the_request_that_runs_it(void **state)
{
    struct server_fixture *server = *state;
    const char *sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"; /* return 1 */
    char words[96];
    snprintf(words, sizeof words, "f COMMAND eval* SCRIPT %s NOSCRIPT", sha);
    add(server, words);
    expect_reply(server, "EVAL 'return 1' 0", "-NOSCRIPT No matching script. Please use EVAL.\r\n");
    expect_reply(server, "EVAL 'return 2' 0", ":2\r\n");
    expect_reply(server, "EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0",
                 "-NOSCRIPT No matching script. Please use EVAL.\r\n");
}

static void function_is_known_by_its_name_and_its_library(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server,
                 "FUNCTION LOAD \"#!lua name=lib\\nredis.register_function('f', function(keys) "
                 "return redis.pcall('get', keys[1]) end)\"",
                 "$3\r\nlib\r\n");
    add(server, "e COMMAND get SCRIPT f ERROR one");
    expect_reply(server, "FCALL f 1 k", "-ERR one\r\n");
    add(server, "e COMMAND get SCRIPT lib ERROR two");
    expect_reply(server, "FCALL f 1 k", "-ERR two\r\n");
    add(server, "e COMMAND fcall SCRIPT f ERROR three");
    expect_reply(server, "FCALL f 1 k", "-ERR three\r\n");
    add(server, "e SCRIPT other ERROR four");
    expect_reply(server, "FCALL f 1 k", "$5\r\nvalue\r\n");
}

static void in_a_transaction_the_command_alone_fails(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND get ERROR boom");
    run_command(server->session, "MULTI");
    expect_reply(server, "GET k", "+QUEUED\r\n");
    expect_reply(server, "INCR n", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*2\r\n-ERR boom\r\n:1\r\n");
}

static void exec_that_fails_ends_its_transaction(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND exec ERROR boom");
    run_command(server->session, "MULTI");
    run_command(server->session, "INCR n");
    expect_reply(server, "EXEC", "-ERR boom\r\n");
    expect_reply(server, "EXISTS n", ":0\r\n");
}

static void close_before_leaves_no_effect_and_close_after_does(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND incr CLOSE BEFORE");
    struct session *before = server_fixture_session(server);
    expect_session_reply(before, "INCR n", "");
    assert_true(before->flags & SESSION_CLOSE_AFTER_REPLY);
    expect_reply(server, "GET n", "$-1\r\n");
    add(server, "f COMMAND incr CLOSE AFTER");
    struct session *after = server_fixture_session(server);
    expect_session_reply(after, "INCR n", "");
    assert_true(after->flags & SESSION_CLOSE_AFTER_REPLY);
    expect_reply(server, "GET n", "$1\r\n1\r\n");
    session_free(before);
    session_free(after);
}

static void lost_reply_leaves_the_connection_open(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND incr TIMES 1 NOREPLY AFTER");
    expect_reply(server, "INCR n", "");
    expect_reply(server, "GET n", "$1\r\n1\r\n");
    add(server, "f COMMAND incr TIMES 1 NOREPLY BEFORE");
    expect_reply(server, "INCR n", "");
    expect_reply(server, "GET n", "$1\r\n1\r\n");
    expect_reply(server, "INCR n", ":2\r\n");
}

static void what_a_script_or_transaction_calls_loses_the_reply_of_the_whole(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND incr NOREPLY AFTER");
    expect_reply(server, "EVAL \"return redis.call('incr', 'n')\" 0", "");
    run_command(server->session, "MULTI");
    run_command(server->session, "INCR n");
    run_command(server->session, "PING");
    expect_reply(server, "EXEC", "");
    expect_reply(server, "GET n", "$1\r\n2\r\n");
    add(server, "f COMMAND incr NOREPLY BEFORE");
    expect_reply(server, "EVAL \"redis.call('set', 'm', 1) redis.call('incr', 'n')\" 0", "");
    expect_reply(server, "MGET m n", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
}

static void truncated_reply_ends_the_connection(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    add(server, "f COMMAND get TRUNCATE 6");
    expect_session_reply(client, "GET k", "$5\r\nva");
    assert_true(client->flags & SESSION_CLOSE_AFTER_REPLY);
    session_free(client);
}

static void replies_before_the_truncated_one_are_whole(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    struct bytes ping[] = {BYTES_LITERAL("PING")};
    struct bytes get[] = {BYTES_LITERAL("GET"), BYTES_LITERAL("k")};
    add(server, "f COMMAND get TRUNCATE 1");
    session_execute(client, ping, 1);
    session_execute(client, get, 2);
    assert_string_equal(told(client), "+PONG\r\n$");
    session_free(client);
}

static void raw_reply_is_sent_as_it_is_and_scripts_see_its_value(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND get REPLY \"*2\\r\\n:1\\r\\n$1\\r\\nx\\r\\n\"");
    expect_reply(server, "GET k", "*2\r\n:1\r\n$1\r\nx\r\n");
    expect_reply(server, "EVAL \"return redis.call('get', 'k')[2]\" 0", "$1\r\nx\r\n");
    add(server, "f COMMAND get REPLY \"?!\"");
    expect_reply(server, "GET k", "?!");
    expect_reply(server, "EVAL \"return redis.pcall('get', 'k')\" 0",
                 "-ERR the raw reply of a fault is not one whole value\r\n");
}

static void delay_lasts_until_the_clock_says_so(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    add(server, "f COMMAND set DELAY 100");
    expect_session_reply(client, "SET k new", "");
    assert_non_null(client->blocked);
    run_command(server->session, "MOCK CLOCK ADVANCE 99");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
    run_command(server->session, "MOCK CLOCK ADVANCE 1");
    assert_string_equal(told(client), "+OK\r\n");
    assert_null(client->blocked);
    expect_reply(server, "GET k", "$3\r\nnew\r\n");
    session_free(client);
}

static void two_delays_add_up(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    add(server, "f COMMAND set DELAY 100");
    add(server, "g COMMAND set DELAY 50");
    expect_session_reply(client, "SET k new", "");
    run_command(server->session, "MOCK CLOCK ADVANCE 149");
    assert_string_equal(told(client), "");
    run_command(server->session, "MOCK CLOCK ADVANCE 1");
    assert_string_equal(told(client), "+OK\r\n");
    assert_int_equal(hits(server, "f"), 1);
    session_free(client);
}

static void delay_of_what_a_script_calls_holds_its_reply(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    add(server, "f COMMAND get DELAY 100");
    expect_session_reply(client, GET_SCRIPT, "");
    assert_non_null(client->blocked);
    run_command(server->session, "MOCK CLOCK ADVANCE 100");
    assert_string_equal(told(client), "$5\r\nvalue\r\n");
    session_free(client);
}

static void delay_of_a_queued_command_holds_exec(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    add(server, "f COMMAND set DELAY 100");
    run_command(client, "MULTI");
    expect_session_reply(client, "SET k new", "+QUEUED\r\n");
    expect_session_reply(client, "EXEC", "");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
    run_command(server->session, "MOCK CLOCK ADVANCE 100");
    assert_string_equal(told(client), "*1\r\n+OK\r\n");
    session_free(client);
}

static void many_delayed_clients_go_in_their_order(void **state)
{
    struct server_fixture *server = *state;
    struct session *clients[50];
    add(server, "f COMMAND rpush DELAY 100");
    for (int i = 0; i < 50; i++) {
        char line[32];
        clients[i] = server_fixture_session(server);
        snprintf(line, sizeof line, "RPUSH l %d", i);
        expect_session_reply(clients[i], line, "");
    }
    run_command(server->session, "MOCK CLOCK ADVANCE 1000");
    expect_reply(server, "LINDEX l 0", "$1\r\n0\r\n");
    expect_reply(server, "LINDEX l 49", "$2\r\n49\r\n");
    for (int i = 0; i < 50; i++)
        session_free(clients[i]);
}

static void reset_lets_delayed_clients_go_and_leaves_no_trace(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    add(server, "f COMMAND set DELAY 100");
    expect_session_reply(client, "SET k new", "");
    expect_reply(server, "MOCK RESET", "+OK\r\n");
    assert_string_equal(told(client), "+OK\r\n");
    expect_reply(server, "EXISTS k", ":0\r\n");
    expect_reply(server, "MOCK FAULT LIST", "*0\r\n");
    assert_true(list_is_empty(&server->engine->observers));
    session_free(client);
}

static void client_that_goes_away_while_it_is_delayed_does_nothing(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    add(server, "f COMMAND set DELAY 100");
    expect_session_reply(client, "SET k new", "");
    session_free(client);
    run_command(server->session, "MOCK CLOCK ADVANCE 1000");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
}

static void lost_reply_of_a_wait_is_lost_when_it_answers(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = server_fixture_session(server);
    add(server, "f COMMAND blpop NOREPLY AFTER");
    expect_session_reply(client, "BLPOP l 0", "");
    expect_reply(server, "RPUSH l a", ":1\r\n");
    assert_string_equal(told(client), "");
    expect_reply(server, "EXISTS l", ":0\r\n");
    expect_session_reply(client, "BLPOP l 1", "");
    run_command(server->session, "MOCK CLOCK ADVANCE 1000");
    assert_string_equal(told(client), "");
    assert_null(client->blocked);
    session_free(client);
}

static void seterror_fails_everything_but_mock(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MOCK SETERROR 'BOOM down'", "+OK\r\n");
    expect_reply(server, "GET k", "-BOOM down\r\n");
    expect_reply(server, "PING", "-BOOM down\r\n");
    expect_reply(server, "MOCK FAULT CLEAR", "+OK\r\n");
    expect_reply(server, "PING", "-BOOM down\r\n");
    expect_reply(server, "MOCK SETERROR ''", "+OK\r\n");
    expect_reply(server, "PING", "+PONG\r\n");
    assert_true(list_is_empty(&server->engine->observers));
}

static void fault_that_never_matches_shows_no_hits(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND nosuch KEY a* TIMES 3 ERROR boom");
    expect_reply(server, "MOCK FAULT LIST",
                 "*1\r\n*14\r\n$4\r\nname\r\n$1\r\nf\r\n$6\r\naction\r\n$14\r\nERROR ERR boom\r\n"
                 "$7\r\ncommand\r\n$6\r\nnosuch\r\n$3\r\nkey\r\n$2\r\na*\r\n$5\r\ntimes\r\n:3\r\n"
                 "$4\r\nseen\r\n:0\r\n$4\r\nhits\r\n:0\r\n");
}

static void same_name_replaces(void **state)
{
    struct server_fixture *server = *state;
    add(server, "f COMMAND get ERROR one");
    add(server, "f COMMAND get ERROR two");
    expect_reply(server, "GET k", "-ERR two\r\n");
    expect_reply(server, "MOCK FAULT REMOVE f", "+OK\r\n");
    expect_reply(server, "GET k", "$5\r\nvalue\r\n");
    expect_reply(server, "MOCK FAULT REMOVE f", "-ERR there is no fault 'f'\r\n");
}

static void refusal_takes_new_connections_alone(void **state)
{
    struct server_fixture *server = *state;
    assert_true(observer_connects(server->engine));
    add(server, "f TIMES 1 REFUSE");
    expect_reply(server, "PING", "+PONG\r\n");
    assert_false(observer_connects(server->engine));
    assert_true(observer_connects(server->engine));
}

static void bad_words_are_told_with_what_would_be_right(void **state)
{
    struct server_fixture *server = *state;
    static const char *const pairs[][2] = {
        {"MOCK FAULT FOO", "-ERR MOCK FAULT has no option 'FOO'. It takes ADD name "
                           "[condition...] action, LIST, REMOVE name or CLEAR\r\n"},
        {"MOCK FAULT ADD f KEY", "-ERR MOCK FAULT ADD: KEY takes a glob\r\n"},
        {"MOCK FAULT ADD f TIMES x ERROR a",
         "-ERR MOCK FAULT ADD: TIMES takes a count, not 'x'\r\n"},
        {"MOCK FAULT ADD f PROBABILITY 2 ERROR a",
         "-ERR MOCK FAULT ADD: PROBABILITY takes a number from 0 to 1, not '2'\r\n"},
        {"MOCK FAULT ADD f CLOSE",
         "-ERR MOCK FAULT ADD: CLOSE takes BEFORE or AFTER (the command's effect)\r\n"},
        {"MOCK FAULT ADD f CLOSE now",
         "-ERR MOCK FAULT ADD: CLOSE takes BEFORE or AFTER (the command's effect), not 'now'\r\n"},
        {"MOCK FAULT ADD f SLOW 0", "-ERR MOCK FAULT ADD: SLOW takes a whole number, not '0'\r\n"},
        {"MOCK FAULT ADD f MOVED 1", "-ERR MOCK FAULT ADD: MOVED takes slot host:port\r\n"},
        {"MOCK FAULT ADD f ERROR a OOM", "-ERR MOCK FAULT ADD: OOM is a second action, and a fault "
                                         "has one. Add another fault for it\r\n"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        expect_reply(server, pairs[i][0], pairs[i][1]);
    assert_non_null(strstr(run_command(server->session, "MOCK FAULT ADD f COMMAND get"),
                           "-ERR MOCK FAULT ADD lacks an action. It takes ERROR text, "));
    assert_non_null(strstr(run_command(server->session, "MOCK FAULT ADD f WHEN get"),
                           "-ERR MOCK FAULT ADD has no option 'WHEN'. It takes COMMAND glob, "));
    expect_reply(server, "MOCK FAULT LIST", "*0\r\n");
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, open_server, close_server)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(error_comes_in_the_place_of_the_command_it_names),
        TEST(error_counts_as_an_error),
        TEST(text_without_a_code_gets_one),
        TEST(shorthands_are_redis_texts),
        TEST(skip_and_times_bound_it),
        TEST(chance_repeats_with_the_seed),
        TEST(key_is_found_wherever_the_command_has_it),
        TEST(subcommand_is_named_with_its_container),
        TEST(client_is_known_by_name_and_id),
        TEST(error_raises_in_a_script_and_pcall_catches_it),
        TEST(script_condition_means_what_the_script_calls),
        TEST(script_condition_with_a_command_means_the_request_that_runs_it),
        TEST(function_is_known_by_its_name_and_its_library),
        TEST(in_a_transaction_the_command_alone_fails),
        TEST(exec_that_fails_ends_its_transaction),
        TEST(close_before_leaves_no_effect_and_close_after_does),
        TEST(lost_reply_leaves_the_connection_open),
        TEST(what_a_script_or_transaction_calls_loses_the_reply_of_the_whole),
        TEST(truncated_reply_ends_the_connection),
        TEST(replies_before_the_truncated_one_are_whole),
        TEST(raw_reply_is_sent_as_it_is_and_scripts_see_its_value),
        TEST(delay_lasts_until_the_clock_says_so),
        TEST(two_delays_add_up),
        TEST(delay_of_what_a_script_calls_holds_its_reply),
        TEST(delay_of_a_queued_command_holds_exec),
        TEST(many_delayed_clients_go_in_their_order),
        TEST(reset_lets_delayed_clients_go_and_leaves_no_trace),
        TEST(client_that_goes_away_while_it_is_delayed_does_nothing),
        TEST(lost_reply_of_a_wait_is_lost_when_it_answers),
        TEST(seterror_fails_everything_but_mock),
        TEST(fault_that_never_matches_shows_no_hits),
        TEST(same_name_replaces),
        TEST(refusal_takes_new_connections_alone),
        TEST(bad_words_are_told_with_what_would_be_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
