/* SPDX-License-Identifier: MIT */
/*
 * What SINTERSTORE, ZUNIONSTORE, ZRANGESTORE and their kin do with a result: it takes the
 * destination's place, whatever was there; an empty one deletes it.
 *
 *     stored_result_put(call, call->argv[1], value, set_count(value), ANNOUNCE_SET, "sinterstore");
 */
#ifndef UNDERSTUDY_COMMANDS_STORED_RESULT_H
#define UNDERSTUDY_COMMANDS_STORED_RESULT_H

#include "engine/call.h"

/* Takes `value`, which has `count` elements and may be NULL when it has none. Answers the count. */
void stored_result_put(struct call *call, struct bytes key, struct value *value, size_t count,
                       enum announce_class class, const char *event);

#endif
