/* SPDX-License-Identifier: MIT */
/* Sorted sets, member by member. Their ranges are in sorted_set_ranges.c and sorted_set_spans.c,
 * pops in sorted_set_pops.c, chance and ZSCAN in sorted_set_scan.c, the operations on several sets
 * in sorted_set_algebra.c. */
#include <math.h>

#include "base/memory.h"
#include "commands/sorted_set_limits.h"
#include "engine/call.h"
#include "reply/errors.h"

#define FEW_SCORES 16

static bool find_sorted_set(struct call *call, enum database_access access, struct entry **entry)
{
    return call_find(call, call->argv[1], VALUE_SORTED_SET, access, entry);
}

/* --- ZADD --- */

struct zadd_options {
    bool if_absent;  /* NX */
    bool if_present; /* XX */
    bool if_greater; /* GT */
    bool if_less;    /* LT */
    bool counts_changes;
    bool increments;
};

/* What the pairs of one call have led to. */
struct zadd_result {
    int64_t added;
    int64_t moved;
    bool was_done; /* INCR: the score was set, perhaps to what it was */
    double score;  /* INCR: the new one */
};

/* Reads the options; returns where the first score stands. */
static int parse_zadd_options(const struct call *call, struct zadd_options *options)
{
    int index = 2;
    for (; index < call->argc; index++) {
        if (call_is(call, index, "NX"))
            options->if_absent = true;
        else if (call_is(call, index, "XX"))
            options->if_present = true;
        else if (call_is(call, index, "GT"))
            options->if_greater = true;
        else if (call_is(call, index, "LT"))
            options->if_less = true;
        else if (call_is(call, index, "CH"))
            options->counts_changes = true;
        else if (call_is(call, index, "INCR"))
            options->increments = true;
        else
            break;
    }
    return index;
}

/* What is wrong with the options, or NULL. `count` is of what follows them. */
static const char *find_zadd_error(const struct zadd_options *options, int count)
{
    if (count == 0 || count % 2)
        return ERROR_SYNTAX;
    if (options->if_absent && options->if_present)
        return ERROR_ZADD_XX_AND_NX;
    if (options->if_absent + options->if_greater + options->if_less > 1)
        return ERROR_ZADD_GT_LT_NX;
    if (options->increments && count > 2)
        return ERROR_ZADD_INCR;
    return NULL;
}

static void count_change(enum sorted_set_change change, struct zadd_result *result)
{
    result->added += change == SORTED_SET_ADDED;
    result->moved += change == SORTED_SET_MOVED;
}

/* One pair under conditions. False: the score would not be a number. */
static bool put_if(struct value *set, struct bytes member, double score,
                   const struct zadd_options *options, const struct sorted_set_limits *limits,
                   struct zadd_result *result)
{
    double present;
    bool is_present = sorted_set_score(set, member, &present);
    if (is_present ? options->if_absent : options->if_present)
        return true;
    if (is_present && options->increments) {
        score += present;
        if (isnan(score))
            return false;
    }
    if (is_present &&
        ((options->if_greater && score <= present) || (options->if_less && score >= present)))
        return true;
    count_change(sorted_set_put(set, member, score, limits), result);
    result->was_done = true;
    result->score = score;
    return true;
}

/* All pairs, whose members begin at argv[first]. False: a score would not be a number. */
static bool put_pairs(struct call *call, struct value *set, int first, const double *scores,
                      const struct zadd_options *options, const struct sorted_set_limits *limits,
                      struct zadd_result *result)
{
    bool is_plain = !(options->if_absent || options->if_present || options->if_greater ||
                      options->if_less || options->increments);
    for (int i = first; i < call->argc; i += 2) {
        double score = *scores++;
        if (is_plain)
            count_change(sorted_set_put(set, call->argv[i], score, limits), result);
        else if (!put_if(set, call->argv[i], score, options, limits, result))
            return false;
    }
    return true;
}

static struct value *add_key(struct call *call, int first, const struct sorted_set_limits *limits)
{
    size_t expected = 1;
    size_t longest = call->argv[first].size;
    /* From 7.2 on Redis looks at all members, before at the first one alone. */
    if (call_emulates(call, 7, 2)) {
        expected = (size_t)(call->argc - first + 1) / 2;
        for (int i = first; i < call->argc; i += 2)
            if (call->argv[i].size > longest)
                longest = call->argv[i].size;
    }
    struct value *set = sorted_set_new_for(expected, longest, limits);
    database_add(call->db, call->argv[1], set);
    return set;
}

static void reply_zadd(struct call *call, const struct zadd_options *options,
                       const struct zadd_result *result)
{
    if (!options->increments)
        reply_integer(call->reply, result->added + (options->counts_changes ? result->moved : 0));
    else if (result->was_done)
        reply_real(call->reply, result->score);
    else
        reply_null(call->reply);
}

static void put_scores(struct call *call, int first, const double *scores,
                       const struct zadd_options *options)
{
    struct entry *entry;
    struct zadd_result result = {0};
    if (!find_sorted_set(call, ACCESS_WRITE, &entry))
        return;
    if (!entry && options->if_present) {
        reply_zadd(call, options, &result);
        return;
    }
    struct sorted_set_limits limits = sorted_set_limits_of(call);
    struct value *set = entry ? database_own(call->db, entry) : add_key(call, first, &limits);
    if (!put_pairs(call, set, first, scores, options, &limits, &result)) {
        reply_error(call->reply, ERROR_SCORE_NAN);
        return;
    }
    if (result.added || result.moved)
        call_announce(call, ANNOUNCE_SORTED_SET, options->increments ? "zincr" : "zadd",
                      call->argv[1]);
    reply_zadd(call, options, &result);
}

static void add_scores(struct call *call, struct zadd_options *options)
{
    int first = parse_zadd_options(call, options);
    const char *error = find_zadd_error(options, call->argc - first);
    if (error) {
        reply_error(call->reply, error);
        return;
    }
    size_t pairs = (size_t)(call->argc - first) / 2;
    double few[FEW_SCORES];
    double *scores = pairs <= FEW_SCORES ? few : memory_allocate(pairs * sizeof *scores);
    bool is_good = true;
    for (size_t i = 0; i < pairs && is_good; i++)
        is_good = call_double(call, first + 2 * (int)i, &scores[i], NULL);
    if (is_good)
        put_scores(call, first + 1, scores, options);
    if (scores != few)
        memory_free(scores);
}

static void sorted_sets_zadd(struct call *call)
{
    struct zadd_options options = {0};
    add_scores(call, &options);
}

/* Takes the words that are ZADD's options for such, as in Redis: they are a syntax error then. */
static void sorted_sets_zincrby(struct call *call)
{
    struct zadd_options options = {.increments = true};
    add_scores(call, &options);
}

/* --- the others --- */

static void sorted_sets_zrem(struct call *call)
{
    struct entry *entry;
    if (!find_sorted_set(call, ACCESS_WRITE, &entry))
        return;
    int64_t removed = 0;
    struct value *set = entry ? database_own(call->db, entry) : NULL;
    for (int i = 2; set && i < call->argc && sorted_set_count(set) > 0; i++)
        removed += sorted_set_remove(set, call->argv[i]);
    if (removed) {
        call_announce(call, ANNOUNCE_SORTED_SET, "zrem", call->argv[1]);
        if (sorted_set_count(set) == 0)
            call_delete_emptied(call, call->argv[1]);
    }
    reply_integer(call->reply, removed);
}

static void sorted_sets_zcard(struct call *call)
{
    struct entry *entry;
    if (find_sorted_set(call, ACCESS_READ, &entry))
        reply_integer(call->reply, entry ? (int64_t)sorted_set_count(entry_value(entry)) : 0);
}

static void reply_score(struct call *call, const struct entry *entry, struct bytes member)
{
    double score;
    if (entry && sorted_set_score(entry_value(entry), member, &score))
        reply_real(call->reply, score);
    else
        reply_null(call->reply);
}

static void sorted_sets_zscore(struct call *call)
{
    struct entry *entry;
    if (find_sorted_set(call, ACCESS_READ, &entry))
        reply_score(call, entry, call->argv[2]);
}

static void sorted_sets_zmscore(struct call *call)
{
    struct entry *entry;
    if (!find_sorted_set(call, ACCESS_READ, &entry))
        return;
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 2);
    for (int i = 2; i < call->argc; i++)
        reply_score(call, entry, call->argv[i]);
    reply_close(call->reply);
}

static void reply_rank(struct call *call, bool is_reverse)
{
    struct entry *entry;
    if (call->argc > 4) {
        call_arity_error(call);
        return;
    }
    bool with_score = call->argc == 4;
    if (with_score && !call_is(call, 3, "WITHSCORE")) {
        call_syntax_error(call);
        return;
    }
    if (!find_sorted_set(call, ACCESS_READ, &entry))
        return;
    size_t rank;
    double score;
    if (!entry || !sorted_set_rank(entry_value(entry), call->argv[2], &rank, &score)) {
        if (with_score)
            reply_null_array(call->reply);
        else
            reply_null(call->reply);
        return;
    }
    if (is_reverse)
        rank = sorted_set_count(entry_value(entry)) - 1 - rank;
    if (with_score)
        reply_open(call->reply, REPLY_ARRAY, 2);
    reply_integer(call->reply, (int64_t)rank);
    if (with_score) {
        reply_real(call->reply, score);
        reply_close(call->reply);
    }
}

static void sorted_sets_zrank(struct call *call)
{
    reply_rank(call, false);
}

static void sorted_sets_zrevrank(struct call *call)
{
    reply_rank(call, true);
}

static const struct command_argument key_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {0},
};

static const struct command_argument member_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument members_argument[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument zadd_arguments_condition[] = {
    {.name = "nx", .type = ARGUMENT_PURE_TOKEN, .token = "NX"},
    {.name = "xx", .type = ARGUMENT_PURE_TOKEN, .token = "XX"},
    {0},
};

static const struct command_argument zadd_arguments_comparison[] = {
    {.name = "gt", .type = ARGUMENT_PURE_TOKEN, .token = "GT"},
    {.name = "lt", .type = ARGUMENT_PURE_TOKEN, .token = "LT"},
    {0},
};

static const struct command_argument zadd_arguments_pair[] = {
    {.name = "score", .type = ARGUMENT_DOUBLE},
    {.name = "member", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument zadd_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "condition",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .since = "3.0.2",
     .arguments = zadd_arguments_condition},
    {.name = "comparison",
     .type = ARGUMENT_ONEOF,
     .flags = ARGUMENT_OPTIONAL,
     .since = "6.2.0",
     .arguments = zadd_arguments_comparison},
    {.name = "change",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "CH",
     .flags = ARGUMENT_OPTIONAL,
     .since = "3.0.2"},
    {.name = "increment",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "INCR",
     .flags = ARGUMENT_OPTIONAL,
     .since = "3.0.2"},
    {.name = "score_member",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = zadd_arguments_pair},
    {0},
};

static const struct command_argument zincrby_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "increment", .type = ARGUMENT_INTEGER},
    {.name = "member", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument zrank_arguments[] = {
    {.name = "key", .type = ARGUMENT_KEY},
    {.name = "member", .type = ARGUMENT_STRING},
    {.name = "withscore",
     .type = ARGUMENT_PURE_TOKEN,
     .token = "WITHSCORE",
     .flags = ARGUMENT_OPTIONAL,
     .since = "7.2.0"},
    {0},
};

/* The ranks took an option in 7.2: two rows each. */
#define RANK_ROW                                                                                   \
    .flags = COMMAND_READONLY | COMMAND_FAST, .categories = CATEGORY_SORTED_SET, .since = "2.0.0", \
    .group = "sorted-set", .complexity = "O(log(N))", KEYS_AT(1, KEY_READ_ACCESS)
#define ZRANK_ROW                                                                                  \
    .name = "ZRANK", .run = sorted_sets_zrank,                                                     \
    .summary = "Answers how many elements come before a member.", RANK_ROW
#define ZREVRANK_ROW                                                                               \
    .name = "ZREVRANK", .run = sorted_sets_zrevrank,                                               \
    .summary = "Answers how many elements come after a member.", RANK_ROW

const struct command sorted_sets_commands[] = {
    {.name = "ZADD",
     .arity = -4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "1.2.0",
     .group = "sorted-set",
     .summary = "Adds members to a sorted set, or gives them other scores.",
     .complexity = "O(log(N)) for each member given, N being the size of the set",
     KEYS_AT(1, KEY_RW | KEY_UPDATE),
     .arguments = zadd_arguments,
     .run = sorted_sets_zadd},
    {.name = "ZINCRBY",
     .arity = 4,
     .flags = COMMAND_WRITE | COMMAND_DENYOOM | COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "1.2.0",
     .group = "sorted-set",
     .summary = "Adds to the score of a member, which is made if it is absent.",
     .complexity = "O(log(N)), N being the size of the set",
     KEYS_AT(1, KEY_RW | KEY_ACCESS | KEY_UPDATE),
     .arguments = zincrby_arguments,
     .run = sorted_sets_zincrby},
    {.name = "ZREM",
     .arity = -3,
     .flags = COMMAND_WRITE | COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "1.2.0",
     .group = "sorted-set",
     .summary = "Removes members from a sorted set; an empty one is deleted.",
     .complexity = "O(log(N)) for each member given, N being the size of the set",
     KEYS_AT(1, KEY_RW | KEY_DELETE),
     .arguments = members_argument,
     .run = sorted_sets_zrem},
    {.name = "ZCARD",
     .arity = 2,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "1.2.0",
     .group = "sorted-set",
     .summary = "Counts the members of a sorted set.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_RO),
     .arguments = key_argument,
     .run = sorted_sets_zcard},
    {.name = "ZSCORE",
     .arity = 3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "1.2.0",
     .group = "sorted-set",
     .summary = "Answers the score of a member.",
     .complexity = "O(1)",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = member_argument,
     .run = sorted_sets_zscore},
    {.name = "ZMSCORE",
     .arity = -3,
     .flags = COMMAND_READONLY | COMMAND_FAST,
     .categories = CATEGORY_SORTED_SET,
     .since = "6.2.0",
     .group = "sorted-set",
     .summary = "Answers the scores of several members.",
     .complexity = "O(N) for N members asked about",
     KEYS_AT(1, KEY_READ_ACCESS),
     .arguments = members_argument,
     .run = sorted_sets_zmscore},
    {ZRANK_ROW, .arity = 3, .until = "7.2.0", .arguments = member_argument},
    {ZRANK_ROW, .arity = -3, .arguments = zrank_arguments},
    {ZREVRANK_ROW, .arity = 3, .until = "7.2.0", .arguments = member_argument},
    {ZREVRANK_ROW, .arity = -3, .arguments = zrank_arguments},
    {0},
};
