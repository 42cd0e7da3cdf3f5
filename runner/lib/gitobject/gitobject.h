// Git objects as strangers write them: read strictly, or refused with a reason in words of reasons.def. In the host.
//
// 1. Nothing is allocated and nothing copied: what is read points into the object's bytes.
// 2. What passes here passes `git fsck --strict` too, as far as one object can be judged alone.
// 3. A reason is a text that lives for ever; NULL: there is none, it is good.
#ifndef RENKI_GITOBJECT_H
#define RENKI_GITOBJECT_H

#include "lib/base/text.h"

enum { GITOBJECT_NAME_MAX = 255, GITOBJECT_ID_BYTES = 20, GITOBJECT_HEX = 40, GITOBJECT_PARENTS_MAX = 64 };

// A name that means one file, the same on every system: no way out, no ".git" however spelt, no control characters.
bool gitobject_name_is_safe(struct text name);

// ---- trees
struct gitobject_entry {
    struct text name;
    const unsigned char *id; // GITOBJECT_ID_BYTES
    bool is_folder;
};
// A tree being read: { .rest = its bytes }. Names are in git's order and each is there once.
struct gitobject_tree {
    struct text rest; // empty: that was all
    struct gitobject_entry before;
    struct text files[GITOBJECT_NAME_MAX +
                      1]; // so far, of which each begins the next: a folder may not have their names
    size_t file_count;
};
const char *gitobject_entry_take(struct gitobject_entry *out, struct gitobject_tree *tree);
// Of a file .gitattributes: git refuses to check out what has endless lines.
const char *gitobject_attributes_check(struct text content);

// ---- commits and tags
struct gitobject_person {
    struct text name, email;
    int64_t seconds; // since 1970
};
struct gitobject_commit {
    struct text tree; // GITOBJECT_HEX digits, as are the parents
    struct text parents[GITOBJECT_PARENTS_MAX];
    size_t parent_count;
    struct gitobject_person author, committer;
    struct text message;
    bool has_signature;
};
const char *gitobject_commit_read(struct gitobject_commit *out, struct text object);

struct gitobject_tag {
    struct text target, kind, name; // kind: "tree", "commit" …
    struct gitobject_person tagger;
    struct text message; // with the signature, where there is one
};
const char *gitobject_tag_read(struct gitobject_tag *out, struct text object);

#endif
