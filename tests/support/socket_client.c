/* SPDX-License-Identifier: MIT */
#include "support/socket_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cmocka.h>

#define PATIENCE_SECONDS 60
#define LONGEST_EXPECTED 4096

static int connect_to(int family, const void *address, socklen_t size)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (connect(fd, address, size) != 0)
        fail_msg("cannot connect: %s", strerror(errno));
    return fd;
}

int socket_client_connect(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = connect_to(AF_INET, &address, sizeof address);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

int socket_client_connect_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return connect_to(AF_UNIX, &address, sizeof address);
}

void socket_client_send_bytes(int fd, const void *data, size_t size)
{
    const char *rest = data;
    while (size > 0) {
        ssize_t sent = send(fd, rest, size, MSG_NOSIGNAL);
        if (sent <= 0)
            fail_msg("cannot send: %s", strerror(errno));
        rest += sent;
        size -= (size_t)sent;
    }
}

void socket_client_send(int fd, const char *text)
{
    socket_client_send_bytes(fd, text, strlen(text));
}

size_t socket_client_read(int fd, char *data, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t received = recv(fd, data + got, size - got, 0);
        if (received < 0 && errno != ECONNRESET)
            fail_msg("cannot receive: %s", strerror(errno));
        if (received <= 0)
            break;
        got += (size_t)received;
    }
    return got;
}

void socket_client_expect_at(int fd, const char *expected, const char *file, int line)
{
    char text[LONGEST_EXPECTED + 1];
    size_t size = strlen(expected);
    assert_true(size <= LONGEST_EXPECTED);
    text[socket_client_read(fd, text, size)] = '\0';
    if (strcmp(text, expected) != 0) {
        print_error("got      \"%s\"\nexpected \"%s\"\n", text, expected);
        _fail(file, line);
    }
}

bool socket_client_is_at_end(int fd)
{
    char byte;
    return socket_client_read(fd, &byte, 1) == 0;
}
