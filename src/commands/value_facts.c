/* SPDX-License-Identifier: MIT */
#include "commands/value_facts.h"

#include "engine/engine.h"
#include "values/string.h"

#define SHARED_INTEGERS      10000
#define SHARED_INTEGER_COUNT 2147483647

const char *value_facts_encoding(const struct call *call, const struct value *value)
{
    if (value->encoding == ENCODING_LISTPACK) {
        if (value->type == VALUE_LIST && !call_emulates(call, 7, 2))
            return value_encoding_name(ENCODING_QUICKLIST);
        if (value->type == VALUE_SET && !call_emulates(call, 7, 2))
            return value_encoding_name(ENCODING_HASHTABLE);
        if (!call_emulates(call, 7, 0))
            return "ziplist";
    }
    return value_encoding_name((enum value_encoding)value->encoding);
}

int64_t value_facts_references(const struct call *call, const struct value *value)
{
    int64_t integer;
    const struct engine *engine = call->engine;
    if (engine->maxmemory && engine->eviction.needs_access)
        return 1;
    bool is_integer = value->type == VALUE_STRING && value->encoding == ENCODING_INT &&
                      string_integer(value, &integer);
    return is_integer && integer >= 0 && integer < SHARED_INTEGERS ? SHARED_INTEGER_COUNT : 1;
}
