/* SPDX-License-Identifier: MIT */
/*
 * The directives whose value is more than a number or a word. Each is checked and kept as the text
 * that CONFIG GET shows, but for keyspace events, which are a set of bits.
 */
#include "engine/config_value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/number.h"

#define BIND_LIMIT 16 /* addresses */

#define EVENTS_KEYSPACE (1 << 0)
#define EVENTS_KEYEVENT (1 << 1)
#define EVENTS_MISS     (1 << 11)
#define EVENTS_NEW      (1 << 13)
/* What the letter A stands for: all letters from g to d. */
#define EVENTS_ALL 0x17fc

/* In the order in which CONFIG GET shows them; numbers as enum announce_class. */
static const struct {
    char letter;
    int64_t bits;
} event_letters[] = {{'g', 1 << 2},          {'$', 1 << 3},      {'l', 1 << 4},
                     {'s', 1 << 5},          {'h', 1 << 6},      {'z', 1 << 7},
                     {'x', 1 << 8},          {'e', 1 << 9},      {'t', 1 << 10},
                     {'d', 1 << 12},         {'n', EVENTS_NEW},  {'K', EVENTS_KEYSPACE},
                     {'E', EVENTS_KEYEVENT}, {'m', EVENTS_MISS}, {'A', EVENTS_ALL}};

static bool parse_events(struct bytes letters, int64_t *events, char *error)
{
    *events = 0;
    for (size_t i = 0; i < letters.size; i++) {
        int64_t bits = 0;
        for (size_t j = 0; j < sizeof event_letters / sizeof *event_letters; j++)
            if (letters.data[i] == event_letters[j].letter)
                bits = event_letters[j].bits;
        if (!bits)
            return config_value_refuse(error,
                                       "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
        *events |= bits;
    }
    return true;
}

void config_special_format_events(int64_t events, struct buffer *out)
{
    bool has_all = (events & EVENTS_ALL) == EVENTS_ALL;
    if (has_all)
        buffer_append_byte(out, 'A');
    for (size_t i = 0; i < sizeof event_letters / sizeof *event_letters - 1; i++) {
        int64_t bits = event_letters[i].bits;
        /* Redis leaves n out beside A. */
        bool is_covered = has_all && (bits & (EVENTS_ALL | EVENTS_NEW));
        if ((events & bits) && !is_covered)
            buffer_append_byte(out, event_letters[i].letter);
    }
}

static char *join(const struct bytes *words, int count)
{
    struct buffer text = {0};
    for (int i = 0; i < count; i++) {
        if (i)
            buffer_append_byte(&text, ' ');
        buffer_append_bytes(&text, words[i]);
    }
    buffer_append_byte(&text, '\0');
    return text.data;
}

/* As strtoll reads it: no digits are 0, and there may be blanks before them. */
static bool read_number(struct bytes word, long long *number)
{
    char *text = bytes_to_string(word), *end;
    *number = strtoll(text, &end, 10);
    bool is_whole = *end == '\0';
    memory_free(text);
    return is_whole;
}

/* The same as an int keeps it. */
static bool read_int(struct bytes word, int *number)
{
    long long whole;
    bool is_read = read_number(word, &whole);
    *number = (int)whole;
    return is_read;
}

static bool is_empty_word(const struct bytes *words, int count)
{
    return count == 1 && words->size == 0;
}

/* Addresses to bind to. */
static bool parse_words(const struct bytes *words, int count, char **text, char *error)
{
    if (count > BIND_LIMIT)
        return config_value_refuse(error, "Too many bind addresses specified.");
    *text = join(words, is_empty_word(words, count) ? 0 : count);
    return true;
}

static bool parse_replica_of(const struct bytes *words, int count, char **text, char *error)
{
    int64_t port;
    if (is_empty_word(words, count))
        count = 0;
    if (count != 0 && count != 2)
        return config_value_refuse(error, "wrong number of arguments");
    bool is_no_one = count == 2 && bytes_equal_ignoring_case(words[0], "no") &&
                     bytes_equal_ignoring_case(words[1], "one");
    if (count == 2 && !is_no_one &&
        (!number_parse_integer(words[1], &port) || port < 0 || port > 65535))
        return config_value_refuse(error, "Invalid master port");
    *text = join(words, is_no_one ? 0 : count);
    return true;
}

static bool parse_save(const struct bytes *words, int count, char **text, char *error)
{
    struct buffer points = {0};
    if (is_empty_word(words, count))
        count = 0;
    bool is_valid = count % 2 == 0;
    for (int i = 0; is_valid && i < count; i += 2) {
        long long seconds;
        int changes;
        is_valid = read_number(words[i], &seconds) && seconds >= 1 &&
                   read_int(words[i + 1], &changes) && changes >= 0;
        if (is_valid)
            buffer_append_format(&points, "%s%lld %d", i ? " " : "", seconds, changes);
    }
    buffer_append_byte(&points, '\0');
    *text = points.data;
    if (is_valid)
        return true;
    memory_free(points.data);
    *text = NULL;
    return config_value_refuse(error, "Invalid save parameters");
}

/* Classes of clients, in the order in which CONFIG GET shows them. */
enum { LIMIT_CLASSES = 3 };

static int find_limit_class(struct bytes word)
{
    static const char *const names[] = {"normal", "slave", "pubsub"};
    for (int i = 0; i < LIMIT_CLASSES; i++)
        if (bytes_equal_ignoring_case(word, names[i]))
            return i;
    return bytes_equal_ignoring_case(word, "replica") ? 1 : -1;
}

static bool parse_buffer_limits(const struct config_value *old, const struct bytes *words,
                                int count, char **text, char *error)
{
    /* Classes that are not named keep their limits. */
    long long limits[LIMIT_CLASSES][3] = {{0}};
    if (old && old->text)
        sscanf(old->text, "normal %lld %lld %lld slave %lld %lld %lld pubsub %lld %lld %lld",
               &limits[0][0], &limits[0][1], &limits[0][2], &limits[1][0], &limits[1][1],
               &limits[1][2], &limits[2][0], &limits[2][1], &limits[2][2]);
    if (count % 4)
        return config_value_refuse(error,
                                   "Wrong number of arguments in buffer limit configuration.");
    for (int i = 0; i < count; i += 4) {
        int class = find_limit_class(words[i]);
        if (class < 0)
            return config_value_refuse(
                error, "Invalid client class specified in buffer limit configuration.");
        uint64_t hard, soft;
        int seconds;
        if (!config_value_parse_memory(words[i + 1], &hard) ||
            !config_value_parse_memory(words[i + 2], &soft) || !read_int(words[i + 3], &seconds) ||
            seconds < 0)
            return config_value_refuse(
                error,
                "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
        limits[class][0] = (long long)hard;
        limits[class][1] = (long long)soft;
        limits[class][2] = seconds;
    }
    struct buffer out = {0};
    buffer_append_format(&out, "normal %lld %lld %lld slave %lld %lld %lld pubsub %lld %lld %lld",
                         limits[0][0], limits[0][1], limits[0][2], limits[1][0], limits[1][1],
                         limits[1][2], limits[2][0], limits[2][1], limits[2][2]);
    buffer_append_byte(&out, '\0');
    *text = out.data;
    return true;
}

static bool parse_scores(const struct bytes *words, int count, char **text, char *error)
{
    long long scores[3];
    if (count != 3)
        return config_value_refuse(error, "wrong number of arguments");
    for (int i = 0; i < 3; i++)
        if (!read_number(words[i], &scores[i]) || scores[i] < -2000 || scores[i] > 2000)
            return config_value_refuse(
                error, "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    struct buffer out = {0};
    buffer_append_format(&out, "%lld %lld %lld", scores[0], scores[1], scores[2]);
    buffer_append_byte(&out, '\0');
    *text = out.data;
    return true;
}

static bool parse_percentiles(const struct bytes *words, int count, char **text, char *error)
{
    struct buffer out = {0};
    if (is_empty_word(words, count))
        count = 0;
    for (int i = 0; i < count; i++) {
        double value;
        const char *problem = NULL;
        if (!number_parse_double(words[i], &value))
            problem = "Invalid latency-tracking-info-percentiles parameters";
        else if (value < 0 || value > 100)
            problem = "latency-tracking-info-percentiles parameters should sit between "
                      "[0.0,100.0]";
        if (problem) {
            buffer_clear(&out);
            return config_value_refuse(error, "%s", problem);
        }
        /* Six digits, with no zeros at the end: the precision that Redis shows. */
        value = round(value * 1e6) / 1e6;
        char digits[NUMBER_DOUBLE_SIZE];
        number_format_double(digits, value, NUMBER_DOUBLE_SHORTEST);
        buffer_append_format(&out, "%s%s", i ? " " : "", digits);
    }
    buffer_append_byte(&out, '\0');
    *text = out.data;
    return true;
}

static bool parse_file_name(const struct directive *directive, struct bytes word, char **text,
                            char *error)
{
    if (word.size && memchr(word.data, '/', word.size))
        return config_value_refuse(error, "%s can't be a path, just a %s", directive->name,
                                   strcmp(directive->name, "appenddirname") ? "filename"
                                                                            : "dirname");
    *text = bytes_to_string(word);
    return true;
}

/* A relative path starts where the server is, which is where it was sent last. */
static bool parse_directory(const struct config_value *old, struct bytes word, char **text,
                            char *error)
{
    struct buffer path_text = {0};
    if (old && old->text && word.size && word.data[0] != '/')
        buffer_append_format(&path_text, "%s/", old->text);
    buffer_append_bytes(&path_text, word);
    buffer_append_byte(&path_text, '\0');
    char *path = path_text.data;
    struct stat status;
    char *whole = realpath(path, NULL);
    int problem = whole ? 0 : errno;
    if (whole && stat(whole, &status) == 0 && !S_ISDIR(status.st_mode))
        problem = ENOTDIR;
    if (!problem)
        *text = bytes_to_string(bytes_of_string(whole));
    free(whole);
    memory_free(path);
    return !problem || config_value_refuse(error, "%s", strerror(problem));
}

static bool parse_host_name(struct bytes word, char **text, char *error)
{
    if (word.size > 255)
        return config_value_refuse(error, "Hostnames must be less than 256 characters");
    for (size_t i = 0; i < word.size; i++) {
        char c = word.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') && c != '-' && c != '.')
            return config_value_refuse(
                error, "Hostnames may only contain alphanumeric characters, hyphens or dots");
    }
    *text = bytes_to_string(word);
    return true;
}

/* Variables of a process title that are not empty in a server without a cluster. */
static bool is_shown_variable(struct bytes name)
{
    return bytes_equal_string(name, "listen-addr") || bytes_equal_string(name, "port") ||
           bytes_equal_string(name, "tls-port") || bytes_equal_string(name, "unixsocket") ||
           bytes_equal_string(name, "config-file");
}

/* A title must not be empty even when the program has no name; "{{" is a brace. */
static bool is_title(struct bytes word)
{
    bool shows_something = false;
    for (size_t i = 0; i < word.size; i++) {
        if (word.data[i] != '{') {
            shows_something |= word.data[i] != ' ';
            continue;
        }
        if (++i < word.size && word.data[i] == '{') {
            shows_something = true;
            continue;
        }
        const char *end = i < word.size ? memchr(word.data + i, '}', word.size - i) : NULL;
        if (!end)
            return false;
        struct bytes name = bytes_of(word.data + i, (size_t)(end - (word.data + i)));
        if (is_shown_variable(name))
            shows_something = true;
        else if (!bytes_equal_string(name, "title") && !bytes_equal_string(name, "server-mode"))
            return false;
        i += name.size;
    }
    return shows_something;
}

static bool parse_title(struct bytes word, char **text, char *error)
{
    if (!is_title(word))
        return config_value_refuse(error,
                                   "template format is invalid or contains unknown variables");
    *text = bytes_to_string(word);
    return true;
}

bool config_special_parse(const struct directive *directive, const struct config_value *old,
                          const struct bytes *words, int count, struct config_value *value,
                          char *error)
{
    switch (directive->type) {
    case DIRECTIVE_EVENTS:
        return parse_events(words[0], &value->integer, error);
    case DIRECTIVE_WORDS:
        return parse_words(words, count, &value->text, error);
    case DIRECTIVE_REPLICA_OF:
        return parse_replica_of(words, count, &value->text, error);
    case DIRECTIVE_SAVE:
        return parse_save(words, count, &value->text, error);
    case DIRECTIVE_BUFFER_LIMITS:
        return parse_buffer_limits(old, words, count, &value->text, error);
    case DIRECTIVE_SCORES:
        return parse_scores(words, count, &value->text, error);
    case DIRECTIVE_PERCENTILES:
        return parse_percentiles(words, count, &value->text, error);
    case DIRECTIVE_FILENAME:
        return parse_file_name(directive, words[0], &value->text, error);
    case DIRECTIVE_DIRECTORY:
        return parse_directory(old, words[0], &value->text, error);
    case DIRECTIVE_TITLE:
        return parse_title(words[0], &value->text, error);
    case DIRECTIVE_HOSTNAME:
        return parse_host_name(words[0], &value->text, error);
    default:
        return config_value_refuse(error, "unknown type of directive");
    }
}
