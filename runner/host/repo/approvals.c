// See approvals.h.
#include "host/repo/approvals.h"

#include "host/repo/repo_own.h"

#include <stdio.h>

static const char *const folders[] = {"approvals", "rejections"};
static const char *const first_lines[] = {"renki approval", "renki rejection"};

// ---- writing

static bool put_line(struct buf *out, const char *key, const char *value)
{
    return !value || !*value || buf_printf(out, "%s: %s\n", key, value);
}

bool approval_payload(struct buf *out, const struct approval_words *words)
{
    return buf_printf(out, "object %s\ntype tree\ntag renki-%s-%.10s-%s\ntagger %s <%s> %lld +0000\n\n%s\n\n",
                      words->tree, words->rejects ? "rejection" : "approval", words->tree, words->person,
                      words->name, words->email, (long long)(words->time_ms / 1000),
                      first_lines[words->rejects]) &&
           put_line(out, "Robot", words->robot) && put_line(out, "Person", words->person) &&
           put_line(out, "Account", words->account) && put_line(out, "Why", words->why);
}

bool repo_approval_add(struct repo *repo, char tag[REPO_ID_SIZE], const char *tree, const char *person,
                       bool rejects, struct text object, struct err *err)
{
    git_reference *made = NULL;
    git_oid id;
    SCOPED_TEXT char *name = xasprintf("refs/renki/%s/%s/%s", folders[rejects], tree, person);
    const bool good =
        git_odb_write(&id, repo->objects, object.data, object.length, GIT_OBJECT_TAG) == 0 &&
        git_reference_create(&made, repo->repository, name, &id, true, first_lines[rejects]) == 0;
    git_reference_free(made);
    if (good)
        git_oid_tostr(tag, REPO_ID_SIZE, &id);
    return good ? true : repo_failed(err, name);
}

// ---- reading

// What is cut off, or has a NUL inside, is not what was signed; the caller then finds another text and says MOVED.
static bool take_value(char *out, size_t most, struct text value)
{
    if (value.length > most || memchr(value.data, '\0', value.length))
        return false;
    memcpy(out, value.data, value.length);
    out[value.length] = '\0';
    return true;
}

static bool take_after(struct text *rest, const char *word, struct text *value)
{
    struct text line;
    const size_t length = strlen(word);
    if (!text_cut(rest, '\n', &line) || !text_starts(line, word))
        return false;
    *value = text_of(line.data + length, line.length - length);
    return true;
}

// "Name <mail> 1763800000 +0000"
static bool take_time(struct text tagger, int64_t *time_ms)
{
    struct text rest = tagger, part;
    int64_t seconds;
    if (!text_cut(&rest, '>', &part) || !text_starts(rest, " "))
        return false;
    rest = text_of(rest.data + 1, rest.length - 1);
    if (!text_cut(&rest, ' ', &part) || !text_to_int64(part, &seconds) || seconds < 0 ||
        seconds > INT64_MAX / 1000)
        return false;
    *time_ms = seconds * 1000;
    return true;
}

static bool take_key(struct approval *out, struct text line)
{
    struct text rest = line, key;
    const struct {
        const char *key;
        char *value;
        size_t most;
    } fields[] = {{"Person", out->person, APPROVAL_PERSON_MAX},
                  {"Account", out->account, APPROVAL_PERSON_MAX},
                  {"Why", out->why, APPROVAL_WHY_MAX}};
    if (!text_cut(&rest, ':', &key) || !text_starts(rest, " "))
        return false;
    const struct text value = text_of(rest.data + 1, rest.length - 1);
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (text_is(key, fields[i].key))
            return !fields[i].value[0] && take_value(fields[i].value, fields[i].most, value);
    return text_is(key, "Robot");
}

static bool take_message(struct approval *out, struct text message, struct text *tree)
{
    struct text rest = message, value;
    if (!take_after(&rest, "object ", tree) || !take_after(&rest, "type tree", &value) || value.length ||
        !take_after(&rest, "tag ", &value) || !take_after(&rest, "tagger ", &value) ||
        !take_time(value, &out->time_ms) || !take_after(&rest, "", &value) || value.length ||
        !text_cut(&rest, '\n', &value))
        return false;
    out->rejects = text_is(value, first_lines[true]);
    if ((!out->rejects && !text_is(value, first_lines[false])) || !take_after(&rest, "", &value) ||
        value.length)
        return false;
    while (text_cut(&rest, '\n', &value))
        if ((value.length || rest.data) && !take_key(out, value)) // nothing is left after the last line
            return false;
    return out->person[0] != '\0';
}

static enum approval_fault judge(struct approval *out, struct text object, struct text *tree)
{
    struct text message = object, armor;
    const bool is_signed = sshsig_split(&message, &armor, object);
    if (!take_message(out, message, tree))
        return APPROVAL_UNREADABLE;
    if (!is_signed)
        return APPROVAL_UNSIGNED;
    return sshsig_verify(&out->key, armor, "git", message) ? APPROVAL_GOOD : APPROVAL_FORGED;
}

void approval_read(struct approval *out, struct text object)
{
    struct text tree;
    *out = (struct approval){0};
    out->fault = judge(out, object, &tree);
}

// ---- references

enum { KNOWN_TAGS = 256 };

struct known_tag {
    char tree[REPO_ID_SIZE]; // that it is of
    struct approval approval;
};

static void read_tag(struct repo *repo, struct known_tag *out, const git_oid *id)
{
    git_odb_object *object = NULL;
    size_t length;
    git_object_t kind;
    struct text tree = {0};
    *out = (struct known_tag){.approval.fault = APPROVAL_NO_TAG};
    git_oid_tostr(out->approval.tag, REPO_ID_SIZE, id);
    if (git_odb_read_header(&length, &kind, repo->objects, id) != 0 || kind != GIT_OBJECT_TAG)
        return;
    out->approval.fault = APPROVAL_UNREADABLE;
    if (length > APPROVAL_TAG_MAX || git_odb_read(&object, repo->objects, id) != 0)
        return;
    out->approval.fault =
        judge(&out->approval, text_of(git_odb_object_data(object), git_odb_object_size(object)), &tree);
    if (out->approval.fault != APPROVAL_UNREADABLE && !take_value(out->tree, REPO_ID_SIZE - 1, tree))
        out->approval.fault = APPROVAL_UNREADABLE;
    git_odb_object_free(object);
}

static const struct known_tag *tag_of(struct repo *repo, const git_oid *id)
{
    if (!repo->tags)
        repo->tags = xcalloc(KNOWN_TAGS, sizeof *repo->tags);
    struct known_tag *known = &repo->tags[((size_t)id->id[0] << 8 | id->id[1]) % KNOWN_TAGS];
    char text[REPO_ID_SIZE];
    git_oid_tostr(text, sizeof text, id);
    if (strcmp(known->approval.tag, text) != 0)
        read_tag(repo, known, id);
    return known;
}

static void tell(struct repo *repo, git_reference *reference, const char *tree, bool rejects,
                 approval_visitor visit, void *owner)
{
    const git_oid *id = git_reference_target(reference);
    struct text rest = text_from(strrchr(git_reference_name(reference), '/') + 1), name;
    (void)!text_cut(&rest, ',', &name); // one that another side has beside another
    SCOPED_TEXT char *person = text_copy(name);
    struct approval approval = {.fault = APPROVAL_NO_TAG, .rejects = rejects};
    if (id) {
        const struct known_tag *known = tag_of(repo, id);
        approval = known->approval;
        if ((approval.fault == APPROVAL_GOOD || approval.fault == APPROVAL_UNSIGNED) &&
            (strcmp(known->tree, tree) != 0 || strcmp(approval.person, person) != 0 ||
             approval.rejects != rejects))
            approval.fault = APPROVAL_MOVED;
    }
    approval.rejects = rejects;
    snprintf(approval.person, sizeof approval.person, "%.*s", APPROVAL_PERSON_MAX, person);
    visit(owner, &approval);
}

static bool visit_kind(struct repo *repo, const char *tree, bool rejects, size_t *left,
                       approval_visitor visit, void *owner)
{
    git_reference_iterator *iterator = NULL;
    git_reference *reference = NULL;
    SCOPED_TEXT char *pattern = xasprintf("refs/renki/%s/%s/*", folders[rejects], tree);
    if (git_reference_iterator_glob_new(&iterator, repo->repository, pattern) != 0)
        return false;
    for (; *left > 0 && git_reference_next(&reference, iterator) == 0; --*left) {
        tell(repo, reference, tree, rejects, visit, owner);
        git_reference_free(reference);
    }
    git_reference_iterator_free(iterator);
    return true;
}

bool repo_words_on(struct repo *repo, const char *tree, approval_visitor visit, void *owner, struct err *err)
{
    size_t left = APPROVALS_MAX;
    git_oid id;
    return git_oid_fromstr(&id, tree) == 0 && visit_kind(repo, tree, true, &left, visit, owner) &&
                   visit_kind(repo, tree, false, &left, visit, owner)
               ? true
               : repo_failed(err, "refs/renki/approvals");
}
