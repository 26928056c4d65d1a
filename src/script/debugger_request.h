/* SPDX-License-Identifier: MIT */
/*
 * A command for the debugger, as its client sends it: an array of bulk strings, read less strictly
 * than a request to the server, and with limits of its own.
 *
 *     struct debugger_request request = {0};
 *     switch (debugger_request_parse(input, &request)) { ... }
 *     debugger_request_clear(&request);
 */
#ifndef UNDERSTUDY_SCRIPT_DEBUGGER_REQUEST_H
#define UNDERSTUDY_SCRIPT_DEBUGGER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

#define DEBUGGER_REQUEST_ARGUMENTS 1024 /* most in a command, and most bytes in one of them */

enum debugger_request_status {
    DEBUGGER_REQUEST_PARTIAL,
    DEBUGGER_REQUEST_COMPLETE, /* argv, argc (at least 1) and consumed are set */
    DEBUGGER_REQUEST_INVALID,
};

struct debugger_request {
    struct bytes *argv; /* owned: kept for the next one; the slices point into the input */
    int argc;
    int capacity;
    size_t consumed; /* bytes of input */
};

enum debugger_request_status debugger_request_parse(struct bytes input,
                                                    struct debugger_request *request);
void debugger_request_clear(struct debugger_request *request);

#endif
