/* SPDX-License-Identifier: MIT */
/*
 * A client over a real socket, for unit tests of the outer parts: it blocks, and fails the test
 * when nothing comes for twenty seconds.
 *
 *     int fd = socket_client_connect(understudy_port(server));
 *     socket_client_send(fd, "PING\r\n");
 *     socket_client_expect(fd, "+PONG\r\n");
 *     close(fd);
 */
#ifndef UNDERSTUDY_SUPPORT_SOCKET_CLIENT_H
#define UNDERSTUDY_SUPPORT_SOCKET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

int socket_client_connect(int port);
int socket_client_connect_unix(const char *path);

void socket_client_send(int fd, const char *text);
void socket_client_send_bytes(int fd, const void *data, size_t size);

/* Reads `size` bytes, fewer when the server closes before; returns how many. */
size_t socket_client_read(int fd, char *data, size_t size);

/* Fails the test, showing both, unless exactly this text comes next. */
#define socket_client_expect(fd, expected) socket_client_expect_at(fd, expected, __FILE__, __LINE__)
void socket_client_expect_at(int fd, const char *expected, const char *file, int line);

/* Whether the server has closed, and nothing more comes. */
bool socket_client_is_at_end(int fd);

#endif
