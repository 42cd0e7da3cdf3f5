"""kill -9 of `renki save` with all its processes, at random instants: the repository stays valid to git, and what was
being saved is there, as a commit or as a working file. At the end one more save leaves all clean."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

RENKI = os.environ["RENKI"]
KILLS = int(os.environ.get("KILLS", "60"))
SEED = int(os.environ.get("SEED", str(time.time_ns() % 1000000)))


def git(*arguments):
    done = subprocess.run(["git", *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"git {' '.join(arguments)}: {done.stdout}{done.stderr}")
    return done.stdout


def descendants(pid):
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            for child in open(f"/proc/{pid}/task/{thread}/children").read().split():
                found += [int(child)] + descendants(int(child))
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def kill_all(process):
    """The command line, its host, and what that started: all at once, as a power cut would."""
    victims = [process.pid] + descendants(process.pid)
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()
    for pid in victims[1:]:
        for _ in range(500):
            if not os.path.exists(f"/proc/{pid}") or open(f"/proc/{pid}/stat").read().split()[2] == "Z":
                break
            time.sleep(0.01)


def age_locks():
    """A lock that a write of libgit2 left is taken for one after half a minute; the minute goes by here."""
    found = 0
    for folder, _, names in os.walk(".git"):
        for name in names:
            if name.endswith(".lock") and name not in ("renki.lock", "index.lock"):
                os.utime(os.path.join(folder, name), (time.time() - 60, time.time() - 60))
                found += 1
    return found


def save():
    return subprocess.run([RENKI, "save"], capture_output=True, text=True)


def make_workspace(folder):
    """A workspace in `folder`, in which we are then."""
    os.environ.update(HOME=folder, RENKI_LANGUAGE="en", LC_ALL="C")
    workspace = os.path.join(folder, "workspace")
    subprocess.run([RENKI, "init", workspace], check=True, capture_output=True)
    os.chdir(workspace)
    open("renki.lua", "w").write(f'return {{ key = "{folder}/gateway.key" }}\n')


def kill_in_the_midst(command, takes):
    """Starts it, and kills it with all its processes before it is likely to be over."""
    process = subprocess.Popen([RENKI, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.uniform(0.2, 1.1) * takes)
    kill_all(process)


def change(round_number):
    """Changed, new, executable and deleted files; large enough that writing takes a while."""
    content = f"run:log {round_number}\n" + "".join(f"-- {i} {round_number}\n" for i in range(2000))
    open("robots/rents/robot.lua", "w").write(content)
    os.makedirs(f"robots/r{round_number}", exist_ok=True)
    for i in range(5):
        open(f"robots/r{round_number}/f{i}.lua", "w").write(content)
    if round_number % 3 == 2:
        shutil.rmtree(f"robots/r{round_number - 1}")
    return content


def check_work(content, before):
    git("fsck", "--strict", "--no-dangling")
    if open("robots/rents/robot.lua").read() != content:
        sys.exit("the working file is not what was saved")
    if git("merge-base", "--is-ancestor", before, "HEAD"):
        sys.exit("the branch went back")
    after = git("rev-parse", "HEAD").strip()
    if after != before and git("show", "HEAD:robots/rents/robot.lua") != content:
        sys.exit("the commit is not what was saved")
    return after != before


def main():
    random.seed(SEED)
    print(f"seed {SEED}")
    folder = tempfile.mkdtemp(prefix="renki-crash-save.")
    try:
        make_workspace(folder)
        os.makedirs("robots/rents")
        change(0)
        begun = time.monotonic()
        done = save()
        takes = time.monotonic() - begun
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        committed = index_locks = branch_locks = 0
        for round_number in range(1, KILLS + 1):
            before = git("rev-parse", "HEAD").strip()
            content = change(round_number)
            kill_in_the_midst(["save"], takes)
            committed += check_work(content, before)
            index_locks += os.path.exists(".git/index.lock")
            branch_locks += age_locks()
        done = save()
        if done.returncode != 0:
            sys.exit("the last save: " + done.stdout + done.stderr)
        if git("status", "--porcelain") or os.path.exists(".git/index.lock"):
            sys.exit("git finds it not clean: " + git("status", "--porcelain"))
        git("fsck", "--strict", "--no-dangling")
        print(f"{KILLS} kills, {committed} after the commit, {index_locks} locks of the index and {branch_locks} "
              "of the branch left and taken over")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
