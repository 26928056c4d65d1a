/* SPDX-License-Identifier: MIT */
#include "values/geohash.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/random.h"

static const struct geohash_point palermo = {13.361389, 38.115556};
static const struct geohash_point catania = {15.087269, 37.502669};

static void a_point_becomes_the_score_that_redis_gives_it(void **state)
{
    (void)state;
    assert_true(geohash_encode(palermo) == 3479099956230698);
    assert_true(geohash_encode(catania) == 3479447370796909);
    assert_true(geohash_encode((struct geohash_point){-180, -85.05112878}) == 0);
}

static void a_score_becomes_the_middle_of_its_cell(void **state)
{
    (void)state;
    struct geohash_point point = geohash_decode(3479099956230698);
    char text[64];
    snprintf(text, sizeof text, "%.17f %.17f", point.longitude, point.latitude);
    assert_string_equal(text, "13.36138933897018433 38.11555639549629859");
}

static void decoding_undoes_encoding_to_a_metre(void **state)
{
    struct random random;
    (void)state;
    random_seed(&random, 1);
    for (int round = 0; round < 10000; round++) {
        struct geohash_point point = {random_unit(&random) * 360 - 180,
                                      random_unit(&random) * 170 - 85};
        uint64_t score = geohash_encode(point);
        struct geohash_point decoded = geohash_decode((double)score);
        assert_true(geohash_distance(point, decoded) < 1);
        assert_true(geohash_encode(decoded) == score);
    }
}

static void every_score_has_a_point_on_the_map(void **state)
{
    static const double scores[] = {0,     -1,    -1.5,  1e15,  4503599627370496.0, 1e17,     1e19,
                                    1e300, -1e10, -1e30, 0.999, INFINITY,           -INFINITY};
    (void)state;
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++)
        assert_true(geohash_is_on_map(geohash_decode(scores[i])));
}

static void the_map_ends_where_mercator_does(void **state)
{
    (void)state;
    assert_true(geohash_is_on_map((struct geohash_point){180, 85.05112878}));
    assert_true(geohash_is_on_map((struct geohash_point){-180, -85.05112878}));
    assert_false(geohash_is_on_map((struct geohash_point){180.0001, 0}));
    assert_false(geohash_is_on_map((struct geohash_point){0, 85.0512}));
    assert_false(geohash_is_on_map((struct geohash_point){NAN, 0}));
}

static void distances_are_those_of_a_sphere(void **state)
{
    (void)state;
    struct geohash_point from = geohash_decode((double)geohash_encode(palermo));
    struct geohash_point to = geohash_decode((double)geohash_encode(catania));
    char text[32];
    snprintf(text, sizeof text, "%.4f", geohash_distance(from, to));
    assert_string_equal(text, "166274.1516");
    assert_true(geohash_distance(from, from) == 0);
    double quarter = 6372797.560856 * acos(-1) / 2;
    struct geohash_point origin = {0, 0};
    assert_true(fabs(geohash_distance(origin, (struct geohash_point){90, 0}) - quarter) < 1e-6);
    assert_true(fabs(geohash_distance(origin, (struct geohash_point){0, 45}) - quarter / 2) < 1e-6);
}

static void the_text_is_the_geohash_of_the_rest_of_the_world(void **state)
{
    char text[GEOHASH_TEXT_SIZE];
    (void)state;
    geohash_text(geohash_decode((double)geohash_encode(palermo)), text);
    assert_memory_equal(text, "sqc8b49rny0", GEOHASH_TEXT_SIZE);
    geohash_text(geohash_decode((double)geohash_encode(catania)), text);
    assert_memory_equal(text, "sqdtr74hyu0", GEOHASH_TEXT_SIZE);
}

static struct geohash_shape random_shape(struct random *random)
{
    struct geohash_shape shape = {
        .center = {random_unit(random) * 200 - 100, random_unit(random) * 120 - 60},
        .is_box = random_below(random, 2),
        .unit = random_below(random, 2) ? 1 : 1000,
    };
    double size = pow(10, 1 + random_unit(random) * 5) / shape.unit;
    shape.radius = size;
    shape.width = size * (random_unit(random) + 0.1);
    shape.height = size * (random_unit(random) + 0.1);
    return shape;
}

static bool is_in_a_range(const struct geohash_range *ranges, size_t count, double score)
{
    for (size_t i = 0; i < count; i++)
        if (score >= ranges[i].lowest && score < ranges[i].end)
            return true;
    return false;
}

/* Away from the edges of the map, where Redis's search has its gaps. */
static void whatever_is_within_a_shape_is_in_its_ranges(void **state)
{
    struct random random;
    int within = 0;
    (void)state;
    random_seed(&random, 2);
    for (int round = 0; round < 2000; round++) {
        struct geohash_shape shape = random_shape(&random);
        struct geohash_range ranges[GEOHASH_RANGES];
        size_t count = geohash_cover(&shape, ranges);
        assert_true(count >= 1 && count <= GEOHASH_RANGES);
        double reach = shape.radius * shape.unit / 111000 * 2;
        for (int i = 0; i < 100; i++) {
            struct geohash_point point = {
                shape.center.longitude + (random_unit(&random) * 2 - 1) * reach,
                shape.center.latitude + (random_unit(&random) * 2 - 1) * reach,
            };
            double distance;
            double score = (double)geohash_encode(point);
            if (!geohash_within(&shape, geohash_decode(score), &distance))
                continue;
            within++;
            assert_true(is_in_a_range(ranges, count, score));
            assert_true(shape.is_box || distance <= shape.radius * shape.unit);
        }
    }
    assert_true(within > 10000);
}

static void a_box_is_as_wide_and_high_as_it_says(void **state)
{
    struct geohash_shape shape = {
        .center = {0, 0}, .is_box = true, .width = 200, .height = 100, .unit = 1000};
    double distance;
    (void)state;
    assert_true(geohash_within(&shape, (struct geohash_point){0.89, 0}, &distance));
    assert_false(geohash_within(&shape, (struct geohash_point){0.91, 0}, &distance));
    assert_true(geohash_within(&shape, (struct geohash_point){0, 0.44}, &distance));
    assert_false(geohash_within(&shape, (struct geohash_point){0, 0.46}, &distance));
    assert_true(geohash_within(&shape, (struct geohash_point){-0.89, -0.44}, &distance));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_becomes_the_score_that_redis_gives_it),
        cmocka_unit_test(a_score_becomes_the_middle_of_its_cell),
        cmocka_unit_test(decoding_undoes_encoding_to_a_metre),
        cmocka_unit_test(every_score_has_a_point_on_the_map),
        cmocka_unit_test(the_map_ends_where_mercator_does),
        cmocka_unit_test(distances_are_those_of_a_sphere),
        cmocka_unit_test(the_text_is_the_geohash_of_the_rest_of_the_world),
        cmocka_unit_test(whatever_is_within_a_shape_is_in_its_ranges),
        cmocka_unit_test(a_box_is_as_wide_and_high_as_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
