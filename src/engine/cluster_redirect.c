/* SPDX-License-Identifier: MIT */
/* The order of the checks is Redis's: a request that errs twice is told of the same fault. */
#include "engine/cluster_redirect.h"

#include "base/memory.h"
#include "engine/admission.h"
#include "engine/blocking.h"
#include "engine/cluster.h"
#include "engine/dispatch.h"
#include "engine/engine.h"
#include "engine/pubsub.h"
#include "engine/session.h"
#include "reply/errors.h"

#define NO_SLOT (-1)

enum verdict {
    SERVED,
    CROSS_SLOT,
    INCOMPLETE, /* keys of a slot that is on its way are partly here */
    DOWN,
    DOWN_BUT_FOR_READS,
    UNASSIGNED,
    ASK,
    MOVED,
};

/* What a request's keys tell. */
struct survey {
    const struct engine *engine;
    int slot; /* NO_SLOT: no keys yet */
    struct bytes first;
    bool has_several; /* different keys */
    bool is_open;     /* the slot comes or goes */
    size_t missing, existing;
    bool is_shard_pubsub;
};

static const struct cluster_slot *place_of(const struct survey *survey)
{
    return &survey->engine->cluster->slots[survey->slot];
}

static bool is_there(const struct engine *engine, struct bytes key)
{
    struct database *db = &engine->keyspace.databases[0];
    const struct entry *entry = database_find(db, key, ACCESS_PEEK);
    return entry && !database_is_overdue(db, entry);
}

static enum verdict add_key(struct survey *survey, struct bytes key)
{
    const struct cluster *cluster = survey->engine->cluster;
    int slot = hash_slot_of(key);
    if (survey->slot == NO_SLOT) {
        survey->slot = slot;
        survey->first = key;
        const struct cluster_slot *place = place_of(survey);
        if (!place->owner)
            return UNASSIGNED;
        survey->is_open = (place->owner == cluster->myself && place->migrates) || place->imports;
    } else if (slot != survey->slot) {
        return CROSS_SLOT;
    } else if (!bytes_equal(survey->first, key)) {
        survey->has_several = true;
    }
    if (survey->is_open && !survey->is_shard_pubsub) {
        if (is_there(survey->engine, key))
            survey->existing++;
        else
            survey->missing++;
    }
    return SERVED;
}

static bool is_shard_pubsub(const struct command *command)
{
    return command->flags & COMMAND_PUBSUB && command->key_spec_count;
}

static enum verdict add_keys(struct survey *survey, const struct command *command,
                             const struct bytes *argv, int argc)
{
    struct key_references found;
    enum verdict verdict = SERVED;
    survey->is_shard_pubsub |= is_shard_pubsub(command);
    if (!command_find_slot_keys(command, argv, argc, &found))
        return SERVED; /* the command will find the error itself */
    for (size_t i = 0; i < found.count && verdict == SERVED; i++)
        verdict = add_key(survey, argv[found.keys[i].position]);
    memory_free(found.keys);
    return verdict;
}

/* While the cluster is down. */
static enum verdict judge_when_down(const struct survey *survey, uint32_t flags)
{
    const struct config *config = survey->engine->config;
    if (survey->is_shard_pubsub)
        return config_integer(config, CONFIG_CLUSTER_ALLOW_PUBSUBSHARD_WHEN_DOWN) ? SERVED : DOWN;
    if (!config_integer(config, CONFIG_CLUSTER_ALLOW_READS_WHEN_DOWN))
        return DOWN;
    return flags & COMMAND_WRITE ? DOWN_BUT_FOR_READS : SERVED;
}

static enum verdict judge_slot(const struct survey *survey, const struct command *command,
                               uint32_t flags, bool is_asking)
{
    const struct cluster *cluster = survey->engine->cluster;
    const struct cluster_slot *place = place_of(survey);
    if (!cluster_is_ok(survey->engine)) {
        enum verdict verdict = judge_when_down(survey, flags);
        if (verdict != SERVED)
            return verdict;
    }
    bool is_migrating = place->owner == cluster->myself && place->migrates;
    if (survey->is_open && command->serves_open_slots)
        return SERVED;
    if (is_migrating && survey->missing) {
        if (survey->existing)
            return INCOMPLETE;
        return place->migrates == cluster->myself ? SERVED : ASK;
    }
    if (place->imports && (is_asking || flags & COMMAND_ASKING))
        return survey->has_several && survey->missing ? INCOMPLETE : SERVED;
    return place->owner == cluster->myself ? SERVED : MOVED;
}

static bool has_queue(const struct command *command)
{
    return command->flags & COMMAND_ABORTS_TRANSACTION;
}

static enum verdict judge(const struct session *session, const struct acl_request *request,
                          struct survey *survey)
{
    const struct command *command = request->state->command;
    enum verdict verdict = SERVED;
    *survey = (struct survey){.engine = session->engine, .slot = NO_SLOT};
    if (!has_queue(command))
        verdict = add_keys(survey, command, request->argv, request->argc);
    else if (session->flags & SESSION_IN_MULTI)
        for (int i = 0; i < session->queue_count && verdict == SERVED; i++)
            verdict = add_keys(survey, session->queue[i].state->command, session->queue[i].argv,
                               session->queue[i].argc);
    if (verdict != SERVED || survey->slot == NO_SLOT)
        return verdict;
    uint32_t flags = admission_flags_of(session->engine, command, request->argv, request->argc);
    return judge_slot(survey, command, flags, session->flags & SESSION_ASKING);
}

static const char *redirect(struct cluster *cluster, const struct engine *engine,
                            const char *format, int slot, const struct cluster_node *node)
{
    struct cluster_endpoint endpoint = cluster_endpoint_of(engine, node, NULL);
    const char *preferred = cluster_preferred(engine, &endpoint);
    const char *host = preferred ? preferred : "";
    cluster->error.size = 0;
    buffer_append_format(&cluster->error, format, slot, (int)strlen(host), host);
    buffer_append_format(&cluster->error, ":%d", endpoint.port);
    buffer_append_byte(&cluster->error, '\0');
    return cluster->error.data;
}

static const char *error_of(const struct engine *engine, enum verdict verdict, int slot)
{
    struct cluster *cluster = engine->cluster;
    switch (verdict) {
    case CROSS_SLOT:
        return ERROR_CROSSSLOT;
    case INCOMPLETE:
        return ERROR_TRYAGAIN;
    case DOWN:
        return ERROR_CLUSTERDOWN;
    case DOWN_BUT_FOR_READS:
        return ERROR_CLUSTERDOWN_READS;
    case UNASSIGNED:
        return ERROR_CLUSTERDOWN_SLOT;
    case ASK:
        return redirect(cluster, engine, ERROR_ASK, slot, cluster->slots[slot].migrates);
    case MOVED:
        return redirect(cluster, engine, ERROR_MOVED, slot, cluster->slots[slot].owner);
    default:
        return NULL;
    }
}

const char *cluster_redirect_find(struct session *session, const struct acl_request *request)
{
    const struct command *command = request->state->command;
    struct survey survey;
    session->slot = NO_SLOT;
    if (!command->key_spec_count && !command->find_keys && !has_queue(command))
        return NULL;
    enum verdict verdict = judge(session, request, &survey);
    session->slot = survey.slot;
    return error_of(session->engine, verdict, survey.slot);
}

/* --- scripts --- */

static const char *script_error_of(const struct engine *engine, enum verdict verdict,
                                   const struct command_state *state)
{
    bool is_new = engine_emulates(engine, 7, 4);
    struct buffer *error = &engine->cluster->error;
    if (verdict == DOWN_BUT_FOR_READS)
        return ERROR_SCRIPT_CLUSTERDOWN_READS;
    if (verdict == DOWN)
        return ERROR_SCRIPT_CLUSTERDOWN;
    if (is_new && verdict == UNASSIGNED)
        return ERROR_SCRIPT_UNSERVED_SLOT;
    if (!is_new || (verdict != CROSS_SLOT && verdict != INCOMPLETE))
        return ERROR_SCRIPT_NOT_LOCAL;
    error->size = 0;
    if (verdict == CROSS_SLOT)
        buffer_append_format(error, ERROR_SCRIPT_COMMAND_CROSSSLOT, state->name);
    else
        buffer_append_format(error, ERROR_SCRIPT_TRYAGAIN, state->name);
    buffer_append_byte(error, '\0');
    return error->data;
}

const char *cluster_redirect_find_in_script(struct session *session,
                                            const struct acl_request *request,
                                            struct dispatch_script_options *options)
{
    const struct command *command = request->state->command;
    struct survey survey;
    if (!command->key_spec_count && !command->find_keys)
        return NULL;
    enum verdict verdict = judge(session, request, &survey);
    if (verdict != SERVED)
        return script_error_of(session->engine, verdict, request->state);
    if (survey.slot == NO_SLOT || options->allows_cross_slot)
        return NULL;
    if (options->slot == NO_SLOT)
        options->slot = survey.slot;
    return options->slot == survey.slot ? NULL : ERROR_SCRIPT_CROSSSLOT;
}

/* --- those that wait or listen --- */

/* A slot that is imported is as good as this node's own. */
static const char *find_loss(const struct engine *engine, struct bytes key)
{
    int slot = hash_slot_of(key);
    const struct cluster_slot *place = &engine->cluster->slots[slot];
    if (place->owner == engine->cluster->myself || place->imports)
        return NULL;
    return error_of(engine, place->owner ? MOVED : UNASSIGNED, slot);
}

static const char *find_loss_of_any(const struct engine *engine, const struct acl_request *request)
{
    struct key_references found;
    const char *error = NULL;
    if (!command_find_keys(request->state->command, request->argv, request->argc, &found))
        return NULL;
    if (found.count && !cluster_is_ok(engine))
        error = ERROR_CLUSTERDOWN;
    for (size_t i = 0; i < found.count && !error; i++)
        error = find_loss(engine, request->argv[found.keys[i].position]);
    memory_free(found.keys);
    return error;
}

static bool is_served(const struct engine *engine, struct bytes channel)
{
    const struct cluster *cluster = engine->cluster;
    return cluster->slots[hash_slot_of(channel)].owner == cluster->myself;
}

void cluster_redirect_settle(struct engine *engine)
{
    pubsub_end_shards(engine, is_served);
    blocking_review(engine, find_loss_of_any);
}
