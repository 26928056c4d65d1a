/* SPDX-License-Identifier: MIT */
/*
 * FUNCTION DUMP and RESTORE: all libraries as bytes and back, in the format of Redis. Each library
 * is an RDB opcode and its code as an RDB string; behind them stand the RDB version and a CRC-64.
 *
 *     struct buffer payload = {0};
 *     library_dump(interpreter, &payload, 10, true);
 *     ... library_dump_restore(interpreter, payload, 10, LIBRARY_DUMP_APPEND, reply) ...
 *
 * An RDB file has the libraries in the same form, without version and sum.
 */
#ifndef UNDERSTUDY_SCRIPT_LIBRARY_DUMP_H
#define UNDERSTUDY_SCRIPT_LIBRARY_DUMP_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "engine/persistence.h"
#include "reply/reply.h"
#include "script/interpreter.h"

/* Appends the payload. */
void library_dump(const struct interpreter *interpreter, struct buffer *out, int rdb_version,
                  bool compresses);

/* How an RDB file gets the libraries, and gives them back. */
extern const struct persistence_libraries library_dump_in_files;

enum library_dump_policy {
    LIBRARY_DUMP_APPEND,  /* a library that is there already is an error */
    LIBRARY_DUMP_REPLACE, /* it is replaced */
    LIBRARY_DUMP_FLUSH,   /* all that are there go */
};

/* False: the error was answered, and nothing has changed. Not from within a script. */
bool library_dump_restore(struct interpreter *interpreter, struct bytes payload, int rdb_version,
                          enum library_dump_policy policy, struct reply *reply);

#endif
