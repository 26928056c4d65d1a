/* SPDX-License-Identifier: MIT */
#include "engine/eviction.h"

#include "base/clock.h"
#include "engine/engine.h"
#include "engine/footprint.h"
#include "engine/latency.h"
#include "engine/replication.h"

#define KEYS_A_TIME    16  /* evicted between two looks at the time */
#define COST_RATIO     64  /* of the time, so much passes for one part spent on looking */
#define KEY_US         1   /* what a victim costs, about */
#define KEYS_A_CALL    32  /* walked, on average, before a command */
#define LAST_TENACITY  100 /* with which there is no limit to the time */
#define LINEAR_UPTO    10
#define LINEAR_STEP_US 50
#define GROWTH         1.15

/* The words of maxmemory-policy, in the directive's order. */
enum policy {
    POLICY_VOLATILE_LRU,
    POLICY_VOLATILE_LFU,
    POLICY_VOLATILE_RANDOM,
    POLICY_VOLATILE_TTL,
    POLICY_ALLKEYS_LRU,
    POLICY_ALLKEYS_LFU,
    POLICY_ALLKEYS_RANDOM,
    POLICY_NOEVICTION,
};

static enum victims_order order_of(enum policy policy)
{
    switch (policy) {
    case POLICY_VOLATILE_RANDOM:
    case POLICY_ALLKEYS_RANDOM:
        return VICTIMS_AT_RANDOM;
    case POLICY_VOLATILE_TTL:
        return VICTIMS_BY_DEADLINE;
    default:
        return VICTIMS_BY_USE;
    }
}

void eviction_configure(struct engine *engine)
{
    struct eviction *eviction = &engine->eviction;
    const struct config *config = engine->config;
    enum policy policy = (enum policy)config_integer(config, CONFIG_MAXMEMORY_POLICY);
    victims_clear(&eviction->victims); /* their merits were another policy's */
    eviction->is_forbidden = policy == POLICY_NOEVICTION;
    eviction->needs_access = !eviction->is_forbidden && order_of(policy) == VICTIMS_BY_USE;
    eviction->is_lazy = config_integer(config, CONFIG_LAZYFREE_LAZY_EVICTION) != 0;
    eviction->tenacity = config_integer(config, CONFIG_MAXMEMORY_EVICTION_TENACITY);
    eviction->rule =
        (struct victims_rule){.order = order_of(policy),
                              .only_expiring = policy <= POLICY_VOLATILE_TTL,
                              .samples = (int)config_integer(config, CONFIG_MAXMEMORY_SAMPLES)};
    engine->keyspace.uses_lfu = policy == POLICY_VOLATILE_LFU || policy == POLICY_ALLKEYS_LFU;
    engine->maxmemory = (size_t)config_integer(config, CONFIG_MAXMEMORY);
    engine->keyspace.counts_growth = engine->maxmemory > 0;
    engine->keyspace.growth_is_vague = true;
}

void eviction_clear(struct engine *engine)
{
    victims_clear(&engine->eviction.victims);
}

static void note_exceeded(struct engine *engine, bool is_exceeded)
{
    struct eviction *eviction = &engine->eviction;
    if (is_exceeded == (eviction->exceeded_since_us != 0))
        return;
    int64_t now_us = clock_now_us(engine->clock);
    if (!is_exceeded && now_us > eviction->exceeded_since_us)
        eviction->exceeded_us += now_us - eviction->exceeded_since_us;
    eviction->exceeded_since_us = is_exceeded ? (now_us ? now_us : 1) : 0;
}

/* Finds out what is in use, and sets when to look again. */
static void look(struct engine *engine)
{
    struct eviction *eviction = &engine->eviction;
    uint64_t began = stopwatch_ticks();
    size_t used = footprint_used(engine), apart = 0;
    if (used > engine->maxmemory)
        apart = footprint_apart(engine);
    uint64_t ended = stopwatch_ticks();
    eviction->counted = used > apart ? used - apart : 0;
    eviction->next_look_ticks = ended + (ended - began) * COST_RATIO;
    eviction->calls_to_look = footprint_key_count(engine) / KEYS_A_CALL;
    engine->keyspace.growth = 0;
    engine->keyspace.growth_is_vague = false;
}

static bool is_time_to_look(struct engine *engine)
{
    struct eviction *eviction = &engine->eviction;
    if (engine->keyspace.growth_is_vague)
        return true;
    if (engine->owns_process)
        return stopwatch_ticks() >= eviction->next_look_ticks;
    if (eviction->calls_to_look == 0)
        return true;
    eviction->calls_to_look--;
    return false;
}

/* Bytes over the limit, by the last look and what is known since. */
static int64_t excess_of(const struct engine *engine)
{
    return (int64_t)engine->eviction.counted + engine->keyspace.growth - (int64_t)engine->maxmemory;
}

/* How long one call may evict, us. */
static int64_t time_limit_us(int64_t tenacity)
{
    if (tenacity >= LAST_TENACITY)
        return INT64_MAX;
    if (tenacity <= LINEAR_UPTO)
        return LINEAR_STEP_US * tenacity;
    double limit = LINEAR_STEP_US * LINEAR_UPTO;
    for (int64_t step = LINEAR_UPTO; step < tenacity; step++)
        limit *= GROWTH;
    return (int64_t)limit;
}

/* What one call may spend. Where equal commands are to evict equal keys the limit is a count. */
struct budget {
    int64_t until_us; /* by clock_monotonic_us; INT64_MAX = as long as it takes */
    int64_t keys;
};

static struct budget budget_of(const struct engine *engine)
{
    int64_t limit_us = time_limit_us(engine->eviction.tenacity);
    struct budget budget = {.until_us = INT64_MAX, .keys = INT64_MAX};
    if (limit_us == INT64_MAX)
        return budget;
    if (engine->owns_process)
        budget.until_us = clock_monotonic_us() + limit_us;
    else
        budget.keys = limit_us / KEY_US + KEYS_A_TIME;
    return budget;
}

static bool is_spent(const struct budget *budget)
{
    return budget->keys <= 0 ||
           (budget->until_us != INT64_MAX && clock_monotonic_us() > budget->until_us);
}

enum step {
    STEP_DONE,    /* so many bytes have gone */
    STEP_TIME_UP, /* there are more */
    STEP_STUCK,   /* nothing is left that may go */
};

static enum step evict_excess(struct engine *engine, struct budget *budget)
{
    struct eviction *eviction = &engine->eviction;
    struct keyspace *keyspace = &engine->keyspace;
    for (unsigned keys = 1; excess_of(engine) > 0; keys++) {
        struct database *db;
        struct entry *entry = victims_choose(&eviction->victims, keyspace, &eviction->rule, &db);
        if (!entry)
            return STEP_STUCK;
        uint64_t began = stopwatch_ticks();
        database_evict(db, entry, eviction->is_lazy);
        latency_note_since(engine, "eviction-del", began);
        budget->keys--;
        if (keys % KEYS_A_TIME == 0 && is_spent(budget))
            return STEP_TIME_UP;
    }
    return STEP_DONE;
}

bool eviction_make_room(struct engine *engine, bool exactly)
{
    struct eviction *eviction = &engine->eviction;
    struct budget budget = budget_of(engine);
    enum step step = STEP_DONE;
    uint64_t began = stopwatch_ticks(), evicted = engine->keyspace.evicted;
    if (exactly || is_time_to_look(engine))
        look(engine);
    while (excess_of(engine) > 0 && step != STEP_TIME_UP) {
        step = eviction->is_forbidden ? STEP_STUCK : evict_excess(engine, &budget);
        bool is_sure = engine->keyspace.growth == 0;
        if (step == STEP_STUCK && is_sure)
            break;
        if (step == STEP_STUCK || (step == STEP_DONE && exactly))
            look(engine);
    }
    bool is_over = excess_of(engine) > 0;
    eviction->goes_on = is_over && step == STEP_TIME_UP;
    note_exceeded(engine, is_over);
    if (engine->keyspace.evicted != evicted)
        latency_note_since(engine, "eviction-cycle", began);
    return !is_over || eviction->goes_on;
}

/* Redis evicts nothing while CLIENT PAUSE lasts, nor in a replica that leaves it to its primary. */
bool eviction_is_due(const struct engine *engine)
{
    return engine->eviction.goes_on && engine->maxmemory && engine->depth == 0 &&
           engine->blocking.pause == PAUSE_NONE && !replication_ignores_memory(engine);
}

void eviction_continue(struct engine *engine)
{
    if (eviction_is_due(engine))
        engine->is_short_of_memory = !eviction_make_room(engine, false);
}

void eviction_limit_changed(struct engine *engine)
{
    size_t used = footprint_used(engine);
    if (engine->maxmemory == 0 || used <= engine->maxmemory) {
        engine->eviction.goes_on = false;
        note_exceeded(engine, false);
        return;
    }
    engine_log(engine, 3,
               "maxmemory is now %zu bytes, less than the %zu in use: by maxmemory-policy keys are "
               "evicted, or commands refused that take memory.",
               engine->maxmemory, used);
    engine->eviction.goes_on = true;
    engine_deadline_moved(engine);
}

int64_t eviction_exceeded_ms(const struct engine *engine)
{
    int64_t since_us = engine->eviction.exceeded_since_us;
    int64_t us = since_us ? clock_now_us(engine->clock) - since_us : 0;
    return us > 0 ? us / 1000 : 0;
}

int64_t eviction_total_exceeded_ms(const struct engine *engine)
{
    return engine->eviction.exceeded_us / 1000 + eviction_exceeded_ms(engine);
}

void eviction_reset_stats(struct engine *engine)
{
    engine->keyspace.evicted = 0;
    engine->eviction.exceeded_us = 0;
    engine->eviction.exceeded_since_us = 0;
}
