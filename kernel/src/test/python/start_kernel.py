"""Finds the kernelspec pomona, starts it, runs two cells, shuts it down; prints what it saw."""

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import start_new_kernel

spec = KernelSpecManager().get_kernel_spec("pomona")
print("found pomona:", spec.display_name)
manager, client = start_new_kernel(kernel_name="pomona", startup_timeout=60)
try:
    def show(message):
        content = message["content"]
        if message["msg_type"] == "stream":
            print("printed:", content["text"].strip())
        elif message["msg_type"] == "execute_result":
            print("result:", content["data"]["text/plain"])
        elif message["msg_type"] == "error":
            print("error:", content["ename"], content["evalue"])

    for cell in ["int x = 42;\nSystem.out.println(x);", "x + 1"]:
        client.execute_interactive(cell, output_hook=show, timeout=60)
finally:
    client.stop_channels()
    manager.shutdown_kernel()
print("still running" if manager.is_alive() else "shut down")
