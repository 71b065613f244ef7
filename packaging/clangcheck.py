# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs clang or clang-tidy over the sources of a compilation database; called by clangcheck.sh."""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys


def changed_files():
    """Files that the last commit changed against its first parent, with the sources of changed headers; None where the
    parent is not known, as in a clone of depth 1."""
    if subprocess.run(["git", "rev-parse", "-q", "--verify", "HEAD^1"], capture_output=True).returncode != 0:
        return None
    listing = subprocess.run(["git", "diff", "--name-only", "--diff-filter=d", "HEAD^1", "HEAD"],
                             capture_output=True, text=True, check=True).stdout
    names = set(listing.split("\n")) - {""}
    names |= {name[:-2] + ".cpp" for name in names if name.endswith(".h")}
    return {os.path.abspath(name) for name in names}


def check(command):
    """Returns (file, exit status, output) of one command line run in its folder."""
    done = subprocess.run(command["line"], cwd=command["directory"], capture_output=True, text=True)
    return command["file"], done.returncode, done.stdout + done.stderr


def main():
    mode, folder, jobs, everything, left_out = sys.argv[1:6]
    with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as database:
        entries = json.load(database)
    generated = os.path.abspath(folder) + os.sep
    entries = [entry for entry in entries if not entry["file"].startswith(generated)]
    if left_out:
        with open(os.path.join(left_out, "compile_commands.json"), encoding="utf-8") as database:
            compiled = {entry["file"] for entry in json.load(database)}
        entries = [entry for entry in entries if entry["file"] not in compiled]
    if mode == "tidy" and not everything:
        wanted = changed_files()
        if wanted is None:
            print("clang-tidy: the last commit's parent is not in this clone; ALL=1 checks every source")
            return 0
        entries = [entry for entry in entries if entry["file"] in wanted]

    commands, seen = [], set()
    for entry in entries:
        if entry["file"] in seen:
            continue
        seen.add(entry["file"])
        if mode == "tidy":
            # The sources' own headers, not what moc makes of them.
            ours = "^" + re.escape(os.getcwd()) + "/(core|ui|app|tests)/"
            line = ["clang-tidy", "--quiet", "--header-filter=" + ours, "-p", os.path.abspath(folder), entry["file"]]
        else:
            line = shlex.split(entry["command"])
            line = line[line.index("clang++") if "clang++" in line else
                        next(i for i, word in enumerate(line) if word.endswith("/clang++")):]
            if "-o" in line:
                at = line.index("-o")
                del line[at:at + 2]
            line.append("-fsyntax-only")
        commands.append({"line": line, "directory": entry["directory"], "file": entry["file"]})

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(int(jobs)) as pool:
        for name, status, output in pool.map(check, commands):
            if status != 0:
                failed += 1
                print(f"{os.path.relpath(name)}:\n{output}")
    print(f"{mode}: {len(commands)} sources, {failed} with findings")
    return 1 if failed or (mode == "syntax" and not commands) else 0


sys.exit(main())
