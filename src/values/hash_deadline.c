/* SPDX-License-Identifier: MIT */
/*
 * Invariant: the triples of a pack stand in order of deadline, equal ones in the order in which
 * they were set, and those without one behind them; in a table a field is in the heap exactly when
 * it is timed, and table and heap hold the same address for it.
 */
#include "values/hash_deadline.h"

#include "base/buffer.h"
#include "base/heap.h"
#include "base/memory.h"
#include "values/hash_private.h"
#include "values/listpack.h"

/* --- in a pack --- */

/* `entry` is that of a field. */
static int64_t packed_deadline(const unsigned char *entry)
{
    struct bytes text;
    int64_t deadline_ms;
    entry = listpack_next(listpack_next(entry));
    bool is_integer = listpack_read(entry, &text, &deadline_ms);
    return is_integer && deadline_ms != 0 ? deadline_ms : HASH_NO_DEADLINE;
}

/* Pairs become triples. */
static void make_triples(struct hash *hash)
{
    unsigned char *triples = listpack_new();
    struct hash_pair pair;
    for (const unsigned char *entry = listpack_first(hash->pack); entry;) {
        entry = hash_read_packed(&hash->head, entry, &pair);
        struct bytes parts[] = {pair.field, pair.value, BYTES_LITERAL("0")};
        listpack_append_all(&triples, parts, HASH_TRIPLE);
    }
    listpack_free(hash->pack);
    hash->pack = triples;
    hash->head.encoding = ENCODING_LISTPACK_EX;
}

/* Before which field one with this deadline belongs; NULL: at the end. */
static unsigned char *place_for(const unsigned char *pack, int64_t deadline_ms)
{
    unsigned char *entry = listpack_first(pack);
    while (entry && packed_deadline(entry) <= deadline_ms) {
        entry = listpack_next(listpack_next(entry)); /* its deadline */
        entry = listpack_next(entry);
    }
    return entry;
}

static void insert_triple(struct hash *hash, struct bytes field, struct bytes text,
                          int64_t deadline_ms)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct bytes deadline = BYTES_LITERAL("0");
    if (deadline_ms != HASH_NO_DEADLINE)
        deadline = bytes_of(digits, number_format_integer(digits, deadline_ms));
    unsigned char *before = place_for(hash->pack, deadline_ms);
    unsigned char *entry = listpack_insert_before(&hash->pack, before, field);
    entry = listpack_insert_after(&hash->pack, entry, text);
    listpack_insert_after(&hash->pack, entry, deadline);
}

static void set_packed(struct hash *hash, struct bytes field, int64_t deadline_ms)
{
    if (hash->head.encoding == ENCODING_LISTPACK) {
        if (deadline_ms == HASH_NO_DEADLINE)
            return;
        make_triples(hash);
    }
    unsigned char *entry = hash_find_packed(&hash->head, field);
    if (!entry || (deadline_ms == HASH_NO_DEADLINE && packed_deadline(entry) == HASH_NO_DEADLINE))
        return;
    char digits[NUMBER_INTEGER_SIZE];
    struct buffer text = {0};
    buffer_append_bytes(&text, listpack_get(listpack_next(entry), digits));
    listpack_delete(&hash->pack, entry, HASH_TRIPLE);
    insert_triple(hash, field, buffer_bytes(&text), deadline_ms);
    buffer_clear(&text);
}

static size_t expire_packed(struct hash *hash, int64_t until_ms)
{
    size_t count = 0;
    for (const unsigned char *entry = listpack_first(hash->pack);
         entry && packed_deadline(entry) <= until_ms; count++)
        entry = listpack_next(listpack_next(listpack_next(entry)));
    listpack_delete_range(&hash->pack, 0, count * HASH_TRIPLE);
    return count;
}

/* --- in a table --- */

static void field_moved(void *item, uint32_t slot)
{
    hash_field_set_slot(item, slot);
}

void hash_deadline_insert(struct hash_fields *fields, void **slot, int64_t deadline_ms)
{
    struct hash_field *field = *slot;
    if (hash_field_is_timed(field)) {
        heap_move(fields->deadlines, hash_field_slot(field), deadline_ms);
        return;
    }
    if (!fields->deadlines) {
        fields->deadlines = memory_allocate(sizeof *fields->deadlines);
        heap_init(fields->deadlines, field_moved);
    }
    *slot = field = hash_field_make_timed(field);
    heap_insert(fields->deadlines, deadline_ms, field);
}

void hash_deadline_forget(struct hash_fields *fields, struct hash_field *field)
{
    if (!hash_field_is_timed(field))
        return;
    heap_remove(fields->deadlines, hash_field_slot(field));
    hash_field_make_untimed(field);
}

int64_t hash_deadline_of_field(const struct hash_fields *fields, const struct hash_field *field)
{
    return hash_field_is_timed(field) ? heap_deadline(fields->deadlines, hash_field_slot(field))
                                      : HASH_NO_DEADLINE;
}

static size_t expire_in_table(struct hash_fields *fields, int64_t until_ms)
{
    size_t count = 0;
    while (fields->deadlines && heap_count(fields->deadlines) &&
           heap_first(fields->deadlines).deadline <= until_ms) {
        struct hash_field *field = heap_first(fields->deadlines).item;
        hash_deadline_forget(fields, field);
        table_remove(&fields->table, hash_field_name(field));
        hash_field_free(field, NULL);
        count++;
    }
    return count;
}

/* --- in either --- */

bool hash_deadline_get(const struct value *value, struct bytes field, int64_t *deadline_ms)
{
    if (hash_is_packed(value)) {
        const unsigned char *entry = hash_find_packed(value, field);
        *deadline_ms = entry && value->encoding == ENCODING_LISTPACK_EX ? packed_deadline(entry)
                                                                        : HASH_NO_DEADLINE;
        return entry != NULL;
    }
    struct hash_fields *fields = hash_fields_of(value);
    const struct hash_field *found = table_find(&fields->table, field);
    *deadline_ms = found ? hash_deadline_of_field(fields, found) : HASH_NO_DEADLINE;
    return found != NULL;
}

void hash_deadline_prepare(struct value *value)
{
    if (value->encoding == ENCODING_LISTPACK)
        make_triples((struct hash *)value);
}

void hash_deadline_set(struct value *value, struct bytes field, int64_t deadline_ms)
{
    if (hash_is_packed(value)) {
        set_packed((struct hash *)value, field, deadline_ms);
        return;
    }
    struct hash_fields *fields = hash_fields_of(value);
    void **slot = table_find_slot(&fields->table, field);
    if (!slot)
        return;
    if (deadline_ms == HASH_NO_DEADLINE)
        hash_deadline_forget(fields, *slot);
    else
        hash_deadline_insert(fields, slot, deadline_ms);
}

int64_t hash_deadline_next(const struct value *value)
{
    if (value->type != VALUE_HASH || value->encoding == ENCODING_LISTPACK)
        return HASH_NO_DEADLINE;
    if (value->encoding == ENCODING_LISTPACK_EX) {
        const unsigned char *first = listpack_first(hash_pack(value));
        return first ? packed_deadline(first) : HASH_NO_DEADLINE;
    }
    const struct heap *deadlines = hash_fields_of(value)->deadlines;
    return deadlines && heap_count(deadlines) ? heap_first(deadlines).deadline : HASH_NO_DEADLINE;
}

size_t hash_deadline_expire(struct value *value, int64_t until_ms)
{
    if (hash_deadline_next(value) > until_ms)
        return 0;
    return hash_is_packed(value) ? expire_packed((struct hash *)value, until_ms)
                                 : expire_in_table(hash_fields_of(value), until_ms);
}
