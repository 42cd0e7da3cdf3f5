#!/usr/bin/python3
"""Git repositories that nobody means well with, written byte by byte.

hostile_repositories.py GOOD FOLDER    copies of the bare repository GOOD as FOLDER/NAME.git, each with its branch moved
                                       to something hostile; says NAME, what renki says of it as a folder, and behind a
                                       server of git's own ("-": is not asked), tabs between
                                       them

Objects are written by hand, so that git's own checks have no say. GOOD has the branch "main".
"""
import hashlib
import os
import shutil
import struct
import subprocess
import sys
import zlib

PERSON = b"Test <test@localhost> 1700000000 +0000"


class Good:
    """The repository that all of them begin with."""

    def __init__(self, path):
        self.path = path
        self.parent = self.git("rev-parse", "refs/heads/main")
        self.before = self.git("rev-parse", "refs/heads/main~1")
        self.top = self.git("rev-parse", "refs/heads/main^{tree}")
        self.entries = []
        for line in self.git("ls-tree", self.top).splitlines():
            head, name = line.split("\t")
            mode, _, identity = head.split(" ")
            self.entries.append((mode.lstrip("0").encode(), name.encode(), identity))

    def git(self, *arguments):
        return subprocess.run(["git", "-C", self.path, *arguments], check=True, capture_output=True,
                              text=True).stdout.strip()


class Repository:
    def __init__(self, good, target):
        shutil.copytree(good.path, target)
        self.path, self.parent, self.top, self.good = target, good.parent, good.top, good

    def write(self, kind, body, claimed=None):
        """A loose object; `claimed` is stored under another hash than its own."""
        whole = kind + b" %d\0" % len(body) + body
        name = claimed or hashlib.sha1(whole).hexdigest()
        place = os.path.join(self.path, "objects", name[:2])
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, name[2:]), "wb") as file:
            file.write(zlib.compress(whole, 1))
        return name

    def blob(self, body=b"run:log \"hostile\"\n"):
        return self.write(b"blob", body)

    def tree(self, entries):
        return self.write(b"tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(identity)
                                            for mode, name, identity in entries))

    def commit(self, tree=None, parents=None, author=PERSON, message=b"hostile\n", heads=b"", raw=None):
        parents = [self.parent] if parents is None else parents
        body = raw if raw is not None else (
            b"tree " + (tree or self.top).encode() + b"\n" +
            b"".join(b"parent " + parent.encode() + b"\n" for parent in parents) +
            b"author " + author + b"\ncommitter " + PERSON + b"\n" + heads + b"\n" + message)
        self.point("refs/heads/main", self.write(b"commit", body))

    def point(self, reference, identity):
        place = os.path.join(self.path, reference)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="ascii") as file:
            file.write(identity + "\n")

    def with_entry(self, mode, name, identity):
        order = lambda entry: entry[1] + (b"/" if entry[0] == b"40000" else b"\0")
        return self.tree(sorted(self.good.entries + [(mode, name, identity)], key=order))

    def named(self, name):
        self.commit(self.with_entry(b"100644", name, self.blob()))

    def folder_named(self, name):
        inner = self.tree([(b"100755", b"post-checkout", self.blob(b"#!/bin/sh\ntouch /tmp/renki-owned\n"))])
        self.commit(self.with_entry(b"40000", name, inner))


CASES = {}


# What libgit2 says of a folder's objects itself is not the same for all of them; git sends nothing of what is broken.
SENDS_NOTHING = "could not be fetched"


def case(folder, server=None):
    def add(function):
        CASES[function.__name__] = (folder, server or folder, function)
        return function
    return add


def name_case(title, name, folder=False, says="a name that is not safe", server=None):
    CASES[title] = (says, server or (says if folder else "-"), lambda r: r.folder_named(name) if folder else r.named(name))


name_case("dot_git", b".git", folder=True)
name_case("dot_git_capitals", b".GIT", folder=True)
name_case("dot_git_mixed", b".gIt", folder=True)
name_case("dot_git_short_name", b"git~1", folder=True)
name_case("dot_git_short_name_capitals", b"GIT~1", folder=True)
name_case("dot_git_second_short_name", b"git~2", folder=True)
name_case("dot_git_trailing_dot", b".git.", folder=True)
name_case("dot_git_trailing_space", b".git ", folder=True)
name_case("dot_git_trailing_mixture", b".git . .", folder=True)
name_case("dot_git_backslash", b".git\\", folder=True)
name_case("dot_git_backslash_hooks", b".git\\hooks\\post-checkout")
name_case("dot_git_stream", b".git::$INDEX_ALLOCATION", folder=True)
name_case("dot_git_zero_width_non_joiner", ".g\u200cit".encode(), folder=True)
name_case("dot_git_zero_width_joiner", ".gi\u200dt".encode(), folder=True)
name_case("dot_git_byte_order_mark", "\ufeff.git".encode(), folder=True)
name_case("dot_git_left_to_right_mark", ".git\u200e".encode(), folder=True)
name_case("one_dot", b".", folder=True)
name_case("two_dots", b"..", folder=True)
name_case("two_dots_file", b"..")
name_case("a_slash", b"../../outside")
name_case("an_absolute_name", b"/etc/cron.d/hostile")
name_case("a_backslash", b"robots\\hello\\robot.lua")
name_case("a_control_character", b"a\x1b[2J")
name_case("a_line_end", b"a\nb")
name_case("a_c1_control", "a\u009b2J".encode())
name_case("not_utf8", b"\xff\xfe")
name_case("overlong_slash", b"a\xc0\xafb")
name_case("turned_direction", "robot\u202eaul.txt".encode())
name_case("an_endless_name", b"a" * 300)
name_case("an_empty_name", b"", says="failed to parse tree", server=SENDS_NOTHING)
name_case("gitmodules_short_name", b"gitmod~1")
name_case("gitmodules_hashed_name", b"gi7eba~1")
name_case("gitmodules", b".gitmodules", says="a submodule")
name_case("gitmodules_capitals", b".GitModules", says="a submodule")


@case("a link")
def a_symlink(r):
    r.commit(r.with_entry(b"120000", b"passwords", r.blob(b"/etc/passwd")))


@case("a link")
def a_symlinked_robots_folder(r):
    entries = [entry for entry in r.good.entries if entry[1] != b"robots"]
    entries.append((b"120000", b"robots", r.blob(b"/etc")))
    r.commit(r.tree(sorted(entries, key=lambda entry: entry[1])))


@case("a submodule")
def a_submodule(r):
    r.commit(r.with_entry(b"160000", b"vendor", "1" * 40))


@case("a link")
def an_odd_mode(r):
    r.commit(r.with_entry(b"100664", b"x", r.blob()))


@case("a link")
def a_zero_padded_mode(r):
    r.commit(r.with_entry(b"0100644", b"x", r.blob()))


@case("a link")
def a_set_uid_mode(r):
    r.commit(r.with_entry(b"104755", b"x", r.blob()))


@case("a tree out of order")
def duplicate_entries(r):
    r.commit(r.tree([(b"100644", b"a", r.blob()), (b"100644", b"a", r.blob(b"other\n"))]))


@case("a tree out of order")
def a_file_and_a_folder_of_one_name(r):
    inner = r.tree([(b"100644", b"x", r.blob())])
    r.commit(r.tree([(b"100644", b"a", r.blob()), (b"100644", b"a.b", r.blob()), (b"40000", b"a", inner)]))


@case("a tree out of order")
def wrong_order(r):
    r.commit(r.tree([(b"100644", b"b", r.blob()), (b"100644", b"a", r.blob())]))


@case("failed to parse tree", SENDS_NOTHING)
def a_tree_that_is_cut_off(r):
    r.commit(r.write(b"tree", b"100644 a\0" + b"1" * 10))


@case("object not found", SENDS_NOTHING)
def a_missing_blob(r):
    r.commit(r.with_entry(b"100644", b"x", "2" * 40))


@case("object not found", SENDS_NOTHING)
def a_missing_tree(r):
    r.commit(tree="3" * 40)


@case("the requested type does not match", SENDS_NOTHING)
def a_blob_as_tree(r):
    r.commit(tree=r.blob())


@case("an object is not what it is called", SENDS_NOTHING)
def a_tree_as_blob(r):
    r.commit(r.with_entry(b"100644", b"x", r.top))


@case("object is no commit object", SENDS_NOTHING)
def a_blob_as_parent(r):
    r.commit(parents=[r.parent, r.blob()])


@case("object hash mismatch", "an object is missing")
def an_object_under_another_hash(r):
    wrong = "4" * 40
    r.write(b"blob", b"not what it is called\n", claimed=wrong)
    r.commit(r.with_entry(b"100644", b"x", wrong))


@case("folders too deep")
def folders_without_end(r):
    inner = r.tree([(b"100644", b"x", r.blob())])
    for _ in range(300):
        inner = r.tree([(b"40000", b"d", inner)])
    r.commit(r.with_entry(b"40000", b"deep", inner))


@case("too many files")
def folders_that_multiply(r):
    inner = r.tree([(b"100644", b"x", r.blob())])
    for _ in range(12):
        inner = r.tree([(b"40000", b"d%d" % i, inner) for i in range(10)])
    robots = r.tree([(b"40000", b"bomb", inner)])
    entries = [entry for entry in r.good.entries if entry[1] != b"robots"]
    r.commit(r.tree(sorted(entries + [(b"40000", b"robots", robots)], key=lambda entry: entry[1])))


@case("too many files")
def a_gigantic_folder(r):
    body = r.blob()
    r.commit(r.with_entry(b"40000", b"wide", r.tree([(b"100644", b"%06d" % i, body) for i in range(250000)])))


@case("it is too large")
def a_bomb(r):
    r.commit(r.with_entry(b"100644", b"zeros", r.blob(b"\0" * (80 << 20))))


@case("it is too large", "-")
def many_bombs(r):
    entries = [(b"100644", b"z%02d" % i, r.blob(bytes([i]) * (60 << 20))) for i in range(18)]
    r.commit(r.with_entry(b"40000", b"zeros", r.tree(entries)))


@case("control characters")
def a_message_that_steers_terminals(r):
    r.commit(message=b"harmless\x1b]0;owned\x07\x1b[2J\n")


@case("control characters")
def a_message_that_is_not_utf8(r):
    r.commit(message=b"\xff\xfe\n")


@case("control characters")
def a_message_that_turns_its_direction(r):
    r.commit(message="approved by \u202erellortnoc\n".encode())


@case("control characters")
def an_author_that_steers_terminals(r):
    r.commit(author=b"\x1b[31mTest <test@localhost> 1700000000 +0000")


@case("a person that git would not take")
def an_author_without_a_name(r):
    r.commit(author=b"<test@localhost> 1700000000 +0000")


@case("a person that git would not take")
def an_author_with_two_addresses(r):
    r.commit(author=b"Test <a@b> <c@d> 1700000000 +0000")


@case("invalid Unix timestamp", "a person that git would not take")
def a_time_beyond_time(r):
    r.commit(author=b"Test <test@localhost> 99999999999999999999 +0000")


@case("a commit is broken")
def two_authors(r):
    r.commit(heads=b"author Other <other@localhost> 1700000000 +0000\n")


@case("no newline given", "a commit is broken")
def a_head_that_does_not_end(r):
    r.commit(raw=b"tree " + r.top.encode() + b"\nparent " + r.parent.encode() + b"\nauthor " + PERSON +
             b"\ncommitter " + PERSON)


@case("a commit is broken")
def parents_without_end(r):
    r.commit(parents=[r.parent] * 500)


@case("history was written anew")
def a_branch_that_goes_back(r):
    r.point("refs/heads/main", r.good.before)


@case("history was written anew")
def a_commit_that_is_put_right(r):
    r.commit(parents=[r.good.before], message=b"it was like this from the beginning\n")


@case("history was written anew")
def rewritten_history(r):
    r.commit(parents=[], message=b"as if nothing had been\n")


@case("a .gitattributes with endless lines")
def endless_attributes(r):
    r.commit(r.with_entry(b"100644", b".gitattributes", r.blob(b"*.lua " + b"x" * 4000 + b"\n")))


@case("an approval of something else than its name says")
def an_approval_of_another_tree(r):
    tag = r.write(b"tag", b"object " + r.top.encode() + b"\ntype tree\ntag approval\ntagger " + PERSON + b"\n\nyes\n")
    r.point("refs/renki/approvals/" + "5" * 40 + "/controller", tag)
    r.commit()


@case("a reference with an odd name")
def an_approval_beside_another_that_it_is_not(r):
    tag = r.write(b"tag", b"object " + r.top.encode() + b"\ntype tree\ntag approval\ntagger " + PERSON + b"\n\nyes\n")
    r.point("refs/renki/approvals/" + r.top + "/controller," + "7" * 40, tag)
    r.commit()


@case("object not found", SENDS_NOTHING)
def an_approval_to_nowhere(r):
    r.point("refs/renki/approvals/" + "6" * 40 + "/controller", "6" * 40)
    r.commit()


@case("is not valid", "or with an odd name")
def an_approval_with_an_odd_name(r):
    tag = r.write(b"tag", b"object " + r.top.encode() + b"\ntype tree\ntag approval\ntagger " + PERSON + b"\n\nyes\n")
    r.point("refs/renki/approvals/" + r.top + "/$(touch owned)", tag)
    r.commit()


@case("too many references")
def thousands_of_approvals(r):
    with open(os.path.join(r.path, "packed-refs"), "a", encoding="ascii") as file:
        for i in range(25000):
            file.write("%s refs/renki/approvals/%040x/controller\n" % (r.parent, i))
    r.commit()


def main():
    good, folder = Good(sys.argv[1]), sys.argv[2]
    for name, (here, server, make) in CASES.items():
        make(Repository(good, os.path.join(folder, name + ".git")))
        print(name, here, server, sep="\t", flush=True)


if __name__ == "__main__":
    main()
