/* SPDX-License-Identifier: MIT */
#include "net/listener_set.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "engine/config.h"

#define FREE_PORT_TRIES 16 /* when a port that is free at one address is not at another */

/* Where to listen, and the first thing that went wrong. */
struct attempt {
    struct turn *turn;
    int backlog;
    char *error;
    size_t error_size;
    bool is_taken; /* someone else has the port */
};

static struct attempt begin(struct turn *turn, const struct config *config, char *error,
                            size_t error_size)
{
    return (struct attempt){.turn = turn,
                            .backlog = (int)config_integer(config, CONFIG_TCP_BACKLOG),
                            .error = error,
                            .error_size = error_size};
}

static void close_tcp(struct listener_set *set)
{
    for (int i = 0; i < set->tcp_count; i++)
        listener_close(set->tcp[i]);
    set->tcp_count = 0;
}

static bool add_tcp(struct listener_set *set, struct attempt *attempt, const char *host, int port)
{
    struct listener *listener =
        listener_new_tcp(attempt->turn, host, port, attempt->backlog, attempt->error,
                         attempt->error_size, &attempt->is_taken);
    if (listener)
        set->tcp[set->tcp_count++] = listener;
    return listener != NULL;
}

/* The addresses of `bind`, with blanks between them. One that begins with '-' is left out where the
 * system lacks it. */
static bool open_addresses(struct listener_set *set, struct attempt *attempt, const char *bind,
                           int port)
{
    const char *blanks = " \t";
    for (bind += strspn(bind, blanks); *bind; bind += strspn(bind, blanks)) {
        char host[256];
        size_t size = strcspn(bind, blanks);
        if (size >= sizeof host || set->tcp_count == LISTENER_SET_ADDRESSES) {
            snprintf(attempt->error, attempt->error_size,
                     "cannot listen: too many addresses in bind");
            return false;
        }
        snprintf(host, sizeof host, "%.*s", (int)size, bind);
        bool is_optional = *host == '-';
        if (!add_tcp(set, attempt, host + is_optional, port) && (!is_optional || attempt->is_taken))
            return false;
        if (port == 0 && set->tcp_count) /* the others share the port that was free here */
            port = listener_port(set->tcp[0]);
        bind += size;
    }
    if (set->tcp_count == 0)
        snprintf(attempt->error, attempt->error_size,
                 "cannot listen: no address in bind can be used");
    return set->tcp_count > 0;
}

static bool open_tcp(struct listener_set *set, struct attempt *attempt, const struct config *config)
{
    const char *bind = config_string(config, CONFIG_BIND);
    int port = (int)config_integer(config, CONFIG_PORT);
    for (int tries = 1;; tries++) {
        attempt->is_taken = false;
        if (open_addresses(set, attempt, bind, port))
            return true;
        close_tcp(set);
        if (port != 0 || !attempt->is_taken || tries == FREE_PORT_TRIES)
            return false;
    }
}

bool listener_set_open(struct listener_set *set, struct turn *turn, const struct config *config,
                       char *error, size_t error_size)
{
    struct attempt attempt = begin(turn, config, error, error_size);
    const char *path = config_string(config, CONFIG_UNIXSOCKET);
    bool wants_tcp = config_integer(config, CONFIG_PORT) != 0 || *path == '\0';
    if (wants_tcp && !open_tcp(set, &attempt, config))
        return false;
    if (*path == '\0')
        return true;
    set->path =
        listener_new_unix(turn, path, (unsigned)config_integer(config, CONFIG_UNIXSOCKETPERM),
                          attempt.backlog, error, error_size);
    return set->path != NULL;
}

/* The same addresses and ports once more: the others are closed, so nobody else has them. */
static void reopen(struct listener_set *set, struct attempt *attempt, char **hosts,
                   const int *ports, int count)
{
    char unused[256];
    attempt->error = unused;
    attempt->error_size = sizeof unused;
    for (int i = 0; i < count; i++)
        add_tcp(set, attempt, hosts[i], ports[i]);
}

bool listener_set_move(struct listener_set *set, struct turn *turn, const struct config *config,
                       char *error, size_t error_size)
{
    struct attempt attempt = begin(turn, config, error, error_size);
    char *hosts[LISTENER_SET_ADDRESSES];
    int ports[LISTENER_SET_ADDRESSES];
    int count = set->tcp_count;
    for (int i = 0; i < count; i++) {
        hosts[i] = bytes_to_string(bytes_of_string(listener_address(set->tcp[i])));
        ports[i] = listener_port(set->tcp[i]);
    }
    close_tcp(set); /* first: the old and the new addresses may overlap */
    bool is_open = config_integer(config, CONFIG_PORT) == 0 || open_tcp(set, &attempt, config);
    if (!is_open)
        reopen(set, &attempt, hosts, ports, count);
    for (int i = 0; i < count; i++)
        memory_free(hosts[i]);
    return is_open;
}

void listener_set_close(struct listener_set *set)
{
    close_tcp(set);
    listener_close(set->path);
    set->path = NULL;
}

void listener_set_resume(struct listener_set *set)
{
    for (int i = 0; i < set->tcp_count; i++)
        listener_resume(set->tcp[i]);
    if (set->path)
        listener_resume(set->path);
}
