# SPDX-License-Identifier: MIT
"""Command lines as redis-cli reads them: blanks between words, "double quotes with \\n \\x41", 'single'."""

ESCAPES = {"n": 10, "r": 13, "t": 9, "b": 8, "a": 7}
NAMES = {10: "\\n", 13: "\\r", 9: "\\t", 8: "\\b", 7: "\\a", 34: '\\"', 92: "\\\\"}
PLAIN = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.:,;/=@{}*?[]()<>|&^%$!~"
)


class UnbalancedQuotes(ValueError):
    """A quote was opened and not closed, or something stands right after a closing one."""


def unquote_double(text, start):
    """The bytes of the double-quoted string that opens at text[start], and the index after it."""
    out = bytearray()
    at = start + 1
    while at < len(text):
        char = text[at]
        if char == '"':
            return bytes(out), at + 1
        if char == "\\" and at + 1 < len(text):
            code = text[at + 1]
            digits = text[at + 2 : at + 4]
            if code == "x" and len(digits) == 2 and all(d in "0123456789abcdefABCDEF" for d in digits):
                out.append(int(digits, 16))
                at += 4
                continue
            out.append(ESCAPES.get(code, ord(code)))
            at += 2
            continue
        out.append(ord(char))
        at += 1
    raise UnbalancedQuotes(text)


def unquote_single(text, start):
    """The same for a single-quoted string, where \\' alone is an escape."""
    out = bytearray()
    at = start + 1
    while at < len(text):
        if text.startswith("\\'", at):
            out.append(39)
            at += 2
        elif text[at] == "'":
            return bytes(out), at + 1
        else:
            out.append(ord(text[at]))
            at += 1
    raise UnbalancedQuotes(text)


def split_line(line):
    """The words of a line as bytes. The line is text in which a character is a byte (latin-1)."""
    words = []
    at = 0
    while True:
        while at < len(line) and line[at].isspace():
            at += 1
        if at >= len(line):
            return words
        word = bytearray()
        while at < len(line) and not line[at].isspace():
            if line[at] in "\"'":
                part, at = (unquote_double if line[at] == '"' else unquote_single)(line, at)
                word += part
                if at < len(line) and not line[at].isspace():
                    raise UnbalancedQuotes(line)
                break
            word.append(ord(line[at]))
            at += 1
        words.append(bytes(word))


def quote(value):
    """Bytes in double quotes, with escapes for what is not printable ASCII."""
    return '"' + "".join(
        NAMES.get(b) or (chr(b) if 32 <= b < 127 else "\\x%02x" % b) for b in value
    ) + '"'


def quote_word(value):
    """As `quote`, but bare where that reads back as the same word."""
    if value and all(b in PLAIN for b in value):
        return value.decode("ascii")
    return quote(value)


def join_words(words):
    """A line that split_line reads back as `words`."""
    return " ".join(quote_word(word) for word in words)
