/* SPDX-License-Identifier: MIT */
/*
 * Turns the bytes that a client sent into one request: a pure function, no state, no I/O.
 *
 *     struct request request = {0};
 *     switch (request_parse(input, &limits, &request)) { ... }
 *     request_clear(&request);
 *
 * Both forms of https://redis.io/docs/latest/develop/reference/protocol-spec/ are taken: arrays of
 * bulk strings, and inline commands with Redis's quoting rules.
 */
#ifndef UNDERSTUDY_RESP_REQUEST_PARSER_H
#define UNDERSTUDY_RESP_REQUEST_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

enum request_status {
    REQUEST_PARTIAL,  /* more bytes are needed; nothing was consumed */
    REQUEST_COMPLETE, /* argv, argc and consumed are set; argc may be 0 (an empty line, "*0") */
    REQUEST_INVALID,  /* `error` is set: answer "-ERR " and it, then close */
};

struct request_limits {
    int64_t bulk_size;  /* proto-max-bulk-len, bytes */
    size_t inline_size; /* an inline line, or a length line, longer than this is refused: 65536 */
    bool is_authenticated; /* an unauthenticated client may send 10 arguments of 16384 bytes */
};

struct request {
    struct bytes *argv; /* owned: grown as needed, kept for the next request */
    int argc;
    int capacity;
    size_t consumed;        /* bytes of input that the request took */
    struct buffer unquoted; /* owned: holds inline arguments that had quotes or escapes */
    char error[128];        /* without "-ERR ", terminated */
    /* For a partial array request: bytes that input must hold before a new try can get further than
     * this one did; at least input size + 1. Lets a caller read a large bulk without reparsing, and
     * size its buffer. */
    size_t needed;
    /* Where a partial array request can go on (private to the parser; 0 to start anew). They let
     * request_parse resume after the arguments already seen, whose offsets are kept. */
    size_t resume_offset;
    int resume_argc;
    int64_t resume_left;
};

/* On COMPLETE the argv slices point into `input` (or into `unquoted`): valid as long as those. The
 * caller passes the same bytes, at the same or another address, plus what came since, until the
 * request is COMPLETE, and then calls again with the input after `consumed`. */
enum request_status request_parse(struct bytes input, const struct request_limits *limits,
                                  struct request *request);

/* Forgets a partial request: the next call begins with other bytes. */
void request_abandon(struct request *request);

/* Frees argv and unquoted. */
void request_clear(struct request *request);

/* Splits a line as redis-cli and redis.conf do: blanks, "double quotes with \n \x41", 'single'.
 * False on unbalanced quotes. argv slices point into `line` or request->unquoted. */
bool request_split_line(struct bytes line, struct request *request);

#endif
