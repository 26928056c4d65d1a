/* SPDX-License-Identifier: MIT */
/*
 * Scripts sent to a server that emulates 7.0, the oracle's version, for unit tests.
 *
 *     cmocka_unit_test_setup_teardown(claim, script_fixture_setup, script_fixture_teardown)
 *
 *     static void claim(void **state)
 *     {
 *         expect_true(*state, "1 + 1 == 2");
 *         expect_error(*state, "return {} + 1", "attempt to perform arithmetic");
 *     }
 */
#ifndef UNDERSTUDY_SUPPORT_SCRIPT_FIXTURE_H
#define UNDERSTUDY_SUPPORT_SCRIPT_FIXTURE_H

#include "support/server_fixture.h"

/* *state becomes a struct server_fixture, which the teardown closes. */
int script_fixture_setup(void **state);
int script_fixture_teardown(void **state);

/* The encoded reply to EVAL script 0; terminated, valid until the session's next command. */
const char *script_fixture_eval(struct server_fixture *server, const char *script);
const char *script_fixture_eval_bytes(struct server_fixture *server, struct bytes script);

/* Fails the test, showing expression and reply, unless the Lua expression is true. */
#define expect_true(server, expression) expect_true_at(server, expression, __FILE__, __LINE__)
void expect_true_at(struct server_fixture *server, const char *expression, const char *file,
                    int line);

/* Fails the test unless the script ends in an error that contains the text. */
#define expect_error(server, script, error)                                                        \
    expect_error_at(server, script, error, __FILE__, __LINE__)
void expect_error_at(struct server_fixture *server, const char *script, const char *error,
                     const char *file, int line);

#endif
