/* SPDX-License-Identifier: MIT */
/* The insides of a server, for the files whose names begin with understudy. */
#ifndef UNDERSTUDY_PRIVATE_H
#define UNDERSTUDY_PRIVATE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/list.h"
#include "controls/virtual_clock.h"
#include "understudy.h"

struct config;
struct engine;
struct loop;
struct tls_certificates;
struct worlds;

struct understudy {
    struct virtual_clock clock;
    struct config *config;                 /* the engine's, once there is one */
    struct engine *engine;                 /* owned */
    struct loop *loop;                     /* owned */
    struct worlds *worlds;                 /* owned; NULL without --worlds yes */
    char *host;                            /* owned */
    char *socket_path;                     /* owned */
    char *url;                             /* owned */
    char *tls_url;                         /* owned; NULL without TLS */
    struct tls_certificates *certificates; /* owned; NULL without --tls-self-signed */
    char *problem;                         /* owned: what went wrong at the end, or NULL */
    int port;                              /* without TLS; 0 = none */
    int tls_port;                          /* 0 = none */
    int log_fd;                            /* -1 = no log */
    bool is_program;
    bool has_pid_file;
    bool is_threaded;
    bool is_joined;
    pthread_t thread;
    pthread_mutex_t joining; /* guards is_joined */
    bool is_serving;         /* it was started: commands are run by the loop's thread */
    struct list clients;     /* of struct understudy_client; of the loop's thread while it serves */
    struct understudy_client *own_client; /* owned: understudy_command's; NULL until it is needed */
    pthread_mutex_t commanding;           /* one understudy_command at a time */
};

/* The first whole RESP3 value of `encoded` as a tree; `*used` bytes are behind it. NULL: there is
 * none. Owned by the caller. */
struct understudy_reply *understudy_reply_read(struct bytes encoded, size_t *used)
    __attribute__((visibility("hidden")));

/* The client that the server keeps for commands of the process; server->commanding is held. */
struct understudy_client *understudy_client_own(struct understudy *server)
    __attribute__((visibility("hidden")));

/* daemonize and pidfile, for a program: after the configuration is known, once it listens, at the
 * end. */
void understudy_daemon_start(const struct understudy *server) __attribute__((visibility("hidden")));
void understudy_daemon_write_pid(const struct understudy *server)
    __attribute__((visibility("hidden")));
void understudy_daemon_remove_pid(const struct understudy *server)
    __attribute__((visibility("hidden")));

/* Notes where the loop listens, as hosts, ports and URLs; and tells those who wait for the server:
 * the log, ready-file, ready-fd. */
void understudy_address_note(struct understudy *server) __attribute__((visibility("hidden")));
void understudy_address_announce(struct understudy *server) __attribute__((visibility("hidden")));

/* Loads what `dir`, `appendonly` and `seed-file` say. False: `error` says why not. */
bool understudy_data_load(struct understudy *server, char *error)
    __attribute__((visibility("hidden")));

/* Writes the reports that were asked for; `problem` is what went wrong. */
void understudy_outcome_write(struct understudy *server) __attribute__((visibility("hidden")));

/* Ends the waits of those who still wait: the server serves no more. */
void understudy_client_abandon_all(struct understudy *server) __attribute__((visibility("hidden")));

#endif
