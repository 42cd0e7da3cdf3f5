// Words on a content: what is written is read again; what somebody else made of it is worth nothing.
#include "support/unit.h"

#include "host/repo/approvals.h"

#include <ftw.h>
#include <git2.h>
#include <stdio.h>
#include <unistd.h>

#define TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
#define OTHER "22e74f9dc72fca262001a3f238e2a5c8a5cd7c41"

static struct err err;
static char folder[64];
static const unsigned char seed[SSHSIG_SEED_BYTES] = "controller", stranger[SSHSIG_SEED_BYTES] = "stranger";

static const struct approval_words words = {.tree = TREE,
                                            .robot = "rents",
                                            .person = "controller",
                                            .name = "The controller",
                                            .email = "controller@city.example",
                                            .account = "renki",
                                            .time_ms = 1795381739000};

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static int set_up(void **state)
{
    bool made;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/renki-words-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_true(repo_make(&made, folder, &err));
    return 0;
}

// The tag of these words, signed.
static void sign(struct buf *out, const struct approval_words *said, const unsigned char *key,
                 const char *namespace)
{
    SCOPED_BUF(armor, SSHSIG_ARMOR_MAX);
    assert_true(approval_payload(out, said));
    assert_true(sshsig_make(&armor, key, namespace, buf_text(out)));
    assert_true(buf_append_text(out, buf_text(&armor)));
}

static void what_is_written_is_read_again(void **state)
{
    struct approval read;
    struct sshsig_key key;
    struct approval_words no = words;
    SCOPED_BUF(tag, APPROVAL_TAG_MAX);
    SCOPED_BUF(rejection, APPROVAL_TAG_MAX);
    (void)state;
    sign(&tag, &words, seed, "git");
    approval_read(&read, buf_text(&tag));
    sshsig_key_of_seed(&key, seed);
    assert_int_equal(read.fault, APPROVAL_GOOD);
    assert_string_equal(read.person, "controller");
    assert_string_equal(read.account, "renki");
    assert_int_equal(read.time_ms, words.time_ms);
    assert_true(sshsig_key_equal(&read.key, &key) && !read.rejects);
    no.rejects = true;
    no.why = "pays twice";
    sign(&rejection, &no, seed, "git");
    approval_read(&read, buf_text(&rejection));
    assert_int_equal(read.fault, APPROVAL_GOOD);
    assert_true(read.rejects);
    assert_string_equal(read.why, "pays twice");
}

static void a_signature_is_of_this_text_and_made_for_git(void **state)
{
    struct approval read;
    (void)state;
    SCOPED_BUF(tag, APPROVAL_TAG_MAX);
    SCOPED_BUF(other, APPROVAL_TAG_MAX);
    sign(&tag, &words, seed, "git");
    for (size_t at = 0; at < tag.length; at++) {
        char *byte = &tag.data[at];
        *byte ^= 1;
        approval_read(&read, buf_text(&tag));
        // the armor's line ends and padding are the only bytes that say nothing
        if (read.fault == APPROVAL_GOOD)
            assert_true(strchr("\n=\r", *byte ^ 1) || strchr("\n=\r", *byte));
        *byte ^= 1;
    }
    sign(&other, &words, seed, "file");
    approval_read(&read, buf_text(&other));
    assert_int_equal(read.fault, APPROVAL_FORGED);
    buf_clear(&other);
    assert_true(approval_payload(&other, &words));
    approval_read(&read, buf_text(&other));
    assert_int_equal(read.fault, APPROVAL_UNSIGNED);
}

static void what_is_no_such_tag_is_told(void **state)
{
    static const char begin[] =
        "object " TREE "\ntype tree\ntag t\ntagger C <c@city.example> 1795381739 +0000\n\n";
    static const char *const bodies[] = {
        "",
        "a release\n",
        "renki approval\n",
        "renki approval\n\nRobot: rents\n",                          // nobody's
        "renki approval\n\nPerson: controller\nPerson: treasurer\n", // two people's
        "renki approval\n\nPerson: controller\nMore: yes\n",
        "renki approval\n\nPerson:controller\n",
        "renki approval\nPerson: controller\n",
        "renki approval \n\nPerson: controller\n",
    };
    struct approval read;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        SCOPED_TEXT char *tag = xasprintf("%s%s", begin, bodies[i]);
        approval_read(&read, text_from(tag));
        assert_int_equal(read.fault, APPROVAL_UNREADABLE);
    }
    SCOPED_TEXT char *commit =
        xasprintf("object " TREE "\ntype commit\ntag t\ntagger C <c@c> 1 +0000\n\nrenki "
                  "approval\n\nPerson: controller\n");
    approval_read(&read, text_from(commit));
    assert_int_equal(read.fault, APPROVAL_UNREADABLE);
    SCOPED_BUF(cut, APPROVAL_TAG_MAX);
    assert_true(buf_append_string(&cut, begin) &&
                buf_append(&cut, "renki approval\n\nPerson: con\0troller\n", 36));
    approval_read(&read, buf_text(&cut));
    assert_int_equal(read.fault, APPROVAL_UNREADABLE);
    SCOPED_TEXT char *why = xcalloc(1, APPROVAL_WHY_MAX + 2);
    memset(why, 'x', APPROVAL_WHY_MAX + 1);
    SCOPED_TEXT char *long_one = xasprintf("%srenki rejection\n\nPerson: controller\nWhy: %s\n", begin, why);
    approval_read(&read, text_from(long_one));
    assert_int_equal(read.fault, APPROVAL_UNREADABLE);
}

// ---- references

struct seen {
    size_t count;
    struct approval last;
};

static void take(void *owner, const struct approval *approval)
{
    struct seen *seen = owner;
    seen->count++;
    seen->last = *approval;
}

static enum approval_fault at(struct repo *repo, const char *tree)
{
    struct seen seen = {0};
    assert_true(repo_words_on(repo, tree, take, &seen, &err));
    assert_int_equal(seen.count, 1);
    return seen.last.fault;
}

static void a_tag_counts_only_where_it_says(void **state)
{
    char tag[REPO_ID_SIZE];
    struct approval_words no = words;
    (void)state;
    SCOPED(repo)
    repo = NULL;
    SCOPED_BUF(good, APPROVAL_TAG_MAX);
    SCOPED_BUF(rejection, APPROVAL_TAG_MAX);
    assert_true(repo_open(&repo, folder, &err));
    no.rejects = true;
    no.why = "no";
    sign(&good, &words, seed, "git");
    sign(&rejection, &no, stranger, "git");
    assert_true(repo_approval_add(repo, tag, TREE, "controller", false, buf_text(&good), &err));
    assert_int_equal(at(repo, TREE), APPROVAL_GOOD);
    assert_true(
        repo_approval_add(repo, tag, OTHER, "controller", false, buf_text(&good), &err)); // another tree
    assert_int_equal(at(repo, OTHER), APPROVAL_MOVED);
    assert_true(
        repo_approval_add(repo, tag, OTHER, "controller", false, buf_text(&rejection), &err)); // another kind
    assert_int_equal(at(repo, OTHER), APPROVAL_MOVED);
    git_repository *repository = NULL;
    git_reference *reference = NULL;
    assert_int_equal(git_repository_open(&repository, folder), 0);
    SCOPED_TEXT char *mine = xasprintf("refs/renki/approvals/%s/controller", OTHER);
    SCOPED_TEXT char *yours = xasprintf("refs/renki/approvals/%s/treasurer", OTHER);
    assert_int_equal(git_reference_lookup(&reference, repository, mine), 0);
    assert_int_equal(git_reference_delete(reference), 0);
    git_reference_free(reference);
    assert_true(
        repo_approval_add(repo, tag, OTHER, "treasurer", false, buf_text(&good), &err)); // another person
    assert_int_equal(at(repo, OTHER), APPROVAL_MOVED);
    git_oid blob;
    assert_int_equal(git_blob_create_from_buffer(&blob, repository, "x", 1), 0);
    assert_int_equal(git_reference_create(&reference, repository, yours, &blob, true, NULL), 0);
    git_reference_free(reference);
    assert_int_equal(at(repo, OTHER), APPROVAL_NO_TAG);
    git_repository_free(repository);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(a_signature_is_of_this_text_and_made_for_git),
        cmocka_unit_test(what_is_no_such_tag_is_told),
        cmocka_unit_test_setup_teardown(a_tag_counts_only_where_it_says, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
