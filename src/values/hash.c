/* SPDX-License-Identifier: MIT */
/*
 * Invariant: a pack holds field, value, field, value ... with no field twice. In a table each field
 * is one allocation that holds its value too, unless the value is long; then it has an allocation
 * of its own, whose address and size stand where the value would.
 *
 * An expiry of single fields belongs with struct hash_field as another flag and tail, and with
 * struct hash_fields as a heap of deadlines; a packed hash that gets one becomes a table.
 */
#include "values/hash.h"

#include <string.h>

#include "base/check.h"
#include "base/memory.h"
#include "values/listpack.h"

#define IN_PLACE_LIMIT 512 /* bytes; longer values stand apart */

enum field_flags { FIELD_VALUE_APART = 1 };

struct hash_field {
    uint32_t field_size;
    uint16_t value_size; /* in place; 0 when the value stands apart */
    uint8_t flags;       /* enum field_flags */
    char tail[];         /* field, then the value or a struct apart, unaligned */
};

struct apart {
    char *data; /* owned */
    size_t size;
};

/* Fields of a table. */

static struct bytes field_key(const void *entry)
{
    const struct hash_field *field = entry;
    return bytes_of(field->tail, field->field_size);
}

static const struct table_class field_class = {.key_of = field_key};

static struct apart apart_of(const struct hash_field *field)
{
    struct apart apart;
    memcpy(&apart, field->tail + field->field_size, sizeof apart);
    return apart;
}

static struct bytes field_value(const struct hash_field *field)
{
    if (!(field->flags & FIELD_VALUE_APART))
        return bytes_of(field->tail + field->field_size, field->value_size);
    struct apart apart = apart_of(field);
    return bytes_of(apart.data, apart.size);
}

static void free_apart(const struct hash_field *field)
{
    if (field->flags & FIELD_VALUE_APART)
        memory_free(apart_of(field).data);
}

static void field_free(void *entry, void *context)
{
    (void)context;
    free_apart(entry);
    memory_free(entry);
}

static size_t field_allocation(size_t field_size, size_t value_size)
{
    size_t tail = value_size <= IN_PLACE_LIMIT ? value_size : sizeof(struct apart);
    return offsetof(struct hash_field, tail) + field_size + tail;
}

/* Fills the value of a field whose allocation is right for it. */
static void put_value(struct hash_field *field, struct bytes text)
{
    char *place = field->tail + field->field_size;
    if (text.size <= IN_PLACE_LIMIT) {
        field->value_size = (uint16_t)text.size;
        field->flags = 0;
        if (text.size)
            memcpy(place, text.data, text.size);
        return;
    }
    struct apart apart = {memory_copy(text.data, text.size), text.size};
    field->value_size = 0;
    field->flags = FIELD_VALUE_APART;
    memcpy(place, &apart, sizeof apart);
}

static struct hash_field *field_new(struct bytes name, struct bytes text)
{
    CHECK(name.size <= UINT32_MAX);
    struct hash_field *field = memory_allocate(field_allocation(name.size, text.size));
    field->field_size = (uint32_t)name.size;
    if (name.size)
        memcpy(field->tail, name.data, name.size);
    put_value(field, text);
    return field;
}

/* Perhaps at another address. */
static struct hash_field *field_replace_value(struct hash_field *field, struct bytes text)
{
    size_t old_size = field->flags & FIELD_VALUE_APART ? SIZE_MAX : field->value_size;
    free_apart(field);
    if (field_allocation(field->field_size, old_size) !=
        field_allocation(field->field_size, text.size))
        field = memory_resize(field, field_allocation(field->field_size, text.size));
    put_value(field, text);
    return field;
}

/* Life. */

static inline const struct hash *hash_of(const struct value *value)
{
    return (const struct hash *)value;
}

static inline bool is_packed(const struct value *value)
{
    return value->encoding == ENCODING_LISTPACK;
}

static inline struct table *table_of(const struct value *value)
{
    return &hash_of(value)->fields->table;
}

struct value *hash_from_pack(unsigned char *pack)
{
    struct hash *hash = memory_allocate(sizeof *hash);
    value_init(&hash->head, VALUE_HASH, ENCODING_LISTPACK);
    hash->pack = pack;
    return &hash->head;
}

struct value *hash_new(void)
{
    return hash_from_pack(listpack_new());
}

static struct hash_fields *fields_new(uint64_t seed)
{
    struct hash_fields *fields = memory_allocate(sizeof *fields);
    table_init(&fields->table, &field_class, seed);
    return fields;
}

void hash_free(struct value *value)
{
    struct hash *hash = (struct hash *)value;
    if (is_packed(value)) {
        listpack_free(hash->pack);
    } else {
        table_clear(&hash->fields->table, field_free, NULL);
        memory_free(hash->fields);
    }
    memory_free(hash);
}

struct value *hash_clone(const struct value *value)
{
    if (is_packed(value))
        return hash_from_pack(listpack_clone(hash_of(value)->pack));
    struct hash *clone = memory_allocate(sizeof *clone);
    value_init(&clone->head, VALUE_HASH, ENCODING_HASHTABLE);
    clone->fields = fields_new(table_of(value)->seed);
    table_reserve(&clone->fields->table, table_count(table_of(value)));
    struct table_iterator iterator;
    table_iterator_begin(&iterator, table_of(value));
    for (const struct hash_field *field; (field = table_iterator_next(&iterator));)
        table_insert(&clone->fields->table, field_new(field_key(field), field_value(field)));
    table_iterator_end(&iterator);
    return &clone->head;
}

static size_t field_memory(struct hash_field *field)
{
    size_t size = memory_usable_size(field);
    return field->flags & FIELD_VALUE_APART ? size + memory_usable_size(apart_of(field).data)
                                            : size;
}

size_t hash_memory(const struct value *value, size_t samples)
{
    size_t size = sizeof(struct hash);
    if (is_packed(value))
        return size + listpack_memory(hash_of(value)->pack);
    struct table *table = table_of(value);
    size_t seen = 0, bytes = 0;
    struct table_iterator iterator;
    table_iterator_begin(&iterator, table);
    for (struct hash_field *field;
         (samples == 0 || seen < samples) && (field = table_iterator_next(&iterator)); seen++)
        bytes += field_memory(field);
    table_iterator_end(&iterator);
    if (seen)
        bytes = (size_t)((double)bytes / (double)seen * (double)table_count(table));
    return size + sizeof(struct hash_fields) + table_memory(table) + bytes;
}

/* From pack to table. */

static const unsigned char *read_pair(const unsigned char *entry, struct hash_pair *pair)
{
    pair->field = listpack_get(entry, pair->field_digits);
    entry = listpack_next(entry);
    pair->value = listpack_get(entry, pair->value_digits);
    return listpack_next(entry);
}

void hash_make_table(struct value *value, size_t fields, uint64_t seed)
{
    if (!is_packed(value))
        return;
    struct hash *hash = (struct hash *)value;
    unsigned char *pack = hash->pack;
    size_t count = listpack_count(pack) / 2;
    struct hash_fields *made = fields_new(seed);
    table_reserve(&made->table, fields > count ? fields : count);
    struct hash_pair pair;
    for (const unsigned char *entry = listpack_first(pack); entry;) {
        entry = read_pair(entry, &pair);
        table_insert(&made->table, field_new(pair.field, pair.value));
    }
    listpack_free(pack);
    hash->fields = made;
    hash->head.encoding = ENCODING_HASHTABLE;
}

void hash_prepare(struct value *value, const struct bytes *texts, size_t count, size_t fields,
                  const struct hash_limits *limits)
{
    if (!is_packed(value))
        return;
    if (fields > limits->entries) {
        hash_make_table(value, fields, limits->seed);
        return;
    }
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += texts[i].size;
        if (texts[i].size > limits->text || sum > LISTPACK_SAFE_SIZE) {
            hash_make_table(value, 0, limits->seed);
            return;
        }
    }
    if (listpack_size(hash_of(value)->pack) + sum > LISTPACK_SAFE_SIZE)
        hash_make_table(value, 0, limits->seed);
}

/* Fields. */

size_t hash_count(const struct value *value)
{
    return is_packed(value) ? listpack_count(hash_of(value)->pack) / 2
                            : table_count(table_of(value));
}

static unsigned char *find_packed(const struct value *value, struct bytes field)
{
    const unsigned char *pack = hash_of(value)->pack;
    return listpack_find(listpack_first(pack), field, 1);
}

bool hash_has(const struct value *value, struct bytes field)
{
    return is_packed(value) ? find_packed(value, field) != NULL
                            : table_find(table_of(value), field) != NULL;
}

bool hash_get(const struct value *value, struct bytes field, char digits[NUMBER_INTEGER_SIZE],
              struct bytes *text)
{
    if (is_packed(value)) {
        const unsigned char *entry = find_packed(value, field);
        if (entry)
            *text = listpack_get(listpack_next(entry), digits);
        return entry != NULL;
    }
    const struct hash_field *found = table_find(table_of(value), field);
    if (found)
        *text = field_value(found);
    return found != NULL;
}

static bool set_packed(struct hash *hash, struct bytes field, struct bytes text)
{
    unsigned char *entry = listpack_find(listpack_first(hash->pack), field, 1);
    if (entry) {
        listpack_replace(&hash->pack, listpack_next(entry), text);
        return false;
    }
    struct bytes pair[] = {field, text};
    listpack_append_all(&hash->pack, pair, 2);
    return true;
}

static bool set_in_table(struct table *table, struct bytes name, struct bytes text)
{
    struct table_position position;
    struct hash_field *field = table_find_or_position(table, name, &position);
    if (!field) {
        table_insert_at(table, position, field_new(name, text));
        return true;
    }
    if (!(field->flags & FIELD_VALUE_APART) && field->value_size == text.size) {
        put_value(field, text);
        return false;
    }
    void **slot = table_find_slot(table, name);
    *slot = field_replace_value(field, text);
    return false;
}

bool hash_set(struct value *value, struct bytes field, struct bytes text,
              const struct hash_limits *limits)
{
    if (is_packed(value)) {
        if (field.size <= limits->text && text.size <= limits->text) {
            bool is_new = set_packed((struct hash *)value, field, text);
            if (hash_count(value) > limits->entries)
                hash_make_table(value, 0, limits->seed);
            return is_new;
        }
        hash_make_table(value, 0, limits->seed);
    }
    return set_in_table(table_of(value), field, text);
}

bool hash_delete(struct value *value, struct bytes field)
{
    if (is_packed(value)) {
        unsigned char *entry = find_packed(value, field);
        if (entry)
            listpack_delete(&((struct hash *)value)->pack, entry, 2);
        return entry != NULL;
    }
    struct hash_field *removed = table_remove(table_of(value), field);
    if (removed)
        field_free(removed, NULL);
    return removed != NULL;
}

void hash_random(const struct value *value, struct random *random, struct hash_pair *pair)
{
    if (is_packed(value)) {
        const unsigned char *pack = hash_of(value)->pack;
        uint64_t index = random_below(random, listpack_count(pack) / 2);
        read_pair(listpack_seek(pack, (int64_t)(index * 2)), pair);
        return;
    }
    const struct hash_field *field = table_random(table_of(value), random);
    pair->field = field_key(field);
    pair->value = field_value(field);
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
    if (is_packed(value) || count > hash_count(value) / 3) {
        sample_by_walk(value, random, count, visit, context);
        return;
    }
    /* Few of many: take at random and leave out what was taken before. */
    struct table taken;
    table_init(&taken, &field_class, table_of(value)->seed);
    while (table_count(&taken) < count) {
        struct hash_field *field = table_random(table_of(value), random);
        struct table_position position;
        if (table_find_or_position(&taken, field_key(field), &position))
            continue;
        table_insert_at(&taken, position, field);
        struct hash_pair pair;
        pair.field = field_key(field);
        pair.value = field_value(field);
        visit(&pair, context);
    }
    table_clear(&taken, NULL, NULL);
}

/* All of them. */

void hash_iterator_begin(struct hash_iterator *iterator, const struct value *value)
{
    iterator->hash = hash_of(value);
    if (is_packed(value))
        iterator->entry = listpack_first(iterator->hash->pack);
    else
        table_iterator_begin(&iterator->iterator, table_of(value));
}

bool hash_iterator_next(struct hash_iterator *iterator, struct hash_pair *pair)
{
    if (is_packed(&iterator->hash->head)) {
        if (!iterator->entry)
            return false;
        iterator->entry = read_pair(iterator->entry, pair);
        return true;
    }
    const struct hash_field *field = table_iterator_next(&iterator->iterator);
    if (!field)
        return false;
    pair->field = field_key(field);
    pair->value = field_value(field);
    return true;
}

void hash_iterator_end(struct hash_iterator *iterator)
{
    if (!is_packed(&iterator->hash->head))
        table_iterator_end(&iterator->iterator);
}

struct scan {
    void (*visit)(const struct hash_pair *pair, void *context);
    void *context;
};

static void visit_field(void *entry, void *context)
{
    const struct scan *scan = context;
    struct hash_pair pair;
    pair.field = field_key(entry);
    pair.value = field_value(entry);
    scan->visit(&pair, scan->context);
}

uint64_t hash_scan(const struct value *value, uint64_t cursor,
                   void (*visit)(const struct hash_pair *pair, void *context), void *context)
{
    struct scan scan = {visit, context};
    if (!is_packed(value))
        return table_scan(table_of(value), cursor, visit_field, &scan);
    struct hash_pair pair;
    const unsigned char *entry = listpack_first(hash_of(value)->pack);
    while (entry) {
        entry = read_pair(entry, &pair);
        visit(&pair, context);
    }
    return 0;
}
