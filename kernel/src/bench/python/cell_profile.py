#!/usr/bin/env python3
"""Runs 300 small cells in the installed kernel under Java Flight Recorder and prints where the time of a cell went.

usage: cell_profile.py [--java JAVA_HOME]; see kernel_latency.py for what it needs.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from kernel_latency import ROOT, execute, heading, install, java_home, small

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<configuration version="2.0">
  <event name="jdk.ExecutionSample"><setting name="enabled">true</setting><setting name="period">1 ms</setting></event>
</configuration>
"""
CELLS = 300


def main():
    home = sys.argv[2] if len(sys.argv) > 2 else java_home()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        specs, _ = install(folder, {**os.environ, "JAVA_HOME": home})
        (folder / "settings.jfc").write_text(SETTINGS)
        recording = folder / "cells.jfr"
        spec = specs / "pomona/kernel.json"
        content = json.loads(spec.read_text())
        content["argv"].insert(
            1, f"-XX:StartFlightRecording=filename={recording},settings={folder}/settings.jfc,dumponexit=true"
        )
        spec.write_text(json.dumps(content))
        manager = KernelManager(kernel_name="pomona", kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(specs)]))
        manager.start_kernel(stdout=subprocess.DEVNULL)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        for i in range(CELLS):
            execute(client, small(i))
        # The recording is asked for, since a kernel that shuts down does not wait for it.
        pid = str(manager.provisioner.pid)
        subprocess.run([f"{home}/bin/jcmd", pid, "JFR.dump", f"filename={recording}"], stdout=subprocess.DEVNULL)
        time.sleep(1)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        print(heading(home) + f", {CELLS} cells\n", flush=True)
        subprocess.run([f"{home}/bin/java", str(ROOT / "kernel/src/bench/java/CellProfile.java"), str(recording)])


if __name__ == "__main__":
    main()
