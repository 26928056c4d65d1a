/* SPDX-License-Identifier: MIT */
/*
 * CRC-64 with the Jones polynomial (reflected, initial value 0, no final xor): the check sum of
 * DUMP payloads and RDB files. crc64(0, "123456789", 9) is 0xe9c6d914c4b8d9ca. CRC-16/XMODEM: hash
 * slots of Redis Cluster. crc16("123456789", 9) is 0x31c3.
 */
#ifndef UNDERSTUDY_BASE_CRC_H
#define UNDERSTUDY_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* `crc` is 0 for the first piece and the last result for each further one. */
uint64_t crc64(uint64_t crc, const void *data, size_t size);

uint16_t crc16(const void *data, size_t size);

#endif
