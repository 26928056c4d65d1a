/* SPDX-License-Identifier: MIT */
#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/socket_client.h"
#include "understudy.h"

static struct understudy *start(void)
{
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = understudy_new(NULL, error);
    if (!server || !understudy_start(server, error))
        fail_msg("%s", error);
    return server;
}

/* A port that was free a moment ago. */
static int free_port(void)
{
    struct understudy *server = understudy_new(NULL, (char[UNDERSTUDY_ERROR_SIZE]){0});
    int port = understudy_port(server);
    understudy_free(server);
    return port;
}

static void set_port(int client, int port)
{
    char line[64];
    snprintf(line, sizeof line, "CONFIG SET port %d\r\n", port);
    socket_client_send(client, line);
}

/* The new port. Another program may take it first, so there are several attempts. */
static int move_to_free_port(int client)
{
    for (int attempt = 0; attempt < 20; attempt++) {
        int port = free_port();
        char answer[256];
        size_t size = 0;
        set_port(client, port);
        do
            assert_int_equal(socket_client_read(client, &answer[size], 1), 1);
        while (answer[size++] != '\n' && size < sizeof answer);
        if (answer[0] == '+')
            return port;
    }
    fail_msg("no port is free");
    return 0;
}

static void expect_service(int port)
{
    int client = socket_client_connect(port);
    socket_client_send(client, "PING\r\n");
    socket_client_expect(client, "+PONG\r\n");
    close(client);
}

static void port_may_move_while_it_serves(void **state)
{
    (void)state;
    struct understudy *server = start();
    int client = socket_client_connect(understudy_port(server));
    expect_service(move_to_free_port(client));
    socket_client_send(client, "PING\r\n");
    socket_client_expect(client, "+PONG\r\n");
    close(client);
    understudy_free(server);
}

static void port_that_is_taken_leaves_the_old_one(void **state)
{
    (void)state;
    struct understudy *server = start(), *other = start();
    int client = socket_client_connect(understudy_port(server));
    set_port(client, understudy_port(other));
    socket_client_expect(client, "-ERR CONFIG SET failed (possibly related to argument 'port')");
    close(client);
    expect_service(understudy_port(server));
    understudy_free(server);
    understudy_free(other);
}

static void reset_moves_it_back(void **state)
{
    (void)state;
    struct understudy *server = start();
    int client = socket_client_connect(understudy_port(server));
    move_to_free_port(client);
    socket_client_send(client, "MOCK RESET\r\n");
    socket_client_expect(client, "+OK\r\n");
    close(client);
    expect_service(understudy_port(server));
    understudy_free(server);
}

static void stop_before_the_start_ends_it_at_once(void **state)
{
    (void)state;
    char error[UNDERSTUDY_ERROR_SIZE];
    struct understudy *server = understudy_new(NULL, error);
    assert_non_null(server);
    understudy_stop(server);
    understudy_run(server);
    understudy_free(server);
    server = understudy_new(NULL, error);
    assert_non_null(server);
    understudy_stop(server);
    assert_true(understudy_start(server, error));
    understudy_free(server);
}

static void several_hundred_clients_are_served_at_once(void **state)
{
    (void)state;
    enum { CLIENTS = 300 };
    struct understudy *server = start();
    int clients[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = socket_client_connect(understudy_port(server));
    for (int i = 0; i < CLIENTS; i++)
        socket_client_send(clients[i], "INCR n\r\nPING\r\n");
    for (int i = 0; i < CLIENTS; i++) {
        char digit;
        do
            assert_int_equal(socket_client_read(clients[i], &digit, 1), 1);
        while (digit != '\n');
        socket_client_expect(clients[i], "+PONG\r\n");
    }
    socket_client_send(clients[0], "GET n\r\n");
    socket_client_expect(clients[0], "$3\r\n300\r\n");
    for (int i = 0; i < CLIENTS; i++)
        close(clients[i]);
    understudy_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(port_may_move_while_it_serves),
        cmocka_unit_test(port_that_is_taken_leaves_the_old_one),
        cmocka_unit_test(reset_moves_it_back),
        cmocka_unit_test(stop_before_the_start_ends_it_at_once),
        cmocka_unit_test(several_hundred_clients_are_served_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
