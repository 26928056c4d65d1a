/* SPDX-License-Identifier: MIT */
/*
 * A Redis server in your process, for tests.
 *
 *     char error[UNDERSTUDY_ERROR_SIZE];
 *     struct understudy *server = understudy_new(NULL, error);    // on a free port of 127.0.0.1
 *     if (!server || !understudy_start(server, error))
 *         return fail(error);
 *     ... connect any Redis client to understudy_host(server), understudy_port(server) ...
 *     understudy_free(server);
 *
 * Servers share nothing: several may run in one process. A struct understudy may be used from any
 * thread, by one thread at a time; understudy_stop by any, at any time before understudy_free.
 */
#ifndef UNDERSTUDY_H
#define UNDERSTUDY_H

#ifdef __cplusplus
extern "C" {
#endif

/* Room for any message of these functions, terminator included. */
#define UNDERSTUDY_ERROR_SIZE 1024

struct understudy;

enum understudy_flags {
    /* The process is this server's: SIGTERM and SIGINT end it, its log goes to standard output
     * unless `logfile` says otherwise, the limit of open files is raised for `maxclients`, the
     * default port is 6379 rather than a free one. */
    UNDERSTUDY_PROGRAM = 1,
    /* It stops when the process that started this one ends. */
    UNDERSTUDY_EXIT_WITH_PARENT = 2,
};

struct understudy_options {
    /* Words as on redis-server's command line: optionally the path of a configuration file ("-" is
     * standard input), then options with their values: "--maxclients", "100", "--save", "".
     * Borrowed during understudy_new. */
    const char *const *words;
    int word_count;
    unsigned flags; /* enum understudy_flags */
};

/* A server that listens but does not answer yet. NULL options are those of all zero. On failure (a
 * word that is wrong, a port in use) NULL, and one line of text in `error`. */
struct understudy *understudy_new(const struct understudy_options *options,
                                  char error[UNDERSTUDY_ERROR_SIZE]);

/* Serves on the calling thread until it is told to stop: by understudy_stop, by a client's SHUTDOWN
 * or, as a program, by a signal. Call it once. */
void understudy_run(struct understudy *server);

/* The same on a thread of its own. 1, or 0 with a text in `error`. */
int understudy_start(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);

/* Ends understudy_run, or the thread, which this waits for. Clients are cut off. It cannot be
 * started again. */
void understudy_stop(struct understudy *server);

/* What a program should exit with when the server has stopped: 0, or 1 and a text in `error` when
 * the report that `script-coverage` asks for could not be written, or when less ran of the scripts
 * than `script-coverage-min` asks for. */
int understudy_exit_status(const struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);

/* Stops and frees. Accepts NULL. */
void understudy_free(struct understudy *server);

/* Where it listens: the host that clients on this machine connect to, NULL without TCP; the port, 0
 * without TCP; the path of the Unix socket, NULL without one; and as a URL that most clients take,
 * "redis://127.0.0.1:41234" or "unix:///tmp/test.sock", with the password if one is required.
 * Borrowed. */
const char *understudy_host(const struct understudy *server);
int understudy_port(const struct understudy *server);
const char *understudy_socket_path(const struct understudy *server);
const char *understudy_url(const struct understudy *server);

/* This library's version, "0.1.0", and that of the Redis that it takes itself for unless told
 * otherwise, "7.2.4". */
const char *understudy_version(void);
const char *understudy_redis_version(void);

#ifdef __cplusplus
}
#endif

#endif
