/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a reply is noted when a command fits (an effect, under the client's id) and done
 * when the client's own command has ended: what a script or a transaction calls has no reply that
 * could be cut off or lost by itself.
 */
#include "controls/faults.h"

#include "base/memory.h"
#include "engine/blocking.h"
#include "engine/call.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "reply/errors.h"
#include "resp/resp_replay.h"

struct fault {
    struct list_node node;
    uint64_t id;
    struct buffer name, text; /* owned */
    enum fault_kind kind;
    int64_t amount;
    struct matcher matcher;
};

struct effect {
    struct list_node node;
    uint64_t client_id;
    enum fault_kind kind;
    int64_t amount;
};

static struct fault *fault_of(struct list_node *node)
{
    return LIST_ENTRY(node, struct fault, node);
}

static struct effect *effect_of(struct list_node *node)
{
    return LIST_ENTRY(node, struct effect, node);
}

/* --- effects --- */

static void add_effect(struct faults *faults, uint64_t client_id, const struct fault *fault)
{
    struct effect *effect = memory_zeroed(sizeof *effect);
    effect->client_id = client_id;
    effect->kind = fault->kind;
    effect->amount = fault->amount;
    list_append(&faults->effects, &effect->node);
}

static struct effect *take_effect(struct faults *faults, uint64_t client_id)
{
    for (struct list_node *node = list_first(&faults->effects); node; node = list_next(node)) {
        if (effect_of(node)->client_id != client_id)
            continue;
        list_remove(&faults->effects, node);
        return effect_of(node);
    }
    return NULL;
}

/* Those of a command that never answered. */
static void drop_effects(struct faults *faults, uint64_t client_id)
{
    struct effect *effect;
    while (!list_is_empty(&faults->effects) && (effect = take_effect(faults, client_id)) != NULL)
        memory_free(effect);
}

static void drop_all_effects(struct faults *faults)
{
    struct list_node *node;
    while ((node = list_first(&faults->effects)) != NULL) {
        list_remove(&faults->effects, node);
        memory_free(effect_of(node));
    }
}

static void cut(struct session *session, size_t size, bool closes)
{
    if (session->output.size > size)
        session->output.size = size;
    if (closes)
        session_close(session, true);
}

/* `start` is where the reply begins in the output. */
static void work(const struct effect *effect, struct session *session, size_t start,
                 int64_t *delay_ms)
{
    switch (effect->kind) {
    case FAULT_CLOSE_BEFORE:
    case FAULT_CLOSE_AFTER:
        cut(session, start, true);
        break;
    case FAULT_NOREPLY_BEFORE:
    case FAULT_NOREPLY_AFTER:
        cut(session, start, false);
        break;
    case FAULT_TRUNCATE:
        if (effect->amount < (int64_t)(session->output.size - start))
            cut(session, start + (size_t)effect->amount, true);
        else
            session_close(session, true);
        break;
    case FAULT_SLOW:
        if (session->transport)
            session->output_rate = effect->amount;
        break;
    case FAULT_DELAY:
        *delay_ms += effect->amount;
        break;
    default:
        break;
    }
}

static bool is_nested(const struct session *session)
{
    return session->flags & (SESSION_SCRIPT | SESSION_IN_EXEC);
}

static void faults_after(void *context, const struct call *call, int64_t duration_us)
{
    struct faults *faults = context;
    struct session *session = call->session;
    struct effect *effect;
    size_t start = call->reply_start;
    int64_t delay_ms = 0;
    (void)duration_us;
    if (list_is_empty(&faults->effects) || is_nested(session) || blocking_is_waiting(session))
        return;
    if (start > session->output.size)
        start = session->output.size;
    while ((effect = take_effect(faults, session->id)) != NULL) {
        work(effect, session, start, &delay_ms);
        memory_free(effect);
    }
    if (delay_ms && !(session->flags & SESSION_CLOSE_AFTER_REPLY))
        blocking_hold_reply(session, start, &faults->delayed, call->now_ms + delay_ms);
}

/* --- coming in a command's place --- */

static void answer_raw(struct call *call, struct bytes raw)
{
    if (!(call->session->flags & SESSION_SCRIPT))
        resp_writer_raw(&call->session->writer, raw);
    else if (!resp_replay(raw, call->reply))
        reply_error(call->reply, ERROR_MOCK_FAULT_RAW);
}

static void tell_struck(const struct faults *faults, uint64_t client_id)
{
    if (faults->listener && faults->listener->struck)
        faults->listener->struck(faults->listener->context, client_id);
}

/* False: the command does not run. */
static bool strike(struct faults *faults, const struct fault *fault, struct call *call,
                   uint64_t client_id)
{
    tell_struck(faults, client_id);
    switch (fault->kind) {
    case FAULT_ERROR:
        reply_error_bytes(call->reply, buffer_bytes(&fault->text));
        return false;
    case FAULT_REPLY:
        answer_raw(call, buffer_bytes(&fault->text));
        return false;
    case FAULT_CLOSE_BEFORE:
    case FAULT_NOREPLY_BEFORE:
        add_effect(faults, client_id, fault);
        if (is_nested(call->session)) /* somebody counts on an answer, though no client sees it */
            reply_error(call->reply, ERROR_MOCK_FAULT_INSTEAD);
        return false;
    case FAULT_DELAY:
        faults->engine->current->delay_us += fault->amount * 1000;
        add_effect(faults, client_id, fault);
        return true;
    default:
        add_effect(faults, client_id, fault);
        return true;
    }
}

/* A delay comes when a request arrives; only what a script calls cannot be foreseen. */
static bool is_asked_before(const struct fault *fault, const struct call *call)
{
    if (fault->kind == FAULT_DELAY)
        return call->session->flags & SESSION_SCRIPT;
    return fault->kind != FAULT_REFUSE;
}

static bool faults_before(void *context, struct call *call)
{
    struct faults *faults = context;
    struct matcher_subject subject = matcher_subject_of(call);
    if (call->command->flags & COMMAND_OURS)
        return true;
    if (!is_nested(call->session))
        drop_effects(faults, subject.client->id);
    if (faults->everything.size) {
        tell_struck(faults, subject.client->id);
        reply_error_bytes(call->reply, buffer_bytes(&faults->everything));
        return false;
    }
    for (struct list_node *node = list_first(&faults->all); node; node = list_next(node)) {
        struct fault *fault = fault_of(node);
        if (is_asked_before(fault, call) && matcher_accepts(&fault->matcher, &subject) &&
            matcher_takes(&fault->matcher, &faults->engine->random) &&
            !strike(faults, fault, call, subject.client->id))
            return false;
    }
    return true;
}

static bool faults_arrives(void *context, struct session *session,
                           const struct command_state *state, const struct bytes *argv, int argc)
{
    struct faults *faults = context;
    struct matcher_subject subject = {
        .client = session, .state = state, .argv = argv, .argc = argc};
    bool is_queued =
        session->flags & SESSION_IN_MULTI && !(state->command->flags & COMMAND_ENDS_QUEUEING);
    if (is_queued)
        return false;
    for (struct list_node *node = list_first(&faults->all); node; node = list_next(node)) {
        struct fault *fault = fault_of(node);
        if (fault->kind != FAULT_DELAY || fault->id <= session->passed.fault ||
            !matcher_accepts_request(&fault->matcher, &subject) ||
            !matcher_takes(&fault->matcher, &faults->engine->random))
            continue;
        session->passed.fault = fault->id;
        session->delay_us += fault->amount * 1000;
        tell_struck(faults, session->id);
        blocking_hold(session, argv, argc, &faults->delayed,
                      faults->engine->now_us / 1000 + fault->amount);
        return true;
    }
    return false;
}

static bool faults_connects(void *context)
{
    struct faults *faults = context;
    for (struct list_node *node = list_first(&faults->all); node; node = list_next(node)) {
        struct fault *fault = fault_of(node);
        if (fault->kind == FAULT_REFUSE &&
            matcher_takes(&fault->matcher, &faults->engine->random)) {
            tell_struck(faults, 0);
            return false;
        }
    }
    return true;
}

/* --- the list --- */

void faults_init(struct faults *faults, struct engine *engine)
{
    *faults = (struct faults){.engine = engine,
                              .next_id = 1,
                              .observer = {.context = faults,
                                           .arrives = faults_arrives,
                                           .before = faults_before,
                                           .after = faults_after,
                                           .connects = faults_connects}};
}

/* Looks at commands exactly while there is something to look for. */
static void update_observer(struct faults *faults)
{
    if (!list_is_empty(&faults->all) || faults->everything.size) {
        observer_add(faults->engine, &faults->observer);
        return;
    }
    observer_remove(faults->engine, &faults->observer);
    drop_all_effects(faults);
}

static struct fault *find(const struct faults *faults, struct bytes name)
{
    for (struct list_node *node = list_first(&faults->all); node; node = list_next(node))
        if (bytes_equal(buffer_bytes(&fault_of(node)->name), name))
            return fault_of(node);
    return NULL;
}

/* "ERROR OOM no more", "DELAY 100" */
static void append_action(const struct fault *fault, struct buffer *text)
{
    static const char *const words[] = {
        [FAULT_ERROR] = "ERROR",
        [FAULT_REPLY] = "REPLY",
        [FAULT_CLOSE_BEFORE] = "CLOSE BEFORE",
        [FAULT_CLOSE_AFTER] = "CLOSE AFTER",
        [FAULT_NOREPLY_BEFORE] = "NOREPLY BEFORE",
        [FAULT_NOREPLY_AFTER] = "NOREPLY AFTER",
        [FAULT_TRUNCATE] = "TRUNCATE",
        [FAULT_SLOW] = "SLOW",
        [FAULT_DELAY] = "DELAY",
        [FAULT_REFUSE] = "REFUSE",
    };
    buffer_append_string(text, words[fault->kind]);
    if (fault->kind == FAULT_ERROR)
        buffer_append_format(text, " %.*s", BYTES_PRINT(buffer_bytes(&fault->text)));
    else if (fault->kind == FAULT_REPLY) {
        buffer_append_byte(text, ' ');
        buffer_append_quoted(text, buffer_bytes(&fault->text));
    } else if (fault->kind == FAULT_TRUNCATE || fault->kind == FAULT_SLOW ||
               fault->kind == FAULT_DELAY)
        buffer_append_format(text, " %lld", (long long)fault->amount);
}

static void tell(const struct fault *fault,
                 void (*tell_one)(void *context, const struct outcome *outcome), void *context)
{
    struct buffer what = {0};
    append_action(fault, &what);
    outcome_tell(OUTCOME_FAULT, &fault->name, &fault->matcher, &what, tell_one, context);
}

void faults_tell(const struct faults *faults,
                 void (*tell_one)(void *context, const struct outcome *outcome), void *context)
{
    for (struct list_node *node = list_first(&faults->all); node; node = list_next(node))
        tell(fault_of(node), tell_one, context);
}

static void remove_fault(struct faults *faults, struct fault *fault)
{
    if (faults->listener)
        tell(fault, faults->listener->ended, faults->listener->context);
    list_remove(&faults->all, &fault->node);
    matcher_clear(&fault->matcher);
    buffer_clear(&fault->name);
    buffer_clear(&fault->text);
    memory_free(fault);
}

void faults_clear(struct faults *faults)
{
    struct list_node *node;
    while ((node = list_first(&faults->all)) != NULL)
        remove_fault(faults, fault_of(node));
    update_observer(faults);
    blocking_release_all(&faults->delayed);
}

/* An error begins with a code in capitals: "ERR" unless the text has one. */
static void copy_error(struct buffer *out, struct bytes text)
{
    size_t size = 0;
    while (size < text.size &&
           ((text.data[size] >= 'A' && text.data[size] <= 'Z') ||
            (text.data[size] >= '0' && text.data[size] <= '9') || text.data[size] == '_'))
        size++;
    bool has_code = size > 0 && (size == text.size || text.data[size] == ' ');
    out->size = 0;
    if (!has_code)
        buffer_append_string(out, "ERR ");
    buffer_append_bytes(out, text);
}

void faults_add(struct faults *faults, struct bytes name, const struct matcher_options *which,
                const struct fault_action *action)
{
    struct fault *fault = memory_zeroed(sizeof *fault);
    faults_remove(faults, name);
    fault->id = faults->next_id++;
    fault->kind = action->kind;
    fault->amount = action->amount;
    buffer_append_bytes(&fault->name, name);
    if (action->kind == FAULT_ERROR)
        copy_error(&fault->text, action->text);
    else
        buffer_append_bytes(&fault->text, action->text);
    matcher_init(&fault->matcher, which);
    list_append(&faults->all, &fault->node);
    update_observer(faults);
}

bool faults_remove(struct faults *faults, struct bytes name)
{
    struct fault *fault = find(faults, name);
    if (!fault)
        return false;
    remove_fault(faults, fault);
    update_observer(faults);
    return true;
}

void faults_set_error(struct faults *faults, struct bytes text)
{
    if (text.size)
        copy_error(&faults->everything, text);
    else
        buffer_clear(&faults->everything);
    update_observer(faults);
}

uint64_t faults_hits(const struct faults *faults, struct bytes name)
{
    const struct fault *fault = find(faults, name);
    return fault ? fault->matcher.hits : 0;
}

static void reply_action(const struct fault *fault, struct reply *reply)
{
    struct buffer text = {0};
    append_action(fault, &text);
    reply_bulk_string(reply, "action");
    reply_bulk(reply, buffer_bytes(&text));
    buffer_clear(&text);
}

void faults_reply(const struct faults *faults, struct reply *reply)
{
    reply_open(reply, REPLY_ARRAY, list_count(&faults->all));
    for (struct list_node *node = list_first(&faults->all); node; node = list_next(node)) {
        const struct fault *fault = fault_of(node);
        reply_open(reply, REPLY_MAP, REPLY_UNSIZED);
        reply_bulk_string(reply, "name");
        reply_bulk(reply, buffer_bytes(&fault->name));
        reply_action(fault, reply);
        matcher_reply(&fault->matcher, reply);
        reply_close(reply);
    }
    reply_close(reply);
}
