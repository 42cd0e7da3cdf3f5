// See pins.h. A tree's id names its content for ever, so what was read once need not be read again.
#include "host/pins.h"

#include "host/reader.h"
#include "host/trees.h"

enum { PINS_MAX = 32, MANIFEST_BYTES_MAX = 262144 };

struct pins {
    struct pin *kept[PINS_MAX];
    size_t next;
};

enum repo_pin_kind pins_kind(const struct host *host, bool draft)
{
    if (draft)
        return REPO_DRAFT;
    return host->settings->production ? REPO_BRANCH : REPO_COMMITTED;
}

struct pins *pins_new(void)
{
    return xcalloc(1, sizeof(struct pins));
}

void pins_forget(struct pins *pins)
{
    for (size_t i = 0; i < PINS_MAX; i++)
        pin_release(STEAL(pins->kept[i]));
}

void pins_free(struct pins *pins)
{
    if (pins)
        pins_forget(pins);
    xfree(pins);
}

struct pin *pin_keep(struct pin *pin)
{
    pin->references++;
    return pin;
}

void pin_release(struct pin *pin)
{
    if (!pin || --pin->references > 0)
        return;
    for (size_t i = 0; i < pin->count; i++) {
        xfree(pin->files[i].name);
        xfree(pin->files[i].text);
    }
    xfree(pin->files);
    xfree(pin->manifest_json);
    manifest_free(pin->manifest);
    xfree(pin);
}

const struct pin_file *pin_file(const struct pin *pin, const char *name)
{
    for (size_t i = 0; i < pin->count; i++)
        if (strcmp(pin->files[i].name, name) == 0)
            return &pin->files[i];
    return NULL;
}

static void add_file(struct pin *pin, char *name, struct text content)
{
    pin->files = xreallocarray(pin->files, pin->count + 1, sizeof *pin->files);
    pin->files[pin->count++] =
        (struct pin_file){name, xstrndup(content.data, content.length), content.length};
}

// "robot/robot.lua" is "robot.lua" to the robot; the workplace's modules stay "lib/…".
static bool take_file(void *owner, const char *path, struct text content, struct err *err)
{
    struct pin *pin = owner;
    (void)err;
    add_file(pin, xstrdup(strncmp(path, "robot/", 6) == 0 ? path + 6 : path), content);
    return true;
}

bool pin_without_manifest(struct pin *pin, const struct run_limits *most, struct err *err)
{
    struct problems problems = {0};
    manifest_free(STEAL(pin->manifest));
    xfree(STEAL(pin->manifest_json));
    const bool good =
        manifest_read(&pin->manifest, TEXT_OF("{\"title\":\"none\",\"owner\":\"none\"}"), most, &problems);
    if (!good)
        *err = problems.items[0];
    problems_dispose(&problems);
    return good;
}

bool pin_of_test(struct pin **out, const char *name, struct text source, const struct run_limits *most,
                 struct err *err)
{
    struct pin *pin = xcalloc(1, sizeof *pin);
    pin->references = 1;
    add_file(pin, xstrdup("robot.lua"), TEXT_OF(""));
    add_file(pin, xasprintf("tests/%s", name), source);
    if (pin_without_manifest(pin, most, err)) {
        *out = pin;
        return true;
    }
    pin_release(pin);
    return false;
}

struct loading {
    struct host *host;
    struct pin *pin;
    pin_done done;
    void *owner;
};

static void finish(struct loading *loading, const struct problems *problems)
{
    if (!problems) {
        struct pins *pins = loading->host->pins;
        pin_release(pins->kept[pins->next]);
        pins->kept[pins->next] = pin_keep(loading->pin);
        pins->next = (pins->next + 1) % PINS_MAX;
    }
    loading->done(loading->owner, loading->pin, problems);
    pin_release(loading->pin);
    xfree(loading);
}

static void fail_one(struct loading *loading, const struct err *why)
{
    struct problems problems = {0};
    *problems_add(&problems) = *why;
    finish(loading, &problems);
    problems_dispose(&problems);
}

static void on_manifest(void *owner, struct text json, const struct err *failed)
{
    struct loading *loading = owner;
    if (failed) {
        fail_one(loading, failed);
        return;
    }
    struct problems problems = {0};
    loading->pin->manifest_json = text_copy(json);
    const bool good =
        manifest_read(&loading->pin->manifest, json, &loading->host->settings->limits, &problems);
    for (size_t i = 0; i < problems.count; i++)
        err_note(&problems.items[i], "manifest.lua");
    finish(loading, good ? NULL : &problems);
    problems_dispose(&problems);
}

static struct pin *kept(const struct pins *pins, const char *tree)
{
    for (size_t i = 0; i < PINS_MAX; i++)
        if (pins->kept[i] && strcmp(pins->kept[i]->tree, tree) == 0)
            return pins->kept[i];
    return NULL;
}

static bool read_files(struct loading *loading, const char *tree, struct err *err)
{
    struct repo *repo = host_repo(loading->host, err);
    if (!repo || (!repo_has(repo, tree) && !trees_fetch(loading->host, repo, tree, err)) ||
        !repo_read(repo, tree, take_file, loading->pin, err))
        return false;
    if (!pin_file(loading->pin, "manifest.lua"))
        return fail(err, ERR_ROBOT_INCOMPLETE, "manifest.lua");
    if (!pin_file(loading->pin, "robot.lua"))
        return fail(err, ERR_ROBOT_INCOMPLETE, "robot.lua");
    if (pin_file(loading->pin, "manifest.lua")->length > MANIFEST_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "manifest.lua", "256 KB");
    return true;
}

void pins_load(struct host *host, const char *tree, pin_done done, void *owner)
{
    struct pin *pin = kept(host->pins, tree);
    if (pin) {
        done(owner, pin, NULL);
        return;
    }
    struct loading *loading = xcalloc(1, sizeof *loading);
    *loading = (struct loading){host, xcalloc(1, sizeof *pin), done, owner};
    loading->pin->references = 1;
    memcpy(loading->pin->tree, tree, REPO_ID_SIZE);
    struct err err;
    if (!read_files(loading, tree, &err)) {
        fail_one(loading, &err);
        return;
    }
    const struct pin_file *manifest = pin_file(loading->pin, "manifest.lua");
    reader_read(host, "manifest.lua", text_of(manifest->text, manifest->length), on_manifest, loading);
}
