/* SPDX-License-Identifier: MIT */
/* The numbers of the RDB format that reader, writer and codecs share. */
#ifndef UNDERSTUDY_DUMP_RDB_FORMAT_H
#define UNDERSTUDY_DUMP_RDB_FORMAT_H

/* The byte that a value begins with. */
enum rdb_type {
    RDB_TYPE_STRING = 0,
    RDB_TYPE_LIST = 1,
    RDB_TYPE_SET = 2,
    RDB_TYPE_ZSET = 3, /* scores as text */
    RDB_TYPE_HASH = 4,
    RDB_TYPE_ZSET_2 = 5, /* scores as doubles */
    RDB_TYPE_HASH_ZIPMAP = 9,
    RDB_TYPE_LIST_ZIPLIST = 10,
    RDB_TYPE_SET_INTSET = 11,
    RDB_TYPE_ZSET_ZIPLIST = 12,
    RDB_TYPE_HASH_ZIPLIST = 13,
    RDB_TYPE_LIST_QUICKLIST = 14, /* nodes are ziplists */
    RDB_TYPE_STREAM_LISTPACKS = 15,
    RDB_TYPE_HASH_LISTPACK = 16,      /* since RDB 10 */
    RDB_TYPE_ZSET_LISTPACK = 17,      /* since RDB 10 */
    RDB_TYPE_LIST_QUICKLIST_2 = 18,   /* since RDB 10: nodes are listpacks or plain */
    RDB_TYPE_STREAM_LISTPACKS_2 = 19, /* since RDB 10 */
    RDB_TYPE_SET_LISTPACK = 20,       /* since RDB 11 */
    RDB_TYPE_STREAM_LISTPACKS_3 = 21, /* since RDB 11 */
    RDB_TYPE_HASH_METADATA = 24,      /* since RDB 12: fields with deadlines */
    RDB_TYPE_HASH_LISTPACK_EX = 25,   /* since RDB 12: the same, packed */
};

/* Values of modules: their bytes mean something to the module alone. */
enum rdb_module_type { RDB_TYPE_MODULE_EARLY = 6, RDB_TYPE_MODULE = 7 };

/* The byte that stands where a type could be, and says that something else comes. */
enum rdb_opcode {
    RDB_OPCODE_SLOT = 244,           /* since RDB 12: how much there is in a cluster's slot */
    RDB_OPCODE_FUNCTION = 245,       /* since RDB 10: the code of a library of functions */
    RDB_OPCODE_FUNCTION_EARLY = 246, /* the same as release candidates of 7.0 had it */
    RDB_OPCODE_MODULE = 247,         /* what a module keeps beside keys */
    RDB_OPCODE_IDLE = 248,           /* the next key's idle time, in seconds */
    RDB_OPCODE_FREQUENCY = 249,      /* the next key's counter of uses */
    RDB_OPCODE_FIELD = 250,          /* a fact about the writer: name and text */
    RDB_OPCODE_SIZES = 251,          /* keys, and keys with deadlines, of the database */
    RDB_OPCODE_DEADLINE_MS = 252,    /* the next key's */
    RDB_OPCODE_DEADLINE_SECONDS = 253,
    RDB_OPCODE_DATABASE = 254, /* the keys that follow are of this one */
    RDB_OPCODE_END = 255,      /* since RDB 5 a CRC-64 follows, or zeros */
};

/* The two high bits of the first byte of a length. */
enum rdb_length_form {
    RDB_LENGTH_6 = 0,       /* the low six bits are the length */
    RDB_LENGTH_14 = 1,      /* six bits and a byte, big endian */
    RDB_LENGTH_WIDE = 2,    /* RDB_LENGTH_32 or RDB_LENGTH_64, big endian */
    RDB_LENGTH_ENCODED = 3, /* the low six bits are an enum rdb_string_encoding */
};

#define RDB_LENGTH_32 0x80
#define RDB_LENGTH_64 0x81

enum rdb_string_encoding {
    RDB_ENCODING_INT8 = 0,
    RDB_ENCODING_INT16 = 1,
    RDB_ENCODING_INT32 = 2,
    RDB_ENCODING_LZF = 3,
};

#endif
