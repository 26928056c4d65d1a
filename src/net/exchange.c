/* SPDX-License-Identifier: MIT */
#include "net/exchange.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define READ_SIZE 16384

/* Whether the socket is ready for `events` before the deadline (clock_monotonic_us). */
static bool await(int fd, short events, int64_t deadline_us)
{
    for (;;) {
        int64_t left_us = deadline_us - clock_monotonic_us();
        if (left_us <= 0)
            return false;
        int64_t left_ms = (left_us + 999) / 1000;
        struct pollfd poll_fd = {.fd = fd, .events = events};
        int ready = poll(&poll_fd, 1, left_ms < INT32_MAX ? (int)left_ms : INT32_MAX);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

static int64_t deadline_of(const struct engine_exchange *exchange)
{
    int64_t wait_us, deadline_us;
    if (__builtin_mul_overflow(exchange->timeout_ms, 1000, &wait_us) ||
        __builtin_add_overflow(clock_monotonic_us(), wait_us, &deadline_us))
        return INT64_MAX;
    return deadline_us;
}

/* A socket that connects, or -1. One that is refused is ready too: writing to it will fail. */
static int start_connecting(const struct engine_exchange *exchange)
{
    char port[8];
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    snprintf(port, sizeof port, "%u", (unsigned)exchange->port);
    if (getaddrinfo(exchange->host, port, &hints, &addresses) != 0)
        return -1;
    int fd = -1;
    for (const struct addrinfo *at = addresses; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        bool is_refused = fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) < 0 &&
                          errno != EINPROGRESS && at->ai_next;
        if (is_refused) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(addresses);
    return fd;
}

static bool write_all(int fd, struct bytes data, int64_t deadline_us)
{
    while (data.size) {
        ssize_t written = send(fd, data.data, data.size, MSG_NOSIGNAL);
        if (written > 0)
            data = bytes_of(data.data + written, data.size - (size_t)written);
        else if (errno != EINTR && (errno != EAGAIN || !await(fd, POLLOUT, deadline_us)))
            return false;
    }
    return true;
}

static bool read_lines(int fd, size_t lines, int64_t deadline_us, struct buffer *answer)
{
    while (lines) {
        char *place = buffer_reserve(answer, READ_SIZE);
        ssize_t count = recv(fd, place, READ_SIZE, 0);
        if (count == 0)
            return false;
        if (count < 0 && errno != EINTR && (errno != EAGAIN || !await(fd, POLLIN, deadline_us)))
            return false;
        for (ssize_t i = 0; i < count; i++)
            lines -= lines && place[i] == '\n';
        answer->size += count > 0 ? (size_t)count : 0;
    }
    return true;
}

enum engine_exchange_result exchange_run(const struct engine_exchange *exchange,
                                         struct buffer *answer)
{
    enum engine_exchange_result result = EXCHANGE_DONE;
    int fd = start_connecting(exchange);
    if (fd < 0)
        return EXCHANGE_NOT_CONNECTED;
    if (!await(fd, POLLOUT, deadline_of(exchange)))
        result = EXCHANGE_NOT_CONNECTED;
    else if (!write_all(fd, exchange->request, deadline_of(exchange)))
        result = EXCHANGE_NOT_WRITTEN;
    else if (!read_lines(fd, exchange->lines, deadline_of(exchange), answer))
        result = EXCHANGE_NOT_READ;
    close(fd);
    return result;
}
