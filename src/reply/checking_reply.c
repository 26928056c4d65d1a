/* SPDX-License-Identifier: MIT */
#include "reply/checking_reply.h"

#include <string.h>

#include "base/check.h"

struct checking_frame {
    enum reply_kind kind;
    size_t expected; /* elements, or REPLY_UNSIZED */
    size_t elements; /* so far */
    size_t pushes;   /* so far; each may stand for an element */
};

static struct checking_reply *checking_of(struct reply *reply)
{
    return (struct checking_reply *)(void *)reply;
}

static struct checking_frame *top_frame(struct checking_reply *checking)
{
    if (checking->frames.size == 0)
        return NULL;
    return (struct checking_frame *)(void *)(checking->frames.data + checking->frames.size) - 1;
}

static void count_value(struct checking_reply *checking)
{
    struct checking_frame *frame = top_frame(checking);
    checking->awaits_value = false;
    if (!frame) {
        CHECK(checking->values == 0);
        checking->values++;
        return;
    }
    CHECK(frame->elements < frame->expected);
    frame->elements++;
}

static void check_line(struct bytes text)
{
    for (size_t i = 0; i < text.size; i++)
        CHECK(text.data[i] != '\r' && text.data[i] != '\n');
}

static bool holds_pairs(enum reply_kind kind)
{
    return kind == REPLY_MAP || kind == REPLY_ATTRIBUTE || kind == REPLY_PAIRS ||
           kind == REPLY_PAIRED_MAP;
}

static void checking_open(struct reply *reply, enum reply_kind kind, size_t count)
{
    struct checking_reply *checking = checking_of(reply);
    bool is_outermost = checking->frames.size == 0;
    if (kind == REPLY_PUSH) {
        CHECK(!checking->awaits_value);
        if (is_outermost)
            checking->pushes++;
        else
            top_frame(checking)->pushes++;
    } else if (kind == REPLY_ATTRIBUTE) {
        CHECK(!checking->awaits_value);
        CHECK(!is_outermost || checking->values == 0);
    } else {
        count_value(checking);
    }
    bool is_doubled = holds_pairs(kind) && count != REPLY_UNSIZED;
    CHECK(!is_doubled || count <= SIZE_MAX / 4);
    struct checking_frame frame = {.kind = kind, .expected = is_doubled ? count * 2 : count};
    buffer_append(&checking->frames, &frame, sizeof frame);
    reply_open(checking->inner, kind, count);
}

static void checking_close(struct reply *reply)
{
    struct checking_reply *checking = checking_of(reply);
    struct checking_frame *frame = top_frame(checking);
    CHECK(frame);
    CHECK(!checking->awaits_value);
    CHECK(frame->expected == REPLY_UNSIZED || frame->elements + frame->pushes >= frame->expected);
    CHECK(!holds_pairs(frame->kind) || frame->elements % 2 == 0);
    checking->awaits_value = frame->kind == REPLY_ATTRIBUTE;
    checking->frames.size -= sizeof *frame;
    reply_close(checking->inner);
}

static void checking_null(struct reply *reply)
{
    count_value(checking_of(reply));
    reply_null(checking_of(reply)->inner);
}

static void checking_null_array(struct reply *reply)
{
    count_value(checking_of(reply));
    reply_null_array(checking_of(reply)->inner);
}

static void checking_boolean(struct reply *reply, bool value)
{
    count_value(checking_of(reply));
    reply_boolean(checking_of(reply)->inner, value);
}

static void checking_integer(struct reply *reply, int64_t value)
{
    count_value(checking_of(reply));
    reply_integer(checking_of(reply)->inner, value);
}

static void checking_real(struct reply *reply, double value)
{
    count_value(checking_of(reply));
    reply_real(checking_of(reply)->inner, value);
}

static void checking_decimal(struct reply *reply, struct bytes text)
{
    count_value(checking_of(reply));
    CHECK(text.size > 0);
    check_line(text);
    reply_decimal(checking_of(reply)->inner, text);
}

static void checking_big_number(struct reply *reply, struct bytes digits)
{
    count_value(checking_of(reply));
    CHECK(digits.size > 0);
    for (size_t i = 0; i < digits.size; i++) {
        bool is_sign = i == 0 && digits.size > 1 && strchr("+-", digits.data[0]);
        CHECK(is_sign || (digits.data[i] >= '0' && digits.data[i] <= '9'));
    }
    reply_big_number(checking_of(reply)->inner, digits);
}

static void checking_bulk(struct reply *reply, struct bytes bytes)
{
    count_value(checking_of(reply));
    CHECK(bytes.data || bytes.size == 0);
    reply_bulk(checking_of(reply)->inner, bytes);
}

static void checking_verbatim(struct reply *reply, const char format[3], struct bytes text)
{
    count_value(checking_of(reply));
    check_line(bytes_of(format, 3));
    reply_verbatim(checking_of(reply)->inner, format, text);
}

static void checking_simple(struct reply *reply, struct bytes text)
{
    struct checking_reply *checking = checking_of(reply);
    count_value(checking);
    check_line(text);
    checking->inner->class->simple(checking->inner, text);
}

static void checking_error(struct reply *reply, struct bytes text)
{
    count_value(checking_of(reply));
    check_line(text);
    CHECK(text.size > 0 && text.data[0] != '-');
    reply_error_bytes(checking_of(reply)->inner, text);
}

static const struct reply_class checking_class = {
    .open = checking_open,
    .close = checking_close,
    .null = checking_null,
    .null_array = checking_null_array,
    .boolean = checking_boolean,
    .integer = checking_integer,
    .real = checking_real,
    .decimal = checking_decimal,
    .big_number = checking_big_number,
    .bulk = checking_bulk,
    .verbatim = checking_verbatim,
    .simple = checking_simple,
    .error = checking_error,
};

void checking_reply_init(struct checking_reply *checking, struct reply *inner)
{
    *checking = (struct checking_reply){.reply = {.class = &checking_class}, .inner = inner};
}

void checking_reply_finish(struct checking_reply *checking)
{
    CHECK(checking->frames.size == 0);
    CHECK(!checking->awaits_value);
    CHECK(checking->values == 1 || (checking->values == 0 && checking->pushes > 0));
    checking_reply_clear(checking);
}

void checking_reply_clear(struct checking_reply *checking)
{
    buffer_clear(&checking->frames);
    checking->values = 0;
    checking->pushes = 0;
    checking->awaits_value = false;
}
