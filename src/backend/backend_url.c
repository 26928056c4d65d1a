/* SPDX-License-Identifier: MIT */
#include "backend/backend_url.h"

#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/number.h"

#define DEFAULT_PORT 6379
#define HIGHEST_PORT 65535
#define HIGHEST_DB   1000000

static char *copy_part(const char *text, size_t size)
{
    char *copy = memory_allocate(size + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL: a percent sign without two digits behind it, or a NUL. */
static char *decode_part(const char *text, size_t size)
{
    char *decoded = memory_allocate(size + 1);
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < size ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                memory_free(decoded);
                return NULL;
            }
            c = (char)(high * 16 + low);
            i += 2;
        }
        decoded[length++] = c;
    }
    decoded[length] = '\0';
    return decoded;
}

/* A whole number from `lowest` to `highest` in all of `text`. */
static bool parse_number(const char *text, size_t size, int lowest, int highest, int *number)
{
    int64_t value;
    if (!number_parse_integer(bytes_of(text, size), &value) || value < lowest || value > highest)
        return false;
    *number = (int)value;
    return true;
}

/* "user:password" or ":password". */
static bool parse_credentials(struct backend_url *url, const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    size_t user_size = colon ? (size_t)(colon - text) : size;
    if (user_size) {
        url->user = decode_part(text, user_size);
        if (!url->user)
            return false;
    }
    if (!colon)
        return true;
    url->password = decode_part(colon + 1, size - user_size - 1);
    return url->password != NULL;
}

/* "host", "host:port", "[::1]:port" or ":port". */
static bool parse_authority(struct backend_url *url, const char *text, size_t size)
{
    const char *end = text + size;
    const char *host = text, *host_end;
    if (size && *text == '[') {
        host++;
        host_end = memchr(text, ']', size);
        if (!host_end)
            return false;
        text = host_end + 1;
    } else {
        host_end = memchr(text, ':', size);
        if (!host_end)
            host_end = end;
        text = host_end;
    }
    url->host = host_end > host ? copy_part(host, (size_t)(host_end - host))
                                : copy_part("127.0.0.1", strlen("127.0.0.1"));
    if (text == end)
        return true;
    return *text == ':' &&
           parse_number(text + 1, (size_t)(end - text - 1), 1, HIGHEST_PORT, &url->port);
}

static bool parse_tcp(struct backend_url *url, const char *text, const char **why)
{
    size_t size = strcspn(text, "/?#");
    const char *rest = text + size;
    if (!parse_authority(url, text, size)) {
        *why = "its host or port";
        return false;
    }
    if (*rest == '/' && rest[1] &&
        !parse_number(rest + 1, strlen(rest + 1), 0, HIGHEST_DB, &url->db)) {
        *why = "its database number";
        return false;
    }
    if (*rest && *rest != '/') {
        *why = "what is behind the port";
        return false;
    }
    return true;
}

static bool parse_socket(struct backend_url *url, const char *text, const char **why)
{
    size_t size = strcspn(text, "?");
    const char *query = text + size;
    url->path = decode_part(text, size);
    if (*text != '/' || !url->path) {
        *why = "the socket's path";
        return false;
    }
    if (*query && (strncmp(query, "?db=", 4) != 0 ||
                   !parse_number(query + 4, strlen(query + 4), 0, HIGHEST_DB, &url->db))) {
        *why = "its database number";
        return false;
    }
    return true;
}

/* Behind the scheme's "://". */
static bool parse_rest(struct backend_url *url, const char *text, bool is_socket, const char **why)
{
    size_t reach = is_socket ? strcspn(text, "/?") : strcspn(text, "/?#");
    const char *at = NULL; /* the last one: a password may hold others */
    for (size_t i = 0; i < reach; i++)
        if (text[i] == '@')
            at = text + i;
    if (at && !parse_credentials(url, text, (size_t)(at - text))) {
        *why = "its user or password";
        return false;
    }
    text = at ? at + 1 : text;
    return is_socket ? parse_socket(url, text, why) : parse_tcp(url, text, why);
}

bool backend_url_parse(struct backend_url *url, const char *text, const char **why)
{
    static const struct {
        const char *prefix;
        bool is_socket, has_tls;
    } schemes[] = {
        {"redis://", false, false}, {"rediss://", false, true}, {"unix://", true, false}};
    *url = (struct backend_url){.port = DEFAULT_PORT};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t size = strlen(schemes[i].prefix);
        if (strncmp(text, schemes[i].prefix, size) != 0)
            continue;
        url->has_tls = schemes[i].has_tls;
        if (parse_rest(url, text + size, schemes[i].is_socket, why))
            return true;
        backend_url_clear(url);
        return false;
    }
    *why = "its scheme, which is neither redis://, rediss:// nor unix://";
    return false;
}

void backend_url_clear(struct backend_url *url)
{
    memory_free(url->host);
    memory_free(url->path);
    memory_free(url->user);
    memory_free(url->password);
    *url = (struct backend_url){0};
}
