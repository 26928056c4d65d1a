/* SPDX-License-Identifier: MIT */
#include "values/value.h"

#include "base/check.h"
#include "values/hash.h"
#include "values/quicklist.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"
#include "values/string.h"

static const struct value_class classes[VALUE_TYPE_COUNT] = {
    [VALUE_STRING] = {"string", string_free, string_clone, string_memory},
    [VALUE_LIST] = {"list", quicklist_free, quicklist_clone, quicklist_memory},
    [VALUE_SET] = {"set", set_free, set_clone, set_memory},
    [VALUE_SORTED_SET] = {"zset", sorted_set_free, sorted_set_clone, sorted_set_memory},
    [VALUE_HASH] = {"hash", hash_free, hash_clone, hash_memory},
    [VALUE_STREAM] = {"stream", stream_free, stream_clone, stream_memory},
};

const struct value_class *value_class_of(const struct value *value)
{
    return &classes[value->type];
}

const char *value_type_name(enum value_type type)
{
    return classes[type].name;
}

const char *value_encoding_name(enum value_encoding encoding)
{
    switch (encoding) {
    case ENCODING_INT:
        return "int";
    case ENCODING_EMBSTR:
        return "embstr";
    case ENCODING_RAW:
        return "raw";
    case ENCODING_LISTPACK:
        return "listpack";
    case ENCODING_LISTPACK_EX:
        return "listpackex";
    case ENCODING_QUICKLIST:
        return "quicklist";
    case ENCODING_INTSET:
        return "intset";
    case ENCODING_HASHTABLE:
        return "hashtable";
    case ENCODING_SKIPLIST:
        return "skiplist";
    case ENCODING_STREAM:
        return "stream";
    }
    return "unknown";
}

size_t value_free_effort(const struct value *value)
{
    switch (value->encoding) {
    case ENCODING_QUICKLIST:
        return ((const struct quicklist *)value)->chain->nodes;
    case ENCODING_HASHTABLE:
        return value->type == VALUE_SET ? set_count(value) : hash_count(value);
    case ENCODING_SKIPLIST:
        return sorted_set_count(value);
    case ENCODING_STREAM:
        return ((const struct stream *)value)->block_count;
    default:
        return 1;
    }
}

void value_init(struct value *value, enum value_type type, enum value_encoding encoding)
{
    *value = (struct value){.type = (uint8_t)type, .encoding = encoding & 0x7f, .references = 1};
}

struct value *value_retain(struct value *value)
{
    if (value->is_embedded)
        return value_class_of(value)->clone(value);
    __atomic_add_fetch(&value->references, 1, __ATOMIC_RELAXED);
    return value;
}

void value_release(struct value *value)
{
    if (!value)
        return;
    uint32_t references = __atomic_load_n(&value->references, __ATOMIC_ACQUIRE);
    CHECK(references > 0);
    if (references == 1 || __atomic_sub_fetch(&value->references, 1, __ATOMIC_ACQ_REL) == 0)
        value_class_of(value)->free(value);
}
