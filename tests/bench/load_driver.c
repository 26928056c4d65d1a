/* SPDX-License-Identifier: MIT */
/*
 * Sends the same request over many connections, so many at a time to each, and prints how many were
 * answered in a second. It does next to nothing itself: requests are encoded once, replies are
 * counted by their size, which is that of the first.
 *
 *     load_driver PORT CLIENTS PIPELINE REQUESTS WORD...       prints e.g. 1234567
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/memory.h"

#define MOST_EVENTS 256

struct client {
    int fd;
    size_t unread; /* bytes of replies to what was sent */
};

struct load {
    struct buffer batch; /* the request, as often as the pipeline is deep */
    int pipeline;
    long left; /* requests not sent yet */
    size_t reply_size;
};

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("load_driver: connect");
        exit(1);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

static struct buffer encode(int argc, char **argv)
{
    struct buffer request = {0};
    buffer_append_format(&request, "*%d\r\n", argc);
    for (int i = 0; i < argc; i++)
        buffer_append_format(&request, "$%zu\r\n%s\r\n", strlen(argv[i]), argv[i]);
    return request;
}

static void send_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, data, size, 0);
        CHECK(sent > 0);
        data += sent;
        size -= (size_t)sent;
    }
}

/* Size of one reply: nothing more comes within a short while. */
static size_t measure_reply(int port, const struct buffer *request)
{
    char data[65536];
    int fd = connect_to(port);
    send_all(fd, request->data, request->size);
    ssize_t size = recv(fd, data, sizeof data, 0);
    CHECK(size > 0);
    if (data[0] == '-') {
        fprintf(stderr, "load_driver: the server answers %.*s", (int)size, data);
        exit(1);
    }
    struct timeval patience = {.tv_usec = 50000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t more;
    while ((more = recv(fd, data, sizeof data, 0)) > 0)
        size += more;
    close(fd);
    return (size_t)size;
}

static void send_batch(struct load *load, struct client *client)
{
    long count = load->pipeline < load->left ? load->pipeline : load->left;
    load->left -= count;
    client->unread = (size_t)count * load->reply_size;
    size_t request_size = load->batch.size / (size_t)load->pipeline;
    send_all(client->fd, load->batch.data, request_size * (size_t)count);
}

static double run(struct load *load, struct client *clients, int count)
{
    static char data[256 * 1024];
    struct epoll_event events[MOST_EVENTS];
    int epoll = epoll_create1(0);
    int busy = 0;
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event);
    }
    int64_t started = clock_monotonic_us();
    for (int i = 0; i < count && load->left; i++, busy++)
        send_batch(load, &clients[i]);
    while (busy > 0) {
        int ready = epoll_wait(epoll, events, MOST_EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;
            ssize_t size = recv(client->fd, data, sizeof data, 0);
            CHECK(size > 0 && (size_t)size <= client->unread);
            client->unread -= (size_t)size;
            if (client->unread == 0 && load->left)
                send_batch(load, client);
            else if (client->unread == 0)
                busy--;
        }
    }
    close(epoll);
    return (double)(clock_monotonic_us() - started) / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 6) {
        fputs("usage: load_driver PORT CLIENTS PIPELINE REQUESTS WORD...\n", stderr);
        return 1;
    }
    int port = atoi(argv[1]), count = atoi(argv[2]);
    long requests = atol(argv[4]);
    struct load load = {.pipeline = atoi(argv[3]), .left = requests};
    struct buffer request = encode(argc - 5, argv + 5);
    load.reply_size = measure_reply(port, &request);
    for (int i = 0; i < load.pipeline; i++)
        buffer_append_bytes(&load.batch, buffer_bytes(&request));
    struct client *clients = memory_zeroed((size_t)count * sizeof *clients);
    for (int i = 0; i < count; i++)
        clients[i].fd = connect_to(port);
    printf("%.0f\n", (double)requests / run(&load, clients, count));
    memory_free(clients);
    buffer_clear(&load.batch);
    buffer_clear(&request);
    return 0;
}
