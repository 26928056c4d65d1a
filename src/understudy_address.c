/* SPDX-License-Identifier: MIT */
/* Where a server is to be found, and who is told of it when it accepts clients. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "net/loop.h"
#include "net/tls_certificates.h"
#include "understudy_private.h"

/* Where a client on this machine finds a server that is bound to `address`. */
static const char *reachable(const char *address)
{
    if (strcmp(address, "*") == 0 || strcmp(address, "0.0.0.0") == 0)
        return "127.0.0.1";
    if (strcmp(address, "::*") == 0 || strcmp(address, "::") == 0)
        return "::1";
    return address;
}

static char *copy_text(const char *text)
{
    return text ? bytes_to_string(bytes_of_string(text)) : NULL;
}

static void append_escaped(struct buffer *url, const char *text)
{
    const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
    for (; *text; text++) {
        if (strchr(plain, *text))
            buffer_append_byte(url, *text);
        else
            buffer_append_format(url, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

static char *format_url(const struct understudy *server, int port, const char *scheme)
{
    struct buffer url = {0};
    const char *password = config_string(server->config, CONFIG_REQUIREPASS);
    buffer_append_string(&url, scheme);
    if (*password) {
        /* Without a user's name redis-cli logs in as "". */
        buffer_append_string(&url, "default:");
        append_escaped(&url, password);
        buffer_append_byte(&url, '@');
    }
    if (!port)
        buffer_append_string(&url, server->socket_path);
    else if (strchr(server->host, ':'))
        buffer_append_format(&url, "[%s]:%d", server->host, port);
    else
        buffer_append_format(&url, "%s:%d", server->host, port);
    buffer_append_byte(&url, '\0');
    return url.data;
}

void understudy_address_note(struct understudy *server)
{
    const char *host = loop_host(server->loop);
    server->port = loop_port(server->loop);
    server->tls_port = loop_tls_port(server->loop);
    server->host = host ? copy_text(reachable(host)) : NULL;
    server->socket_path = copy_text(loop_socket_path(server->loop));
    if (server->tls_port)
        server->tls_url = format_url(server, server->tls_port, "rediss://");
    if (server->port)
        server->url = format_url(server, server->port, "redis://");
    else if (server->tls_url)
        server->url = copy_text(server->tls_url);
    else
        server->url = format_url(server, 0, "unix://");
}

/* One line; and when there is TLS, too, a second one. */
static void write_address(int fd, const struct understudy *server)
{
    struct buffer lines = {0};
    if (understudy_port(server))
        buffer_append_format(&lines, "%s %d\n", server->host, understudy_port(server));
    else
        buffer_append_format(&lines, "unix %s\n", server->socket_path);
    if (server->tls_port)
        buffer_append_format(&lines, "tls %s %d%s%s\n", server->host, server->tls_port,
                             server->certificates ? " " : "",
                             server->certificates ? server->certificates->authority : "");
    ssize_t written = write(fd, lines.data, lines.size);
    (void)written;
    buffer_clear(&lines);
}

/* Whoever waits for the file finds it whole: it is written beside its place and moved there, unless
 * that is a pipe. */
static void write_ready_file(struct understudy *server, const char *path)
{
    struct stat state;
    bool is_special = stat(path, &state) == 0 && !S_ISREG(state.st_mode);
    struct buffer name = {0};
    buffer_append_format(&name, "%s%s", path, is_special ? "" : ".new");
    buffer_append_byte(&name, '\0');
    int fd = open(name.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd >= 0) {
        write_address(fd, server);
        close(fd);
    }
    if (fd < 0 || (!is_special && rename(name.data, path) != 0))
        engine_log(server->engine, 3, "Cannot write the ready file %s: %s", path, strerror(errno));
    buffer_clear(&name);
}

/* What other programs wait for: as Redis says it. */
static void log_ready(struct understudy *server)
{
    struct engine *engine = server->engine;
    if (engine->version < 0x070200) {
        if (understudy_port(server))
            engine_log(engine, 2, "Ready to accept connections");
        if (server->socket_path)
            engine_log(engine, 2, "The server is now ready to accept connections at %s",
                       server->socket_path);
        return;
    }
    if (server->port)
        engine_log(engine, 2, "Ready to accept connections tcp");
    if (server->socket_path)
        engine_log(engine, 2, "Ready to accept connections unix");
    if (server->tls_port)
        engine_log(engine, 2, "Ready to accept connections tls");
}

void understudy_address_announce(struct understudy *server)
{
    struct engine *engine = server->engine;
    const char *path = config_string(server->config, CONFIG_READY_FILE);
    int fd = (int)config_integer(server->config, CONFIG_READY_FD);
    engine_log(engine, 2, "Understudy %s emulates Redis %s", understudy_version(),
               engine->version_text);
    if (server->port)
        engine_log(engine, 2, "Listening on %s:%d", server->host, server->port);
    if (server->tls_port)
        engine_log(engine, 2, "Listening with TLS on %s:%d", server->host, server->tls_port);
    if (server->certificates)
        engine_log(engine, 2, "Clients know it by %s", server->certificates->authority);
    if (server->socket_path)
        engine_log(engine, 2, "Listening at %s", server->socket_path);
    log_ready(server);
    if (*path)
        write_ready_file(server, path);
    if (fd >= 0) {
        write_address(fd, server);
        if (fd > STDERR_FILENO)
            close(fd);
    }
}
