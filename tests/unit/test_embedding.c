/* SPDX-License-Identifier: MIT */
/* Commands without a socket, and what a test may do, as functions. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "understudy.h"

static struct understudy *server_new(void)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = understudy_new(NULL, error);
    if (!server)
        fail_msg("%s", error);
    return server;
}

static int start(void **state)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = server_new();
    if (!understudy_start(server, error))
        fail_msg("%s", error);
    *state = server;
    return 0;
}

static int make(void **state)
{
    *state = server_new();
    return 0;
}

static int stop(void **state)
{
    understudy_free(*state);
    return 0;
}

static void expect_text(struct understudy_reply *reply, const char *expected)
{
    assert_non_null(reply);
    char *text = understudy_reply_print(reply);
    assert_string_equal(text, expected);
    free(text);
    understudy_reply_free(reply);
}

static struct understudy_reply *call(struct understudy_client *client, const char *const *words)
{
    int count = 0;
    while (words[count])
        count++;
    return understudy_client_call(client, count, words, NULL);
}

#define CALL(client, ...) call(client, (const char *const[]){__VA_ARGS__, NULL})

static void a_command_gets_its_reply_as_a_tree(void **state)
{
    struct understudy *server = *state;
    expect_text(understudy_command(server, "SET", "k", "v", NULL), "OK");
    expect_text(understudy_command(server, "GET", "k", NULL), "\"v\"");
    expect_text(understudy_command(server, "GET", "absent", NULL), "(nil)");
    expect_text(understudy_command(server, "INCR", "k", NULL),
                "(error) ERR value is not an integer or out of range");
    expect_text(understudy_command(server, "HSET", "h", "a", "1", "b", "2", NULL), "(integer) 2");
    struct understudy_reply *hash = understudy_command(server, "HGETALL", "h", NULL);
    assert_int_equal(hash->type, UNDERSTUDY_MAP);
    assert_int_equal(hash->count, 4);
    assert_string_equal(understudy_reply_get(hash, "b")->text, "2");
    assert_null(understudy_reply_get(hash, "c"));
    understudy_reply_free(hash);
    expect_text(understudy_command(server, "ZADD", "z", "1.5", "m", NULL), "(integer) 1");
    expect_text(understudy_command(server, "ZSCORE", "z", "m", NULL), "(double) 1.5");
    expect_text(understudy_command(server, "EVAL", "return {1,{2,3},'x'}", "0", NULL),
                "1) (integer) 1\n2) 1) (integer) 2\n   2) (integer) 3\n3) \"x\"");
    expect_text(understudy_command(server, "EVAL", "redis.setresp(3) return true", "0", NULL),
                "(true)");
}

static void words_may_hold_any_bytes(void **state)
{
    struct understudy *server = *state;
    struct understudy_client *client = understudy_client_new(server);
    const char *words[] = {"SET", "k", "a\0b"};
    const size_t sizes[] = {3, 1, 3};
    expect_text(understudy_client_call(client, 3, words, sizes), "OK");
    struct understudy_reply *reply = CALL(client, "GET", "k");
    assert_int_equal(reply->size, 3);
    assert_memory_equal(reply->text, "a\0b", 4);
    understudy_reply_free(reply);
    understudy_client_free(client);
}

static void clients_have_databases_and_transactions_of_their_own(void **state)
{
    struct understudy *server = *state;
    struct understudy_client *a = understudy_client_new(server);
    struct understudy_client *b = understudy_client_new(server);
    expect_text(CALL(a, "SELECT", "3"), "OK");
    expect_text(CALL(a, "SET", "k", "of a"), "OK");
    expect_text(CALL(b, "GET", "k"), "(nil)");
    expect_text(CALL(a, "MULTI"), "OK");
    expect_text(CALL(a, "GET", "k"), "QUEUED");
    expect_text(CALL(b, "PING"), "PONG");
    expect_text(CALL(a, "EXEC"), "1) \"of a\"");
    understudy_client_free(a);
    understudy_client_free(b);
}

static void a_client_that_is_closed_gets_no_reply(void **state)
{
    struct understudy *server = *state;
    struct understudy_client *client = understudy_client_new(server);
    expect_text(CALL(client, "QUIT"), "OK");
    assert_null(CALL(client, "PING"));
    assert_null(CALL(client, "PING"));
    understudy_client_free(client);
}

static void pushes_are_kept_until_they_are_taken(void **state)
{
    struct understudy *server = *state;
    struct understudy_client *client = understudy_client_new(server);
    assert_null(understudy_client_push(client));
    expect_text(CALL(client, "SUBSCRIBE", "news"), "1) \"subscribe\"\n2) \"news\"\n3) (integer) 1");
    expect_text(understudy_command(server, "PUBLISH", "news", "one", NULL), "(integer) 1");
    expect_text(understudy_command(server, "PUBLISH", "news", "two", NULL), "(integer) 1");
    expect_text(CALL(client, "PING"), "PONG");
    expect_text(understudy_client_push(client), "1) \"message\"\n2) \"news\"\n3) \"one\"");
    expect_text(understudy_client_push(client), "1) \"message\"\n2) \"news\"\n3) \"two\"");
    assert_null(understudy_client_push(client));
    understudy_client_free(client);
}

static void *pop(void *context)
{
    struct understudy_client *client = context;
    return CALL(client, "BLPOP", "list", "0");
}

static void a_command_that_waits_gets_its_reply_when_it_comes(void **state)
{
    struct understudy *server = *state;
    struct understudy_client *client = understudy_client_new(server);
    pthread_t thread;
    void *reply;
    assert_int_equal(pthread_create(&thread, NULL, pop, client), 0);
    expect_text(understudy_command(server, "RPUSH", "list", "x", NULL), "(integer) 1");
    pthread_join(thread, &reply);
    expect_text(reply, "1) \"list\"\n2) \"x\"");
    understudy_client_free(client);
}

static void stopping_ends_the_waits(void **state)
{
    struct understudy *server = *state;
    struct understudy_client *client = understudy_client_new(server);
    pthread_t thread;
    void *reply;
    assert_int_equal(pthread_create(&thread, NULL, pop, client), 0);
    for (bool waits = false; !waits;) {
        struct understudy_reply *info = understudy_command(server, "INFO", "clients", NULL);
        waits = strstr(info->text, "blocked_clients:1") != NULL;
        understudy_reply_free(info);
    }
    understudy_stop(server);
    pthread_join(thread, &reply);
    assert_null(reply);
    assert_null(CALL(client, "PING"));
    assert_int_equal(understudy_clock_now(server), -1);
    understudy_client_free(client);
}

static void a_server_that_is_not_started_runs_commands_here(void **state)
{
    struct understudy *server = *state;
    expect_text(understudy_command(server, "SET", "k", "v", NULL), "OK");
    expect_text(understudy_command(server, "BLPOP", "list", "0", NULL),
                "(error) ERR the command waits, and the server was not started");
    expect_text(understudy_command(server, "GET", "k", NULL), "\"v\"");
}

static void the_clock_obeys(void **state)
{
    struct understudy *server = *state;
    char error[UNDERSTUDY_ERROR_SIZE];
    assert_true(understudy_clock_freeze(server, error));
    assert_true(understudy_clock_set(server, 1000000, error));
    assert_int_equal(understudy_clock_now(server), 1000000);
    expect_text(understudy_command(server, "SET", "k", "v", "PX", "500", NULL), "OK");
    assert_true(understudy_clock_advance(server, 499, error));
    expect_text(understudy_command(server, "EXISTS", "k", NULL), "(integer) 1");
    assert_true(understudy_clock_next(server, error));
    expect_text(understudy_command(server, "EXISTS", "k", NULL), "(integer) 0");
    assert_int_equal(understudy_clock_now(server), 1000500);
    assert_false(understudy_clock_rate(server, -1, error));
    assert_non_null(strstr(error, "MOCK CLOCK RATE"));
    assert_true(understudy_clock_resume(server, NULL));
}

static void state_goes_back(void **state)
{
    struct understudy *server = *state;
    char error[UNDERSTUDY_ERROR_SIZE];
    expect_text(understudy_command(server, "SET", "k", "before", NULL), "OK");
    assert_true(understudy_snapshot_save(server, "the start", error));
    expect_text(understudy_command(server, "SET", "k", "after", NULL), "OK");
    assert_true(understudy_snapshot_restore(server, "the start", error));
    expect_text(understudy_command(server, "GET", "k", NULL), "\"before\"");
    assert_true(understudy_snapshot_delete(server, "the start", error));
    assert_false(understudy_snapshot_restore(server, "the start", error));
    assert_true(understudy_seed(server, 7, error));
    assert_true(understudy_reset(server, error));
    expect_text(understudy_command(server, "DBSIZE", NULL), "(integer) 0");
}

static void faults_strike_and_count(void **state)
{
    struct understudy *server = *state;
    char error[UNDERSTUDY_ERROR_SIZE];
    assert_true(
        understudy_fault_add(server, "busy", "COMMAND get TIMES 1 ERROR 'LOADING wait'", error));
    assert_int_equal(understudy_fault_hits(server, "busy"), 0);
    expect_text(understudy_command(server, "GET", "k", NULL), "(error) LOADING wait");
    expect_text(understudy_command(server, "GET", "k", NULL), "(nil)");
    assert_int_equal(understudy_fault_hits(server, "busy"), 1);
    assert_true(understudy_fault_remove(server, "busy", error));
    assert_int_equal(understudy_fault_hits(server, "busy"), -1);
    assert_false(understudy_fault_add(server, "bad", "COMMAND get 'unclosed", error));
    assert_true(understudy_fault_clear(server, error));
}

static void *increment(void *context)
{
    struct understudy_client *client = context;
    return CALL(client, "INCR", "n");
}

static void a_gate_holds_a_client_until_it_opens(void **state)
{
    struct understudy *server = *state;
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy_client *client = understudy_client_new(server);
    pthread_t thread;
    void *reply;
    assert_true(understudy_gate_add(server, "g", "COMMAND incr", error));
    assert_int_equal(pthread_create(&thread, NULL, increment, client), 0);
    assert_true(understudy_gate_wait(server, "g", 10000, error));
    expect_text(understudy_command(server, "SET", "n", "41", NULL), "OK");
    assert_true(understudy_gate_open(server, "g", error));
    pthread_join(thread, &reply);
    expect_text(reply, "(integer) 42");
    assert_true(understudy_gate_clear(server, error));
    understudy_client_free(client);
}

static void expectations_are_verified(void **state)
{
    struct understudy *server = *state;
    char error[UNDERSTUDY_ERROR_SIZE];
    assert_true(understudy_expect(server, "writes once", "COMMAND set TIMES 1", error));
    assert_false(understudy_verify(server, error));
    assert_non_null(strstr(error, "writes once"));
    expect_text(understudy_command(server, "SET", "k", "v", NULL), "OK");
    assert_true(understudy_verify(server, error));
}

#define served(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        served(a_command_gets_its_reply_as_a_tree),
        served(words_may_hold_any_bytes),
        served(clients_have_databases_and_transactions_of_their_own),
        served(a_client_that_is_closed_gets_no_reply),
        served(pushes_are_kept_until_they_are_taken),
        served(a_command_that_waits_gets_its_reply_when_it_comes),
        served(stopping_ends_the_waits),
        cmocka_unit_test_setup_teardown(a_server_that_is_not_started_runs_commands_here, make,
                                        stop),
        served(the_clock_obeys),
        served(state_goes_back),
        served(faults_strike_and_count),
        served(a_gate_holds_a_client_until_it_opens),
        served(expectations_are_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
