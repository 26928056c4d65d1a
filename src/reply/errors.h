/* SPDX-License-Identifier: MIT */
/*
 * Every error text that a client can get, once. A text is a whole error with its code; those with
 * conversions are formats for reply_error_format. The wording is Redis's, because clients and
 * scripts compare it.
 */
#ifndef UNDERSTUDY_REPLY_ERRORS_H
#define UNDERSTUDY_REPLY_ERRORS_H

/* --- dispatch --- */
#define ERROR_UNKNOWN_COMMAND                 "ERR unknown command '%.*s', with args beginning with: %s"
#define ERROR_UNKNOWN_SUBCOMMAND              "ERR unknown subcommand '%.*s'. Try %s HELP."
#define ERROR_ARITY                           "ERR wrong number of arguments for '%s' command"
#define ERROR_NOAUTH                          "NOAUTH Authentication required."
#define ERROR_SCRIPT_UNKNOWN_COMMAND          "ERR Unknown Redis command called from script"
#define ERROR_SCRIPT_ARITY                    "ERR Wrong number of args calling Redis command from script"
#define ERROR_SCRIPT_NOT_ALLOWED              "ERR This Redis command is not allowed from script"
#define ERROR_SCRIPT_READ_ONLY                "ERR Write commands are not allowed from read-only scripts."
#define ERROR_SCRIPT_UNKNOWN_COMMAND_BEFORE_7 "ERR Unknown Redis command called from Lua script"
#define ERROR_SCRIPT_ARITY_BEFORE_7           "ERR Wrong number of args calling Redis command From Lua script"
#define ERROR_SCRIPT_NOT_ALLOWED_BEFORE_7     "ERR This Redis command is not allowed from scripts"
#define ERROR_SCRIPT_RANDOM_WRITE                                                                  \
    "ERR Write commands not allowed after non deterministic commands. Call "                       \
    "redis.replicate_commands() at the start of your script in order to switch to single "         \
    "commands replication mode."
#define ERROR_OOM          "OOM command not allowed when used memory > 'maxmemory'."
#define ERROR_NOT_IN_MULTI "ERR Command not allowed inside a transaction"

/* --- arguments --- */
#define ERROR_SYNTAX       "ERR syntax error"
#define ERROR_WRONG_TYPE   "WRONGTYPE Operation against a key holding the wrong kind of value"
#define ERROR_NOT_INTEGER  "ERR value is not an integer or out of range"
#define ERROR_NOT_FLOAT    "ERR value is not a valid float"
#define ERROR_OUT_OF_RANGE "ERR value is out of range"
#define ERROR_NO_SUCH_KEY  "ERR no such key"
#define ERROR_DB_INDEX     "ERR DB index is out of range"
#define ERROR_SAME_OBJECT  "ERR source and destination objects are the same"

/* --- strings --- */
#define ERROR_EXPIRE_TIME              "ERR invalid expire time in '%s' command"
#define ERROR_EXPIRE_TIME_BEFORE_7     "ERR invalid expire time in %s"
#define ERROR_MSET_ARITY_BEFORE_7      "ERR wrong number of arguments for MSET"
#define ERROR_STRING_TOO_LONG          "ERR string exceeds maximum allowed size (proto-max-bulk-len)"
#define ERROR_STRING_TOO_LONG_BEFORE_7 "ERR string exceeds maximum allowed size (512MB)"
#define ERROR_OFFSET                   "ERR offset is out of range"
#define ERROR_INCREMENT_OVERFLOW       "ERR increment or decrement would overflow"
#define ERROR_DECREMENT_OVERFLOW       "ERR decrement would overflow"
#define ERROR_INCREMENT_NAN            "ERR increment would produce NaN or Infinity"
#define ERROR_LCS_NOT_STRINGS          "ERR The specified keys must contain string values"
#define ERROR_LCS_LEN_AND_IDX          "ERR If you want both the length and indexes, please just use IDX."
#define ERROR_LCS_TOO_LONG             "ERR String too long for LCS"
#define ERROR_LCS_MEMORY                                                                           \
    "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len"

/* --- keys --- */
#define ERROR_OUT_OF_INT_RANGE                                                                     \
    "ERR value is out of range, value must between -2147483648 and 2147483647"
#define ERROR_SWAPDB_FIRST          "ERR invalid first DB index"
#define ERROR_SWAPDB_SECOND         "ERR invalid second DB index"
#define ERROR_FIELD_EXPIRE_NEGATIVE "ERR invalid expire time, must be >= 0"
#define ERROR_FIELDS_MISSING        "ERR Mandatory argument FIELDS is missing or not at the right position"
#define ERROR_FIELDS_MISMATCH       "ERR The `numfields` parameter must match the number of arguments"
#define ERROR_FIELD_COUNT           "ERR Number of fields must be a positive integer"
#define ERROR_FIELD_COUNT_LOW       "ERR Parameter `numFields` should be greater than 0"
#define ERROR_HSETEX_COUNT          "ERR invalid number of fields"
#define ERROR_HSETEX_ARGUMENT       "ERR unknown argument: %.*s"
#define ERROR_HSETEX_NO_TIME        "ERR missing expire time"
#define ERROR_HSETEX_FXX_FNX        "ERR Only one of FXX or FNX arguments can be specified"
#define ERROR_HSETEX_EXPIRY                                                                        \
    "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
#define ERROR_EXPIRE_OPTION "ERR Unsupported option %.*s"
#define ERROR_EXPIRE_NX     "ERR NX and XX, GT or LT options at the same time are not compatible"
#define ERROR_EXPIRE_GT_LT  "ERR GT and LT options at the same time are not compatible"
#define ERROR_CURSOR        "ERR invalid cursor"
#define ERROR_LFU_SELECTED                                                                         \
    "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when "       \
    "switching between policies at runtime LRU and LFU data will take some time to adjust."
#define ERROR_LFU_NOT_SELECTED                                                                     \
    "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that " \
    "when switching between policies at runtime LRU and LFU data will take some time to adjust."
#define ERROR_BUSYKEY          "BUSYKEY Target key name already exists."
#define ERROR_RESTORE_TTL      "ERR Invalid TTL value, must be >= 0"
#define ERROR_RESTORE_IDLETIME "ERR Invalid IDLETIME value, must be >= 0"
#define ERROR_RESTORE_FREQ     "ERR Invalid FREQ value, must be >= 0 and <= 255"
#define ERROR_RESTORE_PAYLOAD  "ERR DUMP payload version or checksum are wrong"
#define ERROR_RESTORE_FORMAT   "ERR Bad data format"
#define ERROR_SORT_SCORE       "ERR One or more scores can't be converted into double"
#define ERROR_MIGRATE_KEYS                                                                         \
    "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string"
#define ERROR_MIGRATE_TARGET  "ERR Target instance replied with error: %.*s"
#define ERROR_MIGRATE_CONNECT "IOERR error or timeout connecting to the client"
#define ERROR_MIGRATE_IO      "IOERR error or timeout %s to target instance"

/* --- hashes --- */
#define ERROR_HASH_NOT_INTEGER        "ERR hash value is not an integer"
#define ERROR_HASH_NOT_FLOAT          "ERR hash value is not a float"
#define ERROR_HASH_INCREMENT_INFINITE "ERR value is NaN or Infinity"
#define ERROR_OUT_OF_LONG_RANGE                                                                    \
    "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"

/* --- lists --- */
#define ERROR_NOT_POSITIVE         "ERR value is out of range, must be positive"
#define ERROR_INDEX_OUT_OF_RANGE   "ERR index out of range"
#define ERROR_NUMKEYS_NOT_POSITIVE "ERR numkeys should be greater than 0"
#define ERROR_COUNT_NOT_POSITIVE   "ERR count should be greater than 0"
#define ERROR_LPOS_COUNT           "ERR COUNT can't be negative"
#define ERROR_LPOS_MAXLEN          "ERR MAXLEN can't be negative"
#define ERROR_LPOS_RANK                                                                            \
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use "   \
    "negative to start from the end of the list"

/* --- sets and sorted sets --- */
#define ERROR_LIMIT_NEGATIVE "ERR LIMIT can't be negative"
#define ERROR_ZADD_XX_AND_NX "ERR XX and NX options at the same time are not compatible"
#define ERROR_ZADD_GT_LT_NX  "ERR GT, LT, and/or NX options at the same time are not compatible"
#define ERROR_ZADD_INCR      "ERR INCR option supports a single increment-element pair"
#define ERROR_SCORE_NAN      "ERR resulting score is not a number (NaN)"
#define ERROR_SCORE_RANGE    "ERR min or max is not a float"
#define ERROR_LEX_RANGE      "ERR min or max not valid string range item"
#define ERROR_WEIGHT         "ERR weight value is not a float"
#define ERROR_ZSET_KEYS      "ERR at least 1 input key is needed for '%s' command"
#define ERROR_ZRANGE_LIMIT                                                                         \
    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
#define ERROR_ZRANGE_LEX_SCORES                                                                    \
    "ERR syntax error, WITHSCORES not supported in combination with BYLEX"

/* --- blocking --- */
#define ERROR_TIMEOUT_NOT_FLOAT    "ERR timeout is not a float or out of range"
#define ERROR_TIMEOUT_NEGATIVE     "ERR timeout is negative"
#define ERROR_TIMEOUT_OUT_OF_RANGE "ERR timeout is out of range"

/* --- streams --- */
#define ERROR_STREAM_ID           "ERR Invalid stream ID specified as stream command argument"
#define ERROR_STREAM_START        "ERR invalid start ID for the interval"
#define ERROR_STREAM_END          "ERR invalid end ID for the interval"
#define ERROR_XADD_ARITY_BEFORE_7 "ERR wrong number of arguments for XADD"
#define ERROR_XADD_ID_ZERO        "ERR The ID specified in XADD must be greater than 0-0"
#define ERROR_XADD_ID_SMALL                                                                        \
    "ERR The ID specified in XADD is equal or smaller than the target stream top item"
#define ERROR_XADD_EXHAUSTED                                                                       \
    "ERR The stream has exhausted the last possible ID, unable to add more items"
#define ERROR_XADD_TOO_LARGE "ERR Elements are too large to be stored"
#define ERROR_TRIM_STRATEGIES                                                                      \
    "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"
#define ERROR_TRIM_MAXLEN "ERR The MAXLEN argument must be >= 0."
#define ERROR_TRIM_LIMIT  "ERR The LIMIT argument must be >= 0."
#define ERROR_TRIM_LIMIT_ALONE                                                                     \
    "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"
#define ERROR_TRIM_LIMIT_EXACT "ERR syntax error, LIMIT cannot be used without the special ~ option"
#define ERROR_XTRIM_STRATEGY   "ERR syntax error, XTRIM must be called with a trimming strategy"
#define ERROR_XSETID_ADDED     "ERR entries_added must be positive"
#define ERROR_XSETID_BELOW_GIVEN                                                                   \
    "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"
#define ERROR_XSETID_BELOW_DELETED                                                                 \
    "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"
#define ERROR_XSETID_BELOW_TOP                                                                     \
    "ERR The ID specified in XSETID is smaller than the target stream top item"
#define ERROR_XSETID_ADDED_BELOW_LENGTH                                                            \
    "ERR The entries_added specified in XSETID is smaller than the target stream length"
#define ERROR_XREAD_IN_SCRIPT "ERR %.*s command is not allowed with BLOCK option from scripts"
#define ERROR_XREAD_UNBALANCED                                                                     \
    "ERR Unbalanced '%s' list of streams: for each stream key an %s must be specified."
#define ERROR_XREAD_UNBALANCED_BEFORE_7_2                                                          \
    "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified."
#define ERROR_XREAD_GROUP                                                                          \
    "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead."
#define ERROR_XREAD_NOACK                                                                          \
    "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead."
#define ERROR_XREAD_NEW                                                                            \
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> "          \
    "<consumer> option."
#define ERROR_XREADGROUP_NO_GROUP "ERR Missing GROUP option for XREADGROUP"
#define ERROR_XREADGROUP_LAST                                                                      \
    "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of "   \
    "this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID "      \
    "would just return an empty result set."
#define ERROR_XREADGROUP_TOP                                                                       \
    "ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of "   \
    "this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID "      \
    "would just return an empty result set."
#define ERROR_TIMEOUT_NOT_INTEGER "ERR timeout is not an integer or out of range"
#define ERROR_NOGROUP             "NOGROUP No such key '%.*s' or consumer group '%.*s'"
#define ERROR_NOGROUP_READ                                                                         \
    "NOGROUP No such key '%.*s' or consumer group '%.*s' in XREADGROUP with GROUP option"
#define ERROR_NOGROUP_FOR_KEY "NOGROUP No such consumer group '%.*s' for key name '%.*s'"
#define ERROR_BUSYGROUP       "BUSYGROUP Consumer Group name already exists"
#define ERROR_XGROUP_NO_KEY                                                                        \
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "   \
    "use the MKSTREAM option to create an empty stream automatically."
#define ERROR_XGROUP_ENTRIES_READ "ERR value for ENTRIESREAD must be positive or -1"
#define ERROR_XCLAIM_MIN_IDLE     "ERR Invalid min-idle-time argument for XCLAIM"
#define ERROR_XCLAIM_IDLE         "ERR Invalid IDLE option argument for XCLAIM"
#define ERROR_XCLAIM_TIME         "ERR Invalid TIME option argument for XCLAIM"
#define ERROR_XCLAIM_RETRYCOUNT   "ERR Invalid RETRYCOUNT option argument for XCLAIM"
#define ERROR_XCLAIM_OPTION       "ERR Unrecognized XCLAIM option '%.*s'"
#define ERROR_XAUTOCLAIM_MIN_IDLE "ERR Invalid min-idle-time argument for XAUTOCLAIM"
#define ERROR_XAUTOCLAIM_COUNT    "ERR COUNT must be > 0"
#define ERROR_XAUTOCLAIM_MEMORY                                                                    \
    "ERR Insufficient memory, failed allocating transient memory, COUNT too high."

/* --- bitmaps --- */
#define ERROR_BIT_OFFSET   "ERR bit offset is not an integer or out of range"
#define ERROR_BIT_VALUE    "ERR bit is not an integer or out of range"
#define ERROR_BIT_ARGUMENT "ERR The bit argument must be 1 or 0."
#define ERROR_BITOP_NOT    "ERR BITOP NOT must be called with a single source key."
#define ERROR_BITFIELD_TYPE                                                                        \
    "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but "    \
    "i64 is."
#define ERROR_BITFIELD_OVERFLOW  "ERR Invalid OVERFLOW type specified"
#define ERROR_BITFIELD_READ_ONLY "ERR BITFIELD_RO only supports the GET subcommand"

/* --- hyperloglogs --- */
#define ERROR_HYPERLOGLOG_TYPE    "WRONGTYPE Key is not a valid HyperLogLog string value."
#define ERROR_HYPERLOGLOG_CORRUPT "INVALIDOBJ Corrupted HLL object detected"
#define ERROR_PFDEBUG_NO_KEY      "ERR The specified key does not exist"
#define ERROR_PFDEBUG_NOT_SPARSE  "ERR HLL encoding is not sparse"
#define ERROR_PFDEBUG_SUBCOMMAND  "ERR Unknown PFDEBUG subcommand '%.*s'"
#define ERROR_PFSELFTEST          "TESTFAILED %s"

/* --- geo --- */
#define ERROR_GEO_COORDINATES     "ERR invalid longitude,latitude pair %f,%f"
#define ERROR_GEO_UNIT            "ERR unsupported unit provided. please use M, KM, FT, MI"
#define ERROR_GEO_UNIT_BEFORE_7   "ERR unsupported unit provided. please use m, km, ft, mi"
#define ERROR_GEO_MEMBER          "ERR could not decode requested zset member"
#define ERROR_GEO_RADIUS          "ERR need numeric radius"
#define ERROR_GEO_RADIUS_NEGATIVE "ERR radius cannot be negative"
#define ERROR_GEO_WIDTH           "ERR need numeric width"
#define ERROR_GEO_HEIGHT          "ERR need numeric height"
#define ERROR_GEO_BOX_NEGATIVE    "ERR height or width cannot be negative"
#define ERROR_GEO_COUNT           "ERR COUNT must be > 0"
#define ERROR_GEO_ANY             "ERR the ANY argument requires COUNT argument"
#define ERROR_GEO_FROM            "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for %.*s"
#define ERROR_GEO_BY              "ERR exactly one of BYRADIUS and BYBOX can be specified for %.*s"
#define ERROR_GEO_STORE           "ERR %s is not compatible with WITHDIST, WITHHASH and WITHCOORD options"

/* --- transactions --- */
#define ERROR_EXECABORT             "EXECABORT Transaction discarded because of previous errors."
#define ERROR_EXECABORT_REASON      "EXECABORT Transaction discarded because of: %s"
#define ERROR_MULTI_NESTED          "ERR MULTI calls can not be nested"
#define ERROR_EXEC_WITHOUT_MULTI    "ERR EXEC without MULTI"
#define ERROR_DISCARD_WITHOUT_MULTI "ERR DISCARD without MULTI"
#define ERROR_WATCH_IN_MULTI        "ERR WATCH inside MULTI is not allowed"

/* --- connection and clients --- */
#define ERROR_AUTH_WITHOUT_PASSWORD                                                                \
    "ERR AUTH <password> called without any password configured for the default user. Are you "    \
    "sure your configuration is correct?"
#define ERROR_WRONGPASS       "WRONGPASS invalid username-password pair or user is disabled."
#define ERROR_PROTOCOL_NUMBER "ERR Protocol version is not an integer or out of range"
#define ERROR_NOPROTO         "NOPROTO unsupported protocol version"
#define ERROR_HELLO_OPTION    "ERR Syntax error in HELLO option '%.*s'"
#define ERROR_HELLO_NOAUTH                                                                         \
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "      \
    "%sAUTH <user> <pass> option can be used to authenticate the client and select the RESP "      \
    "protocol version at the same time"
#define ERROR_CLIENT_NAME         "ERR Client names cannot contain spaces, newlines or special characters."
#define ERROR_CLIENT_ATTRIBUTE    "ERR %.*s cannot contain spaces, newlines or special characters."
#define ERROR_CLIENT_OPTION       "ERR Unrecognized option '%.*s'"
#define ERROR_CLIENT_TYPE         "ERR Unknown client type '%.*s'"
#define ERROR_CLIENT_ID           "ERR Invalid client ID"
#define ERROR_CLIENT_KILL_ID      "ERR client-id should be greater than 0"
#define ERROR_CLIENT_KILL_MAXAGE  "ERR maxage is not an integer or out of range"
#define ERROR_NO_SUCH_CLIENT      "ERR No such client"
#define ERROR_NO_SUCH_USER        "ERR No such user '%.*s'"
#define ERROR_STREAM_GONE         "UNBLOCKED the stream key no longer exists"
#define ERROR_GROUP_GONE          "NOGROUP the consumer group this client was blocked on no longer exists"
#define ERROR_UNBLOCKED           "UNBLOCKED client unblocked via CLIENT UNBLOCK"
#define ERROR_PAUSE_MODE          "ERR CLIENT PAUSE mode must be WRITE or ALL"
#define ERROR_TIMEOUT_NOT_INTEGER "ERR timeout is not an integer or out of range"
#define ERROR_WAITAOF_NO_FILE                                                                      \
    "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled."
#define ERROR_UNBLOCK_REASON "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"

/* --- pub/sub, MONITOR, client-side caching --- */
#define ERROR_SUBSCRIBED                                                                           \
    "ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are "    \
    "allowed in this context"
#define ERROR_SUBSCRIBED_BEFORE_7                                                                  \
    "ERR Can't execute '%s': only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT / RESET are "        \
    "allowed in this context"
#define ERROR_SUBSCRIBE_DENIED "ERR %s isn't allowed for a DENY BLOCKING client"
#define ERROR_MONITOR_DENIED   "ERR MONITOR isn't allowed for DENY BLOCKING client"
#define ERROR_MONITOR_KEYS     "ERR Replica can't interact with the keyspace"
#define ERROR_SUBCOMMAND_ARITY                                                                     \
    "ERR unknown subcommand or wrong number of arguments for '%.*s'. Try %s HELP."
#define ERROR_TRACKING_TWO_REDIRECTS    "ERR A client can only redirect to a single other client"
#define ERROR_TRACKING_NO_SUCH_REDIRECT "ERR The client ID you want redirect to does not exist"
#define ERROR_TRACKING_PREFIX           "ERR PREFIX option requires BCAST mode to be enabled"
#define ERROR_TRACKING_SWITCH_BCAST                                                                \
    "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then "  \
    "re-enabling it with a different mode."
#define ERROR_TRACKING_BCAST_OPTS "ERR OPTIN and OPTOUT are not compatible with BCAST"
#define ERROR_TRACKING_BOTH_OPTS  "ERR You can't specify both OPTIN mode and OPTOUT mode"
#define ERROR_TRACKING_SWITCH_OPTS                                                                 \
    "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then "  \
    "re-enabling it with a different mode."
#define ERROR_TRACKING_OVERLAP_OLD                                                                 \
    "ERR Prefix '%.*s' overlaps with an existing prefix '%.*s'. Prefixes for a single client "     \
    "must not overlap."
#define ERROR_TRACKING_OVERLAP_GIVEN                                                               \
    "ERR Prefix '%.*s' overlaps with another provided prefix '%.*s'. Prefixes for a single "       \
    "client must not overlap."
#define ERROR_CACHING_OFF                                                                          \
    "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or "     \
    "OPTOUT mode enabled"
#define ERROR_CACHING_YES                                                                          \
    "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode."
#define ERROR_CACHING_NO                                                                           \
    "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode."

/* --- introspection --- */
#define ERROR_GETKEYS_COMMAND   "ERR Invalid command specified"
#define ERROR_GETKEYS_NO_KEYS   "ERR The command has no key arguments"
#define ERROR_GETKEYS_ARITY     "ERR Invalid number of arguments specified for command"
#define ERROR_GETKEYS_ARGUMENTS "ERR Invalid arguments specified for command"

/* --- server --- */
#define ERROR_SUBCOMMAND_OR_ARITY                                                                  \
    "ERR unknown subcommand or wrong number of arguments for '%.*s'. Try %s HELP."
#define ERROR_PROTECTED_COMMAND(command, directive)                                                \
    "ERR " command " command not allowed. If the " directive                                       \
    " option is set to \"local\", you can "                                                        \
    "run it from a local connection, otherwise you need to set this option in the configuration "  \
    "file, and then "                                                                              \
    "restart the server."
#define ERROR_MODULE_LOAD         "ERR Error loading the extension. Please check the server logs."
#define ERROR_MODULE_UNLOAD       "ERR Error unloading module: no such module with that name"
#define ERROR_NOT_SAVED           "ERR"
#define ERROR_SHUTDOWN            "ERR Errors trying to SHUTDOWN. Check logs."
#define ERROR_MISCONF_APPEND_ONLY "MISCONF Errors writing to the AOF file: %s"
#define ERROR_REWRITE_FAILED                                                                       \
    "ERR Can't execute an AOF background rewriting. Please check the server logs for more "        \
    "information."
#define ERROR_DEBUG_RELOAD_FILE "ERR Error trying to load the RDB dump"
#define ERROR_APPEND_ONLY_LOAD  "ERR Error trying to load the AOF files, check server logs"
#define ERROR_MISCONF                                                                              \
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to "  \
    "disk. Commands that may modify the data set are disabled, because this instance is "          \
    "configured to report errors during writes if RDB snapshotting fails "                         \
    "(stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB " \
    "error."
#define ERROR_NO_SHUTDOWN   "ERR No shutdown in progress."
#define ERROR_LATENCY_EVENT "ERR No samples available for event '%.*s'"
#define ERROR_SLOWLOG_COUNT "ERR count should be greater than or equal to -1"
#define ERROR_DEBUG_PROTOCOL                                                                       \
    "ERR Wrong protocol type name. Please use one of the following: "                              \
    "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false"
#define ERROR_DEBUG_RESP2  "ERR RESP2 is not supported by this command"
#define ERROR_DEBUG_RELOAD "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options."
#define ERROR_DEBUG_THRESHOLD                                                                      \
    "ERR argument must be a memory value bigger than 1 and smaller than 4gb"
#define ERROR_DEBUG_ENCODING        "ERR Not a %s encoded object."
#define ERROR_DEBUG_NOT_SDS         "ERR Not an sds encoded string."
#define ERROR_DEBUG_NO_CLIENT_LIMIT "ERR maxmemory-clients is disabled."
#define ERROR_DEBUG_DATABASE        "ERR Out of range database"
#define ERROR_DEBUG_NO_TABLE                                                                       \
    "ERR The value stored at the specified key is not represented using an hash table"

/* --- access control --- */
/* %u is the user's name, %s the command's. */
#define ERROR_NOPERM_COMMAND "NOPERM User %u has no permissions to run the '%s' command"
#define ERROR_NOPERM_COMMAND_BEFORE_7_2                                                            \
    "NOPERM this user has no permissions to run the '%s' command"
#define ERROR_NOPERM_COMMAND_BEFORE_7                                                              \
    "NOPERM this user has no permissions to run the '%s' command or its subcommand"
#define ERROR_NOPERM_KEY "NOPERM No permissions to access a key"
#define ERROR_NOPERM_KEY_BEFORE_7_2                                                                \
    "NOPERM this user has no permissions to access one of the keys used as arguments"
#define ERROR_NOPERM_CHANNEL "NOPERM No permissions to access a channel"
#define ERROR_NOPERM_CHANNEL_BEFORE_7_2                                                            \
    "NOPERM this user has no permissions to access one of the channels used as arguments"
#define ERROR_NOPERM_IN_SCRIPT "NOPERM ACL failure in script: "
#define ERROR_SCRIPT_USER_COMMAND                                                                  \
    "ERR The user executing the script can't run this command or subcommand"
#define ERROR_SCRIPT_USER_KEY                                                                      \
    "ERR The user executing the script can't access at least one of the keys mentioned in the "    \
    "command arguments"
#define ERROR_SCRIPT_USER_CHANNEL                                                                  \
    "ERR The user executing the script can't publish to the channel mentioned in the command"
#define ERROR_NOPERM_SINCE_MULTI                                                                   \
    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC "   \
    "call. This command is no longer allowed for the following reason: %s"
#define ERROR_NOPERM_SINCE_MULTI_COMMAND "no permission to execute the command or subcommand"
#define ERROR_NOPERM_SINCE_MULTI_KEY     "no permission to touch the specified keys"
#define ERROR_NOPERM_SINCE_MULTI_CHANNEL                                                           \
    "no permission to access one of the channels used as arguments"
#define ERROR_SORT_BY_DENIED  "ERR BY option of SORT denied due to insufficient ACL permissions."
#define ERROR_SORT_GET_DENIED "ERR GET option of SORT denied due to insufficient ACL permissions."
#define ERROR_ACL_USER_NAME   "ERR Usernames can't contain spaces or null characters"
#define ERROR_ACL_RULE        "ERR Error in ACL SETUSER modifier '%s': %s"
#define ERROR_ACL_PARENTHESIS "ERR Unmatched parenthesis in acl selector starting at '%.*s'."
/* What is wrong with a rule. */
#define ERROR_ACL_RULE_UNKNOWN "Unknown command or category name in ACL"
#define ERROR_ACL_RULE_SYNTAX  "Syntax error"
#define ERROR_ACL_RULE_KEYS_COVERED                                                                \
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have " \
    "any effect. Try 'resetkeys' to start with an empty list of patterns"
#define ERROR_ACL_RULE_CHANNELS_COVERED                                                            \
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not "  \
    "have any effect. Try 'resetchannels' to start with an empty list of channels"
#define ERROR_ACL_RULE_NO_SUCH_PASSWORD                                                            \
    "The password you are trying to remove from the user does not exist"
#define ERROR_ACL_RULE_HASH                                                                        \
    "The password hash must be exactly 64 characters and contain only lowercase hexadecimal "      \
    "characters"
#define ERROR_ACL_RULE_FIRST_ARGUMENT "Allowing first-arg of a subcommand is not supported"
#define ERROR_ACL_DEFAULT_USER        "ERR The 'default' user cannot be removed"
#define ERROR_ACL_NO_SUCH_USER        "ERR User '%.*s' not found"
#define ERROR_ACL_NO_SUCH_COMMAND     "ERR Command '%.*s' not found"
#define ERROR_ACL_CATEGORY            "ERR Unknown category '%.*s'"
#define ERROR_ACL_GENPASS                                                                          \
    "ERR ACL GENPASS argument must be the number of bits for the output password, a positive "     \
    "number up to 4096"
#define ERROR_ACL_NO_FILE                                                                          \
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users " \
    "via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis "      \
    "configuration file set) in order to store users in the Redis configuration."
#define ERROR_ACL_SAVE                                                                             \
    "ERR There was an error trying to save the ACLs. Please check the server logs for more "       \
    "information"
/* A user in redis.conf. */
#define ERROR_ACL_DECLARATION      "Error in user declaration '%.*s': %s"
#define ERROR_ACL_RULE_PARENTHESIS "Unmatched parenthesis in selector definition."
#define ERROR_ACL_NAME_BLANKS      "Spaces not allowed in ACL usernames"
#define ERROR_ACL_USER_TWICE       "Duplicate user found. A user can only be defined once in config files"
#define ERROR_ACL_TWO_PLACES                                                                       \
    "users stand in an ACL file (aclfile) or in the configuration (user), but not in both"
/* ACL LOAD: what is wrong with a file, one behind the other. */
#define ERROR_ACL_FILE_OPEN        "Error loading ACLs, opening file '%s': %s"
#define ERROR_ACL_FILE_LINE        "%s:%d should start with user keyword followed by the username. "
#define ERROR_ACL_FILE_NAME        "'%s:%d: username '%.*s' contains invalid characters. "
#define ERROR_ACL_FILE_TWICE       "WARNING: Duplicate user '%.*s' found on line %d. "
#define ERROR_ACL_FILE_PARENTHESIS "%s:%d: Unmatched parenthesis in selector definition."
#define ERROR_ACL_FILE_OPERATION   "%s:%d: Error in applying operation '%s': %s. "
#define ERROR_ACL_FILE_RULE        "%s:%d: %s. "
#define ERROR_ACL_FILE_UNCHANGED                                                                   \
    "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"

/* --- clients that are not let in --- */
#define ERROR_TOO_MANY_CLIENTS "ERR max number of clients reached"
/* "Set up an", before 7.2 "Setup a an". */
#define ERROR_PROTECTED_MODE                                                                       \
    "DENIED Redis is running in protected mode because protected mode is enabled and no password " \
    "is set for the default user. In this mode connections are only accepted from the loopback "   \
    "interface. If you want to connect from external computers to Redis you may adopt one of the " \
    "following solutions: 1) Just disable protected mode sending the command 'CONFIG SET "         \
    "protected-mode no' from the loopback interface by connecting to Redis from the same host "    \
    "the server is running, however MAKE SURE Redis is not publicly accessible from internet if "  \
    "you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just "  \
    "disable the protected mode by editing the Redis configuration file, and setting the "         \
    "protected mode option to 'no', and then restarting the server. 3) If you started the server " \
    "manually just for testing, restart it with the '--protected-mode no' option. 4) %s "          \
    "authentication password for the default user. NOTE: You only need to do one of the above "    \
    "things in order for the server to start accepting connections from the outside."

/* --- configuration --- */
#define ERROR_CONFIG_UNKNOWN          "ERR Unknown option or number of arguments for CONFIG SET - '%.*s'"
#define ERROR_CONFIG_SET              "ERR CONFIG SET failed (possibly related to argument '%.*s')"
#define ERROR_CONFIG_SET_WHY          "ERR CONFIG SET failed (possibly related to argument '%.*s') - %s"
#define ERROR_CONFIG_UNKNOWN_BEFORE_7 "ERR Unsupported CONFIG parameter: %.*s"
#define ERROR_CONFIG_SET_BEFORE_7     "ERR Invalid argument '%.*s' for CONFIG SET '%.*s'"
#define ERROR_CONFIG_SET_WHY_BEFORE_7 "ERR Invalid argument '%.*s' for CONFIG SET '%.*s' - %s"
#define ERROR_CONFIG_SYNTAX_BEFORE_7                                                               \
    "ERR Unknown subcommand or wrong number of arguments for '%.*s'. Try CONFIG HELP."
#define ERROR_CONFIG_NO_FILE "ERR The server is running without a config file"
#define ERROR_CONFIG_REWRITE "ERR Rewriting config file: %s"
/* What stands behind the dash of ERROR_CONFIG_SET_WHY. */
#define ERROR_CONFIG_PORT "Unable to listen on this port. Check server logs."
#define ERROR_CONFIG_BIND "Failed to bind to specified addresses."
#define ERROR_CONFIG_TLS  "Unable to update TLS configuration. Check server logs."

/* --- TLS: for the log, and why there is no start --- */
#define ERROR_TLS_PROTOCOLS                                                                        \
    "Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and "     \
    "'TLSv1.3'."
#define ERROR_TLS_NO_CA                                                                            \
    "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, "              \
    "tls-replication or tls-auth-clients are enabled!"

/* --- MOCK: ours --- */
#define ERROR_MOCK_NOT_LOCAL                                                                       \
    "ERR MOCK is for clients on the server's machine, as enable-mock-command is \"local\""
#define ERROR_MOCK_DISABLED     "ERR MOCK is disabled, as enable-mock-command is \"no\""
#define ERROR_MOCK_OPTION       "ERR MOCK %s has no option '%.*s'. It takes %s"
#define ERROR_MOCK_OPTION_ARITY "ERR wrong number of arguments for MOCK %s %s. It takes %s"
#define ERROR_MOCK_SNAPSHOT_NAME                                                                   \
    "ERR There is no snapshot '%.*s'. MOCK SNAPSHOT LIST shows those that there are"
#define ERROR_MOCK_CLOCK_TIME                                                                      \
    "ERR MOCK CLOCK takes a time in milliseconds since the epoch, from 0 to the year 9999"
#define ERROR_MOCK_CLOCK_SPAN                                                                      \
    "ERR MOCK CLOCK ADVANCE takes milliseconds, forward or back, from the epoch to the year 9999"
#define ERROR_MOCK_CLOCK_RATE  "ERR MOCK CLOCK RATE takes a factor above 0, up to 1000000"
#define ERROR_MOCK_FASTFORWARD "ERR MOCK FASTFORWARD takes milliseconds, up to the year 9999"
#define ERROR_MOCK_WORLD_NAME  "ERR MOCK WORLD KEEP needs the name of a world here"
#define ERROR_MOCK_WORLD_NONE  "ERR There are no worlds here. Start the server with --worlds yes"
#define ERROR_MOCK_COVERAGE_OFF                                                                    \
    "ERR MOCK COVERAGE needs a server that was started with --script-coverage PATH"
#define ERROR_MOCK_COVERAGE_OPTION                                                                 \
    "ERR MOCK COVERAGE has no option '%.*s'. It takes REPORT, RESET or WRITE [path]"
#define ERROR_MOCK_COVERAGE_ARITY                                                                  \
    "ERR wrong number of arguments for 'mock|coverage' option %s. It takes REPORT, RESET or "      \
    "WRITE [path]"
#define ERROR_MOCK_COVERAGE_NO_PATH                                                                \
    "ERR MOCK COVERAGE WRITE needs a path, as script-coverage has none"
#define ERROR_MOCK_COVERAGE_WRITE "ERR MOCK COVERAGE %s"
#define ERROR_MOCK_TRACE_OPTION                                                                    \
    "ERR MOCK TRACE has no option '%.*s'. It takes ON, OFF, GET [COUNT n] or CLEAR"
#define ERROR_MOCK_TRACE_ARITY                                                                     \
    "ERR wrong number of arguments for 'mock|trace' option %s. It takes ON, OFF, GET [COUNT n] "   \
    "or CLEAR"
#define ERROR_MOCK_TRACE_COUNT   "ERR MOCK TRACE GET COUNT takes a number of calls, from 0 on"
#define ERROR_MOCK_SEED          "ERR MOCK SEED takes a whole number of 64 bits"
#define ERROR_MOCK_VALUE_MISSING "ERR MOCK %s: %.*s takes %s"
#define ERROR_MOCK_VALUE         "ERR MOCK %s: %.*s takes %s, not '%.*s'"
#define ERROR_MOCK_FAULT_ACTIONS                                                                   \
    "ERR MOCK FAULT ADD: %.*s is a second action, and a fault has one. Add another fault for it"
#define ERROR_MOCK_FAULT_NO_ACTION "ERR MOCK FAULT ADD lacks an action. It takes "
#define ERROR_MOCK_NO_SUCH_FAULT   "ERR there is no fault '%.*s'"
#define ERROR_MOCK_FAULT_RAW       "ERR the raw reply of a fault is not one whole value"
#define ERROR_MOCK_FAULT_INSTEAD   "ERR a fault came in this command's place"
#define ERROR_MOCK_NO_SUCH_GATE    "ERR there is no gate '%.*s'"
#define ERROR_MOCK_GATE_OPEN       "ERR the gate '%.*s' is open and will hold nobody"
#define ERROR_MOCK_GATE_WAIT       "ERR MOCK GATE WAIT takes a timeout in milliseconds; 0 is none"
#define ERROR_MOCK_CALLS_OFF       "ERR nothing is being recorded. MOCK CALLS ON switches it on"
#define ERROR_MOCK_EXPECT_RANGE    "ERR MOCK EXPECT: MIN is above MAX"
#define ERROR_MOCK_EXPECT_AFTER    "ERR MOCK EXPECT: AFTER names no other expectation, '%.*s'"
#define ERROR_MOCK_CHECK           "ERR %.*s"
#define ERROR_MOCK_SEED_FILE       "ERR %.*s"
#define ERROR_MOCK_GATE_TIMEOUT    "ERR no client came to the gate in time"

/* --- states that a server of Redis may be in, and this one only by MOCK FAULT --- */
#define ERROR_LOADING     "LOADING Redis is loading the dataset in memory"
#define ERROR_READONLY    "READONLY You can't write against a read only replica."
#define ERROR_CLUSTERDOWN "CLUSTERDOWN The cluster is down"
#define ERROR_MOVED       "MOVED %d %.*s"

/* --- modules --- */
#define ERROR_MODULE_LOAD   "ERR Error loading the extension. Please check the server logs."
#define ERROR_MODULE_UNLOAD "ERR Error unloading module: no such module with that name"

/* --- replication --- */
#define ERROR_NOREPLICAS "NOREPLICAS Not enough good replicas to write."
#define ERROR_MASTERDOWN                                                                           \
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
#define ERROR_SCRIPT_STALE     "ERR Can not execute the command on a stale replica"
#define ERROR_REPLICAOF_PORT   "ERR Invalid master port"
#define ERROR_FAILOVER_TIMEOUT "ERR FAILOVER timeout must be greater than 0"
#define ERROR_FAILOVER_NONE    "ERR No failover in progress."
#define ERROR_FAILOVER_REPLICA "ERR FAILOVER is not valid when server is a replica."
#define ERROR_FAILOVER_ALONE   "ERR FAILOVER requires connected replicas."
#define ERROR_SYNC_NO_LINK     "NOMASTERLINK Can't SYNC while not connected with my master"
#define ERROR_SYNC_HERE        "ERR This server has no replicas: it is understudy, which copies nothing"
#define ERROR_REPLCONF_OPTION  "ERR Unrecognized REPLCONF option: %.*s"
#define ERROR_REPLCONF_FILTER  "ERR Unsupported rdb-filter-only option: %.*s"
#define ERROR_REPLCONF_ADDRESS                                                                     \
    "ERR REPLCONF ip-address provided by replica instance is too long: %zu bytes"
#define ERROR_NOT_ZERO_OR_ONE "ERR value is out of range, value must between 0 and 1"
#define ERROR_UNBLOCKED_REPLICA                                                                    \
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)"
#define ERROR_WAIT_REPLICA                                                                         \
    "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a "  \
    "replica is configured to be writable (which is not the default) writes to replicas are just " \
    "local and are not propagated."
#define ERROR_WAITAOF_REPLICA                                                                      \
    "ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas " \
    "are just local and are not propagated."

/* --- cluster --- */
#define ERROR_ASK               "ASK %d %.*s"
#define ERROR_CROSSSLOT         "CROSSSLOT Keys in request don't hash to the same slot"
#define ERROR_TRYAGAIN          "TRYAGAIN Multiple keys request during rehashing of slot"
#define ERROR_CLUSTERDOWN_READS "CLUSTERDOWN The cluster is down and only accepts read commands"
#define ERROR_CLUSTERDOWN_SLOT  "CLUSTERDOWN Hash slot not served"
#define ERROR_SCRIPT_NOT_LOCAL  "ERR Script attempted to access a non local key in a cluster node"
#define ERROR_SCRIPT_CROSSSLOT                                                                     \
    "ERR Script attempted to access keys that do not hash to the same slot"
#define ERROR_SCRIPT_COMMAND_CROSSSLOT                                                             \
    "ERR Command '%s' in script attempted to access keys that don't hash to the same slot"
#define ERROR_SCRIPT_TRYAGAIN                                                                      \
    "ERR Unable to execute command '%s' in script because undeclared keys were accessed during "   \
    "rehashing of the slot"
#define ERROR_SCRIPT_UNSERVED_SLOT "ERR Script attempted to access a slot not served"
#define ERROR_SCRIPT_CLUSTERDOWN                                                                   \
    "ERR Script attempted to execute a command while the cluster is down"
#define ERROR_SCRIPT_CLUSTERDOWN_READS                                                             \
    "ERR Script attempted to execute a write command while the cluster is down and readonly"
#define ERROR_SCRIPT_NO_CLUSTER "ERR Can not run script on cluster, 'no-cluster' flag is set."
#define ERROR_CLUSTER_DISABLED  "ERR This instance has cluster support disabled"
#define ERROR_CLUSTER_SELECT    "ERR SELECT is not allowed in cluster mode"
#define ERROR_CLUSTER_SWAPDB    "ERR SWAPDB is not allowed in cluster mode"
#define ERROR_CLUSTER_MOVE      "ERR MOVE is not allowed in cluster mode"
#define ERROR_CLUSTER_COPY      "ERR Copying to another database is not allowed in cluster mode"
#define ERROR_CLUSTER_SORT_BY   "ERR BY option of SORT denied in Cluster mode."
#define ERROR_CLUSTER_SORT_GET  "ERR GET option of SORT denied in Cluster mode."
#define ERROR_CLUSTER_SORT_BY_SLOTS                                                                \
    "ERR BY option of SORT denied in cluster mode when keys formed by the pattern may be in "      \
    "different slots."
#define ERROR_CLUSTER_SORT_GET_SLOTS                                                               \
    "ERR GET option of SORT denied in cluster mode when keys formed by the pattern may be in "     \
    "different slots."
#define ERROR_CLUSTER_REPLICAOF "ERR REPLICAOF not allowed in cluster mode."
#define ERROR_CLUSTER_FAILOVER_INSTEAD                                                             \
    "ERR FAILOVER not allowed in cluster mode. Use CLUSTER FAILOVER command instead."
#define ERROR_CLUSTER_SLOT           "ERR Invalid or out of range slot"
#define ERROR_CLUSTER_SLOT_NUMBER    "ERR Invalid slot"
#define ERROR_CLUSTER_SLOT_OR_COUNT  "ERR Invalid slot or number of keys"
#define ERROR_CLUSTER_SLOT_BUSY      "ERR Slot %d is already busy"
#define ERROR_CLUSTER_SLOT_FREE      "ERR Slot %d is already unassigned"
#define ERROR_CLUSTER_SLOT_TWICE     "ERR Slot %d specified multiple times"
#define ERROR_CLUSTER_SLOT_RANGE     "ERR start slot number %d is greater than end slot number %d"
#define ERROR_CLUSTER_FLUSHSLOTS     "ERR DB must be empty to perform CLUSTER FLUSHSLOTS."
#define ERROR_CLUSTER_UNKNOWN_NODE   "ERR Unknown node %.*s"
#define ERROR_CLUSTER_NO_SUCH_NODE   "ERR I don't know about node %.*s"
#define ERROR_CLUSTER_FORGET_SELF    "ERR I tried hard but I can't forget myself..."
#define ERROR_CLUSTER_REPLICATE_SELF "ERR Can't replicate myself"
#define ERROR_CLUSTER_REPLICATE_EMPTY                                                              \
    "ERR To set a master the node must be empty and without assigned slots."
#define ERROR_CLUSTER_REPLICATE_HERE                                                               \
    "ERR CLUSTER REPLICATE is beyond this server, which has no replicas"
#define ERROR_CLUSTER_PORT     "ERR Invalid TCP base port specified: %.*s"
#define ERROR_CLUSTER_BUS_PORT "ERR Invalid TCP bus port specified: %.*s"
#define ERROR_CLUSTER_ADDRESS  "ERR Invalid node address specified: %.*s:%.*s"
#define ERROR_CLUSTER_FAILOVER "ERR You should send CLUSTER FAILOVER to a replica"
#define ERROR_CLUSTER_RESET    "ERR CLUSTER RESET can't be called with master nodes containing keys"
#define ERROR_CLUSTER_EPOCH    "ERR Invalid config epoch specified: %lld"
#define ERROR_CLUSTER_EPOCH_ALONE                                                                  \
    "ERR The user can assign a config epoch only when the node does not know any other node."
#define ERROR_CLUSTER_EPOCH_SET "ERR Node config epoch is already non-zero"
#define ERROR_CLUSTER_OWNER     "ERR I'm already the owner of hash slot %d"
#define ERROR_CLUSTER_NOT_OWNER "ERR I'm not the owner of hash slot %d"
#define ERROR_CLUSTER_SLOT_HAS_KEYS                                                                \
    "ERR Can't assign hashslot %d to a different node while I still hold keys for this hash slot."
#define ERROR_CLUSTER_SETSLOT                                                                      \
    "ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP"

/* --- scripts --- */
#define ERROR_NOSCRIPT               "NOSCRIPT No matching script. Please use EVAL."
#define ERROR_SCRIPT_KEYS_NEGATIVE   "ERR Number of keys can't be negative"
#define ERROR_SCRIPT_KEYS_TOO_MANY   "ERR Number of keys can't be greater than number of args"
#define ERROR_SCRIPT_COMPILE         "ERR Error compiling script (new function): %s"
#define ERROR_SCRIPT_UNKNOWN         "ERR unknown error"
#define ERROR_SCRIPT_FAILED_BEFORE_7 "ERR Error running script (call to f_%s): %s"
/* What Redis's error handler says of an error that is no text: it fails at its own line 8. */
#define ERROR_SCRIPT_NO_TEXT_BEFORE_7                                                              \
    "@err_handler_def:8: err_handler_def:8: attempt to concatenate local 'err' (a %s value)"
#define ERROR_SCRIPT_OOM                                                                           \
    "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'"
#define ERROR_SCRIPT_WRITES_IN_RO   "ERR Can not execute a script with write flag using *_ro command."
#define ERROR_SCRIPT_FLUSH_OPTION   "ERR SCRIPT FLUSH only support SYNC|ASYNC option"
#define ERROR_SCRIPT_DEBUG_OPTION   "ERR Use SCRIPT DEBUG YES/SYNC/NO"
#define ERROR_SCRIPT_DEBUG_PIPELINE "ERR SCRIPT DEBUG must be called outside a pipeline"
#define ERROR_SCRIPT_DEBUG_EVALSHA  "ERR Please use EVAL instead of EVALSHA for debugging"
#define ERROR_DEBUGGER_ABORT        "ERR script aborted for user request"
#define ERROR_DEBUGGER_PROTOCOL     "ERR protocol error"
#define ERROR_DEBUGGER_INPUT        "ERR max client buffer reached"
#define ERROR_SCRIPT_NOTBUSY        "NOTBUSY No scripts in execution right now."
#define ERROR_SCRIPT_UNKILLABLE                                                                    \
    "UNKILLABLE Sorry the script already executed write commands against the dataset. You can "    \
    "either wait the script termination or kill the server in a hard way using the SHUTDOWN "      \
    "NOSAVE command."
#define ERROR_SCRIPT_BUSY                                                                          \
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
#define ERROR_FUNCTION_BUSY                                                                        \
    "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
#define ERROR_SCRIPT_KILLED             "ERR Script killed by user with SCRIPT KILL..."
#define ERROR_SHEBANG_INVALID           "ERR Invalid script shebang"
#define ERROR_SHEBANG_INVALID_ENGINE    "ERR Invalid engine in script shebang"
#define ERROR_SHEBANG_UNEXPECTED_ENGINE "ERR Unexpected engine in script shebang: %.*s"
#define ERROR_SHEBANG_OPTION            "ERR Unknown lua shebang option: %.*s"
#define ERROR_SHEBANG_FLAG              "ERR Unexpected flag in script shebang: %.*s"
/* script-checks: ours. Behind them comes the place: " script: SHA, on @user_script:3." */
#define ERROR_CHECK_UNDECLARED_KEY "ERR script-checks: %s touches the key %s, which is not in KEYS"
#define ERROR_CHECK_CROSS_SLOT                                                                     \
    "ERR script-checks: %s touches the key %s of hash slot %d, but the script has %s of hash "     \
    "slot %d"
#define ERROR_CHECK_DECLARED_CROSS_SLOT                                                            \
    "ERR script-checks: %s declares the key %s of hash slot %d, but also %s of hash slot %d"
#define ERROR_CHECK_RANDOM_WRITE                                                                   \
    "ERR script-checks: %s writes the key %s after %s, whose answer is not deterministic, while "  \
    "scripts are replicated as such; see redis.replicate_commands()"
#define ERROR_CHECK_GLOBAL "ERR script-checks: %s writes the global %s"
/* Libraries of functions. */
#define ERROR_LIBRARY_NO_METADATA   "ERR Missing library metadata"
#define ERROR_LIBRARY_METADATA      "ERR Invalid library metadata"
#define ERROR_LIBRARY_METADATA_WORD "ERR Invalid metadata value given: %.*s"
#define ERROR_LIBRARY_NO_NAME       "ERR Library name was not given"
#define ERROR_LIBRARY_NAME_TWICE                                                                   \
    "ERR Invalid metadata value, name argument was given multiple times"
#define ERROR_LIBRARY_NAME                                                                         \
    "ERR Library names can only contain letters, numbers, or underscores(_) and must be at least " \
    "one character long"
#define ERROR_LIBRARY_ENGINE        "ERR Engine '%.*s' not found"
#define ERROR_LIBRARY_EXISTS        "ERR Library '%.*s' already exists"
#define ERROR_LIBRARY_IS_THERE      "ERR Library %.*s already exists"
#define ERROR_LIBRARY_EMPTY         "ERR No functions registered"
#define ERROR_LIBRARY_NOT_FOUND     "ERR Library not found"
#define ERROR_FUNCTION_COMPILE      "ERR Error compiling function: %s"
#define ERROR_FUNCTION_REGISTER     "ERR Error registering functions: %s"
#define ERROR_FUNCTION_LOAD_TIMEOUT "ERR FUNCTION LOAD timeout"
#define ERROR_FUNCTION_EXISTS       "ERR Function %.*s already exists"
#define ERROR_FUNCTION_NOT_FOUND    "ERR Function not found"
#define ERROR_FUNCTION_KEY_COUNT    "ERR Bad number of keys provided"
#define ERROR_FUNCTION_LOAD_OPTION  "ERR Unknown option given: %.*s"
#define ERROR_FUNCTION_LIST_OPTION  "ERR Unknown argument %.*s"
#define ERROR_FUNCTION_LIST_PATTERN "ERR library name argument was not given"
#define ERROR_FUNCTION_FLUSH_OPTION "ERR FUNCTION FLUSH only supports SYNC|ASYNC option"
#define ERROR_FUNCTION_POLICY                                                                      \
    "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE."
#define ERROR_FUNCTION_PAYLOAD             "ERR Failed loading library payload"
#define ERROR_FUNCTION_PAYLOAD_NAME        "ERR Failed loading library name"
#define ERROR_FUNCTION_PAYLOAD_ENGINE      "ERR Failed loading engine name"
#define ERROR_FUNCTION_PAYLOAD_INDICATOR   "ERR Failed loading library description indicator"
#define ERROR_FUNCTION_PAYLOAD_DESCRIPTION "ERR Failed loading library description"
#define ERROR_FUNCTION_PAYLOAD_BLOB        "ERR Failed loading library blob"
#define ERROR_FUNCTION_PAYLOAD_TYPE        "ERR given type is not a function"
/* Of redis.register_function. */
#define ERROR_REGISTER_LATE                                                                        \
    "ERR redis.register_function can only be called on FUNCTION LOAD command"
#define ERROR_REGISTER_ARGUMENTS "ERR wrong number of arguments to redis.register_function"
#define ERROR_REGISTER_NOT_TABLE                                                                   \
    "ERR calling redis.register_function with a single argument is only applicable to Lua table "  \
    "(representing named arguments)."
#define ERROR_REGISTER_NAME     "ERR first argument to redis.register_function must be a string"
#define ERROR_REGISTER_CALLBACK "ERR second argument to redis.register_function must be a function"
#define ERROR_REGISTER_KEY      "ERR named argument key given to redis.register_function is not a string"
#define ERROR_REGISTER_NAMED_NAME                                                                  \
    "ERR function_name argument given to redis.register_function must be a string"
#define ERROR_REGISTER_DESCRIPTION                                                                 \
    "ERR description argument given to redis.register_function must be a string"
#define ERROR_REGISTER_NAMED_CALLBACK                                                              \
    "ERR callback argument given to redis.register_function must be a function"
#define ERROR_REGISTER_FLAGS                                                                       \
    "ERR flags argument to redis.register_function must be a table representing function flags"
#define ERROR_REGISTER_FLAG        "ERR unknown flag given"
#define ERROR_REGISTER_UNKNOWN     "ERR unknown argument given to redis.register_function"
#define ERROR_REGISTER_NO_NAME     "ERR redis.register_function must get a function name argument"
#define ERROR_REGISTER_NO_CALLBACK "ERR redis.register_function must get a callback argument"
#define ERROR_REGISTER_TWICE       "ERR Function already exists in the library"

/* Of the functions that a script calls. */
#define ERROR_LUA_NO_ARGUMENTS          "ERR Please specify at least one argument for this redis lib call"
#define ERROR_LUA_ARGUMENT_TYPE         "ERR Lua redis lib command arguments must be strings or integers"
#define ERROR_LUA_NO_ARGUMENTS_BEFORE_7 "ERR Please specify at least one argument for redis.call()"
#define ERROR_LUA_ARGUMENT_TYPE_BEFORE_7                                                           \
    "ERR Lua redis() command arguments must be strings or integers"
#define ERROR_LUA_RECURSION          "ERR redis.call() must not be called while a command runs for a script"
#define ERROR_LUA_STACK_LIMIT        "ERR reached lua stack limit"
#define ERROR_LUA_REPLY_ARGUMENT     "ERR wrong number or type of arguments"
#define ERROR_LUA_SHA1_ARGUMENT      "ERR wrong number of arguments"
#define ERROR_LUA_LOG_ARGUMENTS      "ERR redis.log() requires two arguments or more."
#define ERROR_LUA_LOG_LEVEL_TYPE     "ERR First argument must be a number (log level)."
#define ERROR_LUA_LOG_LEVEL          "ERR Invalid debug level."
#define ERROR_LUA_SETRESP_ARGUMENTS  "ERR redis.setresp() requires one argument."
#define ERROR_LUA_SETRESP_VERSION    "ERR RESP version must be 2 or 3."
#define ERROR_LUA_SET_REPL_ARGUMENTS "ERR redis.set_repl() requires two arguments."
#define ERROR_LUA_SET_REPL_FLAGS                                                                   \
    "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE."
#define ERROR_LUA_SET_REPL_EARLY                                                                   \
    "ERR You can set the replication behavior only after turning on single commands replication "  \
    "with redis.replicate_commands()."
#define ERROR_LUA_MEMORY        "not enough memory"
#define ERROR_LUA_JSON_FUNCTION "Cannot serialise function: type not supported"
#define ERROR_LUA_ACL_COMMAND   "ERR Invalid command passed to redis.acl_check_cmd()"
/* As Lua raises them: without a code. */
#define ERROR_LUA_READ_ONLY        "Attempt to modify a readonly table"
#define ERROR_LUA_READ_ONLY_RAISED "ERR err_handler_def:10: Attempt to modify a readonly table"
#define ERROR_LUA_NO_SUCH_GLOBAL   "Script attempted to access nonexistent global variable '%s'"
#define ERROR_LUA_GLOBAL_ARGUMENTS "Wrong number of arguments to luaProtectedTableError"
#define ERROR_LUA_GLOBAL_NAME      "Second argument to luaProtectedTableError must be a string or number"

/* The libraries struct and cmsgpack, as they raise them. */
#define ERROR_STRUCT_COUNT             "integral size overflow"
#define ERROR_STRUCT_INTEGER_SIZE      "integral size %d is larger than limit of %d"
#define ERROR_STRUCT_ALIGNMENT         "alignment %d is not a power of 2"
#define ERROR_STRUCT_OPTION            "invalid format option '%c'"
#define ERROR_STRUCT_NO_SIZE           "format 'c0' needs a previous size"
#define ERROR_STRUCT_SHORT_DATA        "data string too short"
#define ERROR_STRUCT_UNFINISHED_STRING "unfinished string in data"
#define ERROR_MSGPACK_SHORT            "Missing bytes in input."
#define ERROR_MSGPACK_FORMAT           "Bad data format in input."
#define ERROR_MSGPACK_REQUEST          "Invalid request to unpack with offset of %d and limit of %d."
#define ERROR_MSGPACK_OFFSET           "Start offset %d greater than input length %d."

#endif
