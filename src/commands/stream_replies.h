/* SPDX-License-Identifier: MIT */
/*
 * What the stream commands answer and look up in common.
 *
 *     size_t count = stream_replies_range(call->reply, value, start, end, 10, false);
 */
#ifndef UNDERSTUDY_COMMANDS_STREAM_REPLIES_H
#define UNDERSTUDY_COMMANDS_STREAM_REPLIES_H

#include <stdbool.h>

#include "engine/call.h"
#include "values/stream.h"
#include "values/stream_progress.h"

void stream_replies_id(struct reply *reply, struct stream_id id);

/* The id and the array of fields and values of the entry at which the iterator stands. */
void stream_replies_entry(struct reply *reply, struct stream_iterator *iterator);

/* The entry with this id as above; false, and nothing answered, when there is none. */
bool stream_replies_find(struct reply *reply, const struct value *value, struct stream_id id);

/* An array of up to `count` entries (0: all) from start to end or the other way round. */
void stream_replies_range(struct reply *reply, const struct value *value, struct stream_id start,
                          struct stream_id end, uint64_t count, bool is_reverse);

/* The stream at argv[1] and the group argv[2]. False: one is absent or of another type, and the
 * error was answered. */
bool stream_replies_find_group(struct call *call, struct entry **entry,
                               struct stream_group **group);
/* The same of what call_find_any found at argv[1]. */
bool stream_replies_group_in(struct call *call, const struct entry *entry,
                             struct stream_group **group);

/* Milliseconds since a moment, below 0 when it is still to come. */
int64_t stream_replies_idle(const struct call *call, int64_t since_ms);

/* "unknown subcommand or wrong number of arguments", naming argv[1]. */
void stream_replies_usage(struct call *call, const char *container);

/* How the emulated version counts what a group has read. */
enum stream_progress_rules stream_replies_rules(const struct call *call);

/* The journal has that the consumer got the entry, in the place of the call. */
void stream_replies_record_claim(struct call *call, struct bytes key,
                                 const struct stream_group *group,
                                 const struct stream_pending *pending);
/* The same of the group's place, and of a consumer that was made. */
void stream_replies_record_place(struct call *call, struct bytes key,
                                 const struct stream_group *group);
void stream_replies_record_consumer(struct call *call, struct bytes key,
                                    const struct stream_group *group,
                                    const struct stream_consumer *consumer);

#endif
