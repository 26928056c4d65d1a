/* SPDX-License-Identifier: MIT */
/*
 * What OBJECT and DEBUG OBJECT tell about how a value is kept.
 *
 *     reply_bulk_string(call->reply, value_facts_encoding(call, value));     // "listpack"
 */
#ifndef UNDERSTUDY_COMMANDS_VALUE_FACTS_H
#define UNDERSTUDY_COMMANDS_VALUE_FACTS_H

#include <stdint.h>

#include "engine/call.h"

/* The name that the emulated version has for the encoding: packed lists and sets came with 7.2. */
const char *value_facts_encoding(const struct call *call, const struct value *value);

/* Redis keeps one object for each small integer, and says of it that it has very many references;
 * any other value has one. So have these while maxmemory makes each one's access time count. */
int64_t value_facts_references(const struct call *call, const struct value *value);

#endif
