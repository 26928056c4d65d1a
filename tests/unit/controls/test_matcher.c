/* SPDX-License-Identifier: MIT */
#include "controls/matcher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resp/request_parser.h"
#include "support/server_fixture.h"

/* Whether the options fit a command line of the fixture's session. */
static bool fits(struct server_fixture *server, const struct matcher_options *options,
                 const char *line)
{
    struct request request = {0};
    struct matcher matcher;
    assert_true(request_split_line(bytes_of_string(line), &request));
    const struct matcher_subject subject = {
        .client = server->session,
        .state = engine_find_command(server->engine, request.argv[0],
                                     request.argc > 1 ? &request.argv[1] : NULL),
        .argv = request.argv,
        .argc = request.argc};
    matcher_init(&matcher, options);
    bool accepts = matcher_accepts(&matcher, &subject);
    matcher_clear(&matcher);
    request_clear(&request);
    return accepts;
}

static void no_condition_fits_everything_but_mock(void **state)
{
    struct server_fixture *server = *state;
    struct matcher_options options = matcher_no_options();
    assert_true(fits(server, &options, "PING"));
    assert_true(fits(server, &options, "CLIENT LIST"));
    assert_false(fits(server, &options, "MOCK RESET"));
}

static void all_conditions_must_hold(void **state)
{
    struct server_fixture *server = *state;
    struct matcher_options options = matcher_no_options();
    options.command = BYTES_LITERAL("SE?");
    options.key = BYTES_LITERAL("lock:*");
    assert_true(fits(server, &options, "set lock:1 v"));
    assert_false(fits(server, &options, "set other v"));
    assert_false(fits(server, &options, "get lock:1"));
    options.client = BYTES_LITERAL("worker");
    assert_false(fits(server, &options, "set lock:1 v"));
    run_command(server->session, "CLIENT SETNAME worker");
    assert_true(fits(server, &options, "set lock:1 v"));
    options.client_id = server->session->id + 1;
    assert_false(fits(server, &options, "set lock:1 v"));
}

static void keys_are_those_that_the_command_says_it_has(void **state)
{
    struct server_fixture *server = *state;
    struct matcher_options options = matcher_no_options();
    options.key = BYTES_LITERAL("b");
    assert_true(fits(server, &options, "MSET a 1 b 2"));
    assert_false(fits(server, &options, "MSET a b"));
    assert_true(fits(server, &options, "XREAD STREAMS a b 0 0"));
    assert_true(fits(server, &options, "SORT a STORE b"));
    assert_false(fits(server, &options, "PING b"));
}

static void star_fits_the_empty_text(void **state)
{
    (void)state;
    assert_true(matcher_glob(BYTES_LITERAL("*"), BYTES_LITERAL("")));
    assert_true(matcher_glob(BYTES_LITERAL(""), BYTES_LITERAL("any")));
    assert_false(matcher_glob(BYTES_LITERAL("a*"), BYTES_LITERAL("")));
}

static void those_beyond_skip_are_taken_so_many_times(void **state)
{
    struct matcher_options options = matcher_no_options();
    struct matcher matcher;
    struct random random;
    (void)state;
    random_seed(&random, 1);
    options.skip = 2;
    options.times = 1;
    matcher_init(&matcher, &options);
    assert_false(matcher_takes(&matcher, &random));
    assert_false(matcher_takes(&matcher, &random));
    assert_true(matcher_takes(&matcher, &random));
    assert_false(matcher_takes(&matcher, &random));
    assert_int_equal(matcher.seen, 4);
    assert_int_equal(matcher.hits, 1);
    matcher_clear(&matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(no_condition_fits_everything_but_mock, NULL),
        SERVER_TEST(all_conditions_must_hold, NULL),
        SERVER_TEST(keys_are_those_that_the_command_says_it_has, NULL),
        cmocka_unit_test(star_fits_the_empty_text),
        cmocka_unit_test(those_beyond_skip_are_taken_so_many_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
