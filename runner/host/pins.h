// What a pinned tree consists of: its Lua files and its manifest, read once and kept. In the host.
#ifndef RENKI_HOST_PINS_H
#define RENKI_HOST_PINS_H

#include "host/host.h"

struct pin_file {
    char *name; // "robot.lua", "tests/first.lua", "lib/names.lua"
    char *text;
    size_t length;
};

struct pin {
    int references;
    char tree[REPO_ID_SIZE];
    struct pin_file *files;
    size_t count;
    struct manifest *manifest; // NULL when it is wrong
    char *manifest_json;
};

// What a robot's tree is taken from: in production the branch, whatever the working files are.
enum repo_pin_kind pins_kind(const struct host *host, bool draft);

struct pins *pins_new(void);
void pins_free(struct pins *pins);
// Reads each anew when it is next asked for; those lent or kept stay what they are.
void pins_forget(struct pins *pins);

// `problems` is NULL when all is well; then `pin` is lent until the callback returns, unless pin_keep is called. With
// problems in the manifest `pin` has its files all the same; it is NULL when the tree can't be read.
typedef void (*pin_done)(void *owner, struct pin *pin, const struct problems *problems);
void pins_load(struct host *host, const char *tree, pin_done done, void *owner);
// Gives a pin whose manifest is wrong one that says nothing, so that a check can look at the rest.
bool pin_without_manifest(struct pin *pin, const struct run_limits *most, struct err *err) MUST_CHECK;
// A pin of one test file without a robot, as tests/NAME, with the limits that manifests have by default.
bool pin_of_test(struct pin **out, const char *name, struct text source, const struct run_limits *most,
                 struct err *err) MUST_CHECK;
struct pin *pin_keep(struct pin *pin);
void pin_release(struct pin *pin);
const struct pin_file *pin_file(const struct pin *pin, const char *name); // NULL when there is none

#endif
