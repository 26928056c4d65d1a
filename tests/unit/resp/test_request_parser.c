/* SPDX-License-Identifier: MIT */
/*
 * Each input is parsed whole, byte by byte and with an address that changes at every byte; it ends
 * at a page that may not be touched.
 */
#include "resp/request_parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"

#define PLACE_PAGES 32

/* Memory whose end is the end of what may be read. */
struct place {
    char *map; /* owned */
    size_t size;
};

static struct place place_new(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = page * PLACE_PAGES;
    struct place place = {.size = size};
    place.map = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(place.map != MAP_FAILED);
    CHECK(mprotect(place.map + size, page, PROT_NONE) == 0);
    return place;
}

static void place_free(struct place *place)
{
    munmap(place->map, place->size + (size_t)sysconf(_SC_PAGESIZE));
}

/* A copy of the first bytes of `text` that ends where the memory does. */
static struct bytes place_put(const struct place *place, struct bytes text)
{
    CHECK(text.size <= place->size);
    char *start = place->map + place->size - text.size;
    if (text.size)
        memcpy(start, text.data, text.size);
    return bytes_of(start, text.size);
}

static const struct request_limits usual = {
    .bulk_size = 1000,
    .inline_size = 65536,
    .is_authenticated = true,
};

static const struct request_limits unauthenticated = {
    .bulk_size = 1 << 20,
    .inline_size = 65536,
    .is_authenticated = false,
};

/* "arg|arg|" for a complete request, "?" for a partial one, "!error" for an invalid one. */
static void append_outcome(struct buffer *out, enum request_status status,
                           const struct request *request)
{
    if (status == REQUEST_PARTIAL) {
        buffer_append_byte(out, '?');
    } else if (status == REQUEST_INVALID) {
        buffer_append_byte(out, '!');
        buffer_append_string(out, request->error);
    } else {
        for (int i = 0; i < request->argc; i++) {
            buffer_append_bytes(out, request->argv[i]);
            buffer_append_byte(out, '|');
        }
        buffer_append_byte(out, ';');
    }
}

/* All requests of `text`, the bytes becoming available `step` at a time. */
static void parse_all(struct buffer *out, struct bytes text, size_t step,
                      const struct request_limits *limits)
{
    struct place places[2] = {place_new(), place_new()};
    struct request request = {0};
    size_t begin = 0;
    size_t end = step < text.size ? step : text.size;
    int turn = 0;
    for (;;) {
        struct bytes input =
            place_put(&places[turn++ % 2], bytes_of(text.data + begin, end - begin));
        enum request_status status = request_parse(input, limits, &request);
        if (status == REQUEST_COMPLETE) {
            append_outcome(out, status, &request);
            assert_in_range(request.consumed, 1, input.size);
            begin += request.consumed;
        } else if (status == REQUEST_INVALID) {
            append_outcome(out, status, &request);
            break;
        } else {
            assert_true(request.needed > input.size);
            if (end == text.size) {
                append_outcome(out, status, &request);
                break;
            }
            end = end + step < text.size ? end + step : text.size;
        }
    }
    request_clear(&request);
    place_free(&places[0]);
    place_free(&places[1]);
}

static void assert_parses(struct bytes text, const char *expected,
                          const struct request_limits *limits)
{
    static const size_t steps[] = {SIZE_MAX / 2, 1, 3};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        /* A long text a byte at a time tells nothing new. */
        if (text.size > 60000 && steps[i] < 100)
            continue;
        struct buffer out = {0};
        parse_all(&out, text, steps[i], limits);
        buffer_append_byte(&out, '\0');
        assert_string_equal(out.data, expected);
        buffer_clear(&out);
    }
}

#define PARSES(text, expected) assert_parses(BYTES_LITERAL(text), expected, &usual)

static void arrays_of_bulks_become_arguments(void **state)
{
    (void)state;
    PARSES("*1\r\n$4\r\nPING\r\n", "PING|;?");
    PARSES("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n", "SET|k||;?");
    PARSES("*2\r\n$4\r\nECHO\r\n$12\r\nabcdefghijkl\r\n", "ECHO|abcdefghijkl|;?");
    PARSES("*1\r\n$4\r\na\r\nb\r\n", "a\r\nb|;?");
}

static void pipelines_are_taken_apart(void **state)
{
    (void)state;
    PARSES("*1\r\n$1\r\na\r\n*2\r\n$1\r\nb\r\n$2\r\ncc\r\nd e\r\n*0\r\n*1\r\n$1\r\nf\r\n",
           "a|;b|cc|;d|e|;;f|;?");
}

static void counts_of_zero_and_less_are_empty_requests(void **state)
{
    (void)state;
    PARSES("*0\r\n", ";?");
    PARSES("*-1\r\n", ";?");
    PARSES("*-9223372036854775808\r\nPING\r\n", ";PING|;?");
}

static void whatever_follows_a_bulk_is_skipped(void **state)
{
    (void)state;
    PARSES("*1\r\n$4\r\nPINGxx", "PING|;?");
    PARSES("*1\rX$4\rXPINGxx", "PING|;?");
}

static void incomplete_requests_are_partial(void **state)
{
    (void)state;
    PARSES("", "?");
    PARSES("*", "?");
    PARSES("*1", "?");
    PARSES("*1\r", "?");
    PARSES("*1\r\n", "?");
    PARSES("*1\r\nx", "?");
    PARSES("*1\r\n$4", "?");
    PARSES("*1\r\n$4\r", "?");
    PARSES("*1\r\n$4\r\n", "?");
    PARSES("*1\r\n$4\r\nPING\r", "?");
    PARSES("*2147483647\r\n$1\r\na\r\n", "?");
    PARSES("PING", "?");
    PARSES("PING\r", "?");
}

static void bad_counts_are_refused(void **state)
{
    (void)state;
    static const char expected[] = "!Protocol error: invalid multibulk length";
    PARSES("*\r\n", expected);
    PARSES("*a\r\n", expected);
    PARSES("*01\r\n", expected);
    PARSES("*+1\r\n", expected);
    PARSES("* 1\r\n", expected);
    PARSES("*1 \r\n", expected);
    PARSES("*-\r\n", expected);
    PARSES("*2147483648\r\n", expected);
    PARSES("*99999999999999999999\r\n", expected);
}

static void bad_bulk_lengths_are_refused(void **state)
{
    (void)state;
    static const char expected[] = "!Protocol error: invalid bulk length";
    PARSES("*1\r\n$\r\n", expected);
    PARSES("*1\r\n$x\r\n", expected);
    PARSES("*1\r\n$-1\r\n", expected);
    PARSES("*1\r\n$04\r\n", expected);
    PARSES("*1\r\n$1001\r\n", expected);
    PARSES("*1\r\n$99999999999999999999\r\n", expected);
    PARSES("*1\r\n$1000\r\n", "?");
}

static void a_bulk_must_start_with_a_dollar(void **state)
{
    (void)state;
    PARSES("*1\r\n:4\r\n", "!Protocol error: expected '$', got ':'");
    PARSES("*1\r\nPING\r\n", "!Protocol error: expected '$', got 'P'");
    PARSES("*1\r\n\xff\r\n", "!Protocol error: expected '$', got '\xff'");
    PARSES("*1\r\n\r\n", "!Protocol error: expected '$', got ' '");
    PARSES("*1\r\n\n\r\n", "!Protocol error: expected '$', got ' '");
    PARSES("*2\r\n$1\r\na\r\n+b\r\n", "!Protocol error: expected '$', got '+'");
}

static void nul_hides_the_end_of_a_line(void **state)
{
    (void)state;
    PARSES("*1\0\r\n", "?");
    PARSES("*1\r\n$4\0\r\nPING\r\n", "?");
    PARSES("*1\r\n\0004\r\nPING\r\n", "?");
    PARSES("PING\0\r\n", "?");
}

static void inline_requests_are_split_at_blanks(void **state)
{
    (void)state;
    PARSES("PING\r\n", "PING|;?");
    PARSES("PING\n", "PING|;?");
    PARSES("  SET\t k   v  \r\n", "SET|k|v|;?");
    PARSES("\r\n\nPING\r\n", ";;PING|;?");
    PARSES("ECHO a\rb\n", "ECHO|a|b|;?");
    PARSES("ECHO \va\vb\n", "ECHO|a\vb|;?");
    PARSES("$4\r\nPING\r\n", "$4|;PING|;?");
}

static void inline_requests_may_be_quoted(void **state)
{
    (void)state;
    PARSES("ECHO \"a b\"\n", "ECHO|a b|;?");
    PARSES("ECHO \"\\x41\\n\\t\\r\\a\\b\\q\\\\\\\"\"\n", "ECHO|A\n\t\r\a\bq\\\"|;?");
    PARSES("ECHO \"\\x4\" \"\\xzz\"\n", "ECHO|x4|xzz|;?");
    PARSES("ECHO 'a\\'b\\n' ''\n", "ECHO|a'b\\n||;?");
    PARSES("ECHO \"\" \"'\" '\"'\n", "ECHO||'|\"|;?");
    PARSES("ECHO foo\"bar\" b'a z'\n", "ECHO|foobar|ba z|;?");
    PARSES("\"ECHO\" \"x\"\v\n", "ECHO|x|;?");
}

static void unbalanced_quotes_are_refused(void **state)
{
    (void)state;
    static const char expected[] = "!Protocol error: unbalanced quotes in request";
    PARSES("ECHO \"a\n", expected);
    PARSES("ECHO 'a\n", expected);
    PARSES("ECHO \"a\"b\n", expected);
    PARSES("ECHO 'a'b\n", expected);
    PARSES("ECHO \"a\\\"\n", expected);
    PARSES("ECHO \"a\"\"b\"\n", expected);
}

static void clients_without_a_password_send_little(void **state)
{
    (void)state;
    assert_parses(BYTES_LITERAL("*11\r\n"), "!Protocol error: unauthenticated multibulk length",
                  &unauthenticated);
    assert_parses(BYTES_LITERAL("*10\r\n$16385\r\n"),
                  "!Protocol error: unauthenticated bulk length", &unauthenticated);
    assert_parses(BYTES_LITERAL("*10\r\n$16384\r\n"), "?", &unauthenticated);
}

/* `head` and then `count` times 'x'. */
static void assert_long_line(const char *head, size_t count, const char *expected)
{
    struct buffer text = {0};
    buffer_append_string(&text, head);
    memset(buffer_reserve(&text, count), '1', count);
    text.size += count;
    assert_parses(buffer_bytes(&text), expected, &usual);
    buffer_clear(&text);
}

static void endless_lines_are_refused(void **state)
{
    (void)state;
    assert_long_line("*", 65535, "?");
    assert_long_line("*", 65536, "!Protocol error: too big mbulk count string");
    assert_long_line("*1\r\n$", 65535, "?");
    assert_long_line("*1\r\n$", 65536, "!Protocol error: too big bulk count string");
    assert_long_line("*1\r\n", 65537, "!Protocol error: too big bulk count string");
    assert_long_line("", 65536, "?");
    assert_long_line("", 65537, "!Protocol error: too big inline request");
}

static void many_arguments_survive_a_moving_input(void **state)
{
    (void)state;
    struct buffer text = {0};
    struct buffer expected = {0};
    buffer_append_string(&text, "*2000\r\n");
    for (int i = 0; i < 2000; i++) {
        buffer_append_format(&text, "$4\r\n%04d\r\n", i);
        buffer_append_format(&expected, "%04d|", i);
    }
    buffer_append(&expected, ";?", 3);
    assert_parses(buffer_bytes(&text), expected.data, &usual);
    buffer_clear(&text);
    buffer_clear(&expected);
}

static void needed_tells_where_a_bulk_ends(void **state)
{
    (void)state;
    struct request request = {0};
    struct bytes text = BYTES_LITERAL("*2\r\n$3\r\nSET\r\n$900\r\nab");
    assert_int_equal(request_parse(text, &usual, &request), REQUEST_PARTIAL);
    assert_int_equal(request.needed, text.size - 2 + 902);
    request_clear(&request);
}

static void a_request_can_be_used_again(void **state)
{
    (void)state;
    struct request request = {0};
    struct bytes large = BYTES_LITERAL("*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
    struct bytes bad = BYTES_LITERAL("*3\r\n$1\r\na\r\n$x\r\n");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(request_parse(large, &usual, &request), REQUEST_COMPLETE);
        assert_int_equal(request.argc, 3);
        assert_ptr_equal(request.argv[0].data, large.data + 8);
        assert_int_equal(request_parse(bytes_of(bad.data, 13), &usual, &request), REQUEST_PARTIAL);
        assert_int_equal(request_parse(bad, &usual, &request), REQUEST_INVALID);
    }
    request_clear(&request);
    assert_null(request.argv);
}

static void lines_are_split_like_inline_requests(void **state)
{
    (void)state;
    struct request request = {0};
    assert_true(request_split_line(BYTES_LITERAL("save 3600 \"1\""), &request));
    assert_int_equal(request.argc, 3);
    assert_true(bytes_equal_string(request.argv[1], "3600"));
    assert_true(bytes_equal_string(request.argv[2], "1"));
    assert_true(request_split_line(BYTES_LITERAL("save \"\""), &request));
    assert_int_equal(request.argc, 2);
    assert_int_equal(request.argv[1].size, 0);
    assert_true(request_split_line((struct bytes){0}, &request));
    assert_int_equal(request.argc, 0);
    assert_true(request_split_line(BYTES_LITERAL("a\0b"), &request));
    assert_int_equal(request.argc, 1);
    assert_int_equal(request.argv[0].size, 1);
    assert_false(request_split_line(BYTES_LITERAL("a 'b"), &request));
    request_clear(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_of_bulks_become_arguments),
        cmocka_unit_test(pipelines_are_taken_apart),
        cmocka_unit_test(counts_of_zero_and_less_are_empty_requests),
        cmocka_unit_test(whatever_follows_a_bulk_is_skipped),
        cmocka_unit_test(incomplete_requests_are_partial),
        cmocka_unit_test(bad_counts_are_refused),
        cmocka_unit_test(bad_bulk_lengths_are_refused),
        cmocka_unit_test(a_bulk_must_start_with_a_dollar),
        cmocka_unit_test(nul_hides_the_end_of_a_line),
        cmocka_unit_test(inline_requests_are_split_at_blanks),
        cmocka_unit_test(inline_requests_may_be_quoted),
        cmocka_unit_test(unbalanced_quotes_are_refused),
        cmocka_unit_test(clients_without_a_password_send_little),
        cmocka_unit_test(endless_lines_are_refused),
        cmocka_unit_test(many_arguments_survive_a_moving_input),
        cmocka_unit_test(needed_tells_where_a_bulk_ends),
        cmocka_unit_test(a_request_can_be_used_again),
        cmocka_unit_test(lines_are_split_like_inline_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
