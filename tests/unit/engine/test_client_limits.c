/* SPDX-License-Identifier: MIT */
#include "engine/client_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "support/server_fixture.h"

#define MEBIBYTE (1024 * 1024)

static void ignore(struct session *session)
{
    (void)session;
}
static const struct session_transport transport = {.output_ready = ignore,
                                                   .close_requested = ignore};

static struct session *open_client(struct server_fixture *server)
{
    return session_new(server->engine, &transport, NULL);
}

static void set_output_limit(struct server_fixture *server, const char *normal)
{
    char text[128];
    snprintf(text, sizeof text, "normal %s slave 0 0 0 pubsub 0 0 0", normal);
    config_set_string(server->engine->config, CONFIG_CLIENT_OUTPUT_BUFFER_LIMIT, text);
    engine_config_changed(server->engine, CONFIG_CLIENT_OUTPUT_BUFFER_LIMIT);
}

static bool is_closed(const struct session *session)
{
    return session->flags & SESSION_CLOSE_NOW;
}

static void the_first_buffer_of_output_counts_for_nothing(void **state)
{
    size_t blocks;
    (void)state;
    assert_int_equal(client_limits_output_memory(16384, &blocks), 0);
    assert_int_equal(blocks, 0);
    assert_int_equal(client_limits_output_memory(16385, &blocks), 20504);
    assert_int_equal(blocks, 1);
}

static void output_over_the_hard_limit_closes(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = open_client(server);
    assert_false(client_limits_is_output_over(client, 100 * MEBIBYTE));
    set_output_limit(server, "1048576 0 0");
    assert_false(client_limits_is_output_over(client, MEBIBYTE / 2));
    assert_true(client_limits_is_output_over(client, 2 * MEBIBYTE));
    assert_true(is_closed(client));
    assert_int_equal(server->engine->stats.output_limit_disconnections, 1);
    session_free(client);
}

static void output_over_the_soft_limit_closes_in_time(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = open_client(server);
    set_output_limit(server, "0 1048576 5");
    assert_false(client_limits_is_output_over(client, 2 * MEBIBYTE));
    assert_int_equal(server->engine->limits.above_soft, 1);
    virtual_clock_advance(&server->clock, 5000);
    assert_false(client_limits_is_output_over(client, 2 * MEBIBYTE));
    virtual_clock_advance(&server->clock, 1000);
    assert_true(client_limits_is_output_over(client, 2 * MEBIBYTE));
    session_free(client);
    assert_int_equal(server->engine->limits.above_soft, 0);
}

static void a_moment_below_the_soft_limit_starts_its_time_anew(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = open_client(server);
    set_output_limit(server, "0 1048576 5");
    client_limits_is_output_over(client, 2 * MEBIBYTE);
    virtual_clock_advance(&server->clock, 6000);
    assert_false(client_limits_is_output_over(client, 0));
    assert_int_equal(server->engine->limits.above_soft, 0);
    assert_false(client_limits_is_output_over(client, 2 * MEBIBYTE));
    session_free(client);
}

static void a_client_waits_for_no_limit_that_would_close_it(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = open_client(server);
    assert_int_equal(client_limits_patience(client, 1000), 1000);
    set_output_limit(server, "0 500 5");
    assert_int_equal(client_limits_patience(client, 1000), 1500);
    set_output_limit(server, "1048576 500 5");
    assert_true(client_limits_patience(client, 1000) == SIZE_MAX);
    session_free(client);
}

static void the_largest_goes_first_and_some_are_spared(void **state)
{
    struct server_fixture *server = *state;
    struct session *spared = open_client(server), *large = open_client(server),
                   *small = open_client(server);
    spared->flags |= SESSION_NO_EVICT;
    buffer_reserve(&spared->output, 900 * 1024);
    buffer_reserve(&large->output, 700 * 1024);
    buffer_reserve(&small->output, 10 * 1024);
    client_limits_evict(server->engine);
    assert_false(is_closed(large));
    config_set_integer(server->engine->config, CONFIG_MAXMEMORY_CLIENTS, 1000 * 1024);
    engine_config_changed(server->engine, CONFIG_MAXMEMORY_CLIENTS);
    client_limits_evict(server->engine);
    assert_true(is_closed(large));
    assert_false(is_closed(spared) || is_closed(small));
    assert_int_equal(server->engine->stats.evicted_clients, 1);
    session_free(spared);
    session_free(large);
    session_free(small);
}

static void a_stranger_may_send_less(void **state)
{
    struct server_fixture *server = *state;
    struct session *client = open_client(server);
    assert_false(client_limits_is_query_over(client, 2 * MEBIBYTE));
    client->flags &= (uint32_t)~SESSION_AUTHENTICATED;
    assert_true(client_limits_is_query_over(client, 2 * MEBIBYTE));
    assert_int_equal(server->engine->stats.query_limit_disconnections, 1);
    session_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_buffer_of_output_counts_for_nothing),
        SERVER_TEST(output_over_the_hard_limit_closes, NULL),
        SERVER_TEST(output_over_the_soft_limit_closes_in_time, NULL),
        SERVER_TEST(a_moment_below_the_soft_limit_starts_its_time_anew, NULL),
        SERVER_TEST(a_client_waits_for_no_limit_that_would_close_it, NULL),
        SERVER_TEST(the_largest_goes_first_and_some_are_spared, NULL),
        SERVER_TEST(a_stranger_may_send_less, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
