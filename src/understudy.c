/* SPDX-License-Identifier: MIT */
/*
 * The composition root: configuration, clock, engine, interpreter and loop are made, wired and
 * freed here, in this order and the reverse.
 */
#include "understudy.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "commands/registry.h"
#include "controls/controls.h"
#include "controls/snapshots.h"
#include "controls/virtual_clock.h"
#include "engine/acl_file.h"
#include "engine/config.h"
#include "engine/engine.h"
#include "engine/journal_file.h"
#include "net/exchange.h"
#include "net/loop.h"
#include "net/tls_certificates.h"
#include "script/interpreter.h"
#include "understudy_private.h"
#include "worlds.h"

#define REDIS_VERSION "7.2.4"
#define SPARE_FILES   32 /* open files beside those of clients */

/* --- the log, in Redis's form: "4711:M 02 Jan 2025 03:04:05.678 * text" --- */

static void write_log(void *context, int level, const char *text)
{
    struct understudy *server = context;
    if (server->log_fd < 0 || level < config_integer(server->config, CONFIG_LOGLEVEL))
        return;
    struct timespec now;
    struct tm local;
    char date[32];
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    strftime(date, sizeof date, "%d %b %Y %H:%M:%S", &local);
    struct buffer line = {0};
    buffer_append_format(&line, "%d:M %s.%03d %c %s\n", (int)getpid(), date,
                         (int)(now.tv_nsec / 1000000), ".-*#"[level & 3], text);
    /* A log that cannot be written is no reason to stop serving. */
    ssize_t written = write(server->log_fd, line.data, line.size);
    (void)written;
    buffer_clear(&line);
}

static bool open_log(struct understudy *server, char *error)
{
    const char *path = config_string(server->config, CONFIG_LOGFILE);
    server->log_fd = server->is_program ? STDOUT_FILENO : -1;
    if (*path == '\0')
        return true;
    server->log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (server->log_fd < 0)
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "cannot open the log file %s: %s", path,
                 strerror(errno));
    return server->log_fd >= 0;
}

/* --- what the engine asks of its host --- */

static void busy_turn(void *context)
{
    struct understudy *server = context;
    loop_run_busy(server->loop);
}

static void stop_loop(void *context)
{
    struct understudy *server = context;
    loop_stop(server->loop);
}

static void deadline_moved(void *context)
{
    struct understudy *server = context;
    loop_deadline_moved(server->loop, server->engine);
}

static enum engine_exchange_result exchange(void *context, const struct engine_exchange *exchange,
                                            struct buffer *answer)
{
    (void)context;
    return exchange_run(exchange, answer);
}

static bool converse(void *context, struct session *session, struct bytes output,
                     struct buffer *input, bool waits)
{
    struct understudy *server = context;
    return loop_converse(server->loop, session, output, input, waits);
}

static bool log_in(void *context, struct session *session, struct bytes user)
{
    struct understudy *server = context;
    return worlds_log_in(server->worlds, session, user);
}

static void list_worlds(void *context, struct reply *reply)
{
    struct understudy *server = context;
    worlds_reply_list(server->worlds, reply);
}

static bool drop_world(void *context, struct bytes name)
{
    struct understudy *server = context;
    return worlds_drop(server->worlds, name);
}

static bool keep_world(void *context, const struct bytes *name)
{
    struct understudy *server = context;
    if (name)
        worlds_keep(server->worlds, *name);
    return name != NULL;
}

static void sweep_worlds(void *context)
{
    struct understudy *server = context;
    worlds_sweep(server->worlds);
}

static bool config_changed(void *context, enum config_id id, char *error, size_t size)
{
    struct understudy *server = context;
    if (loop_is_about_listening(id) && !loop_config_changed(server->loop, id, error, size))
        return false;
    if (id == CONFIG_APPENDONLY &&
        !journal_file_switch(server->engine, config_integer(server->config, id))) {
        snprintf(error, size, "Unable to turn on AOF. Check server logs.");
        return false;
    }
    engine_config_changed(server->engine, id);
    controls_config_changed(server->engine->controls, id);
    return true;
}

/* --- making --- */

/* Every client takes a file descriptor: the process gets enough, or serves fewer clients. */
static void raise_file_limit(struct understudy *server)
{
    struct rlimit limit;
    int64_t clients = config_integer(server->config, CONFIG_MAXCLIENTS);
    rlim_t wanted = (rlim_t)clients + SPARE_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    struct rlimit raised = {.rlim_cur = wanted,
                            .rlim_max = limit.rlim_max < wanted ? wanted : limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        return;
    raised = (struct rlimit){.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        limit = raised;
    int64_t possible = (int64_t)limit.rlim_cur - SPARE_FILES;
    config_set_integer(server->config, CONFIG_MAXCLIENTS, possible > 1 ? possible : 1);
}

/* A program tells of a line that is wrong as redis-server does. Clears `problem`; returns
 * `is_right`. */
static bool tell_fault(const struct understudy *server, bool is_right, struct buffer *problem,
                       char *error)
{
    struct buffer fault = {0};
    if (!is_right && server->is_program)
        config_append_fault(server->config,
                            engine_full_version(config_string(server->config, CONFIG_EMULATE)),
                            &fault);
    struct bytes text = buffer_bytes(fault.size ? &fault : problem);
    if (!is_right)
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "%.*s", BYTES_PRINT(text));
    buffer_clear(&fault);
    buffer_clear(problem);
    return is_right;
}

static bool load_options(struct understudy *server, const struct understudy_options *options,
                         char *error)
{
    struct buffer problem = {0};
    if (!server->is_program)
        config_set_integer(server->config, CONFIG_PORT, 0);
    bool is_loaded =
        config_load_arguments(server->config, options->word_count, options->words, &problem);
    return tell_fault(server, is_loaded, &problem, error);
}

/* What `tls-self-signed` asks for. A test may then talk TLS without files of its own: at a port
 * that is free, with a client's certificate or without. */
static bool make_certificates(struct understudy *server, char *error)
{
    struct config *config = server->config;
    const char *place = config_string(config, CONFIG_TLS_SELF_SIGNED);
    if (*place == '\0' || strcmp(place, "no") == 0)
        return true;
    if (*config_string(config, CONFIG_TLS_CERT_FILE) ||
        *config_string(config, CONFIG_TLS_KEY_FILE) ||
        *config_string(config, CONFIG_TLS_CA_CERT_FILE)) {
        snprintf(error, UNDERSTUDY_ERROR_SIZE,
                 "tls-self-signed makes what tls-cert-file, tls-key-file and tls-ca-cert-file "
                 "name: leave them out");
        return false;
    }
    server->certificates = tls_certificates_make(strcmp(place, "yes") == 0 ? NULL : place, error,
                                                 UNDERSTUDY_ERROR_SIZE);
    if (!server->certificates)
        return false;
    config_set_string(config, CONFIG_TLS_CERT_FILE, server->certificates->certificate);
    config_set_string(config, CONFIG_TLS_KEY_FILE, server->certificates->key);
    config_set_string(config, CONFIG_TLS_CA_CERT_FILE, server->certificates->authority);
    if (!config_is_given(config, CONFIG_TLS_AUTH_CLIENTS))
        config_set_integer(config, CONFIG_TLS_AUTH_CLIENTS, CONFIG_TLS_AUTH_OPTIONAL);
    if (config_integer(config, CONFIG_TLS_PORT) == 0)
        config_set_integer(config, CONFIG_TLS_PORT, CONFIG_FREE_PORT);
    return true;
}

static uint64_t choose_seed(const struct config *config)
{
    uint64_t seed = (uint64_t)config_integer(config, CONFIG_SEED);
    if (seed == 0 && getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uint64_t)clock_system_us() ^ (uint64_t)getpid() << 48;
    return seed;
}

static void make_engine(struct understudy *server)
{
    const struct engine_options options = {.families = command_families,
                                           .clock = &server->clock.clock,
                                           .config = server->config,
                                           .seed = choose_seed(server->config),
                                           .host = {.context = server,
                                                    .busy_turn = busy_turn,
                                                    .stop = stop_loop,
                                                    .deadline_moved = deadline_moved,
                                                    .log = write_log,
                                                    .exchange = exchange,
                                                    .converse = converse}};
    server->engine = engine_new(&options);
    server->engine->virtual_clock = &server->clock;
    server->engine->interpreter = interpreter_new(server->engine);
    server->engine->controls = controls_new(server->engine);
}

static void make_worlds(struct understudy *server)
{
    struct engine_host *host = &server->engine->host;
    if (!config_integer(server->config, CONFIG_WORLDS))
        return;
    server->worlds = worlds_new(server->engine, server->loop);
    host->log_in = log_in;
    host->list_worlds = list_worlds;
    host->drop_world = drop_world;
    host->keep_world = keep_world;
    loop_set_deserted(server->loop, (struct loop_deserted){server, sweep_worlds});
}

/* What the configuration says of commands and users. */
static bool load_deeds(struct understudy *server, char *error)
{
    struct buffer problem = {0};
    bool is_loaded = command_names_apply(server->engine, &problem) &&
                     acl_file_load_start(server->engine, &problem);
    return tell_fault(server, is_loaded, &problem, error);
}

static bool make_loop(struct understudy *server, unsigned flags, char *error)
{
    server->loop = loop_new(server->engine);
    if (!server->loop) {
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "the system refuses an event loop: %s",
                 strerror(errno));
        return false;
    }
    if (!loop_listen(server->loop, error, UNDERSTUDY_ERROR_SIZE))
        return false;
    if (flags & UNDERSTUDY_PROGRAM)
        loop_handle_signals(server->loop);
    if (flags & UNDERSTUDY_EXIT_WITH_PARENT)
        loop_follow_parent(server->loop);
    understudy_address_note(server);
    config_set_listener(server->config, (struct config_listener){server, config_changed});
    return true;
}

struct understudy *understudy_new(const struct understudy_options *options,
                                  char error[UNDERSTUDY_ERROR_SIZE])
{
    static const struct understudy_options none = {0};
    if (!options)
        options = &none;
    struct understudy *server = memory_zeroed(sizeof *server);
    server->is_program = options->flags & UNDERSTUDY_PROGRAM;
    if (server->is_program)
        memory_keep_merged();
    server->log_fd = -1;
    pthread_mutex_init(&server->joining, NULL);
    pthread_mutex_init(&server->commanding, NULL);
    virtual_clock_init(&server->clock);
    server->config = config_new();
    if (!load_options(server, options, error) || !make_certificates(server, error) ||
        !open_log(server, error)) {
        understudy_free(server);
        return NULL;
    }
    if (!virtual_clock_start(&server->clock,
                             bytes_of_string(config_string(server->config, CONFIG_CLOCK)))) {
        snprintf(error, UNDERSTUDY_ERROR_SIZE,
                 "clock is \"real\", \"frozen\", or the milliseconds since the epoch at which it "
                 "stands");
        understudy_free(server);
        return NULL;
    }
    if (server->is_program) {
        raise_file_limit(server);
        understudy_daemon_start(server);
    }
    make_engine(server);
    bool has_loop = load_deeds(server, error) && make_loop(server, options->flags, error);
    if (has_loop && server->is_program)
        footprint_own_process(server->engine);
    if (!has_loop || !understudy_data_load(server, error)) {
        if (server->is_program && config_integer(server->config, CONFIG_DAEMONIZE))
            write_log(server, 3, error); /* in the background nobody reads what is answered */
        understudy_free(server);
        return NULL;
    }
    server->has_pid_file = server->is_program;
    if (server->has_pid_file)
        understudy_daemon_write_pid(server);
    make_worlds(server);
    controls_start_report(server->engine->controls);
    return server;
}

void understudy_free(struct understudy *server)
{
    if (!server)
        return;
    if (server->loop)
        understudy_stop(server);
    if (server->has_pid_file)
        understudy_daemon_remove_pid(server);
    understudy_client_free(server->own_client);
    loop_free(server->loop);
    worlds_free(server->worlds);
    if (server->engine) {
        controls_free(server->engine->controls);
        snapshots_free_all(server->engine);
        interpreter_free(server->engine->interpreter);
        engine_free(server->engine);
    } else {
        config_free(server->config);
    }
    if (server->log_fd > STDERR_FILENO)
        close(server->log_fd);
    pthread_mutex_destroy(&server->joining);
    pthread_mutex_destroy(&server->commanding);
    memory_free(server->host);
    memory_free(server->socket_path);
    memory_free(server->url);
    memory_free(server->tls_url);
    tls_certificates_free(server->certificates);
    memory_free(server->problem);
    memory_free(server);
}

/* --- serving --- */

/* A client that goes away while it is written to must not end the process. The signal comes to the
 * thread that writes, so it is kept from this thread alone. */
static void serve(struct understudy *server)
{
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    understudy_address_announce(server);
    loop_run(server->loop);
    understudy_client_abandon_all(server);
    journal_file_end(server->engine);
    persistence_end(server->engine);
    engine_log(server->engine, 2, "Stopped serving");
    understudy_outcome_write(server);
    if (!sigismember(&before, SIGPIPE)) {
        while (sigtimedwait(&pipe_signal, NULL, &(struct timespec){0}) == SIGPIPE)
            ;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
}

/* It ends already: another signal to end it shall not change its status. */
static void hold_signals(void)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ending, NULL);
}

void understudy_run(struct understudy *server)
{
    server->is_serving = true;
    serve(server);
    if (server->is_program)
        hold_signals();
}

static void *serve_on_thread(void *argument)
{
    serve(argument);
    return NULL;
}

int understudy_start(struct understudy *server, char error[UNDERSTUDY_ERROR_SIZE])
{
    /* Signals are for the threads of the program that embeds. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    server->is_serving = true;
    int status = pthread_create(&server->thread, NULL, serve_on_thread, server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    server->is_threaded = server->is_serving = status == 0;
    if (status != 0)
        snprintf(error, UNDERSTUDY_ERROR_SIZE, "cannot start a thread: %s", strerror(status));
    return status == 0;
}

void understudy_stop(struct understudy *server)
{
    loop_stop(server->loop);
    pthread_mutex_lock(&server->joining);
    if (server->is_threaded && !server->is_joined) {
        pthread_join(server->thread, NULL);
        server->is_joined = true;
    }
    pthread_mutex_unlock(&server->joining);
}

const char *understudy_host(const struct understudy *server)
{
    return server->host;
}

int understudy_port(const struct understudy *server)
{
    return server->port ? server->port : server->tls_port;
}

int understudy_tls_port(const struct understudy *server)
{
    return server->tls_port;
}

const char *understudy_tls_ca_file(const struct understudy *server)
{
    return server->certificates ? server->certificates->authority : NULL;
}

const char *understudy_tls_url(const struct understudy *server)
{
    return server->tls_url;
}

const char *understudy_socket_path(const struct understudy *server)
{
    return server->socket_path;
}

const char *understudy_url(const struct understudy *server)
{
    return server->url;
}

const char *understudy_version(void)
{
    return UNDERSTUDY_VERSION;
}

const char *understudy_redis_version(void)
{
    return REDIS_VERSION;
}
