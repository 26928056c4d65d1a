/* SPDX-License-Identifier: MIT */
/* What the files of a report share; nobody else includes this. */
#ifndef UNDERSTUDY_CONTROLS_REPORT_PRIVATE_H
#define UNDERSTUDY_CONTROLS_REPORT_PRIVATE_H

#include "base/buffer.h"
#include "base/histogram.h"
#include "base/list.h"
#include "base/table.h"
#include "controls/outcome.h"
#include "controls/report.h"
#include "engine/observer.h"
#include "reply/noting_reply.h"

#define REPORT_BINS         240 /* of the timeline */
#define REPORT_CLIENTS      200 /* that have a row there; all others share one */
#define REPORT_SLOWEST      20
#define REPORT_FAILURES     500 /* different texts; others are counted without */
#define REPORT_LEAKS_LISTED 100 /* of each kind; all are counted */

/* Nanoseconds in each command's latencies. */
struct report_command {
    struct list_node node;
    const struct command_state *state; /* borrowed from the engine */
    uint64_t errors;
    struct histogram latency;
};

/* A command's error, or why it was refused, and how often. */
struct report_failure {
    struct list_node node;
    uint64_t count;
    bool is_refused; /* it did not run */
    bool is_unknown; /* there is no such command */
    size_t name_size;
    size_t key_size;
    char key[]; /* the command's name, a kind, the error */
};

struct report_bin {
    uint32_t calls, errors, faults;
};

struct report_client {
    struct list_node node;
    uint64_t id; /* 0: all that had no room, and what no client asked for */
    char *name;  /* owned; NULL = none */
    char address[128];
    uint64_t calls, errors;
    struct report_bin bins[REPORT_BINS];
};

struct report_slow_call {
    uint64_t ns;
    int64_t at_us; /* since the report began */
    uint64_t client_id;
    struct buffer text; /* owned */
    bool is_in_script;
};

/* Outcomes that are alike in kind, name and text are one. */
struct report_outcome {
    struct list_node node;
    enum outcome_kind kind;
    struct buffer name, what; /* owned */
    uint64_t seen, hits;
    uint64_t unmet; /* times that one ended unmet */
};

/* A client that left, or was there at the end, and had not finished something. */
struct report_unfinished {
    struct list_node node;
    uint64_t id;
    char *name; /* owned; NULL = none */
    char address[128];
    const char *state;   /* "blocked", "held", "MULTI", "subscribed" */
    const char *command; /* its last; "" = none. Borrowed from the engine */
    bool was_there_to_the_end;
};

/* A key of a database, in a table of its own. */
struct report_key {
    uint64_t client_id; /* whose lock it is */
    int64_t at_us;
    size_t size;
    char data[]; /* an int for the database, the key */
};

struct report {
    struct engine *engine;     /* borrowed */
    struct controls *controls; /* borrowed */
    struct observer observer;
    struct outcome_listener listener;
    struct noting_reply noting; /* of the command that a script is calling */
    int64_t began_us;           /* by clock_monotonic_us */
    int64_t began_at_us;        /* since the epoch, by the system's clock */
    int64_t now_us;             /* of the latest call, since began_us */
    struct list commands;       /* of struct report_command, owned, first come first */
    struct table commands_by_name;
    struct list failures; /* of struct report_failure, owned */
    struct table failures_by_key;
    uint64_t failures_without_text;
    struct list clients; /* of struct report_client, owned; the first is that of id 0 */
    struct table clients_by_id;
    struct report_client *latest; /* the one of the latest call */
    uint64_t client_count;        /* all of them */
    int64_t bin_us;               /* length of a bin */
    uint64_t calls, errors, refused, faults;
    struct report_slow_call slowest[REPORT_SLOWEST]; /* slowest first */
    size_t slow_count;
    struct list outcomes;   /* of struct report_outcome, owned */
    struct list unfinished; /* of struct report_unfinished, owned, at most REPORT_LEAKS_LISTED */
    uint64_t unfinished_count;
    struct table initial; /* of struct report_key, owned: keys that were there at the start */
    struct table locks;   /* of struct report_key, owned: set with NX, by a client */
};

/* --- report_leaks.c --- */

void report_leaks_init(struct report *report);
void report_leaks_clear(struct report *report);
/* SET has set a key: it is a lock if it was to be new. */
void report_leaks_note_set(struct report *report, const struct call *call, struct bytes key);
void report_leaks_note_deleted(struct report *report, const struct call *call, struct bytes key);
void report_leaks_note_leaving(struct report *report, const struct session *session);

struct report_leaked_key {
    int db;
    struct bytes key;
    const char *type;
    int64_t ttl_ms;                /* -1 = none */
    const struct report_key *lock; /* who set it; NULL: no lock */
};
/* All locks that are there, then all other keys that never expire, of those that the run made. */
void report_leaks_visit(struct report *report,
                        void (*visit)(void *context, const struct report_leaked_key *leaked),
                        void *context);

/* --- report_json.c, report_html.c, report_text.c: the whole of it, at the end of `out` --- */

struct report_contents {
    struct report *report;
    const struct report_script *scripts;
    size_t script_count;
};

void report_json_append(const struct report_contents *contents, struct buffer *out);
void report_html_append(const struct report_contents *contents, struct buffer *out);
void report_text_append(const struct report_contents *contents, struct buffer *out);

/* --- report.c --- */

/* Lines with code of a script, and those that ran. */
void report_count_lines(const struct report_script *script, int *lines, int *hit);
/* Nothing of it was ever reached: a fault that struck nobody, an expectation unmet. */
bool report_outcome_is_unreached(const struct report_outcome *outcome);

#endif
