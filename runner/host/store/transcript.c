// See transcript.h.
#include "host/store/transcript.h"

static bool has_text(const struct value *value)
{
    return value->kind == VALUE_TEXT || value->kind == VALUE_BYTES;
}

static void forget(struct transcript_entry *entry)
{
    for (size_t i = 0; i < entry->count; i++)
        if (has_text(&entry->parameters[i]))
            xfree((void *)(uintptr_t)entry->parameters[i].text.data);
    xfree(entry->parameters);
}

static struct value *copies(const struct value *parameters, size_t count, size_t *bytes)
{
    struct value *copy = xcalloc(count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = parameters[i];
        if (has_text(&copy[i])) {
            copy[i].text.data = text_copy(parameters[i].text);
            *bytes += copy[i].text.length;
        }
    }
    return copy;
}

struct transcript_entry *transcript_add(struct transcript *transcript, const char *statement,
                                        const struct value *parameters, size_t count, bool asked)
{
    if (transcript->count == TRANSCRIPT_STATEMENTS_MAX || transcript->bytes > TRANSCRIPT_BYTES_MAX)
        transcript->broken_off = true;
    if (transcript->broken_off)
        return NULL;
    if (transcript->count == transcript->capacity) {
        transcript->capacity = transcript->capacity ? 2 * transcript->capacity : 64;
        transcript->entries =
            xreallocarray(transcript->entries, transcript->capacity, sizeof *transcript->entries);
    }
    struct transcript_entry *entry = &transcript->entries[transcript->count++];
    *entry = (struct transcript_entry){.statement = statement, .count = count, .asked = asked};
    entry->parameters = copies(parameters, count, &transcript->bytes);
    return entry;
}

void transcript_clear(struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++)
        forget(&transcript->entries[i]);
    transcript->count = transcript->bytes = 0;
    transcript->broken_off = false;
}

void transcript_dispose(struct transcript *transcript)
{
    transcript_clear(transcript);
    xfree(transcript->entries);
    *transcript = (struct transcript){0};
}
