# SPDX-License-Identifier: MIT
"""Differences from the oracle that are meant, each with its reason.

A predicate gets the command's arguments and both replies (support.resp.Reply) and is true for a
difference that it explains.
"""


def helps(args, ours, theirs):
    """HELP texts are each program's own words."""
    is_help = len(args) == 2 and args[1].lower() == b"help"
    return is_help and ours.kind == theirs.kind == "array"


def own_version(args, ours, theirs):
    """HELLO names the version emulated, of which the patch level may be another."""
    if args[0].lower() != b"hello" or ours.kind != theirs.kind:
        return False
    def flat(reply):
        pairs = reply.value if reply.kind == "map" else zip(reply.value[::2], reply.value[1::2])
        found = {key.value: value for key, value in pairs}
        found.pop(b"id", None)
        version = found.pop(b"version", None)
        return found, version and version.value.rsplit(b".", 1)[0]

    return ours.kind in ("map", "array") and flat(ours) == flat(theirs)


def leaked_errno(args, oracle, other):
    """7.0 does not clear errno before strtod: a number out of range of an earlier command counts."""
    is_sort = args[0].lower() in (b"sort", b"sort_ro")
    return is_sort and oracle.kind == "error" and b"converted into double" in oracle.value and other.kind != "error"


def other_clash(args, oracle, other):
    """Of several functions or libraries that are there already, Redis names the first in the order of a table."""
    starts, end = (b"ERR Function ", b"ERR Library "), b" already exists"
    return args[0].lower() == b"function" and all(
        reply.kind == "error" and reply.value.startswith(starts) and reply.value.endswith(end) for reply in (oracle, other)
    )


KNOWN = (
    (helps, "help texts are our own"),
    (own_version, "the patch level of the version may differ"),
    (other_clash, "which of several functions or libraries that clash is named is up to a table's order"),
    (leaked_errno, "SORT counts a range error of an earlier command"),
)


def explain(args, ours, theirs):
    """The reason of a known difference, or None."""
    for predicate, reason in KNOWN:
        if args and predicate(args, ours, theirs):
            return reason
    return None
