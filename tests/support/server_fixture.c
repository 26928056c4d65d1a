/* SPDX-License-Identifier: MIT */
#include "support/server_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "commands/registry.h"
#include "controls/controls.h"
#include "controls/snapshots.h"
#include "resp/request_parser.h"
#include "script/interpreter.h"

#define START_US 1704067200000000 /* 2024-01-01T00:00:00Z */

static bool config_changed(void *engine, enum config_id id, char *error, size_t size)
{
    (void)error;
    (void)size;
    engine_config_changed(engine, id);
    return true;
}

void server_fixture_open(struct server_fixture *server, const char *const *options)
{
    struct config *config = config_new();
    for (; options && options[0]; options += 2) {
        struct bytes words[2] = {bytes_of_string(options[0]), bytes_of_string(options[1])};
        struct buffer error = {0};
        CHECK(config_load(config, words, 2, &error));
    }
    virtual_clock_init(&server->clock);
    virtual_clock_freeze(&server->clock);
    virtual_clock_set(&server->clock, START_US);
    struct engine_options engine_options = {
        .families = command_families, .clock = &server->clock.clock, .config = config, .seed = 42};
    server->engine = engine_new(&engine_options);
    server->engine->virtual_clock = &server->clock;
    server->engine->interpreter = interpreter_new(server->engine);
    server->engine->controls = controls_new(server->engine);
    config_set_listener(config, (struct config_listener){server->engine, config_changed});
    server->session = server_fixture_session(server);
}

struct session *server_fixture_session(struct server_fixture *server)
{
    return session_new(server->engine, NULL, NULL);
}

void server_fixture_close(struct server_fixture *server)
{
    session_free(server->session);
    controls_free(server->engine->controls);
    snapshots_free_all(server->engine);
    interpreter_free(server->engine->interpreter);
    engine_free(server->engine);
}

const char *run_command(struct session *session, const char *line)
{
    struct request request = {0};
    CHECK(request_split_line(bytes_of_string(line), &request));
    session->output.size = 0;
    session_execute(session, request.argv, request.argc);
    request_clear(&request);
    *buffer_reserve(&session->output, 1) = '\0';
    return session->output.data;
}

void expect_reply_at(struct session *session, const char *line, const char *expected,
                     const char *file, int source_line)
{
    const char *reply = run_command(session, line);
    if (strcmp(reply, expected) == 0)
        return;
    print_error("%s\n  expected %s\n  got      %s\n", line, expected, reply);
    _fail(file, source_line);
}

int server_fixture_set_up(void **state)
{
    struct server_fixture *server = test_malloc(sizeof *server);
    server_fixture_open(server, *state);
    *state = server;
    return 0;
}

int server_fixture_tear_down(void **state)
{
    server_fixture_close(*state);
    test_free(*state);
    return 0;
}

void expect_success(struct server_fixture *server, const char *line)
{
    assert_true(run_command(server->session, line)[0] != '-');
}
