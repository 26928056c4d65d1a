/* SPDX-License-Identifier: MIT */
/*
 * Prints what a table of small keys costs: nanoseconds a call, and bytes of table a key.
 *
 *     table_bench [count]        (1000000 unless told)
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/memory.h"
#include "base/table.h"

#define KEY_SIZE 23

struct entry {
    uint8_t size;
    char key[KEY_SIZE];
};

static struct bytes entry_key(const void *entry)
{
    const struct entry *e = entry;
    return bytes_of(e->key, e->size);
}

static const struct table_class entry_class = {.key_of = entry_key};

static void free_entry(void *entry, void *context)
{
    (void)context;
    memory_free(entry);
}

static uint8_t write_key(char *out, const char *prefix, uint64_t number)
{
    return (uint8_t)snprintf(out, KEY_SIZE, "%s%" PRIu64, prefix, number);
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void report(const char *what, double start, size_t count)
{
    printf("%-22s %7.1f ns\n", what, (now_ns() - start) / (double)count);
}

/* The keys of the timed loops are written beforehand, in random order. */
static struct entry *shuffled_keys(const char *prefix, size_t count, struct random *random)
{
    struct entry *keys = memory_allocate(count * sizeof *keys);
    for (size_t i = 0; i < count; i++)
        keys[i].size = write_key(keys[i].key, prefix, i);
    for (size_t i = count; i > 1; i--) {
        size_t j = random_below(random, i);
        struct entry swap = keys[i - 1];
        keys[i - 1] = keys[j];
        keys[j] = swap;
    }
    return keys;
}

static void insert_all(struct table *table, const struct entry *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes key = entry_key(&keys[i]);
        struct table_position position;
        CHECK(!table_find_or_position(table, key, &position));
        table_insert_at(table, position, memory_copy(&keys[i], sizeof keys[i]));
    }
}

static size_t find_all(struct table *table, const struct entry *keys, size_t count)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += table_find(table, entry_key(&keys[i])) != NULL;
    return found;
}

static void count_visit(void *entry, void *context)
{
    *(size_t *)context += *(const uint8_t *)entry;
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    struct random random;
    random_seed(&random, 1);
    struct entry *keys = shuffled_keys("key:", count, &random);
    struct entry *others = shuffled_keys("no:", count, &random);
    struct table table;
    table_init(&table, &entry_class, 7);

    double start = now_ns();
    insert_all(&table, keys, count);
    report("insert", start, count);
    while (table_rehash(&table, 1000))
        ;
    printf("%-22s %7.1f bytes (%zu buckets)\n", "table a key",
           (double)table_memory(&table) / (double)count, table_bucket_count(&table, 0));

    memory_free(keys);
    keys = shuffled_keys("key:", count, &random);
    start = now_ns();
    CHECK(find_all(&table, keys, count) == count);
    report("find", start, count);
    start = now_ns();
    CHECK(find_all(&table, others, count) == 0);
    report("find what is not there", start, count);

    start = now_ns();
    size_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uintptr_t)table_random(&table, &random) & 1;
    report("random", start, count);
    start = now_ns();
    uint64_t cursor = 0;
    do {
        cursor = table_scan(&table, cursor, count_visit, &sum);
    } while (cursor);
    report("scan", start, count);

    start = now_ns();
    for (size_t i = 0; i < count / 2; i++)
        memory_free(table_remove(&table, entry_key(&keys[i])));
    report("remove", start, count / 2);
    table_clear(&table, free_entry, NULL);
    memory_free(others);
    memory_free(keys);
    return sum == 0;
}
