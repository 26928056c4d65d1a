# SPDX-License-Identifier: MIT
"""Where generated arguments come from: few keys, so that types collide, and values at the edges."""

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
    "generic": (b"g1", b"g2", b"s1", b"h1", b"l1", b"t1", b"z1"),
}
OTHER_KEYS = (b"none", b"", b"bin\x00\r\n\xff", b"a b")
EVERY_KEY = tuple(key for keys in BY_FAMILY.values() for key in keys) + OTHER_KEYS
OWN = 0.85


class Pools:
    """pick(name) for a <name> in a template. `family` decides which keys are likely."""

    def __init__(self, random, payloads=()):
        self.random = random
        self.family = "strings"
        self.payloads = payloads  # DUMP payloads of all types, from the oracle

    def pick(self, name):
        value = getattr(self, "pick_" + name)()
        return value if isinstance(value, bytes) else str(value).encode()

    def one(self, *pools):
        return self.random.choice(self.random.choice(pools))

    def mostly(self, likely, other, chance=0.88):
        return self.random.choice(likely if self.random.random() < chance else other)

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
