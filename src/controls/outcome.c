/* SPDX-License-Identifier: MIT */
#include "controls/outcome.h"

#include "base/buffer.h"
#include "controls/matcher.h"

void outcome_tell(enum outcome_kind kind, const struct buffer *name, const struct matcher *matcher,
                  struct buffer *what,
                  void (*tell_one)(void *context, const struct outcome *outcome), void *context)
{
    matcher_describe(matcher, what);
    tell_one(context, &(struct outcome){.kind = kind,
                                        .name = buffer_bytes(name),
                                        .what = buffer_bytes(what),
                                        .seen = matcher->seen,
                                        .hits = matcher->hits});
    buffer_clear(what);
}
