/* SPDX-License-Identifier: MIT */
/*
 * Points of the earth as numbers of 52 bits, and the search for those within a circle or a box.
 *
 *     uint64_t hash = geohash_encode(point);          // the score of a sorted set's member
 *     struct geohash_range ranges[GEOHASH_RANGES];
 *     size_t count = geohash_cover(&shape, ranges);
 *     ... for each score in each range: geohash_within(&shape, geohash_decode(score), &distance)
 *
 * Each coordinate is halved 26 times; a bit of latitude and one of longitude follow each other, so
 * that points with the same first bits share a cell of the map.
 */
#ifndef UNDERSTUDY_VALUES_GEOHASH_H
#define UNDERSTUDY_VALUES_GEOHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GEOHASH_TEXT_SIZE 11
#define GEOHASH_RANGES    9

struct geohash_point {
    double longitude; /* degrees */
    double latitude;
};

/* Whether a point may be encoded: the latitude is that of the Mercator projection at most. */
bool geohash_is_on_map(struct geohash_point point);

uint64_t geohash_encode(struct geohash_point point);

/* The middle of the cell; any score has one. */
struct geohash_point geohash_decode(double score);

/* The geohash that the rest of the world writes, with poles at 90 degrees: 11 characters, no
 * terminator. The last one is always '0', for want of bits. */
void geohash_text(struct geohash_point point, char out[GEOHASH_TEXT_SIZE]);

/* In metres, along the surface of a sphere. */
double geohash_distance(struct geohash_point a, struct geohash_point b);

struct geohash_shape {
    struct geohash_point center;
    bool is_box;
    double radius; /* of a circle, in units */
    double width;  /* of a box, from side to side, in units */
    double height;
    double unit; /* metres */
};

/* Scores from `lowest` to before `end`. */
struct geohash_range {
    double lowest;
    double end;
};

/* Ranges that hold every score within the shape, at most GEOHASH_RANGES, in the order in which
 * Redis looks through them. A range can occur twice when the shape is larger than the earth. */
size_t geohash_cover(const struct geohash_shape *shape, struct geohash_range *ranges);

/* Whether the point is within the shape, and if so its distance from the center in metres. */
bool geohash_within(const struct geohash_shape *shape, struct geohash_point point,
                    double *distance);

#endif
