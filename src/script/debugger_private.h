/* SPDX-License-Identifier: MIT */
/* What the files of the debugger share; others see debugger.h. */
#ifndef UNDERSTUDY_SCRIPT_DEBUGGER_PRIVATE_H
#define UNDERSTUDY_SCRIPT_DEBUGGER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "script/debugger.h"
#include "script/debugger_log.h"
#include "script/debugger_request.h"
#include "script/interpreter_private.h"

#define DEBUGGER_BREAKPOINTS 64

struct snapshot;

/* A session, from debugger_start to debugger_finish. */
struct debugger {
    struct interpreter *interpreter; /* borrowed */
    struct session *session;         /* borrowed: who debugs */
    const char *chunk;               /* borrowed */
    struct bytes *lines;             /* owned; the text is borrowed */
    int line_count;
    int line; /* where the script is; 1 is the first */
    int breakpoints[DEBUGGER_BREAKPOINTS];
    int breakpoint_count;
    bool is_stepping;   /* it stops at the next line, and shows calls until then */
    bool must_stop;     /* redis.breakpoint() was called */
    bool is_alone;      /* the client has gone */
    int64_t resumed_us; /* monotonic; when it last went on */
    struct debugger_log log;
    struct buffer input; /* owned: received and not executed */
    struct debugger_request request;
    /* What is put back at the end; NULL when changes stay. */
    struct snapshot *snapshot;
    struct random random;
    uint64_t script_random;
    uint64_t changes;
};

#endif
