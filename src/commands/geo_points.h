/* SPDX-License-Identifier: MIT */
/*
 * What the geo commands share: points, units and distances in arguments and replies.
 *
 *     struct geohash_point point;
 *     if (!geo_points_parse(call, 2, &point))
 *         return;                                  // the error was answered
 *     geo_points_reply(call, point);
 */
#ifndef UNDERSTUDY_COMMANDS_GEO_POINTS_H
#define UNDERSTUDY_COMMANDS_GEO_POINTS_H

#include <stdbool.h>

#include "engine/call.h"
#include "values/geohash.h"

/* argv[index] and the next one: longitude and latitude. False: the error was answered. */
bool geo_points_parse(struct call *call, int index, struct geohash_point *point);

/* argv[index] as "m", "km", "ft" or "mi". False: the error was answered. */
bool geo_points_parse_unit(struct call *call, int index, double *metres);

/* The point where a member of a sorted set is; false when there is no such member. Answers nothing.
 */
bool geo_points_of_member(const struct value *set, struct bytes member,
                          struct geohash_point *point);

/* How geo commands answer a distance: with four digits after the point. */
void geo_points_reply_distance(struct call *call, double distance);
/* And a point: an array of both coordinates with all their digits. */
void geo_points_reply(struct call *call, struct geohash_point point);

/* For COMMAND DOCS: the units of distances. */
extern const struct command_argument geo_points_unit_arguments[];

#endif
