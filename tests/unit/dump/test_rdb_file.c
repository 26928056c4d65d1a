/* SPDX-License-Identifier: MIT */
#include "dump/rdb_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "values/string.h"

static const struct dump_limits limits = {
    .hash = {.entries = 128, .text = 64},
    .list_fill = -2,
    .set = {.integers = 512, .entries = 128, .text = 64},
    .sorted_set = {.entries = 128, .text = 64},
};

static bool append(void *context, struct bytes bytes)
{
    buffer_append_bytes(context, bytes);
    return true;
}

static bool refuse(void *context, struct bytes bytes)
{
    (void)context;
    (void)bytes;
    return false;
}

/* What was read, one line each. */
static bool note_field(void *context, struct bytes name, struct bytes text, struct buffer *problem)
{
    (void)problem;
    buffer_append_format(context, "field %.*s=%.*s\n", BYTES_PRINT(name), BYTES_PRINT(text));
    return true;
}

static bool note_database(void *context, uint64_t index, struct buffer *problem)
{
    (void)problem;
    buffer_append_format(context, "db %d\n", (int)index);
    return true;
}

static bool note_library(void *context, uint8_t opcode, struct rdb_reader *reader,
                         struct buffer *problem)
{
    struct buffer scratch = {0};
    struct bytes code;
    bool is_read = rdb_read_string(reader, &code, &scratch);
    if (is_read)
        buffer_append_format(context, "library %d %.*s\n", opcode, BYTES_PRINT(code));
    else
        buffer_append_string(problem, "no code");
    buffer_clear(&scratch);
    return is_read;
}

static bool note_key(void *context, const struct rdb_file_key *key, struct value *value,
                     struct buffer *problem)
{
    char digits[NUMBER_INTEGER_SIZE];
    (void)problem;
    buffer_append_format(context, "key %.*s %lld %lld %d %.*s\n", BYTES_PRINT(key->name),
                         key->deadline_ms == RDB_FILE_NEVER ? 0 : (long long)key->deadline_ms,
                         (long long)key->idle_seconds, key->frequency,
                         BYTES_PRINT(string_bytes(value, digits)));
    value_release(value);
    return true;
}

/* What is in the file, or what is wrong with it, terminated; owned by the caller. */
static struct buffer read_text(struct bytes file, int newest_version)
{
    struct buffer notes = {0}, problem = {0};
    /* Exactly as large as it says, so that a sanitizer sees any step beyond. */
    char *exact = memory_copy(file.data, file.size);
    const struct rdb_file_options options = {
        .newest_version = newest_version, .has_checksum = true, .limits = &limits};
    const struct rdb_file_handler handler = {.context = &notes,
                                             .field = note_field,
                                             .database = note_database,
                                             .library = note_library,
                                             .key = note_key};
    if (!rdb_file_read(bytes_of(exact, file.size), &options, &handler, &problem)) {
        assert_true(problem.size > 0);
        notes.size = 0;
        buffer_append_bytes(&notes, buffer_bytes(&problem));
    } else {
        assert_int_equal(problem.size, 0);
    }
    buffer_append_byte(&notes, '\0');
    buffer_clear(&problem);
    memory_free(exact);
    return notes;
}

static void assert_reads_of(struct bytes file, int newest_version, const char *expected)
{
    struct buffer text = read_text(file, newest_version);
    assert_string_equal(text.data, expected);
    buffer_clear(&text);
}

#define assert_reads(file, expected) assert_reads_of(file, 12, expected)

static void write_key(struct rdb_file_writer *writer, const char *name, const char *text,
                      int64_t deadline_ms, int64_t idle, int frequency)
{
    struct rdb_file_key key = {.name = bytes_of_string(name),
                               .deadline_ms = deadline_ms,
                               .idle_seconds = idle,
                               .frequency = frequency};
    struct value *value = string_new(bytes_of_string(text));
    rdb_file_write_key(writer, &key, value);
    value_release(value);
}

/* Owned by the caller. */
static struct buffer write_small(bool has_checksum)
{
    struct buffer file = {0};
    struct rdb_file_writer writer = {.sink = append,
                                     .context = &file,
                                     .version = 11,
                                     .compresses = true,
                                     .has_checksum = has_checksum};
    rdb_file_begin(&writer);
    rdb_file_write_field(&writer, "redis-ver", "7.2.4");
    rdb_file_write_number(&writer, "ctime", 1704067200);
    rdb_file_write_records(&writer, BYTES_LITERAL("\xf5\x03#!x"));
    rdb_file_write_database(&writer, 0, 2, 1);
    write_key(&writer, "a", "1", RDB_FILE_NEVER, -1, -1);
    write_key(&writer, "b", "text", 5000, 70, -1);
    rdb_file_write_database(&writer, 9, 1, 0);
    write_key(&writer, "c", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", RDB_FILE_NEVER,
              -1, 255);
    assert_true(rdb_file_end(&writer));
    return file;
}

static void everything_comes_back(void **state)
{
    (void)state;
    struct buffer file = write_small(true);
    assert_reads(buffer_bytes(&file),
                 "field redis-ver=7.2.4\nfield ctime=1704067200\nlibrary 245 #!x\n"
                 "db 0\nkey a 0 -1 -1 1\nkey b 5000 70 -1 text\n"
                 "db 9\nkey c 0 -1 255 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    buffer_clear(&file);
}

static void file_that_is_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    struct buffer file = write_small(true);
    for (size_t size = 0; size < file.size; size++) {
        struct buffer text = read_text(bytes_of(file.data, size), 12);
        assert_true(strstr(text.data, "cut off") || strstr(text.data, "damaged") ||
                    strstr(text.data, "no RDB file") || strstr(text.data, "no code"));
        buffer_clear(&text);
    }
    buffer_clear(&file);
}

static void file_with_any_byte_changed_is_refused(void **state)
{
    (void)state;
    struct buffer file = write_small(true);
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] ^= 0x20;
        struct buffer text = read_text(buffer_bytes(&file), 12);
        assert_null(strchr(text.data, '\n'));
        buffer_clear(&text);
        file.data[i] ^= 0x20;
    }
    buffer_clear(&file);
}

static void file_without_checksum_is_taken_as_it_is(void **state)
{
    (void)state;
    struct buffer file = write_small(false);
    assert_memory_equal(file.data + file.size - 8, "\0\0\0\0\0\0\0\0", 8);
    struct buffer text = read_text(buffer_bytes(&file), 12);
    assert_non_null(strstr(text.data, "key a 0 -1 -1 1\n"));
    buffer_clear(&text);
    buffer_clear(&file);
}

static void newer_versions_are_refused(void **state)
{
    (void)state;
    struct buffer file = write_small(true);
    assert_reads_of(buffer_bytes(&file), 10, "Can't handle RDB format version 11");
    assert_reads(BYTES_LITERAL("REDIS0000\xff"), "Can't handle RDB format version 0");
    assert_reads(BYTES_LITERAL("REDIS00x1\xff"), "Can't handle RDB format version x1");
    buffer_clear(&file);
}

static void version_4_has_no_checksum(void **state)
{
    (void)state;
    assert_reads(BYTES_LITERAL("REDIS0004\xfe\x02\x00\x01k\x01v\xff"), "db 2\nkey k 0 -1 -1 v\n");
}

static void deadlines_in_seconds_are_read(void **state)
{
    (void)state;
    assert_reads(BYTES_LITERAL("REDIS0004\xfd\x00\x00\x00\x80\x00\x01k\x01v\xff"),
                 "key k 2147483648000 -1 -1 v\n");
}

static void what_stands_before_a_key_is_for_it_alone(void **state)
{
    (void)state;
    assert_reads(BYTES_LITERAL("REDIS0004\xfd\x01\x00\x00\x00\xf8\x05\xf9\x07\x00\x01k\x01v"
                               "\x00\x01l\x01w\xff"),
                 "key k 1000 5 7 v\nkey l 0 -1 -1 w\n");
}

static void slots_of_a_cluster_are_passed_over(void **state)
{
    (void)state;
    assert_reads(BYTES_LITERAL("REDIS0004\xf4\x01\x02\x03\x00\x01k\x01v\xff"), "key k 0 -1 -1 v\n");
}

static void modules_are_named(void **state)
{
    (void)state;
    /* "ReJSON-RL", encoded as modules are. */
    assert_reads(BYTES_LITERAL("REDIS0009\xf7\x81\x45\xe2\x52\x38\xdf\x91\x2c\x02\xff"),
                 "The RDB file contains AUX module data I can't load: no matching module "
                 "'ReJSON-RL'");
    assert_reads(BYTES_LITERAL("REDIS0009\x07\x01k"
                               "\x81\x45\xe2\x52\x38\xdf\x91\x2c\x02\xff"),
                 "The RDB file contains module data I can't load: no matching module type "
                 "'ReJSON-RL'");
}

static void writer_tells_that_its_sink_failed(void **state)
{
    (void)state;
    struct rdb_file_writer writer = {.sink = refuse, .version = 11};
    rdb_file_begin(&writer);
    write_key(&writer, "a", "1", RDB_FILE_NEVER, -1, -1);
    assert_false(rdb_file_end(&writer));
}

static void much_is_handed_over_in_pieces(void **state)
{
    (void)state;
    struct buffer file = {0};
    struct rdb_file_writer writer = {
        .sink = append, .context = &file, .version = 11, .has_checksum = true};
    rdb_file_begin(&writer);
    for (int i = 0; i < 20000; i++) {
        char name[16];
        snprintf(name, sizeof name, "key:%d", i);
        write_key(&writer, name, "value", RDB_FILE_NEVER, -1, -1);
        assert_true(writer.pending.size < 1 << 17);
    }
    assert_true(file.size > 1 << 17);
    assert_true(rdb_file_end(&writer));
    struct buffer text = read_text(buffer_bytes(&file), 12);
    assert_non_null(strstr(text.data, "key key:19999 0 -1 -1 value\n"));
    buffer_clear(&text);
    buffer_clear(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(file_that_is_cut_off_anywhere_is_refused),
        cmocka_unit_test(file_with_any_byte_changed_is_refused),
        cmocka_unit_test(file_without_checksum_is_taken_as_it_is),
        cmocka_unit_test(newer_versions_are_refused),
        cmocka_unit_test(version_4_has_no_checksum),
        cmocka_unit_test(deadlines_in_seconds_are_read),
        cmocka_unit_test(what_stands_before_a_key_is_for_it_alone),
        cmocka_unit_test(slots_of_a_cluster_are_passed_over),
        cmocka_unit_test(modules_are_named),
        cmocka_unit_test(writer_tells_that_its_sink_failed),
        cmocka_unit_test(much_is_handed_over_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
