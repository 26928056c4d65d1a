/* SPDX-License-Identifier: MIT */
#include "keyspace/access.h"

#include "keyspace/snapshot.h"

#define ACCESS_MASK       ENTRY_ACCESS_MASK
#define INITIAL_FREQUENCY 5
#define MINUTE_MS         60000

static uint32_t seconds_now(const struct keyspace *keyspace)
{
    return (uint32_t)(keyspace->now_ms / 1000) & ACCESS_MASK;
}

static uint32_t minutes_now(const struct keyspace *keyspace)
{
    return (uint32_t)(keyspace->now_ms / MINUTE_MS) & 0xFFFF;
}

static void set_frequency(const struct keyspace *keyspace, struct entry *entry, uint32_t frequency)
{
    entry->access = ((minutes_now(keyspace) << 8) | frequency) & ACCESS_MASK;
}

/* The counter after the minutes that went by without a use. */
static uint8_t decayed(const struct keyspace *keyspace, const struct entry *entry)
{
    uint32_t counter = entry->access & 0xFF;
    uint32_t elapsed = (minutes_now(keyspace) - (entry->access >> 8)) & 0xFFFF;
    uint32_t periods = keyspace->lfu_decay_time ? elapsed / (uint32_t)keyspace->lfu_decay_time : 0;
    return (uint8_t)(periods > counter ? 0 : counter - periods);
}

void access_start(struct keyspace *keyspace, struct entry *entry)
{
    if (keyspace->uses_lfu)
        set_frequency(keyspace, entry, INITIAL_FREQUENCY);
    else
        entry->access = seconds_now(keyspace) & ACCESS_MASK;
}

void access_touch(struct keyspace *keyspace, struct entry *entry)
{
    if (!keyspace->uses_lfu) {
        entry->access = seconds_now(keyspace) & ACCESS_MASK;
        return;
    }
    uint8_t counter = decayed(keyspace, entry);
    if (counter < UINT8_MAX) {
        double above = counter > INITIAL_FREQUENCY ? counter - INITIAL_FREQUENCY : 0;
        if (random_unit(keyspace->random) < 1.0 / (above * keyspace->lfu_log_factor + 1))
            counter++;
    }
    set_frequency(keyspace, entry, counter);
}

int64_t database_idle_seconds(const struct database *db, const struct entry *entry)
{
    return (seconds_now(db->keyspace) - entry->access) & ACCESS_MASK;
}

uint8_t database_frequency(const struct database *db, const struct entry *entry)
{
    return decayed(db->keyspace, entry);
}

void database_set_idle_seconds(struct database *db, struct entry *entry, int64_t seconds)
{
    if (db->keyspace->nearest_snapshot)
        snapshot_note(db, entry);
    entry->access = (seconds_now(db->keyspace) - (uint32_t)seconds) & ACCESS_MASK;
}

void database_set_frequency(struct database *db, struct entry *entry, uint8_t frequency)
{
    if (db->keyspace->nearest_snapshot)
        snapshot_note(db, entry);
    set_frequency(db->keyspace, entry, frequency);
}
