/* SPDX-License-Identifier: MIT */
/*
 * Bytes from outside as a listpack: those that pass the check can be walked both ways, read,
 * changed, and packed anew with the same texts.
 */
#include "base/check.h"
#include "values/listpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool count_entry(const unsigned char *entry, size_t index, void *context)
{
    size_t *count = context;
    CHECK(entry && index == *count);
    ++*count;
    return true;
}

static void check_backwards(const unsigned char *pack, size_t count)
{
    const unsigned char *entry = listpack_last(pack);
    for (; entry; entry = listpack_previous(pack, entry))
        count--;
    CHECK(count == 0);
}

/* The texts again, as this program encodes them. */
static unsigned char *repack(const unsigned char *pack)
{
    unsigned char *again = listpack_new();
    for (const unsigned char *entry = listpack_first(pack); entry; entry = listpack_next(entry)) {
        char digits[NUMBER_INTEGER_SIZE];
        struct bytes text = listpack_get(entry, digits);
        listpack_append(&again, text);
        CHECK(listpack_equals(listpack_last(again), text));
    }
    CHECK(listpack_is_valid(listpack_bytes(again), NULL, NULL));
    return again;
}

static void check_changes(unsigned char *pack, size_t count, unsigned choice)
{
    size_t index = count ? choice % count : 0;
    unsigned char *rest = listpack_split(&pack, index);
    CHECK(listpack_count(pack) == index && listpack_count(rest) == count - index);
    listpack_append(&pack, BYTES_LITERAL("between"));
    listpack_append_pack(&pack, rest);
    CHECK(listpack_count(pack) == count + 1);
    listpack_replace(&pack, listpack_seek(pack, (int64_t)index), BYTES_LITERAL("-129"));
    listpack_delete_range(&pack, (int64_t)index, 2);
    CHECK(listpack_is_valid(listpack_bytes(pack), NULL, NULL));
    listpack_free(rest);
    listpack_free(pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = bytes_of((const char *)data, size);
    size_t count = 0;
    if (!listpack_is_valid(bytes, count_entry, &count))
        return 0;
    unsigned char *pack = listpack_from_bytes(bytes);
    CHECK(listpack_count(pack) == count);
    check_backwards(pack, count);
    unsigned char *again = repack(pack);
    CHECK(listpack_count(again) == count);
    check_changes(again, count, data[size / 2]);
    check_changes(pack, count, data[size / 3]);
    return 0;
}
