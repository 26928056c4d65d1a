/* SPDX-License-Identifier: MIT */
#include "commands/geo_points.h"

#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "reply/errors.h"
#include "values/sorted_set.h"

#define DISTANCE_SIZE 400 /* any double with four digits after the point */

bool geo_points_parse(struct call *call, int index, struct geohash_point *point)
{
    if (!call_double(call, index, &point->longitude, NULL) ||
        !call_double(call, index + 1, &point->latitude, NULL))
        return false;
    if (geohash_is_on_map(*point))
        return true;
    reply_error_format(call->reply, ERROR_GEO_COORDINATES, point->longitude, point->latitude);
    return false;
}

bool geo_points_parse_unit(struct call *call, int index, double *metres)
{
    static const struct {
        const char *name;
        double metres;
    } units[] = {{"m", 1}, {"km", 1000}, {"ft", 0.3048}, {"mi", 1609.34}};
    bool takes_upper = call_emulates(call, 7, 0);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (takes_upper ? call_is(call, index, units[i].name)
                        : bytes_equal_string(call->argv[index], units[i].name)) {
            *metres = units[i].metres;
            return true;
        }
    }
    reply_error(call->reply, takes_upper ? ERROR_GEO_UNIT : ERROR_GEO_UNIT_BEFORE_7);
    return false;
}

bool geo_points_of_member(const struct value *set, struct bytes member, struct geohash_point *point)
{
    double score;
    if (!sorted_set_score(set, member, &score))
        return false;
    *point = geohash_decode(score);
    return true;
}

/* Since 7.0 Redis rounds to ten-thousandths before it writes digits, which differs from printf
 * where the product of the distance and 10,000 is rounded too. */
static size_t format_distance(const struct call *call, char out[DISTANCE_SIZE], double distance)
{
    if (!call_emulates(call, 7, 0) || !(distance < 1e14))
        return (size_t)snprintf(out, DISTANCE_SIZE, "%.4f", distance);
    int64_t scaled = llrint(distance * 10000);
    size_t size = number_format_integer(out, scaled / 10000);
    out[size] = '.';
    for (size_t i = size + 4; i > size; i--, scaled /= 10)
        out[i] = (char)('0' + scaled % 10);
    return size + 5;
}

void geo_points_reply_distance(struct call *call, double distance)
{
    char text[DISTANCE_SIZE];
    reply_bulk(call->reply, bytes_of(text, format_distance(call, text, distance)));
}

static void reply_coordinate(struct call *call, double coordinate)
{
    char text[NUMBER_LONG_DOUBLE_SIZE];
    size_t size = number_format_long_double(text, (long double)coordinate);
    reply_decimal(call->reply, bytes_of(text, size));
}

void geo_points_reply(struct call *call, struct geohash_point point)
{
    reply_open(call->reply, REPLY_ARRAY, 2);
    reply_coordinate(call, point.longitude);
    reply_coordinate(call, point.latitude);
    reply_close(call->reply);
}

const struct command_argument geo_points_unit_arguments[] = {
    {.name = "m", .type = ARGUMENT_PURE_TOKEN, .token = "M"},
    {.name = "km", .type = ARGUMENT_PURE_TOKEN, .token = "KM"},
    {.name = "ft", .type = ARGUMENT_PURE_TOKEN, .token = "FT"},
    {.name = "mi", .type = ARGUMENT_PURE_TOKEN, .token = "MI"},
    {0},
};
