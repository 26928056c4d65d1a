/* SPDX-License-Identifier: MIT */
/*
 * A table entry is linear in its index: the exclusive or of what the index's bits stand for. So the
 * compiler builds whole tables from eight constants each. CRC-64 reads eight bytes a step
 * ("slicing"), with a table for each distance of a byte from the end of the step.
 */
#include "base/crc.h"

#define BIT(i, n, value) (((i) >> (n)&1) ? (value) : 0)
#define COMBINE(i, b0, b1, b2, b3, b4, b5, b6, b7)                                                 \
    (BIT(i, 0, b0) ^ BIT(i, 1, b1) ^ BIT(i, 2, b2) ^ BIT(i, 3, b3) ^ BIT(i, 4, b4) ^               \
     BIT(i, 5, b5) ^ BIT(i, 6, b6) ^ BIT(i, 7, b7))
#define ENTRIES_4(entry, i) entry(i), entry((i) + 1), entry((i) + 2), entry((i) + 3)
#define ENTRIES_16(entry, i)                                                                       \
    ENTRIES_4(entry, i), ENTRIES_4(entry, (i) + 4), ENTRIES_4(entry, (i) + 8),                     \
        ENTRIES_4(entry, (i) + 12)
#define ENTRIES_64(entry, i)                                                                       \
    ENTRIES_16(entry, i), ENTRIES_16(entry, (i) + 16), ENTRIES_16(entry, (i) + 32),                \
        ENTRIES_16(entry, (i) + 48)
#define TABLE(entry)                                                                               \
    {                                                                                              \
        ENTRIES_64(entry, 0), ENTRIES_64(entry, 64), ENTRIES_64(entry, 128),                       \
            ENTRIES_64(entry, 192)                                                                 \
    }

/* The CRC-64 of a byte that n zero bytes follow. */
#define CRC64_AFTER_0(i)                                                                           \
    COMBINE(i, 0x7ad870c830358979u, 0xf5b0e190606b12f2u, 0xc038e5739841b68fu, 0xab28ecb46814fe75u, \
            0x7d08ff3b88be6f81u, 0xfa11fe77117cdf02u, 0xdf7adabd7a6e2d6fu, 0x95ac9329ac4bc9b5u)
#define CRC64_AFTER_1(i)                                                                           \
    COMBINE(i, 0x89e99ffd73bddf69u, 0x388a19a9bfec2db9u, 0x711433537fd85b72u, 0xe22866a6ffb0b6e4u, \
            0xef09eb1ea7f6fea3u, 0xf54af06e177a6e2du, 0xc1ccc68f76634f31u, 0xa8c0ab4db4510d09u)
#define CRC64_AFTER_2(i)                                                                           \
    COMBINE(i, 0xf4125129ce4038beu, 0xc37d8400c417e217u, 0xada22e52d0b85745u, 0x701d7af6f9e73de1u, \
            0xe03af5edf3ce7bc2u, 0xeb2ccd88bf0b64efu, 0xfd00bd4226815ab5u, 0xd1585cd715952601u)
#define CRC64_AFTER_3(i)                                                                           \
    COMBINE(i, 0x8ce168638c796306u, 0x329bf69440655567u, 0x6537ed2880caaaceu, 0xca6fda510195559cu, \
            0xbf8692f15bbd3853u, 0x545403b1efede3cdu, 0xa8a80763dfdbc79au, 0x7a092894e7201c5fu)
#define CRC64_AFTER_4(i)                                                                           \
    COMBINE(i, 0x3504e58b9ba6dd1eu, 0x6a09cb17374dba3cu, 0xd413962e6e9b7478u, 0x837e0a0f85a17b9bu, \
            0x2da5324c53d5645du, 0x5b4a6498a7aac8bau, 0xb694c9314f559174u, 0x4670b431c63cb183u)
#define CRC64_AFTER_5(i)                                                                           \
    COMBINE(i, 0xe39d1389931b9354u, 0xec6301407ea0b5c3u, 0xf39f24d3a5d6f8edu, 0xcc676ff4133a62b1u, \
            0xb397f9bb7ee35609u, 0x4c76d525a5513f79u, 0x98edaa4b4aa27ef2u, 0x1a8272c5cdd36e8fu)
#define CRC64_AFTER_6(i)                                                                           \
    COMBINE(i, 0x62a95de6e302eff2u, 0xc552bbcdc605dfe4u, 0xa1fc51c8d49c2ca3u, 0x68a185c2f1afca2du, \
            0xd1430b85e35f945au, 0x89df31589e28bbdfu, 0x38e744e264c6e4d5u, 0x71ce89c4c98dc9aau)
#define CRC64_AFTER_7(i)                                                                           \
    COMBINE(i, 0x381d0015c96f4444u, 0x703a002b92de8888u, 0xe074005725bd1110u, 0xebb126fd13edb14bu, \
            0xfc3b6ba97f4cf1fdu, 0xd32ff101a60e7091u, 0x8d06c450148b7249u, 0x3154aef3718177f9u)

static const uint64_t crc64_tables[8][256] = {
    TABLE(CRC64_AFTER_0), TABLE(CRC64_AFTER_1), TABLE(CRC64_AFTER_2), TABLE(CRC64_AFTER_3),
    TABLE(CRC64_AFTER_4), TABLE(CRC64_AFTER_5), TABLE(CRC64_AFTER_6), TABLE(CRC64_AFTER_7),
};

#define CRC16_BYTE(i) COMBINE(i, 0x1021, 0x2042, 0x4084, 0x8108, 0x1231, 0x2462, 0x48c4, 0x9188)

static const uint16_t crc16_table[256] = TABLE(CRC16_BYTE);

static uint64_t load_little_endian(const uint8_t *p)
{
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
           (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
           (uint64_t)p[7] << 56;
}

uint64_t crc64(uint64_t crc, const void *data, size_t size)
{
    const uint8_t *p = data;
    for (; size >= 8; p += 8, size -= 8) {
        crc ^= load_little_endian(p);
        crc = crc64_tables[7][crc & 0xff] ^ crc64_tables[6][crc >> 8 & 0xff] ^
              crc64_tables[5][crc >> 16 & 0xff] ^ crc64_tables[4][crc >> 24 & 0xff] ^
              crc64_tables[3][crc >> 32 & 0xff] ^ crc64_tables[2][crc >> 40 & 0xff] ^
              crc64_tables[1][crc >> 48 & 0xff] ^ crc64_tables[0][crc >> 56];
    }
    for (; size; p++, size--)
        crc = crc64_tables[0][(crc ^ *p) & 0xff] ^ crc >> 8;
    return crc;
}

uint16_t crc16(const void *data, size_t size)
{
    const uint8_t *p = data;
    uint16_t crc = 0;
    for (; size; p++, size--)
        crc = (uint16_t)(crc << 8 ^ crc16_table[(crc >> 8 ^ *p) & 0xff]);
    return crc;
}
