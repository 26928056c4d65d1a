/* SPDX-License-Identifier: MIT */
/* LOLWUT: a picture, another one each time, and the version. */
#include "base/random.h"
#include "engine/call.h"
#include "engine/engine.h"

#define LARGEST 1000 /* columns and rows */

static const char *pick(struct call *call, const char *const *strokes, uint64_t count)
{
    return strokes[random_below(&call->engine->random, count)];
}

/* A maze of two strokes. */
static void draw_maze(struct call *call, const int64_t sizes[2], struct buffer *text)
{
    static const char *const strokes[] = {"\u2571", "\u2572"};
    for (int64_t row = 0; row < sizes[1]; row++) {
        for (int64_t column = 0; column < sizes[0]; column++)
            buffer_append_string(text, pick(call, strokes, 2));
        buffer_append_byte(text, '\n');
    }
}

/* Hills before a sky with a few stars; each column's height is near its neighbour's. */
static void draw_hills(struct call *call, const int64_t sizes[2], struct buffer *text)
{
    static const char *const sky[] = {" ", " ", " ", " ", " ", " ", " ", " ",
                                      " ", " ", " ", " ", " ", " ", ".", "*"};
    int16_t heights[LARGEST];
    int64_t height = sizes[1] / 2;
    for (int64_t column = 0; column < sizes[0]; column++) {
        height += (int64_t)random_below(&call->engine->random, 3) - 1;
        height = height < 1 ? 1 : height > sizes[1] ? sizes[1] : height;
        heights[column] = (int16_t)height;
    }
    for (int64_t row = sizes[1]; row > 0; row--) {
        for (int64_t column = 0; column < sizes[0]; column++)
            buffer_append_string(text, heights[column] > row    ? "\u2588"
                                       : heights[column] == row ? "\u2583"
                                                                : pick(call, sky, 16));
        buffer_append_byte(text, '\n');
    }
}

/* Waves, line by line. */
static void draw_sea(struct call *call, const int64_t sizes[2], struct buffer *text)
{
    static const char *const waves[] = {"~", "~", "~", "\u223f", " ", "-"};
    for (int64_t row = 0; row < sizes[1]; row++) {
        for (int64_t column = 0; column < sizes[0]; column++)
            buffer_append_string(text, pick(call, waves, 6));
        buffer_append_byte(text, '\n');
    }
}

/* As in Redis only some versions have a picture. Each takes its sizes behind the version, as many
 * as Redis's does: a third one changes nothing here. */
static const struct picture {
    int64_t version;
    const char *since; /* NULL: always there */
    int arguments;
    int64_t sizes[2]; /* unless told: columns, rows */
    void (*draw)(struct call *call, const int64_t sizes[2], struct buffer *text);
} pictures[] = {
    {5, NULL, 3, {66, 8}, draw_maze},
    {6, NULL, 2, {80, 20}, draw_hills},
    {8, "8.0", 2, {60, 10}, draw_sea},
};

static const struct picture *find_picture(const struct call *call, int64_t version)
{
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        if (pictures[i].version == version &&
            (!pictures[i].since ||
             command_version_number(pictures[i].since) <= call->engine->version))
            return &pictures[i];
    return NULL;
}

/* False: it was answered that a size is none. `first` is where they stand in argv. */
static bool parse_sizes(struct call *call, const struct picture *picture, int first,
                        int64_t sizes[2])
{
    for (int i = 0; i < picture->arguments && first + i < call->argc; i++) {
        int64_t size;
        if (!call_integer(call, first + i, &size, NULL))
            return false;
        if (i < 2)
            sizes[i] = size < 1 ? 1 : size > LARGEST ? LARGEST : size;
    }
    return true;
}

static void lolwut_lolwut(struct call *call)
{
    int64_t version = call->engine->version >> 16;
    int first = 1;
    struct buffer text = {0};
    if (call->argc >= 3 && call_is(call, 1, "VERSION")) {
        if (!call_integer(call, 2, &version, NULL))
            return;
        first = 3;
    }
    const struct picture *picture = find_picture(call, version);
    if (picture) {
        int64_t sizes[2] = {picture->sizes[0], picture->sizes[1]};
        if (!parse_sizes(call, picture, first, sizes))
            return;
        picture->draw(call, sizes, &text);
        buffer_append_byte(&text, '\n');
    }
    buffer_append_format(&text, "Redis ver. %s\n", call->engine->version_text);
    reply_verbatim(call->reply, "txt", buffer_bytes(&text));
    buffer_clear(&text);
}

static const struct command_argument lolwut_arguments[] = {
    {.name = "version", .type = ARGUMENT_INTEGER, .token = "VERSION", .flags = ARGUMENT_OPTIONAL},
    {0},
};

const struct command lolwut_commands[] = {
    {.name = "LOLWUT",
     .arity = -1,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .since = "5.0.0",
     .group = "server",
     .summary = "Draws something and tells the version.",
     .arguments = lolwut_arguments,
     .run = lolwut_lolwut},
    {0},
};
