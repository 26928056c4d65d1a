/* SPDX-License-Identifier: MIT */
#include "base/hash_slot.h"

#include <string.h>

#include "base/crc.h"

int hash_slot_of(struct bytes key)
{
    const char *open = key.size ? memchr(key.data, '{', key.size) : NULL;
    if (open) {
        size_t rest = key.size - (size_t)(open + 1 - key.data);
        const char *close = rest ? memchr(open + 1, '}', rest) : NULL;
        if (close && close > open + 1)
            key = bytes_of(open + 1, (size_t)(close - open - 1));
    }
    return crc16(key.data, key.size) % HASH_SLOTS;
}
