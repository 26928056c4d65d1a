/* SPDX-License-Identifier: MIT */
/*
 * msgpack-c packs. Unpacking is written out here, as msgpack-c gives up below 32 levels and takes
 * the memory for as many items as a header claims before it has seen one of them: what is read here
 * never claims more than it holds.
 */
#include <msgpack.h>
#include <string.h>

#include "backend/serializer.h"

static int append_chunk(void *out, const char *data, size_t size)
{
    buffer_append(out, data, size);
    return 0;
}

static void pack_text(msgpack_packer *packer, const char *text, size_t size)
{
    msgpack_pack_str(packer, size);
    msgpack_pack_str_body(packer, text, size);
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
            pack_text(packer, key, strlen(key));
            pack(packer, child);
        }
        break;
    case JSON_ARRAY:
        msgpack_pack_array(packer, json_array_size(tree));
        json_array_foreach(tree, index, child) pack(packer, child);
        break;
    case JSON_STRING:
        pack_text(packer, json_string_value(tree), json_string_length(tree));
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

void serializer_encode_msgpack(const json_t *tree, struct buffer *out)
{
    msgpack_packer packer;
    msgpack_packer_init(&packer, out, append_chunk);
    pack(&packer, tree);
}

/* --- unpacking --- */

struct reader {
    const unsigned char *at, *end; /* borrowed */
    const char *why;               /* NULL while all is well */
};

/* The type bytes of the format's specification. */
enum {
    FIXMAP = 0x80,
    FIXARRAY = 0x90,
    FIXSTR = 0xa0,
    NIL = 0xc0,
    FALSE = 0xc2,
    TRUE = 0xc3,
    BIN8 = 0xc4,
    BIN32 = 0xc6,
    FLOAT32 = 0xca,
    FLOAT64 = 0xcb,
    UINT8 = 0xcc,
    UINT64 = 0xcf,
    INT8 = 0xd0,
    INT64 = 0xd3,
    STR8 = 0xd9,
    STR32 = 0xdb,
    ARRAY16 = 0xdc,
    ARRAY32 = 0xdd,
    MAP16 = 0xde,
    MAP32 = 0xdf,
    NEGATIVE_FIXINT = 0xe0,
};

static json_t *fail(struct reader *reader, const char *why)
{
    if (!reader->why)
        reader->why = why;
    return NULL;
}

/* The next `size` bytes; NULL when there are not so many. */
static const unsigned char *take(struct reader *reader, size_t size)
{
    const unsigned char *taken = reader->at;
    if (size > (size_t)(reader->end - reader->at)) {
        fail(reader, "it ends in the middle of a value");
        return NULL;
    }
    reader->at += size;
    return taken;
}

/* A number of `size` bytes, highest first; 0 when they are not there. */
static uint64_t take_number(struct reader *reader, size_t size)
{
    const unsigned char *bytes = take(reader, size);
    uint64_t number = 0;
    for (size_t i = 0; bytes && i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

static json_t *read_unsigned(struct reader *reader, size_t size)
{
    uint64_t number = take_number(reader, size);
    if (number > INT64_MAX)
        return fail(reader, "an integer has more than 64 bits with its sign");
    return reader->why ? NULL : json_integer((json_int_t)number);
}

static json_t *read_signed(struct reader *reader, size_t size)
{
    uint64_t number = take_number(reader, size);
    uint64_t sign = UINT64_C(1) << (8 * size - 1);
    return reader->why ? NULL : json_integer((json_int_t)((number ^ sign) - sign));
}

static json_t *read_real(struct reader *reader, size_t size)
{
    uint64_t bits = take_number(reader, size);
    uint32_t short_bits = (uint32_t)bits;
    double real;
    float short_real;
    memcpy(&real, &bits, sizeof real);
    memcpy(&short_real, &short_bits, sizeof short_real);
    if (reader->why)
        return NULL;
    json_t *value = json_real(size == sizeof short_real ? (double)short_real : real);
    return value ? value : fail(reader, "a number is infinite or none");
}

static json_t *read_text(struct reader *reader, uint64_t size)
{
    const unsigned char *text = reader->why ? NULL : take(reader, size);
    if (!text)
        return NULL;
    json_t *value = json_stringn((const char *)text, size);
    return value ? value : fail(reader, "it holds bytes that are not UTF-8");
}

static json_t *read_value(struct reader *reader, int depth);

static json_t *read_array(struct reader *reader, uint64_t count, int depth)
{
    json_t *array = json_array();
    for (uint64_t i = 0; i < count && !reader->why; i++) {
        json_t *item = read_value(reader, depth + 1);
        if (item)
            json_array_append_new(array, item);
    }
    if (!reader->why)
        return array;
    json_decref(array);
    return NULL;
}

/* One pair into the map. Keys are strings: jansson has no others, nor any with a NUL. */
static void read_pair(struct reader *reader, json_t *map, int depth)
{
    json_t *key = read_value(reader, depth + 1);
    const char *name = json_string_value(key);
    if (key && (!name || strlen(name) != json_string_length(key)))
        fail(reader, "a map has a key that is no text");
    else if (key && json_object_get(map, name))
        fail(reader, "a map has a key twice");
    json_t *item = reader->why ? NULL : read_value(reader, depth + 1);
    if (item)
        json_object_set_new(map, name, item);
    json_decref(key);
}

static json_t *read_map(struct reader *reader, uint64_t count, int depth)
{
    json_t *map = json_object();
    for (uint64_t i = 0; i < count && !reader->why; i++)
        read_pair(reader, map, depth);
    if (!reader->why)
        return map;
    json_decref(map);
    return NULL;
}

/* The sizes of a group of types follow each other: 1, 2, 4, 8 bytes. */
static size_t size_in(unsigned type, unsigned first)
{
    return (size_t)1 << (type - first);
}

/* What has a byte of type alone, and its argument behind. */
static json_t *read_typed(struct reader *reader, unsigned type, int depth)
{
    if (type == NIL)
        return json_null();
    if (type == FALSE || type == TRUE)
        return json_boolean(type == TRUE);
    if (type >= BIN8 && type <= BIN32)
        return read_text(reader, take_number(reader, size_in(type, BIN8)));
    if (type == FLOAT32 || type == FLOAT64)
        return read_real(reader, type == FLOAT32 ? 4 : 8);
    if (type >= UINT8 && type <= UINT64)
        return read_unsigned(reader, size_in(type, UINT8));
    if (type >= INT8 && type <= INT64)
        return read_signed(reader, size_in(type, INT8));
    if (type >= STR8 && type <= STR32)
        return read_text(reader, take_number(reader, size_in(type, STR8)));
    if (type == ARRAY16 || type == ARRAY32)
        return read_array(reader, take_number(reader, type == ARRAY16 ? 2 : 4), depth);
    if (type == MAP16 || type == MAP32)
        return read_map(reader, take_number(reader, type == MAP16 ? 2 : 4), depth);
    return fail(reader, "it holds an extension type");
}

/* NULL: reader->why says why. */
static json_t *read_value(struct reader *reader, int depth)
{
    if (depth > SERIALIZER_DEPTH)
        return fail(reader, "it is too deep");
    const unsigned char *first = take(reader, 1);
    if (!first)
        return NULL;
    unsigned type = *first;
    if (type < FIXMAP)
        return json_integer(type);
    if (type < FIXARRAY)
        return read_map(reader, type - FIXMAP, depth);
    if (type < FIXSTR)
        return read_array(reader, type - FIXARRAY, depth);
    if (type < NIL)
        return read_text(reader, type - FIXSTR);
    if (type >= NEGATIVE_FIXINT)
        return json_integer((json_int_t)type - 0x100);
    return read_typed(reader, type, depth);
}

json_t *serializer_decode_msgpack(struct bytes text, const char **why)
{
    const unsigned char *data = (const unsigned char *)(text.data ? text.data : "");
    struct reader reader = {.at = data, .end = data + text.size};
    json_t *tree = read_value(&reader, 1);
    if (tree && reader.at != reader.end) {
        json_decref(tree);
        tree = fail(&reader, "there is more behind the value");
    }
    *why = reader.why;
    return tree;
}
