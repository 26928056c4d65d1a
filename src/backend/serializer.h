/* SPDX-License-Identifier: MIT */
/*
 * Between values and bytes: JSON, MessagePack, or bytes as they are.
 *
 * Trees hold 64-bit integers, doubles and UTF-8 strings. What a stored text holds beyond (integers
 * of more than 64 bits with sign, MessagePack's binary that is no UTF-8, its extensions, keys that
 * are no strings or come twice, more than SERIALIZER_DEPTH levels) is not decodable rather than
 * changed on the way. And what could not be decoded is not encoded.
 */
#ifndef UNDERSTUDY_BACKEND_SERIALIZER_H
#define UNDERSTUDY_BACKEND_SERIALIZER_H

#include <stdbool.h>

#include "backend/understudy_backend.h"
#include "base/buffer.h"
#include "base/bytes.h"

#define SERIALIZER_DEPTH 512

/* Appends to `out`. False: `error` says why not. */
bool serializer_encode(enum backend_serializer serializer, const struct backend_value *value,
                       struct buffer *out, char error[BACKEND_ERROR_SIZE]);

/* `value` is the caller's. False: it is empty, and `error` says why. */
bool serializer_decode(enum backend_serializer serializer, struct bytes text,
                       struct backend_value *value, char error[BACKEND_ERROR_SIZE]);

/* For serializer.c: MessagePack's half. */
void serializer_encode_msgpack(const json_t *tree, struct buffer *out);
json_t *serializer_decode_msgpack(struct bytes text, const char **why);

#endif
