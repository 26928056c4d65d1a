/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>

#include "script/lua_reply.h"

/* A state with `show`, which writes a value as Lua source with sorted keys. */
static const char show_source[] =
    "function show(v)"
    "  if type(v) == 'string' then return string.format('%q', v) end"
    "  if type(v) ~= 'table' then return tostring(v) end"
    "  local parts, keys = {}, {}"
    "  for i, e in ipairs(v) do parts[i] = show(e) end"
    "  for k in pairs(v) do"
    "    if type(k) ~= 'number' or k > #parts then keys[#keys + 1] = k end"
    "  end"
    "  table.sort(keys, function(a, b) return show(a) < show(b) end)"
    "  for _, k in ipairs(keys) do"
    "    parts[#parts + 1] = (type(k) == 'string' and k or '[' .. show(k) .. ']') .. '=' .. "
    "show(v[k])"
    "  end"
    "  return '{' .. table.concat(parts, ',') .. '}'"
    "end";

struct fixture {
    lua_State *L;
    struct lua_reply lua_reply;
    struct reply *reply;
};

static void open_fixture(struct fixture *fixture, int protocol)
{
    fixture->L = luaL_newstate();
    luaL_openlibs(fixture->L);
    assert_int_equal(luaL_dostring(fixture->L, show_source), 0);
    lua_reply_init(&fixture->lua_reply, NUMBER_DOUBLE_SHORTEST, NULL);
    fixture->reply = &fixture->lua_reply.reply;
    lua_reply_begin(&fixture->lua_reply, fixture->L, protocol);
}

/* Ends the reply, compares what it built, and closes. */
static void expect_built(struct fixture *fixture, const char *expected)
{
    lua_State *L = fixture->L;
    lua_reply_end(&fixture->lua_reply);
    assert_int_equal(lua_gettop(L), 1);
    lua_getglobal(L, "show");
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    assert_string_equal(lua_tostring(L, -1), expected);
    lua_close(L);
}

static void answer_scalars(struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, 9);
    reply_integer(reply, -7);
    reply_bulk(reply, BYTES_LITERAL("a\0b"));
    reply_bulk(reply, bytes_of(NULL, 0));
    reply_simple(reply, "FINE");
    reply_real(reply, 1.5);
    reply_boolean(reply, true);
    reply_boolean(reply, false);
    reply_big_number(reply, BYTES_LITERAL("123456789012345678901234567890"));
    reply_verbatim(reply, "txt", BYTES_LITERAL("hi"));
    reply_close(reply);
}

static void scalars_in_protocol_2(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 2);
    answer_scalars(fixture.reply);
    expect_built(&fixture, "{-7,\"a\\000b\",\"\",{ok=\"FINE\"},\"1.5\",1,0,"
                           "\"123456789012345678901234567890\",\"hi\"}");
}

static void scalars_in_protocol_3(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 3);
    answer_scalars(fixture.reply);
    expect_built(&fixture, "{-7,\"a\\000b\",\"\",{ok=\"FINE\"},{double=1.5},true,false,"
                           "{big_number=\"123456789012345678901234567890\"},"
                           "{verbatim_string={format=\"txt\",string=\"hi\"}}}");
}

static void a_decimal_is_its_text_or_a_double(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 2);
    reply_decimal(fixture.reply, BYTES_LITERAL("0.25000"));
    expect_built(&fixture, "\"0.25000\"");
    open_fixture(&fixture, 3);
    reply_decimal(fixture.reply, BYTES_LITERAL("0.25000"));
    expect_built(&fixture, "{double=0.25}");
}

static void nulls_are_false_or_nil(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 2);
    reply_null(fixture.reply);
    expect_built(&fixture, "false");
    open_fixture(&fixture, 2);
    reply_null_array(fixture.reply);
    expect_built(&fixture, "false");
    open_fixture(&fixture, 3);
    reply_null(fixture.reply);
    expect_built(&fixture, "nil");
}

static void answer_aggregates(struct reply *reply)
{
    reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
    reply_bulk(reply, BYTES_LITERAL("members"));
    reply_open(reply, REPLY_SET, 2);
    reply_bulk(reply, BYTES_LITERAL("x"));
    reply_integer(reply, 3);
    reply_close(reply);
    reply_bulk(reply, BYTES_LITERAL("pairs"));
    reply_open(reply, REPLY_MAP, 1);
    reply_integer(reply, 1);
    reply_empty(reply, REPLY_ARRAY);
    reply_close(reply);
    reply_close(reply);
}

static void aggregates_are_flat_in_protocol_2(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 2);
    answer_aggregates(fixture.reply);
    expect_built(&fixture, "{\"members\",{\"x\",3},\"pairs\",{1,{}}}");
}

static void aggregates_say_what_they_are_in_protocol_3(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 3);
    answer_aggregates(fixture.reply);
    expect_built(&fixture, "{map={members={set={x=true,[3]=true}},pairs={map={{}}}}}");
}

static void keys_that_a_table_refuses_are_left_out(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 3);
    reply_open(fixture.reply, REPLY_MAP, 2);
    reply_null(fixture.reply);
    reply_integer(fixture.reply, 1);
    reply_bulk(fixture.reply, BYTES_LITERAL("k"));
    reply_open(fixture.reply, REPLY_SET, 1);
    reply_null(fixture.reply);
    reply_close(fixture.reply);
    reply_close(fixture.reply);
    expect_built(&fixture, "{map={k={set={}}}}");
}

static void an_attribute_is_not_shown(void **state)
{
    for (int protocol = 2; protocol <= 3; protocol++) {
        struct fixture fixture;
        (void)state;
        open_fixture(&fixture, protocol);
        reply_open(fixture.reply, REPLY_ARRAY, 1);
        reply_open(fixture.reply, REPLY_ATTRIBUTE, 1);
        reply_bulk(fixture.reply, BYTES_LITERAL("popularity"));
        reply_real(fixture.reply, 0.5);
        reply_close(fixture.reply);
        reply_integer(fixture.reply, 1);
        reply_close(fixture.reply);
        expect_built(&fixture, "{1}");
    }
}

static void only_an_outermost_error_is_the_calls_error(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 2);
    reply_error(fixture.reply, "ERR no");
    assert_true(lua_reply_end(&fixture.lua_reply));
    expect_built(&fixture, "{err=\"ERR no\",ignore_error_stats_update=true}");
    open_fixture(&fixture, 2);
    reply_open(fixture.reply, REPLY_ARRAY, 1);
    reply_error(fixture.reply, "ERR no");
    reply_close(fixture.reply);
    assert_false(lua_reply_end(&fixture.lua_reply));
    assert_int_equal(fixture.reply->errors, 1);
    expect_built(&fixture, "{{err=\"ERR no\",ignore_error_stats_update=true}}");
}

static void deep_aggregates_fit(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, 3);
    for (int i = 0; i < 60; i++)
        reply_open(fixture.reply, REPLY_ARRAY, 1);
    reply_integer(fixture.reply, 1);
    for (int i = 0; i < 60; i++)
        reply_close(fixture.reply);
    lua_reply_end(&fixture.lua_reply);
    lua_close(fixture.L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_in_protocol_2),
        cmocka_unit_test(scalars_in_protocol_3),
        cmocka_unit_test(a_decimal_is_its_text_or_a_double),
        cmocka_unit_test(nulls_are_false_or_nil),
        cmocka_unit_test(aggregates_are_flat_in_protocol_2),
        cmocka_unit_test(aggregates_say_what_they_are_in_protocol_3),
        cmocka_unit_test(keys_that_a_table_refuses_are_left_out),
        cmocka_unit_test(an_attribute_is_not_shown),
        cmocka_unit_test(only_an_outermost_error_is_the_calls_error),
        cmocka_unit_test(deep_aggregates_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
