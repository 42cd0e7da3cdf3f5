// See evidence.h. The digests of all files, the chain of the audit log, the counts of steps and items.
#include "viewer/evidence.h"

#include "lib/chain/chain.h"
#include "viewer/viewer.h"

#include <stdlib.h>

enum { REPORT_MAX = 1 << 20, PART_BYTES = 200000 };

// ---- SHA256SUMS against what is there

static int compare_sums(const void *a, const void *b)
{
    const struct evidence_sum *x = a, *y = b;
    const size_t least = x->name.length < y->name.length ? x->name.length : y->name.length;
    const int order = memcmp(x->name.data, y->name.data, least);
    return order ? order : (x->name.length > y->name.length) - (x->name.length < y->name.length);
}

static bool read_sum(struct evidence_view *view, struct text line)
{
    enum { DIGITS = DIGEST_TEXT_SIZE - 1 };
    if (line.length < DIGITS + 3 || line.data[DIGITS] != ' ' || view->sum_count == EVIDENCE_FILES_MAX)
        return fail(evidence_problem(view), ERR_EVIDENCE_DAMAGED, "SHA256SUMS");
    view->sums[view->sum_count++] = (struct evidence_sum){
        .sha256 = text_of(line.data, DIGITS),
        .name = text_of(line.data + DIGITS + 2, line.length - DIGITS - 2),
    };
    return true;
}

static bool read_sums(struct evidence_view *view, struct text sums)
{
    struct text line;
    view->sums = xcalloc(EVIDENCE_FILES_MAX, sizeof *view->sums);
    while (text_cut(&sums, '\n', &line))
        if (line.length && !read_sum(view, line))
            return false;
    if (view->sum_count)
        qsort(view->sums, view->sum_count, sizeof *view->sums, compare_sums);
    return true;
}

static struct evidence_sum *find_sum(const struct evidence_view *view, const char *name)
{
    const struct evidence_sum wanted = {.name = text_from(name)};
    return view->sum_count ? bsearch(&wanted, view->sums, view->sum_count, sizeof *view->sums, compare_sums)
                           : NULL;
}

// Folders have entries of their own in what other programs packed.
static bool is_outside_sums(const char *name)
{
    return text_ends(text_from(name), "/") || strcmp(name, "SHA256SUMS") == 0 ||
           strcmp(name, "SHA256SUMS.sig") == 0;
}

static void check_file(struct evidence_view *view, const char *name)
{
    char digest[DIGEST_TEXT_SIZE];
    struct evidence_sum *sum = find_sum(view, name);
    if (is_outside_sums(name))
        return;
    if (!sum || sum->seen) {
        (void)fail(evidence_problem(view), ERR_EVIDENCE_STRANGE, name);
        return;
    }
    sum->seen = true;
    if (evidence_digest(view, digest, name) && !text_is(sum->sha256, digest))
        (void)fail(evidence_problem(view), ERR_EVIDENCE_CHANGED, name);
}

static void check_files(struct evidence_view *view)
{
    for (size_t i = 0; i < package_count(view->package); i++)
        check_file(view, package_name(view->package, i));
    if (!find_sum(view, "run.json"))
        (void)fail(evidence_problem(view), ERR_EVIDENCE_MISSING, "run.json");
    for (size_t i = 0; i < view->sum_count; i++)
        if (!view->sums[i].seen) {
            SCOPED_TEXT char *name = text_copy(view->sums[i].name);
            (void)fail(evidence_problem(view), ERR_EVIDENCE_MISSING, name);
        }
}

// ---- what the run attached: in the file, with the digest of its record

static void check_output(struct evidence_view *view, const struct json *artifact)
{
    const char *name = json_string_or(json_get(artifact, "name"), "");
    SCOPED_TEXT char *part = xasprintf("outputs/%s", name);
    const struct evidence_sum *sum = find_sum(view, part);
    if (!sum)
        view->absent_count++;
    else if (!text_is(sum->sha256, json_string_or(json_get(artifact, "sha256"), "")))
        (void)fail(evidence_problem(view), ERR_EVIDENCE_CHANGED, part);
}

// ---- steps and items against the counts of the run

struct counting {
    int64_t total;
};

static bool count_entry(void *owner, const struct json *line)
{
    (void)line;
    ((struct counting *)owner)->total++;
    return true;
}

static void check_counts(struct evidence_view *view, const struct json *run)
{
    struct counting counting = {0};
    int64_t told = 0;
    for (const struct json *row = json_first(json_get(run, "counts")); row; row = json_next(row))
        told += json_int64_or(json_get(row, "count"), 0);
    evidence_lines(view, "entries.jsonl", count_entry, &counting);
    view->entry_count = counting.total;
    if (counting.total != told)
        (void)fail(evidence_problem(view), ERR_EVIDENCE_COUNTS, N(told), N(counting.total));
}

// ---- the audit log

struct chaining {
    struct evidence_view *view;
    unsigned char hash[CHAIN_HASH_SIZE]; // of the last row
    int64_t number, run;
};

static bool broken(const struct chaining *chaining, int64_t number)
{
    return fail(evidence_problem(chaining->view), ERR_EVIDENCE_CHAIN, N(number));
}

static struct text member(const struct json *line, const char *key)
{
    struct text text = TEXT_OF("");
    (void)json_text(json_get(line, key), &text);
    return text;
}

static bool content_fits(const struct json *line, const unsigned char hash[CHAIN_HASH_SIZE])
{
    unsigned char own[CHAIN_HASH_SIZE];
    const struct json *content = json_get(line, "content");
    if (!content)
        return true;
    chain_content(own, member(line, "content"));
    return memcmp(own, hash, sizeof own) == 0;
}

static bool check_row(void *owner, const struct json *line)
{
    struct chaining *chaining = owner;
    struct evidence_view *view = chaining->view;
    unsigned char told[CHAIN_HASH_SIZE], own[CHAIN_HASH_SIZE];
    struct chain_row row = {.number = json_int64_or(json_get(line, "number"), 0),
                            .time_ms = json_int64_or(json_get(line, "time_ms"), 0),
                            .run = json_int64_or(json_get(line, "run"), 0),
                            .actor = member(line, "actor"),
                            .event = member(line, "event")};
    const bool first = view->audit_first == 0;
    if (!chain_hash_read(row.content_hash, member(line, "content_hash")) ||
        !chain_hash_read(told, member(line, "chain_hash")) || !content_fits(line, row.content_hash) ||
        (!first && row.number != chaining->number + 1))
        return broken(chaining, row.number);
    chain_next(own, chaining->hash, &row);
    // The row before the run's first only gives the hash to begin with, unless it is the log's own first.
    if ((!first || row.number == 1) && memcmp(own, told, sizeof own) != 0)
        return broken(chaining, row.number);
    memcpy(chaining->hash, told, sizeof told);
    chaining->number = view->audit_last = row.number;
    if (first)
        view->audit_first = row.number;
    view->audit_own += row.run == chaining->run;
    chain_hash_text(view->audit_hash, told);
    return true;
}

static void check_audit(struct evidence_view *view, const struct json *run)
{
    struct chaining chaining = {.view = view, .run = json_int64_or(json_get(run, "id"), 0)};
    evidence_lines(view, "audit.jsonl", check_row, &chaining);
    if (view->audit_own == 0)
        (void)fail(evidence_problem(view), ERR_EVIDENCE_CHAIN, N(0));
}

// ---- the report

static void write_member(struct json_writer *writer, const char *key, const struct json *from,
                         const char *name)
{
    const struct json *value = json_get(from, name);
    json_write_key(writer, key);
    if (value)
        json_write_value(writer, value);
    else
        json_write_null(writer);
}

static void write_number(struct json_writer *writer, const char *key, int64_t number)
{
    json_write_key(writer, key);
    json_write_integer(writer, number);
}

static bool write_report(struct evidence_view *view, struct buf *out)
{
    const struct json *root = view->run ? json_root(view->run) : NULL;
    const struct json *run = json_at(json_get(root, "run"), 0);
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    write_member(&writer, "run", run, "id");
    write_member(&writer, "robot", run, "robot");
    write_member(&writer, "state", run, "state");
    write_member(&writer, "tree", run, "tree");
    write_member(&writer, "environment", run, "environment");
    write_member(&writer, "mode", run, "mode");
    json_write_key(&writer, "signer");
    json_write_string(&writer, view->signer);
    write_member(&writer, "made_ms", root, "made_ms");
    write_member(&writer, "made_by", root, "made_by");
    write_number(&writer, "files", (int64_t)view->sum_count);
    write_number(&writer, "absent", view->absent_count);
    write_number(&writer, "entries", view->entry_count);
    write_number(&writer, "audit_rows", view->audit_own);
    write_number(&writer, "audit_last", view->audit_last);
    json_write_key(&writer, "audit_hash");
    json_write_string(&writer, view->audit_hash);
    write_number(&writer, "problem_count", (int64_t)view->problem_count);
    json_write_key(&writer, "problems");
    json_begin_array(&writer);
    for (size_t i = 0; i < view->problem_count && i < EVIDENCE_PROBLEMS_MAX; i++)
        err_write(&writer, &view->problems[i]);
    json_end_array(&writer);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static bool send_report(struct wire *cli, struct evidence_view *view, struct err *err)
{
    SCOPED_BUF(out, REPORT_MAX);
    if (!write_report(view, &out))
        return fail(err, ERR_LIMIT_PASSED, "evidence", N(REPORT_MAX));
    for (struct text rest = buf_text(&out); rest.length;) {
        const size_t length = rest.length < PART_BYTES ? rest.length : PART_BYTES;
        if (!wire_send(cli, MESSAGE_OF(VIEW_PART, .part = text_of(rest.data, length)), err))
            return false;
        rest = text_of(rest.data + length, rest.length - length);
    }
    return wire_send(cli, MESSAGE_OF(VIEW_DONE), err);
}

// ----

static void check_run(struct evidence_view *view)
{
    SCOPED_BUF(text, EVIDENCE_TEXT_MAX);
    struct err err;
    if (!package_has(view->package, TEXT_OF("run.json")) || !evidence_text(view, &text, "run.json"))
        return; // told already
    if (!json_parse(&view->run, buf_text(&text), &err)) {
        (void)fail(evidence_problem(view), ERR_EVIDENCE_DAMAGED, "run.json");
        return;
    }
    const struct json *root = json_root(view->run), *run = json_at(json_get(root, "run"), 0);
    const struct json *artifact = json_first(json_get(root, "artifacts"));
    for (; artifact; artifact = json_next(artifact))
        check_output(view, artifact);
    check_counts(view, root);
    check_audit(view, run);
}

bool show_evidence(struct wire *cli, int descriptor, struct err *err)
{
    SCOPED(package)
    package = NULL;
    SCOPED_BUF(sums, EVIDENCE_TEXT_MAX);
    if (!package_open_file(&package, descriptor, err) || !package_has(package, TEXT_OF("SHA256SUMS")))
        return fail(err, ERR_EVIDENCE_UNREADABLE);
    struct evidence_view *view = xcalloc(1, sizeof *view);
    view->package = package;
    if (evidence_text(view, &sums, "SHA256SUMS") && read_sums(view, buf_text(&sums))) {
        check_files(view);
        evidence_check_signature(view, buf_text(&sums));
    }
    check_run(view);
    const bool good = send_report(cli, view, err);
    json_document_free(view->run);
    xfree(view->sums);
    xfree(view);
    return good;
}
