/* SPDX-License-Identifier: MIT */
/* SHA-1, for script names and DEBUG DIGEST (libmd underneath). */
#ifndef UNDERSTUDY_BASE_DIGEST_H
#define UNDERSTUDY_BASE_DIGEST_H

#include <stdint.h>

#include "base/bytes.h"

#define DIGEST_SHA1_SIZE     20
#define DIGEST_SHA1_HEX_SIZE 40

void digest_sha1(struct bytes data, uint8_t out[DIGEST_SHA1_SIZE]);

/* Forty lower-case hexadecimal digits and a terminator. */
void digest_sha1_hex(struct bytes data, char out[DIGEST_SHA1_HEX_SIZE + 1]);

/* SHA-256 as 64 hexadecimal digits and a terminator: stored passwords. */
#define DIGEST_SHA256_HEX_SIZE 64
void digest_sha256_hex(struct bytes data, char out[DIGEST_SHA256_HEX_SIZE + 1]);

#endif
