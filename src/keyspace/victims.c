/* SPDX-License-Identifier: MIT */
/*
 * Invariant: candidates below `count` stand in order of merit, and no key is there twice. Buffers
 * of those above keep their memory for the next ones.
 */
#include "keyspace/victims.h"

#include <string.h>

/* With no more keys than this all of them are looked at. */
#define FEW_KEYS VICTIMS_CANDIDATES

void victims_clear(struct victims *victims)
{
    for (size_t i = 0; i < VICTIMS_CANDIDATES; i++)
        buffer_clear(&victims->candidates[i].key);
    *victims = (struct victims){.last_db = victims->last_db};
}

static size_t count_eligible(const struct database *db, const struct victims_rule *rule)
{
    return rule->only_expiring ? heap_count(&db->deadlines) : table_count(&db->keys);
}

static struct entry *random_entry(struct database *db, const struct victims_rule *rule)
{
    if (!rule->only_expiring)
        return database_random(db);
    uint64_t slot = random_below(db->keyspace->random, heap_count(&db->deadlines));
    return db->deadlines.nodes[slot].item;
}

static uint32_t merit_of(const struct database *db, const struct entry *entry)
{
    if (db->keyspace->uses_lfu)
        return (uint32_t)(UINT8_MAX - database_frequency(db, entry));
    return (uint32_t)database_idle_seconds(db, entry);
}

static bool is_known(const struct victims *victims, const struct database *db, struct bytes key)
{
    for (size_t i = 0; i < victims->count; i++)
        if (victims->candidates[i].db == db->index &&
            bytes_equal(buffer_bytes(&victims->candidates[i].key), key))
            return true;
    return false;
}

/* Room at `place`, at the cost of the candidate of least merit if there is none left. */
static struct victims_candidate *make_room(struct victims *victims, size_t place)
{
    struct victims_candidate *candidates = victims->candidates;
    struct victims_candidate spare;
    if (victims->count < VICTIMS_CANDIDATES) {
        spare = candidates[victims->count];
        memmove(&candidates[place + 1], &candidates[place],
                (victims->count - place) * sizeof *candidates);
        victims->count++;
    } else {
        spare = candidates[0];
        memmove(&candidates[0], &candidates[1], --place * sizeof *candidates);
    }
    candidates[place] = spare;
    return &candidates[place];
}

static void consider(struct victims *victims, const struct database *db, const struct entry *entry)
{
    uint32_t merit = merit_of(db, entry);
    size_t place = 0;
    while (place < victims->count && victims->candidates[place].merit < merit)
        place++;
    bool is_full = victims->count == VICTIMS_CANDIDATES;
    if ((is_full && place == 0) || is_known(victims, db, entry_key(entry)))
        return;
    struct victims_candidate *candidate = make_room(victims, place);
    candidate->db = db->index;
    candidate->merit = merit;
    candidate->access = entry->access;
    candidate->key.size = 0;
    buffer_append_bytes(&candidate->key, entry_key(entry));
}

static void consider_all(struct victims *victims, struct database *db,
                         const struct victims_rule *rule)
{
    if (rule->only_expiring) {
        for (size_t i = 0; i < heap_count(&db->deadlines); i++)
            consider(victims, db, db->deadlines.nodes[i].item);
        return;
    }
    struct table_iterator iterator;
    table_iterator_begin(&iterator, &db->keys);
    for (struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;)
        consider(victims, db, entry);
    table_iterator_end(&iterator);
}

/* Who was idle for so long when he was looked at has been so for longer by now. */
static void age(struct victims *victims, const struct keyspace *keyspace)
{
    int64_t seconds = keyspace->now_ms / 1000 - victims->looked_ms / 1000;
    victims->looked_ms = keyspace->now_ms;
    if (keyspace->uses_lfu || seconds == 0)
        return;
    if (seconds < 0) /* the clock was set back */
        victims->count = 0;
    for (size_t i = 0; i < victims->count; i++)
        victims->candidates[i].merit += (uint32_t)seconds;
}

/* False: there is no key that may go. */
static bool look_around(struct victims *victims, struct keyspace *keyspace,
                        const struct victims_rule *rule)
{
    size_t total = 0;
    age(victims, keyspace);
    for (int i = 0; i < keyspace->count; i++) {
        struct database *db = &keyspace->databases[i];
        size_t count = count_eligible(db, rule);
        total += count;
        if (count <= FEW_KEYS)
            consider_all(victims, db, rule);
        else
            for (int sample = 0; sample < rule->samples; sample++)
                consider(victims, db, random_entry(db, rule));
    }
    return total > 0;
}

/* Takes the best candidate out. NULL: the key is gone, or was used since. */
static struct entry *take_best(struct victims *victims, struct keyspace *keyspace,
                               const struct victims_rule *rule, struct database **db)
{
    struct victims_candidate *best = &victims->candidates[--victims->count];
    *db = keyspace_database(keyspace, best->db);
    struct entry *entry = *db ? database_find(*db, buffer_bytes(&best->key), ACCESS_PEEK) : NULL;
    if (!entry || entry->access != best->access)
        return NULL;
    return rule->only_expiring && entry->deadline_slot == HEAP_NO_SLOT ? NULL : entry;
}

static struct entry *choose_by_use(struct victims *victims, struct keyspace *keyspace,
                                   const struct victims_rule *rule, struct database **db)
{
    struct entry *entry = NULL;
    while (!entry && look_around(victims, keyspace, rule))
        while (!entry && victims->count)
            entry = take_best(victims, keyspace, rule, db);
    return entry;
}

static struct entry *choose_by_deadline(struct keyspace *keyspace, struct database **db)
{
    struct heap_node first = {.deadline = KEYSPACE_NEVER};
    for (int i = 0; i < keyspace->count; i++) {
        struct database *other = &keyspace->databases[i];
        if (heap_count(&other->deadlines) == 0 ||
            heap_first(&other->deadlines).deadline >= first.deadline)
            continue;
        first = heap_first(&other->deadlines);
        *db = other;
    }
    return first.item;
}

static struct entry *choose_at_random(struct victims *victims, struct keyspace *keyspace,
                                      const struct victims_rule *rule, struct database **db)
{
    for (int tries = 0; tries < keyspace->count; tries++) {
        victims->last_db = (victims->last_db + 1) % keyspace->count;
        *db = &keyspace->databases[victims->last_db];
        if (count_eligible(*db, rule))
            return random_entry(*db, rule);
    }
    return NULL;
}

struct entry *victims_choose(struct victims *victims, struct keyspace *keyspace,
                             const struct victims_rule *rule, struct database **db)
{
    switch (rule->order) {
    case VICTIMS_BY_USE:
        return choose_by_use(victims, keyspace, rule, db);
    case VICTIMS_BY_DEADLINE:
        return choose_by_deadline(keyspace, db);
    case VICTIMS_AT_RANDOM:
        return choose_at_random(victims, keyspace, rule, db);
    }
    return NULL;
}
