/* SPDX-License-Identifier: MIT */
/*
 * The in-process door: an engine and one session without sockets or event loop, that takes requests
 * on standard input and answers on standard output. Scenarios run through it show that the core
 * works without net, and what they cover runs under the sanitizers in one process.
 *
 *     inprocess_door [--name value]...
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/registry.h"
#include "controls/controls.h"
#include "controls/virtual_clock.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "resp/request_parser.h"
#include "script/interpreter.h"

static struct config *read_options(int argc, char **argv)
{
    struct config *config = config_new();
    for (int i = 1; i + 1 < argc; i += 2) {
        struct buffer error = {0};
        struct bytes words[2] = {bytes_of_string(argv[i] + 2), bytes_of_string(argv[i + 1])};
        if (!config_load(config, words, 2, &error)) {
            fprintf(stderr, "%.*s\n", (int)error.size, error.data);
            exit(1);
        }
    }
    return config;
}

static void write_all(struct buffer *output)
{
    size_t written = 0;
    while (written < output->size) {
        ssize_t count = write(STDOUT_FILENO, output->data + written, output->size - written);
        if (count <= 0)
            exit(1);
        written += (size_t)count;
    }
    output->size = 0;
}

/* Executes what is whole in `input` and takes it away. False when the session is to close. */
static bool execute_all(struct session *session, struct buffer *input, struct request *request)
{
    const struct request_limits limits = {
        .bulk_size = 512 << 20, .inline_size = 65536, .is_authenticated = true};
    size_t done = 0;
    enum request_status status;
    while ((status = request_parse(bytes_of(input->data + done, input->size - done), &limits,
                                   request)) == REQUEST_COMPLETE) {
        session_execute(session, request->argv, request->argc);
        done += request->consumed;
        if (session->flags & (SESSION_CLOSE_NOW | SESSION_CLOSE_AFTER_REPLY))
            return false;
    }
    if (status == REQUEST_INVALID) {
        session_protocol_error(session, request->error);
        return false;
    }
    buffer_consume(input, done);
    return true;
}

static void nothing(struct session *session)
{
    (void)session;
}

static void describe(const struct session *session, struct session_stream *stream)
{
    (void)session;
    *stream = (struct session_stream){.address = "127.0.0.1:0", .local_address = "127.0.0.1:0"};
}

int main(int argc, char **argv)
{
    static const struct session_transport transport = {.unblocked = nothing,
                                                       .output_ready = nothing,
                                                       .close_requested = nothing,
                                                       .describe = describe};
    struct virtual_clock clock;
    virtual_clock_init(&clock);
    struct engine_options options = {.families = command_families,
                                     .clock = &clock.clock,
                                     .config = read_options(argc, argv),
                                     .seed = 1};
    struct engine *engine = engine_new(&options);
    engine->virtual_clock = &clock;
    engine->interpreter = interpreter_new(engine);
    engine->controls = controls_new(engine);
    struct session *session = session_new(engine, &transport, NULL);
    struct request request = {0};
    struct buffer input = {0};
    bool is_open = true;
    while (is_open) {
        ssize_t count = read(STDIN_FILENO, buffer_reserve(&input, 65536), 65536);
        if (count <= 0)
            break;
        input.size += (size_t)count;
        is_open = execute_all(session, &input, &request);
        write_all(&session->output);
    }
    request_clear(&request);
    buffer_clear(&input);
    session_free(session);
    controls_free(engine->controls);
    interpreter_free(engine->interpreter);
    engine_free(engine);
    return 0;
}
