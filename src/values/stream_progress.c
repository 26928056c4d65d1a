/* SPDX-License-Identifier: MIT */
/* Redis's rules, as far as they show in replies: of the deleted entries only the highest is known.
 */
#include "values/stream_progress.h"

/* Counts come from clients and payloads, and may be anything: they wrap around. */
static int64_t subtract(int64_t from, int64_t count)
{
    return (int64_t)((uint64_t)from - (uint64_t)count);
}

/* Whether an entry at or above the id was deleted, so that counting from there is in vain. One
 * below the first that is left does no harm. */
static bool is_fragmented_from(const struct stream *stream, struct stream_id id)
{
    return stream->length && stream_id_compare(stream->first_id, stream->max_deleted_id) <= 0 &&
           stream_id_compare(id, stream->max_deleted_id) <= 0;
}

int64_t stream_progress_estimate(const struct value *value, struct stream_id id,
                                 enum stream_progress_rules rules)
{
    const struct stream *stream = stream_const(value);
    int64_t added = (int64_t)stream->entries_added;
    int64_t length = (int64_t)stream->length;
    int to_last = stream_id_compare(id, stream->last_id);
    if (added == 0)
        return 0;
    if (length == 0 && to_last <= 0)
        return added;
    if (rules >= STREAM_PROGRESS_7_4 && stream_id_compare(id, stream->max_deleted_id) < 0)
        return STREAM_GROUP_UNKNOWN;
    if (to_last >= 0)
        return to_last == 0 ? added : STREAM_GROUP_UNKNOWN;

    int to_first = stream_id_compare(id, stream->first_id);
    bool is_whole = stream_id_is_zero(stream->max_deleted_id) ||
                    stream_id_compare(stream->max_deleted_id, stream->first_id) < 0;
    if (!is_whole || to_first > 0)
        return STREAM_GROUP_UNKNOWN;
    return subtract(added, to_first < 0 ? length : length - 1);
}

void stream_progress_advance(const struct value *value, struct stream_group *group,
                             struct stream_id id, enum stream_progress_rules rules)
{
    const struct stream *stream = stream_const(value);
    struct stream_id from = rules >= STREAM_PROGRESS_7_4 ? group->last_id : id;
    if (group->entries_read != STREAM_GROUP_UNKNOWN && !is_fragmented_from(stream, from))
        group->entries_read = subtract(group->entries_read, -1);
    else if (stream->entries_added)
        group->entries_read = stream_progress_estimate(value, id, rules);
    group->last_id = id;
}

bool stream_progress_lag(const struct value *value, const struct stream_group *group,
                         enum stream_progress_rules rules, int64_t *lag)
{
    const struct stream *stream = stream_const(value);
    int64_t added = (int64_t)stream->entries_added;
    *lag = 0;
    if (added == 0)
        return true;
    if (rules >= STREAM_PROGRESS_7_4) {
        if (stream->length == 0)
            return true;
        if (stream_id_compare(group->last_id, stream->first_id) < 0 &&
            stream_id_compare(stream->max_deleted_id, stream->first_id) < 0) {
            *lag = (int64_t)stream->length;
            return true;
        }
    }
    int64_t read = group->entries_read;
    if (read == STREAM_GROUP_UNKNOWN || is_fragmented_from(stream, group->last_id))
        read = stream_progress_estimate(value, group->last_id, rules);
    *lag = subtract(added, read);
    return read != STREAM_GROUP_UNKNOWN;
}
