/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <sys/types.h>

#include <sha1.h>
#include <sha2.h>

static void to_hex(const uint8_t *digest, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *out++ = digits[digest[i] >> 4];
        *out++ = digits[digest[i] & 15];
    }
    *out = '\0';
}

void digest_sha1(struct bytes data, uint8_t out[DIGEST_SHA1_SIZE])
{
    SHA1_CTX context;
    SHA1Init(&context);
    SHA1Update(&context, (const uint8_t *)data.data, data.size);
    SHA1Final(out, &context);
}

void digest_sha1_hex(struct bytes data, char out[DIGEST_SHA1_HEX_SIZE + 1])
{
    uint8_t digest[DIGEST_SHA1_SIZE];
    digest_sha1(data, digest);
    to_hex(digest, sizeof digest, out);
}

void digest_sha256_hex(struct bytes data, char out[DIGEST_SHA256_HEX_SIZE + 1])
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)data.data, data.size);
    SHA256Final(digest, &context);
    to_hex(digest, sizeof digest, out);
}
