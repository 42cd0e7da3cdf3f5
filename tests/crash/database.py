"""A real PostgreSQL server that can be killed, for the crash tests; see tests/support/postgres.sh."""
import pathlib
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parent.parent / "support" / "postgres.sh"


class Database:
    def __init__(self, folder):
        self.folder = folder
        self.call("start")
        self.url = self.call("address")

    def call(self, action):
        done = subprocess.run(["sh", SCRIPT, action, self.folder], capture_output=True, text=True)
        if done.returncode == 77:
            print(done.stdout.strip())
            raise SystemExit(77)
        assert done.returncode == 0, f"{action}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def kill_and_start(self):
        self.call("kill")
        self.call("start")

    def stop(self):
        self.call("stop")
