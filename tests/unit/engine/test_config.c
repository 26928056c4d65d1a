/* SPDX-License-Identifier: MIT */
#include "engine/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "resp/request_parser.h"
#include "resp/resp_writer.h"

struct fixture {
    struct config *config;
    struct resp_writer writer;
    struct buffer output;
    enum config_id refused; /* the listener says no to this one */
    int told;
};

static int set_up(void **state)
{
    struct fixture *f = memory_zeroed(sizeof *f);
    f->config = config_new();
    f->refused = CONFIG_COUNT;
    resp_writer_init(&f->writer, &f->output, 2, NUMBER_DOUBLE_SHORTEST);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    config_free(f->config);
    resp_writer_clear(&f->writer);
    buffer_clear(&f->output);
    memory_free(f);
    return 0;
}

/* CONFIG SET or GET with the words of `line`; the reply as text. */
static const char *run(struct fixture *f, bool is_set, const char *line)
{
    struct request words = {0};
    assert_true(request_split_line(bytes_of_string(line), &words));
    f->output.size = 0;
    if (is_set)
        config_reply_set(f->config, words.argv, words.argc, false, &f->writer.reply);
    else
        config_reply_get(f->config, words.argv, words.argc, &f->writer.reply);
    buffer_append_byte(&f->output, '\0');
    request_clear(&words);
    return f->output.data;
}

static void assert_set(struct fixture *f, const char *line, const char *expected)
{
    assert_string_equal(run(f, true, line), expected);
}

static void assert_value(struct fixture *f, enum config_id id, const char *expected)
{
    struct buffer text = {0};
    config_format(f->config, id, &text);
    buffer_append_byte(&text, '\0');
    assert_string_equal(text.data, expected);
    buffer_clear(&text);
}

static bool load(struct fixture *f, const char *line, char message[512])
{
    struct request words = {0};
    struct buffer error = {0};
    assert_true(request_split_line(bytes_of_string(line), &words));
    bool is_loaded = config_load(f->config, words.argv, words.argc, &error);
    snprintf(message, 512, "%.*s", BYTES_PRINT(buffer_bytes(&error)));
    buffer_clear(&error);
    request_clear(&words);
    return is_loaded;
}

static bool change(void *context, enum config_id id, char *error, size_t size)
{
    struct fixture *f = context;
    f->told++;
    if (id == f->refused)
        snprintf(error, size, "no such thing");
    return id != f->refused;
}

static void defaults_are_redis_defaults(void **state)
{
    struct fixture *f = *state;
    assert_value(f, CONFIG_PORT, "6379");
    assert_value(f, CONFIG_HASH_MAX_LISTPACK_ENTRIES, "512");
    assert_value(f, CONFIG_PROTO_MAX_BULK_LEN, "536870912");
    assert_value(f, CONFIG_MAXMEMORY_POLICY, "noeviction");
    assert_value(f, CONFIG_SAVE, "");
    assert_value(f, CONFIG_LATENCY_TRACKING_INFO_PERCENTILES, "50 99 99.9");
    assert_int_equal(config_integer(f->config, CONFIG_RDBCOMPRESSION), 1);
}

static void name_is_answered_as_it_was_asked(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(run(f, false, "MaxMemory"), "*2\r\n$9\r\nMaxMemory\r\n$1\r\n0\r\n");
}

static void pattern_finds_old_and_new_names(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(run(f, false, "HASH-max-*-entries"),
                        "*4\r\n$25\r\nhash-max-listpack-entries\r\n$3\r\n512\r\n"
                        "$24\r\nhash-max-ziplist-entries\r\n$3\r\n512\r\n");
}

static void newer_names_are_hidden_from_older_versions(void **state)
{
    struct fixture *f = *state;
    config_set_string(f->config, CONFIG_EMULATE, "7.0");
    assert_string_equal(run(f, false, "set-max-listpack-*"), "*0\r\n");
    assert_set(f, "set-max-listpack-entries 5",
               "-ERR Unknown option or number of arguments for CONFIG SET - "
               "'set-max-listpack-entries'\r\n");
}

static void our_own_directives_need_their_whole_name(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(run(f, false, "emulat[e]"), "*0\r\n");
    assert_string_equal(run(f, false, "emulate"), "*2\r\n$7\r\nemulate\r\n$3\r\n7.2\r\n");
}

static void memory_takes_units(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "maxmemory 10MB", "+OK\r\n");
    assert_value(f, CONFIG_MAXMEMORY, "10485760");
    assert_set(f, "maxmemory 1g", "+OK\r\n");
    assert_value(f, CONFIG_MAXMEMORY, "1000000000");
    assert_set(f, "maxmemory 1zb",
               "-ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must "
               "be a memory value\r\n");
}

static void percentage_is_negative(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "maxmemory-clients 50%", "+OK\r\n");
    assert_value(f, CONFIG_MAXMEMORY_CLIENTS, "50%");
    assert_int_equal(config_integer(f->config, CONFIG_MAXMEMORY_CLIENTS), -50);
    assert_set(f, "maxmemory-clients 101%",
               "-ERR CONFIG SET failed (possibly related to argument 'maxmemory-clients') - "
               "percentage argument must be less or equal to 100\r\n");
}

static void set_of_several_is_all_or_nothing(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "maxmemory 100 requirepass secret timeout soon",
               "-ERR CONFIG SET failed (possibly related to argument 'timeout') - argument "
               "couldn't be parsed into an integer\r\n");
    assert_value(f, CONFIG_MAXMEMORY, "0");
    assert_value(f, CONFIG_REQUIREPASS, "");
}

static void listener_can_refuse(void **state)
{
    struct fixture *f = *state;
    config_set_listener(f->config, (struct config_listener){f, change});
    f->refused = CONFIG_TIMEOUT;
    assert_set(f, "maxmemory 100 timeout 7",
               "-ERR CONFIG SET failed (possibly related to argument 'timeout') - no such "
               "thing\r\n");
    assert_value(f, CONFIG_MAXMEMORY, "0");
    assert_value(f, CONFIG_TIMEOUT, "0");
    assert_int_equal(f->told, 4); /* twice on the way there, twice on the way back */
}

static void same_name_twice_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "maxmemory 1 MAXMEMORY 2",
               "-ERR CONFIG SET failed (possibly related to argument 'MAXMEMORY') - duplicate "
               "parameter\r\n");
    assert_set(f, "slave-priority 1 replica-priority 2", "+OK\r\n");
    assert_value(f, CONFIG_REPLICA_PRIORITY, "2");
}

static void immutable_and_protected_are_refused(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "databases 3",
               "-ERR CONFIG SET failed (possibly related to argument 'databases') - can't set "
               "immutable config\r\n");
    assert_set(f, "dir /tmp",
               "-ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected "
               "config\r\n");
}

static void bounds_are_told(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "slowlog-log-slower-than -3",
               "-ERR CONFIG SET failed (possibly related to argument 'slowlog-log-slower-than') - "
               "argument must be between -1 and 9223372036854775807 inclusive\r\n");
}

static void words_of_an_enumeration_are_told(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "appendfsync never",
               "-ERR CONFIG SET failed (possibly related to argument 'appendfsync') - argument(s) "
               "must be one of the following: everysec, always, no\r\n");
    assert_set(f, "appendfsync ALWAYS", "+OK\r\n");
    assert_value(f, CONFIG_APPENDFSYNC, "always");
}

static void set_of_words_is_shown_in_their_order(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "shutdown-on-sigterm 'force now nosave'", "+OK\r\n");
    assert_value(f, CONFIG_SHUTDOWN_ON_SIGTERM, "nosave now force");
}

static void events_are_shown_in_redis_order(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "notify-keyspace-events KEg$lmn", "+OK\r\n");
    assert_value(f, CONFIG_NOTIFY_KEYSPACE_EVENTS, "g$lnKEm");
    assert_set(f, "notify-keyspace-events AnKE", "+OK\r\n");
    assert_value(f, CONFIG_NOTIFY_KEYSPACE_EVENTS, "AKE");
    assert_set(f, "notify-keyspace-events ''", "+OK\r\n");
    assert_int_equal(config_integer(f->config, CONFIG_NOTIFY_KEYSPACE_EVENTS), 0);
}

static void buffer_limits_of_one_class_leave_the_others(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "client-output-buffer-limit 'normal 1mb 2 3'", "+OK\r\n");
    assert_value(f, CONFIG_CLIENT_OUTPUT_BUFFER_LIMIT,
                 "normal 1048576 2 3 slave 268435456 67108864 60 pubsub 33554432 8388608 60");
}

static void save_lines_of_a_file_add_up(void **state)
{
    struct fixture *f = *state;
    char message[512];
    assert_true(load(f, "save 3600 1", message));
    assert_true(load(f, "save '300 100'", message));
    assert_value(f, CONFIG_SAVE, "3600 1 300 100");
    assert_true(load(f, "save ''", message));
    assert_value(f, CONFIG_SAVE, "");
}

static void bad_line_says_what_is_wrong(void **state)
{
    struct fixture *f = *state;
    char message[512];
    assert_false(load(f, "prot 6379", message));
    assert_string_equal(message, "'prot 6379': Bad directive or wrong number of arguments");
    assert_false(load(f, "port many", message));
    assert_string_equal(message, "'port many': argument couldn't be parsed into an integer");
    assert_false(load(f, "port", message));
    assert_string_equal(message, "'port': wrong number of arguments");
}

static void command_line_takes_names_with_their_values(void **state)
{
    struct fixture *f = *state;
    struct buffer error = {0};
    const char *const argv[] = {"--port",
                                "0",
                                "--save",
                                "--bind",
                                "127.0.0.1",
                                "::1",
                                "--requirepass",
                                "--x",
                                "--timeout 5",
                                "--client-output-buffer-limit",
                                "pubsub",
                                "1",
                                "2",
                                "3"};
    assert_true(config_load_arguments(f->config, sizeof argv / sizeof *argv, argv, &error));
    assert_value(f, CONFIG_PORT, "0");
    assert_value(f, CONFIG_BIND, "127.0.0.1 ::1");
    assert_value(f, CONFIG_REQUIREPASS, "--x");
    assert_value(f, CONFIG_TIMEOUT, "5");
    assert_value(f, CONFIG_SAVE, "");
    assert_int_equal(error.size, 0);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void file_is_loaded_checked_and_rewritten(void **state)
{
    struct fixture *f = *state;
    char directory[] = "/tmp/understudy-config-XXXXXX";
    assert_non_null(mkdtemp(directory));
    char path[64], other[64], text[512];
    snprintf(path, sizeof path, "%s/redis.conf", directory);
    snprintf(other, sizeof other, "%s/other.conf", directory);
    write_file(other, "  timeout 9\n");
    snprintf(text, sizeof text,
             "# a comment\n\nport 7000\nrequirepass \"a \\x41\"\nuser default on\ninclude %s\n",
             other);
    write_file(path, text);

    const char *words = path;
    struct buffer error = {0};
    assert_true(config_load_arguments(f->config, 1, &words, &error));
    assert_value(f, CONFIG_PORT, "7000");
    assert_value(f, CONFIG_REQUIREPASS, "a A");
    assert_value(f, CONFIG_TIMEOUT, "9");
    assert_int_equal(config_deed(f->config, 0)->count, 3);
    assert_true(bytes_equal_string(config_deed(f->config, 0)->words[2], "on"));
    assert_null(config_deed(f->config, 1));

    assert_set(f, "port 7001 maxmemory 5mb timeout 0", "+OK\r\n");
    assert_true(config_rewrite(f->config, BYTES_LITERAL("user default on\n"), &error));
    struct config *again = config_new();
    assert_true(config_load_arguments(again, 1, &words, &error));
    assert_int_equal(config_integer(again, CONFIG_PORT), 7001);
    assert_int_equal(config_integer(again, CONFIG_MAXMEMORY), 5 << 20);
    assert_string_equal(config_string(again, CONFIG_REQUIREPASS), "a A");
    config_free(again);

    write_file(other, "timeout 9\nhz often\n");
    assert_false(config_load_arguments(f->config, 1, &words, &error));
    buffer_append_byte(&error, '\0');
    snprintf(text, sizeof text, "%s:2: 'hz often': argument couldn't be parsed into an integer",
             other);
    assert_string_equal(error.data, text);
    buffer_clear(&error);
    unlink(path);
    unlink(other);
    rmdir(directory);
}

static void memory_beyond_64_bits_is_as_in_redis(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "maxmemory 18446744073709551615", "+OK\r\n");
    assert_value(f, CONFIG_MAXMEMORY, "18446744073709551615");
    assert_true(config_integer(f->config, CONFIG_MAXMEMORY) == INT64_MAX);
    assert_set(f, "hll-sparse-max-bytes 9223372036854775808",
               "-ERR CONFIG SET failed (possibly related to argument 'hll-sparse-max-bytes') - "
               "argument must be between 0 and 9223372036854775807 inclusive\r\n");
}

static void nul_ends_all_but_passwords_and_numbers(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "lazyfree-lazy-expire \"yes\\x00\" masterauth \"a\\x00b\"", "+OK\r\n");
    assert_value(f, CONFIG_LAZYFREE_LAZY_EXPIRE, "yes");
    assert_string_equal(run(f, false, "masterauth") + 21, "$3\r\na");
    assert_set(f, "hz \"1\\x00\"",
               "-ERR CONFIG SET failed (possibly related to argument 'hz') - argument couldn't be "
               "parsed into an integer\r\n");
}

static void words_come_with_their_version(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "loglevel nothing", "+OK\r\n");
    config_set_string(f->config, CONFIG_EMULATE, "7.0");
    assert_set(
        f, "loglevel nothing",
        "-ERR CONFIG SET failed (possibly related to argument 'loglevel') - argument(s) must "
        "be one of the following: debug, verbose, notice, warning\r\n");
}

static void before_7_0_texts_were_others(void **state)
{
    struct fixture *f = *state;
    config_set_string(f->config, CONFIG_EMULATE, "6.2");
    assert_set(f, "timeout x",
               "-ERR Invalid argument 'x' for CONFIG SET 'timeout' - argument couldn't be parsed "
               "into an integer\r\n");
    assert_set(f, "databases 4", "-ERR Unsupported CONFIG parameter: databases\r\n");
    assert_set(f, "dbfilename x.rdb", "+OK\r\n");
}

static void defaults_follow_the_version_unless_given(void **state)
{
    struct fixture *f = *state;
    char message[512];
    config_set_string(f->config, CONFIG_EMULATE, "6.2");
    assert_true(load(f, "acl-pubsub-default resetchannels", message));
    config_apply_version(f->config);
    assert_value(f, CONFIG_ACL_PUBSUB_DEFAULT, "resetchannels");
    assert_value(f, CONFIG_REPL_DISKLESS_SYNC, "no");
}

static void title_must_show_something(void **state)
{
    struct fixture *f = *state;
    const char *refusal = "-ERR CONFIG SET failed (possibly related to argument "
                          "'proc-title-template') - template format is invalid or contains unknown "
                          "variables\r\n";
    assert_set(f, "proc-title-template {title}", refusal);
    assert_set(f, "proc-title-template {nosuch}x", refusal);
    assert_set(f, "proc-title-template {port", refusal);
    assert_set(f, "proc-title-template \"{title} {port}\"", "+OK\r\n");
}

static void relative_directory_starts_at_the_present_one(void **state)
{
    struct fixture *f = *state;
    char message[512];
    assert_true(load(f, "dir /usr/bin", message));
    assert_true(load(f, "dir ..", message));
    assert_value(f, CONFIG_DIR, "/usr");
    assert_true(load(f, "dir .", message));
    assert_value(f, CONFIG_DIR, "/usr");
}

static void restore_brings_the_start_back(void **state)
{
    struct fixture *f = *state;
    struct config *start = config_copy(f->config);
    config_set_listener(f->config, (struct config_listener){f, change});
    assert_set(f, "maxmemory 7 requirepass x", "+OK\r\n");
    f->told = 0;
    config_restore(f->config, start);
    assert_int_equal(f->told, 2);
    assert_value(f, CONFIG_MAXMEMORY, "0");
    assert_value(f, CONFIG_REQUIREPASS, "");
    config_free(start);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(defaults_are_redis_defaults),
        CLAIM(name_is_answered_as_it_was_asked),
        CLAIM(pattern_finds_old_and_new_names),
        CLAIM(newer_names_are_hidden_from_older_versions),
        CLAIM(our_own_directives_need_their_whole_name),
        CLAIM(memory_takes_units),
        CLAIM(percentage_is_negative),
        CLAIM(set_of_several_is_all_or_nothing),
        CLAIM(listener_can_refuse),
        CLAIM(same_name_twice_is_refused),
        CLAIM(immutable_and_protected_are_refused),
        CLAIM(bounds_are_told),
        CLAIM(words_of_an_enumeration_are_told),
        CLAIM(set_of_words_is_shown_in_their_order),
        CLAIM(events_are_shown_in_redis_order),
        CLAIM(buffer_limits_of_one_class_leave_the_others),
        CLAIM(save_lines_of_a_file_add_up),
        CLAIM(bad_line_says_what_is_wrong),
        CLAIM(command_line_takes_names_with_their_values),
        CLAIM(file_is_loaded_checked_and_rewritten),
        CLAIM(memory_beyond_64_bits_is_as_in_redis),
        CLAIM(nul_ends_all_but_passwords_and_numbers),
        CLAIM(words_come_with_their_version),
        CLAIM(before_7_0_texts_were_others),
        CLAIM(defaults_follow_the_version_unless_given),
        CLAIM(title_must_show_something),
        CLAIM(relative_directory_starts_at_the_present_one),
        CLAIM(restore_brings_the_start_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
