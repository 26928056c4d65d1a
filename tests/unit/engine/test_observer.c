/* SPDX-License-Identifier: MIT */
#include "engine/observer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/blocking.h"
#include "support/server_fixture.h"

/* What was seen: a line of letters and names. */
struct witness {
    struct observer observer;
    struct buffer seen;
    const char *answers; /* in the place of the command of this name */
    struct list holder;
    bool holds;
};

static const char *seen_by(struct witness *witness)
{
    *buffer_reserve(&witness->seen, 1) = '\0';
    witness->seen.size = 0;
    return witness->seen.data;
}

static bool arrives(void *context, struct session *session, const struct command_state *state,
                    const struct bytes *argv, int argc)
{
    struct witness *witness = context;
    buffer_append_format(&witness->seen, "?%s ", state->name);
    if (!witness->holds || session->passed.gate)
        return false;
    session->passed.gate = 1;
    blocking_hold(session, argv, argc, &witness->holder, KEYSPACE_NEVER);
    return true;
}

static bool before(void *context, struct call *call)
{
    struct witness *witness = context;
    buffer_append_format(&witness->seen, "<%s ", call->state->name);
    if (!witness->answers || strcmp(witness->answers, call->state->name) != 0)
        return true;
    reply_error(call->reply, "ERR instead");
    return false;
}

static void after(void *context, const struct call *call, int64_t duration_us)
{
    struct witness *witness = context;
    assert_true(duration_us >= 0);
    buffer_append_format(&witness->seen, blocking_is_waiting(call->session) ? "~%s " : ">%s ",
                         call->state->name);
}

static void announced(void *context, const struct call *call, enum announce_class class,
                      const char *event, struct bytes key)
{
    struct witness *witness = context;
    (void)call;
    (void)class;
    buffer_append_format(&witness->seen, "%s:%.*s ", event, BYTES_PRINT(key));
}

static void open_watched(struct server_fixture *server, struct witness *witness)
{
    server_fixture_open(server, NULL);
    *witness = (struct witness){.observer = {.context = witness,
                                             .arrives = arrives,
                                             .before = before,
                                             .after = after,
                                             .announced = announced}};
    observer_add(server->engine, &witness->observer);
}

static void close_watched(struct server_fixture *server, struct witness *witness)
{
    observer_remove(server->engine, &witness->observer);
    observer_remove(server->engine, &witness->observer); /* does nothing */
    buffer_clear(&witness->seen);
    server_fixture_close(server);
}

static void command_is_seen_from_arrival_to_end(void **state)
{
    struct server_fixture server;
    struct witness witness;
    (void)state;
    open_watched(&server, &witness);
    run_command(server.session, "SET k v");
    assert_string_equal(seen_by(&witness), "?set <set set:k >set ");
    close_watched(&server, &witness);
}

static void what_scripts_and_transactions_run_has_no_arrival(void **state)
{
    struct server_fixture server;
    struct witness witness;
    (void)state;
    open_watched(&server, &witness);
    run_command(server.session, "EVAL \"return redis.call('get', 'k')\" 0");
    assert_string_equal(seen_by(&witness), "?eval <eval <get >get >eval ");
    run_command(server.session, "MULTI");
    run_command(server.session, "GET k");
    seen_by(&witness);
    run_command(server.session, "EXEC");
    assert_string_equal(seen_by(&witness), "?exec <exec <get >get >exec ");
    close_watched(&server, &witness);
}

static void answer_comes_in_the_place_of_the_command(void **state)
{
    struct server_fixture server;
    struct witness witness;
    (void)state;
    open_watched(&server, &witness);
    witness.answers = "set";
    expect_reply(&server, "SET k v", "-ERR instead\r\n");
    assert_string_equal(seen_by(&witness), "?set <set >set ");
    expect_reply(&server, "EXISTS k", ":0\r\n");
    close_watched(&server, &witness);
}

static void request_that_is_held_is_run_later(void **state)
{
    struct server_fixture server;
    struct witness witness;
    (void)state;
    open_watched(&server, &witness);
    witness.holds = true;
    expect_reply(&server, "SET k v", "");
    assert_string_equal(seen_by(&witness), "?set ");
    blocking_release_all(&witness.holder);
    assert_string_equal(seen_by(&witness), "?set <set set:k >set ");
    assert_int_equal(server.session->passed.gate, 0);
    close_watched(&server, &witness);
}

static void one_that_waits_is_told_of_again_when_it_answers(void **state)
{
    struct server_fixture server;
    struct witness witness;
    (void)state;
    open_watched(&server, &witness);
    run_command(server.session, "BLPOP k 1");
    assert_string_equal(seen_by(&witness), "?blpop <blpop ~blpop ");
    virtual_clock_advance(&server.clock, 1000);
    engine_tick(server.engine);
    assert_string_equal(seen_by(&witness), ">blpop ");
    struct session *other = server_fixture_session(&server);
    run_command(server.session, "BLPOP k 1");
    seen_by(&witness);
    run_command(other, "RPUSH k a");
    assert_string_equal(seen_by(&witness), "?rpush <rpush rpush:k >rpush lpop:k del:k >blpop ");
    session_free(other);
    close_watched(&server, &witness);
}

static void one_that_comes_first_sees_what_others_answer(void **state)
{
    struct server_fixture server;
    struct witness witness, first;
    (void)state;
    open_watched(&server, &witness);
    witness.answers = "get";
    first =
        (struct witness){.observer = {.context = &first, .before = before, .comes_first = true}};
    observer_add(server.engine, &first.observer);
    run_command(server.session, "GET k");
    assert_string_equal(seen_by(&first), "<get ");
    observer_remove(server.engine, &first.observer);
    buffer_clear(&first.seen);
    close_watched(&server, &witness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_is_seen_from_arrival_to_end),
        cmocka_unit_test(what_scripts_and_transactions_run_has_no_arrival),
        cmocka_unit_test(answer_comes_in_the_place_of_the_command),
        cmocka_unit_test(request_that_is_held_is_run_later),
        cmocka_unit_test(one_that_waits_is_told_of_again_when_it_answers),
        cmocka_unit_test(one_that_comes_first_sees_what_others_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
