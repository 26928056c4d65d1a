/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/server_fixture.h"

#define MESSAGE(channel, text) "*3\r\n$7\r\nmessage\r\n" channel text

/* What the session has got since its last command, terminated; and forgets it. */
static const char *take_output(struct session *session)
{
    *buffer_reserve(&session->output, 1) = '\0';
    session->output.size = 0;
    return session->output.data;
}

static size_t topics(const struct server_fixture *server, enum pubsub_kind kind)
{
    return pubsub_topic_count(&server->engine->pubsub, kind);
}

static void a_message_reaches_subscribers_of_its_channel_then_of_patterns(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *other = server_fixture_session(&server);
    expect_session_reply(other, "PSUBSCRIBE c*", "*3\r\n$10\r\npsubscribe\r\n$2\r\nc*\r\n:1\r\n");
    expect_session_reply(other, "SUBSCRIBE c", "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:2\r\n");
    take_output(other);
    expect_reply(&server, "PUBLISH c m", ":2\r\n");
    assert_string_equal(
        take_output(other),
        MESSAGE("$1\r\nc\r\n",
                "$1\r\nm\r\n") "*4\r\n$8\r\npmessage\r\n$2\r\nc*\r\n$1\r\nc\r\n$1\r\nm\r\n");
    expect_reply(&server, "PUBLISH d m", ":0\r\n");
    assert_string_equal(take_output(other), "");
    session_free(other);
    server_fixture_close(&server);
}

static void shard_channels_are_a_world_of_their_own(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *other = server_fixture_session(&server);
    expect_session_reply(other, "SSUBSCRIBE c", "*3\r\n$10\r\nssubscribe\r\n$1\r\nc\r\n:1\r\n");
    expect_session_reply(other, "PSUBSCRIBE *", "*3\r\n$10\r\npsubscribe\r\n$1\r\n*\r\n:1\r\n");
    take_output(other);
    expect_reply(&server, "SPUBLISH c m", ":1\r\n");
    assert_string_equal(take_output(other), "*3\r\n$8\r\nsmessage\r\n$1\r\nc\r\n$1\r\nm\r\n");
    expect_reply(&server, "PUBLISH c m", ":1\r\n");
    session_free(other);
    server_fixture_close(&server);
}

static void a_session_that_goes_leaves_no_subscription(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *other = server_fixture_session(&server);
    run_command(other, "SUBSCRIBE a b c");
    run_command(other, "PSUBSCRIBE a* b*");
    run_command(other, "SSUBSCRIBE a");
    run_command(server.session, "SUBSCRIBE b");
    assert_int_equal(topics(&server, PUBSUB_CHANNEL), 3);
    session_free(other);
    assert_int_equal(topics(&server, PUBSUB_CHANNEL), 1);
    assert_int_equal(topics(&server, PUBSUB_PATTERN), 0);
    assert_int_equal(topics(&server, PUBSUB_SHARD), 0);
    assert_int_equal(pubsub_subscribers(&server.engine->pubsub, PUBSUB_CHANNEL, BYTES_LITERAL("b")),
                     1);
    server_fixture_close(&server);
}

static void reset_ends_subscriptions_and_monitoring(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    run_command(server.session, "MONITOR");
    run_command(server.session, "SUBSCRIBE a");
    assert_non_null(server.session->subscriptions);
    expect_reply(&server, "RESET", "+RESET\r\n");
    assert_null(server.session->subscriptions);
    assert_int_equal(list_count(&server.engine->monitors), 0);
    expect_reply(&server, "PING", "+PONG\r\n");
    server_fixture_close(&server);
}

static void names_may_be_of_any_bytes_and_empty(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, NULL);
    struct session *other = server_fixture_session(&server);
    expect_session_reply(other, "SUBSCRIBE \"\" \"a\\x00b\"",
                         "*3\r\n$9\r\nsubscribe\r\n$0\r\n\r\n:1\r\n"
                         "*3\r\n$9\r\nsubscribe\r\n$3\r\na");
    expect_reply(&server, "PUBLISH \"a\\x00b\" m", ":1\r\n");
    expect_reply(&server, "PUBLISH \"\" m", ":1\r\n");
    expect_reply(&server, "PUBLISH a m", ":0\r\n");
    session_free(other);
    server_fixture_close(&server);
}

static void many_subscriptions_end_one_by_one(void **state)
{
    struct server_fixture server;
    char name[32];
    (void)state;
    server_fixture_open(&server, NULL);
    for (int i = 0; i < 1000; i++) {
        struct bytes channel = bytes_of(name, (size_t)snprintf(name, sizeof name, "channel%d", i));
        assert_true(pubsub_subscribe(server.session, PUBSUB_CHANNEL, channel));
        assert_false(pubsub_subscribe(server.session, PUBSUB_CHANNEL, channel));
    }
    assert_int_equal(pubsub_count(server.session, PUBSUB_CHANNEL), 1000);
    for (int i = 999; i >= 0; i--) {
        struct bytes channel = bytes_of(name, (size_t)snprintf(name, sizeof name, "channel%d", i));
        assert_true(pubsub_unsubscribe(server.session, PUBSUB_CHANNEL, channel));
        assert_false(pubsub_unsubscribe(server.session, PUBSUB_CHANNEL, channel));
    }
    assert_null(server.session->subscriptions);
    server_fixture_close(&server);
}

static void a_push_waits_behind_the_answer_since_7_2(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *[]){"emulate", "7.2", NULL});
    run_command(server.session, "HELLO 3");
    run_command(server.session, "SUBSCRIBE c");
    expect_reply(&server, "PUBLISH c m", ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n");
    server_fixture_close(&server);
    server_fixture_open(&server, (const char *[]){"emulate", "7.0", NULL});
    run_command(server.session, "HELLO 3");
    run_command(server.session, "SUBSCRIBE c");
    expect_reply(&server, "PUBLISH c m", ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n:1\r\n");
    server_fixture_close(&server);
}

static void a_key_expires_with_an_event_at_its_millisecond(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *[]){"notify-keyspace-events", "Ex", NULL});
    struct session *other = server_fixture_session(&server);
    run_command(other, "SUBSCRIBE __keyevent@0__:expired");
    take_output(other);
    run_command(server.session, "SET k v PX 100");
    virtual_clock_advance(&server.clock, 99);
    engine_tick(server.engine);
    assert_string_equal(take_output(other), "");
    virtual_clock_advance(&server.clock, 1);
    engine_tick(server.engine);
    assert_string_equal(take_output(other),
                        MESSAGE("$22\r\n__keyevent@0__:expired\r\n", "$1\r\nk\r\n"));
    session_free(other);
    server_fixture_close(&server);
}

static void classes_without_a_channel_announce_nothing(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *[]){"notify-keyspace-events", "Anm", NULL});
    assert_int_equal(server.engine->announced, 0);
    assert_null(server.engine->keyspace.listener.added);
    server_fixture_close(&server);
    server_fixture_open(&server, (const char *[]){"notify-keyspace-events", "Kn", NULL});
    assert_non_null(server.engine->keyspace.listener.added);
    server_fixture_close(&server);
}

static void subscribed_resp2_sessions_may_do_little(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *[]){"emulate", "6.2", NULL});
    run_command(server.session, "SUBSCRIBE c");
    expect_reply(&server, "GET k",
                 "-ERR Can't execute 'get': only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT / "
                 "RESET are allowed in this context\r\n");
    expect_reply(&server, "PING", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    run_command(server.session, "UNSUBSCRIBE");
    expect_reply(&server, "GET k", "$-1\r\n");
    server_fixture_close(&server);
}

static void a_monitor_sees_no_secret(void **state)
{
    struct server_fixture server;
    (void)state;
    server_fixture_open(&server, (const char *[]){"requirepass", "secret", NULL});
    struct session *other = server_fixture_session(&server);
    run_command(other, "MONITOR");
    take_output(other);
    run_command(server.session, "HELLO 3 AUTH default secret SETNAME me");
    assert_string_equal(take_output(other),
                        "+1704067200.000000 [0 ?:0] \"HELLO\" \"3\" \"AUTH\" \"(redacted)\" "
                        "\"(redacted)\" \"SETNAME\" \"me\"\r\n");
    session_free(other);
    server_fixture_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_reaches_subscribers_of_its_channel_then_of_patterns),
        cmocka_unit_test(shard_channels_are_a_world_of_their_own),
        cmocka_unit_test(a_session_that_goes_leaves_no_subscription),
        cmocka_unit_test(reset_ends_subscriptions_and_monitoring),
        cmocka_unit_test(names_may_be_of_any_bytes_and_empty),
        cmocka_unit_test(many_subscriptions_end_one_by_one),
        cmocka_unit_test(a_push_waits_behind_the_answer_since_7_2),
        cmocka_unit_test(a_key_expires_with_an_event_at_its_millisecond),
        cmocka_unit_test(classes_without_a_channel_announce_nothing),
        cmocka_unit_test(subscribed_resp2_sessions_may_do_little),
        cmocka_unit_test(a_monitor_sees_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
