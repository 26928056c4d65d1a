# SPDX-License-Identifier: MIT
"""Rules for replies that two correct servers may give differently.

A rule is a function of (args, the oracle's reply, the other's reply, the pair of servers) that is
true where both are as good. Rules are asked only when the bytes differ.
"""

import re

TOLERANCE_MS = 5000
IDLE_TOLERANCE_S = 60  # on a machine that stands still for a while
# Absolute deadlines of the pools lie here and must be the same to the millisecond.
EXACT_FROM, EXACT_TO = 4102444800000, 4102446000000


def sort_key(reply):
    return repr(reply)


def same_unordered(ours, theirs):
    if ours.kind != theirs.kind or ours.kind not in ("array", "set", "map"):
        return False
    return sorted(ours.value, key=sort_key) == sorted(theirs.value, key=sort_key)


def pairs_of(reply):
    """A flat array as a tuple of pairs."""
    return list(zip(reply.value[::2], reply.value[1::2]))


def unordered(args, ours, theirs, pair):
    return same_unordered(ours, theirs)


def unordered_pairs(args, ours, theirs, pair):
    if ours.kind == theirs.kind == "array" and len(ours.value) == len(theirs.value):
        return sorted(pairs_of(ours), key=sort_key) == sorted(pairs_of(theirs), key=sort_key)
    return same_unordered(ours, theirs)


def same_size(args, ours, theirs, pair):
    """Random picks: as many, of the same kind."""
    if ours.kind != theirs.kind or ours.kind == "error":
        return False
    if ours.kind in ("array", "set", "map"):
        return len(ours.value) == len(theirs.value)
    return ours.kind == "bulk"


def scan(args, ours, theirs, pair):
    """A whole iteration in one reply is compared as a set; of a part only the form is."""
    if ours.kind != "array" or theirs.kind != "array" or len(theirs.value) != 2:
        return False
    (our_cursor, our_items), (cursor, items) = ours.value, theirs.value
    if cursor.kind != "bulk" or not cursor.value.isdigit() or items.kind != "array":
        return False
    start = args[1] if args[0].lower() == b"scan" else args[2]
    if start != b"0":
        return True
    with_pairs = args[0].lower() in (b"hscan", b"zscan")
    listed = [pairs_of(r) if with_pairs else list(r.value) for r in (our_items, items)]
    if our_cursor.value == b"0" and cursor.value == b"0":
        return sorted(listed[0], key=sort_key) == sorted(listed[1], key=sort_key)
    if cursor.value == b"0":
        return set(listed[0]) <= set(listed[1])
    return True


def near_deadline(ours, theirs):
    if EXACT_FROM <= ours <= EXACT_TO:
        return ours == theirs
    return ours > 0 and theirs > 0 and abs(ours - theirs) <= TOLERANCE_MS


def deadline_ms(args, ours, theirs, pair):
    return ours.kind == theirs.kind == "integer" and near_deadline(ours.value, theirs.value)


def deadline_s(args, ours, theirs, pair):
    if ours.kind != "integer" or theirs.kind != "integer":
        return False
    return near_deadline(ours.value * 1000, theirs.value * 1000)


def left_ms(args, ours, theirs, pair):
    return (
        ours.kind == theirs.kind == "integer"
        and min(ours.value, theirs.value) > 0
        and abs(ours.value - theirs.value) <= TOLERANCE_MS
    )


def left_s(args, ours, theirs, pair):
    return (
        ours.kind == theirs.kind == "integer"
        and min(ours.value, theirs.value) > 0
        and abs(ours.value - theirs.value) <= TOLERANCE_MS // 1000
    )


def object_reply(args, ours, theirs, pair):
    if len(args) > 1 and args[1].lower() == b"idletime":
        return ours.kind == theirs.kind == "integer" and abs(ours.value - theirs.value) <= IDLE_TOLERANCE_S
    if len(args) > 1 and args[1].lower() == b"refcount":
        # Redis counts the arguments of a queued SET that still hold the value.
        return ours.kind == theirs.kind == "integer" and ours.value <= theirs.value
    if len(args) > 1 and args[1].lower() == b"help":
        return is_text_list(theirs)
    return False


def relative_expire(args, ours, theirs, pair):
    """GT and LT compare with a deadline that was set some milliseconds ago, on each side its own."""
    words = [word.upper() for word in args[3:]]
    return (b"GT" in words or b"LT" in words) and integers(args, ours, theirs, pair)


def is_text_list(reply):
    return reply.kind == "array" and all(item.kind == "simple" for item in reply.value)


def dump(args, ours, theirs, pair):
    """Payloads may differ in bytes: each server must restore both to the same value."""
    if ours.kind != "bulk" or theirs.kind != "bulk":
        return False
    return pair.restores_same(ours.value, theirs.value)


def sort(args, ours, theirs, pair):
    """Members of a set come in the order of its table when they have equal weights, or none; and
    those that differ behind a NUL alone are equal to ALPHA."""
    words = [arg.lower() for arg in args]
    by = words.index(b"by") + 1 if b"by" in words[:-1] else 0
    if by and (b"alpha" in words or b"*" not in words[by]):
        return same_unordered(ours, theirs) or same_size(args, ours, theirs, pair)
    if b"alpha" in words and ours.kind == theirs.kind == "array":
        return [up_to_nul(reply) for reply in ours.value] == [up_to_nul(reply) for reply in theirs.value]
    return False


def up_to_nul(reply):
    return reply.value and reply.value.split(b"\x00")[0]


def time_of_day(args, ours, theirs, pair):
    if theirs.kind != "array" or len(theirs.value) != 2 or len(args) != 1:
        return False
    return all(item.kind == "bulk" and item.value.isdigit() for item in theirs.value)


def integers(args, ours, theirs, pair):
    return ours.kind == theirs.kind == "integer"


def near_tree(ours, theirs, is_time):
    """Trees that are the same but for integers that `is_time` (of their place) lets differ a little."""
    if ours == theirs:
        return True
    if ours.kind != theirs.kind or ours.kind not in ("array", "map") or len(ours.value) != len(theirs.value):
        return False
    name = None
    for index, (one, other) in enumerate(zip(ours.value, theirs.value)):
        if ours.kind == "map":
            (key, one), (other_key, other) = one, other
            if key != other_key:
                return False
            name = key.value
        elif index % 2 == 1:
            name = ours.value[index - 1].value
        near = one.kind == other.kind == "integer" and is_time(ours, index, name)
        if near and min(one.value, other.value) >= 0 and abs(one.value - other.value) <= TOLERANCE_MS:
            continue
        if not near_tree(one, other, is_time):
            return False
    return True


def is_stream_time(parent, index, name):
    """Of XINFO: seen-time, idle; of the rows of pending lists, behind the id and perhaps the consumer."""
    if name in (b"seen-time", b"idle"):
        return True
    return parent.kind == "array" and len(parent.value) in (3, 4) and index == len(parent.value) - 2


def xinfo(args, ours, theirs, pair):
    if len(args) == 2 and args[1].lower() == b"help":
        return is_text_list(theirs)
    return near_tree(ours, theirs, is_stream_time)


def xpending(args, ours, theirs, pair):
    return len(args) > 3 and near_tree(ours, theirs, is_stream_time)


def hello(args, ours, theirs, pair):
    """All but the connection's id."""
    def without_id(reply):
        pairs = reply.value if reply.kind == "map" else pairs_of(reply)
        return [(key, value) for key, value in pairs if key.value != b"id"]

    if ours.kind != theirs.kind or ours.kind not in ("map", "array"):
        return False
    return without_id(ours) == without_id(theirs)


def client(args, ours, theirs, pair):
    what = args[1].lower() if len(args) > 1 else b""
    if what == b"id":
        return integers(args, ours, theirs, pair)
    if what in (b"info", b"list"):
        return ours.kind == theirs.kind and field_names(ours) == field_names(theirs)
    return False


def field_names(reply):
    text = reply.value[4:] if reply.kind == "verbatim" else reply.value
    if not isinstance(text, bytes):
        return text
    return [word.split(b"=")[0] for word in text.splitlines()[0].split()] if text else []


def config(args, ours, theirs, pair):
    """In any order, without what each server has for itself."""
    def shared(reply):
        pairs = reply.value if reply.kind == "map" else pairs_of(reply)
        return sorted((key.value, value.value) for key, value in pairs if key.value.lower() not in (b"dir", b"unixsocket"))

    if len(args) > 1 and args[1].lower() == b"get" and ours.kind == theirs.kind:
        return ours.kind in ("array", "map") and shared(ours) == shared(theirs)
    return False


def function(args, ours, theirs, pair):
    """Libraries, their functions and flags come in any order."""
    if len(args) > 1 and args[1].lower() == b"list":
        return ordered_deeply(ours) == ordered_deeply(theirs)
    return False


def ordered_deeply(reply):
    """A tree to compare, in which the elements of all arrays and sets are sorted."""
    if reply.kind == "map":
        return (reply.kind, [(key, ordered_deeply(value)) for key, value in reply.value])
    if reply.kind not in ("array", "set"):
        return (reply.kind, reply.value)
    return (reply.kind, sorted(map(ordered_deeply, reply.value), key=repr))


def command(args, ours, theirs, pair):
    """COMMAND INFO: name, arity, flags, key positions; the rest is documentation. Lists of all
    commands are not compared: which ones there are shows in their use."""
    if len(args) <= 2:
        return ours.kind == theirs.kind and ours.kind != "error"
    if args[1].lower() != b"info" or ours.kind != "array" or theirs.kind != "array":
        return False
    if len(ours.value) != len(theirs.value):
        return False
    return all(map(same_row, ours.value, theirs.value))


def same_row(ours, theirs):
    if ours.kind != "array" or theirs.kind != "array" or len(theirs.value) < 6:
        return ours == theirs
    ours, theirs = ours.value, theirs.value
    return ours[:2] == theirs[:2] and same_unordered(ours[2], theirs[2]) and ours[3:6] == theirs[3:6]


def acl(args, ours, theirs, pair):
    """Single commands come in the order of a table in 7.0; clients and ages differ."""
    what = args[1].lower() if len(args) > 1 else b""
    if what == b"cat":
        # Commands that the program lacks have no category either.
        if len(args) == 2 or ours.kind != "array" or theirs.kind != "array":
            return False
        return {reply.value for reply in theirs.value} <= {reply.value for reply in ours.value}
    if what == b"genpass":
        return ours.kind == theirs.kind == "bulk" and len(ours.value) == len(theirs.value)
    if what == b"log":
        return without_client(ours) == without_client(theirs)
    if what in (b"list", b"getuser"):
        return words_of(ours) == words_of(theirs)
    return False


def without_client(reply):
    if reply.kind == "map":
        return [(key.value, value.value) for key, value in reply.value if key.value not in (b"client-info", b"age-seconds")]
    if reply.kind != "array":
        return reply.value
    if len(reply.value) == 14 and reply.value[0].kind == "bulk":
        return [(key.value, value.value) for key, value in pairs_of(reply) if key.value not in (b"client-info", b"age-seconds")]
    return [without_client(item) for item in reply.value]


def words_of(reply):
    """A tree of sorted words, without those about commands: 7.0 finds the categories that come nearest,
    which depends on commands that the program lacks. What a user may do is for DRYRUN to show."""
    if reply.kind == "map":
        return [(words_of(key), words_of(value)) for key, value in reply.value]
    if reply.kind in ("array", "set"):
        return [words_of(item) for item in reply.value]
    if not isinstance(reply.value, bytes):
        return reply.value
    words = reply.value.replace(b"(", b"( ").replace(b")", b" )").split()
    return sorted(word for word in words if word[:1] not in b"+-")


RULES = {
    "acl": acl,
    "smembers": unordered, "sinter": unordered, "sunion": unordered, "sdiff": unordered, "keys": unordered,
    "hkeys": unordered, "hvals": unordered, "hgetall": unordered_pairs,
    "spop": lambda a, o, t, p: unordered(a, o, t, p) or same_size(a, o, t, p),
    "srandmember": same_size, "hrandfield": same_size, "zrandmember": same_size, "randomkey": same_size,
    "scan": scan, "sscan": scan, "hscan": scan, "zscan": scan,
    "expire": relative_expire, "pexpire": relative_expire,
    "ttl": left_s, "pttl": left_ms, "expiretime": deadline_s, "pexpiretime": deadline_ms,
    "object": object_reply, "dump": dump, "sort": sort, "sort_ro": sort, "time": time_of_day,
    "xinfo": xinfo, "xgroup": lambda a, o, t, p: is_text_list(t), "xpending": xpending,
    "lastsave": integers, "hello": hello, "client": client, "config": config, "command": command, "function": function,
}  # fmt: skip


ADDRESS = re.compile(rb"(table|function|thread|userdata): 0x[0-9a-f]+")


def without_addresses(reply):
    """A tree in which what Lua prints of a table is the same wherever that lies in memory."""
    if isinstance(reply.value, bytes):
        return reply.kind, ADDRESS.sub(rb"\1", reply.value)
    if reply.kind == "map":
        return reply.kind, [(without_addresses(key), without_addresses(value)) for key, value in reply.value]
    if reply.kind in ("array", "set", "push"):
        return reply.kind, [without_addresses(item) for item in reply.value]
    return reply.kind, reply.value


def same(command_args, ours, theirs, pair):
    """Whether the replies to a command are as good as each other."""
    if ours == theirs or without_addresses(ours) == without_addresses(theirs):
        return True
    if ours.kind == "error" or not command_args:
        return False
    rule = RULES.get(command_args[0].lower().decode("latin-1"))
    return rule is not None and rule(command_args, ours, theirs, pair)


def same_exec(queued, ours, theirs, pair):
    """The replies of EXEC, each by the rule of its command."""
    if ours.kind != "array" or theirs.kind != "array" or len(ours.value) != len(theirs.value):
        return False
    if len(queued) != len(ours.value):
        return False
    return all(same(args, o, t, pair) for args, o, t in zip(queued, ours.value, theirs.value))

