/* SPDX-License-Identifier: MIT */
/* Scripts made of function libraries, and the connections that they go through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/script.h"
#include "support/socket_client.h"
#include "understudy.h"

static const char library[] =
    "#!lua name=x\n"
    "local function get(keys, args) return redis.call('GET', keys[1]) or args[1] end\n"
    "local function set(keys, args) return redis.call('SET', keys[1], args[1]) end\n"
    "redis.register_function('get', get)\n"
    "redis.register_function{function_name = 'set', callback = set, flags = {'allow-oom'}}\n";

struct fixture {
    struct understudy *server;
    struct link_pool pool;
    struct script get, set;
    struct link_answer answer;
    char path[64];
    int control;
};

static int set_up(void **state)
{
    char error[UNDERSTUDY_ERROR_SIZE] = "";
    const char *why = "";
    struct backend_url url;
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    snprintf(fixture->path, sizeof fixture->path, "/tmp/understudy-script-%d.sock", (int)getpid());
    const char *words[] = {"--port", "0", "--unixsocket", fixture->path};
    struct understudy_options options = {.words = words, .word_count = 4};
    fixture->server = understudy_new(&options, error);
    if (!fixture->server || !understudy_start(fixture->server, error))
        fail_msg("%s", error);
    assert_true(backend_url_parse(&url, understudy_url(fixture->server), &why));
    link_pool_init(&fixture->pool, &url, 30000, 30000, NULL);
    script_init(&fixture->get, library, sizeof library - 1, "get");
    script_init(&fixture->set, library, sizeof library - 1, "set");
    fixture->control = socket_client_connect_unix(fixture->path);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    link_answer_clear(&fixture->answer);
    script_clear(&fixture->get);
    script_clear(&fixture->set);
    link_pool_clear(&fixture->pool);
    close(fixture->control);
    understudy_free(fixture->server);
    test_free(fixture);
    return 0;
}

static enum backend_result run(struct fixture *fixture, const struct script *script,
                               const char *value)
{
    const char *words[] = {"key", value};
    link_answer_clear(&fixture->answer);
    return script_run(script, &fixture->pool, 1, words, NULL, 2, false, &fixture->answer);
}

static void expect_control(struct fixture *fixture, const char *command, const char *reply)
{
    socket_client_send(fixture->control, command);
    socket_client_expect(fixture->control, reply);
}

static void each_script_runs_its_function(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, &fixture->get, "none"), BACKEND_OK);
    assert_string_equal(fixture->answer.reply->str, "none");
    assert_int_equal(run(fixture, &fixture->set, "value"), BACKEND_OK);
    assert_int_equal(fixture->answer.reply->type, REDIS_REPLY_STATUS);
    assert_int_equal(run(fixture, &fixture->get, "none"), BACKEND_OK);
    assert_string_equal(fixture->answer.reply->str, "value");
    assert_string_not_equal(fixture->get.sha, fixture->set.sha);
}

static void its_name_is_what_the_server_computes(void **state)
{
    struct fixture *fixture = *state;
    const char *load[] = {"SCRIPT", "LOAD", fixture->get.text.data};
    const size_t sizes[] = {6, 4, fixture->get.text.size};
    assert_int_equal(link_ask(&fixture->pool, load, sizes, 3, &fixture->answer), BACKEND_OK);
    assert_string_equal(fixture->answer.reply->str, fixture->get.sha);
}

static void what_the_server_forgot_is_sent_anew(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(run(fixture, &fixture->set, "value"), BACKEND_OK);
        expect_control(fixture, "SCRIPT FLUSH\r\n", "+OK\r\n");
    }
    expect_control(fixture, "EXISTS key\r\n", ":1\r\n");
}

static void errors_are_the_servers(void **state)
{
    struct fixture *fixture = *state;
    expect_control(fixture, "RPUSH key x\r\n", ":1\r\n");
    assert_int_equal(run(fixture, &fixture->get, ""), BACKEND_REFUSED);
    assert_memory_equal(fixture->answer.error, "WRONGTYPE", 9);
    assert_null(fixture->answer.reply);
}

static void one_connection_serves_one_after_the_other(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 10; i++)
        assert_int_equal(run(fixture, &fixture->get, ""), BACKEND_OK);
    const char *words[] = {"CLIENT", "ID"};
    link_answer_clear(&fixture->answer);
    assert_int_equal(link_ask(&fixture->pool, words, NULL, 2, &fixture->answer), BACKEND_OK);
    assert_true(fixture->answer.reply->integer <= 3);
}

/* What is larger than the socket takes at once is still being written when the other side goes: on
 * a Unix socket that is a SIGPIPE, at once. */
static void a_server_that_goes_does_not_end_the_program(void **state)
{
    struct fixture *fixture = *state;
    size_t size = 64 << 20;
    char *large = test_malloc(size);
    memset(large, 'x', size);
    expect_control(fixture, "CONFIG SET proto-max-bulk-len 1048576\r\n", "+OK\r\n");
    const char *words[] = {"SET", "key", large};
    const size_t sizes[] = {3, 3, size};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(link_ask(&fixture->pool, words, sizes, 3, &fixture->answer),
                         BACKEND_UNREACHABLE);
        assert_true(fixture->answer.was_sent);
        assert_memory_equal(fixture->answer.error, "the connection broke: ", 22);
    }
    test_free(large);
    assert_int_equal(run(fixture, &fixture->get, ""), BACKEND_OK);
}

static void a_server_that_is_gone_has_been_sent_nothing(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, &fixture->get, ""), BACKEND_OK);
    understudy_free(fixture->server);
    fixture->server = NULL;
    assert_int_equal(run(fixture, &fixture->get, ""), BACKEND_UNREACHABLE);
    assert_false(fixture->answer.was_sent);
    assert_memory_equal(fixture->answer.error, "no connection: ", 15);
}

#define SCRIPT_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRIPT_TEST(each_script_runs_its_function),
        SCRIPT_TEST(its_name_is_what_the_server_computes),
        SCRIPT_TEST(what_the_server_forgot_is_sent_anew),
        SCRIPT_TEST(errors_are_the_servers),
        SCRIPT_TEST(one_connection_serves_one_after_the_other),
        SCRIPT_TEST(a_server_that_goes_does_not_end_the_program),
        SCRIPT_TEST(a_server_that_is_gone_has_been_sent_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
