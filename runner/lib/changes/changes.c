// See changes.h. The list itself.
#include "lib/changes/changes_own.h"

#include <stdlib.h>

const char *const change_reach_names[] = {
    [CHANGE_WIDER] = "wider", [CHANGE_NARROWER] = "narrower", [CHANGE_OTHER] = "other"};

void changes_dispose(struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        xfree(changes->items[i].text);
    xfree(changes->items);
    *changes = (struct changes){.language = changes->language};
}

// Kept in order: behind those of the same reach.
void add_change(struct changes *changes, enum change_reach reach, const char *about, enum phrase phrase,
                const char *const *arguments)
{
    SCOPED_BUF(text, CHANGE_TEXT_MAX);
    if (changes->total++ >= CHANGES_MAX)
        return;
    if (!phrase_append_(&text, changes->language, phrase, arguments))
        text.length = text_utf8_floor(buf_text(&text), text.length);
    changes->items = xreallocarray(changes->items, changes->count + 1, sizeof *changes->items);
    size_t at = changes->count++;
    for (; at && changes->items[at - 1].reach > reach; at--)
        changes->items[at] = changes->items[at - 1];
    changes->items[at] = (struct change){reach, about, text_copy(buf_text(&text))};
}

void changes_write(struct json_writer *out, const struct changes *changes)
{
    json_begin_array(out);
    for (size_t i = 0; i < changes->count; i++) {
        json_begin_object(out);
        json_write_key(out, "reach");
        json_write_string(out, change_reach_names[changes->items[i].reach]);
        json_write_key(out, "about");
        json_write_string(out, changes->items[i].about);
        json_write_key(out, "text");
        json_write_lossy(out, text_from(changes->items[i].text));
        json_end_object(out);
    }
    json_end_array(out);
}
