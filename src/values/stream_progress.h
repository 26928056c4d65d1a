/* SPDX-License-Identifier: MIT */
/*
 * How far a consumer group has read, counted in entries: of all that were ever added to the stream,
 * how many come up to the one delivered last. Trimming leaves the count right; entries that were
 * deleted out of the middle make it unknown, until the group is past them.
 *
 *     stream_progress_advance(value, group, id, rules);     // id is being delivered
 *     int64_t lag;
 *     if (stream_progress_lag(value, group, rules, &lag)) ...
 */
#ifndef UNDERSTUDY_VALUES_STREAM_PROGRESS_H
#define UNDERSTUDY_VALUES_STREAM_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "values/stream.h"

/* Redis 7.4 counts better than those before. */
enum stream_progress_rules { STREAM_PROGRESS_7_0, STREAM_PROGRESS_7_4 };

/* How many entries were added up to this id; STREAM_GROUP_UNKNOWN where that can't be told. */
int64_t stream_progress_estimate(const struct value *value, struct stream_id id,
                                 enum stream_progress_rules rules);

/* The entry, which the group has not had yet, is delivered to it. */
void stream_progress_advance(const struct value *value, struct stream_group *group,
                             struct stream_id id, enum stream_progress_rules rules);

/* Entries that the group has still to read; false when that can't be told. */
bool stream_progress_lag(const struct value *value, const struct stream_group *group,
                         enum stream_progress_rules rules, int64_t *lag);

#endif
