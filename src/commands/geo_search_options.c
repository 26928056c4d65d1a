/* SPDX-License-Identifier: MIT */
#include "commands/geo_search_options.h"

#include "commands/geo_points.h"
#include "reply/errors.h"

/* An option whose operands are not all there counts as an unknown word. */
static bool has_operands(const struct call *call, int index, int operands)
{
    return index + operands < call->argc;
}

static bool parse_radius(struct call *call, int index, struct geo_search *search)
{
    if (!call_double(call, index, &search->shape.radius, ERROR_GEO_RADIUS))
        return false;
    if (search->shape.radius < 0) {
        reply_error(call->reply, ERROR_GEO_RADIUS_NEGATIVE);
        return false;
    }
    search->has_extent = true;
    return geo_points_parse_unit(call, index + 1, &search->shape.unit);
}

static bool parse_box(struct call *call, int index, struct geo_search *search)
{
    struct geohash_shape *shape = &search->shape;
    if (!call_double(call, index, &shape->width, ERROR_GEO_WIDTH) ||
        !call_double(call, index + 1, &shape->height, ERROR_GEO_HEIGHT))
        return false;
    if (shape->width < 0 || shape->height < 0) {
        reply_error(call->reply, ERROR_GEO_BOX_NEGATIVE);
        return false;
    }
    shape->is_box = true;
    search->has_extent = true;
    return geo_points_parse_unit(call, index + 2, &shape->unit);
}

static bool parse_point(struct call *call, int index, struct geo_search *search)
{
    search->has_center = true;
    return geo_points_parse(call, index, &search->shape.center);
}

/* Where there is no set, the member is taken as it is: nothing will be found. */
static bool parse_member(struct call *call, int index, const struct value *set,
                         struct geo_search *search)
{
    search->has_center = true;
    if (!set || geo_points_of_member(set, call->argv[index], &search->shape.center))
        return true;
    reply_error(call->reply, ERROR_GEO_MEMBER);
    return false;
}

static bool parse_count(struct call *call, int index, struct geo_search *search)
{
    if (!call_integer(call, index, &search->count, NULL))
        return false;
    if (search->count > 0)
        return true;
    reply_error(call->reply, ERROR_GEO_COUNT);
    return false;
}

/* A word on its own. False: it is none. */
static bool parse_flag(const struct call *call, int index, struct geo_search *search)
{
    if (call_is(call, index, "WITHDIST"))
        search->with_distance = true;
    else if (call_is(call, index, "WITHHASH"))
        search->with_hash = true;
    else if (call_is(call, index, "WITHCOORD"))
        search->with_point = true;
    else if (call_is(call, index, "ANY"))
        search->any = true;
    else if (call_is(call, index, "ASC"))
        search->order = GEO_SEARCH_ASCENDING;
    else if (call_is(call, index, "DESC"))
        search->order = GEO_SEARCH_DESCENDING;
    else if (search->form == GEO_SEARCH_FREE_STORE && call_is(call, index, "STOREDIST"))
        search->stores_distances = true;
    else
        return false;
    return true;
}

static bool is_free(const struct geo_search *search)
{
    return search->form == GEO_SEARCH_FREE || search->form == GEO_SEARCH_FREE_STORE;
}

/* STORE and STOREDIST with the key that follows. False: it is neither, or may not be there. */
static bool parse_destination(const struct call *call, int index, struct geo_search *search)
{
    bool stores_distances = call_is(call, index, "STOREDIST");
    if (!search->may_store || !has_operands(call, index, 1) ||
        !(stores_distances || call_is(call, index, "STORE")))
        return false;
    search->store_key = index + 1;
    search->stores_distances = stores_distances;
    return true;
}

enum option { OPTION_NONE, OPTION_COUNT, OPTION_MEMBER, OPTION_POINT, OPTION_RADIUS, OPTION_BOX };

/* An option with operands that is allowed here, or OPTION_NONE. A center or an extent of one kind
 * excludes the other, but may be given again. */
static enum option find_option(const struct call *call, int index, const struct geo_search *search,
                               bool has_member, int *operands)
{
    bool may_shape = is_free(search);
    const struct {
        const char *name;
        int operands;
        bool is_allowed;
    } options[] = {
        [OPTION_NONE] = {"", 0, false},
        [OPTION_COUNT] = {"COUNT", 1, true},
        [OPTION_MEMBER] = {"FROMMEMBER", 1, may_shape && (!search->has_center || has_member)},
        [OPTION_POINT] = {"FROMLONLAT", 2, may_shape && !has_member},
        [OPTION_RADIUS] = {"BYRADIUS", 2, may_shape && !search->shape.is_box},
        [OPTION_BOX] = {"BYBOX", 3, may_shape && (!search->has_extent || search->shape.is_box)},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (options[i].is_allowed && has_operands(call, index, options[i].operands) &&
            call_is(call, index, options[i].name)) {
            *operands = options[i].operands;
            return (enum option)i;
        }
    }
    return OPTION_NONE;
}

static bool parse_options(struct call *call, int first, const struct value *set,
                          struct geo_search *search)
{
    bool has_member = false;
    for (int i = first; i < call->argc; i++) {
        if (parse_flag(call, i, search))
            continue;
        if (parse_destination(call, i, search)) {
            i++;
            continue;
        }
        int operands = 0;
        bool is_good = true;
        switch (find_option(call, i, search, has_member, &operands)) {
        case OPTION_NONE:
            call_syntax_error(call);
            return false;
        case OPTION_COUNT:
            is_good = parse_count(call, i + 1, search);
            break;
        case OPTION_MEMBER:
            has_member = true;
            is_good = parse_member(call, i + 1, set, search);
            break;
        case OPTION_POINT:
            is_good = parse_point(call, i + 1, search);
            break;
        case OPTION_RADIUS:
            is_good = parse_radius(call, i + 1, search);
            break;
        case OPTION_BOX:
            is_good = parse_box(call, i + 1, search);
            break;
        }
        if (!is_good)
            return false;
        i += operands;
    }
    return true;
}

/* False: options that do not go together, or one that is missing. */
static bool check_options(struct call *call, const struct geo_search *search)
{
    struct bytes name = call->argv[0];
    if (search->store_key && (search->with_distance || search->with_hash || search->with_point))
        reply_error_format(call->reply, ERROR_GEO_STORE,
                           search->form == GEO_SEARCH_FREE_STORE ? "GEOSEARCHSTORE"
                                                                 : "STORE option in GEORADIUS");
    else if (is_free(search) && !search->has_center)
        reply_error_format(call->reply, ERROR_GEO_FROM, BYTES_PRINT(name));
    else if (is_free(search) && !search->has_extent)
        reply_error_format(call->reply, ERROR_GEO_BY, BYTES_PRINT(name));
    else if (search->any && !search->count)
        reply_error(call->reply, ERROR_GEO_ANY);
    else
        return true;
    return false;
}

bool geo_search_parse(struct call *call, const struct value *set, struct geo_search *search)
{
    int first = 2;
    switch (search->form) {
    case GEO_SEARCH_AROUND_POINT:
        if (!parse_point(call, 2, search) || !parse_radius(call, 4, search))
            return false;
        first = 6;
        break;
    case GEO_SEARCH_AROUND_MEMBER:
        /* Without a set Redis doesn't look at member and radius. */
        if (set && (!parse_member(call, 2, set, search) || !parse_radius(call, 3, search)))
            return false;
        first = 5;
        break;
    case GEO_SEARCH_FREE_STORE:
        search->store_key = 1;
        first = 3;
        break;
    case GEO_SEARCH_FREE:
        break;
    }
    if (!parse_options(call, first, set, search) || !check_options(call, search))
        return false;
    /* The nearest, if only some are wanted. */
    if (search->count && search->order == GEO_SEARCH_UNORDERED && !search->any)
        search->order = GEO_SEARCH_ASCENDING;
    return true;
}

/* The key behind the first of these words. */
static void find_destination(const struct bytes *argv, int argc, int first, const char *word,
                             struct key_references *found)
{
    for (int i = first; i < argc - 1; i++) {
        if (bytes_equal_ignoring_case(argv[i], word)) {
            key_references_add(found, i + 1, KEY_OW | KEY_UPDATE);
            return;
        }
    }
}

static bool find_keys(const struct bytes *argv, int argc, int first, struct key_references *found)
{
    key_references_add(found, 1, KEY_READ_ACCESS);
    find_destination(argv, argc, first, "STORE", found);
    find_destination(argv, argc, first, "STOREDIST", found);
    return true;
}

bool geo_search_find_point_keys(const struct bytes *argv, int argc, struct key_references *found)
{
    return find_keys(argv, argc, 6, found);
}

bool geo_search_find_member_keys(const struct bytes *argv, int argc, struct key_references *found)
{
    return find_keys(argv, argc, 5, found);
}
