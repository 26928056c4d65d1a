/* SPDX-License-Identifier: MIT */
/* Lists: node by node, or element by element for servers before 7.0; ziplists are read. */
#include "dump/codecs.h"
#include "dump/ziplist.h"
#include "values/listpack.h"
#include "values/quicklist.h"

#define QUICKLIST_2_SINCE 10 /* version of RDB */

/* What a node of RDB_TYPE_LIST_QUICKLIST_2 holds. */
enum { CONTAINER_PLAIN = 1, CONTAINER_PACKED = 2 };

static void write_elements(struct rdb_writer *writer, const struct value *value)
{
    struct quicklist_cursor cursor;
    char digits[NUMBER_INTEGER_SIZE];
    rdb_write_byte(writer, RDB_TYPE_LIST);
    rdb_write_length(writer, quicklist_count(value));
    for (bool has = quicklist_seek(&cursor, value, 0); has; has = quicklist_next(&cursor))
        rdb_write_string(writer, quicklist_get(&cursor, digits));
}

/* What is folded is in the form of the file already, but for columns. */
static void write_node(struct rdb_writer *writer, struct quicklist_chain *chain,
                       struct quicklist_node *node)
{
    rdb_write_length(writer, node->is_plain ? CONTAINER_PLAIN : CONTAINER_PACKED);
    struct bytes folded = quicklist_node_folded_bytes(node);
    if (folded.size > 0 && writer->compresses) {
        rdb_write_compressed_string(writer, folded, node->whole_size);
        return;
    }
    quicklist_chain_enter(chain, node);
    rdb_write_string(writer, quicklist_node_bytes(node));
}

void dump_list_write(struct rdb_writer *writer, const struct value *value)
{
    if (writer->version < QUICKLIST_2_SINCE) {
        write_elements(writer, value);
        return;
    }
    const struct quicklist *list = (const struct quicklist *)value;
    rdb_write_byte(writer, RDB_TYPE_LIST_QUICKLIST_2);
    if (value->encoding == ENCODING_LISTPACK) {
        rdb_write_length(writer, 1);
        rdb_write_length(writer, CONTAINER_PACKED);
        rdb_write_string(writer, listpack_bytes(list->pack));
        return;
    }
    rdb_write_length(writer, list->chain->nodes);
    for (struct quicklist_node *node = list->chain->first; node; node = node->next)
        write_node(writer, list->chain, node);
}

static bool read_element(struct rdb_reader *reader, struct value *list, struct buffer *scratch)
{
    struct bytes text;
    if (!rdb_read_string(reader, &text, scratch))
        return false;
    quicklist_push(list, QUICKLIST_TAIL, text, reader->limits->list_fill);
    return true;
}

/* An empty pack is passed over, as Redis does. */
static bool read_pack(struct rdb_reader *reader, struct value *list, struct buffer *scratch,
                      bool is_ziplist)
{
    struct bytes bytes;
    unsigned char *pack = NULL;
    if (!rdb_read_string(reader, &bytes, scratch))
        return false;
    if (is_ziplist)
        pack = ziplist_to_listpack(bytes);
    else if (!listpack_is_valid(bytes, NULL, NULL))
        return false;
    else if (quicklist_append_folded(list, bytes, reader->compressed))
        return true;
    else
        pack = listpack_from_bytes(bytes);
    if (pack && listpack_is_empty(pack))
        listpack_free(pack);
    else if (pack)
        quicklist_append_pack(list, pack);
    return pack != NULL;
}

static bool read_node(struct rdb_reader *reader, struct value *list, struct buffer *scratch)
{
    uint64_t container;
    struct bytes text;
    if (!rdb_read_length(reader, &container))
        return false;
    if (container == CONTAINER_PACKED)
        return read_pack(reader, list, scratch, false);
    if (container != CONTAINER_PLAIN || !rdb_read_string(reader, &text, scratch))
        return false;
    quicklist_append_plain(list, text);
    return true;
}

static bool read_all(struct rdb_reader *reader, enum rdb_type type, struct value *list)
{
    struct buffer scratch = {0};
    uint64_t count = 1;
    bool is_right = type == RDB_TYPE_LIST_ZIPLIST || rdb_read_length(reader, &count);
    while (is_right && count-- > 0) {
        if (type == RDB_TYPE_LIST)
            is_right = read_element(reader, list, &scratch);
        else if (type == RDB_TYPE_LIST_QUICKLIST_2)
            is_right = read_node(reader, list, &scratch);
        else
            is_right = read_pack(reader, list, &scratch, true);
    }
    buffer_clear(&scratch);
    return is_right && quicklist_count(list) > 0;
}

struct value *dump_list_read(struct rdb_reader *reader, enum rdb_type type)
{
    struct value *list = quicklist_new_chain();
    if (read_all(reader, type, list)) {
        quicklist_settle(list, reader->limits->list_fill, false);
        return list;
    }
    value_release(list);
    return NULL;
}
