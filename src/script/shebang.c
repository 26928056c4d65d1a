/* SPDX-License-Identifier: MIT */
#include "script/shebang.h"

#include "reply/errors.h"
#include "resp/request_parser.h"

static const struct {
    const char *word;
    uint32_t flag;
} flag_words[SHEBANG_FLAG_COUNT] = {{"no-writes", SCRIPT_NO_WRITES},
                                    {"allow-oom", SCRIPT_ALLOW_OOM},
                                    {"allow-stale", SCRIPT_ALLOW_STALE},
                                    {"no-cluster", SCRIPT_NO_CLUSTER},
                                    {"allow-cross-slot-keys", SCRIPT_ALLOW_CROSS_SLOT_KEYS}};

uint32_t shebang_find_flag(struct bytes word, bool ignores_case)
{
    for (size_t i = 0; i < sizeof flag_words / sizeof flag_words[0]; i++) {
        const char *known = flag_words[i].word;
        if (ignores_case ? bytes_equal_ignoring_case(word, known) : bytes_equal_string(word, known))
            return flag_words[i].flag;
    }
    return 0;
}

const char *shebang_flag_word(int index)
{
    return flag_words[index].word;
}

static bool parse_flag(struct bytes word, struct reply *reply, uint32_t *flags)
{
    uint32_t flag = shebang_find_flag(word, false);
    if (flag == 0 && reply)
        reply_error_format(reply, ERROR_SHEBANG_FLAG, BYTES_PRINT(word));
    *flags |= flag;
    return flag != 0;
}

/* "no-writes,allow-oom"; nothing at all is no flag, while an empty word between commas is refused.
 */
static bool parse_flags(struct bytes list, struct reply *reply, uint32_t *flags)
{
    if (list.size == 0)
        return true;
    for (;;) {
        const char *comma = memchr(list.data, ',', list.size);
        size_t size = comma ? (size_t)(comma - list.data) : list.size;
        if (!parse_flag(bytes_of(list.data, size), reply, flags))
            return false;
        if (!comma)
            return true;
        list = bytes_of(comma + 1, list.size - size - 1);
    }
}

static bool parse_words(const struct request *line, struct reply *reply, uint32_t *flags)
{
    if (line->argc == 0 || !bytes_equal_string(line->argv[0], "#!lua")) {
        struct bytes word = line->argc ? line->argv[0] : bytes_of("", 0);
        if (reply)
            reply_error_format(reply, ERROR_SHEBANG_UNEXPECTED_ENGINE, BYTES_PRINT(word));
        return false;
    }
    const struct bytes option = BYTES_LITERAL("flags=");
    for (int i = 1; i < line->argc; i++) {
        struct bytes word = line->argv[i];
        if (word.size < option.size || memcmp(word.data, option.data, option.size) != 0) {
            if (reply)
                reply_error_format(reply, ERROR_SHEBANG_OPTION, BYTES_PRINT(word));
            return false;
        }
        struct bytes list = bytes_of(word.data + option.size, word.size - option.size);
        if (!parse_flags(list, reply, flags))
            return false;
    }
    return true;
}

bool shebang_parse(struct bytes body, struct reply *reply, uint32_t *flags, size_t *size)
{
    *flags = 0;
    *size = 0;
    if (body.size < 2 || memcmp(body.data, "#!", 2) != 0)
        return true;
    const char *end = memchr(body.data, '\n', body.size);
    if (!end || memchr(body.data, '\0', (size_t)(end - body.data))) { /* a C string to Redis */
        if (reply)
            reply_error(reply, ERROR_SHEBANG_INVALID);
        return false;
    }
    *size = (size_t)(end - body.data);
    *flags = SCRIPT_HAS_SHEBANG;
    struct request line = {0};
    bool is_right = request_split_line(bytes_of(body.data, *size), &line);
    if (is_right)
        is_right = parse_words(&line, reply, flags);
    else if (reply)
        reply_error(reply, ERROR_SHEBANG_INVALID_ENGINE);
    request_clear(&line);
    return is_right;
}
