/* SPDX-License-Identifier: MIT */
/* Invariant of a writer: `crc` is that of all bytes that the sink was given. */
#include "dump/rdb_file.h"

#include "base/crc.h"
#include "base/number.h"
#include "dump/codecs.h"
#include "dump/rdb_format.h"
#include "dump/rdb_writer.h"

#define MAGIC             "REDIS"
#define MAGIC_SIZE        5
#define VERSION_DIGITS    4
#define CHECKSUM_SINCE    5 /* version of RDB */
#define PENDING_AT_MOST   ((size_t)1 << 16)
#define MODULE_NAME_SIZE  9
#define MODULE_NAME_SHIFT 10 /* the low bits are the version of its encoding */

bool rdb_file_is_one(struct bytes bytes)
{
    return bytes.size >= MAGIC_SIZE && memcmp(bytes.data, MAGIC, MAGIC_SIZE) == 0;
}

/* --- writing --- */

static void hand_over(struct rdb_file_writer *file)
{
    file->crc = crc64(file->crc, file->pending.data, file->pending.size);
    file->has_failed = file->has_failed || !file->sink(file->context, buffer_bytes(&file->pending));
    file->pending.size = 0;
}

static void hand_over_much(struct rdb_file_writer *file)
{
    if (file->pending.size >= PENDING_AT_MOST)
        hand_over(file);
}

static struct rdb_writer writer_of(struct rdb_file_writer *file)
{
    return (struct rdb_writer){
        .out = &file->pending, .version = file->version, .compresses = file->compresses};
}

void rdb_file_begin(struct rdb_file_writer *file)
{
    file->pending = file->value = (struct buffer){0};
    file->crc = 0;
    file->has_failed = false;
    buffer_append_format(&file->pending, MAGIC "%04d", file->version);
}

void rdb_file_write_field(struct rdb_file_writer *file, const char *name, const char *text)
{
    struct rdb_writer writer = writer_of(file);
    rdb_write_byte(&writer, RDB_OPCODE_FIELD);
    rdb_write_string(&writer, bytes_of_string(name));
    rdb_write_string(&writer, bytes_of_string(text));
}

void rdb_file_write_number(struct rdb_file_writer *file, const char *name, int64_t number)
{
    struct rdb_writer writer = writer_of(file);
    rdb_write_byte(&writer, RDB_OPCODE_FIELD);
    rdb_write_string(&writer, bytes_of_string(name));
    rdb_write_integer_string(&writer, number);
}

void rdb_file_write_records(struct rdb_file_writer *file, struct bytes records)
{
    buffer_append_bytes(&file->pending, records);
    hand_over_much(file);
}

void rdb_file_write_database(struct rdb_file_writer *file, int index, size_t keys, size_t deadlines)
{
    struct rdb_writer writer = writer_of(file);
    rdb_write_byte(&writer, RDB_OPCODE_DATABASE);
    rdb_write_length(&writer, (uint64_t)index);
    rdb_write_byte(&writer, RDB_OPCODE_SIZES);
    rdb_write_length(&writer, keys);
    rdb_write_length(&writer, deadlines);
}

void rdb_file_write_key(struct rdb_file_writer *file, const struct rdb_file_key *key,
                        const struct value *value)
{
    struct rdb_writer writer = writer_of(file), aside = writer;
    aside.out = &file->value;
    file->value.size = 0;
    if (!dump_write(&aside, value))
        return;
    if (key->deadline_ms != RDB_FILE_NEVER) {
        rdb_write_byte(&writer, RDB_OPCODE_DEADLINE_MS);
        rdb_write_uint64(&writer, (uint64_t)key->deadline_ms);
    }
    if (key->idle_seconds >= 0) {
        rdb_write_byte(&writer, RDB_OPCODE_IDLE);
        rdb_write_length(&writer, (uint64_t)key->idle_seconds);
    }
    if (key->frequency >= 0) {
        rdb_write_byte(&writer, RDB_OPCODE_FREQUENCY);
        rdb_write_byte(&writer, (uint8_t)key->frequency);
    }
    /* The key stands between the value's type and the rest of it. */
    rdb_write_byte(&writer, (uint8_t)file->value.data[0]);
    rdb_write_string(&writer, key->name);
    buffer_append(&file->pending, file->value.data + 1, file->value.size - 1);
    hand_over_much(file);
}

bool rdb_file_end(struct rdb_file_writer *file)
{
    struct rdb_writer writer = writer_of(file);
    rdb_write_byte(&writer, RDB_OPCODE_END);
    hand_over(file);
    rdb_write_uint64(&writer, file->has_checksum ? file->crc : 0);
    hand_over(file);
    buffer_clear(&file->pending);
    buffer_clear(&file->value);
    return !file->has_failed;
}

/* --- reading --- */

struct reading {
    struct rdb_reader reader;
    const struct rdb_file_options *options;
    const struct rdb_file_handler *handler;
    struct buffer *problem;
    struct rdb_file_key next; /* what was said of the key to come */
    bool has_ended;
};

static bool refuse(struct reading *reading)
{
    if (rdb_reader_left(&reading->reader) == 0)
        buffer_append_format(reading->problem, "the file is cut off after %zu bytes",
                             reading->reader.input.size);
    else
        buffer_append_format(reading->problem, "the file is damaged at or before byte %zu",
                             reading->reader.position);
    return false;
}

static bool read_magic(struct reading *reading)
{
    struct bytes magic, digits;
    int64_t version;
    if (!rdb_file_is_one(reading->reader.input)) {
        buffer_append_string(reading->problem, "this is no RDB file");
        return false;
    }
    if (!rdb_read_bytes(&reading->reader, MAGIC_SIZE, &magic) ||
        !rdb_read_bytes(&reading->reader, VERSION_DIGITS, &digits)) {
        reading->reader.position = reading->reader.input.size;
        return refuse(reading);
    }
    const char *first = digits.data, *end = digits.data + digits.size;
    while (first < end - 1 && *first == '0')
        first++;
    if (!number_parse_integer(bytes_of(first, (size_t)(end - first)), &version) || version < 1 ||
        version > reading->options->newest_version) {
        buffer_append_format(reading->problem, "Can't handle RDB format version %.*s",
                             (int)(end - first), first);
        return false;
    }
    reading->reader.version = (int)version;
    return true;
}

static void forget_next(struct reading *reading)
{
    reading->next =
        (struct rdb_file_key){.deadline_ms = RDB_FILE_NEVER, .idle_seconds = -1, .frequency = -1};
}

static bool tell_field(struct reading *reading, struct bytes name, struct bytes text)
{
    const struct rdb_file_handler *handler = reading->handler;
    return !handler->field || handler->field(handler->context, name, text, reading->problem);
}

static bool read_field(struct reading *reading)
{
    struct buffer name_scratch = {0}, text_scratch = {0};
    struct bytes name, text;
    bool is_read = (rdb_read_string(&reading->reader, &name, &name_scratch) &&
                    rdb_read_string(&reading->reader, &text, &text_scratch)) ||
                   refuse(reading);
    is_read = is_read && tell_field(reading, name, text);
    buffer_clear(&name_scratch);
    buffer_clear(&text_scratch);
    return is_read;
}

static bool read_database(struct reading *reading)
{
    const struct rdb_file_handler *handler = reading->handler;
    uint64_t index;
    if (!rdb_read_length(&reading->reader, &index))
        return refuse(reading);
    return !handler->database || handler->database(handler->context, index, reading->problem);
}

static bool skip_lengths(struct reading *reading, int count)
{
    uint64_t length;
    while (count-- > 0)
        if (!rdb_read_length(&reading->reader, &length))
            return refuse(reading);
    return true;
}

/* Early files count seconds in four bytes. */
static bool read_deadline(struct reading *reading, bool is_in_seconds)
{
    struct rdb_reader *reader = &reading->reader;
    uint64_t ms = 0;
    if (!is_in_seconds) {
        if (!rdb_read_uint64(reader, &ms))
            return refuse(reading);
    } else {
        for (int shift = 0; shift < 32; shift += 8) {
            uint8_t byte;
            if (!rdb_read_byte(reader, &byte))
                return refuse(reading);
            ms |= (uint64_t)byte << shift;
        }
        ms *= 1000;
    }
    /* As in Redis, minus one means none. */
    reading->next.deadline_ms = ms == UINT64_MAX ? RDB_FILE_NEVER : (int64_t)ms;
    return true;
}

static bool read_idle(struct reading *reading)
{
    uint64_t seconds;
    if (!rdb_read_length(&reading->reader, &seconds))
        return refuse(reading);
    reading->next.idle_seconds = seconds > INT64_MAX / 1000 ? INT64_MAX / 1000 : (int64_t)seconds;
    return true;
}

static bool read_frequency(struct reading *reading)
{
    uint8_t frequency;
    if (!rdb_read_byte(&reading->reader, &frequency))
        return refuse(reading);
    reading->next.frequency = frequency;
    return true;
}

/* Says which module the file wants, as Redis does: the number holds nine letters. */
static bool refuse_module(struct reading *reading, const char *format)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char name[MODULE_NAME_SIZE + 1] = "";
    uint64_t id;
    if (!rdb_read_length(&reading->reader, &id))
        return refuse(reading);
    id >>= MODULE_NAME_SHIFT;
    for (int i = MODULE_NAME_SIZE - 1; i >= 0; i--, id >>= 6)
        name[i] = letters[id & 63];
    buffer_append_format(reading->problem, "The RDB file contains %s '%s'", format, name);
    return false;
}

static bool read_key(struct reading *reading, uint8_t type)
{
    const struct rdb_file_handler *handler = reading->handler;
    struct buffer scratch = {0};
    struct value *value = NULL;
    bool is_taken = false;
    if (rdb_read_string(&reading->reader, &reading->next.name, &scratch))
        value = dump_read(&reading->reader, type);
    if (!value)
        refuse(reading);
    else if (handler->key)
        is_taken = handler->key(handler->context, &reading->next, value, reading->problem);
    else
        value_release(value);
    buffer_clear(&scratch);
    forget_next(reading);
    return value && (is_taken || !handler->key);
}

static bool read_end(struct reading *reading)
{
    struct rdb_reader *reader = &reading->reader;
    uint64_t expected, found = crc64(0, reader->input.data, reader->position);
    reading->has_ended = true;
    if (reader->version < CHECKSUM_SINCE)
        return true;
    if (!rdb_read_uint64(reader, &expected)) {
        reader->position = reader->input.size;
        return refuse(reading);
    }
    if (!reading->options->has_checksum || expected == 0 || expected == found)
        return true;
    buffer_append_format(reading->problem,
                         "the file is damaged: its checksum is %llx, and it says %llx",
                         (unsigned long long)found, (unsigned long long)expected);
    return false;
}

static bool read_record(struct reading *reading)
{
    const struct rdb_file_handler *handler = reading->handler;
    uint8_t byte;
    if (!rdb_read_byte(&reading->reader, &byte))
        return refuse(reading);
    switch (byte) {
    case RDB_OPCODE_SLOT:
        return skip_lengths(reading, 3);
    case RDB_OPCODE_FUNCTION:
    case RDB_OPCODE_FUNCTION_EARLY:
        return handler->library(handler->context, byte, &reading->reader, reading->problem);
    case RDB_OPCODE_MODULE:
        return refuse_module(reading, "AUX module data I can't load: no matching module");
    case RDB_TYPE_MODULE_EARLY:
    case RDB_TYPE_MODULE: {
        struct buffer scratch = {0};
        struct bytes name;
        bool has_name = rdb_read_string(&reading->reader, &name, &scratch);
        buffer_clear(&scratch);
        return has_name
                   ? refuse_module(reading, "module data I can't load: no matching module type")
                   : refuse(reading);
    }
    case RDB_OPCODE_IDLE:
        return read_idle(reading);
    case RDB_OPCODE_FREQUENCY:
        return read_frequency(reading);
    case RDB_OPCODE_FIELD:
        return read_field(reading);
    case RDB_OPCODE_SIZES:
        return skip_lengths(reading, 2);
    case RDB_OPCODE_DEADLINE_MS:
        return read_deadline(reading, false);
    case RDB_OPCODE_DEADLINE_SECONDS:
        return read_deadline(reading, true);
    case RDB_OPCODE_DATABASE:
        return read_database(reading);
    case RDB_OPCODE_END:
        return read_end(reading);
    default:
        return read_key(reading, byte);
    }
}

bool rdb_file_read(struct bytes bytes, const struct rdb_file_options *options,
                   const struct rdb_file_handler *handler, struct buffer *problem)
{
    struct reading reading = {.reader = {.input = bytes, .limits = options->limits},
                              .options = options,
                              .handler = handler,
                              .problem = problem};
    forget_next(&reading);
    if (!read_magic(&reading))
        return false;
    while (!reading.has_ended)
        if (!read_record(&reading))
            return false;
    if (options->end)
        *options->end = reading.reader.position;
    return true;
}
