/* SPDX-License-Identifier: MIT */
/* DEBUG OBJECT, LISTPACK, ZIPLIST, QUICKLIST and SDSLEN: how one value is kept. */
#include "commands/debug.h"
#include "commands/value_facts.h"
#include "engine/call.h"
#include "engine/dump_limits.h"
#include "engine/engine.h"
#include "reply/errors.h"
#include "values/listpack.h"
#include "values/quicklist.h"
#include "values/string.h"

/* NULL when absent, and the error was answered. */
static struct entry *find(struct call *call)
{
    struct entry *entry = database_find(call->db, call->argv[2], ACCESS_PEEK);
    if (!entry)
        reply_error(call->reply, ERROR_NO_SUCH_KEY);
    return entry;
}

static void reply_text(struct call *call, struct buffer *text)
{
    buffer_append_byte(text, '\0');
    reply_simple(call->reply, text->data);
    buffer_clear(text);
}

/* What DUMP shows of the value itself: without type, version and check sum. */
static size_t serialized_size(const struct call *call, const struct value *value)
{
    const size_t frame = 11;
    struct buffer payload = {0};
    dump_value(&payload, value, dump_limits_rdb_version(call->engine),
               call_config(call, CONFIG_RDBCOMPRESSION) != 0);
    size_t size = payload.size > frame ? payload.size - frame : 0;
    buffer_clear(&payload);
    return size;
}

static void append_nodes(const struct call *call, const struct value *value, struct buffer *out)
{
    const struct quicklist *list = (const struct quicklist *)(const void *)value;
    size_t nodes = 1, size = 0;
    if (value->encoding == ENCODING_LISTPACK) {
        size = listpack_size(list->pack);
    } else {
        nodes = list->chain->nodes;
        const struct quicklist_node *node = list->chain->first;
        for (; node; node = node->next)
            size += quicklist_node_size(node);
    }
    double average = nodes ? (double)quicklist_count(value) / (double)nodes : 0;
    buffer_append_format(
        out,
        " ql_nodes:%zu ql_avg_node:%.2f ql_%s_max:%lld ql_compressed:%d ql_uncompressed_size:%zu",
        nodes, average, call_emulates(call, 7, 0) ? "listpack" : "ziplist",
        (long long)call_config(call, CONFIG_LIST_MAX_LISTPACK_SIZE),
        call_config(call, CONFIG_LIST_COMPRESS_DEPTH) != 0, size);
}

void debug_values_object(struct call *call)
{
    const struct entry *entry = find(call);
    if (!entry)
        return;
    const struct value *value = entry_value(entry);
    const char *encoding = value_facts_encoding(call, value);
    struct buffer text = {0};
    buffer_append_format(&text,
                         "Value at:%p refcount:%lld encoding:%s serializedlength:%zu lru:%u "
                         "lru_seconds_idle:%lld",
                         (const void *)value, (long long)value_facts_references(call, value),
                         encoding, serialized_size(call, value), (unsigned)entry->access,
                         (long long)database_idle_seconds(call->db, entry));
    if (bytes_equal_string(bytes_of_string(encoding), value_encoding_name(ENCODING_QUICKLIST)))
        append_nodes(call, value, &text);
    reply_text(call, &text);
}

/* For the value that has this encoding a line in the log: our packs are no secret, but a reply must
 * be what Redis answers. */
static void print(struct call *call, const char *encoding, const char *title)
{
    const struct entry *entry = find(call);
    if (!entry)
        return;
    const struct value *value = entry_value(entry);
    if (strcmp(value_facts_encoding(call, value), encoding) != 0) {
        reply_error_format(call->reply, ERROR_DEBUG_ENCODING, encoding);
        return;
    }
    struct buffer text = {0};
    buffer_append_format(&text, "%s structure printed on stdout", title);
    engine_log(call->engine, 2, "%.*s: %s of %zu bytes", BYTES_PRINT(call->argv[2]), encoding,
               value_class_of(value)->memory(value, 0));
    reply_text(call, &text);
}

void debug_values_listpack(struct call *call)
{
    print(call, "listpack", "Listpack");
}

void debug_values_ziplist(struct call *call)
{
    print(call, "ziplist", "Ziplist");
}

void debug_values_quicklist(struct call *call)
{
    print(call, "quicklist", "Quicklist");
}

/* There is no sds here: key and value are told in the places where Redis tells of its own. */
void debug_values_sdslen(struct call *call)
{
    const struct entry *entry = find(call);
    if (!entry)
        return;
    const struct value *value = entry_value(entry);
    if (value->type != VALUE_STRING || value->encoding == ENCODING_INT) {
        reply_error(call->reply, ERROR_DEBUG_NOT_SDS);
        return;
    }
    const struct string *string = (const struct string *)(const void *)value;
    size_t size = string_size(value);
    size_t capacity = value->is_embedded ? size : string->capacity;
    size_t spare = capacity > size ? capacity - size : 0;
    struct buffer text = {0};
    buffer_append_format(&text,
                         "key_sds_len:%u, key_sds_avail:0, key_zmalloc: %u, val_sds_len:%zu, "
                         "val_sds_avail:%zu, val_zmalloc: %zu",
                         entry->key_size, entry->key_size, size, spare, capacity);
    reply_text(call, &text);
}
