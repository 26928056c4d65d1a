/* SPDX-License-Identifier: MIT */
/* Points in sorted sets: GEOADD, GEOPOS, GEODIST, GEOHASH. The search is in geo_search.c. */
#include "base/memory.h"
#include "commands/geo_points.h"
#include "commands/sorted_set_limits.h"
#include "engine/journal.h"
#include "reply/errors.h"
#include "values/sorted_set.h"

static bool find_points(struct call *call, struct entry **entry)
{
    return call_find(call, call->argv[1], VALUE_SORTED_SET, ACCESS_READ, entry);
}

struct add_options {
    bool if_absent;  /* NX */
    bool if_present; /* XX */
    bool counts_changes;
    int first; /* where the first longitude stands */
};

static void parse_add_options(const struct call *call, struct add_options *options)
{
    for (options->first = 2; options->first < call->argc; options->first++) {
        if (call_is(call, options->first, "NX"))
            options->if_absent = true;
        else if (call_is(call, options->first, "XX"))
            options->if_present = true;
        else if (call_is(call, options->first, "CH"))
            options->counts_changes = true;
        else
            return;
    }
}

/* An empty sorted set at the key, in the encoding that ZADD would choose: up to 7.0 by the first
 * member alone. */
static struct value *add_set(struct call *call, const struct add_options *options,
                             const struct sorted_set_limits *limits)
{
    size_t expected = 1;
    size_t longest = call->argv[options->first + 2].size;
    if (call_emulates(call, 7, 2)) {
        expected = (size_t)(call->argc - options->first) / 3;
        for (int i = options->first + 2; i < call->argc; i += 3)
            if (call->argv[i].size > longest)
                longest = call->argv[i].size;
    }
    struct value *set = sorted_set_new_for(expected, longest, limits);
    database_add(call->db, call->argv[1], set);
    return set;
}

/* As ZADD with the scores, as Redis has it. */
static void record(struct call *call, const struct add_options *options, const uint64_t *hashes)
{
    size_t points = (size_t)(call->argc - options->first) / 3, words = (size_t)options->first;
    if (!journal_wants(call))
        return;
    struct bytes *argv = memory_allocate((words + points * 2) * sizeof *argv);
    struct journal_number *rooms = memory_allocate(points * sizeof *rooms);
    memcpy(argv, call->argv, words * sizeof *argv);
    argv[0] = BYTES_LITERAL("zadd");
    for (size_t i = 0; i < points; i++) {
        argv[words++] = journal_format(&rooms[i], (int64_t)hashes[i]);
        argv[words++] = call->argv[(size_t)options->first + i * 3 + 2];
    }
    journal_replace(call, argv, (int)words);
    memory_free(rooms);
    memory_free(argv);
}

static void add_points(struct call *call, const struct add_options *options, const uint64_t *hashes)
{
    struct entry *entry;
    if (!call_find(call, call->argv[1], VALUE_SORTED_SET, ACCESS_WRITE, &entry))
        return;
    int64_t added = 0;
    int64_t moved = 0;
    if (entry || !options->if_present) {
        struct sorted_set_limits limits = sorted_set_limits_of(call);
        struct value *set = entry ? database_own(call->db, entry) : add_set(call, options, &limits);
        for (int i = options->first + 2; i < call->argc; i += 3) {
            double score = (double)hashes[(i - options->first) / 3];
            double old;
            if ((options->if_absent || options->if_present) &&
                sorted_set_score(set, call->argv[i], &old) != options->if_present)
                continue;
            enum sorted_set_change change = sorted_set_put(set, call->argv[i], score, &limits);
            added += change == SORTED_SET_ADDED;
            moved += change == SORTED_SET_MOVED;
        }
    }
    if (added || moved) {
        call_announce(call, ANNOUNCE_SORTED_SET, "zadd", call->argv[1]);
        record(call, options, hashes);
    }
    reply_integer(call->reply, added + (options->counts_changes ? moved : 0));
}

static void geo_geoadd(struct call *call)
{
    struct add_options options = {0};
    parse_add_options(call, &options);
    int words = call->argc - options.first;
    if (words == 0 || words % 3 != 0 || (options.if_absent && options.if_present)) {
        call_syntax_error(call);
        return;
    }
    uint64_t *hashes = memory_allocate((size_t)words / 3 * sizeof *hashes);
    bool is_good = true;
    for (int i = 0; i < words && is_good; i += 3) {
        struct geohash_point point;
        is_good = geo_points_parse(call, options.first + i, &point);
        if (is_good)
            hashes[i / 3] = geohash_encode(point);
    }
    if (is_good)
        add_points(call, &options, hashes);
    memory_free(hashes);
}

static bool find_member(const struct entry *entry, struct bytes member, struct geohash_point *point)
{
    return entry && geo_points_of_member(entry_value(entry), member, point);
}

static void geo_geopos(struct call *call)
{
    struct entry *entry;
    struct geohash_point point;
    if (!find_points(call, &entry))
        return;
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        if (find_member(entry, call->argv[i], &point))
            geo_points_reply(call, point);
        else
            reply_null_array(call->reply);
    }
    reply_close(call->reply);
}

static void geo_geodist(struct call *call)
{
    double metres = 1;
    struct entry *entry;
    struct geohash_point a, b;
    if (call->argc > 5) {
        call_syntax_error(call);
        return;
    }
    if ((call->argc == 5 && !geo_points_parse_unit(call, 4, &metres)) || !find_points(call, &entry))
        return;
    if (find_member(entry, call->argv[2], &a) && find_member(entry, call->argv[3], &b))
        geo_points_reply_distance(call, geohash_distance(a, b) / metres);
    else
        reply_null(call->reply);
}

static void geo_geohash(struct call *call)
{
    struct entry *entry;
    struct geohash_point point;
    if (!find_points(call, &entry))
        return;
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        char text[GEOHASH_TEXT_SIZE];
        if (find_member(entry, call->argv[i], &point)) {
            geohash_text(point, text);
            reply_bulk(call->reply, bytes_of(text, sizeof text));
        } else {
            reply_null(call->reply);
        }
    }
    reply_close(call->reply);
}

static const struct command_argument condition_arguments[] = {
    {.name = "nx", .type = ARGUMENT_PURE_TOKEN, .token = "NX"},
    {.name = "xx", .type = ARGUMENT_PURE_TOKEN, .token = "XX"},
    {0},
};

static const struct command_argument point_arguments[] = {
    {.name = "longitude", .type = ARGUMENT_DOUBLE},
    {.name = "latitude", .type = ARGUMENT_DOUBLE},
    {.name = "member", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument geoadd_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "condition",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0",
     .arguments = condition_arguments},
    {.name = "change",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "CH",
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0"},
    {.name = "longitude_latitude_member",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = point_arguments},
    {0},
};

static const struct command_argument members_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument geodist_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member1", .type = ARGUMENT_STRING},
    {.name = "member2", .type = ARGUMENT_STRING},
    {.name = "unit",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .arguments = geo_points_unit_arguments},
    {0},
};

const struct command geo_commands[] = {
    {.name = "GEOADD",
     .arity = -5,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM,
     .categories = CATEGORY_GEO,
     .since = "3.2.0",
     .group = "geo",
     .summary = "Adds points to a sorted set, or moves them.",
     .complexity = "O(log(N)) for each point, with N members",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = geoadd_arguments,
     .run = geo_geoadd},
    {.name = "GEOPOS",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_GEO,
     .since = "3.2.0",
     .group = "geo",
     .summary = "Answers longitude and latitude of members.",
     .complexity = "O(1) for each member",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = members_arguments,
     .run = geo_geopos},
    {.name = "GEODIST",
     .arity = -4,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_GEO,
     .since = "3.2.0",
     .group = "geo",
     .summary = "Answers the distance between two members.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = geodist_arguments,
     .run = geo_geodist},
    {.name = "GEOHASH",
     .arity = -2,
     .flags = COMMAND_READONLY,
     .categories = CATEGORY_GEO,
     .since = "3.2.0",
     .group = "geo",
     .summary = "Answers the standard geohash text of members.",
     .complexity = "O(1) for each member",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = members_arguments,
     .run = geo_geohash},
    {0},
};
