/* SPDX-License-Identifier: MIT */
/*
 * The ids that stream commands take: "ms-sequence", "ms" alone, and for ranges "-", "+" and
 * "(ms-sequence".
 *
 *     struct stream_id id;
 *     if (!stream_ids_parse(call, 2, &id))
 *         return;                                  // the error was answered
 *
 * An id that lacks its sequence has 0, or the highest where it ends a range.
 */
#ifndef UNDERSTUDY_COMMANDS_STREAM_IDS_H
#define UNDERSTUDY_COMMANDS_STREAM_IDS_H

#include <stdbool.h>

#include "engine/call.h"
#include "values/stream_id.h"

/* One entry's id, without an error for what is none. */
bool stream_ids_read(struct bytes text, struct stream_id *id);

/* argv[index] is one entry's id. False: it is not, and the error was answered. */
bool stream_ids_parse(struct call *call, int index, struct stream_id *id);

/* The same, "-" and "+" allowed. */
bool stream_ids_parse_loosely(struct call *call, int index, struct stream_id *id);

/* The same for an id that is to be made; without `has_sequence` ("ms-*", since 7.0) the server
 * chooses the sequence. */
bool stream_ids_parse_new(struct call *call, int index, struct stream_id *id, bool *has_sequence);

/* The ids from argv[first] on, to the last argument: an array for memory_free. NULL: one is none,
 * and the error was answered. */
struct stream_id *stream_ids_parse_rest(struct call *call, int first);

/* The ends of a range, both inclusive in the result. False: the error was answered. */
bool stream_ids_parse_start(struct call *call, int index, struct stream_id *start);
bool stream_ids_parse_end(struct call *call, int index, struct stream_id *end);

#endif
