"""Measures schedules: schedules.py RENKI FOLDER load|idle|late. Prints one number.

load: seconds from the start of a host over 100,000 schedules that it knows to its first answer about them.
idle: ms of computing, of all roles together, in 15 seconds in which none of 100,000 schedules is due.
late: of 1,000 schedules due in the same second, how many ms after it the 990th was queued on disk.
"""
import os, sqlite3, subprocess, sys, time

renki, folder, what = sys.argv[1:]
os.environ["HOME"] = folder
workspace = os.path.join(folder, "schedules-" + what)
subprocess.run([renki, "init", workspace], check=True, stdout=subprocess.DEVNULL)
os.chdir(workspace)
open("renki.lua", "w").write('return { key = "%s/schedules.key" }\n' % folder)
os.makedirs("robots/empty")
os.makedirs("schedules", exist_ok=True)
open("robots/empty/robot.lua", "w").write("")
open("robots/empty/manifest.lua", "w").write('return { title = "empty", owner = "bench" }\n')
git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost"]
subprocess.run(git + ["add", "-A"], check=True)
subprocess.run(git + ["commit", "-q", "-m", "bench"], check=True)


def write(count, cron):
    for i in range(count):
        with open("schedules/s%d.lua" % i, "w") as file:
            file.write('return { robot = "empty", cron = "%s", timezone = "UTC" }\n' % cron)


def serve():
    host = subprocess.Popen([renki, "serve"], stdout=subprocess.DEVNULL)
    while not os.path.exists(".renki/host.sock"):
        time.sleep(0.01)
    subprocess.run([renki, "schedule", "next", "--count", "1"], check=True, stdout=subprocess.DEVNULL)
    return host


def end(host):
    host.terminate()
    host.wait()


def load():
    write(100000, "30 7 * * 1-5")
    end(serve())
    begun = time.monotonic()
    host = serve()
    print("%.3f" % (time.monotonic() - begun))
    end(host)


def computed_ms(host):
    family, spent = [host.pid], 0
    for pid in family:
        for thread in os.listdir("/proc/%d/task" % pid):
            family += map(int, open("/proc/%d/task/%s/children" % (pid, thread)).read().split())
            spent += int(open("/proc/%d/task/%s/schedstat" % (pid, thread)).read().split()[0])
    return spent / 1e6


def idle():
    write(100000, "30 7 * * 1-5")
    end(serve())
    host = serve()
    time.sleep(3)
    before = computed_ms(host)
    time.sleep(15)
    print("%.2f" % (computed_ms(host) - before))
    end(host)


def late():
    due = int(time.time()) + 25
    at = time.gmtime(due)
    write(1000, "%d %d %d %d %d *" % (at.tm_sec, at.tm_min, at.tm_hour, at.tm_mday, at.tm_mon))
    host = serve()
    store = sqlite3.connect("file:.renki/store.sqlite?mode=ro", uri=True)
    time.sleep(max(0, due - time.time() - 0.05))
    queued = "SELECT count(*) FROM runs WHERE state <> 'planned' AND planned_ms <= ?"
    while store.execute(queued, (due * 1000,)).fetchone()[0] < 990:
        if time.time() > due + 30:
            sys.exit("they were not queued")
    print("%.1f" % ((time.time() - due) * 1000))
    end(host)


{"load": load, "idle": idle, "late": late}[what]()
