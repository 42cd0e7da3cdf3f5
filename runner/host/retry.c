// See retry.h. The wait doubles with each failure (or as `factor` says) up to `most`, and jitter spreads those that
// failed together, so that they do not come back together.
#include "host/retry.h"

static const struct {
    enum err_code code;
    enum retry_kind kind;
} kinds[] = {
    {ERR_HTTP_TIMEOUT, RETRY_TIMEOUT},
    {ERR_WIRE_TIMEOUT, RETRY_TIMEOUT},

    {ERR_HTTP_CONNECT, RETRY_UNREACHABLE},
    {ERR_HTTP_HOST, RETRY_UNREACHABLE},
    {ERR_HTTP_CUT, RETRY_UNREACHABLE},
    {ERR_HTTP_TLS, RETRY_UNREACHABLE},
    {ERR_HTTP_FAILED, RETRY_UNREACHABLE},

    {ERR_SYSTEM_CLOSED, RETRY_BUSY},

    {ERR_MAIL_REFUSED, RETRY_SERVER},

    {ERR_STORE_LOCKED, RETRY_STORE},
    {ERR_STORE_FAILED, RETRY_STORE},

    {ERR_DISK_LOW, RETRY_DISK},
    {ERR_STOPPED_DISK, RETRY_DISK},
    {ERR_STORE_FULL, RETRY_DISK},
    {ERR_STORE_READ_ONLY, RETRY_DISK},

    {ERR_FILE_MISSING, RETRY_FILE},
    {ERR_FILE_UNREADABLE, RETRY_FILE},
    {ERR_FILE_UNWRITABLE, RETRY_FILE},
    {ERR_FILE_CHANGED, RETRY_FILE},

    {ERR_STOPPED_CRASH, RETRY_CRASH},
    {ERR_STOPPED_DIED, RETRY_CRASH},
    {ERR_ROLE_DIED, RETRY_CRASH},
    {ERR_READER_DIED, RETRY_CRASH},
    {ERR_SPAWN, RETRY_CRASH},
    {ERR_WIRE_CLOSED, RETRY_CRASH},
    {ERR_RUN_LOST, RETRY_CRASH},

    {ERR_ITEMS_FAILED, RETRY_ITEMS},
};

// The third argument of HTTP_STATUS. Other statuses tell that the call itself was wrong.
static enum retry_kind kind_of_status(int64_t status)
{
    if (status == 408)
        return RETRY_TIMEOUT;
    if (status == 425 || status == 429 || status == 503)
        return RETRY_BUSY;
    return status >= 500 ? RETRY_SERVER : RETRY_KIND_COUNT;
}

static int64_t status_of(const struct json *fault)
{
    const struct json *argument = json_first(json_get(fault, "arguments"));
    int64_t status;
    for (int i = 0; argument && i < 2; i++)
        argument = json_next(argument);
    return text_to_int64(text_from(json_string_or(argument, "")), &status) ? status : 0;
}

static enum retry_kind kind_of(const struct json *fault)
{
    enum err_code code;
    if (strcmp(json_string_or(json_get(fault, "class"), ""), err_class_name(CLASS_FAILURE)) != 0 ||
        !err_from_name(&code, json_string_or(json_get(fault, "code"), "")))
        return RETRY_KIND_COUNT;
    if (code == ERR_HTTP_STATUS)
        return kind_of_status(status_of(fault));
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].code == code)
            return kinds[i].kind;
    return RETRY_KIND_COUNT;
}

static int64_t back_off_ms(const struct retry_rule *rule, int64_t failures, uint32_t chance)
{
    double wait = (double)rule->wait_ms;
    for (int64_t i = 1; i < failures && wait < (double)rule->most_ms; i++)
        wait *= rule->factor;
    if (wait > (double)rule->most_ms)
        wait = (double)rule->most_ms;
    const double spread = 2 * (double)chance / (double)UINT32_MAX - 1; // -1 to 1
    return (int64_t)(wait * (1 + spread * (double)rule->jitter_percent / 100));
}

static int64_t asked_ms(const struct json *fault)
{
    const int64_t asked = json_int64_or(json_get(fault, "retry_after_ms"), 0);
    return asked < RETRY_AFTER_MOST_MS ? asked : RETRY_AFTER_MOST_MS;
}

struct retry retry_decide(const struct retry_rule *rule, const char *fault, int64_t failures, uint32_t chance)
{
    SCOPED(json_document)
    document = NULL;
    struct err ignored;
    struct retry retry = {.kind = RETRY_KIND_COUNT};
    if (!fault || !json_parse(&document, text_from(fault), &ignored))
        return retry;
    retry.kind = kind_of(json_root(document));
    if (retry.kind == RETRY_KIND_COUNT || !(rule->kinds >> retry.kind & 1) || failures >= rule->attempts)
        return retry;
    const int64_t least = asked_ms(json_root(document)), wait = back_off_ms(rule, failures, chance);
    retry.again = true;
    retry.wait_ms = wait > least ? wait : least;
    return retry;
}
