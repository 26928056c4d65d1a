# SPDX-License-Identifier: MIT
"""Directives of the oracle's CONFIG GET *, and values to give them."""

# Not among them are those whose value is the surroundings' own (`dir`, `unixsocket`), that reach outside of the
# server (`port`, `bind`, `oom-score-adj`, the files of TLS and AOF), or that the oracle's build refuses
# (`activedefrag`). CAREFUL are those that would end or hinder the connections that compare.
DIRECTIVES = tuple(b"""
acl-pubsub-default aclfile acllog-max-len active-defrag-cycle-max active-defrag-cycle-min active-defrag-
ignore-bytes active-defrag-max-scan-fields active-defrag-threshold-lower active-defrag-threshold-upper active-
expire-effort activerehashing always-show-logo aof-disable-auto-gc aof-load-truncated aof-rewrite-incremental-
fsync aof-timestamp-enabled aof-use-rdb-preamble aof_rewrite_cpulist appenddirname appendfilename appendfsync
auto-aof-rewrite-min-size auto-aof-rewrite-percentage bgsave_cpulist bind-source-addr bio_cpulist busy-reply-
threshold client-query-buffer-limit cluster-allow-pubsubshard-when-down cluster-allow-reads-when-down cluster-
allow-replica-migration cluster-announce-bus-port cluster-announce-hostname cluster-announce-ip cluster-
announce-port cluster-announce-tls-port cluster-config-file cluster-enabled cluster-link-sendbuf-limit
cluster-migration-barrier cluster-node-timeout cluster-port cluster-preferred-endpoint-type cluster-replica-
no-failover cluster-replica-validity-factor cluster-require-full-coverage cluster-slave-no-failover cluster-
slave-validity-factor crash-log-enabled crash-memcheck-enabled daemonize databases dbfilename disable-thp
dynamic-hz enable-debug-command enable-module-command enable-protected-configs hash-max-listpack-entries hash-
max-listpack-value hash-max-ziplist-entries hash-max-ziplist-value hll-sparse-max-bytes hz ignore-warnings io-
threads io-threads-do-reads jemalloc-bg-thread latency-monitor-threshold latency-tracking latency-tracking-
info-percentiles lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del lazyfree-lazy-user-del
lazyfree-lazy-user-flush lfu-decay-time lfu-log-factor list-compress-depth list-max-listpack-size list-max-
ziplist-size logfile loglevel lua-time-limit masterauth masteruser maxmemory-eviction-tenacity maxmemory-
policy maxmemory-samples min-replicas-max-lag min-slaves-max-lag no-appendfsync-on-rewrite notify-keyspace-
events pidfile proc-title-template propagation-error-behavior protected-mode proto-max-bulk-len rdb-del-sync-
files rdb-save-incremental-fsync rdbchecksum rdbcompression repl-backlog-size repl-backlog-ttl repl-disable-
tcp-nodelay repl-diskless-load repl-diskless-sync repl-diskless-sync-delay repl-diskless-sync-max-replicas
repl-ping-replica-period repl-ping-slave-period repl-timeout replica-announce-ip replica-announce-port
replica-announced replica-ignore-disk-write-errors replica-ignore-maxmemory replica-lazy-flush replica-
priority replica-read-only replica-serve-stale-data replicaof sanitize-dump-payload save server_cpulist set-
max-intset-entries set-proc-title shutdown-on-sigint shutdown-on-sigterm shutdown-timeout slave-announce-ip
slave-announce-port slave-ignore-maxmemory slave-lazy-flush slave-priority slave-read-only slave-serve-stale-
data slaveof slowlog-log-slower-than slowlog-max-len socket-mark-id stop-writes-on-bgsave-error stream-node-
max-bytes stream-node-max-entries supervised syslog-enabled syslog-facility syslog-ident tcp-backlog tcp-
keepalive tracking-table-max-keys unixsocketperm zset-max-listpack-entries zset-max-listpack-value zset-max-
ziplist-entries zset-max-ziplist-value
""".split())

CAREFUL = {
    b"timeout": (b"0", b"1000", b"-1", b"abc", b"2147483647", b"2147483648"),
    b"maxclients": (b"100", b"500", b"0", b"-1", b"abc", b"4294967296"),
    b"maxmemory": (b"0", b"512mb", b"1gb", b"1 gb", b"-1", b"18446744073709551615", b"1tb", b""),
    b"maxmemory-clients": (b"0", b"1gb", b"100%", b"101%", b"-5%", b"%", b"50%", b"abc", b"9223372036854775808"),
    b"client-output-buffer-limit": (
        b"normal 0 0 0", b"normal 100mb 50mb 60", b"replica 256mb 64mb 60", b"slave 1 2 3", b"pubsub 1gb 1mb 1 slave 0 0 0",
        b"SLAVE 5 6 7", b"normal 1 2", b"normal 1 2 3 4", b"master 1 2 3", b"normal 1gb 1gb -1", b"normal 1gb 1gb x", b"",
        b"slave 1 2 3 slave 4 5 6", b"slave 1 2 99999999999", b"slave 1 2 ", b"slave  1 2 3", b"slave -1 2 3", b"foo 1 2 3",
    ),
    b"requirepass": (b"", b"secret", b"a b", b"\x00", b"x" * 100),
    b"dir": (b"/nosuch", b"/etc/passwd"),
    b"port": (b"-1", b"65536", b"abc"),
    b"bind": (b"1 " * 17, b"a " * 16 + b"b"),
    b"oom-score-adj-values": (b"0 0", b"0 0 2001", b"x 1 2", b"0 0 0 0", b"-2001 0 0"),
    b"oom-score-adj": (b"maybe", b"NO", b"no"),
    b"min-replicas-to-write": (b"0", b"-1", b"abc"),
}  # fmt: skip

VALUES = (
    b"", b" ", b"yes", b"no", b"YES", b"local", b"0", b"1", b"2", b"-1", b"+1", b"01", b" 1", b"1.5", b"abc", b"10", b"50", b"99",
    b"100", b"101", b"128", b"500", b"777", b"888", b"1000", b"1001", b"65535", b"65536", b"1048575", b"1048576",
    b"2147483647", b"2147483648", b"-2147483648", b"-2147483649", b"4294967295", b"9223372036854775807",
    b"9223372036854775808", b"18446744073709551615", b"18446744073709551616", b"1b", b"1k", b"1KB", b"2mb", b"2m", b"1g",
    b"1Gb", b"1t", b"kb", b"10000000gb", b"99999999999gb", b"-1kb", b"1.5gb", b"0%", b"50%", b"101%", b"1 kb", b"a/b", b"a.b",
    b"noeviction", b"NoEviction", b"allkeys-lru", b"volatile-ttl", b"KEA", b"AKEnm", b"g$lshzxetd", b"Kq", b"KEn",
    b"900 1", b"900 1 300 10", b"900", b"900 -1", b"0 1", b"900  1", b"1 9999999999", b"9999999999 1", b"1 ",
    b"50 99 99.9", b"100.1", b"99.99999999", b"-0.1", b"nan", b"1e1", b"0.123456789", b"50 ",
    b"default", b"save", b"nosave", b"save now", b"save nosave", b"now force save", b"DEFAULT", b"default default",
    b"verbose", b"nothing", b"everysec", b"always", b"panic", b"disabled", b"swapdb", b"hostname", b"unknown-endpoint",
    b"allchannels", b"resetchannels", b"clients", b"a" * 255, b"a" * 256, b"a-b.c", b"a_b", b"127.0.0.1",
    b"{title}", b"{port}", b"{foo}", b"{port", b"{{x", b"%s", b"\x00a", b"a\x00b", b"1\x00", b"yes\x00", b"x\r\ny", b'"q"',
)  # fmt: skip

CONFIG_PATTERNS = (
    b"*max*", b"slave-*", b"*-ziplist-*", b"replica*", b"[a-c]*", b"*-??", b"h*s", b"?z", b"Hz", b"HZ", b"H?", b"tcp-*[e]", b"\\*",
    b"", b"[", b"[m]axmemory", b"*\\-*", b"hz\\", b"\\hz", b"h[^a]", b"**z", b"SAVE", b"sav?", b"S*", b"*slave*", b"list-[mc]*",
)  # fmt: skip
