"""Runs cells in a kernel that is started by its command, as Jupyter does; the cells come as a JSON list on stdin.

Prints a JSON list: for each cell its status and its outputs.
"""

import json
import sys

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager


def start(command):
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(argv=command, display_name="other", language="java")
    manager.start_kernel(stdout=sys.stderr)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=15)
        return manager, client
    except RuntimeError:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        return None


# One start of rapaio's kernel in ten hangs for ever, with nothing of ours in it: a user would restart it, too.
running = next(filter(None, (start(sys.argv[1:]) for _ in range(5))), None)
if running is None:
    sys.exit("the kernel did not start in five tries")
manager, client = running
results = []
try:
    for cell in json.load(sys.stdin):
        outputs = []

        def collect(message):
            if message["msg_type"] in ("stream", "error", "display_data", "update_display_data", "execute_result"):
                outputs.append({"type": message["msg_type"], **message["content"]})

        reply = client.execute_interactive(cell, output_hook=collect, timeout=90)["content"]
        results.append({"cell": cell, "status": reply["status"], "outputs": outputs})
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
json.dump(results, sys.stdout)
