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
    const char *bind;
    int backlog;
    char *error;
    size_t error_size;
    enum listener_problem problem;
};

static struct attempt begin(struct turn *turn, const struct config *config, char *error,
                            size_t error_size)
{
    return (struct attempt){.turn = turn,
                            .bind = config_string(config, CONFIG_BIND),
                            .backlog = (int)config_integer(config, CONFIG_TCP_BACKLOG),
                            .error = error,
                            .error_size = error_size};
}

static void close_group(struct listener_group *group)
{
    for (int i = 0; i < group->count; i++)
        listener_close(group->all[i]);
    group->count = 0;
}

static bool add(struct listener_group *group, struct attempt *attempt, const char *host, int port,
                bool is_tls)
{
    const struct listener_address address = {host, port, attempt->backlog, is_tls};
    struct listener *listener = listener_new_tcp(attempt->turn, &address, attempt->error,
                                                 attempt->error_size, &attempt->problem);
    if (listener)
        group->all[group->count++] = listener;
    return listener != NULL;
}

/* The addresses of `bind`, with blanks between them. One that begins with '-' is left out where the
 * system lacks it. */
static bool open_addresses(struct listener_group *group, struct attempt *attempt, int port,
                           bool is_tls)
{
    const char *blanks = " \t";
    const char *bind = attempt->bind;
    for (bind += strspn(bind, blanks); *bind; bind += strspn(bind, blanks)) {
        char host[256];
        size_t size = strcspn(bind, blanks);
        if (size >= sizeof host || group->count == LISTENER_SET_ADDRESSES) {
            snprintf(attempt->error, attempt->error_size,
                     "cannot listen: too many addresses in bind");
            return false;
        }
        snprintf(host, sizeof host, "%.*s", (int)size, bind);
        bool is_optional = *host == '-';
        if (!add(group, attempt, host + is_optional, port, is_tls) &&
            (!is_optional || attempt->problem != LISTENER_ABSENT))
            return false;
        if (port == 0 && group->count) /* the others share the port that was free here */
            port = listener_port(group->all[0]);
        bind += size;
    }
    return true;
}

/* Port 0 takes a free one. */
static bool open_group(struct listener_group *group, struct attempt *attempt, int port, bool is_tls)
{
    for (int tries = 1;; tries++) {
        attempt->problem = LISTENER_WRONG;
        if (open_addresses(group, attempt, port, is_tls))
            return true;
        close_group(group);
        if (port != 0 || attempt->problem != LISTENER_TAKEN || tries == FREE_PORT_TRIES)
            return false;
    }
}

/* Where the directive says; 0 is nowhere. */
static bool open_port(struct listener_group *group, struct attempt *attempt, int64_t port,
                      bool is_tls)
{
    if (port == 0)
        return true;
    return open_group(group, attempt, port == CONFIG_FREE_PORT ? 0 : (int)port, is_tls);
}

bool listener_set_open(struct listener_set *set, struct turn *turn, const struct config *config,
                       char *error, size_t error_size)
{
    struct attempt attempt = begin(turn, config, error, error_size);
    const char *path = config_string(config, CONFIG_UNIXSOCKET);
    int64_t port = config_integer(config, CONFIG_PORT);
    int64_t tls_port = config_integer(config, CONFIG_TLS_PORT);
    if (port == 0 && tls_port == 0 && *path == '\0')
        port = CONFIG_FREE_PORT;
    if (!open_port(&set->tcp, &attempt, port, false) ||
        !open_port(&set->tls, &attempt, tls_port, true))
        return false;
    if (*path == '\0') {
        if (set->tcp.count + set->tls.count == 0)
            snprintf(error, error_size, "cannot listen: no address in bind can be used");
        return set->tcp.count + set->tls.count > 0;
    }
    set->path =
        listener_new_unix(turn, path, (unsigned)config_integer(config, CONFIG_UNIXSOCKETPERM),
                          attempt.backlog, error, error_size);
    return set->path != NULL;
}

/* --- moving --- */

/* Where a group listened. */
struct former {
    char *hosts[LISTENER_SET_ADDRESSES]; /* owned */
    int ports[LISTENER_SET_ADDRESSES];
    int count;
};

static struct former remember(const struct listener_group *group)
{
    struct former former = {.count = group->count};
    for (int i = 0; i < group->count; i++) {
        former.hosts[i] = bytes_to_string(bytes_of_string(listener_address(group->all[i])));
        former.ports[i] = listener_port(group->all[i]);
    }
    return former;
}

/* The same addresses and ports once more: they were closed just now, so nobody else has them. */
static void reopen(struct listener_group *group, struct attempt attempt,
                   const struct former *former, bool is_tls)
{
    char unused[256];
    attempt.error = unused;
    attempt.error_size = sizeof unused;
    close_group(group);
    for (int i = 0; i < former->count; i++)
        add(group, &attempt, former->hosts[i], former->ports[i], is_tls);
}

static void forget(struct former *former)
{
    for (int i = 0; i < former->count; i++)
        memory_free(former->hosts[i]);
}

bool listener_set_move(struct listener_set *set, struct turn *turn, const struct config *config,
                       char *error, size_t error_size)
{
    struct attempt attempt = begin(turn, config, error, error_size);
    struct former tcp = remember(&set->tcp), tls = remember(&set->tls);
    close_group(&set->tcp); /* first: the old and the new addresses may overlap */
    close_group(&set->tls);
    bool is_open = open_port(&set->tcp, &attempt, config_integer(config, CONFIG_PORT), false) &&
                   open_port(&set->tls, &attempt, config_integer(config, CONFIG_TLS_PORT), true);
    if (!is_open) {
        close_group(&set->tcp); /* one may have what is the other's */
        reopen(&set->tls, attempt, &tls, true);
        reopen(&set->tcp, attempt, &tcp, false);
    }
    forget(&tcp);
    forget(&tls);
    return is_open;
}

void listener_set_close(struct listener_set *set)
{
    close_group(&set->tcp);
    close_group(&set->tls);
    listener_close(set->path);
    set->path = NULL;
}

static void resume_group(struct listener_group *group)
{
    for (int i = 0; i < group->count; i++)
        listener_resume(group->all[i]);
}

void listener_set_resume(struct listener_set *set)
{
    resume_group(&set->tcp);
    resume_group(&set->tls);
    if (set->path)
        listener_resume(set->path);
}
