/* SPDX-License-Identifier: MIT */
#include <msgpack.h>
#include <string.h>

#include "backend/serializer.h"

static int append_chunk(void *out, const char *data, size_t size)
{
    buffer_append(out, data, size);
    return 0;
}

static void pack(msgpack_packer *packer, const json_t *tree)
{
    size_t index;
    const char *key;
    json_t *child;
    switch (json_typeof(tree)) {
    case JSON_OBJECT:
        msgpack_pack_map(packer, json_object_size(tree));
        json_object_foreach((json_t *)tree, key, child)
        {
            msgpack_pack_str(packer, strlen(key));
            msgpack_pack_str_body(packer, key, strlen(key));
            pack(packer, child);
        }
        break;
    case JSON_ARRAY:
        msgpack_pack_array(packer, json_array_size(tree));
        json_array_foreach(tree, index, child) pack(packer, child);
        break;
    case JSON_STRING:
        msgpack_pack_str(packer, json_string_length(tree));
        msgpack_pack_str_body(packer, json_string_value(tree), json_string_length(tree));
        break;
    case JSON_INTEGER:
        msgpack_pack_int64(packer, json_integer_value(tree));
        break;
    case JSON_REAL:
        msgpack_pack_double(packer, json_real_value(tree));
        break;
    case JSON_TRUE:
        msgpack_pack_true(packer);
        break;
    case JSON_FALSE:
        msgpack_pack_false(packer);
        break;
    case JSON_NULL:
        msgpack_pack_nil(packer);
        break;
    }
}

bool serializer_encode_msgpack(const json_t *tree, struct buffer *out, const char **why)
{
    (void)why;
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, append_chunk);
    pack(&packer, tree);
    return true;
}

static json_t *unpack(const msgpack_object *object, int depth, const char **why);

static json_t *unpack_text(const char *text, size_t size, const char **why)
{
    json_t *string = json_stringn(text ? text : "", size);
    if (!string)
        *why = "it holds bytes that are not UTF-8";
    return string;
}

static json_t *unpack_array(const msgpack_object_array *items, int depth, const char **why)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < items->size; i++) {
        json_t *item = unpack(&items->ptr[i], depth + 1, why);
        if (!item) {
            json_decref(array);
            return NULL;
        }
        json_array_append_new(array, item);
    }
    return array;
}

static json_t *unpack_pair(const msgpack_object_kv *pair, json_t *map, int depth, const char **why)
{
    const msgpack_object_str *name = &pair->key.via.str;
    if (pair->key.type != MSGPACK_OBJECT_STR || (name->size && memchr(name->ptr, 0, name->size))) {
        *why = "a map has a key that is no text";
        return NULL;
    }
    json_t *item = unpack(&pair->val, depth + 1, why);
    if (!item)
        return NULL;
    char *key = strndup(name->size ? name->ptr : "", name->size);
    int is_bad = json_object_set_new(map, key, item);
    free(key);
    if (!is_bad)
        return map;
    *why = "a map has a key that is not UTF-8";
    return NULL;
}

static json_t *unpack_map(const msgpack_object_map *pairs, int depth, const char **why)
{
    json_t *map = json_object();
    for (uint32_t i = 0; i < pairs->size; i++) {
        if (!unpack_pair(&pairs->ptr[i], map, depth, why)) {
            json_decref(map);
            return NULL;
        }
    }
    return map;
}

static json_t *unpack(const msgpack_object *object, int depth, const char **why)
{
    if (depth > SERIALIZER_DEPTH) {
        *why = "it is too deep";
        return NULL;
    }
    switch (object->type) {
    case MSGPACK_OBJECT_NIL:
        return json_null();
    case MSGPACK_OBJECT_BOOLEAN:
        return json_boolean(object->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        if (object->via.u64 <= INT64_MAX)
            return json_integer((json_int_t)object->via.u64);
        *why = "an integer has more than 64 bits with its sign";
        return NULL;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return json_integer(object->via.i64);
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64: {
        json_t *real = json_real(object->via.f64);
        if (!real)
            *why = "a number is infinite or none";
        return real;
    }
    case MSGPACK_OBJECT_STR:
        return unpack_text(object->via.str.ptr, object->via.str.size, why);
    case MSGPACK_OBJECT_BIN:
        return unpack_text(object->via.bin.ptr, object->via.bin.size, why);
    case MSGPACK_OBJECT_ARRAY:
        return unpack_array(&object->via.array, depth, why);
    case MSGPACK_OBJECT_MAP:
        return unpack_map(&object->via.map, depth, why);
    case MSGPACK_OBJECT_EXT:
        break;
    }
    *why = "it holds an extension type";
    return NULL;
}

json_t *serializer_decode_msgpack(struct bytes text, const char **why)
{
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    size_t end = 0;
    json_t *tree = NULL;
    *why = "it is no whole MessagePack value";
    msgpack_unpack_return result = msgpack_unpack_next(&unpacked, text.data, text.size, &end);
    if (result == MSGPACK_UNPACK_SUCCESS && end == text.size)
        tree = unpack(&unpacked.data, 1, why);
    msgpack_unpacked_destroy(&unpacked);
    return tree;
}
