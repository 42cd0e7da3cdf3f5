"""Two hosts and a person work on one remote, and the hosts are killed -9 with all their processes at random instants of
`renki sync`: all three repositories stay valid to git, and at the end every commit is at the remote, every approval is
everywhere, and both hosts are at the remote's commit."""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from save import RENKI, age_locks, git, kill_all

SUPPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support")
HOSTS = ("ours", "theirs")
ROUNDS_TO_MEET = 8


def renki(*arguments, given=None):
    done = subprocess.run([RENKI, *arguments], input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"renki {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout


class Remote:
    """A bare repository behind https, with a certificate of its own and a login."""

    def __init__(self, folder):
        self.certificate = os.path.join(folder, "ca.pem")
        key, port = os.path.join(folder, "server.key"), os.path.join(folder, "port")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", key, "-out", self.certificate], check=True, capture_output=True)
        self.server = subprocess.Popen(["/usr/bin/python3", "-B", os.path.join(SUPPORT, "git_https.py"), folder,
                                        self.certificate, key, port, "--basic", "robots:correct-horse"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if os.path.exists(port):
                break
            time.sleep(0.1)
        self.origin = "https://localhost:" + open(port).read()

    def close(self):
        self.server.terminate()
        self.server.wait()


def make_host(folder, name, remote):
    path = os.path.join(folder, name)
    git("clone", "-q", os.path.join(folder, "remote.git"), path)
    os.chdir(path)
    open("renki.lua", "w").write(f"""return {{
  key = "{folder}/{name}.key",
  people = {{ controller = {{ name = "The controller", email = "controller@city.example" }} }},
  groups = {{ controllers = {{ "controller" }} }},
  approval = {{ approvers = 1, group = "controllers" }},
  remote = {{ url = "{remote.origin}/remote.git", branch = "main", every = "1 h", login = "git",
             ca = "{remote.certificate}", push = true }},
}}
""")
    git("update-index", "--skip-worktree", "renki.lua")
    renki("secret", "set", "git", "--origin", remote.origin, "--username", "robots", given="correct-horse")


def write_robot(name, number):
    os.makedirs(f"robots/{name}", exist_ok=True)
    open(f"robots/{name}/robot.lua", "w").write(f"run:log({number})\n" + f"-- {number}\n" * 500)
    open(f"robots/{name}/manifest.lua", "w").write(f'return {{ title = "{name}", owner = "tests" }}\n')


def commit(name, number):
    """A commit by ordinary git, of the robot and of one line of a file that all share. Where renki was killed between the
    branch and the working files, git status shows these as changed until the next sync: nobody commits them as they are."""
    git("checkout", "-q", "HEAD", "--", "robots")
    write_robot(name, number)
    lines = open("robots/shared/robot.lua").read().split("\n")
    lines[10 * (1 + [*HOSTS, "person"].index(name))] = f"-- {name} {number}"
    open("robots/shared/robot.lua", "w").write("\n".join(lines))
    git("add", "robots")
    git("-c", f"user.name={name}", "-c", f"user.email={name}@city.example", "commit", "-q", "-m", f"{name} {number}")
    return git("rev-parse", "HEAD").strip()


def words():
    return {line for line in git("for-each-ref", "--format=%(objectname)", "refs/renki/approvals",
                                 "refs/renki/rejections").split("\n") if line}


def approve(folder, name):
    """Whatever waits; the newest word of a content takes the reference's name, the one before must not be lost."""
    os.chdir(os.path.join(folder, name))
    renki("approve", name, "--as", "controller")
    return words()


def person_pushes(folder, number):
    """As people do: pull, and push again where somebody was quicker."""
    os.chdir(os.path.join(folder, "desk"))
    made = commit("person", number)
    for _ in range(20):
        if subprocess.run(["git", "push", "-q"], capture_output=True, check=False).returncode == 0:
            return made
        git("-c", "user.name=person", "-c", "user.email=person@city.example", "pull", "-q", "--no-rebase", "--no-edit")
    sys.exit("the person can't push")


def fsck(folder):
    for name in (*HOSTS, "remote.git", "desk"):
        git("-C", os.path.join(folder, name), "fsck", "--strict", "--no-dangling")


def sync_both(folder, takes):
    """Both hosts at once, killed at random instants; sometimes one of them comes to its end."""
    running = []
    for name in HOSTS:
        running.append((time.monotonic() + random.uniform(0.1, 1.2) * takes, name, subprocess.Popen(
            [RENKI, "sync"], cwd=os.path.join(folder, name), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)))
    killed = 0
    for until, name, process in sorted(running, key=lambda each: each[0]):
        time.sleep(max(0, until - time.monotonic()))
        killed += process.poll() is None
        kill_all(process)
        os.chdir(os.path.join(folder, name))
        age_locks()
        if os.path.exists(".git/index.lock"): # the next save takes it over; git tells people to remove it
            os.unlink(".git/index.lock")
    return killed


def meet(folder):
    """Undisturbed, both come to the same commit within a few rounds."""
    for turn in range(ROUNDS_TO_MEET):
        for name in HOSTS:
            os.chdir(os.path.join(folder, name))
            renki("sync")
        heads = {git("-C", os.path.join(folder, name), "rev-parse", "main").strip() for name in (*HOSTS, "remote.git")}
        if len(heads) == 1 and turn:
            return heads.pop()
    return sys.exit("the hosts don't meet")


def check(folder, commits, approvals):
    main = meet(folder)
    fsck(folder)
    for made in commits:
        git("-C", os.path.join(folder, "remote.git"), "merge-base", "--is-ancestor", made, main)
    for name in (*HOSTS, "remote.git"):
        os.chdir(os.path.join(folder, name))
        lost = approvals - words()
        if lost:
            sys.exit(f"{name} lost {len(lost)} of {len(approvals)} approvals")
    for name in HOSTS:
        os.chdir(os.path.join(folder, name))
        if git("status", "--porcelain", "--", "robots"):
            sys.exit(f"{name} has other working files: " + git("status", "--porcelain", "--", "robots"))


def begin(folder):
    """A remote with a robot for each of them, and one that all share; both hosts, and the person's desk."""
    os.environ.update(HOME=folder, RENKI_LANGUAGE="en", LC_ALL="C")
    first = os.path.join(folder, "first")
    subprocess.run([RENKI, "init", first], check=True, capture_output=True)
    os.chdir(first)
    for name in (*HOSTS, "person", "shared"):
        write_robot(name, 0)
    git("add", "-A")
    git("-c", "user.name=person", "-c", "user.email=person@city.example", "commit", "-q", "-m", "begin")
    git("branch", "-q", "-M", "main")
    git("clone", "-q", "--bare", first, os.path.join(folder, "remote.git"))
    git("clone", "-q", os.path.join(folder, "remote.git"), os.path.join(folder, "desk"))
    remote = Remote(folder)
    for name in HOSTS:
        make_host(folder, name, remote)
    return remote


def run(folder, kills):
    begun = time.monotonic()
    for name in HOSTS:
        os.chdir(os.path.join(folder, name))
        renki("sync")
    takes = (time.monotonic() - begun) / len(HOSTS)
    commits, approvals, killed, number = [], set(), 0, 0
    while killed < kills:
        number += 1
        for name in HOSTS:
            os.chdir(os.path.join(folder, name))
            commits.append(commit(name, number))
        if number % 5 == 1:
            approvals |= approve(folder, HOSTS[number % 2])
        if number % 3 == 0:
            commits.append(person_pushes(folder, number))
        killed += sync_both(folder, takes)
        if number % 5 == 0:
            fsck(folder)
    check(folder, commits, approvals)
    print(f"{killed} kills in {number} rounds, {len(commits)} commits and {len(approvals)} approvals kept")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--kills", type=int, default=40)
    options.add_argument("--seed", type=int, default=time.time_ns() % 1000000)
    given = options.parse_args()
    random.seed(given.seed)
    print(f"seed {given.seed}", flush=True)
    folder = tempfile.mkdtemp(prefix="renki-crash-sync.")
    remote = None
    try:
        remote = begin(folder)
        run(folder, given.kills)
    finally:
        if remote:
            remote.close()
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
