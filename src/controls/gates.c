/* SPDX-License-Identifier: MIT */
#include "controls/gates.h"

#include "base/memory.h"
#include "engine/blocking.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/reply.h"

struct gate {
    struct list_node node;
    uint64_t id;
    struct buffer name; /* owned */
    struct matcher matcher;
    struct list held; /* sessions (engine/blocking.h) */
    bool is_open;
};

static struct gate *gate_of(struct list_node *node)
{
    return LIST_ENTRY(node, struct gate, node);
}

static struct gate *find(const struct gates *gates, struct bytes name)
{
    for (struct list_node *node = list_first(&gates->all); node; node = list_next(node))
        if (bytes_equal(buffer_bytes(&gate_of(node)->name), name))
            return gate_of(node);
    return NULL;
}

void gates_append_topic(struct bytes name, struct buffer *topic)
{
    buffer_append_string(topic, "gate ");
    buffer_append_bytes(topic, name);
}

static void signal(struct gates *gates, const struct gate *gate)
{
    struct buffer topic = {0};
    gates_append_topic(buffer_bytes(&gate->name), &topic);
    blocking_signal_topic(gates->engine, buffer_bytes(&topic));
    buffer_clear(&topic);
}

static bool gates_arrives(void *context, struct session *session, const struct command_state *state,
                          const struct bytes *argv, int argc)
{
    struct gates *gates = context;
    struct matcher_subject subject = {
        .client = session, .state = state, .argv = argv, .argc = argc};
    bool is_queued =
        session->flags & SESSION_IN_MULTI && !(state->command->flags & COMMAND_ENDS_QUEUEING);
    if (is_queued)
        return false;
    for (struct list_node *node = list_first(&gates->all); node; node = list_next(node)) {
        struct gate *gate = gate_of(node);
        if (gate->is_open || gate->id <= session->passed.gate ||
            !matcher_accepts_request(&gate->matcher, &subject) ||
            !matcher_takes(&gate->matcher, &gates->engine->random))
            continue;
        session->passed.gate = gate->id;
        blocking_hold(session, argv, argc, &gate->held, KEYSPACE_NEVER);
        signal(gates, gate);
        return true;
    }
    return false;
}

void gates_init(struct gates *gates, struct engine *engine)
{
    *gates = (struct gates){
        .engine = engine, .next_id = 1, .observer = {.context = gates, .arrives = gates_arrives}};
}

static void open_gate(struct gates *gates, struct gate *gate)
{
    gate->is_open = true;
    signal(gates, gate);
    blocking_release_all(&gate->held);
}

static void tell(const struct gate *gate,
                 void (*tell_one)(void *context, const struct outcome *outcome), void *context)
{
    struct buffer what = {0};
    buffer_append_string(&what, gate->is_open ? "open" : "closed");
    outcome_tell(OUTCOME_GATE, &gate->name, &gate->matcher, &what, tell_one, context);
}

void gates_tell(const struct gates *gates,
                void (*tell_one)(void *context, const struct outcome *outcome), void *context)
{
    for (struct list_node *node = list_first(&gates->all); node; node = list_next(node))
        tell(gate_of(node), tell_one, context);
}

static void remove_gate(struct gates *gates, struct gate *gate)
{
    if (gates->listener)
        tell(gate, gates->listener->ended, gates->listener->context);
    open_gate(gates, gate);
    list_remove(&gates->all, &gate->node);
    if (list_is_empty(&gates->all))
        observer_remove(gates->engine, &gates->observer);
    matcher_clear(&gate->matcher);
    buffer_clear(&gate->name);
    memory_free(gate);
}

/* All are open before the first goes, so that nobody comes from one to the next. */
void gates_clear(struct gates *gates)
{
    struct list_node *node;
    for (node = list_first(&gates->all); node; node = list_next(node))
        gate_of(node)->is_open = true;
    while ((node = list_first(&gates->all)) != NULL)
        remove_gate(gates, gate_of(node));
}

void gates_add(struct gates *gates, struct bytes name, const struct matcher_options *which)
{
    struct gate *gate = memory_zeroed(sizeof *gate);
    gates_remove(gates, name);
    gate->id = gates->next_id++;
    buffer_append_bytes(&gate->name, name);
    matcher_init(&gate->matcher, which);
    list_append(&gates->all, &gate->node);
    observer_add(gates->engine, &gates->observer);
}

bool gates_open(struct gates *gates, struct bytes name)
{
    struct gate *gate = find(gates, name);
    if (gate)
        open_gate(gates, gate);
    return gate != NULL;
}

bool gates_remove(struct gates *gates, struct bytes name)
{
    struct gate *gate = find(gates, name);
    if (gate)
        remove_gate(gates, gate);
    return gate != NULL;
}

enum gate_state gates_state(const struct gates *gates, struct bytes name)
{
    const struct gate *gate = find(gates, name);
    return !gate ? GATE_ABSENT : gate->is_open ? GATE_OPEN : GATE_CLOSED;
}

uint64_t gates_held(const struct gates *gates, struct bytes name)
{
    const struct gate *gate = find(gates, name);
    const struct session *session = gate ? blocking_first_held(&gate->held) : NULL;
    return session ? session->id : 0;
}

static void reply_held(const struct gate *gate, struct reply *reply)
{
    struct buffer ids = {0};
    uint64_t id;
    blocking_list_held(&gate->held, &ids);
    reply_open(reply, REPLY_ARRAY, ids.size / sizeof id);
    for (size_t at = 0; at < ids.size; at += sizeof id) {
        memcpy(&id, ids.data + at, sizeof id);
        reply_integer(reply, (int64_t)id);
    }
    reply_close(reply);
    buffer_clear(&ids);
}

void gates_reply(const struct gates *gates, struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, list_count(&gates->all));
    for (struct list_node *node = list_first(&gates->all); node; node = list_next(node)) {
        const struct gate *gate = gate_of(node);
        reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
        reply_bulk_string(reply, "name");
        reply_bulk(reply, buffer_bytes(&gate->name));
        reply_bulk_string(reply, "state");
        reply_bulk_string(reply, gate->is_open ? "open" : "closed");
        reply_bulk_string(reply, "holds");
        reply_held(gate, reply);
        matcher_reply(&gate->matcher, reply);
        reply_close(reply);
    }
    reply_close(reply);
}
