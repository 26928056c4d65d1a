/* SPDX-License-Identifier: MIT */
/*
 * States and locks that many processes share, kept in Redis: libunderstudy-backend.
 *
 *     char error[BACKEND_ERROR_SIZE];
 *     struct backend *backend = backend_open("redis://127.0.0.1:6379/0", NULL, error);
 *     enum backend_result result = backend_acquire_lock(backend, "job:7", 2000);
 *     if (result == BACKEND_OK) {
 *         struct backend_value state;
 *         if (backend_load_state(backend, "job:7", &state, NULL) == BACKEND_OK) ...
 *         backend_value_clear(&state);
 *         result = backend_release_lock(backend, "job:7"); // BACKEND_LOST: it ran out meanwhile
 *     }
 *     backend_close(backend);
 *
 * It is the same against understudy, Redis and Valkey. A backend may be used by many threads at
 * once; each call takes a connection from a pool, made when needed. It may not be used on both
 * sides of a fork. Nothing is sent twice unless sending it twice is harmless, so a result tells the
 * truth: BACKEND_UNREACHABLE says for a write that its fate is unknown.
 *
 * A state `id` is a string at the key prefix + id, its version a number at "{prefix + id}:version".
 * A lock is at the key prefix + "lock:" + id.
 */
#ifndef UNDERSTUDY_BACKEND_H
#define UNDERSTUDY_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Room for any message, terminator included. */
#define BACKEND_ERROR_SIZE 512

struct backend;

enum backend_result {
    BACKEND_OK,
    BACKEND_ABSENT,      /* there is no such state */
    BACKEND_UNDECODABLE, /* what is stored is not what the serializer writes */
    BACKEND_UNENCODABLE, /* the value is not what the serializer can write; nothing was sent */
    BACKEND_UNREACHABLE, /* no connection, or no answer in time: a write may have happened or not */
    BACKEND_REFUSED,     /* the server answered an error */
    BACKEND_CONFLICT,    /* the state has another version than expected; nothing was written */
    BACKEND_TIMEOUT,     /* somebody else held the lock all the time */
    BACKEND_NOT_HELD,    /* this thread has not acquired the lock */
    BACKEND_LOST,        /* it had, but the lock ran out, or somebody took it, before its release */
};

enum backend_serializer {
    BACKEND_JSON,
    BACKEND_MSGPACK,
    BACKEND_RAW, /* bytes as they are */
};

/* Zero stands for the default of each. */
struct backend_options {
    const char *prefix; /* of all keys: "state:" */
    enum backend_serializer serializer;
    int64_t lock_lifetime_ms;   /* a lock that is not released runs out after it: 30,000 */
    int64_t connect_timeout_ms; /* 2,000 */
    int64_t answer_timeout_ms;  /* 5,000 */
    int keeps_locks;            /* not 0: a thread extends the locks held, three times a lifetime */
    const char *ca_file;        /* rediss://: whom to trust; NULL: the system's */
};

/* What a state holds: `tree` for JSON and MessagePack, else `bytes`. */
struct backend_value {
    json_t *tree; /* a reference that belongs to this value */
    char *bytes;  /* owned, from malloc, a zero behind its end */
    size_t size;
};

/* How a state is saved. NULL or zeros: for ever, whatever is there. */
struct backend_save_options {
    int64_t lifetime_ms; /* the state expires after it; 0 = never */
    int checks_version;  /* not 0: only if the state has `version` now */
    int64_t version;     /* as backend_load_state gave it; 0 = only if there is no such state */
};

/* --- life --- */

/* `url` is redis://[[user]:password@]host[:port][/db], rediss:// for TLS, or
 * unix://[[user]:password@]/path[?db=n]; user and password may be percent-encoded. With TLS the
 * server's certificate must come from whom ca_file trusts; the name in it is not looked at. A
 * hiredis before 1.0 has no TLS: then each call says BACKEND_UNREACHABLE, and why. NULL options are
 * those of all zero. Connects to nobody yet. On failure (a bad URL) NULL, and one line in `error`.
 */
struct backend *backend_open(const char *url, const struct backend_options *options,
                             char error[BACKEND_ERROR_SIZE]);

/* Releases the locks that are held, by whatever thread, and frees. No other thread may be using it,
 * nor one that has used it be ending at this very moment. Accepts NULL. */
void backend_close(struct backend *backend);

/* One line on why the calling thread's last call did not end with BACKEND_OK. Borrowed until that
 * thread's next call. */
const char *backend_error(struct backend *backend);

/* "ok", "absent", "unreachable" ... */
const char *backend_result_name(enum backend_result result);

/* --- states --- */

/* BACKEND_OK: `value` is the caller's (backend_value_clear), and `version`, unless NULL, what to
 * expect when saving. Else `value` is empty: BACKEND_ABSENT (`version` is 0), UNDECODABLE,
 * UNREACHABLE, REFUSED. */
enum backend_result backend_load_state(struct backend *backend, const char *id,
                                       struct backend_value *value, int64_t *version);

/* `value` is borrowed. BACKEND_OK: saved, and `version`, unless NULL, is its version.
 * BACKEND_CONFLICT: `version` is the one that is there, 0 = absent. Else UNENCODABLE, UNREACHABLE,
 * REFUSED. */
enum backend_result backend_save_state(struct backend *backend, const char *id,
                                       const struct backend_value *value,
                                       const struct backend_save_options *options,
                                       int64_t *version);

/* BACKEND_OK, ABSENT, UNREACHABLE, REFUSED. */
enum backend_result backend_delete_state(struct backend *backend, const char *id);

/* Gives up what it holds and makes it empty. Accepts NULL. */
void backend_value_clear(struct backend_value *value);

/* --- locks --- */

/* The lock is this thread's from BACKEND_OK on. It tries for `timeout_ms` (0: once, negative: for
 * ever), at growing intervals. A thread that holds the lock gets it again, once the server has said
 * that it still does, for another lifetime; it is released when it has been released as often. Else
 * TIMEOUT, UNREACHABLE, REFUSED; or LOST for a thread that held it and does no longer: each of its
 * acquisitions is to be released still, before it may acquire anew. After UNREACHABLE the key may
 * stand for a lifetime, with nobody holding the lock. A thread that ends with a lock leaves it to
 * its lifetime: it is not kept any more. */
enum backend_result backend_acquire_lock(struct backend *backend, const char *id,
                                         int64_t timeout_ms);

/* The lock, which this thread holds, runs out after another lifetime from now. NOT_HELD, LOST,
 * UNREACHABLE, REFUSED. */
enum backend_result backend_extend_lock(struct backend *backend, const char *id);

/* Undoes one acquisition of this thread; the last one frees the lock. NOT_HELD; LOST: it was not
 * ours any more, and whoever has it now keeps it. UNREACHABLE or REFUSED of the last one: this
 * thread has let go, but the server may not know it; call it again, acquire anew (which calls it
 * again first), or leave it to its lifetime. */
enum backend_result backend_release_lock(struct backend *backend, const char *id);

/* How often this thread holds the lock, as far as this process knows. */
int backend_lock_depth(struct backend *backend, const char *id);

#ifdef __cplusplus
}
#endif

#endif
