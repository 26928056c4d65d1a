# SPDX-License-Identifier: MIT
"""Where generated arguments come from: few keys, so that types collide, and values at the edges."""

from .directives import CAREFUL, CONFIG_PATTERNS, DIRECTIVES, VALUES

INTEGERS = (
    b"0", b"1", b"2", b"3", b"5", b"-1", b"-2", b"10", b"100", b"9999", b"10000", b"2147483647",
    b"-2147483648", b"4294967296", b"9223372036854775807", b"-9223372036854775808",
)  # fmt: skip
NOT_INTEGERS = (
    b"", b"abc", b" 1", b"1 ", b"01", b"+1", b"-0", b"1.0", b"1e3", b"0x10", b"9223372036854775808",
    b"-9223372036854775809", b"18446744073709551615", b"--1", b"-", b"1\x00", b"1" * 40,
)  # fmt: skip
FLOATS = (
    b"0", b"1", b"-1", b"3.14", b"-2.5", b"0.1", b"0.2", b"1e5", b"5.0e3", b"1E-7", b"-0", b"-0.0", b"100",
    b"17179869184.5", b"1.7976931348623157e308", b"4.9e-324", b"123456789012345678", b"1e21", b"1e17",
    b"0.30000000000000004", b"3.0", b".5", b"5.", b"2.2250738585072014e-308", b"9007199254740993",
    b"1e-5", b"1e-4", b"12345.678901234567", b"1.0000000000000002",
)  # fmt: skip
INFINITIES = (b"inf", b"-inf", b"+inf", b"Infinity", b"-Infinity")
NOT_FLOATS = (b"nan", b"-nan", b"", b"abc", b" 1", b"1 ", b"1e400", b"1e", b"1,5", b"++1", b"1..5", b"0x1p3")
TEXTS = (
    b"", b"a", b"b", b"hello", b"Hello World", b"foobar", b"ohmytext", b"mynewtext", b"\x00\r\nbin\xff",
    b"\r\n", b"x" * 100, b"y" * 70, b"z" * 44, b"z" * 45, b"z" * 64, b"z" * 65, b"*3\r\n$3\r\n", b"\xc3\xa9",
    b"\"q\" 'q' \\", b"ab" * 200,
)  # fmt: skip
FIELDS = (
    b"f1", b"f2", b"f3", b"f4", b"f5", b"f6", b"f7", b"f8", b"f9", b"f10", b"", b"1", b"-7", b"12345678901",
    b"bin\x00\r\n", b"F1", b"l" * 64, b"l" * 65, b"\xff", b"007",
)  # fmt: skip
PATTERNS = (
    b"*", b"?", b"*1", b"s*", b"[a-s]*", b"[^s]*", b"h?", b"\\*", b"", b"**", b"*a*", b"[", b"[]", b"x\\",
    b"[z-a]*", b"f[0-9]", b"*[", b"s1", b"???", b"f*",
)  # fmt: skip
COUNTS = (b"0", b"1", b"2", b"3", b"5", b"10", b"100", b"-1", b"-3", b"1000000", b"9223372036854775807")
FAR = (b"4102444800000", b"4102444800001", b"4102445678901", b"4102444899999")
BAD_IDS = (
    b"", b"-", b"+", b"abc", b"1-", b"-1", b"1-1-1", b"+5-1", b"07-1", b" 3-1", b"3- 1", b"3--01", b"3--1", b"1-1\x00",
    b"1-a", b"1-**", b"18446744073709551616-1", b"9223372036854775808", b"1" * 128,
    b"1-18446744073709551616", b"*-1", b"-*", b"1.5",
    b"18446744073709551615-18446744073709551615",
)  # fmt: skip
LEX = (b"-", b"+", b"[a", b"(a", b"[b", b"(c", b"[", b"(", b"[zz", b"(f1", b"[f5", b"[\xff", b"a", b"", b"[-")
SCORE_EDGES = (b"(1", b"(0", b"(-1", b"-inf", b"+inf", b"(inf", b"(-inf", b"2", b"3", b"0", b"1", b"5", b"-5",
               b"1e3", b"(", b"((1", b"abc", b"nan", b"( 1", b"")  # fmt: skip
INDEXES = (
    b"0", b"1", b"2", b"3", b"7", b"-1", b"-2", b"-3", b"-7", b"100", b"-100", b"9223372036854775807",
    b"-9223372036854775808", b"4294967295",
)  # fmt: skip
BY_FAMILY = {
    "strings": (b"s1", b"s2", b"s3", b"s4"),
    "hashes": (b"h1", b"h2", b"h3"),
    "lists": (b"l1", b"l2", b"l3"),
    "sets": (b"t1", b"t2", b"t3", b"t4"),
    "sorted_sets": (b"z1", b"z2", b"z3", b"z4"),
    "bitmaps": (b"b1", b"b2", b"b3"),
    "hyperloglogs": (b"y1", b"y2", b"y3", b"y4"),
    "geo": (b"e1", b"e2", b"e3"),
    "streams": (b"x1", b"x1", b"x1", b"x1", b"x2", b"x3"),
    "memory": (b"m1", b"m2", b"m3", b"m4", b"m5"),
    "generic": (b"g1", b"g2", b"s1", b"h1", b"l1", b"t1", b"z1"),
}
BIT_NUMBERS = (
    b"0", b"1", b"-1", b"2", b"7", b"-8", b"100", b"127", b"128", b"-128", b"-129", b"255", b"256", b"65535",
    b"1000000", b"-2147483649", b"9223372036854775807", b"-9223372036854775808", b"-9223372036854775700",
)  # fmt: skip
POINTS = (
    (b"13.361389", b"38.115556"), (b"15.087269", b"37.502669"), (b"0", b"0"), (b"180", b"0"), (b"-180", b"0"),
    (b"180", b"85.05112878"), (b"-180", b"-85.05112878"), (b"179.999", b"-20"), (b"-179.999", b"-20"), (b"10", b"85"),
    (b"-100", b"84.9"), (b"30", b"-84.99"), (b"2.349014", b"48.864716"), (b"2.349014", b"48.864717"),
)  # fmt: skip
NO_POINTS = ((b"180.1", b"0"), (b"0", b"85.06"), (b"abc", b"0"), (b"0", b"nan"), (b"inf", b"0"), (b"", b""))
OTHER_KEYS = (b"none", b"", b"bin\x00\r\n\xff", b"a b")
EVERY_KEY = tuple(key for keys in BY_FAMILY.values() for key in keys) + OTHER_KEYS
OWN = 0.85


ACL_USERS = (b"alice", b"bob", b"alice", b"bob", b"carol")
ACL_KEYS = (b"a", b"b", b"ab", b"foo:1", b"foo:2", b"x_1")
ACL_COMMANDS = (
    b"get", b"set", b"del", b"mget", b"rename", b"copy", b"sort", b"SORT", b"eval", b"publish", b"multi", b"config", b"rpush",
    b"exec", b"select", b"auth", b"reset", b"debug",
)  # fmt: skip
ACL_CATEGORIES = (
    b"@all", b"@read", b"@write", b"@string", b"@list", b"@keyspace", b"@connection", b"@admin", b"@dangerous", b"@fast",
    b"@SLOW", b"@transaction", b"@scripting", b"@pubsub", b"@geo", b"@foo",
)  # fmt: skip
ACL_ODD_COMMANDS = (b"config|get", b"config|foo", b"config|get|x", b"select|1", b"get|a", b"get|", b"|", b"", b"nosuch", b"acl|whoami")
ACL_WORDS = (
    b"on", b"on", b"off", b"nopass", b"resetpass", b">pw", b">x", b"<pw", b"<nothing", b"#abc", b"!abc",
    b"#" + b"0123456789abcdef" * 4, b"!" + b"0123456789abcdef" * 4, b"allkeys", b"resetkeys", b"allchannels", b"resetchannels",
    b"allcommands", b"nocommands", b"reset", b"clearselectors", b"sanitize-payload", b"skip-sanitize-payload", b"foo", b"",
    b"ALLKEYS", b"(", b")", b"()", b"~a b", b"(+get", b"~a)", b"resetkeys", b"resetchannels",
)  # fmt: skip
ACL_SCRIPTS = (
    b"return redis.call('get', KEYS[1])",
    b"return redis.pcall('set', ARGV[1], 'v')",
    b"return redis.pcall('publish', ARGV[1], 'v')",
    b"return redis.acl_check_cmd('set', ARGV[1], 'v')",
)


def lacks_a_byte(text):
    """Whether a sparse HyperLogLog ends within a run, which Redis then reads and writes beyond the end."""
    at = 16
    while at < len(text) and text[:5] == b"HYLL\x01":
        at += 2 if text[at] & 0xC0 == 0x40 else 1
    return at > len(text) >= 16

MEMORY_SCRIPTS = (
    b"return redis.pcall('set', KEYS[1], 'text')",
    b"return redis.pcall('get', KEYS[1])",
    b"redis.call('del', KEYS[1]) return redis.pcall('set', KEYS[1], 'text')",
    b"#!lua\nreturn redis.pcall('get', KEYS[1])",
    b"#!lua flags=allow-oom\nreturn redis.pcall('set', KEYS[1], 'text')",
    b"#!lua flags=no-writes\nreturn redis.pcall('get', KEYS[1])",
)


class Pools:
    """pick(name) for a <name> in a template. `family` decides which keys are likely."""

    def __init__(self, random, payloads=()):
        self.random = random
        self.family = "strings"
        self.stream_ms = 1  # of the entry id picked last
        self.stream_ids = []  # those that were meant to be new
        self.payloads = payloads  # DUMP payloads of all types, from the oracle

    def pick(self, name):
        """One argument, or a tuple of several."""
        value = getattr(self, "pick_" + name)()
        if isinstance(value, tuple):
            return value
        return value if isinstance(value, bytes) else str(value).encode()

    def one(self, *pools):
        return self.random.choice(self.random.choice(pools))

    def mostly(self, likely, other, chance=0.88):
        return self.random.choice(likely if self.random.random() < chance else other)

    def pick_memoryscript(self):
        return self.one(MEMORY_SCRIPTS)

    def pick_memorykey(self):
        return self.one(BY_FAMILY["memory"])

    # Keys

    def pick_key(self):
        own = BY_FAMILY.get(self.family)
        if own is None or self.random.random() > OWN:
            return self.random.choice(EVERY_KEY)
        return self.random.choice(own)

    def pick_skey(self):
        return self.random.choice(BY_FAMILY["strings"])

    def pick_hkey(self):
        return self.random.choice(BY_FAMILY["hashes"])

    def pick_lkey(self):
        return self.random.choice(BY_FAMILY["lists"])

    def pick_tkey(self):
        return self.random.choice(BY_FAMILY["sets"])

    def pick_zkey(self):
        return self.random.choice(BY_FAMILY["sorted_sets"])

    def pick_lexkey(self):
        """Sorted sets with one score for all: ranges by name are defined for no others."""
        return self.random.choice((b"lex1", b"lex2"))

    # Values

    def pick_value(self):
        return self.one(TEXTS, TEXTS, INTEGERS, FLOATS, NOT_INTEGERS, INFINITIES)

    def pick_text(self):
        return self.random.choice(TEXTS)

    def pick_int(self):
        return self.mostly(INTEGERS, NOT_INTEGERS)

    def pick_float(self):
        if self.random.random() < 0.05:
            return self.random.choice(INFINITIES)
        return self.mostly(FLOATS, NOT_FLOATS)

    def pick_score(self):
        roll = self.random.random()
        if roll < 0.5:
            return self.random.randint(-5, 10)
        return self.random.choice(INFINITIES) if roll < 0.55 else self.mostly(FLOATS, NOT_FLOATS)

    def pick_number(self):
        """For SORT: none that a double cannot hold."""
        return self.mostly(
            (b"0", b"1", b"-1", b"3.14", b"2", b"1e5", b"-0", b".5", b"5.", b"inf", b"-Infinity", b"3", b"0x10", b"10"),
            (b"", b" 1", b"1 ", b"nan", b"9007199254740993", b"9223372036854775807", b"1\x00x", b"+7"),
        )

    def pick_weight(self):
        return self.mostly((b"1", b"2", b"0", b"-1", b"0.5", b"inf", b"1e3"), NOT_FLOATS)

    def pick_index(self):
        return self.mostly(INDEXES, NOT_INTEGERS, 0.95)

    def pick_offset(self):
        """For SETRANGE: never one that would make a huge string."""
        return self.mostly((b"0", b"1", b"5", b"10", b"100", b"1000"), (b"-1", b"536870912", b"abc", b"4294967296"))

    def pick_count(self):
        return self.mostly(COUNTS, NOT_INTEGERS)

    def pick_few(self):
        return self.random.choice((b"1", b"2", b"3", b"0", b"-1", b"abc"))

    def pick_field(self):
        return self.random.choice(FIELDS)

    def pick_member(self):
        return self.one(FIELDS, FIELDS, INTEGERS, TEXTS)

    def pick_int_member(self):
        return self.one(INTEGERS, (b"32767", b"32768", b"-32769", b"2147483648", b"65536"))

    def pick_element(self):
        return self.one(FIELDS, FIELDS, FIELDS, TEXTS, INTEGERS)

    def pick_fill(self):
        """Different every time: makes collections grow."""
        return b"n%d" % self.random.randrange(1000)

    def pick_bigfill(self):
        return (b"N%d-" % self.random.randrange(1000)) * self.random.choice((1, 20, 100, 500))

    def pick_pattern(self):
        return self.random.choice(PATTERNS)

    def pick_cursor(self):
        return self.mostly((b"0",), (b"1", b"17", b"abc", b"-1", b"18446744073709551615", b"18446744073709551616"))

    def pick_lex(self):
        return self.random.choice(LEX)

    def pick_edge(self):
        return self.random.choice(SCORE_EDGES)

    def pick_rank(self):
        return self.mostly((b"1", b"2", b"-1", b"-2", b"0", b"100"), (b"abc", b"-9223372036854775808"))

    def pick_numkeys(self):
        return self.mostly((b"1", b"2", b"3"), (b"0", b"-1", b"abc", b"100"))

    def pick_db(self):
        return self.mostly((b"0", b"1", b"2"), (b"15", b"16", b"-1", b"abc", b"4294967296"))

    # Bits

    def pick_bit(self):
        return self.mostly((b"0", b"1"), (b"2", b"-1", b"abc", b""), 0.94)

    def pick_bits(self):
        size = self.random.choice((1, 2, 7, 8, 9, 33, 64, 200))
        return self.random.choice((b"\x00", b"\xff")) * size + self.random.choice((b"", b"\x01", b"\x80", b"\xfe"))

    def pick_bit_offset(self):
        odd = (b"-1", b"abc", b"4294967296", b"9223372036854775807", b"", b"1.0", b"#1")
        return self.random.choice(odd) if self.random.random() < 0.06 else self.random.randrange(600)

    def pick_bit_index(self):
        return self.random.choice(INDEXES) if self.random.random() < 0.1 else self.random.randint(-40, 40)

    def pick_bit_type(self):
        odd = (b"u64", b"i65", b"u0", b"i", b"u", b"", b"U8", b"i08", b"8", b"i8\x00x", b"i-1", b"u9999999999")
        if self.random.random() < 0.04:
            return self.random.choice(odd)
        sign = self.random.choice(("u", "i"))
        return sign + str(self.random.choice((1, 2, 3, 5, 7, 8, 9, 16, 31, 32, 33, 62, 63, 64 if sign == "i" else 63)))

    def pick_field_offset(self):
        odd = (b"-1", b"#-1", b"#", b"abc", b"##1", b"4294967296", b"#1152921504606846976", b"#9223372036854775807")
        if self.random.random() < 0.04:
            return self.random.choice(odd)
        return ("#%d" if self.random.random() < 0.4 else "%d") % self.random.randrange(24)

    def pick_bit_number(self):
        return self.mostly(BIT_NUMBERS, NOT_INTEGERS, 0.97)

    # HyperLogLogs

    def pick_hyperloglog(self):
        """A value as SET may store it: good ones, and such that are corrupt."""
        roll = self.random.random()
        header = b"HYLL\x01" + self.random.choice((b"\0" * 11, b"\0" * 3 + b"\x05" + b"\0" * 7, b"\0" * 10 + b"\x80"))
        if roll < 0.2:
            registers = self.random.choice((b"\0" * 12288, self.random.randbytes(12288), b"\x41\x10\x04" * 4096))
            text = header[:4] + b"\0" + header[5:] + registers
        else:
            text = header + self.sparse_runs()
        if roll > 0.85:
            at = self.random.randrange(len(text))
            text = self.random.choice((text[:at], text[:at] + b"\xff" + text[at + 1 :], text + b"\x00", text[:-1]))
        return text + b"\x00" if lacks_a_byte(text) else text

    def sparse_runs(self):
        runs, left = b"", 16384
        while left and len(runs) < 200:
            roll = self.random.random()
            if roll < 0.5:
                length = min(left, self.random.randint(1, 4))
                runs += bytes([0x80 | self.random.choice((0, 1, 1, 2, 5, 31)) << 2 | length - 1])
            elif roll < 0.8:
                length = min(left, self.random.randint(1, 64))
                runs += bytes([length - 1])
            else:
                length = min(left, self.random.randint(1, 2000))
                runs += bytes([0x40 | (length - 1) >> 8, length - 1 & 255])
            left -= length
        return runs + (bytes([0x40 | (left - 1) >> 8, left - 1 & 255]) if left else b"")

    # Places: what yields a tuple stands for several arguments

    def pick_point(self):
        roll = self.random.random()
        if roll < 0.03:
            return self.random.choice(NO_POINTS)
        if roll < 0.35:
            return self.random.choice(POINTS)
        if roll < 0.7:  # a cluster, some of it in the same places
            return tuple(b"%.3f" % (middle + self.random.randrange(40) / 1000) for middle in (13.36, 38.1))
        return b"%.6f" % self.random.uniform(-180, 180), b"%.6f" % self.random.uniform(-85.05, 85.05)

    def pick_place(self):
        return b"p%d" % self.random.randrange(14) if self.random.random() < 0.93 else self.pick_member()

    def pick_unit(self):
        return self.mostly((b"m", b"km", b"ft", b"mi", b"KM"), (b"cm", b"", b"k"), 0.97)

    def pick_radius(self):
        if self.random.random() < 0.04:
            return self.random.choice((b"-1", b"abc", b"inf", b"nan", b"1e30", b""))
        return self.random.choice((b"0", b"1", b"100", b"500.5", b"1000", b"2000", b"5000", b"10000", b"100000", b"2e6"))

    def pick_near_radius(self):
        """Small enough for no place to be found twice, which would end the oracle when it stores them."""
        return self.random.choice((b"0", b"1", b"100", b"500.5", b"1000", b"1200", b"-1", b"abc"))

    def pick_center(self):
        if self.random.random() < 0.5:
            return (b"FROMMEMBER", self.pick_place())
        return (b"FROMLONLAT",) + self.pick_point()

    def pick_extent(self):
        if self.random.random() < 0.5:
            return b"BYRADIUS", self.pick_radius(), self.pick_unit()
        return b"BYBOX", self.pick_radius(), self.pick_radius(), self.pick_unit()

    def pick_near_extent(self):
        if self.random.random() < 0.5:
            return b"BYRADIUS", self.pick_near_radius(), self.pick_unit()
        return b"BYBOX", self.pick_near_radius(), self.pick_near_radius(), self.pick_unit()

    def pick_geo_count(self):
        return self.mostly((b"1", b"2", b"3", b"5", b"10", b"50"), (b"0", b"-1", b"abc"), 0.97)

    # Deadlines: past, or so far ahead that none falls due during a run

    def pick_seconds(self):
        return self.mostly((b"100", b"1000", b"86400", b"5000000"), NOT_INTEGERS + (b"0", b"-1", b"9223372036854775807"))

    def pick_ms(self):
        return self.mostly((b"100000", b"1000000", b"86400001"), NOT_INTEGERS + (b"0", b"-1", b"9223372036854775807"))

    def pick_at(self):
        return self.mostly((b"4102444800", b"4102445678"), (b"1", b"0", b"-1", b"abc", b"9223372036854775807"))

    def pick_at_ms(self):
        return self.mostly(FAR, (b"1", b"0", b"-1", b"abc", b"9223372036854775807"))

    def pick_lifetime(self):
        """For EXPIRE: negative and zero delete the key."""
        return self.mostly((b"100", b"1000", b"86400"), (b"0", b"-1", b"abc", b"9223372036854775807", b"1.5", b"-9223372036854775808"))

    def pick_lifetime_ms(self):
        return self.mostly((b"100000", b"1000000"), (b"0", b"-1", b"abc", b"9223372036854775807", b"-9223372036854775808"))

    # Streams

    def pick_xkey(self):
        return self.random.choice(BY_FAMILY["streams"])

    def pick_newid(self):
        """Above those that were picked before, but for a few."""
        roll = self.random.random()
        if roll > 0.97:
            return self.one((b"0-1", b"0-0", b"0-*", b"1-1", b"%d" % self.stream_ms), BAD_IDS[:-1])
        self.stream_ms += 1000 if roll > 0.95 else self.random.randint(1, 3)
        sequence = self.random.choice((b"*", b"*", b"0", b"1", b"7"))
        self.stream_ids.append(b"%d-%s" % (self.stream_ms, sequence.replace(b"*", b"0")))
        return b"%d-%s" % (self.stream_ms, sequence)

    def pick_id(self):
        roll = self.random.random()
        if roll < 0.85 and self.stream_ids:
            at = min(int(self.random.expovariate(0.08)), len(self.stream_ids) - 1)
            return self.stream_ids[-1 - at]
        if roll < 0.985:
            return b"%d-%d" % (self.random.randrange(self.stream_ms + 3), self.random.randrange(2))
        return self.one((b"0", b"0-1"), BAD_IDS)

    def pick_bigid(self):
        return self.random.choice(BAD_IDS)

    def pick_start(self):
        return self.mostly((b"-", self.pick_id(), b"(" + self.pick_id()), (b"+", b"(", b"(-", b"(+", b"(18446744073709551615-18446744073709551615"))

    def pick_end(self):
        return self.mostly((b"+", self.pick_id(), b"(" + self.pick_id()), (b"-", b"(", b"(0-0", b"(0", b"(+"))

    def pick_threshold(self):
        return self.one((b"0", b"1", b"2", b"5", b"10", b"-1", b"abc"), (self.pick_id(),))

    def pick_limit(self):
        return self.random.choice((b"0", b"1", b"3", b"5", b"10", b"100", b"-1", b"abc"))

    def pick_group(self):
        return self.mostly((b"g1", b"g1", b"g1", b"g2"), (b"g3", b"", b"g\x00\r\n", b"G1"), 0.96)

    def pick_consumer(self):
        return self.mostly((b"c1", b"c2", b"c3"), (b"", b"c\x00", b"c10", b"C"), 0.94)

    def pick_idle(self):
        """No delivery is so long ago that has not been told to be."""
        return self.mostly((b"0", b"0", b"1000000", b"5000000"), (b"-1", b"abc", b"9223372036854775807"))

    def pick_time(self):
        return self.mostly((b"0", b"1000", b"1700000000000"), (b"-1", b"abc", b"9223372036854775807"))

    # Serialized values

    def pick_payload(self):
        if not self.payloads:
            return b"payload"
        payload = self.random.choice(self.payloads)
        roll = self.random.random()
        if roll < 0.06:
            return payload[:-1] + bytes([payload[-1] ^ 1])
        if roll < 0.1:
            return payload[: self.random.randrange(len(payload))]
        return payload

    def pick_unknown(self):
        return self.random.choice((b"NOSUCH", b"GETT", b"foo bar", b"", b"\x00\r\n", b"x" * 200, b"get\r\n", b"SE"))

    # Access control

    def pick_user(self):
        return self.one(ACL_USERS)

    def pick_aclkey(self):
        return self.one(ACL_KEYS)

    def pick_aclcommand(self):
        return self.one(ACL_COMMANDS)

    def pick_aclkeyrule(self):
        prefix = self.random.choice((b"~", b"~", b"%R~", b"%W~", b"%RW~", b"%r~", b"%", b"&", b"&"))
        return prefix + self.one(ACL_KEYS, (b"*", b"a*", b"?", b"foo:*", b"[ab]"))

    def pick_aclcommandrule(self):
        sign = self.random.choice((b"+", b"+", b"-"))
        return sign + self.one(ACL_COMMANDS, ACL_CATEGORIES, ACL_ODD_COMMANDS)

    def pick_aclrule(self):
        chance = self.random.random()
        if chance < 0.3:
            return self.pick_aclkeyrule()
        if chance < 0.65:
            return self.pick_aclcommandrule()
        if chance < 0.75:
            inner = [self.random.choice((self.pick_aclkeyrule, self.pick_aclcommandrule))() for _ in range(3)]
            return b"(" + b" ".join(inner[: self.random.randrange(4)]) + self.random.choice((b")", b")", b")", b""))
        return self.one(ACL_WORDS)

    def pick_aclscript(self):
        return self.one(ACL_SCRIPTS)

    # Configuration

    def pick_directive(self):
        name = self.one(DIRECTIVES, DIRECTIVES, DIRECTIVES, DIRECTIVES, tuple(CAREFUL), (b"nosuch", b"", b"hz\x00"))
        return name.upper() if self.random.random() < 0.05 and name != b"dir" else name

    def pick_configpattern(self):
        return self.one(CONFIG_PATTERNS)

    def pick_setting(self):
        if self.random.random() < 0.2:
            name = self.random.choice(tuple(CAREFUL))
            return name, self.random.choice(CAREFUL[name])
        name = self.random.choice(DIRECTIVES)
        return (name.upper() if self.random.random() < 0.05 else name), self.random.choice(VALUES)
