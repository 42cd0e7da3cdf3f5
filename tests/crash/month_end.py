"""Kill -9 of renki's processes at random instants while robots pay 200 items each: nothing lost, nothing done twice.

Options: --store sqlite|postgres, --bank keys|answers (an idempotent bank; or one that pays what it is told, where steps in
doubt are asked of a person, who looks at the bank's books), --kills N, --seed S. See README.md.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from effects import Bank

ITEMS = 200
RENKI = os.environ["RENKI"]
PATIENCE_S = 120

ROBOT = {
    "keys": """
local http = require "http"
local bank = http.client { base = "http://127.0.0.1:PORT" }
local rows = {}
for i = 1, ITEMS do rows[i] = { no = i, sum = ("%d.%02d"):format(i, i % 100) } end
run:expect { items = ITEMS, sum = "SUM" }
run:each(rows, { key = "no", sum = "sum" }, function(row)
  run:step("pay", { idempotent = true }, function(step)
    bank:post("/pay/" .. run.number .. "-" .. row.no, { json = row, idempotency_key = step.key })
  end)
  return row.no
end)
""",
    "answers": """
local http = require "http"
local bank = http.client { base = "http://127.0.0.1:PORT" }
local rows = {}
for i = 1, ITEMS do rows[i] = { no = i, sum = ("%d.%02d"):format(i, i % 100) } end
run:expect { items = ITEMS, sum = "SUM" }
run:each(rows, { key = "no", sum = "sum" }, function(row)
  run:step("pay", function() bank:post("/pay/" .. run.number .. "-" .. row.no, { json = row }) end)
  return row.no
end)
""",
}


def total():
    cents = sum(i * 100 + i % 100 for i in range(1, ITEMS + 1))
    return f"{cents // 100}.{cents % 100:02d}"


class Host:
    """A daemon that is started again whenever it dies, as systemd would."""

    def __init__(self, folder):
        self.folder = folder
        self.stopping = False
        self.process = None
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def keep(self):
        with open(self.folder.parent / f"{self.folder.name}.log", "ab") as log:
            while not self.stopping:
                self.process = subprocess.Popen([RENKI, "serve"], cwd=self.folder, stdout=log, stderr=log,
                                                stdin=subprocess.DEVNULL)
                self.process.wait()
                time.sleep(0.05)

    def serves(self):
        log = self.folder.parent / f"{self.folder.name}.log"
        return log.exists() and "renki serves" in log.read_text(errors="replace")

    def processes(self):
        """Pids by role, of what the daemon started: the command itself, host, launcher, zygote, gateway, workers."""
        found, waiting = {}, [self.process.pid] if self.process else []
        while waiting:
            pid = waiting.pop()
            try:
                line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                for task in os.listdir(f"/proc/{pid}/task"):
                    waiting += map(int, pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split())
            except OSError:
                continue
            found.setdefault(line[1].decode() if len(line) > 1 else "", []).append(pid)
        workers = sorted(found.get("zygote", []))[1:]  # forks of the zygote carry its name
        roles = {"host": found.get("host", []), "gateway": found.get("gateway", []),
                 "zygote": sorted(found.get("zygote", []))[:1], "worker": workers}
        return {role: pids for role, pids in roles.items() if pids}

    def stop(self):
        self.stopping = True
        if self.process:
            self.process.send_signal(signal.SIGTERM)
        self.thread.join(30)


class Test:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="renki-crash."))
        os.environ.update(HOME=str(self.root), LC_ALL="C", RENKI_LANGUAGE="en", NO_COLOR="1")
        self.bank = Bank(options.seed, options.bank == "keys")
        self.database = None
        self.kills = {}
        self.answered = {}
        self.folders = []

    def renki(self, *arguments, folder=None, most_s=60):
        try:
            done = subprocess.run([RENKI, *arguments], cwd=folder or self.folders[0], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=most_s)
        except subprocess.TimeoutExpired:
            return 124, "", ""
        return done.returncode, done.stdout, done.stderr

    def asked(self, *arguments):
        """The answer as JSON, or None when a process died over it."""
        code, out, _ = self.renki(*arguments, "--json")
        try:
            return json.loads(out.strip().splitlines()[-1]) if code in (0, 4) else None
        except (IndexError, ValueError):
            return None

    def workspace(self, name):
        folder = self.root / name
        if self.folders:
            subprocess.run(["git", "clone", "-q", self.folders[0], folder], check=True)
            (folder / ".renki").mkdir(exist_ok=True)
        else:
            code, _, said = self.renki("init", str(folder), folder=self.root)
            assert code == 0, said
        store = f'store = "{self.database.url}", artifacts = "{self.root}/shared", ' if self.database else ""
        (folder / "renki.lua").write_text(
            f'return {{ {store}key = "{self.root}/gateway.key", systems = {{ bank = {{ '
            f'origin = "http://127.0.0.1:{self.bank.port}", networks = {{ "127.0.0.1" }} }} }} }}\n')
        if not self.folders:
            robot = folder / "robots" / "month-end"
            robot.mkdir(parents=True)
            (robot / "manifest.lua").write_text(
                'return { title = "Month end", owner = "finance", retry = { attempts = 20, wait = "100 ms" }, '
                f'permits = {{ http = {{ {{ "POST", "http://127.0.0.1:{self.bank.port}/*" }} }} }} }}\n')
            (robot / "robot.lua").write_text(ROBOT[self.options.bank].replace("PORT", str(self.bank.port))
                                             .replace("ITEMS", str(ITEMS)).replace("SUM", total()))
            subprocess.run("git add -A && git -c user.name=Test -c user.email=test@localhost commit -qm robots",
                           shell=True, cwd=folder, check=True)
        self.folders.append(folder)
        return folder

    def begin(self):
        if self.options.store == "postgres":
            from database import Database
            self.database = Database(self.root / "database")
            (self.root / "shared").mkdir()
        names = ["one", "two"] if self.options.store == "postgres" else ["one"]
        self.hosts = [Host(self.workspace(name)) for name in names]

    def strike(self):
        targets = [(role, pid) for host in self.hosts for role, pids in host.processes().items() for pid in pids]
        if self.database and self.random.random() < 0.02:
            self.database.kill_and_start()
            self.kills["database"] = self.kills.get("database", 0) + 1
            return
        role = self.random.choice(["host", "gateway", "zygote", "worker"])
        pids = [pid for name, pid in targets if name == role]
        if not pids:
            return
        try:
            os.kill(self.random.choice(pids), signal.SIGKILL)
            self.kills[role] = self.kills.get(role, 0) + 1
        except ProcessLookupError:
            pass

    def answer_doubts(self):
        """The person who looks at the bank's books."""
        listed = self.asked("tasks", "list")
        for task in (listed or {}).get("tasks", []):
            if task["kind"] != "doubt" or task["state"] != "open":
                continue
            shown = self.asked("tasks", "show", str(task["id"]))
            if not shown:
                continue
            item = shown["task"][0]["evidence"][-1]["path"].removeprefix("/pay/")
            verdict = "--done" if self.bank.count(item) else "--not-done"
            if self.renki("tasks", "answer", str(task["id"]), verdict)[0] == 0:
                self.answered[verdict] = self.answered.get(verdict, 0) + 1

    def start_run(self):
        """Once the run's row is there, who asked for it may die as well: it goes on by itself."""
        return subprocess.Popen([RENKI, "run", "month-end"], cwd=self.random.choice(self.folders),
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def runs(self):
        listed = self.asked("runs", "--most", "1000")
        return listed["runs"] if listed else None

    def wait_until(self, what, true):
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline, f"{what} within {PATIENCE_S} s: {self.runs()}"
            if self.options.bank == "answers":
                self.answer_doubts()
            time.sleep(0.2)

    def go(self):
        live = ("queued", "running", "waiting", "in doubt")
        starters = []
        looked, over = 0, False
        # A daemon serves and has a run: what is killed from now on is killed under it.
        self.wait_until("the daemons serve", lambda: all(host.serves() for host in self.hosts))
        starters.append(self.start_run())
        self.wait_until("a run is there", self.runs)
        while sum(self.kills.values()) < self.options.kills:
            if time.monotonic() - looked > 2:
                looked = time.monotonic()
                runs = self.runs()
                over = runs is not None and not any(run["state"] in live for run in runs)
                if self.options.bank == "answers":
                    self.answer_doubts()
            if over:
                starters.append(self.start_run())
                over = False
            time.sleep(self.random.uniform(0.02, 0.35))
            self.strike()
        self.wait_until("all runs end", lambda: (lambda runs: runs and not any(run["state"] in live for run in runs))(
            self.runs()))
        for starter in starters:
            starter.wait()

    def judge(self):
        runs = self.runs()
        for run in runs:
            shown = self.asked("show", str(run["id"]))
            counts = [self.bank.count(f"{run['id']}-{item}") for item in range(1, ITEMS + 1)]
            lost, twice = counts.count(0), sum(count > 1 for count in counts)
            print(f"run {run['id']}: {run['state']}, starts {run['attempt']}, lost {lost}, twice {twice}")
            assert run["state"] == "done", json.dumps(shown["run"])
            assert lost == 0 and twice == 0, counts
            assert shown["totals"]["balanced"] is True and shown["totals"]["items"]["done"] == ITEMS, shown["totals"]
        code, said, wrong = self.renki("doctor")
        assert code == 0, said + wrong
        print(f"{len(runs)} runs, {sum(self.kills.values())} kills {self.kills}, answers {self.answered}")

    def end(self, keep):
        for host in getattr(self, "hosts", []):
            host.stop()
        if self.database:
            self.database.stop()
        self.bank.close()
        if keep:
            for log in self.root.glob("*.log"):
                print(f"--- {log.name}", log.read_text(errors="replace")[-4000:], sep="\n")
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["chmod", "-R", "u+rwx", str(self.root)], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.root, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--bank", choices=["keys", "answers"], default="keys")
    parser.add_argument("--kills", type=int, default=int(os.environ.get("KILLS", 100)))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", time.time())))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    test = Test(options)
    good = False
    try:
        test.begin()
        test.go()
        test.judge()
        good = True
    finally:
        test.end(not good)


if __name__ == "__main__":
    sys.exit(main())
