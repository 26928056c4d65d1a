/* SPDX-License-Identifier: MIT */
/*
 * The keyspace as text: one command a line, as redis-cli takes it, that makes it again.
 *
 *     struct buffer text = {0};
 *     dataset_text_append(engine, BYTES_LITERAL("lock:*"), &text);
 *
 *     SET lock:1 "who holds it"
 *     PEXPIREAT lock:1 1700000030000
 *     SELECT 3
 *     RPUSH queue a b c
 *
 * Keys come in the order of their bytes, and so do members that have no order of their own: equal
 * data gives equal text. seed_file.h reads it back.
 */
#ifndef UNDERSTUDY_CONTROLS_DATASET_TEXT_H
#define UNDERSTUDY_CONTROLS_DATASET_TEXT_H

#include "base/buffer.h"
#include "base/bytes.h"

struct engine;

/* The keys of all databases that fit the glob; an empty one fits all. */
void dataset_text_append(struct engine *engine, struct bytes glob, struct buffer *text);

#endif
