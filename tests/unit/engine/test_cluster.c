/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/cluster.h"
#include "support/server_fixture.h"

#define A "15495" /* the slots of these keys */
#define B "3300"

static const char *const options[] = {"cluster-enabled", "yes", "port", "7000", NULL};

/* Makes another node known; `line` is a format for its name. */
static void run_with_other(struct server_fixture *server, const char *line)
{
    char text[256];
    const struct cluster *cluster = server->engine->cluster;
    if (list_count(&cluster->nodes) == 1)
        expect_reply(server, "CLUSTER MEET 10.0.0.1 7001", "+OK\r\n");
    const struct cluster_node *other =
        LIST_ENTRY(list_first(&cluster->nodes), struct cluster_node, node);
    assert_ptr_not_equal(other, cluster->myself);
    snprintf(text, sizeof text, line, other->name);
    expect_reply(server, text, "+OK\r\n");
}

static void a_node_begins_with_all_slots(void **state)
{
    struct server_fixture *server = *state;
    assert_int_equal(server->engine->cluster->assigned, HASH_SLOTS);
    expect_reply(server, "SET a 1", "+OK\r\n");
    expect_reply(server, "CLUSTER KEYSLOT a", ":" A "\r\n");
    expect_reply(server, "CLUSTER COUNTKEYSINSLOT " A, ":1\r\n");
    expect_reply(server, "CLUSTER GETKEYSINSLOT " A " 5", "*1\r\n$1\r\na\r\n");
}

static void keys_of_one_request_must_share_a_slot(void **state)
{
    struct server_fixture *server = *state;
    const char *error = "-CROSSSLOT Keys in request don't hash to the same slot\r\n";
    expect_reply(server, "MSET a 1 b 2", error);
    expect_reply(server, "MSET a 1 {a}b 2", "+OK\r\n");
    expect_reply(server, "WATCH a b", error);
    expect_reply(server, "SSUBSCRIBE a b", error);
}

static void a_transaction_is_one_request(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "MULTI", "+OK\r\n");
    expect_reply(server, "SET a 1", "+QUEUED\r\n");
    expect_reply(server, "SET b 1", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "-CROSSSLOT Keys in request don't hash to the same slot\r\n");
    expect_reply(server, "DISCARD", "-ERR DISCARD without MULTI\r\n");
    expect_reply(server, "EXISTS a", ":0\r\n");
}

static void a_slot_of_nobody_is_not_served(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "CLUSTER DELSLOTS " A, "+OK\r\n");
    expect_reply(server, "GET a", "-CLUSTERDOWN Hash slot not served\r\n");
    expect_reply(server, "GET b", "-CLUSTERDOWN The cluster is down\r\n");
    expect_reply(server, "CONFIG SET cluster-require-full-coverage no", "+OK\r\n");
    expect_reply(server, "GET b", "$-1\r\n");
    expect_reply(server, "CLUSTER ADDSLOTS " A, "+OK\r\n");
    expect_reply(server, "GET a", "$-1\r\n");
}

static void a_slot_of_another_node_moves_clients(void **state)
{
    struct server_fixture *server = *state;
    run_with_other(server, "CLUSTER SETSLOT " A " NODE %s");
    expect_reply(server, "GET a", "-MOVED " A " 10.0.0.1:7001\r\n");
    expect_reply(server, "GET b", "$-1\r\n");
    assert_int_equal(cluster_size(server->engine->cluster), 2);
}

static void a_slot_on_its_way_asks_for_what_is_gone(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET a 1", "+OK\r\n");
    run_with_other(server, "CLUSTER SETSLOT " A " MIGRATING %s");
    expect_reply(server, "GET a", "$1\r\n1\r\n");
    expect_reply(server, "GET {a}b", "-ASK " A " 10.0.0.1:7001\r\n");
    expect_reply(server, "MGET a {a}b",
                 "-TRYAGAIN Multiple keys request during rehashing of slot\r\n");
    run_with_other(server, "CLUSTER FORGET %s");
    expect_reply(server, "GET {a}b", "$-1\r\n");
}

static void asking_opens_a_slot_that_comes_for_one_request(void **state)
{
    struct server_fixture *server = *state;
    run_with_other(server, "CLUSTER SETSLOT " A " NODE %s");
    run_with_other(server, "CLUSTER SETSLOT " A " IMPORTING %s");
    const char *moved = "-MOVED " A " 10.0.0.1:7001\r\n";
    expect_reply(server, "SET a 1", moved);
    expect_reply(server, "ASKING", "+OK\r\n");
    expect_reply(server, "SET a 1", "+OK\r\n");
    expect_reply(server, "SET a 1", moved);
    expect_reply(server, "ASKING", "+OK\r\n");
    expect_reply(server, "MGET a {a}b",
                 "-TRYAGAIN Multiple keys request during rehashing of slot\r\n");
    expect_reply(server, "ASKING", "+OK\r\n");
    expect_reply(server, "MULTI", "+OK\r\n");
    expect_reply(server, "GET a", "+QUEUED\r\n");
    expect_reply(server, "EXEC", "*1\r\n$1\r\n1\r\n");
    expect_reply(server, "GET a", moved);
}

static void a_met_node_that_gets_nothing_is_forgotten_in_time(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "CLUSTER MEET 10.0.0.1 7001", "+OK\r\n");
    expect_reply(server, "CLUSTER MEET 10.0.0.1 7001", "+OK\r\n");
    assert_int_equal(list_count(&server->engine->cluster->nodes), 2);
    virtual_clock_advance(&server->clock, 15000);
    expect_reply(server, "CLUSTER KEYSLOT a", ":" A "\r\n");
    assert_int_equal(list_count(&server->engine->cluster->nodes), 2);
    virtual_clock_advance(&server->clock, 1);
    expect_reply(server, "CLUSTER KEYSLOT a", ":" A "\r\n");
    assert_int_equal(list_count(&server->engine->cluster->nodes), 1);
}

static void who_waits_in_a_slot_that_goes_is_told(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    expect_session_reply(other, "BLPOP a 0", "");
    run_with_other(server, "CLUSTER SETSLOT " A " NODE %s");
    assert_non_null(strstr(other->output.data, "-MOVED " A " 10.0.0.1:7001\r\n"));
    session_free(other);
}

static void shard_subscriptions_end_with_their_slot(void **state)
{
    struct server_fixture *server = *state;
    struct session *other = server_fixture_session(server);
    expect_session_reply(other, "SSUBSCRIBE a", "*3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n");
    expect_session_reply(other, "SSUBSCRIBE b", "*3\r\n$10\r\nssubscribe\r\n$1\r\nb\r\n:2\r\n");
    other->output.size = 0;
    expect_reply(server, "CLUSTER DELSLOTS " A, "+OK\r\n");
    assert_int_equal(other->output.size, strlen("*3\r\n$12\r\nsunsubscribe\r\n$1\r\na\r\n:1\r\n"));
    expect_reply(server, "PUBSUB SHARDCHANNELS", "*1\r\n$1\r\nb\r\n");
    session_free(other);
}

static void a_reset_gives_all_slots_back(void **state)
{
    struct server_fixture *server = *state;
    run_with_other(server, "CLUSTER SETSLOT " A " NODE %s");
    expect_reply(server, "CLUSTER DELSLOTS " B, "+OK\r\n");
    expect_reply(server, "MOCK RESET", "+OK\r\n");
    expect_reply(server, "GET a", "$-1\r\n");
    expect_reply(server, "GET b", "$-1\r\n");
    assert_int_equal(list_count(&server->engine->cluster->nodes), 1);
}

static void with_tls_the_port_of_tls_is_told(void **state)
{
    const char *const over_tls[] = {"cluster-enabled", "yes",  "port", "0",
                                    "tls-port",        "7777", NULL};
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, over_tls);
    const struct cluster_node *myself = server.engine->cluster->myself;
    assert_int_equal(cluster_endpoint_of(server.engine, myself, NULL).port, 7777);
    assert_int_equal(cluster_endpoint_of(server.engine, myself, NULL).bus_port, 17777);
    expect_reply(&server, "CONFIG SET cluster-announce-tls-port 99", "+OK\r\n");
    assert_int_equal(cluster_endpoint_of(server.engine, myself, NULL).port, 99);
    server_fixture_close(&server);
}

static void an_empty_request_ends_asking(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "ASKING", "+OK\r\n");
    assert_true(server->session->flags & SESSION_ASKING);
    session_execute(server->session, NULL, 0);
    assert_false(server->session->flags & SESSION_ASKING);
}

static void without_a_cluster_there_is_none(void **state)
{
    struct server_fixture *server = *state;
    const char *error = "-ERR This instance has cluster support disabled\r\n";
    expect_reply(server, "CLUSTER INFO", error);
    expect_reply(server, "CLUSTER HELP", error);
    expect_reply(server, "ASKING", error);
    expect_reply(server, "READONLY", error);
    expect_reply(server, "MSET a 1 b 2", "+OK\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_node_begins_with_all_slots, options),
        SERVER_TEST(keys_of_one_request_must_share_a_slot, options),
        SERVER_TEST(a_transaction_is_one_request, options),
        SERVER_TEST(a_slot_of_nobody_is_not_served, options),
        SERVER_TEST(a_slot_of_another_node_moves_clients, options),
        SERVER_TEST(a_slot_on_its_way_asks_for_what_is_gone, options),
        SERVER_TEST(asking_opens_a_slot_that_comes_for_one_request, options),
        SERVER_TEST(a_met_node_that_gets_nothing_is_forgotten_in_time, options),
        SERVER_TEST(who_waits_in_a_slot_that_goes_is_told, options),
        SERVER_TEST(shard_subscriptions_end_with_their_slot, options),
        SERVER_TEST(a_reset_gives_all_slots_back, options),
        cmocka_unit_test(with_tls_the_port_of_tls_is_told),
        SERVER_TEST(an_empty_request_ends_asking, options),
        SERVER_TEST(without_a_cluster_there_is_none, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
