/* SPDX-License-Identifier: MIT */
/*
 * The order of every operation on doubles is that of Redis: distances and coordinates are compared
 * and printed to the last digit.
 */
#include "values/geohash.h"

#include <math.h>

#define STEPS         26 /* halvings of each coordinate in a score */
#define LONGITUDE_MAX 180.0
#define LATITUDE_MAX  85.05112878
#define EARTH_RADIUS  6372797.560856 /* metres */
#define HALF_EQUATOR  20037726.37    /* metres */
#define DEGREE        (M_PI / 180.0)

static double radians(double degrees)
{
    return degrees * DEGREE;
}

static double degrees(double radian)
{
    return radian / DEGREE;
}

/* A cell of the map at some number of halvings: its column and its row. */
struct cell {
    uint32_t longitude;
    uint32_t latitude;
    unsigned steps; /* 0: no cell */
};

struct area {
    struct geohash_point lowest;
    struct geohash_point highest;
};

bool geohash_is_on_map(struct geohash_point point)
{
    return point.longitude >= -LONGITUDE_MAX && point.longitude <= LONGITUDE_MAX &&
           point.latitude >= -LATITUDE_MAX && point.latitude <= LATITUDE_MAX;
}

/* Puts a zero before each bit. */
static uint64_t spread(uint32_t bits)
{
    uint64_t spread_bits = bits;
    spread_bits = (spread_bits | spread_bits << 16) & 0x0000ffff0000ffff;
    spread_bits = (spread_bits | spread_bits << 8) & 0x00ff00ff00ff00ff;
    spread_bits = (spread_bits | spread_bits << 4) & 0x0f0f0f0f0f0f0f0f;
    spread_bits = (spread_bits | spread_bits << 2) & 0x3333333333333333;
    return (spread_bits | spread_bits << 1) & 0x5555555555555555;
}

/* Every second bit, from the lowest on. */
static uint32_t gather(uint64_t bits)
{
    bits &= 0x5555555555555555;
    bits = (bits | bits >> 1) & 0x3333333333333333;
    bits = (bits | bits >> 2) & 0x0f0f0f0f0f0f0f0f;
    bits = (bits | bits >> 4) & 0x00ff00ff00ff00ff;
    bits = (bits | bits >> 8) & 0x0000ffff0000ffff;
    return (uint32_t)(bits | bits >> 16);
}

static uint64_t cell_bits(struct cell cell)
{
    return spread(cell.latitude) | spread(cell.longitude) << 1;
}

static struct cell cell_of(struct geohash_point point, double latitude_max, unsigned steps)
{
    double longitude = (point.longitude + LONGITUDE_MAX) / (LONGITUDE_MAX + LONGITUDE_MAX);
    double latitude = (point.latitude + latitude_max) / (latitude_max + latitude_max);
    double columns = (double)((uint64_t)1 << steps);
    return (struct cell){(uint32_t)(longitude * columns), (uint32_t)(latitude * columns), steps};
}

static struct area cell_area(struct cell cell)
{
    double columns = (double)((uint64_t)1 << cell.steps);
    double width = LONGITUDE_MAX + LONGITUDE_MAX;
    double height = LATITUDE_MAX + LATITUDE_MAX;
    return (struct area){
        .lowest = {-LONGITUDE_MAX + cell.longitude / columns * width,
                   -LATITUDE_MAX + cell.latitude / columns * height},
        .highest = {-LONGITUDE_MAX + ((double)cell.longitude + 1) / columns * width,
                    -LATITUDE_MAX + ((double)cell.latitude + 1) / columns * height},
    };
}

uint64_t geohash_encode(struct geohash_point point)
{
    return cell_bits(cell_of(point, LATITUDE_MAX, STEPS));
}

/* As the processor of most servers converts: a negative number to its two's complement, one that is
 * too large to what then remains. */
static uint64_t score_bits(double score)
{
    if (score >= 0x1p63 && score < 0x1p64)
        return (uint64_t)(score - 0x1p63) ^ (uint64_t)1 << 63;
    if (score >= 0x1p64)
        return 0;
    return score >= -0x1p63 ? (uint64_t)(int64_t)score : (uint64_t)1 << 63;
}

static double clamp(double value, double limit)
{
    if (value > limit)
        return limit;
    return value < -limit ? -limit : value;
}

struct geohash_point geohash_decode(double score)
{
    uint64_t bits = score_bits(score);
    struct area area = cell_area((struct cell){gather(bits >> 1), gather(bits), STEPS});
    return (struct geohash_point){
        clamp((area.lowest.longitude + area.highest.longitude) / 2, LONGITUDE_MAX),
        clamp((area.lowest.latitude + area.highest.latitude) / 2, LATITUDE_MAX),
    };
}

void geohash_text(struct geohash_point point, char out[GEOHASH_TEXT_SIZE])
{
    static const char digits[] = "0123456789bcdefghjkmnpqrstuvwxyz";
    uint64_t bits = cell_bits(cell_of(point, 90, STEPS));
    for (unsigned i = 0; i < GEOHASH_TEXT_SIZE - 1; i++)
        out[i] = digits[bits >> (STEPS * 2 - (i + 1) * 5) & 31];
    out[GEOHASH_TEXT_SIZE - 1] = digits[0];
}

/* --- distances --- */

static double latitude_distance(double a, double b)
{
    return EARTH_RADIUS * fabs(radians(b) - radians(a));
}

double geohash_distance(struct geohash_point a, struct geohash_point b)
{
    double v = sin((radians(b.longitude) - radians(a.longitude)) / 2);
    if (v == 0) /* on one meridian Redis takes the shorter way to a slightly different result */
        return latitude_distance(a.latitude, b.latitude);
    double from = radians(a.latitude);
    double to = radians(b.latitude);
    double u = sin((to - from) / 2);
    return 2.0 * EARTH_RADIUS * asin(sqrt(u * u + cos(from) * cos(to) * v * v));
}

bool geohash_within(const struct geohash_shape *shape, struct geohash_point point, double *distance)
{
    struct geohash_point center = shape->center;
    if (!shape->is_box) {
        *distance = geohash_distance(center, point);
        return !(*distance > shape->radius * shape->unit);
    }
    if (latitude_distance(point.latitude, center.latitude) > shape->height * shape->unit / 2)
        return false;
    struct geohash_point beside = {center.longitude, point.latitude};
    if (geohash_distance(point, beside) > shape->width * shape->unit / 2)
        return false;
    *distance = geohash_distance(center, point);
    return true;
}

/* --- cells that cover a shape --- */

/* The rectangle of degrees around the shape. */
static struct area bounds_of(const struct geohash_shape *shape)
{
    double height = shape->unit * (shape->is_box ? shape->height / 2 : shape->radius);
    double width = shape->unit * (shape->is_box ? shape->width / 2 : shape->radius);
    double latitude = shape->center.latitude;
    double rise = degrees(height / EARTH_RADIUS);
    /* Meridians are closest at the side that is nearer to the pole. */
    double narrow = latitude < 0 ? latitude - rise : latitude + rise;
    double reach = degrees(width / EARTH_RADIUS / cos(radians(narrow)));
    return (struct area){
        .lowest = {shape->center.longitude - reach, latitude - rise},
        .highest = {shape->center.longitude + reach, latitude + rise},
    };
}

/* So many halvings that a cell and its eight neighbours surely cover the shape: nearer to the poles
 * cells are narrower. */
static unsigned steps_for(double radius, double latitude)
{
    if (radius == 0)
        return STEPS;
    int steps = 1;
    for (; radius < HALF_EQUATOR; radius *= 2)
        steps++;
    steps -= 2;
    if (latitude > 66 || latitude < -66)
        steps--;
    if (latitude > 80 || latitude < -80)
        steps--;
    if (steps < 1)
        return 1;
    return steps > STEPS ? STEPS : (unsigned)steps;
}

/* The cell so many columns and rows away, around the earth. A coordinate that doesn't move keeps
 * what it has, even beyond the last column. */
static struct cell neighbour(struct cell cell, int columns, int rows)
{
    uint32_t mask = (uint32_t)(((uint64_t)1 << cell.steps) - 1);
    if (columns)
        cell.longitude = (cell.longitude + (uint32_t)columns) & mask;
    if (rows)
        cell.latitude = (cell.latitude + (uint32_t)rows) & mask;
    return cell;
}

/* In the order in which they are searched: the cell, its neighbours by the sides, those by the
 * corners. */
static const struct {
    int columns;
    int rows;
} directions[GEOHASH_RANGES] = {{0, 0}, {0, 1},  {0, -1}, {1, 0},  {-1, 0},
                                {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};

static void surround(const struct geohash_shape *shape, unsigned steps, struct cell *cells)
{
    struct cell center = cell_of(shape->center, LATITUDE_MAX, steps);
    for (int i = 0; i < GEOHASH_RANGES; i++)
        cells[i] = neighbour(center, directions[i].columns, directions[i].rows);
}

static bool reaches(const struct cell *cells, const struct area *bounds)
{
    enum { NORTH = 1, SOUTH = 2, EAST = 3, WEST = 4 };
    return !(cell_area(cells[NORTH]).highest.latitude < bounds->highest.latitude ||
             cell_area(cells[SOUTH]).lowest.latitude > bounds->lowest.latitude ||
             cell_area(cells[EAST]).highest.longitude < bounds->highest.longitude ||
             cell_area(cells[WEST]).lowest.longitude > bounds->lowest.longitude);
}

/* Neighbours on a side where the middle cell reaches beyond the bounds are of no use. */
static void drop_useless(struct cell *cells, const struct area *bounds)
{
    struct area middle = cell_area(cells[0]);
    bool drops_south = middle.lowest.latitude < bounds->lowest.latitude;
    bool drops_north = middle.highest.latitude > bounds->highest.latitude;
    bool drops_west = middle.lowest.longitude < bounds->lowest.longitude;
    bool drops_east = middle.highest.longitude > bounds->highest.longitude;
    for (int i = 0; i < GEOHASH_RANGES; i++) {
        int columns = directions[i].columns;
        int rows = directions[i].rows;
        if ((drops_south && rows < 0) || (drops_north && rows > 0) || (drops_west && columns < 0) ||
            (drops_east && columns > 0))
            cells[i] = (struct cell){0};
    }
}

static struct geohash_range range_of(struct cell cell)
{
    unsigned shift = (STEPS - cell.steps) * 2;
    uint64_t bits = cell_bits(cell);
    return (struct geohash_range){(double)(bits << shift), (double)((bits + 1) << shift)};
}

size_t geohash_cover(const struct geohash_shape *shape, struct geohash_range *ranges)
{
    struct area bounds = bounds_of(shape);
    double radius = shape->radius;
    if (shape->is_box)
        radius = sqrt((shape->width / 2) * (shape->width / 2) +
                      (shape->height / 2) * (shape->height / 2));
    unsigned steps = steps_for(radius * shape->unit, shape->center.latitude);
    struct cell cells[GEOHASH_RANGES];
    surround(shape, steps, cells);
    if (steps > 1 && !reaches(cells, &bounds))
        surround(shape, --steps, cells);
    if (steps >= 2)
        drop_useless(cells, &bounds);

    /* Around a large shape neighbours are the same cell: one that repeats the last is left out. As
     * in Redis the first one is not looked at for that. */
    size_t count = 0;
    int last = 0;
    for (int i = 0; i < GEOHASH_RANGES; i++) {
        if (cells[i].steps == 0)
            continue;
        if (last && cell_bits(cells[i]) == cell_bits(cells[last]))
            continue;
        ranges[count++] = range_of(cells[i]);
        last = i;
    }
    return count;
}
