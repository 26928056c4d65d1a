/* SPDX-License-Identifier: MIT */
/*
 * Who is talking: database, protocol version, user, MULTI queue, watches, replies. A connection is
 * a stream that owns a session; scripts, the embedding API and unit tests use sessions without one.
 *
 *     struct session *session = session_new(engine, NULL, NULL);
 *     session_execute(session, argv, argc);
 *     ... session->output holds the encoded reply ...
 *     session_free(session);
 */
#ifndef UNDERSTUDY_ENGINE_SESSION_H
#define UNDERSTUDY_ENGINE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/list.h"
#include "engine/command.h"
#include "resp/resp_writer.h"

struct acl_user;
struct blocked;
struct engine;
struct session;
struct session_subscriptions;
struct tracker;

struct session_stream {
    char address[128];       /* "127.0.0.1:4711" or "/path/socket:0" */
    char local_address[128]; /* the listener's side */
    int fd;
    bool is_unix_socket;
    bool is_tls;
    bool is_resumed; /* it waited, and is to go on */
};

/* What a stream holds in memory, beside the session's own. */
struct session_buffers {
    size_t query_size;     /* bytes received and not yet executed */
    size_t query_capacity; /* of that buffer */
    size_t unsent;         /* bytes of output, those in session->output left out */
    uint64_t input_bytes;  /* since the stream was opened */
    uint64_t output_bytes;
};

/* What a stream does for its session. All callbacks may be called at any execution depth; a stream
 * must put off closing until the engine's depth is 0. */
struct session_transport {
    /* The session waited (engine/blocking.h) and waits no more: its stream goes on with
     * session_execute_held and the requests behind. */
    void (*unblocked)(struct session *session);
    /* session->output got something outside of the session's own turn. */
    void (*output_ready)(struct session *session);
    /* session->flags has SESSION_CLOSE_NOW or SESSION_CLOSE_AFTER_REPLY set from outside its turn.
     */
    void (*close_requested)(struct session *session);
    /* Whether engine_host.converse takes this stream: SCRIPT DEBUG. */
    bool converses;
    /* For CLIENT LIST. */
    void (*describe)(const struct session *session, struct session_stream *stream);
    /* The same, and for limits: cheap. NULL: it holds nothing. */
    void (*measure)(const struct session *session, struct session_buffers *buffers);
};

enum session_flags {
    SESSION_CLOSE_NOW = 1 << 0,         /* drop the stream, whatever is unsent */
    SESSION_CLOSE_AFTER_REPLY = 1 << 1, /* send what is there, then close; execute nothing more */
    SESSION_AUTHENTICATED = 1 << 2,
    SESSION_IN_MULTI = 1 << 3,
    SESSION_DIRTY_EXEC = 1 << 4, /* a command was refused while queueing: EXEC aborts */
    SESSION_DIRTY_CAS = 1 << 5,  /* a watched key changed: EXEC answers null */
    SESSION_REPLY_OFF = 1 << 6,
    SESSION_REPLY_SKIP_NEXT = 1 << 7,
    SESSION_REPLY_SKIP = 1 << 8,
    SESSION_NO_EVICT = 1 << 9,
    SESSION_NO_TOUCH = 1 << 10,
    SESSION_SCRIPT = 1 << 11,  /* the session of a running script */
    SESSION_IN_EXEC = 1 << 12, /* EXEC is running its queue */
    SESSION_EXEMPT = 1 << 13,  /* in process, trusted: no authentication is asked */
    SESSION_DEBUGS = 1 << 14,  /* SCRIPT DEBUG YES or SYNC: its scripts run in the debugger */
    SESSION_DEBUGS_IN_PLACE = 1 << 15,  /* SYNC: and what they change stays */
    SESSION_CLOSE_SOFTLY = 1 << 16,     /* with CLOSE_AFTER_REPLY: but not before the client does */
    SESSION_ASKING = 1 << 17,           /* it asks for what this node of a cluster imports */
    SESSION_ASKING_FROM_NEXT = 1 << 18, /* with it: for its next request only */
    SESSION_READONLY = 1 << 19,         /* it also reads from replicas of a cluster */
    SESSION_UNRECORDED = 1 << 20,       /* the journal has nothing of it: redis.set_repl */
    SESSION_LOADS = 1 << 21,            /* what it runs stands in an append-only file */
    SESSION_OBEYED = 1 << 22, /* what it writes is the data: a cluster, or being a replica, refuses
                                 it nothing */
};

struct queued_command {
    struct command_state *state;
    struct bytes *argv; /* owned: one allocation for slices and bytes */
    int argc;
};

/* Which of those that hold requests let this one go last, by their own numbers; 0 = none. So that a
 * request that is presented again is not held by the same one again. */
struct session_passed {
    uint64_t fault, gate;
};

struct session {
    struct list_node node; /* in engine->sessions */
    struct engine *engine; /* borrowed */
    uint64_t id;
    uint32_t flags; /* enum session_flags */
    int db;
    int slot;                  /* of its request's keys, in a cluster; -1: there are none */
    struct resp_writer writer; /* encodes into output; writer.protocol is the session's protocol */
    struct buffer output;
    char *name;         /* owned; NULL or terminated: CLIENT SETNAME */
    char *library_name; /* CLIENT SETINFO */
    char *library_version;
    struct acl_user *user;        /* held: who is logged in (engine/acl.h); never NULL */
    struct queued_command *queue; /* owned: MULTI's commands */
    int queue_count;
    int queue_capacity;
    size_t queue_bytes;       /* arguments held by the queue */
    struct list watches;      /* of struct key_membership, by_owner */
    int64_t created_us;       /* by the engine's clock */
    int64_t active_us;        /* last command, by the engine's clock */
    int64_t above_soft_since; /* s since epoch: over the soft limit of its output; 0 = it is not */
    uint64_t command_count;
    uint64_t journal_offset; /* where its last change ends in the journal: WAITAOF */
    const struct command_state *last_command; /* for CLIENT LIST's cmd= */
    struct blocked *blocked;                  /* NULL: it does not wait (engine/blocking.h) */
    struct queued_command held; /* a request that CLIENT PAUSE held, to be run; argv NULL = none */
    struct session_passed passed; /* of the request that runs now */
    int64_t delay_us;             /* that a fault has held it: counts as time that it took */
    int64_t output_rate; /* bytes a second at which the output is to be sent; 0 = at once */
    struct session_subscriptions *subscriptions; /* NULL: none (engine/pubsub.c) */
    struct tracker *tracker;  /* NULL: it never tracked keys (engine/tracking.h) */
    struct list_node monitor; /* in engine->monitors, if MONITOR */
    struct buffer late;       /* pushes that come behind the answer to the running command */
    const struct session_transport *transport; /* NULL: no stream */
    void *stream;                              /* the transport's own */
};

/* Owned by the caller, listed with the engine (CLIENT LIST) if it has a transport. */
struct session *session_new(struct engine *engine, const struct session_transport *transport,
                            void *stream);
void session_free(struct session *session);

/* From one engine to another, of the same emulated version: as the session of `engine`'s that its
 * stream would have begun there, logged in. Protocol, names, id and output stay. Its own command
 * may be running, but no transaction. */
void session_move(struct session *session, struct engine *engine);

/* One request from start to end: looked up, checked, queued or run, answered into session->output.
 * argv is borrowed for the call. argc 0 does nothing. */
void session_execute(struct session *session, const struct bytes *argv, int argc);

/* Runs the request that CLIENT PAUSE has held, if there is one that it holds no more. A stream
 * calls it before it goes on. */
void session_execute_held(struct session *session);

/* A protocol error from the request parser: answered, and the session marked to close. */
void session_protocol_error(struct session *session, const char *error);

/* Back to a new session's state (RESET), id, stream and output kept. */
void session_reset(struct session *session);

/* A push between replies: `encoded` is one whole RESP3 push, whose elements look the same in RESP2;
 * that gets it as an array. It comes at once, or from 7.2 on, if the session's own command is
 * running, behind its answer. CLIENT REPLY does not silence it. */
void session_push(struct session *session, struct bytes encoded);
/* An answer that the session did not ask for just now: a line of MONITOR. */
void session_send(struct session *session, struct bytes encoded);
/* The session's request is answered: what waited for that comes now. */
void session_send_late(struct session *session);

/* Marks it for closing and tells the stream. */
void session_close(struct session *session, bool after_reply);

/* HELLO's protocol switch: 2 or 3. */
void session_set_protocol(struct session *session, int protocol);

/* What its stream holds; all zero without one. */
struct session_buffers session_measure(const struct session *session);

/* Bytes that the session and its stream hold for the client: CLIENT LIST's tot-mem. */
size_t session_memory(const struct session *session);

#endif
