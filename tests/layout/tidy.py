"""clang-tidy over the sources of runner/, as many at a time as there are processors, the largest first.

    tidy.py BUILD [FILE…]

What was found clean is not looked at again while nothing that it is made of has changed: the file, each header that the
compiler read for it (ninja knows them), how it is compiled, .clang-tidy and clang-tidy itself. A file that ninja knows
nothing of is always looked at. What is known to be clean stands in BUILD/../tidy, one empty file each.

The analyzer follows at most 75,000 states of a function instead of 225,000. That takes a third of the time; what only
the longest paths through the largest functions would show is not seen.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import sys

# What clang does not know of gcc's options (the compile database is the build's) is no finding.
ARGUMENTS = ["--quiet", *(f"--extra-arg={argument}" for argument in (
    "-Wno-unknown-warning-option", "-Wno-ignored-optimization-argument",
    "-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang",
    "-Xclang", "-analyzer-config", "-Xclang", "max-nodes=75000"))]


class Contents:
    """Digests of files, each read once."""

    def __init__(self):
        self.known = {}

    def digest(self, path):
        if path not in self.known:
            self.known[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        return self.known[path]


def headers(build):
    """Object file -> what the compiler read for it, as ninja noted when it was built last."""
    found, current = {}, None
    for line in subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True).stdout.splitlines():
        if line.startswith("    "):
            current.append(build / line.strip())
        elif ": #deps" in line:
            current = found.setdefault(line.split(": #deps")[0], []) if line.endswith("(VALID)") else []
    return found


def keys(build, sources):
    """Source -> the name under which it is known to be clean, or None."""
    contents, read = Contents(), headers(build)
    common = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True).stdout
    common += contents.digest(pathlib.Path(".clang-tidy")) + " ".join(ARGUMENTS)
    made_of = {name: [] for name in sources}
    for unit in json.loads((build / "compile_commands.json").read_text()):
        name = os.path.relpath(unit["file"])
        if name in made_of:
            files = read.get(unit["command"].split(" -o ")[1].split()[0], [])
            made_of[name] += [unit["command"], *(f"{path} {contents.digest(path)}" for path in files if path.exists())]
            if pathlib.Path(unit["file"]) not in files:
                made_of[name].append(None)
    return {name: None if not parts or None in parts else
            hashlib.sha256("\n".join([common, *parts]).encode()).hexdigest() for name, parts in made_of.items()}


def look(build, source):
    done = subprocess.run(["clang-tidy", "-p", build, *ARGUMENTS, source], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def main():
    build, sources = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]
    if not sources:
        listed = subprocess.run(["git", "ls-files", "runner/*.c"], capture_output=True, text=True, check=True).stdout
        sources = [name for name in listed.splitlines() if os.path.exists(name)]
        sources.sort(key=os.path.getsize, reverse=True)
    clean = build.parent / "tidy"
    clean.mkdir(exist_ok=True)
    known = keys(build, sources)
    new = [name for name in sources if not known[name] or not (clean / known[name]).exists()]
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as several:
        for name, (good, said) in zip(new, several.map(lambda name: look(build, name), new)):
            if good and known[name]:
                (clean / known[name]).touch()
            elif not good:
                wrong += 1
                print(said, flush=True)
    print(f"{len(sources)} files, {len(new)} looked at, {wrong} with findings")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
