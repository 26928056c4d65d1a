/* SPDX-License-Identifier: MIT */
/*
 * One engine with a clock that stands still and sessions without connections, for unit tests.
 *
 *     static void a_claim(void **state)
 *     {
 *         struct server_fixture *server = *state;
 *         expect_reply(server, "SET k v", "+OK\r\n");
 *         virtual_clock_advance(&server->clock, 1000);
 *     }
 *     ... {SERVER_TEST(a_claim, NULL), ...}           // fails when something is left over
 */
#ifndef UNDERSTUDY_SUPPORT_SERVER_FIXTURE_H
#define UNDERSTUDY_SUPPORT_SERVER_FIXTURE_H

#include "controls/virtual_clock.h"
#include "engine/engine.h"
#include "engine/session.h"

struct server_fixture {
    struct virtual_clock clock; /* frozen at 2024-01-01T00:00:00Z */
    struct engine *engine;
    struct session *session; /* the one that expect_reply speaks through */
};

/* `options` is NULL or a list of "name", "value", ..., NULL. */
void server_fixture_open(struct server_fixture *server, const char *const *options);
void server_fixture_close(struct server_fixture *server);

/* A test of a group that has a server of its own, with such options: it is the test's state. */
#define SERVER_TEST(test, options)                                                                 \
    cmocka_unit_test_prestate_setup_teardown(test, server_fixture_set_up,                          \
                                             server_fixture_tear_down, (void *)(options))
int server_fixture_set_up(void **state); /* the options */
int server_fixture_tear_down(void **state);

/* Another client of the same engine; free it with session_free before closing. */
struct session *server_fixture_session(struct server_fixture *server);

/* The encoded reply to a command line (quoting as in redis-cli); terminated, valid until the
 * session's next command. */
const char *run_command(struct session *session, const char *line);

/* Fails the test, showing both, unless the reply is `expected`. */
#define expect_reply(server, line, expected)                                                       \
    expect_reply_at((server)->session, line, expected, __FILE__, __LINE__)
#define expect_session_reply(session, line, expected)                                              \
    expect_reply_at(session, line, expected, __FILE__, __LINE__)
void expect_reply_at(struct session *session, const char *line, const char *expected,
                     const char *file, int source_line);

/* Fails the test if the reply is an error. */
void expect_success(struct server_fixture *server, const char *line);

#endif
