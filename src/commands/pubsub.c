/* SPDX-License-Identifier: MIT */
/* Publishing and subscribing, and what PUBSUB tells of it. */
#include "engine/pubsub.h"
#include "base/glob.h"
#include "commands/help_lines.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"

/* --- subscribing --- */

/* Channels and patterns are counted together, shard channels by themselves. */
static size_t shown_count(const struct session *session, enum pubsub_kind kind)
{
    if (kind == PUBSUB_SHARD)
        return pubsub_count(session, PUBSUB_SHARD);
    return pubsub_count(session, PUBSUB_CHANNEL) + pubsub_count(session, PUBSUB_PATTERN);
}

/* The answer to each name is a push of its own, which CLIENT REPLY does not silence. `name` may be
 * NULL. */
static void answer(struct call *call, const char *word, const struct bytes *name, size_t count)
{
    struct resp_writer *writer = &call->session->writer;
    bool discards = writer->discards;
    writer->discards = false;
    reply_open(call->reply, REPLY_PUSH, 3);
    reply_bulk_string(call->reply, word);
    if (name)
        reply_bulk(call->reply, *name);
    else
        reply_null(call->reply);
    reply_integer(call->reply, (int64_t)count);
    reply_close(call->reply);
    writer->discards = discards;
}

static void subscribe(struct call *call, enum pubsub_kind kind, const char *word)
{
    for (int i = 1; i < call->argc; i++) {
        pubsub_subscribe(call->session, kind, call->argv[i]);
        answer(call, word, &call->argv[i], shown_count(call->session, kind));
    }
}

static void unsubscribe_named(struct call *call, enum pubsub_kind kind, const char *word)
{
    for (int i = 1; i < call->argc; i++) {
        pubsub_unsubscribe(call->session, kind, call->argv[i]);
        answer(call, word, &call->argv[i], shown_count(call->session, kind));
    }
}

static void unsubscribe(struct call *call, enum pubsub_kind kind, const char *word)
{
    struct bytes name;
    if (call->argc > 1) {
        unsubscribe_named(call, kind, word);
        return;
    }
    if (!pubsub_oldest_subscription(call->session, kind, &name)) {
        answer(call, word, NULL, shown_count(call->session, kind));
        return;
    }
    do {
        answer(call, word, &name, shown_count(call->session, kind) - 1);
        pubsub_unsubscribe(call->session, kind, name);
    } while (pubsub_oldest_subscription(call->session, kind, &name));
}

static void pubsub_command_subscribe(struct call *call)
{
    subscribe(call, PUBSUB_CHANNEL, "subscribe");
}

static void pubsub_command_psubscribe(struct call *call)
{
    subscribe(call, PUBSUB_PATTERN, "psubscribe");
}

/* Within EXEC the answers break the protocol; Redis allows that to those who came before it
 * noticed. */
static void pubsub_command_ssubscribe(struct call *call)
{
    if (call->session->flags & SESSION_IN_EXEC)
        reply_error_format(call->reply, ERROR_SUBSCRIBE_DENIED, "SSUBSCRIBE");
    else
        subscribe(call, PUBSUB_SHARD, "ssubscribe");
}

static void pubsub_command_unsubscribe(struct call *call)
{
    unsubscribe(call, PUBSUB_CHANNEL, "unsubscribe");
}

static void pubsub_command_punsubscribe(struct call *call)
{
    unsubscribe(call, PUBSUB_PATTERN, "punsubscribe");
}

static void pubsub_command_sunsubscribe(struct call *call)
{
    unsubscribe(call, PUBSUB_SHARD, "sunsubscribe");
}

/* --- publishing --- */

static void pubsub_command_publish(struct call *call)
{
    reply_integer(call->reply,
                  pubsub_publish(call->engine, PUBSUB_CHANNEL, call->argv[1], call->argv[2]));
}

static void pubsub_command_spublish(struct call *call)
{
    reply_integer(call->reply,
                  pubsub_publish(call->engine, PUBSUB_SHARD, call->argv[1], call->argv[2]));
}

/* --- PUBSUB --- */

static void list_topics(struct call *call, enum pubsub_kind kind)
{
    if (call->argc > 3) {
        reply_error_format(call->reply, ERROR_SUBCOMMAND_ARITY, BYTES_PRINT(call->argv[1]),
                           "PUBSUB");
        return;
    }
    reply_open(call->reply, REPLY_ARRAY, REPLY_UNSIZED);
    struct list_node *node = list_first(&call->engine->pubsub.order[kind]);
    for (; node; node = list_next(node)) {
        const struct pubsub_topic *topic = LIST_ENTRY(node, struct pubsub_topic, order);
        struct bytes name = bytes_of(topic->name, topic->name_size);
        if (call->argc == 2 || glob_matches(call->argv[2], name))
            reply_bulk(call->reply, name);
    }
    reply_close(call->reply);
}

static void pubsub_command_channels(struct call *call)
{
    list_topics(call, PUBSUB_CHANNEL);
}

static void pubsub_command_shardchannels(struct call *call)
{
    list_topics(call, PUBSUB_SHARD);
}

static void count_subscribers(struct call *call, enum pubsub_kind kind)
{
    reply_open(call->reply, REPLY_ARRAY, (size_t)(call->argc - 2) * 2);
    for (int i = 2; i < call->argc; i++) {
        reply_bulk(call->reply, call->argv[i]);
        reply_integer(call->reply,
                      (int64_t)pubsub_subscribers(&call->engine->pubsub, kind, call->argv[i]));
    }
    reply_close(call->reply);
}

static void pubsub_command_numsub(struct call *call)
{
    count_subscribers(call, PUBSUB_CHANNEL);
}

static void pubsub_command_shardnumsub(struct call *call)
{
    count_subscribers(call, PUBSUB_SHARD);
}

static void pubsub_command_numpat(struct call *call)
{
    reply_integer(call->reply, (int64_t)pubsub_topic_count(&call->engine->pubsub, PUBSUB_PATTERN));
}

static void pubsub_command_help(struct call *call)
{
    static const char *const lines[] = {
        "PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "CHANNELS [<pattern>]",
        "    The channels that have subscribers, all or by pattern.",
        "NUMPAT",
        "    How many patterns are subscribed to.",
        "NUMSUB [<channel> ...]",
        "    How many subscribe to each of the channels,",
        "    patterns left aside.",
        "SHARDCHANNELS [<pattern>]",
        "    The shard channels that have subscribers, all or by pattern.",
        "SHARDNUMSUB [<shardchannel> ...]",
        "    How many subscribe to each of the shard channels.",
        "HELP",
        "    Prints this help.",
        NULL,
    };
    help_lines_reply(call, lines);
}

/* --- the rows --- */

static const struct command_argument channels_arguments[] = {
    {.name = "channel", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument optional_channels_arguments[] = {
    {.name = "channel", .type = ARGUMENT_STRING, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument shard_channels_arguments[] = {
    {.name = "shardchannel", .type = ARGUMENT_STRING, .flags = ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument optional_shard_channels_arguments[] = {
    {.name = "shardchannel",
     .type = ARGUMENT_STRING,
     .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument patterns_arguments_pattern[] = {
    {.name = "pattern", .type = ARGUMENT_PATTERN},
    {0},
};

static const struct command_argument patterns_arguments[] = {
    {.name = "pattern",
     .type = ARGUMENT_BLOCK,
     .flags = ARGUMENT_MULTIPLE,
     .arguments = patterns_arguments_pattern},
    {0},
};

static const struct command_argument optional_patterns_arguments[] = {
    {.name = "pattern", .type = ARGUMENT_PATTERN, .flags = ARGUMENT_OPTIONAL | ARGUMENT_MULTIPLE},
    {0},
};

static const struct command_argument optional_pattern_arguments[] = {
    {.name = "pattern", .type = ARGUMENT_PATTERN, .flags = ARGUMENT_OPTIONAL},
    {0},
};

static const struct command_argument publish_arguments[] = {
    {.name = "channel", .type = ARGUMENT_STRING},
    {.name = "message", .type = ARGUMENT_STRING},
    {0},
};

static const struct command_argument spublish_arguments[] = {
    {.name = "shardchannel", .type = ARGUMENT_STRING},
    {.name = "message", .type = ARGUMENT_STRING},
    {0},
};

static const struct command pubsub_subcommands[] = {
    {.name = "CHANNELS",
     .arity = -2,
     .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.8.0",
     .group = "pubsub",
     .summary = "Lists the channels that somebody listens to.",
     .complexity = "O(N) for N channels",
     .arguments = optional_pattern_arguments,
     .run = pubsub_command_channels},
    {HELP_LINES_ROW("6.2.0", "pubsub", pubsub_command_help)},
    {.name = "NUMPAT",
     .arity = 2,
     .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.8.0",
     .group = "pubsub",
     .summary = "Counts the patterns that somebody listens by.",
     .complexity = "O(1)",
     .run = pubsub_command_numpat},
    {.name = "NUMSUB",
     .arity = -2,
     .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
     .since = "2.8.0",
     .group = "pubsub",
     .summary = "Counts the subscribers of channels.",
     .complexity = "O(N) for N channels asked about",
     .arguments = optional_channels_arguments,
     .run = pubsub_command_numsub},
    {.name = "SHARDCHANNELS",
     .arity = -2,
     .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
     .since = "7.0.0",
     .group = "pubsub",
     .summary = "Lists the shard channels that somebody listens to.",
     .complexity = "O(N) for N shard channels",
     .arguments = optional_pattern_arguments,
     .run = pubsub_command_shardchannels},
    {.name = "SHARDNUMSUB",
     .arity = -2,
     .flags = COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE,
     .since = "7.0.0",
     .group = "pubsub",
     .summary = "Counts the subscribers of shard channels.",
     .complexity = "O(N) for N shard channels asked about",
     .arguments = optional_shard_channels_arguments,
     .run = pubsub_command_shardnumsub},
    {0},
};

#define SUBSCRIBE_FLAGS                                                                            \
    (COMMAND_PUBSUB | COMMAND_NOSCRIPT | COMMAND_LOADING | COMMAND_STALE | COMMAND_WHILE_SUBSCRIBED)

const struct command pubsub_commands[] = {
    {.name = "PSUBSCRIBE",
     .arity = -2,
     .flags = SUBSCRIBE_FLAGS,
     .channels = CHANNELS_PATTERNS,
     .since = "2.0.0",
     .group = "pubsub",
     .summary = "Listens to all channels whose names match a pattern.",
     .complexity = "O(N) for N patterns given",
     .arguments = patterns_arguments,
     .run = pubsub_command_psubscribe},
    {.name = "PUBLISH",
     .arity = 3,
     .flags =
         COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST | COMMAND_MAY_REPLICATE,
     .channels = CHANNELS_FIRST,
     .since = "2.0.0",
     .group = "pubsub",
     .summary = "Sends a message to all who listen to a channel.",
     .complexity = "O(N+M) for N subscribers of the channel and M patterns in use",
     .arguments = publish_arguments,
     .run = pubsub_command_publish},
    {.name = "PUBSUB",
     .arity = -2,
     .since = "2.8.0",
     .group = "pubsub",
     .summary = "Holds the commands that tell of channels and their subscribers.",
     .complexity = "As the subcommand's.",
     .subcommands = pubsub_subcommands},
    {.name = "PUNSUBSCRIBE",
     .arity = -1,
     .flags = SUBSCRIBE_FLAGS,
     .since = "2.0.0",
     .group = "pubsub",
     .summary = "Listens no more by some patterns, or by any.",
     .complexity = "O(N) for N patterns that end",
     .arguments = optional_patterns_arguments,
     .run = pubsub_command_punsubscribe},
    {.name = "SPUBLISH",
     .arity = 3,
     .flags =
         COMMAND_PUBSUB | COMMAND_LOADING | COMMAND_STALE | COMMAND_FAST | COMMAND_MAY_REPLICATE,
     .channels = CHANNELS_FIRST,
     .since = "7.0.0",
     .group = "pubsub",
     .summary = "Sends a message to all who listen to a shard channel.",
     .complexity = "O(N) for N subscribers of the shard channel",
     KEYS_AT(1, KEY_NOT_KEY),
     .arguments = spublish_arguments,
     .run = pubsub_command_spublish},
    {.name = "SSUBSCRIBE",
     .arity = -2,
     .flags = SUBSCRIBE_FLAGS,
     .channels = CHANNELS_ALL,
     .since = "7.0.0",
     .group = "pubsub",
     .summary = "Listens to shard channels.",
     .complexity = "O(N) for N shard channels given",
     KEYS_RANGE(1, -1, 1, KEY_NOT_KEY),
     .arguments = shard_channels_arguments,
     .run = pubsub_command_ssubscribe},
    {.name = "SUBSCRIBE",
     .arity = -2,
     .flags = SUBSCRIBE_FLAGS,
     .channels = CHANNELS_ALL,
     .since = "2.0.0",
     .group = "pubsub",
     .summary = "Listens to channels.",
     .complexity = "O(N) for N channels given",
     .arguments = channels_arguments,
     .run = pubsub_command_subscribe},
    {.name = "SUNSUBSCRIBE",
     .arity = -1,
     .flags = SUBSCRIBE_FLAGS,
     .since = "7.0.0",
     .group = "pubsub",
     .summary = "Listens no more to some shard channels, or to any.",
     .complexity = "O(N) for N shard channels that end",
     KEYS_RANGE(1, -1, 1, KEY_NOT_KEY),
     .arguments = optional_shard_channels_arguments,
     .run = pubsub_command_sunsubscribe},
    {.name = "UNSUBSCRIBE",
     .arity = -1,
     .flags = SUBSCRIBE_FLAGS,
     .since = "2.0.0",
     .group = "pubsub",
     .summary = "Listens no more to some channels, or to any.",
     .complexity = "O(N) for N channels that end",
     .arguments = optional_channels_arguments,
     .run = pubsub_command_unsubscribe},
    {0},
};
