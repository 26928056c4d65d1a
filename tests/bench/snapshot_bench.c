/* SPDX-License-Identifier: MIT */
/*
 * Prints what a snapshot costs: to take it, to write under it, and to go back.
 *
 *     snapshot_bench [keys [changes]]        (100000 and 100 unless told)
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "keyspace/snapshot.h"

#define ROUNDS 200

static struct bytes key_of(char *out, size_t number)
{
    return bytes_of(out, (size_t)sprintf(out, "key:%zu", number));
}

static void set_keys(struct database *db, size_t count, size_t step, const char *text)
{
    char key[32];
    for (size_t i = 0; i < count; i++)
        database_set_string(db, key_of(key, i * step), bytes_of_string(text), false);
}

static void report(const char *what, int64_t us)
{
    printf("%-34s %9.3f us\n", what, (double)us / ROUNDS);
}

int main(int argc, char **argv)
{
    size_t keys = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
    size_t changes = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
    struct keyspace keyspace;
    struct random random;
    int64_t taking = 0, changing = 0, restoring = 0, plain = 0, emptying = 0;
    random_seed(&random, 1);
    keyspace_init(&keyspace, 16, 1, &random);
    struct database *db = keyspace_database(&keyspace, 0);
    set_keys(db, keys, 1, "value");
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = clock_monotonic_us();
        set_keys(db, changes, keys / changes, "other");
        plain += clock_monotonic_us() - start;
        start = clock_monotonic_us();
        struct snapshot *snapshot = snapshot_take(&keyspace);
        taking += clock_monotonic_us() - start;
        start = clock_monotonic_us();
        set_keys(db, changes, keys / changes, "fresh");
        changing += clock_monotonic_us() - start;
        start = clock_monotonic_us();
        snapshot_restore(snapshot);
        restoring += clock_monotonic_us() - start;
        start = clock_monotonic_us();
        database_flush(db, false);
        snapshot_restore(snapshot);
        emptying += clock_monotonic_us() - start;
        snapshot_free(snapshot);
    }
    printf("%zu keys, %zu of them changed\n", keys, changes);
    report("taking", taking);
    report("changing without a snapshot", plain);
    report("changing under a snapshot", changing);
    report("going back", restoring);
    report("flushing all and going back", emptying);
    keyspace_clear(&keyspace);
    return 0;
}
