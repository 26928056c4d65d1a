/* SPDX-License-Identifier: MIT */
/*
 * The ziplist, which Redis packed its small collections in before it had the listpack: only read,
 * from payloads of such a server. Format: https://rdb.fnordig.de/file_format.html#ziplist-encoding
 * (facts; nothing is copied).
 */
#ifndef UNDERSTUDY_DUMP_ZIPLIST_H
#define UNDERSTUDY_DUMP_ZIPLIST_H

#include "base/bytes.h"

/* A listpack (owned by the caller) with the ziplist's entries; NULL when the bytes are no whole and
 * consistent ziplist. */
unsigned char *ziplist_to_listpack(struct bytes bytes);

#endif
