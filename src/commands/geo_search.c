/* SPDX-License-Identifier: MIT */
/* GEOSEARCH and GEOSEARCHSTORE, and GEORADIUS with its variants, which came before them. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/partial_sort.h"
#include "commands/geo_points.h"
#include "commands/geo_search_options.h"
#include "commands/sorted_set_limits.h"
#include "commands/stored_result.h"
#include "values/sorted_set.h"

/* A member within the shape. */
struct hit {
    double score;
    double distance; /* metres */
    struct geohash_point point;
    size_t order;      /* in which it was found */
    size_t name_begin; /* of the member's bytes, in hits.names */
    size_t name_size;
};

struct hits {
    struct buffer list;  /* owned; of struct hit */
    struct buffer names; /* owned */
};

static size_t hits_count(const struct hits *hits)
{
    return hits->list.size / sizeof(struct hit);
}

static struct hit *hits_all(const struct hits *hits)
{
    return (struct hit *)(void *)hits->list.data;
}

static struct bytes hit_name(const struct hits *hits, const struct hit *hit)
{
    return bytes_of(hits->names.data + hit->name_begin, hit->name_size);
}

static void hits_clear(struct hits *hits)
{
    buffer_clear(&hits->list);
    buffer_clear(&hits->names);
}

/* Adds the members of one range, until there are `limit` of them in all (0: no limit). */
static void find_in_range(const struct value *set, const struct geohash_shape *shape,
                          const struct geohash_range *range, size_t limit, struct hits *hits)
{
    size_t rank = sorted_set_count_below(set, range->lowest, false);
    struct sorted_set_range walk = sorted_set_range_open(set, rank, false);
    struct sorted_set_element element;
    while (sorted_set_range_next(&walk, &element) && element.score < range->end) {
        struct hit hit = {
            .score = element.score,
            .point = geohash_decode(element.score),
            .order = hits_count(hits),
            .name_begin = hits->names.size,
            .name_size = element.member.size,
        };
        if (!geohash_within(shape, hit.point, &hit.distance))
            continue;
        buffer_append_bytes(&hits->names, element.member);
        buffer_append(&hits->list, &hit, sizeof hit);
        if (limit && hits_count(hits) >= limit)
            return;
    }
}

static void find_all(const struct value *set, const struct geo_search *search, struct hits *hits)
{
    struct geohash_range ranges[GEOHASH_RANGES];
    size_t count = geohash_cover(&search->shape, ranges);
    size_t limit = search->any ? (size_t)search->count : 0;
    for (size_t i = 0; i < count; i++) {
        if (limit && hits_count(hits) >= limit)
            return;
        find_in_range(set, &search->shape, &ranges[i], limit, hits);
    }
}

/* --- order --- */

static int compare_distances(const void *a, const void *b)
{
    double x = ((const struct hit *)a)->distance;
    double y = ((const struct hit *)b)->distance;
    return (x > y) - (x < y);
}

static int compare_distances_down(const void *a, const void *b)
{
    return compare_distances(b, a);
}

static int compare_orders(const void *a, const void *b)
{
    size_t x = ((const struct hit *)a)->order;
    size_t y = ((const struct hit *)b)->order;
    return (x > y) - (x < y);
}

static int compare_hits(const void *a, const void *b)
{
    int order = compare_distances(a, b);
    return order ? order : compare_orders(a, b);
}

static int compare_hits_down(const void *a, const void *b)
{
    int order = compare_distances_down(a, b);
    return order ? order : compare_orders(a, b);
}

/* Sorts so that the first `wanted` are right. When all are wanted, equally distant ones stay in the
 * order in which they were found; else in that of Redis's partial sort. */
static void sort_hits(struct hits *hits, enum geo_search_order order, size_t wanted)
{
    size_t count = hits_count(hits);
    bool is_down = order == GEO_SEARCH_DESCENDING;
    if (order == GEO_SEARCH_UNORDERED || count == 0)
        return;
    if (wanted == count) {
        qsort(hits->list.data, count, sizeof(struct hit),
              is_down ? compare_hits_down : compare_hits);
        return;
    }
    void **places = memory_allocate(count * sizeof *places);
    for (size_t i = 0; i < count; i++)
        places[i] = hits_all(hits) + i;
    partial_sort(places, count, is_down ? compare_distances_down : compare_distances, wanted);
    struct buffer sorted = {0};
    for (size_t i = 0; i < wanted; i++)
        buffer_append(&sorted, places[i], sizeof(struct hit));
    memory_free(places);
    buffer_clear(&hits->list);
    hits->list = sorted;
}

/* --- results --- */

static void reply_hit(struct call *call, const struct geo_search *search, const struct hits *hits,
                      const struct hit *hit)
{
    size_t details = (size_t)search->with_distance + search->with_hash + search->with_point;
    if (details)
        reply_open(call->reply, REPLY_ARRAY, details + 1);
    reply_bulk(call->reply, hit_name(hits, hit));
    if (search->with_distance)
        geo_points_reply_distance(call, hit->distance / search->shape.unit);
    if (search->with_hash)
        reply_integer(call->reply, (int64_t)hit->score);
    if (search->with_point)
        geo_points_reply(call, hit->point);
    if (details)
        reply_close(call->reply);
}

static void reply_hits(struct call *call, const struct geo_search *search, const struct hits *hits,
                       size_t wanted)
{
    reply_open(call->reply, REPLY_ARRAY, wanted);
    for (size_t i = 0; i < wanted; i++)
        reply_hit(call, search, hits, hits_all(hits) + i);
    reply_close(call->reply);
}

static void store_hits(struct call *call, const struct geo_search *search, const struct hits *hits,
                       size_t wanted)
{
    struct sorted_set_limits limits = sorted_set_limits_of(call);
    size_t longest = 0;
    for (size_t i = 0; i < wanted; i++)
        if (hits_all(hits)[i].name_size > longest)
            longest = hits_all(hits)[i].name_size;
    struct value *set = sorted_set_new_for(wanted, longest, &limits);
    for (size_t i = 0; i < wanted; i++) {
        const struct hit *hit = hits_all(hits) + i;
        double score = search->stores_distances ? hit->distance / search->shape.unit : hit->score;
        sorted_set_put(set, hit_name(hits, hit), score, &limits);
    }
    bool is_old =
        search->form == GEO_SEARCH_AROUND_POINT || search->form == GEO_SEARCH_AROUND_MEMBER;
    stored_result_put(call, call->argv[search->store_key], set, wanted, ANNOUNCE_SORTED_SET,
                      is_old ? "georadiusstore" : "geosearchstore");
}

static void run(struct call *call, enum geo_search_form form, bool may_store)
{
    struct geo_search search = {.form = form, .may_store = may_store};
    struct bytes source = call->argv[form == GEO_SEARCH_FREE_STORE ? 2 : 1];
    struct entry *entry;
    if (!call_find(call, source, VALUE_SORTED_SET, ACCESS_READ, &entry))
        return;
    const struct value *set = entry ? entry_value(entry) : NULL;
    if (!geo_search_parse(call, set, &search))
        return;
    struct hits hits = {0};
    if (set)
        find_all(set, &search, &hits);
    size_t wanted = hits_count(&hits);
    if (search.count && (uint64_t)search.count < wanted)
        wanted = (size_t)search.count;
    sort_hits(&hits, search.order, wanted);
    if (search.store_key)
        store_hits(call, &search, &hits, wanted);
    else
        reply_hits(call, &search, &hits, wanted);
    hits_clear(&hits);
}

static void geo_search_geosearch(struct call *call)
{
    run(call, GEO_SEARCH_FREE, false);
}

static void geo_search_geosearchstore(struct call *call)
{
    run(call, GEO_SEARCH_FREE_STORE, false);
}

static void geo_search_georadius(struct call *call)
{
    run(call, GEO_SEARCH_AROUND_POINT, true);
}

static void geo_search_georadius_ro(struct call *call)
{
    run(call, GEO_SEARCH_AROUND_POINT, false);
}

static void geo_search_georadiusbymember(struct call *call)
{
    run(call, GEO_SEARCH_AROUND_MEMBER, true);
}

static void geo_search_georadiusbymember_ro(struct call *call)
{
    run(call, GEO_SEARCH_AROUND_MEMBER, false);
}

static const struct command_argument point_arguments[] = {
    {.name = "longitude", .type = ARGUMENT_DOUBLE},
    {.name = "latitude", .type = ARGUMENT_DOUBLE},
    {0},
};

static const struct command_argument center_arguments[] = {
    {.name = "member", .type = ARGUMENT_STRING, .token = "FROMMEMBER"},
    {.name = "longitude_latitude",
     .type = ARGUMENT_BLOCK,
     .token = "FROMLONLAT",
     .arguments = point_arguments},
    {0},
};

static const struct command_argument circle_arguments[] = {
    {.name = "radius", .type = ARGUMENT_DOUBLE, .token = "BYRADIUS"},
    {.name = "unit", .type = ARGUMENT_ONEOF, .arguments = geo_points_unit_arguments},
    {0},
};

static const struct command_argument box_arguments[] = {
    {.name = "width", .type = ARGUMENT_DOUBLE, .token = "BYBOX"},
    {.name = "height", .type = ARGUMENT_DOUBLE},
    {.name = "unit", .type = ARGUMENT_ONEOF, .arguments = geo_points_unit_arguments},
    {0},
};

static const struct command_argument extent_arguments[] = {
    {.name = "circle", .type = ARGUMENT_BLOCK, .arguments = circle_arguments},
    {.name = "box", .type = ARGUMENT_BLOCK, .arguments = box_arguments},
    {0},
};

static const struct command_argument order_arguments[] = {
    {.name = "asc", .type = ARGUMENT_PURE_TOKEN, .token = "ASC"},
    {.name = "desc", .type = ARGUMENT_PURE_TOKEN, .token = "DESC"},
    {0},
};

static const struct command_argument count_arguments[] = {
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT"},
    {.name = "any", .type = ARGUMENT_PURE_TOKEN, .token = "ANY", .flags = ARGUMENT_OPTIONAL},
    {0},
};

/* What the trees below have in common. */
#define ORDER_ARGUMENT                                                                             \
    {                                                                                              \
        .name = "order", .type = ARGUMENT_ONEOF, .flags = ARGUMENT_OPTIONAL,                       \
        .arguments = order_arguments                                                               \
    }
#define COUNT_ARGUMENT(arguments_)                                                                 \
    {                                                                                              \
        .name = "count", .type = ARGUMENT_BLOCK, .flags = ARGUMENT_OPTIONAL,                       \
        .arguments = (arguments_)                                                                  \
    }
#define OPTIONAL_TOKEN(name_, token_)                                                              \
    {                                                                                              \
        .name = (name_), .type = ARGUMENT_PURE_TOKEN, .token = (token_),                           \
        .flags = ARGUMENT_OPTIONAL                                                                 \
    }
#define WITH_ARGUMENTS                                                                             \
    OPTIONAL_TOKEN("withcoord", "WITHCOORD"), OPTIONAL_TOKEN("withdist", "WITHDIST"),              \
        OPTIONAL_TOKEN("withhash", "WITHHASH")
#define RADIUS_ARGUMENTS(count_arguments_)                                                         \
    {.name = "radius", .type = ARGUMENT_DOUBLE},                                                   \
        {.name = "unit", .type = ARGUMENT_ONEOF, .arguments = geo_points_unit_arguments},          \
        WITH_ARGUMENTS, COUNT_ARGUMENT(count_arguments_), ORDER_ARGUMENT
#define STORE_ARGUMENT(token_, key_spec_)                                                          \
    {                                                                                              \
        .name = "key", .type = ARGUMENT_KEY, .token = (token_), .flags = ARGUMENT_OPTIONAL,        \
        .key_spec = (key_spec_)                                                                    \
    }
#define STORE_ARGUMENTS STORE_ARGUMENT("STORE", 1), STORE_ARGUMENT("STOREDIST", 2)

static const struct command_argument geosearch_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "from", .type = ARGUMENT_ONEOF, .arguments = center_arguments},
    {.name = "by", .type = ARGUMENT_ONEOF, .arguments = extent_arguments},
    ORDER_ARGUMENT,
    COUNT_ARGUMENT(count_arguments),
    WITH_ARGUMENTS,
    {0},
};

static const struct command_argument geosearchstore_arguments[] = {
    {.name = "destination", .type = ARGUMENT_KEY},
    {.name = "source", .type = ARGUMENT_KEY, .key_spec = 1},
    {.name = "from", .type = ARGUMENT_ONEOF, .arguments = center_arguments},
    {.name = "by", .type = ARGUMENT_ONEOF, .arguments = extent_arguments},
    ORDER_ARGUMENT,
    COUNT_ARGUMENT(count_arguments),
    OPTIONAL_TOKEN("storedist", "STOREDIST"),
    {0},
};

static const struct command_argument georadius_count_arguments[] = {
    {.name = "count", .type = ARGUMENT_INTEGER, .token = "COUNT"},
    {.name = "any",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "ANY",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0"},
    {0},
};

static const struct command_argument georadius_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "longitude", .type = ARGUMENT_DOUBLE},
    {.name = "latitude", .type = ARGUMENT_DOUBLE},
    RADIUS_ARGUMENTS(georadius_count_arguments),
    STORE_ARGUMENTS,
    {0},
};

static const struct command_argument georadius_ro_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "longitude", .type = ARGUMENT_DOUBLE},
    {.name = "latitude", .type = ARGUMENT_DOUBLE},
    RADIUS_ARGUMENTS(georadius_count_arguments),
    {0},
};

static const struct command_argument georadiusbymember_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member", .type = ARGUMENT_STRING},
    RADIUS_ARGUMENTS(count_arguments),
    STORE_ARGUMENTS,
    {0},
};

static const struct command_argument georadiusbymember_ro_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member", .type = ARGUMENT_STRING},
    RADIUS_ARGUMENTS(count_arguments),
    {0},
};

/* The set, and where STORE and STOREDIST, at `position` or behind it, put what is found. */
#define STORE_KEY(keyword, position)                                                               \
    {                                                                                              \
        .flags = KEY_OW | KEY_UPDATE, .begin = KEY_BEGIN_KEYWORD, .begin_keyword = (keyword),      \
        .begin_position = (position), .step = 1                                                    \
    }
#define RADIUS_KEYS(position)                                                                      \
    KEY_SPECS({.flags = KEY_READ_ACCESS, .begin_position = 1, .step = 1},                          \
              STORE_KEY("STORE", position), STORE_KEY("STOREDIST", position))

const struct command geo_search_commands[] = {
    {.name = "GEOSEARCH",
     .arity = -7,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_GEO,
     .since = "6.2.0",
     .group = "geo",
     .summary = "Answers the members within a circle or a box.",
     .complexity = "O(N+log(M)) for N members in the cells around the shape, of M in all",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = geosearch_arguments,
     .run = geo_search_geosearch},
    {.name = "GEOSEARCHSTORE",
     .arity = -8,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_GEO,
     .since = "6.2.0",
     .group = "geo",
     .summary = "Stores the members within a circle or a box in another key.",
     .complexity = "O(N+log(M)) for N members in the cells around the shape, of M in all",
     KEY_SPECS({.flags = KEY_OW | KEY_UPDATE, .begin_position = 1, .step = 1},
               {.flags = KEY_READ_ACCESS, .begin_position = 2, .step = 1}),
     .arguments = geosearchstore_arguments,
     .run = geo_search_geosearchstore},
    {.name = "GEORADIUS",
     .arity = -6,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_GEO,
     .since = "3.2.0",
     .group = "geo",
     .summary = "Answers or stores the members within a distance from a point.",
     .complexity = "O(N+log(M)) for N members in the cells around the circle, of M in all",
     RADIUS_KEYS(6),
     .arguments = georadius_arguments,
     .run = geo_search_georadius,
     .find_keys = geo_search_find_point_keys,
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` or `GEOSEARCHSTORE`, both `FROMLONLAT` and `BYRADIUS`"},
    {.name = "GEORADIUS_RO",
     .arity = -6,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_GEO,
     .since = "3.2.10",
     .group = "geo",
     .summary = "Answers the members within a distance from a point.",
     .complexity = "O(N+log(M)) for N members in the cells around the circle, of M in all",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = georadius_ro_arguments,
     .run = geo_search_georadius_ro,
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH FROMLONLAT BYRADIUS`"},
    {.name = "GEORADIUSBYMEMBER",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_GEO,
     .since = "3.2.0",
     .group = "geo",
     .summary = "Answers or stores the members within a distance from a member.",
     .complexity = "O(N+log(M)) for N members in the cells around the circle, of M in all",
     RADIUS_KEYS(5),
     .arguments = georadiusbymember_arguments,
     .run = geo_search_georadiusbymember,
     .find_keys = geo_search_find_member_keys,
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH` or `GEOSEARCHSTORE`, both `FROMMEMBER` and `BYRADIUS`"},
    {.name = "GEORADIUSBYMEMBER_RO",
     .arity = -5,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_GEO,
     .since = "3.2.10",
     .group = "geo",
     .summary = "Answers the members within a distance from a member.",
     .complexity = "O(N+log(M)) for N members in the cells around the circle, of M in all",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = georadiusbymember_ro_arguments,
     .run = geo_search_georadiusbymember_ro,
     .deprecated_since = "6.2.0",
     .replaced_by = "`GEOSEARCH FROMMEMBER BYRADIUS`"},
    {0},
};
