#!/usr/bin/env python3
"""Runs the commands of a case file with the real utilities and writes their answers into it.

    record.py FILE...      (as root on Debian 12; BusyBox files need busybox)

A case file holds a fixture and cases:
    @dir PATH MODE | @file PATH MODE TEXT | @link PATH TARGET     below /tmp/t, times 2024-01-02 03:04:05 UTC
    < TEXT                 standard input of the next case, with Python's escapes
    $ WORD...              the command, quoted as for a shell; `$x` marks a known failure
and behind each command what it gave: `| out`, `! error` (`|-`, `!-` without a newline), `? status`.
Each case starts from a fresh fixture, in /tmp/t.
"""
import os, shlex, shutil, subprocess, sys

STAMP = 1704164645

def encode(data):
    text = data.decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    tail = lines.pop()
    return [("", l) for l in lines] + ([("-", tail)] if tail else [])

def escape(text):
    return "".join(c if c.isprintable() or c == "\t" else "\\x%02x" % ord(c) for c in text)

def fixture(lines):
    shutil.rmtree("/tmp/t", ignore_errors=True)
    os.makedirs("/tmp/t")
    paths = ["/tmp/t"]
    for line in lines:
        kind, rest = line.split(" ", 1)
        path, rest = rest.split(" ", 1)
        path = "/tmp/t/" + path
        paths.append(path)
        if kind == "@dir":
            os.mkdir(path)
            os.chmod(path, int(rest, 8))
        elif kind == "@file":
            mode, text = rest.split(" ", 1)
            with open(path, "wb") as f:
                f.write(text.encode().decode("unicode_escape").encode("latin-1"))
            os.chmod(path, int(mode, 8))
        else:
            os.symlink(rest, path)
    for path in paths:
        os.utime(path, (STAMP, STAMP), follow_symlinks=False)

def record(name):
    setup, out, stdin = [], [], b""
    for line in open(name, encoding="utf-8").read().split("\n"):
        if line[:1] in "|!?" and line[:1]:
            continue
        out.append(line)
        if line.startswith("@"):
            setup.append(line)
        elif line.startswith("< "):
            stdin = line[2:].encode().decode("unicode_escape").encode("latin-1")
        elif line.startswith("$"):
            fixture(setup)
            env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/root", "TERM": "xterm"}
            done = subprocess.run(shlex.split(line.split(" ", 1)[1]), input=stdin, capture_output=True, cwd="/tmp/t", env=env)
            for mark, data in (("|", done.stdout), ("!", done.stderr)):
                out += [(mark + minus + " " + escape(text)).rstrip(" ") if not text else mark + minus + " " + escape(text) for minus, text in encode(data)]
            out.append("? %d" % (done.returncode if done.returncode >= 0 else 128 - done.returncode))
            stdin = b""
    open(name, "w", encoding="utf-8").write("\n".join(out))
    shutil.rmtree("/tmp/t", ignore_errors=True)

for name in sys.argv[1:]:
    record(name)
