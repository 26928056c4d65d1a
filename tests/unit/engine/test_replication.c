/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define READONLY "-READONLY You can't write against a read only replica.\r\n"

static void a_replica_takes_no_writes_until_it_is_one_no_more(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "SET k v", "+OK\r\n");
    expect_reply(server, "REPLICAOF 127.0.0.1 1", "+OK\r\n");
    expect_reply(server, "SET k w", READONLY);
    expect_reply(server, "GET k", "$1\r\nv\r\n");
    expect_reply(server, "ROLE",
                 "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$7\r\nconnect\r\n:-1\r\n");
    expect_reply(server, "REPLICAOF NO ONE", "+OK\r\n");
    expect_reply(server, "SET k w", "+OK\r\n");
    expect_reply(server, "ROLE", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n");
}

static void the_directive_makes_a_replica_at_the_start(void **state)
{
    const char *const options[] = {"replicaof", "example.org 6380", NULL};
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, options);
    assert_string_equal(server.engine->replication.host, "example.org");
    assert_int_equal(server.engine->replication.port, 6380);
    expect_reply(&server, "SET k v", READONLY);
    server_fixture_close(&server);
}

static void a_reset_brings_the_start_back(void **state)
{
    struct server_fixture *server = *state;
    expect_reply(server, "REPLICAOF 127.0.0.1 1", "+OK\r\n");
    expect_reply(server, "MOCK RESET", "+OK\r\n");
    expect_reply(server, "CONFIG GET replicaof", "*2\r\n$9\r\nreplicaof\r\n$0\r\n\r\n");
    expect_reply(server, "SET k v", "+OK\r\n");
}

static void a_primary_that_was_a_replica_begins_a_history(void **state)
{
    struct server_fixture *server = *state;
    char first[REPLICATION_ID_SIZE + 1];
    struct replication *replication = &server->engine->replication;
    assert_int_equal(strlen(replication->id), REPLICATION_ID_SIZE);
    assert_int_equal(replication->former_offset, -1);
    memcpy(first, replication->id, sizeof first);
    expect_reply(server, "REPLICAOF NO ONE", "+OK\r\n");
    assert_string_equal(replication->id, first);
    expect_reply(server, "REPLICAOF 127.0.0.1 1", "+OK\r\n");
    assert_string_equal(replication->id, first);
    expect_reply(server, "REPLICAOF NO ONE", "+OK\r\n");
    assert_string_not_equal(replication->id, first);
    assert_string_equal(replication->former_id, first);
    assert_int_equal(replication->former_offset, 1);
    replication_begin_history(server->engine);
    assert_int_equal(replication->former_offset, -1);
}

static void a_cluster_has_no_replicaof(void **state)
{
    const char *const options[] = {"cluster-enabled", "yes", NULL};
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, options);
    expect_reply(&server, "REPLICAOF 127.0.0.1 1",
                 "-ERR REPLICAOF not allowed in cluster mode.\r\n");
    expect_reply(&server, "FAILOVER",
                 "-ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command "
                 "instead.\r\n");
    server_fixture_close(&server);
}

static void what_replicas_send_is_refused(void **state)
{
    struct server_fixture *server = *state;
    const char *refusal =
        "-ERR This server has no replicas: it is understudy, which copies nothing\r\n";
    expect_reply(server, "SYNC", refusal);
    expect_reply(server, "PSYNC ? -1", refusal);
    expect_reply(server, "REPLICAOF 127.0.0.1 1", "+OK\r\n");
    expect_reply(server, "PSYNC ? -1",
                 "-NOMASTERLINK Can't SYNC while not connected with my master\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(a_replica_takes_no_writes_until_it_is_one_no_more, NULL),
        cmocka_unit_test(the_directive_makes_a_replica_at_the_start),
        SERVER_TEST(a_reset_brings_the_start_back, NULL),
        SERVER_TEST(a_primary_that_was_a_replica_begins_a_history, NULL),
        cmocka_unit_test(a_cluster_has_no_replicaof),
        SERVER_TEST(what_replicas_send_is_refused, NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
