/* SPDX-License-Identifier: MIT */
/* The same walk is made twice: first without a reply, to see that the value is whole. */
#include "resp/resp_replay.h"

#include "base/number.h"

#define DEEPEST 64 /* aggregates within one another */

struct walk {
    struct bytes left;
    struct reply *reply; /* NULL: only look */
    int depth;
};

static bool walk_value(struct walk *walk);

/* Up to the next CR LF, which is taken as well. */
static bool take_line(struct walk *walk, struct bytes *line)
{
    const char *end = walk->left.size ? memchr(walk->left.data, '\r', walk->left.size) : NULL;
    if (!end)
        return false;
    size_t size = (size_t)(end - walk->left.data);
    if (size + 2 > walk->left.size || end[1] != '\n' || memchr(walk->left.data, '\n', size))
        return false;
    *line = bytes_of(walk->left.data, size);
    walk->left = bytes_of(end + 2, walk->left.size - size - 2);
    return true;
}

static bool take_text(struct walk *walk, int64_t size, struct bytes *text)
{
    if (size < 0 || (uint64_t)size + 2 > walk->left.size ||
        memcmp(walk->left.data + size, "\r\n", 2) != 0)
        return false;
    *text = bytes_of(walk->left.data, (size_t)size);
    walk->left = bytes_of(walk->left.data + size + 2, walk->left.size - (size_t)size - 2);
    return true;
}

static bool walk_text(struct walk *walk, char type, int64_t size)
{
    struct bytes text;
    if (!take_text(walk, size, &text) || (type == '=' && (text.size < 4 || text.data[3] != ':')))
        return false;
    if (!walk->reply)
        return true;
    if (type == '$')
        reply_bulk(walk->reply, text);
    else if (type == '!')
        reply_error_bytes(walk->reply, text);
    else
        reply_verbatim(walk->reply, text.data, bytes_of(text.data + 4, text.size - 4));
    return true;
}

static bool walk_elements(struct walk *walk, int64_t count)
{
    bool is_whole = walk->depth < DEEPEST;
    walk->depth++;
    for (int64_t i = 0; i < count && is_whole; i++)
        is_whole = walk_value(walk);
    walk->depth--;
    return is_whole;
}

static bool walk_aggregate(struct walk *walk, char type, int64_t count)
{
    enum reply_kind kind = type == '%'   ? REPLY_MAP
                           : type == '~' ? REPLY_SET
                           : type == '>' ? REPLY_PUSH
                                         : REPLY_ARRAY;
    int64_t elements = kind == REPLY_MAP ? count * 2 : count;
    if (count < 0 || count > (int64_t)walk->left.size)
        return false;
    if (walk->reply)
        reply_open(walk->reply, kind, (size_t)count);
    if (!walk_elements(walk, elements))
        return false;
    if (walk->reply)
        reply_close(walk->reply);
    return true;
}

/* What belongs to the value behind it; that follows. */
static bool walk_attribute(struct walk *walk, int64_t count)
{
    struct reply *reply = walk->reply;
    if (count < 0 || count > (int64_t)walk->left.size)
        return false;
    walk->reply = NULL;
    bool is_whole = walk_elements(walk, count * 2);
    walk->reply = reply;
    return is_whole && walk_value(walk);
}

static bool walk_number(struct walk *walk, char type, struct bytes line)
{
    int64_t integer;
    double real;
    if (type == ':' ? !number_parse_integer(line, &integer)
                    : type == ',' && !number_parse_double(line, &real))
        return false;
    if (line.size == 0)
        return false;
    if (!walk->reply)
        return true;
    if (type == ':')
        reply_integer(walk->reply, integer);
    else if (type == ',')
        reply_real(walk->reply, real);
    else
        reply_big_number(walk->reply, line);
    return true;
}

static bool walk_null(struct walk *walk, bool is_array)
{
    if (walk->reply && is_array)
        reply_null_array(walk->reply);
    else if (walk->reply)
        reply_null(walk->reply);
    return true;
}

static bool walk_line(struct walk *walk, char type, struct bytes line)
{
    if (type == '-' && line.size == 0)
        return false;
    if (walk->reply && type == '+')
        walk->reply->class->simple(walk->reply, line);
    else if (walk->reply)
        reply_error_bytes(walk->reply, line);
    return true;
}

static bool walk_value(struct walk *walk)
{
    struct bytes line;
    int64_t size = 0;
    if (!take_line(walk, &line) || line.size == 0)
        return false;
    char type = *line.data;
    line = bytes_of(line.data + 1, line.size - 1);
    if (strchr("$!=*%~>|", type) && !number_parse_integer(line, &size))
        return false;
    switch (type) {
    case '+':
    case '-':
        return walk_line(walk, type, line);
    case ':':
    case ',':
    case '(':
        return walk_number(walk, type, line);
    case '_':
        return line.size == 0 && walk_null(walk, false);
    case '#':
        if (!bytes_equal_string(line, "t") && !bytes_equal_string(line, "f"))
            return false;
        if (walk->reply)
            reply_boolean(walk->reply, *line.data == 't');
        return true;
    case '$':
    case '!':
    case '=':
        return type == '$' && size == -1 ? walk_null(walk, false) : walk_text(walk, type, size);
    case '*':
    case '%':
    case '~':
    case '>':
        return type == '*' && size == -1 ? walk_null(walk, true) : walk_aggregate(walk, type, size);
    case '|':
        return walk_attribute(walk, size);
    default:
        return false;
    }
}

bool resp_replay(struct bytes encoded, struct reply *reply)
{
    struct walk look = {.left = encoded};
    if (!walk_value(&look) || look.left.size)
        return false;
    struct walk answer = {.left = encoded, .reply = reply};
    return walk_value(&answer);
}
