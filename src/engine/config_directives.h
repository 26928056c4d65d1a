/* SPDX-License-Identifier: MIT */
/*
 * Every directive, one row each, for whoever defines DIRECTIVE and includes this (config.h and
 * config_value.c):
 *
 *     DIRECTIVE(id, name, old name or NULL, type, flags, default, lowest, highest, ...)
 *
 * The type is one of enum directive_type without its DIRECTIVE_, the flags are of enum
 * directive_flags (config_value.h); what follows the bounds are further members of struct
 * directive: the words of an enumeration, the version in which the name came. Defaults are those of
 * Redis, except that Understudy listens on the loopback address alone and has no save points.
 *
 * No include guard: it is included more than once on purpose.
 */

/* --- net and clients --- */
DIRECTIVE(BIND, "bind", NULL, WORDS, CONFIG_SEVERAL, "127.0.0.1", 0, 0)
DIRECTIVE(PORT, "port", NULL, INTEGER, CONFIG_MAY_BE_FREE, "6379", 0, 65535)
DIRECTIVE(UNIXSOCKET, "unixsocket", NULL, STRING, CONFIG_IMMUTABLE | CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(UNIXSOCKETPERM, "unixsocketperm", NULL, OCTAL, CONFIG_IMMUTABLE, "0", 0, 0777)
DIRECTIVE(TCP_BACKLOG, "tcp-backlog", NULL, INTEGER, CONFIG_IMMUTABLE, "511", 0, INT32_MAX)
DIRECTIVE(TCP_KEEPALIVE, "tcp-keepalive", NULL, INTEGER, CONFIG_PLAIN, "300", 0, INT32_MAX)
DIRECTIVE(TIMEOUT, "timeout", NULL, INTEGER, CONFIG_PLAIN, "0", 0, INT32_MAX)
DIRECTIVE(PROTECTED_MODE, "protected-mode", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(BIND_SOURCE_ADDR, "bind-source-addr", NULL, STRING, CONFIG_ABSENT, "", 0, 0,
          .since = "7.0")
DIRECTIVE(SOCKET_MARK_ID, "socket-mark-id", NULL, INTEGER, CONFIG_IMMUTABLE, "0", 0, UINT32_MAX,
          .since = "7.0")
DIRECTIVE(MAXCLIENTS, "maxclients", NULL, INTEGER, CONFIG_PLAIN, "10000", 1, UINT32_MAX)
DIRECTIVE(REQUIREPASS, "requirepass", NULL, STRING,
          CONFIG_SENSITIVE | CONFIG_BINARY | CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(CLIENT_QUERY_BUFFER_LIMIT, "client-query-buffer-limit", NULL, MEMORY, CONFIG_PLAIN,
          "1073741824", 1048576, INT64_MAX)
DIRECTIVE(CLIENT_OUTPUT_BUFFER_LIMIT, "client-output-buffer-limit", NULL, BUFFER_LIMITS,
          CONFIG_SEVERAL, "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", 0,
          0)
DIRECTIVE(MAXMEMORY_CLIENTS, "maxmemory-clients", NULL, MEMORY, CONFIG_PERCENT, "0", -100,
          INT64_MAX, .since = "7.0")
DIRECTIVE(PROTO_MAX_BULK_LEN, "proto-max-bulk-len", NULL, MEMORY, CONFIG_PLAIN, "512mb", 1048576,
          INT64_MAX)
DIRECTIVE(IO_THREADS, "io-threads", NULL, INTEGER, CONFIG_IMMUTABLE, "1", 1, 128)
DIRECTIVE(IO_THREADS_DO_READS, "io-threads-do-reads", NULL, BOOLEAN, CONFIG_IMMUTABLE, "no", 0, 0,
          .until = "8.0")

/* --- the server --- */
DIRECTIVE(DATABASES, "databases", NULL, INTEGER, CONFIG_IMMUTABLE, "16", 1, INT32_MAX)
DIRECTIVE(DAEMONIZE, "daemonize", NULL, BOOLEAN, CONFIG_IMMUTABLE, "no", 0, 0)
DIRECTIVE(SUPERVISED, "supervised", NULL, ENUMERATION, CONFIG_IMMUTABLE, "no", 0, 0,
          .words = "upstart systemd auto no")
DIRECTIVE(PIDFILE, "pidfile", NULL, STRING, CONFIG_IMMUTABLE | CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(LOGLEVEL, "loglevel", NULL, ENUMERATION, CONFIG_PLAIN, "notice", 0, 0,
          .words = "debug verbose notice warning nothing@7.2")
DIRECTIVE(LOGFILE, "logfile", NULL, STRING, CONFIG_IMMUTABLE, "", 0, 0)
DIRECTIVE(SYSLOG_ENABLED, "syslog-enabled", NULL, BOOLEAN, CONFIG_IMMUTABLE, "no", 0, 0)
DIRECTIVE(SYSLOG_IDENT, "syslog-ident", NULL, STRING, CONFIG_IMMUTABLE, "redis", 0, 0)
DIRECTIVE(SYSLOG_FACILITY, "syslog-facility", NULL, ENUMERATION, CONFIG_IMMUTABLE, "local0", 0, 0,
          .words = "user local0 local1 local2 local3 local4 local5 local6 local7")
DIRECTIVE(CRASH_LOG_ENABLED, "crash-log-enabled", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(CRASH_MEMCHECK_ENABLED, "crash-memcheck-enabled", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0,
          0)
DIRECTIVE(ALWAYS_SHOW_LOGO, "always-show-logo", NULL, BOOLEAN, CONFIG_IMMUTABLE, "no", 0, 0)
DIRECTIVE(SET_PROC_TITLE, "set-proc-title", NULL, BOOLEAN, CONFIG_IMMUTABLE, "yes", 0, 0)
DIRECTIVE(PROC_TITLE_TEMPLATE, "proc-title-template", NULL, TITLE, CONFIG_PLAIN,
          "{title} {listen-addr} {server-mode}", 0, 0)
DIRECTIVE(HZ, "hz", NULL, INTEGER, CONFIG_PLAIN, "10", 0, INT32_MAX)
DIRECTIVE(DYNAMIC_HZ, "dynamic-hz", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(DIR, "dir", NULL, DIRECTORY, CONFIG_PROTECTED, ".", 0, 0)
DIRECTIVE(ENABLE_DEBUG_COMMAND, "enable-debug-command", NULL, ENUMERATION, CONFIG_IMMUTABLE, "no",
          0, 0, .words = "no yes local", .since = "7.0")
DIRECTIVE(ENABLE_MODULE_COMMAND, "enable-module-command", NULL, ENUMERATION, CONFIG_IMMUTABLE, "no",
          0, 0, .words = "no yes local", .since = "7.0")
DIRECTIVE(ENABLE_PROTECTED_CONFIGS, "enable-protected-configs", NULL, ENUMERATION, CONFIG_IMMUTABLE,
          "no", 0, 0, .words = "no yes local", .since = "7.0")
DIRECTIVE(IGNORE_WARNINGS, "ignore-warnings", NULL, STRING, CONFIG_PLAIN, "", 0, 0)
DIRECTIVE(SHUTDOWN_TIMEOUT, "shutdown-timeout", NULL, INTEGER, CONFIG_PLAIN, "10", 0, INT32_MAX,
          .since = "7.0")
DIRECTIVE(SHUTDOWN_ON_SIGINT, "shutdown-on-sigint", NULL, ENUMERATION, CONFIG_SEVERAL, "default", 0,
          0, .words = "default save nosave now force", .since = "7.0")
DIRECTIVE(SHUTDOWN_ON_SIGTERM, "shutdown-on-sigterm", NULL, ENUMERATION, CONFIG_SEVERAL, "default",
          0, 0, .words = "default save nosave now force", .since = "7.0")
DIRECTIVE(OOM_SCORE_ADJ, "oom-score-adj", NULL, ENUMERATION, CONFIG_PLAIN, "no", 0, 0,
          .words = "no yes relative absolute")
DIRECTIVE(OOM_SCORE_ADJ_VALUES, "oom-score-adj-values", NULL, SCORES, CONFIG_SEVERAL, "0 200 800",
          0, 0)
DIRECTIVE(DISABLE_THP, "disable-thp", NULL, BOOLEAN, CONFIG_IMMUTABLE, "yes", 0, 0)
DIRECTIVE(JEMALLOC_BG_THREAD, "jemalloc-bg-thread", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(AOF_REWRITE_CPULIST, "aof-rewrite-cpulist", "aof_rewrite_cpulist", STRING,
          CONFIG_IMMUTABLE | CONFIG_ABSENT, "", 0, 0, .since = "7.4")
DIRECTIVE(BGSAVE_CPULIST, "bgsave-cpulist", "bgsave_cpulist", STRING,
          CONFIG_IMMUTABLE | CONFIG_ABSENT, "", 0, 0, .since = "7.4")
DIRECTIVE(BIO_CPULIST, "bio-cpulist", "bio_cpulist", STRING, CONFIG_IMMUTABLE | CONFIG_ABSENT, "",
          0, 0, .since = "7.4")
DIRECTIVE(SERVER_CPULIST, "server-cpulist", "server_cpulist", STRING,
          CONFIG_IMMUTABLE | CONFIG_ABSENT, "", 0, 0, .since = "7.4")

/* --- scripts, events, watching --- */
DIRECTIVE(LUA_TIME_LIMIT, "busy-reply-threshold", "lua-time-limit", INTEGER, CONFIG_PLAIN, "5000",
          0, INT64_MAX, .since = "7.0")
DIRECTIVE(LUA_REPLICATE_COMMANDS, "lua-replicate-commands", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0,
          0, .until = "7.0")
DIRECTIVE(NOTIFY_KEYSPACE_EVENTS, "notify-keyspace-events", NULL, EVENTS, CONFIG_PLAIN, "", 0, 0)
DIRECTIVE(SLOWLOG_LOG_SLOWER_THAN, "slowlog-log-slower-than", NULL, INTEGER, CONFIG_PLAIN, "10000",
          -1, INT64_MAX)
DIRECTIVE(SLOWLOG_MAX_LEN, "slowlog-max-len", NULL, INTEGER, CONFIG_PLAIN, "128", 0, INT64_MAX)
DIRECTIVE(LATENCY_MONITOR_THRESHOLD, "latency-monitor-threshold", NULL, INTEGER, CONFIG_PLAIN, "0",
          0, INT64_MAX)
DIRECTIVE(LATENCY_TRACKING, "latency-tracking", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0,
          .since = "7.0")
DIRECTIVE(LATENCY_TRACKING_INFO_PERCENTILES, "latency-tracking-info-percentiles", NULL, PERCENTILES,
          CONFIG_SEVERAL, "50 99 99.9", 0, 0, .since = "7.0")
DIRECTIVE(TRACKING_TABLE_MAX_KEYS, "tracking-table-max-keys", NULL, INTEGER, CONFIG_PLAIN,
          "1000000", 0, INT64_MAX)
DIRECTIVE(PROPAGATION_ERROR_BEHAVIOR, "propagation-error-behavior", NULL, ENUMERATION, CONFIG_PLAIN,
          "ignore", 0, 0, .words = "ignore panic panic-on-replicas", .since = "7.0")

/* --- access control --- */
DIRECTIVE(ACLFILE, "aclfile", NULL, STRING, CONFIG_IMMUTABLE, "", 0, 0)
DIRECTIVE(ACLLOG_MAX_LEN, "acllog-max-len", NULL, INTEGER, CONFIG_PLAIN, "128", 0, INT64_MAX)
DIRECTIVE(ACL_PUBSUB_DEFAULT, "acl-pubsub-default", NULL, ENUMERATION, CONFIG_PLAIN,
          "resetchannels", 0, 0, .words = "allchannels resetchannels")

/* --- memory and keys --- */
DIRECTIVE(MAXMEMORY, "maxmemory", NULL, MEMORY, CONFIG_PLAIN, "0", 0, DIRECTIVE_UNBOUNDED)
DIRECTIVE(MAXMEMORY_POLICY, "maxmemory-policy", NULL, ENUMERATION, CONFIG_PLAIN, "noeviction", 0, 0,
          .words = "volatile-lru volatile-lfu volatile-random volatile-ttl allkeys-lru allkeys-lfu "
                   "allkeys-random noeviction")
DIRECTIVE(MAXMEMORY_SAMPLES, "maxmemory-samples", NULL, INTEGER, CONFIG_PLAIN, "5", 1, INT32_MAX)
DIRECTIVE(MAXMEMORY_EVICTION_TENACITY, "maxmemory-eviction-tenacity", NULL, INTEGER, CONFIG_PLAIN,
          "10", 0, 100)
DIRECTIVE(LFU_LOG_FACTOR, "lfu-log-factor", NULL, INTEGER, CONFIG_PLAIN, "10", 0, INT32_MAX)
DIRECTIVE(LFU_DECAY_TIME, "lfu-decay-time", NULL, INTEGER, CONFIG_PLAIN, "1", 0, INT32_MAX)
DIRECTIVE(ACTIVE_EXPIRE_EFFORT, "active-expire-effort", NULL, INTEGER, CONFIG_PLAIN, "1", 1, 10)
DIRECTIVE(ACTIVEREHASHING, "activerehashing", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(LAZYFREE_LAZY_EVICTION, "lazyfree-lazy-eviction", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(LAZYFREE_LAZY_EXPIRE, "lazyfree-lazy-expire", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(LAZYFREE_LAZY_SERVER_DEL, "lazyfree-lazy-server-del", NULL, BOOLEAN, CONFIG_PLAIN, "no",
          0, 0)
DIRECTIVE(LAZYFREE_LAZY_USER_DEL, "lazyfree-lazy-user-del", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(LAZYFREE_LAZY_USER_FLUSH, "lazyfree-lazy-user-flush", NULL, BOOLEAN, CONFIG_PLAIN, "no",
          0, 0)
DIRECTIVE(ACTIVEDEFRAG, "activedefrag", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(ACTIVE_DEFRAG_CYCLE_MAX, "active-defrag-cycle-max", NULL, INTEGER, CONFIG_PLAIN, "25", 1,
          99)
DIRECTIVE(ACTIVE_DEFRAG_CYCLE_MIN, "active-defrag-cycle-min", NULL, INTEGER, CONFIG_PLAIN, "1", 1,
          99)
DIRECTIVE(ACTIVE_DEFRAG_IGNORE_BYTES, "active-defrag-ignore-bytes", NULL, MEMORY, CONFIG_PLAIN,
          "104857600", 1, INT64_MAX)
DIRECTIVE(ACTIVE_DEFRAG_MAX_SCAN_FIELDS, "active-defrag-max-scan-fields", NULL, INTEGER,
          CONFIG_PLAIN, "1000", 1, INT64_MAX)
DIRECTIVE(ACTIVE_DEFRAG_THRESHOLD_LOWER, "active-defrag-threshold-lower", NULL, INTEGER,
          CONFIG_PLAIN, "10", 0, 1000)
DIRECTIVE(ACTIVE_DEFRAG_THRESHOLD_UPPER, "active-defrag-threshold-upper", NULL, INTEGER,
          CONFIG_PLAIN, "100", 0, 1000)

/* --- encodings --- */
DIRECTIVE(HASH_MAX_LISTPACK_ENTRIES, "hash-max-listpack-entries", "hash-max-ziplist-entries",
          INTEGER, CONFIG_PLAIN, "512", 0, INT64_MAX, .since = "7.0")
DIRECTIVE(HASH_MAX_LISTPACK_VALUE, "hash-max-listpack-value", "hash-max-ziplist-value", MEMORY,
          CONFIG_PLAIN, "64", 0, INT64_MAX, .since = "7.0")
DIRECTIVE(LIST_MAX_LISTPACK_SIZE, "list-max-listpack-size", "list-max-ziplist-size", INTEGER,
          CONFIG_PLAIN, "-2", INT32_MIN, INT32_MAX, .since = "7.0")
DIRECTIVE(LIST_COMPRESS_DEPTH, "list-compress-depth", NULL, INTEGER, CONFIG_PLAIN, "0", 0,
          INT32_MAX)
DIRECTIVE(SET_MAX_INTSET_ENTRIES, "set-max-intset-entries", NULL, INTEGER, CONFIG_PLAIN, "512", 0,
          INT64_MAX)
DIRECTIVE(SET_MAX_LISTPACK_ENTRIES, "set-max-listpack-entries", NULL, INTEGER, CONFIG_PLAIN, "128",
          0, INT64_MAX, .since = "7.2")
DIRECTIVE(SET_MAX_LISTPACK_VALUE, "set-max-listpack-value", NULL, MEMORY, CONFIG_PLAIN, "64", 0,
          INT64_MAX, .since = "7.2")
DIRECTIVE(ZSET_MAX_LISTPACK_ENTRIES, "zset-max-listpack-entries", "zset-max-ziplist-entries",
          INTEGER, CONFIG_PLAIN, "128", 0, INT64_MAX, .since = "7.0")
DIRECTIVE(ZSET_MAX_LISTPACK_VALUE, "zset-max-listpack-value", "zset-max-ziplist-value", MEMORY,
          CONFIG_PLAIN, "64", 0, INT64_MAX, .since = "7.0")
DIRECTIVE(HLL_SPARSE_MAX_BYTES, "hll-sparse-max-bytes", NULL, MEMORY, CONFIG_PLAIN, "3000", 0,
          INT64_MAX)
DIRECTIVE(STREAM_NODE_MAX_BYTES, "stream-node-max-bytes", NULL, MEMORY, CONFIG_PLAIN, "4096", 0,
          INT64_MAX)
DIRECTIVE(STREAM_NODE_MAX_ENTRIES, "stream-node-max-entries", NULL, INTEGER, CONFIG_PLAIN, "100", 0,
          INT64_MAX)

/* --- persistence: kept, without effect but for what DUMP and SHUTDOWN read --- */
DIRECTIVE(SAVE, "save", NULL, SAVE, CONFIG_SEVERAL, "", 0, 0)
DIRECTIVE(AOF_DISABLE_AUTO_GC, "aof-disable-auto-gc", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0,
          .since = "7.0")
DIRECTIVE(AOF_LOAD_TRUNCATED, "aof-load-truncated", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(AOF_REWRITE_INCREMENTAL_FSYNC, "aof-rewrite-incremental-fsync", NULL, BOOLEAN,
          CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(AOF_TIMESTAMP_ENABLED, "aof-timestamp-enabled", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0,
          .since = "7.0")
DIRECTIVE(AOF_USE_RDB_PREAMBLE, "aof-use-rdb-preamble", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(APPENDDIRNAME, "appenddirname", NULL, FILENAME, CONFIG_IMMUTABLE, "appendonlydir", 0, 0,
          .since = "7.0")
DIRECTIVE(APPENDFILENAME, "appendfilename", NULL, FILENAME, CONFIG_IMMUTABLE, "appendonly.aof", 0,
          0)
DIRECTIVE(APPENDFSYNC, "appendfsync", NULL, ENUMERATION, CONFIG_PLAIN, "everysec", 0, 0,
          .words = "everysec always no")
DIRECTIVE(APPENDONLY, "appendonly", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(AUTO_AOF_REWRITE_MIN_SIZE, "auto-aof-rewrite-min-size", NULL, MEMORY, CONFIG_PLAIN,
          "67108864", 0, INT64_MAX)
DIRECTIVE(AUTO_AOF_REWRITE_PERCENTAGE, "auto-aof-rewrite-percentage", NULL, INTEGER, CONFIG_PLAIN,
          "100", 0, INT32_MAX)
DIRECTIVE(DBFILENAME, "dbfilename", NULL, FILENAME, CONFIG_PROTECTED, "dump.rdb", 0, 0)
DIRECTIVE(NO_APPENDFSYNC_ON_REWRITE, "no-appendfsync-on-rewrite", NULL, BOOLEAN, CONFIG_PLAIN, "no",
          0, 0)
DIRECTIVE(RDB_DEL_SYNC_FILES, "rdb-del-sync-files", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(RDB_SAVE_INCREMENTAL_FSYNC, "rdb-save-incremental-fsync", NULL, BOOLEAN, CONFIG_PLAIN,
          "yes", 0, 0)
DIRECTIVE(RDBCHECKSUM, "rdbchecksum", NULL, BOOLEAN, CONFIG_IMMUTABLE, "yes", 0, 0)
DIRECTIVE(RDBCOMPRESSION, "rdbcompression", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(SANITIZE_DUMP_PAYLOAD, "sanitize-dump-payload", NULL, ENUMERATION, CONFIG_PLAIN, "no", 0,
          0, .words = "no yes clients")
DIRECTIVE(STOP_WRITES_ON_BGSAVE_ERROR, "stop-writes-on-bgsave-error", NULL, BOOLEAN, CONFIG_PLAIN,
          "yes", 0, 0)

/* --- replication: of a replica whose primary is out of reach; most without effect --- */
DIRECTIVE(MASTERAUTH, "masterauth", NULL, STRING, CONFIG_SENSITIVE | CONFIG_BINARY | CONFIG_ABSENT,
          "", 0, 0)
DIRECTIVE(MASTERUSER, "masteruser", NULL, STRING, CONFIG_SENSITIVE | CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(MIN_REPLICAS_MAX_LAG, "min-replicas-max-lag", "min-slaves-max-lag", INTEGER, CONFIG_PLAIN,
          "10", 0, INT32_MAX)
DIRECTIVE(MIN_REPLICAS_TO_WRITE, "min-replicas-to-write", "min-slaves-to-write", INTEGER,
          CONFIG_PLAIN, "0", 0, INT32_MAX)
DIRECTIVE(REPL_BACKLOG_SIZE, "repl-backlog-size", NULL, MEMORY, CONFIG_PLAIN, "1048576", 1,
          INT64_MAX)
DIRECTIVE(REPL_BACKLOG_TTL, "repl-backlog-ttl", NULL, INTEGER, CONFIG_PLAIN, "3600", 0, INT64_MAX)
DIRECTIVE(REPL_DISABLE_TCP_NODELAY, "repl-disable-tcp-nodelay", NULL, BOOLEAN, CONFIG_PLAIN, "no",
          0, 0)
DIRECTIVE(REPL_DISKLESS_LOAD, "repl-diskless-load", NULL, ENUMERATION, CONFIG_PLAIN, "disabled", 0,
          0, .words = "disabled on-empty-db swapdb")
DIRECTIVE(REPL_DISKLESS_SYNC, "repl-diskless-sync", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(REPL_DISKLESS_SYNC_DELAY, "repl-diskless-sync-delay", NULL, INTEGER, CONFIG_PLAIN, "5", 0,
          INT32_MAX)
DIRECTIVE(REPL_DISKLESS_SYNC_MAX_REPLICAS, "repl-diskless-sync-max-replicas", NULL, INTEGER,
          CONFIG_PLAIN, "0", 0, INT32_MAX, .since = "7.0")
DIRECTIVE(REPL_PING_REPLICA_PERIOD, "repl-ping-replica-period", "repl-ping-slave-period", INTEGER,
          CONFIG_PLAIN, "10", 1, INT32_MAX)
DIRECTIVE(REPL_TIMEOUT, "repl-timeout", NULL, INTEGER, CONFIG_PLAIN, "60", 1, INT32_MAX)
DIRECTIVE(REPLICA_ANNOUNCE_IP, "replica-announce-ip", "slave-announce-ip", STRING, CONFIG_ABSENT,
          "", 0, 0)
DIRECTIVE(REPLICA_ANNOUNCE_PORT, "replica-announce-port", "slave-announce-port", INTEGER,
          CONFIG_PLAIN, "0", 0, 65535)
DIRECTIVE(REPLICA_ANNOUNCED, "replica-announced", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(REPLICA_IGNORE_DISK_WRITE_ERRORS, "replica-ignore-disk-write-errors", NULL, BOOLEAN,
          CONFIG_PLAIN, "no", 0, 0, .since = "7.0")
DIRECTIVE(REPLICA_IGNORE_MAXMEMORY, "replica-ignore-maxmemory", "slave-ignore-maxmemory", BOOLEAN,
          CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(REPLICA_LAZY_FLUSH, "replica-lazy-flush", "slave-lazy-flush", BOOLEAN, CONFIG_PLAIN, "no",
          0, 0)
DIRECTIVE(REPLICA_PRIORITY, "replica-priority", "slave-priority", INTEGER, CONFIG_PLAIN, "100", 0,
          INT32_MAX)
DIRECTIVE(REPLICA_READ_ONLY, "replica-read-only", "slave-read-only", BOOLEAN, CONFIG_PLAIN, "yes",
          0, 0)
DIRECTIVE(REPLICA_SERVE_STALE_DATA, "replica-serve-stale-data", "slave-serve-stale-data", BOOLEAN,
          CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(REPLICAOF, "replicaof", "slaveof", REPLICA_OF, CONFIG_SEVERAL | CONFIG_IMMUTABLE, "", 0,
          0)

/* --- cluster: of one node; what is for its talk with others is without effect --- */
DIRECTIVE(CLUSTER_ALLOW_PUBSUBSHARD_WHEN_DOWN, "cluster-allow-pubsubshard-when-down", NULL, BOOLEAN,
          CONFIG_PLAIN, "yes", 0, 0, .since = "7.0")
DIRECTIVE(CLUSTER_ALLOW_READS_WHEN_DOWN, "cluster-allow-reads-when-down", NULL, BOOLEAN,
          CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(CLUSTER_ALLOW_REPLICA_MIGRATION, "cluster-allow-replica-migration", NULL, BOOLEAN,
          CONFIG_PLAIN, "yes", 0, 0)
DIRECTIVE(CLUSTER_ANNOUNCE_BUS_PORT, "cluster-announce-bus-port", NULL, INTEGER, CONFIG_PLAIN, "0",
          0, 65535)
DIRECTIVE(CLUSTER_ANNOUNCE_HOSTNAME, "cluster-announce-hostname", NULL, HOSTNAME, CONFIG_PLAIN, "",
          0, 0, .since = "7.0")
DIRECTIVE(CLUSTER_ANNOUNCE_IP, "cluster-announce-ip", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(CLUSTER_ANNOUNCE_PORT, "cluster-announce-port", NULL, INTEGER, CONFIG_PLAIN, "0", 0,
          65535)
DIRECTIVE(CLUSTER_ANNOUNCE_TLS_PORT, "cluster-announce-tls-port", NULL, INTEGER, CONFIG_PLAIN, "0",
          0, 65535)
DIRECTIVE(CLUSTER_CONFIG_FILE, "cluster-config-file", NULL, STRING, CONFIG_IMMUTABLE, "nodes.conf",
          0, 0)
DIRECTIVE(CLUSTER_ENABLED, "cluster-enabled", NULL, BOOLEAN, CONFIG_IMMUTABLE, "no", 0, 0)
DIRECTIVE(CLUSTER_LINK_SENDBUF_LIMIT, "cluster-link-sendbuf-limit", NULL, MEMORY, CONFIG_PLAIN, "0",
          0, DIRECTIVE_UNBOUNDED, .since = "7.0")
DIRECTIVE(CLUSTER_MIGRATION_BARRIER, "cluster-migration-barrier", NULL, INTEGER, CONFIG_PLAIN, "1",
          0, INT32_MAX)
DIRECTIVE(CLUSTER_NODE_TIMEOUT, "cluster-node-timeout", NULL, INTEGER, CONFIG_PLAIN, "15000", 0,
          INT64_MAX)
DIRECTIVE(CLUSTER_PORT, "cluster-port", NULL, INTEGER, CONFIG_IMMUTABLE, "0", 0, 65535,
          .since = "7.0")
DIRECTIVE(CLUSTER_PREFERRED_ENDPOINT_TYPE, "cluster-preferred-endpoint-type", NULL, ENUMERATION,
          CONFIG_PLAIN, "ip", 0, 0, .words = "ip hostname unknown-endpoint", .since = "7.0")
DIRECTIVE(CLUSTER_REPLICA_NO_FAILOVER, "cluster-replica-no-failover", "cluster-slave-no-failover",
          BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(CLUSTER_REPLICA_VALIDITY_FACTOR, "cluster-replica-validity-factor",
          "cluster-slave-validity-factor", INTEGER, CONFIG_PLAIN, "10", 0, INT32_MAX)
DIRECTIVE(CLUSTER_REQUIRE_FULL_COVERAGE, "cluster-require-full-coverage", NULL, BOOLEAN,
          CONFIG_PLAIN, "yes", 0, 0)

/* --- TLS --- */
DIRECTIVE(TLS_AUTH_CLIENTS, "tls-auth-clients", NULL, ENUMERATION, CONFIG_PLAIN, "yes", 0, 0,
          .words = "no yes optional")
DIRECTIVE(TLS_CA_CERT_DIR, "tls-ca-cert-dir", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_CA_CERT_FILE, "tls-ca-cert-file", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_CERT_FILE, "tls-cert-file", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_CIPHERS, "tls-ciphers", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_CIPHERSUITES, "tls-ciphersuites", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_CLIENT_CERT_FILE, "tls-client-cert-file", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_CLIENT_KEY_FILE, "tls-client-key-file", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_CLIENT_KEY_FILE_PASS, "tls-client-key-file-pass", NULL, STRING,
          CONFIG_SENSITIVE | CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_CLUSTER, "tls-cluster", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(TLS_DH_PARAMS_FILE, "tls-dh-params-file", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_KEY_FILE, "tls-key-file", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_KEY_FILE_PASS, "tls-key-file-pass", NULL, STRING, CONFIG_SENSITIVE | CONFIG_ABSENT,
          "", 0, 0)
DIRECTIVE(TLS_PORT, "tls-port", NULL, INTEGER, CONFIG_MAY_BE_FREE, "0", 0, 65535)
DIRECTIVE(TLS_PREFER_SERVER_CIPHERS, "tls-prefer-server-ciphers", NULL, BOOLEAN, CONFIG_PLAIN, "no",
          0, 0)
DIRECTIVE(TLS_PROTOCOLS, "tls-protocols", NULL, STRING, CONFIG_ABSENT, "", 0, 0)
DIRECTIVE(TLS_REPLICATION, "tls-replication", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0)
DIRECTIVE(TLS_SESSION_CACHE_SIZE, "tls-session-cache-size", NULL, INTEGER, CONFIG_PLAIN, "20480", 0,
          INT32_MAX)
DIRECTIVE(TLS_SESSION_CACHE_TIMEOUT, "tls-session-cache-timeout", NULL, INTEGER, CONFIG_PLAIN,
          "300", 0, INT32_MAX)
DIRECTIVE(TLS_SESSION_CACHING, "tls-session-caching", NULL, BOOLEAN, CONFIG_PLAIN, "yes", 0, 0)

/* --- newer than 7.0 --- */
DIRECTIVE(LOCALE_COLLATE, "locale-collate", NULL, STRING, CONFIG_PLAIN, "", 0, 0, .since = "7.2")
DIRECTIVE(CLUSTER_ANNOUNCE_HUMAN_NODENAME, "cluster-announce-human-nodename", NULL, STRING,
          CONFIG_PLAIN, "", 0, 0, .since = "7.2")
DIRECTIVE(MAX_NEW_CONNECTIONS_PER_CYCLE, "max-new-connections-per-cycle", NULL, INTEGER,
          CONFIG_PLAIN, "10", 1, 1000, .since = "7.4")
DIRECTIVE(MAX_NEW_TLS_CONNECTIONS_PER_CYCLE, "max-new-tls-connections-per-cycle", NULL, INTEGER,
          CONFIG_PLAIN, "1", 1, 1000, .since = "7.4")
DIRECTIVE(HIDE_USER_DATA_FROM_LOG, "hide-user-data-from-log", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0,
          0, .since = "7.4")

DIRECTIVE(REPLICA_FULL_SYNC_BUFFER_LIMIT, "replica-full-sync-buffer-limit", NULL, MEMORY,
          CONFIG_PLAIN, "0", 0, INT64_MAX, .since = "8.0")
DIRECTIVE(CLUSTER_COMPATIBILITY_SAMPLE_RATIO, "cluster-compatibility-sample-ratio", NULL, INTEGER,
          CONFIG_PLAIN, "0", 0, 100, .since = "8.0")

/* --- older than 7.0 --- */
DIRECTIVE(GOPHER_ENABLED, "gopher-enabled", NULL, BOOLEAN, CONFIG_PLAIN, "no", 0, 0, .until = "7.0")

/* --- for those who work on Redis: found by their whole name alone --- */
DIRECTIVE(USE_EXIT_ON_PANIC, "use-exit-on-panic", NULL, BOOLEAN, CONFIG_HIDDEN, "no", 0, 0,
          .since = "7.0")
DIRECTIVE(LUA_ENABLE_DEPRECATED_API, "lua-enable-deprecated-api", NULL, BOOLEAN,
          CONFIG_IMMUTABLE | CONFIG_HIDDEN, "no", 0, 0, .since = "7.0")
DIRECTIVE(KEY_LOAD_DELAY, "key-load-delay", NULL, INTEGER, CONFIG_HIDDEN, "0", INT32_MIN, INT32_MAX)
DIRECTIVE(RDB_KEY_SAVE_DELAY, "rdb-key-save-delay", NULL, INTEGER, CONFIG_HIDDEN, "0", INT32_MIN,
          INT32_MAX)
DIRECTIVE(LOADING_PROCESS_EVENTS_INTERVAL_BYTES, "loading-process-events-interval-bytes", NULL,
          INTEGER, CONFIG_HIDDEN, "2097152", 1024, INT32_MAX)
DIRECTIVE(WATCHDOG_PERIOD, "watchdog-period", NULL, INTEGER, CONFIG_HIDDEN, "0", 0, INT32_MAX)

/* --- ours: found by their whole name alone --- */
#define OWN (CONFIG_HIDDEN | CONFIG_OURS)
DIRECTIVE(EMULATE, "emulate", NULL, VERSION, CONFIG_IMMUTABLE | OWN, "7.2", 0, 0,
          .words = "6.2 7.0 7.2 7.4 8.0")
DIRECTIVE(ENABLE_MOCK_COMMAND, "enable-mock-command", NULL, ENUMERATION, CONFIG_IMMUTABLE | OWN,
          "local", 0, 0, .words = "no yes local")
DIRECTIVE(WORLDS, "worlds", NULL, BOOLEAN, CONFIG_IMMUTABLE | OWN, "no", 0, 0)
DIRECTIVE(CLOCK, "clock", NULL, STRING, CONFIG_IMMUTABLE | OWN, "real", 0, 0)
DIRECTIVE(MOCK_CALLS_MAX, "mock-calls-max", NULL, INTEGER, OWN, "0", 0, 1073741824)
DIRECTIVE(READY_FILE, "ready-file", NULL, STRING, CONFIG_IMMUTABLE | OWN, "", 0, 0)
DIRECTIVE(READY_FD, "ready-fd", NULL, INTEGER, CONFIG_IMMUTABLE | OWN, "-1", -1, INT32_MAX)
DIRECTIVE(REPORT, "report", NULL, STRING, CONFIG_IMMUTABLE | OWN, "", 0, 0)
DIRECTIVE(SCRIPT_CHECKS, "script-checks", NULL, ENUMERATION, OWN, "off", 0, 0,
          .words = "off warn error")
DIRECTIVE(SCRIPT_COVERAGE, "script-coverage", NULL, STRING, CONFIG_IMMUTABLE | OWN, "", 0, 0)
DIRECTIVE(SCRIPT_COVERAGE_MIN, "script-coverage-min", NULL, INTEGER, CONFIG_IMMUTABLE | OWN, "0", 0,
          100)
DIRECTIVE(SCRIPT_SOURCES, "script-sources", NULL, WORDS, CONFIG_SEVERAL | CONFIG_IMMUTABLE | OWN,
          "", 0, 0)
DIRECTIVE(LUA_MEMORY_LIMIT, "lua-memory-limit", NULL, MEMORY, OWN, "1gb", 0, INT64_MAX)
DIRECTIVE(TLS_SELF_SIGNED, "tls-self-signed", NULL, STRING, CONFIG_IMMUTABLE | OWN, "no", 0, 0)
DIRECTIVE(SEED_FILE, "seed-file", NULL, STRING, CONFIG_IMMUTABLE | OWN, "", 0, 0)
DIRECTIVE(SEED, "seed", NULL, INTEGER, CONFIG_IMMUTABLE | OWN, "0", 0, INT64_MAX)
#undef OWN
