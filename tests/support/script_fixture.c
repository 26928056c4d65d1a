/* SPDX-License-Identifier: MIT */
#include "support/script_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"

int script_fixture_setup(void **state)
{
    struct server_fixture *server = memory_allocate(sizeof *server);
    server_fixture_open(server, (const char *const[]){"emulate", "7.0", NULL});
    *state = server;
    return 0;
}

int script_fixture_teardown(void **state)
{
    server_fixture_close(*state);
    memory_free(*state);
    return 0;
}

const char *script_fixture_eval_bytes(struct server_fixture *server, struct bytes script)
{
    struct bytes argv[] = {BYTES_LITERAL("EVAL"), script, BYTES_LITERAL("0")};
    struct buffer *output = &server->session->output;
    output->size = 0;
    session_execute(server->session, argv, 3);
    buffer_append_byte(output, '\0');
    output->size--;
    return output->data;
}

const char *script_fixture_eval(struct server_fixture *server, const char *script)
{
    return script_fixture_eval_bytes(server, bytes_of_string(script));
}

static void fail_at(const char *script, const char *reply, const char *file, int line)
{
    print_error("%.2000s: %.2000s\n", script, reply);
    _fail(file, line);
}

void expect_true_at(struct server_fixture *server, const char *expression, const char *file,
                    int line)
{
    struct buffer script = {0};
    buffer_append_format(&script, "return (%s) and 'yes' or 'no'", expression);
    const char *reply = script_fixture_eval_bytes(server, buffer_bytes(&script));
    buffer_clear(&script);
    if (strcmp(reply, "$3\r\nyes\r\n") != 0)
        fail_at(expression, reply, file, line);
}

void expect_error_at(struct server_fixture *server, const char *script, const char *error,
                     const char *file, int line)
{
    const char *reply = script_fixture_eval(server, script);
    if (reply[0] != '-' || !strstr(reply, error))
        fail_at(script, reply, file, line);
}
