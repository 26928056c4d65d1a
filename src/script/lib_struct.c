/* SPDX-License-Identifier: MIT */
/*
 * Positions and sizes never overflow: a field that is packed is no longer than its string, one that
 * is unpacked lies within the data, and a count in a format fits an int.
 */
#include "script/lib_struct.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>

#include "base/bytes.h"
#include "reply/errors.h"

#define LARGEST_INTEGER  32 /* bytes */
#define LARGEST_NATURAL  8  /* bytes: what '!' alone aligns to */
#define IS_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)

/* A format while it is read. */
struct format {
    lua_State *L;
    const char *at; /* what is left; ends with a zero byte */
    bool is_little_endian;
    size_t alignment; /* a power of two */
};

struct field {
    char option;
    size_t size;    /* bytes; 0 for one whose string says it, and for what is no field */
    size_t padding; /* bytes before it */
};

static struct format format_of(lua_State *L)
{
    return (struct format){
        .L = L,
        .at = luaL_checkstring(L, 1),
        .is_little_endian = IS_LITTLE_ENDIAN,
        .alignment = 1,
    };
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter_or_digit(char byte)
{
    return is_digit(byte) || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

static bool is_integer(char option)
{
    return strchr("bBhHlLTiI", option) != NULL; /* an option is no zero byte */
}

static int read_count(struct format *format, int otherwise)
{
    if (!is_digit(*format->at))
        return otherwise;
    int count = 0;
    while (is_digit(*format->at)) {
        int digit = *format->at++ - '0';
        if (count > (INT_MAX - digit) / 10)
            luaL_error(format->L, ERROR_STRUCT_COUNT);
        count = count * 10 + digit;
    }
    return count;
}

static size_t read_integer_size(struct format *format)
{
    int size = read_count(format, sizeof(int));
    if (size > LARGEST_INTEGER)
        luaL_error(format->L, ERROR_STRUCT_INTEGER_SIZE, size, LARGEST_INTEGER);
    return (size_t)size;
}

static size_t read_size(struct format *format, char option)
{
    switch (option) {
    case 'b':
    case 'B':
    case 'x':
        return 1;
    case 'h':
    case 'H':
        return sizeof(short);
    case 'l':
    case 'L':
        return sizeof(long);
    case 'T':
        return sizeof(size_t);
    case 'f':
        return sizeof(float);
    case 'd':
        return sizeof(double);
    case 'c':
        return (size_t)read_count(format, 1);
    case 'i':
    case 'I':
        return read_integer_size(format);
    default:
        return 0;
    }
}

/* A size that is no power of two gives odd places; Redis computes the same ones. */
static size_t padding_before(const struct format *format, size_t position, char option, size_t size)
{
    if (size == 0 || option == 'c')
        return 0;
    size_t unit = size < format->alignment ? size : format->alignment;
    return (unit - (position & (unit - 1))) & (unit - 1);
}

/* False at the end. */
static bool next_field(struct format *format, size_t position, struct field *field)
{
    field->option = *format->at;
    if (!field->option)
        return false;
    format->at++;
    field->size = read_size(format, field->option);
    field->padding = padding_before(format, position, field->option, field->size);
    return true;
}

static void set_alignment(struct format *format)
{
    int alignment = read_count(format, LARGEST_NATURAL);
    if (alignment <= 0 || (alignment & (alignment - 1)) != 0)
        luaL_error(format->L, ERROR_STRUCT_ALIGNMENT, alignment);
    format->alignment = (size_t)alignment;
}

/* What is no field. */
static void obey(struct format *format, char option)
{
    switch (option) {
    case ' ':
        break;
    case '<':
    case '>':
        format->is_little_endian = option == '<';
        break;
    case '!':
        set_alignment(format);
        break;
    default: {
        const char *message = lua_pushfstring(format->L, ERROR_STRUCT_OPTION, option);
        luaL_argerror(format->L, 1, message);
    }
    }
}

/* Without undefined conversions, with the results that Redis gets on x86-64: what is too low, and
 * NaN, is the lowest integer; what is too high is 0. */
static uint64_t integer_of(lua_Number number)
{
    if (number < 0)
        return number >= -0x1p63 ? (uint64_t)(int64_t)number : (uint64_t)1 << 63;
    if (number < 0x1p64)
        return (uint64_t)number;
    return number != number ? (uint64_t)1 << 63 : 0;
}

static void put_integer(luaL_Buffer *out, const struct format *format, uint64_t value, size_t size)
{
    char data[LARGEST_INTEGER];
    for (size_t i = 0; i < size; i++) {
        data[format->is_little_endian ? i : size - 1 - i] = (char)(value & 0xff);
        value >>= 8;
    }
    luaL_addlstring(out, data, size);
}

/* Turns `size` bytes between the machine's order and the format's. */
static void correct_order(const struct format *format, void *data, size_t size)
{
    char *bytes = data;
    if (format->is_little_endian == IS_LITTLE_ENDIAN)
        return;
    for (size_t i = 0; i < size / 2; i++) {
        char byte = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

static void put_real(luaL_Buffer *out, const struct format *format, lua_Number number, size_t size)
{
    char data[sizeof number];
    float narrow = (float)number;
    memcpy(data, size == sizeof narrow ? (void *)&narrow : (void *)&number, size);
    correct_order(format, data, size);
    luaL_addlstring(out, data, size);
}

/* Returns the bytes added. */
static size_t put_string(luaL_Buffer *out, int argument, const struct field *field)
{
    struct bytes text;
    text.data = luaL_checklstring(out->L, argument, &text.size);
    size_t size = field->size ? field->size : text.size;
    /* The next argument is the one that is named: Redis counts before it looks. */
    luaL_argcheck(out->L, text.size >= size, argument + 1, "string too short");
    luaL_addlstring(out, text.data, size);
    if (field->option != 's')
        return size;
    luaL_addchar(out, '\0');
    return size + 1;
}

/* Adds the field, from the argument of that number if it needs one; returns the bytes added. */
static size_t put_field(luaL_Buffer *out, struct format *format, const struct field *field,
                        int *argument)
{
    if (is_integer(field->option)) {
        put_integer(out, format, integer_of(luaL_checknumber(out->L, (*argument)++)), field->size);
        return field->size;
    }
    switch (field->option) {
    case 'x':
        luaL_addchar(out, '\0');
        return field->size;
    case 'f':
    case 'd':
        put_real(out, format, luaL_checknumber(out->L, (*argument)++), field->size);
        return field->size;
    case 'c':
    case 's':
        return put_string(out, (*argument)++, field);
    default:
        obey(format, field->option);
        return 0;
    }
}

static int pack(lua_State *L)
{
    struct format format = format_of(L);
    struct field field;
    size_t position = 0;
    int argument = 2;
    luaL_Buffer out;
    lua_pushnil(L); /* an argument too few is this one, not a piece of the buffer */
    luaL_buffinit(L, &out);
    while (next_field(&format, position, &field)) {
        for (size_t i = 0; i < field.padding; i++)
            luaL_addchar(&out, '\0');
        position += field.padding;
        position += put_field(&out, &format, &field, &argument);
    }
    luaL_pushresult(&out);
    return 1;
}

/* Bytes above the eighth are lost. The sign of such a wide integer is looked for in a bit that
 * shifting modulo 64 finds, as in Redis. */
static lua_Number get_integer(const struct format *format, const char *data,
                              const struct field *field)
{
    uint64_t value = 0;
    for (size_t i = 0; i < field->size; i++) {
        size_t place = format->is_little_endian ? field->size - 1 - i : i;
        value = value << 8 | (unsigned char)data[place];
    }
    if (field->option < 'a')
        return (lua_Number)value;
    uint64_t sign = UINT64_MAX << ((field->size * 8 - 1) & 63);
    if (value & sign)
        value |= sign;
    return (lua_Number)(int64_t)value;
}

static lua_Number get_real(const struct format *format, const char *data, size_t size)
{
    char copy[sizeof(double)];
    float narrow;
    double number;
    memcpy(copy, data, size);
    correct_order(format, copy, size);
    if (size == sizeof narrow) {
        memcpy(&narrow, copy, sizeof narrow);
        return narrow;
    }
    memcpy(&number, copy, sizeof number);
    return number;
}

/* Takes the number on top, if a result was read before. */
static size_t pop_string_size(lua_State *L, int results, struct bytes left)
{
    if (results == 0 || !lua_isnumber(L, -1))
        luaL_error(L, ERROR_STRUCT_NO_SIZE);
    uint64_t size = integer_of(lua_tonumber(L, -1));
    lua_pop(L, 1);
    luaL_argcheck(L, size <= left.size, 2, ERROR_STRUCT_SHORT_DATA);
    return size;
}

/* Pushes the field that the bytes begin with, if it is one; returns its size. */
static size_t push_field(struct format *format, const struct field *field, struct bytes left,
                         int *results)
{
    lua_State *L = format->L;
    size_t size = field->size;
    if (is_integer(field->option)) {
        lua_pushnumber(L, get_integer(format, left.data, field));
        ++*results;
        return size;
    }
    switch (field->option) {
    case 'f':
    case 'd':
        lua_pushnumber(L, get_real(format, left.data, size));
        break;
    case 'c':
        if (size == 0) {
            size = pop_string_size(L, *results, left);
            --*results;
        }
        lua_pushlstring(L, left.data, size);
        break;
    case 's': {
        const char *end = memchr(left.data, '\0', left.size);
        if (!end)
            luaL_error(L, ERROR_STRUCT_UNFINISHED_STRING);
        size = (size_t)(end - left.data) + 1;
        lua_pushlstring(L, left.data, size - 1);
        break;
    }
    default:
        if (field->option != 'x')
            obey(format, field->option);
        return size;
    }
    ++*results;
    return size;
}

static int unpack(lua_State *L)
{
    struct format format = format_of(L);
    struct field field;
    struct bytes data;
    data.data = luaL_checklstring(L, 2, &data.size);
    lua_Integer start = luaL_optinteger(L, 3, 1);
    luaL_argcheck(L, start != 0, 3, "offset must be 1 or greater"); /* below 0 is far behind */
    size_t position = (size_t)start - 1;
    int results = 0;
    while (next_field(&format, position, &field)) {
        bool is_there = position <= data.size && field.padding <= data.size - position &&
                        field.size <= data.size - position - field.padding;
        luaL_argcheck(L, is_there, 2, ERROR_STRUCT_SHORT_DATA);
        luaL_checkstack(L, 2, "too many results");
        position += field.padding;
        struct bytes left = bytes_of(data.data + position, data.size - position);
        position += push_field(&format, &field, left, &results);
    }
    lua_pushinteger(L, (lua_Integer)(position + 1));
    return results + 1;
}

static int size(lua_State *L)
{
    struct format format = format_of(L);
    struct field field;
    size_t position = 0;
    while (next_field(&format, position, &field)) {
        luaL_argcheck(L, field.option != 's', 1, "option 's' has no fixed size");
        luaL_argcheck(L, field.option != 'c' || field.size, 1, "option 'c0' has no fixed size");
        if (!is_letter_or_digit(field.option)) /* other letters count as nothing */
            obey(&format, field.option);
        position += field.padding + field.size;
    }
    lua_pushinteger(L, (lua_Integer)position);
    return 1;
}

static const luaL_Reg functions[] = {
    {"pack", pack},
    {"unpack", unpack},
    {"size", size},
    {NULL, NULL},
};

int lib_struct_open(lua_State *L)
{
    lua_newtable(L);
    luaL_register(L, NULL, functions);
    return 1;
}
