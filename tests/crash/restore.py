"""kill -9 of `renki restore` with all its processes, at random instants: the repository stays valid to git, each working
file is whole, as it was or as it is to be, and the next save puts folder and branch in step."""

import hashlib
import os
import random
import shutil
import sys
import tempfile
import time

from save import KILLS, SEED, age_locks, git, kill_in_the_midst, make_workspace, save

FILES = 40


def write_version(number):
    """Half of the files are of both versions, a quarter of each one alone."""
    shutil.rmtree("robots/rents", ignore_errors=True)
    os.makedirs("robots/rents/tests")
    open("robots/rents/robot.lua", "w").write(f"run:log {number}\n" * 3000)
    for i in range(FILES):
        if i % 4 != number:
            open(f"robots/rents/tests/{i}.lua", "w").write(f"-- {number} {i}\n" * 1500)


def working_files():
    found = {}
    for folder, _, names in os.walk("robots/rents"):
        for name in names:
            path = os.path.join(folder, name)
            found[path] = hashlib.sha256(open(path, "rb").read()).hexdigest()
    return found


def check_files(versions):
    found = working_files()
    for path in set(found) | set(versions[1]) | set(versions[2]):
        if found.get(path) not in (versions[1].get(path), versions[2].get(path)):
            sys.exit(f"{path} is neither of version 1 nor of version 2")
    return found


def save_version(number):
    write_version(number)
    done = save()
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    return working_files()


def tree():
    return git("rev-parse", "HEAD:robots/rents").strip()


def main():
    random.seed(SEED)
    print(f"seed {SEED}")
    folder = tempfile.mkdtemp(prefix="renki-crash-restore.")
    try:
        make_workspace(folder)
        begun = time.monotonic()
        versions = {1: save_version(1)}
        takes = time.monotonic() - begun
        trees = {1: tree()}
        versions[2] = save_version(2)
        trees[2] = tree()
        restored = torn = 0
        for _ in range(KILLS):
            before = git("rev-parse", "HEAD").strip()
            now = 1 if tree() == trees[1] else 2
            wanted = 3 - now
            kill_in_the_midst(["restore", "rents", str(wanted)], takes)
            git("fsck", "--strict", "--no-dangling")
            git("merge-base", "--is-ancestor", before, "HEAD")
            found = check_files(versions)
            torn += found not in (versions[1], versions[2])
            age_locks()
            if tree() not in trees.values():
                sys.exit("the branch has neither of the versions")
            restored += tree() == trees[wanted]
            done = save()
            if done.returncode != 0:
                sys.exit("the next save: " + done.stdout + done.stderr)
            if git("status", "--porcelain") or tree() not in trees.values():
                sys.exit("git finds it not clean: " + git("status", "--porcelain"))
            if working_files() != versions[1 if tree() == trees[1] else 2]:
                sys.exit("folder and branch are not the same")
        git("fsck", "--strict", "--no-dangling")
        print(f"{KILLS} kills, {restored} after the commit, {torn} while working files followed")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
