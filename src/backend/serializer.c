/* SPDX-License-Identifier: MIT */
#include "backend/serializer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define REAL_DIGITS 17 /* enough for any double to come back as it was */

static int append_chunk(const char *data, size_t size, void *out)
{
    buffer_append(out, data, size);
    return 0;
}

static bool is_text(const char *text, size_t size)
{
    json_t *probe = json_stringn(text, size);
    json_decref(probe);
    return probe != NULL;
}

/* jansson has had keys with a NUL in them since 2.14; no serializer takes them. */
static bool is_key(json_t *tree, const char *key)
{
#if JANSSON_VERSION_HEX >= 0x020e00
    if (json_object_iter_key_len(json_object_key_to_iter(key)) != strlen(key))
        return false;
#endif
    (void)tree;
    return is_text(key, strlen(key));
}

/* What is wrong with it: NULL when it can be encoded, and what was encoded decoded. */
static const char *find_fault(json_t *tree, int depth)
{
    size_t index;
    const char *key, *why = NULL;
    json_t *child;
    if (depth > SERIALIZER_DEPTH)
        return "it is too deep";
    if (json_is_string(tree) && !is_text(json_string_value(tree), json_string_length(tree)))
        return "a string is not UTF-8";
    json_array_foreach(tree, index,
                       child) if ((why = find_fault(child, depth + 1)) != NULL) return why;
    json_object_foreach(tree, key, child)
    {
        why = is_key(tree, key) ? find_fault(child, depth + 1) : "a key holds a NUL or no UTF-8";
        if (why)
            return why;
    }
    return NULL;
}

static bool encode_json(const json_t *tree, struct buffer *out, const char **why)
{
    size_t flags = JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS);
    if (json_dump_callback(tree, append_chunk, out, flags) == 0)
        return true;
    *why = "JSON has no way to write it";
    return false;
}

bool serializer_encode(enum backend_serializer serializer, const struct backend_value *value,
                       struct buffer *out, char error[BACKEND_ERROR_SIZE])
{
    const char *why = NULL;
    bool is_done = false;
    if (serializer == BACKEND_RAW) {
        if (value->bytes || value->size == 0) {
            buffer_append(out, value->bytes ? value->bytes : "", value->size);
            is_done = true;
        }
        why = "a raw state is bytes";
    } else if (!value->tree) {
        why = "there is no tree";
    } else if ((why = find_fault(value->tree, 1)) == NULL) {
        is_done = serializer == BACKEND_MSGPACK || encode_json(value->tree, out, &why);
        if (serializer == BACKEND_MSGPACK)
            serializer_encode_msgpack(value->tree, out);
    }
    if (!is_done)
        snprintf(error, BACKEND_ERROR_SIZE, "the value can't be encoded: %s", why);
    return is_done;
}

static void copy_bytes(struct bytes text, struct backend_value *value)
{
    value->bytes = memory_allocate(text.size + 1);
    if (text.size)
        memcpy(value->bytes, text.data, text.size);
    value->bytes[text.size] = '\0';
    value->size = text.size;
}

bool serializer_decode(enum backend_serializer serializer, struct bytes text,
                       struct backend_value *value, char error[BACKEND_ERROR_SIZE])
{
    *value = (struct backend_value){0};
    const char *why = NULL;
    json_error_t problem;
    switch (serializer) {
    case BACKEND_RAW:
        copy_bytes(text, value);
        return true;
    case BACKEND_MSGPACK:
        value->tree = serializer_decode_msgpack(text, &why);
        break;
    case BACKEND_JSON:
        value->tree =
            json_loadb(text.data ? text.data : "", text.size,
                       JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &problem);
        why = problem.text;
        if (value->tree && (why = find_fault(value->tree, 1)) != NULL)
            backend_value_clear(value);
        break;
    }
    if (!value->tree)
        snprintf(error, BACKEND_ERROR_SIZE, "the state can't be decoded: %s", why);
    return value->tree != NULL;
}

void backend_value_clear(struct backend_value *value)
{
    if (!value)
        return;
    json_decref(value->tree);
    free(value->bytes);
    *value = (struct backend_value){0};
}
