/* SPDX-License-Identifier: MIT */
/*
 * DEBUG DIGEST and DIGEST-VALUE. A digest is twenty bytes to which data is added in one of two
 * ways: where order matters not, by exclusive or with the data's SHA-1; where it matters, the SHA-1
 * of that takes its place. Equal data gives the digest that redis-server has for it.
 */
#include <arpa/inet.h>

#include "base/digest.h"
#include "commands/debug.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "values/hash.h"
#include "values/quicklist.h"
#include "values/set.h"
#include "values/sorted_set.h"
#include "values/stream.h"
#include "values/string.h"

struct digest {
    uint8_t bytes[DIGEST_SHA1_SIZE];
};

static struct bytes digest_bytes(const struct digest *digest)
{
    return bytes_of((const char *)digest->bytes, sizeof digest->bytes);
}

static void add_in_any_order(struct digest *digest, struct bytes data)
{
    struct digest added;
    digest_sha1(data, added.bytes);
    for (size_t i = 0; i < sizeof digest->bytes; i++)
        digest->bytes[i] ^= added.bytes[i];
}

static void add_in_order(struct digest *digest, struct bytes data)
{
    struct digest mixed;
    add_in_any_order(digest, data);
    digest_sha1(digest_bytes(digest), mixed.bytes);
    *digest = mixed;
}

static void add_number(struct digest *digest, uint32_t number)
{
    uint32_t data = htonl(number);
    add_in_order(digest, bytes_of((const char *)&data, sizeof data));
}

/* A field with its value, or a member with its score, among others in any order. */
static void add_pair(struct digest *digest, struct bytes first, struct bytes second)
{
    struct digest pair = {0};
    add_in_order(&pair, first);
    add_in_order(&pair, second);
    add_in_any_order(digest, digest_bytes(&pair));
}

static void add_list(struct digest *digest, const struct value *value)
{
    char digits[NUMBER_INTEGER_SIZE];
    struct quicklist_cursor cursor;
    for (bool has = quicklist_seek(&cursor, value, 0); has; has = quicklist_next(&cursor))
        add_in_order(digest, quicklist_get(&cursor, digits));
}

static void add_set(struct digest *digest, const struct value *value)
{
    struct set_iterator iterator;
    struct set_element element;
    set_iterator_begin(&iterator, value);
    while (set_iterator_next(&iterator, &element))
        add_in_any_order(digest, element.text);
    set_iterator_end(&iterator);
}

static void add_sorted_set(struct digest *digest, const struct value *value,
                           enum number_double_style style)
{
    char score[NUMBER_DOUBLE_SIZE];
    struct sorted_set_element element;
    struct sorted_set_range range = sorted_set_range_open(value, 0, false);
    while (sorted_set_range_next(&range, &element)) {
        size_t size = number_format_double(score, element.score, style);
        add_pair(digest, element.member, bytes_of(score, size));
    }
}

static void add_hash(struct digest *digest, const struct value *value)
{
    struct hash_iterator iterator;
    struct hash_pair pair;
    hash_iterator_begin(&iterator, value);
    while (hash_iterator_next(&iterator, &pair)) {
        struct digest mixed = {0};
        add_in_order(&mixed, pair.field);
        add_in_order(&mixed, pair.value);
        if (pair.deadline_ms != HASH_NO_DEADLINE)
            add_in_any_order(&mixed, BYTES_LITERAL("!!hexpire!!"));
        add_in_any_order(digest, digest_bytes(&mixed));
    }
    hash_iterator_end(&iterator);
}

static void add_stream(struct digest *digest, const struct value *value)
{
    char text[2 * NUMBER_INTEGER_SIZE + 1];
    struct stream_iterator iterator;
    struct stream_field field;
    stream_iterator_begin(&iterator, value, STREAM_ID_LOWEST, STREAM_ID_HIGHEST, false);
    while (stream_iterator_next(&iterator)) {
        size_t size = number_format_unsigned(text, iterator.entry.id.ms);
        text[size++] = '.';
        size += number_format_unsigned(text + size, iterator.entry.id.sequence);
        add_in_order(digest, bytes_of(text, size));
        while (stream_block_field(&iterator.entry, &field)) {
            add_in_order(digest, field.name);
            add_in_order(digest, field.value);
        }
    }
}

static void add_entry(struct call *call, struct digest *digest, const struct database *db,
                      const struct entry *entry)
{
    /* Redis's numbers of the types: string, list, set, sorted set, hash, module, stream. */
    static const uint32_t numbers[] = {
        [VALUE_STRING] = 0,     [VALUE_LIST] = 1, [VALUE_SET] = 2,
        [VALUE_SORTED_SET] = 3, [VALUE_HASH] = 4, [VALUE_STREAM] = 6};
    char digits[NUMBER_INTEGER_SIZE];
    const struct value *value = entry_value(entry);
    enum value_type type = entry_type(entry);
    add_number(digest, numbers[type]);
    switch (type) {
    case VALUE_STRING:
        add_in_order(digest, string_bytes(value, digits));
        break;
    case VALUE_LIST:
        add_list(digest, value);
        break;
    case VALUE_SET:
        add_set(digest, value);
        break;
    case VALUE_SORTED_SET:
        add_sorted_set(digest, value,
                       call_emulates(call, 7, 2) ? NUMBER_DOUBLE_SHORTEST : NUMBER_DOUBLE_17);
        break;
    case VALUE_HASH:
        add_hash(digest, value);
        break;
    case VALUE_STREAM:
        add_stream(digest, value);
        break;
    case VALUE_TYPE_COUNT:
        break;
    }
    if (database_deadline(db, entry) != KEYSPACE_NEVER)
        add_in_any_order(digest, BYTES_LITERAL("!!expire!!"));
}

static void reply_digest(struct call *call, const struct digest *digest)
{
    char text[2 * DIGEST_SHA1_SIZE + 1];
    for (size_t i = 0; i < sizeof digest->bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", digest->bytes[i]);
    reply_simple(call->reply, text);
}

void debug_digest_everything(struct call *call)
{
    struct digest digest = {0};
    struct keyspace *keyspace = &call->engine->keyspace;
    for (int i = 0; i < keyspace->count; i++) {
        struct database *db = keyspace_database(keyspace, i);
        if (database_count(db) == 0)
            continue;
        add_number(&digest, (uint32_t)i);
        struct table_iterator iterator;
        table_iterator_begin(&iterator, &db->keys);
        for (const struct entry *entry; (entry = table_iterator_next(&iterator)) != NULL;) {
            struct digest of_entry = {0};
            add_in_order(&of_entry, entry_key(entry));
            add_entry(call, &of_entry, db, entry);
            add_in_any_order(&digest, digest_bytes(&of_entry));
        }
        table_iterator_end(&iterator);
    }
    reply_digest(call, &digest);
}

void debug_digest_values(struct call *call)
{
    reply_open(call->reply, REPLY_ARRAY, (size_t)call->argc - 2);
    for (int i = 2; i < call->argc; i++) {
        struct digest digest = {0};
        const struct entry *entry = database_find(call->db, call->argv[i], ACCESS_PEEK);
        if (entry)
            add_entry(call, &digest, call->db, entry);
        reply_digest(call, &digest);
    }
    reply_close(call->reply);
}
