/* SPDX-License-Identifier: MIT */
/*
 * A whole RDB file, its checksum not looked at: what is read of it is written, and that file is
 * read without complaint, to the same number of keys.
 */
#include "base/buffer.h"
#include "base/check.h"
#include "dump/rdb_file.h"

#define RDB_VERSION 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dump_limits limits = {
    .hash = {.entries = 8, .text = 16},
    .list_fill = 4,
    .set = {.integers = 8, .entries = 8, .text = 16},
    .sorted_set = {.entries = 8, .text = 16},
};

struct copy {
    struct rdb_file_writer *writer; /* NULL: keys are counted alone */
    size_t keys;
};

static bool append(void *context, struct bytes bytes)
{
    buffer_append_bytes(context, bytes);
    return true;
}

static bool copy_key(void *context, const struct rdb_file_key *key, struct value *value,
                     struct buffer *problem)
{
    struct copy *copy = context;
    (void)problem;
    copy->keys++;
    if (copy->writer)
        rdb_file_write_key(copy->writer, key, value);
    value_release(value);
    return true;
}

static bool skip_library(void *context, uint8_t opcode, struct rdb_reader *reader,
                         struct buffer *problem)
{
    struct buffer scratch = {0};
    struct bytes code;
    (void)context;
    (void)opcode;
    bool is_read = rdb_read_string(reader, &code, &scratch);
    if (!is_read)
        buffer_append_string(problem, "no code");
    buffer_clear(&scratch);
    return is_read;
}

static bool read_keys(struct bytes file, struct copy *copy)
{
    const struct rdb_file_options options = {.newest_version = RDB_VERSION, .limits = &limits};
    const struct rdb_file_handler handler = {
        .context = copy, .library = skip_library, .key = copy_key};
    struct buffer problem = {0};
    bool is_read = rdb_file_read(file, &options, &handler, &problem);
    CHECK(is_read == (problem.size == 0));
    buffer_clear(&problem);
    return is_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer file = {0};
    struct rdb_file_writer writer = {
        .sink = append, .context = &file, .version = RDB_VERSION, .compresses = true};
    struct copy first = {.writer = &writer}, second = {0};
    rdb_file_begin(&writer);
    read_keys(bytes_of((const char *)data, size), &first);
    CHECK(rdb_file_end(&writer));
    CHECK(read_keys(buffer_bytes(&file), &second));
    CHECK(first.keys == second.keys);
    buffer_clear(&file);
    return 0;
}
