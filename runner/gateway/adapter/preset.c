// Options and headers of calls, read once for many. In the gateway.
#include "gateway/adapter/http.h"

enum { CALL_MS_MOST = 600000 };

void preset_leave(struct preset *preset)
{
    if (!preset || --preset->users > 0)
        return;
    json_document_free(preset->headers);
    xfree(preset->headers_text);
    xfree(preset->options_text);
    xfree(preset);
}

static void take_options(struct preset *preset, const struct run *run, const struct json *options)
{
    preset->timeout_ms = json_int64_or(json_get(options, "timeout_ms"), run->limits.call_ms);
    if (preset->timeout_ms < 1 || preset->timeout_ms > CALL_MS_MOST)
        preset->timeout_ms = run->limits.call_ms;
    preset->connect_ms = json_int64_or(json_get(options, "connect_timeout_ms"), 0);
    const int64_t redirects = json_int64_or(json_get(options, "redirects"), REDIRECTS_DEFAULT);
    preset->redirects = redirects < 0 || redirects > REDIRECTS_MOST ? REDIRECTS_MOST : (int)redirects;
    preset->jar = json_int64_or(json_get(options, "jar"), 0);
    preset->decode = true;
    (void)json_boolean(json_get(options, "decode"), &preset->decode);
}

static struct preset *preset_new(struct gateway *gateway, struct json_document *headers,
                                 struct text headers_text, struct text options_text)
{
    struct preset *preset = xcalloc(1, sizeof *preset);
    *preset = (struct preset){.number = ++gateway->preset_count,
                              .users = 1,
                              .headers = headers,
                              .headers_text = text_copy(headers_text),
                              .options_text = text_copy(options_text)};
    return preset;
}

bool preset_take(struct preset **out, struct run *run, struct text headers, struct text options,
                 struct err *err)
{
    struct preset *last = run->preset;
    if (!last || !text_is(headers, last->headers_text) || !text_is(options, last->options_text)) {
        SCOPED(json_document)
        read_headers = NULL;
        SCOPED(json_document)
        read_options = NULL;
        if (!json_parse(&read_headers, headers, err) || !json_parse(&read_options, options, err))
            return false;
        preset_leave(last);
        last = run->preset = preset_new(run->gateway, STEAL(read_headers), headers, options);
        take_options(last, run, json_root(read_options));
    }
    last->users++;
    *out = last;
    return true;
}
