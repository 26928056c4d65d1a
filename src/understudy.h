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

#include <stddef.h>

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
 * word that is wrong, a port in use) NULL, and one line of text in `error`; for a program's
 * configuration it is redis-server's text of several lines, the first of them empty. */
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
 * a report that `script-coverage` or `report` asks for could not be written, or when less ran of
 * the scripts than `script-coverage-min` asks for. */
int understudy_exit_status(const struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);

/* Stops and frees. Accepts NULL. */
void understudy_free(struct understudy *server);

/* Where it listens: the host that clients on this machine connect to, NULL without TCP; the port,
 * which is that for TLS when there is no other, 0 without TCP; the path of the Unix socket, NULL
 * without one; and as a URL that most clients take, "redis://127.0.0.1:41234", with TLS alone
 * "rediss://127.0.0.1:41234", or "unix:///tmp/test.sock", with the password if one is required.
 * Borrowed. */
const char *understudy_host(const struct understudy *server);
int understudy_port(const struct understudy *server);
const char *understudy_socket_path(const struct understudy *server);
const char *understudy_url(const struct understudy *server);

/* The port for TLS and the URL with it, 0 and NULL without; and with `tls-self-signed` the file
 * with the authority by which a client knows the server, else NULL. Borrowed. */
int understudy_tls_port(const struct understudy *server);
const char *understudy_tls_url(const struct understudy *server);
const char *understudy_tls_ca_file(const struct understudy *server);

/* --- commands without a socket --- */

/* A value as a server answers it. What its `type` does not use is zero. */
struct understudy_reply {
    enum understudy_reply_type {
        UNDERSTUDY_NULL,
        UNDERSTUDY_STATUS,     /* text: "OK" */
        UNDERSTUDY_ERROR,      /* text: "ERR syntax error" */
        UNDERSTUDY_BULK,       /* text: any bytes */
        UNDERSTUDY_VERBATIM,   /* text, without the three letters of its format */
        UNDERSTUDY_BIG_NUMBER, /* text: its digits */
        UNDERSTUDY_INTEGER,    /* integer */
        UNDERSTUDY_BOOLEAN,    /* integer: 0 or 1 */
        UNDERSTUDY_DOUBLE,     /* number */
        UNDERSTUDY_ARRAY,      /* elements */
        UNDERSTUDY_MAP,        /* elements: name, value, name, value ... */
        UNDERSTUDY_SET,        /* elements */
        UNDERSTUDY_PUSH,       /* elements: of a message or an invalidation */
    } type;
    char *text; /* owned, a zero behind its end; not NULL for the types that have one */
    size_t size;
    long long integer;
    double number;
    struct understudy_reply *elements; /* owned array */
    size_t count;
};

/* Frees what it points to, and itself. For what a function below returned; accepts NULL. */
void understudy_reply_free(struct understudy_reply *reply);

/* As redis-cli shows it, without a line's end: "(integer) 3". Owned by the caller, from malloc. */
char *understudy_reply_print(const struct understudy_reply *reply);

/* The value of a map by its name, or NULL. Borrowed. */
const struct understudy_reply *understudy_reply_get(const struct understudy_reply *map,
                                                    const char *name);

/* One who sends commands: with a database, a transaction, subscriptions of its own, protocol 3, and
 * every right. One thread at a time may use it; several clients may be used at once while the
 * server runs. A server that is not started runs commands on the calling thread. */
struct understudy_client;
struct understudy_client *understudy_client_new(struct understudy *server);
/* Before the server is freed. Accepts NULL. */
void understudy_client_free(struct understudy_client *client);

/* Runs a command and waits for its reply, which is the caller's. NULL `sizes`: the words are
 * terminated. NULL: there is none, because the server has stopped or has closed this client, or
 * because of CLIENT REPLY. A command that waits, waits: in a server that is not started it gets an
 * error instead. */
struct understudy_reply *understudy_client_call(struct understudy_client *client, int argc,
                                                const char *const *argv, const size_t *sizes);

/* The oldest push (a message, an invalidation) that has come and was not taken; NULL: none. The
 * caller's. Does not wait. */
struct understudy_reply *understudy_client_push(struct understudy_client *client);

/* The same by a client that the server keeps for it, one call at a time, the words behind one
 * another and NULL behind the last:
 *
 *     struct understudy_reply *reply = understudy_command(server, "SET", "key", "value", NULL);
 */
struct understudy_reply *understudy_command(struct understudy *server, const char *word, ...);

/* --- what a test may do --- */

/* Each is MOCK's subcommand of that name as a function: 1, or 0 with what MOCK answered in `error`,
 * which may be NULL. docs/TESTING-WITH-UNDERSTUDY.md says what they do. */
int understudy_clock_freeze(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_clock_set(struct understudy *server, long long ms_since_epoch,
                         char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_clock_advance(struct understudy *server, long long ms,
                             char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_clock_next(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_clock_rate(struct understudy *server, double factor,
                          char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_clock_resume(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);
/* Milliseconds since the epoch; -1: the server has stopped. */
long long understudy_clock_now(struct understudy *server);

int understudy_reset(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_seed(struct understudy *server, long long seed, char error[UNDERSTUDY_ERROR_SIZE]);

int understudy_snapshot_save(struct understudy *server, const char *name,
                             char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_snapshot_restore(struct understudy *server, const char *name,
                                char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_snapshot_delete(struct understudy *server, const char *name,
                               char error[UNDERSTUDY_ERROR_SIZE]);

/* `rule` is what stands behind the name: "COMMAND get TIMES 1 ERROR 'LOADING wait'", in redis-cli's
 * quoting. */
int understudy_fault_add(struct understudy *server, const char *name, const char *rule,
                         char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_fault_remove(struct understudy *server, const char *name,
                            char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_fault_clear(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);
/* How often it has struck; -1: there is no such fault. */
long long understudy_fault_hits(struct understudy *server, const char *name);

int understudy_gate_add(struct understudy *server, const char *name, const char *rule,
                        char error[UNDERSTUDY_ERROR_SIZE]);
/* Until a client is held, at most `timeout_ms` of real time. */
int understudy_gate_wait(struct understudy *server, const char *name, long long timeout_ms,
                         char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_gate_open(struct understudy *server, const char *name,
                         char error[UNDERSTUDY_ERROR_SIZE]);
int understudy_gate_clear(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);

int understudy_expect(struct understudy *server, const char *name, const char *rule,
                      char error[UNDERSTUDY_ERROR_SIZE]);
/* 1 when every expectation was met; else 0, and `error` tells of the first that was not. */
int understudy_verify(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE]);

/* Any other subcommand: `words` is what stands behind MOCK, in redis-cli's quoting. The reply is
 * the caller's; NULL: the server has stopped, or a quote is not closed. */
struct understudy_reply *understudy_mock(struct understudy *server, const char *words);

/* --- versions --- */

/* This library's version, "0.1.0", and that of the Redis that it takes itself for unless told
 * otherwise, "7.2.4". */
const char *understudy_version(void);
const char *understudy_redis_version(void);

#ifdef __cplusplus
}
#endif

#endif
