/* SPDX-License-Identifier: MIT */
/*
 * The arguments of GEOSEARCH, GEOSEARCHSTORE and GEORADIUS with its variants.
 *
 *     struct geo_search search = {.form = GEO_SEARCH_BY_POINT, .source = call->argv[1]};
 *     if (!geo_search_parse(call, set, &search))
 *         return;                                       // the error was answered
 */
#ifndef UNDERSTUDY_COMMANDS_GEO_SEARCH_OPTIONS_H
#define UNDERSTUDY_COMMANDS_GEO_SEARCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/call.h"
#include "values/geohash.h"

enum geo_search_form {
    GEO_SEARCH_AROUND_POINT,  /* GEORADIUS */
    GEO_SEARCH_AROUND_MEMBER, /* GEORADIUSBYMEMBER */
    GEO_SEARCH_FREE,          /* GEOSEARCH */
    GEO_SEARCH_FREE_STORE,    /* GEOSEARCHSTORE */
};

enum geo_search_order { GEO_SEARCH_UNORDERED, GEO_SEARCH_ASCENDING, GEO_SEARCH_DESCENDING };

struct geo_search {
    enum geo_search_form form;
    bool may_store; /* GEORADIUS and GEORADIUSBYMEMBER: STORE and STOREDIST are options */
    struct geohash_shape shape;
    bool has_center;
    bool has_extent;
    bool with_distance;
    bool with_hash;
    bool with_point;
    enum geo_search_order order;
    int64_t count; /* 0: no limit */
    bool any;      /* the first that are found */
    int store_key; /* argv index of the destination; 0: none */
    bool stores_distances;
};

/* Reads what follows the key; `set` is the key's, or NULL. With no set the center may be missing
 * from the result. False: the error was answered. */
bool geo_search_parse(struct call *call, const struct value *set, struct geo_search *search);

/* The keys of GEORADIUS and GEORADIUSBYMEMBER: find_keys of their rows. */
bool geo_search_find_point_keys(const struct bytes *argv, int argc, struct key_references *found);
bool geo_search_find_member_keys(const struct bytes *argv, int argc, struct key_references *found);

#endif
