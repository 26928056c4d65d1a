/* SPDX-License-Identifier: MIT */
/* Stands apart from the rows, so that these stay short. Sorted by name, then by version. */
#include "commands/command_history.h"

#include <string.h>

#include "engine/command.h"

static const struct command_change changes[] = {
    {"acl|getuser", "6.2.0", "Tells the patterns of channels, too."},
    {"acl|getuser", "7.0.0",
     "Tells selectors; patterns of keys and channels come as rules, not as lists."},
    {"acl|log", "7.2.0", "Entries have an id and the times of their first and latest occurrence."},
    {"acl|setuser", "6.2.0", "Takes patterns of channels."},
    {"acl|setuser", "7.0.0", "Takes selectors, and rights by key for reading and writing."},
    {"auth", "6.0.0", "Takes a user's name before the password."},
    {"bgsave", "3.2.2", "Takes `SCHEDULE`."},
    {"bitcount", "7.0.0", "Takes a unit for the range: `BYTE` or `BIT`."},
    {"bitpos", "7.0.0", "Takes a unit for the range: `BYTE` or `BIT`."},
    {"blpop", "6.0.0", "Takes fractions of a second as `timeout`."},
    {"brpop", "6.0.0", "Takes fractions of a second as `timeout`."},
    {"brpoplpush", "6.0.0", "Takes fractions of a second as `timeout`."},
    {"bzpopmax", "6.0.0", "Takes fractions of a second as `timeout`."},
    {"bzpopmin", "6.0.0", "Takes fractions of a second as `timeout`."},
    {"client|kill", "2.8.12", "Takes filters, one behind the other."},
    {"client|kill", "2.8.12", "Filters by `ID`."},
    {"client|kill", "3.2.0", "Filters by `TYPE` master."},
    {"client|kill", "5.0.0",
     "Says `replica` for a `TYPE` that was `slave`; the old word is still taken."},
    {"client|kill", "6.2.0", "Filters by `LADDR`."},
    {"client|kill", "7.4.0", "Filters by `MAXAGE`."},
    {"client|list", "2.8.12", "Shows an `id` that no other client ever has."},
    {"client|list", "5.0.0", "Filters by `TYPE`."},
    {"client|list", "6.0.0", "Shows `user`."},
    {"client|list", "6.2.0",
     "Shows `argv-mem`, `tot-mem`, `laddr` and `redir`, and filters by `ID`."},
    {"client|list", "7.0.0", "Shows `resp`, `multi-mem`, `rbs` and `rbp`."},
    {"client|list", "7.0.3", "Shows `ssub`."},
    {"client|list", "7.2.0", "Shows `lib-name` and `lib-ver`."},
    {"client|list", "7.4.0", "Shows `watch`."},
    {"client|list", "8.0.0", "Shows `io-thread`."},
    {"client|pause", "6.2.0", "Takes a mode; `WRITE` lets reads go on."},
    {"cluster|meet", "4.0.0", "Takes the port of the cluster's bus."},
    {"cluster|slots", "4.0.0", "Tells the ids of nodes."},
    {"cluster|slots", "7.0.0", "Tells more of how a node is reached."},
    {"command|info", "7.0.0", "Describes every command when none is named."},
    {"config|get", "7.0.0", "Takes several patterns."},
    {"config|set", "7.0.0", "Takes several directives at a time."},
    {"exists", "3.0.3", "Takes several keys."},
    {"expire", "7.0.0", "Takes a condition: `NX`, `XX`, `GT` or `LT`."},
    {"expireat", "7.0.0", "Takes a condition: `NX`, `XX`, `GT` or `LT`."},
    {"flushall", "4.0.0", "Takes `ASYNC`."},
    {"flushall", "6.2.0", "Takes `SYNC`."},
    {"flushdb", "4.0.0", "Takes `ASYNC`."},
    {"flushdb", "6.2.0", "Takes `SYNC`."},
    {"geoadd", "6.2.0", "Takes `NX`, `XX` and `CH`."},
    {"georadius", "6.2.0", "Takes `ANY` behind `COUNT`."},
    {"georadius", "7.0.0", "Takes units in capitals."},
    {"georadius_ro", "6.2.0", "Takes `ANY` behind `COUNT`."},
    {"georadiusbymember", "7.0.0", "Takes units in capitals."},
    {"geosearch", "7.0.0", "Takes units in capitals."},
    {"geosearchstore", "7.0.0", "Takes units in capitals."},
    {"hdel", "2.4.0", "Takes several fields."},
    {"hello", "6.2.0", "Needs no version: without one it tells of the connection as it is."},
    {"hset", "4.0.0", "Takes several fields with their values."},
    {"info", "7.0.0", "Takes several sections."},
    {"lpop", "6.2.0", "Takes a number of elements."},
    {"lpush", "2.4.0", "Takes several elements."},
    {"lpushx", "4.0.0", "Takes several elements."},
    {"migrate", "3.0.0", "Takes `COPY` and `REPLACE`."},
    {"migrate", "3.0.6", "Takes several keys behind `KEYS`."},
    {"migrate", "4.0.7", "Takes a password behind `AUTH`."},
    {"migrate", "6.0.0", "Takes a user and a password behind `AUTH2`."},
    {"pexpire", "7.0.0", "Takes a condition: `NX`, `XX`, `GT` or `LT`."},
    {"pexpireat", "7.0.0", "Takes a condition: `NX`, `XX`, `GT` or `LT`."},
    {"pttl", "2.8.0", "Answers -2 for a key that is not there."},
    {"renamenx", "3.2.0", "Both names may be the same: that is no error any more."},
    {"restore", "3.0.0", "Takes `REPLACE`."},
    {"restore", "5.0.0", "Takes `ABSTTL`."},
    {"restore", "5.0.0", "Takes `IDLETIME` and `FREQ`."},
    {"restore-asking", "3.0.0", "Takes `REPLACE`."},
    {"restore-asking", "5.0.0", "Takes `ABSTTL`."},
    {"restore-asking", "5.0.0", "Takes `IDLETIME` and `FREQ`."},
    {"rpop", "6.2.0", "Takes a number of elements."},
    {"rpush", "2.4.0", "Takes several elements."},
    {"rpushx", "4.0.0", "Takes several elements."},
    {"sadd", "2.4.0", "Takes several members."},
    {"scan", "6.0.0", "Takes `TYPE`."},
    {"script|flush", "6.2.0", "Takes `ASYNC` and `SYNC`."},
    {"set", "2.6.12", "Takes `EX`, `PX`, `NX` and `XX`."},
    {"set", "6.0.0", "Takes `KEEPTTL`."},
    {"set", "6.2.0", "Takes `GET`, `EXAT` and `PXAT`."},
    {"set", "7.0.0", "Takes `GET` beside `NX`."},
    {"shutdown", "7.0.0", "Takes `NOW`, `FORCE` and `ABORT`."},
    {"slowlog|get", "4.0.0", "Entries tell the client's address and name."},
    {"spop", "3.2.0", "Takes a number of members."},
    {"srandmember", "2.6.0", "Takes a number of members."},
    {"srem", "2.4.0", "Takes several members."},
    {"ttl", "2.8.0", "Answers -2 for a key that is not there."},
    {"xadd", "6.2.0", "Takes `NOMKSTREAM`; trims by `MINID` and up to a `LIMIT`, too."},
    {"xadd", "7.0.0", "Takes an id whose second half is left open: `<ms>-*`."},
    {"xautoclaim", "7.0.0",
     "Answers a third element: ids of entries that are gone, now no longer pending."},
    {"xgroup|create", "7.0.0", "Takes `ENTRIESREAD`."},
    {"xgroup|setid", "7.0.0", "Takes `ENTRIESREAD`."},
    {"xinfo|consumers", "7.2.0", "Tells `inactive`."},
    {"xinfo|groups", "7.0.0", "Tells `entries-read` and `lag`."},
    {"xinfo|stream", "6.0.0", "Takes `FULL`."},
    {"xinfo|stream", "7.0.0",
     "Tells `max-deleted-entry-id`, `entries-added` and `recorded-first-entry-id`; of groups "
     "`entries-read` and `lag`."},
    {"xinfo|stream", "7.2.0", "Tells `active-time`; `seen-time` is when a consumer last tried."},
    {"xpending", "6.2.0", "Takes `IDLE`, and bounds that are left out themselves."},
    {"xrange", "6.2.0", "Takes bounds that are left out themselves."},
    {"xrevrange", "6.2.0", "Takes bounds that are left out themselves."},
    {"xsetid", "7.0.0", "Takes `ENTRIESADDED` and `MAXDELETEDID`."},
    {"xtrim", "6.2.0", "Trims by `MINID` and up to a `LIMIT`, too."},
    {"zadd", "2.4.0", "Takes several members with their scores."},
    {"zadd", "3.0.2", "Takes `NX`, `XX`, `CH` and `INCR`."},
    {"zadd", "6.2.0", "Takes `GT` and `LT`."},
    {"zrange", "6.2.0", "Takes `REV`, `BYSCORE`, `BYLEX` and `LIMIT`."},
    {"zrangebyscore", "2.0.0", "Takes `WITHSCORES`."},
    {"zrank", "7.2.0", "Takes `WITHSCORE`."},
    {"zrem", "2.4.0", "Takes several members."},
    {"zrevrangebyscore", "2.1.6", "Takes bounds that are left out themselves."},
    {"zrevrank", "7.2.0", "Takes `WITHSCORE`."},
};
#define CHANGE_COUNT (sizeof changes / sizeof *changes)

/* The first change that the name does not stand before. */
static size_t find_first(const char *name)
{
    size_t low = 0, high = CHANGE_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(changes[middle].command, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct command_change *command_history_of(const char *name, uint32_t version, size_t *count)
{
    size_t first = find_first(name);
    *count = 0;
    while (first + *count < CHANGE_COUNT && strcmp(changes[first + *count].command, name) == 0 &&
           command_version_number(changes[first + *count].since) <= version)
        ++*count;
    return &changes[first];
}
