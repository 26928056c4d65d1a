/* SPDX-License-Identifier: MIT */
/* What kept small hashes before ziplists did: found in dumps that are old, and only read. */
#ifndef UNDERSTUDY_DUMP_ZIPMAP_H
#define UNDERSTUDY_DUMP_ZIPMAP_H

#include "base/bytes.h"

/* The pairs as a listpack, owned by the caller; NULL when the bytes are no zipmap. That no field
 * comes twice is not looked at. */
unsigned char *zipmap_to_listpack(struct bytes bytes);

#endif
