/* SPDX-License-Identifier: MIT */
#include "net/listener.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"
#include "base/memory.h"
#include "net/connection.h"

struct listener {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;              /* first */
    struct turn *turn; /* borrowed */
    char *address;     /* owned */
    int port;
    bool is_tls;
    bool is_held;
};

static void free_listener(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    memory_free(listener->address);
    memory_free(listener);
}

static struct listener *new_listener(struct turn *turn, const char *address, bool is_unix)
{
    struct listener *listener = memory_zeroed(sizeof *listener);
    listener->turn = turn;
    listener->address = bytes_to_string(bytes_of_string(address));
    if (is_unix)
        CHECK(uv_pipe_init(turn->uv, &listener->uv.pipe, 0) == 0);
    else
        CHECK(uv_tcp_init(turn->uv, &listener->uv.tcp) == 0);
    listener->uv.handle.data = listener;
    return listener;
}

/* When the callback leaves a connection where it is, libuv stops accepting until it is taken. */
static void on_connection(uv_stream_t *server, int status)
{
    struct listener *listener = server->data;
    if (status < 0)
        return;
    if (listener->turn->accepted++ < TURN_ACCEPTS)
        connection_accept(listener->turn, server, listener->is_tls);
    else
        listener->is_held = true;
}

void listener_resume(struct listener *listener)
{
    if (!listener->is_held)
        return;
    listener->is_held = false;
    connection_accept(listener->turn, &listener->uv.stream, listener->is_tls);
}

/* The first address that the host stands for, in numbers; a name stands for one of IPv4, as in
 * Redis. 0, or an error of getaddrinfo. */
static int resolve(const char *host, int port, struct sockaddr_storage *address)
{
    if (strcmp(host, "*") == 0)
        host = "0.0.0.0";
    else if (strcmp(host, "::*") == 0)
        host = "::";
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)address) == 0 ||
        uv_ip6_addr(host, port, (struct sockaddr_in6 *)address) == 0)
        return 0;
    struct addrinfo hints = {
        .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found;
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    int status = getaddrinfo(host, service, &hints, &found);
    if (status != 0)
        return status;
    memcpy(address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

static int bound_port(const struct listener *listener)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    if (uv_tcp_getsockname(&listener->uv.tcp, (struct sockaddr *)&address, &size) != 0)
        return 0;
    return address.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&address)->sin6_port)
                                         : ntohs(((const struct sockaddr_in *)&address)->sin_port);
}

static enum listener_problem problem_of(int status)
{
    switch (status) {
    case UV_EADDRINUSE:
        return LISTENER_TAKEN;
    case UV_EADDRNOTAVAIL:
    case UV_EAFNOSUPPORT:
    case UV_ENOPROTOOPT:
    case UV_EPROTONOSUPPORT:
    case UV_ESOCKTNOSUPPORT:
        return LISTENER_ABSENT;
    default:
        return LISTENER_WRONG;
    }
}

struct listener *listener_new_tcp(struct turn *turn, const struct listener_address *address,
                                  char *error, size_t error_size, enum listener_problem *problem)
{
    struct sockaddr_storage place = {0};
    int status = resolve(address->host, address->port, &place);
    if (problem)
        *problem = LISTENER_WRONG;
    if (status != 0) {
        snprintf(error, error_size, "cannot listen on %s: %s", address->host, gai_strerror(status));
        return NULL;
    }
    struct listener *listener = new_listener(turn, address->host, false);
    unsigned flags = place.ss_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0;
    status = uv_tcp_bind(&listener->uv.tcp, (const struct sockaddr *)&place, flags);
    if (status == 0)
        status = uv_listen(&listener->uv.stream, address->backlog, on_connection);
    if (status != 0) {
        snprintf(error, error_size, "cannot listen on %s:%d: %s", address->host, address->port,
                 uv_strerror(status));
        if (problem)
            *problem = problem_of(status);
        listener_close(listener);
        return NULL;
    }
    listener->is_tls = address->is_tls;
    listener->port = bound_port(listener);
    return listener;
}

/* Whether a server answers at the socket. */
static bool is_served(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    int status = connect(fd, (const struct sockaddr *)address, sizeof *address);
    close(fd);
    return status == 0;
}

static bool has_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char directory[sizeof((struct sockaddr_un *)0)->sun_path];
    if (!slash || slash == path)
        return true;
    snprintf(directory, sizeof directory, "%.*s", (int)(slash - path), path);
    return access(directory, F_OK) == 0;
}

struct listener *listener_new_unix(struct turn *turn, const char *path, unsigned permissions,
                                   int backlog, char *error, size_t error_size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat state;
    if (strlen(path) >= sizeof address.sun_path) {
        snprintf(error, error_size, "cannot listen on %s: the path is longer than %zu bytes", path,
                 sizeof address.sun_path - 1);
        return NULL;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (stat(path, &state) == 0 && S_ISSOCK(state.st_mode)) {
        if (is_served(&address)) {
            snprintf(error, error_size, "cannot listen on %s: address already in use", path);
            return NULL;
        }
        unlink(path);
    }
    struct listener *listener = new_listener(turn, path, true);
    int status = uv_pipe_bind(&listener->uv.pipe, path);
    if (status == 0 && permissions && chmod(path, permissions) != 0)
        status = UV_EPERM;
    if (status == 0)
        status = uv_listen(&listener->uv.stream, backlog, on_connection);
    if (status != 0) {
        /* libuv says EACCES where bind says ENOENT. */
        if (status == UV_EACCES && !has_directory(path))
            status = UV_ENOENT;
        snprintf(error, error_size, "cannot listen on %s: %s", path, uv_strerror(status));
        listener_close(listener);
        return NULL;
    }
    return listener;
}

void listener_close(struct listener *listener)
{
    if (listener)
        uv_close(&listener->uv.handle, free_listener);
}

int listener_port(const struct listener *listener)
{
    return listener->port;
}

const char *listener_address(const struct listener *listener)
{
    return listener->address;
}
