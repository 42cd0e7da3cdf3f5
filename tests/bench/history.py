"""Histories of robots: a repository of 1,000 robots and 10,000 commits, asked for one robot's versions.

    history.py RENKI FOLDER history|fresh|cold|load|git-log|git-status      prints milliseconds, the median of 11
    history.py RENKI FOLDER approved      approves robot-7, prints where the workspace is
"""
import os, random, subprocess, sys, time

ROBOTS, COMMITS = 1000, 10000
renki, folder, what = sys.argv[1:4]
workspace = os.path.join(folder, "history")
quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def make():
    random.seed(1)
    subprocess.run([renki, "init", workspace], check=True, **quiet)
    lines = []

    def put(path, content):
        lines.append(f"M 100644 inline {path}\ndata {len(content)}\n{content}\n")

    def commit(number, first=False):
        message = f"change {number}"
        lines.append(f"commit refs/heads/main\ncommitter Bookkeeper <bookkeeper@city.example> {1_600_000_000 + 600 * number} +0200\n"
                     f"data {len(message)}\n{message}\n")
        if first:
            lines.append("from refs/heads/main^0\n")

    commit(0, True)
    for robot in range(ROBOTS):
        put(f"robots/robot-{robot}/manifest.lua", 'return { title = "a robot", owner = "finance" }\n')
        put(f"robots/robot-{robot}/robot.lua", f"run:log({robot})\n")
    for number in range(1, COMMITS):
        commit(number)
        put(f"robots/robot-{random.randrange(ROBOTS)}/robot.lua", f"run:log({number})\n")
    subprocess.run(["git", "-C", workspace, "fast-import", "--quiet"], input="".join(lines).encode(), check=True)
    subprocess.run(["git", "-C", workspace, "reset", "-q", "--hard"], check=True)


def median(command, before=None):
    times = []
    for _ in range(11):
        if before:
            before()
        begun = time.perf_counter()
        subprocess.run(command, cwd=workspace, check=True, **quiet)
        times.append(time.perf_counter() - begun)
    return sorted(times)[5] * 1000


if not os.path.isdir(workspace):
    make()
    subprocess.run([renki, "history", "robot-7"], cwd=workspace, check=True, **quiet)  # what is kept is made
history = [renki, "history", "robot-7", "--json"]
if what == "history":
    daemon = subprocess.Popen([renki, "serve"], cwd=workspace, **quiet)
    while not os.path.exists(os.path.join(workspace, ".renki/host.sock")):
        time.sleep(0.05)
    subprocess.run(history, cwd=workspace, check=True, **quiet)
    print("%.1f" % median(history))
    daemon.terminate()
    daemon.wait()
elif what == "fresh":
    print("%.1f" % median(history))
elif what == "cold":
    kept = os.path.join(workspace, ".renki/timeline")
    print("%.1f" % median(history, lambda: os.path.exists(kept) and os.remove(kept)))
elif what == "load":
    print("%.1f" % median([renki, "history", "--most", "1", "--json"]))
elif what == "approved":
    settings = os.path.join(workspace, "renki.lua")
    former = open(settings).read()
    with open(settings, "w") as file:
        file.write('return { people = { controller = { name = "The controller", email = "controller@city.example" } },\n'
                   '  groups = { controllers = { "controller" } }, approval = { group = "controllers" } }\n')
    subprocess.run([renki, "approve", "robot-7", "--as", "controller"], cwd=workspace, check=True, **quiet)
    with open(settings, "w") as file:
        file.write(former)
    print(workspace)
elif what == "git-log":
    print("%.1f" % median(["git", "log", "--format=%H %an %at %s", "--", "robots/robot-7", "schedules/robot-7.lua"]))
elif what == "git-status":
    print("%.1f" % median(["git", "status", "--porcelain"]))
