/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a pack holds field, value, field, value ... or field, value, deadline ... with no
 * field twice. The pieces of a table are in hash_field.c, deadlines in hash_deadline.c.
 */
#include "values/hash.h"

#include "base/memory.h"
#include "values/hash_deadline.h"
#include "values/hash_private.h"
#include "values/listpack.h"

/* Life. */

static inline const struct hash *hash_of(const struct value *value)
{
    return (const struct hash *)value;
}

static inline struct table *table_of(const struct value *value)
{
    return &hash_of(value)->fields->table;
}

static struct value *packed_new(unsigned char *pack, enum value_encoding encoding)
{
    struct hash *hash = memory_allocate(sizeof *hash);
    value_init(&hash->head, VALUE_HASH, encoding);
    hash->pack = pack;
    return &hash->head;
}

struct value *hash_from_pack(unsigned char *pack)
{
    return packed_new(pack, ENCODING_LISTPACK);
}

struct value *hash_from_timed_pack(unsigned char *pack)
{
    return packed_new(pack, ENCODING_LISTPACK_EX);
}

struct value *hash_new(void)
{
    return hash_from_pack(listpack_new());
}

static struct hash_fields *fields_new(uint64_t seed, struct pool *pool)
{
    struct hash_fields *fields = memory_allocate(sizeof *fields);
    table_init(&fields->table, &hash_field_class, seed);
    fields->pool = pool;
    fields->deadlines = NULL;
    return fields;
}

static void fields_free(struct hash_fields *fields)
{
    table_clear(&fields->table, hash_field_free, NULL);
    if (fields->deadlines)
        heap_clear(fields->deadlines);
    memory_free(fields->deadlines);
    memory_free(fields);
}

/* A field that is not there yet. */
static void add_field(struct hash_fields *fields, const struct hash_pair *pair)
{
    table_insert(&fields->table, hash_field_new(fields->pool, pair->field, pair->value));
    if (pair->deadline_ms != HASH_NO_DEADLINE)
        hash_deadline_insert(fields, table_find_slot(&fields->table, pair->field),
                             pair->deadline_ms);
}

void hash_free(struct value *value)
{
    struct hash *hash = (struct hash *)value;
    if (hash_is_packed(value))
        listpack_free(hash->pack);
    else
        fields_free(hash->fields);
    memory_free(hash);
}

static void read_field(const struct hash_fields *fields, const struct hash_field *field,
                       struct hash_pair *pair)
{
    pair->field = hash_field_name(field);
    pair->value = hash_field_value(field);
    pair->deadline_ms = hash_deadline_of_field(fields, field);
}

struct value *hash_clone(const struct value *value)
{
    if (value->is_embedded)
        return hash_from_pack(dense_pack_thaw(value_embedded(value), value->embedded_count));
    if (hash_is_packed(value))
        return packed_new(listpack_clone(hash_pack(value)), (enum value_encoding)value->encoding);
    struct hash *clone = memory_allocate(sizeof *clone);
    value_init(&clone->head, VALUE_HASH, ENCODING_HASHTABLE);
    clone->fields = fields_new(table_of(value)->seed, hash_of(value)->fields->pool);
    table_reserve(&clone->fields->table, table_count(table_of(value)));
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, value);
    while (hash_iterator_next(&iterator, &pair))
        add_field(clone->fields, &pair);
    hash_iterator_end(&iterator);
    return &clone->head;
}

size_t hash_memory(const struct value *value, size_t samples)
{
    size_t size = sizeof(struct hash);
    if (value->is_embedded)
        return 0; /* it is part of its entry */
    if (hash_is_packed(value))
        return size + listpack_memory(hash_pack(value));
    struct table *table = table_of(value);
    size_t seen = 0, bytes = 0;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, table);
    for (struct hash_field *field;
         (samples == 0 || seen < samples) && (field = table_iterator_next(&iterator)); seen++)
        bytes += hash_field_memory(field);
    table_iterator_end(&iterator);
    if (seen)
        bytes = (size_t)((double)bytes / (double)seen * (double)table_count(table));
    const struct heap *deadlines = hash_of(value)->fields->deadlines;
    if (deadlines)
        size += sizeof *deadlines + deadlines->capacity * sizeof *deadlines->nodes;
    return size + sizeof(struct hash_fields) + table_memory(table) + bytes;
}

/* From pack to table. */

/* The first entry of a pack, or NULL. */
static const unsigned char *first_packed(const struct value *value)
{
    if (!value->is_embedded)
        return listpack_first(hash_pack(value));
    return value->embedded_size ? (const unsigned char *)value_embedded(value).data : NULL;
}

static const unsigned char *read_embedded(const struct value *value, const unsigned char *entry,
                                          struct hash_pair *pair)
{
    struct bytes dense = value_embedded(value);
    pair->field = listpack_get(entry, pair->field_digits);
    entry = dense_pack_next(entry);
    pair->value = listpack_get(entry, pair->value_digits);
    pair->deadline_ms = HASH_NO_DEADLINE;
    entry = dense_pack_next(entry);
    return (const char *)entry < dense.data + dense.size ? entry : NULL;
}

const unsigned char *hash_read_packed(const struct value *value, const unsigned char *entry,
                                      struct hash_pair *pair)
{
    if (value->is_embedded)
        return read_embedded(value, entry, pair);
    pair->field = listpack_get(entry, pair->field_digits);
    entry = listpack_next(entry);
    pair->value = listpack_get(entry, pair->value_digits);
    pair->deadline_ms = HASH_NO_DEADLINE;
    if (value->encoding == ENCODING_LISTPACK_EX) {
        struct bytes text;
        int64_t deadline_ms;
        entry = listpack_next(entry);
        if (listpack_read(entry, &text, &deadline_ms) && deadline_ms != 0)
            pair->deadline_ms = deadline_ms;
    }
    return listpack_next(entry);
}

void hash_make_table(struct value *value, size_t fields, const struct hash_limits *limits)
{
    if (!hash_is_packed(value))
        return;
    struct hash *hash = (struct hash *)value;
    unsigned char *pack = hash->pack;
    size_t count = hash_count(value);
    struct hash_fields *made = fields_new(limits->seed, limits->pool);
    table_reserve(&made->table, fields > count ? fields : count);
    struct hash_pair pair;
    for (const unsigned char *entry = listpack_first(pack); entry;) {
        entry = hash_read_packed(value, entry, &pair);
        add_field(made, &pair);
    }
    listpack_free(pack);
    hash->fields = made;
    hash->head.encoding = ENCODING_HASHTABLE;
}

void hash_prepare(struct value *value, const struct bytes *texts, size_t count, size_t fields,
                  const struct hash_limits *limits)
{
    if (!hash_is_packed(value))
        return;
    if (fields > limits->entries) {
        hash_make_table(value, fields, limits);
        return;
    }
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += texts[i].size;
        if (texts[i].size > limits->text || sum > LISTPACK_SAFE_SIZE) {
            hash_make_table(value, 0, limits);
            return;
        }
    }
    if (listpack_size(hash_pack(value)) + sum > LISTPACK_SAFE_SIZE)
        hash_make_table(value, 0, limits);
}

/* Fields. */

size_t hash_count(const struct value *value)
{
    if (value->is_embedded)
        return value->embedded_count / HASH_PAIR;
    return hash_is_packed(value) ? listpack_count(hash_pack(value)) / hash_stride(value)
                                 : table_count(table_of(value));
}

unsigned char *hash_find_packed(const struct value *value, struct bytes field)
{
    if (value->is_embedded)
        return dense_pack_find(value_embedded(value), field, HASH_PAIR - 1);
    return listpack_find(listpack_first(hash_pack(value)), field, hash_stride(value) - 1);
}

/* The entry behind another, which is not the last. */
static const unsigned char *next_packed(const struct value *value, const unsigned char *entry)
{
    return value->is_embedded ? dense_pack_next(entry) : listpack_next(entry);
}

bool hash_has(const struct value *value, struct bytes field)
{
    return hash_is_packed(value) ? hash_find_packed(value, field) != NULL
                                 : table_find(table_of(value), field) != NULL;
}

bool hash_get(const struct value *value, struct bytes field, char digits[NUMBER_INTEGER_SIZE],
              struct bytes *text)
{
    if (hash_is_packed(value)) {
        const unsigned char *entry = hash_find_packed(value, field);
        if (entry)
            *text = listpack_get(next_packed(value, entry), digits);
        return entry != NULL;
    }
    const struct hash_field *found = table_find(table_of(value), field);
    if (found)
        *text = hash_field_value(found);
    return found != NULL;
}

static bool set_packed(struct hash *hash, struct bytes field, struct bytes text)
{
    unsigned char *entry = hash_find_packed(&hash->head, field);
    if (entry) {
        listpack_replace(&hash->pack, listpack_next(entry), text);
        return false;
    }
    struct bytes parts[] = {field, text, BYTES_LITERAL("0")};
    listpack_append_all(&hash->pack, parts, hash_stride(&hash->head));
    return true;
}

static bool set_in_table(struct hash_fields *fields, struct bytes name, struct bytes text)
{
    struct table_position position;
    struct hash_field *field = table_find_or_position(&fields->table, name, &position);
    if (!field) {
        table_insert_at(&fields->table, position, hash_field_new(fields->pool, name, text));
        return true;
    }
    if (hash_field_fits(field, text)) {
        hash_field_set_value(field, text);
        return false;
    }
    void **slot = table_find_slot(&fields->table, name);
    *slot = field = hash_field_set_value(field, text);
    if (hash_field_is_timed(field))
        heap_replace(fields->deadlines, hash_field_slot(field), field);
    return false;
}

bool hash_update(struct value *value, struct bytes field, struct bytes text,
                 const struct hash_limits *limits)
{
    if (hash_is_packed(value)) {
        if (field.size <= limits->text && text.size <= limits->text) {
            bool is_new = set_packed((struct hash *)value, field, text);
            if (hash_count(value) > limits->entries)
                hash_make_table(value, 0, limits);
            return is_new;
        }
        hash_make_table(value, 0, limits);
    }
    return set_in_table(hash_of(value)->fields, field, text);
}

bool hash_set(struct value *value, struct bytes field, struct bytes text,
              const struct hash_limits *limits)
{
    bool is_new = hash_update(value, field, text, limits);
    if (!is_new && hash_deadline_next(value) != HASH_NO_DEADLINE)
        hash_deadline_set(value, field, HASH_NO_DEADLINE);
    return is_new;
}

bool hash_overwrite(struct value *value, struct bytes field, struct bytes text,
                    const struct hash_limits *limits)
{
    if (value->encoding != ENCODING_LISTPACK || field.size > limits->text ||
        text.size > limits->text || hash_count(value) > limits->entries)
        return false;
    unsigned char *entry = hash_find_packed(value, field);
    if (!entry)
        return false;
    entry = (unsigned char *)next_packed(value, entry);
    return value->is_embedded ? dense_pack_overwrite(entry, text) : listpack_overwrite(entry, text);
}

bool hash_small_copy(const struct value *value, struct dense_pack *small)
{
    small->size = small->count = 0;
    if (value && value->is_embedded)
        dense_pack_copy(small, value_embedded(value), value->embedded_count);
    return !value || value->is_embedded;
}

bool hash_small_set(struct dense_pack *small, struct bytes field, struct bytes text,
                    const struct hash_limits *limits, bool *is_new)
{
    unsigned char *entry = dense_pack_find(dense_pack_bytes(small), field, HASH_PAIR - 1);
    *is_new = !entry;
    if (field.size > limits->text || text.size > limits->text ||
        small->count / HASH_PAIR + *is_new > limits->entries)
        return false;
    if (entry)
        return dense_pack_replace(small, (unsigned char *)dense_pack_next(entry), text);
    size_t size = small->size;
    if (!dense_pack_append(small, field))
        return false;
    if (dense_pack_append(small, text))
        return true;
    small->size = size;
    small->count--;
    return false;
}

bool hash_small_delete(struct dense_pack *small, struct bytes field)
{
    unsigned char *entry = dense_pack_find(dense_pack_bytes(small), field, HASH_PAIR - 1);
    if (entry)
        dense_pack_delete(small, entry, HASH_PAIR);
    return entry != NULL;
}

bool hash_delete(struct value *value, struct bytes field)
{
    if (hash_is_packed(value)) {
        unsigned char *entry = hash_find_packed(value, field);
        if (entry)
            listpack_delete(&((struct hash *)value)->pack, entry, hash_stride(value));
        return entry != NULL;
    }
    struct hash_field *removed = table_remove(table_of(value), field);
    if (!removed)
        return false;
    hash_deadline_forget(hash_of(value)->fields, removed);
    hash_field_free(removed, NULL);
    return true;
}

/* The entry of a field by its index, which is there. */
static const unsigned char *seek_packed(const struct value *value, size_t index)
{
    if (!value->is_embedded)
        return listpack_seek(hash_pack(value), (int64_t)(index * hash_stride(value)));
    const unsigned char *entry = first_packed(value);
    for (size_t i = index * HASH_PAIR; i > 0; i--)
        entry = dense_pack_next(entry);
    return entry;
}

void hash_random(const struct value *value, struct random *random, struct hash_pair *pair)
{
    if (hash_is_packed(value)) {
        uint64_t index = random_below(random, hash_count(value));
        hash_read_packed(value, seek_packed(value, index), pair);
        return;
    }
    read_field(hash_of(value)->fields, table_random(table_of(value), random), pair);
}

/* Walks all pairs and takes each with the chance that is left for it. */
static void sample_by_walk(const struct value *value, struct random *random, size_t count,
                           void (*visit)(const struct hash_pair *pair, void *context),
                           void *context)
{
    struct hash_iterator iterator;
    struct hash_pair pair;
    size_t left = hash_count(value);
    hash_iterator_begin(&iterator, value);
    while (count > 0 && hash_iterator_next(&iterator, &pair)) {
        if (random_below(random, left--) < count) {
            visit(&pair, context);
            count--;
        }
    }
    hash_iterator_end(&iterator);
}

void hash_sample(const struct value *value, struct random *random, size_t count,
                 void (*visit)(const struct hash_pair *pair, void *context), void *context)
{
    if (hash_is_packed(value) || count > hash_count(value) / 3) {
        sample_by_walk(value, random, count, visit, context);
        return;
    }
    /* Few of many: take at random and leave out what was taken before. */
    struct table taken;
    table_init(&taken, &hash_field_class, table_of(value)->seed);
    while (table_count(&taken) < count) {
        struct hash_field *field = table_random(table_of(value), random);
        struct table_position position;
        if (table_find_or_position(&taken, hash_field_name(field), &position))
            continue;
        table_insert_at(&taken, position, field);
        struct hash_pair pair;
        read_field(hash_of(value)->fields, field, &pair);
        visit(&pair, context);
    }
    table_clear(&taken, NULL, NULL);
}

/* All of them. */

void hash_iterator_begin(struct hash_iterator *iterator, const struct value *value)
{
    iterator->hash = value;
    if (hash_is_packed(value))
        iterator->entry = first_packed(value);
    else
        table_iterator_begin(&iterator->iterator, table_of(value));
}

bool hash_iterator_next(struct hash_iterator *iterator, struct hash_pair *pair)
{
    if (hash_is_packed(iterator->hash)) {
        if (!iterator->entry)
            return false;
        iterator->entry = hash_read_packed(iterator->hash, iterator->entry, pair);
        return true;
    }
    const struct hash_field *field = table_iterator_next(&iterator->iterator);
    if (!field)
        return false;
    read_field(hash_fields_of(iterator->hash), field, pair);
    return true;
}

void hash_iterator_end(struct hash_iterator *iterator)
{
    if (!hash_is_packed(iterator->hash))
        table_iterator_end(&iterator->iterator);
}

struct scan {
    const struct hash_fields *fields;
    void (*visit)(const struct hash_pair *pair, void *context);
    void *context;
};

static void visit_field(void *entry, void *context)
{
    const struct scan *scan = context;
    struct hash_pair pair;
    read_field(scan->fields, entry, &pair);
    scan->visit(&pair, scan->context);
}

uint64_t hash_scan(const struct value *value, uint64_t cursor,
                   void (*visit)(const struct hash_pair *pair, void *context), void *context)
{
    if (!hash_is_packed(value)) {
        struct scan scan = {hash_fields_of(value), visit, context};
        return table_scan(table_of(value), cursor, visit_field, &scan);
    }
    struct hash_pair pair;
    const unsigned char *entry = first_packed(value);
    while (entry) {
        entry = hash_read_packed(value, entry, &pair);
        visit(&pair, context);
    }
    return 0;
}
