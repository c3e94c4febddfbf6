"""A test case with one running kernel, driven through jupyter_client as front ends drive it."""

import time
import unittest
from queue import Empty

from jupyter_client.manager import KernelManager

import message_spec

PATIENCE = 60


class Run:
    """What one execute request brought: its reply and what was published for it, in order."""

    def __init__(self, reply, published):
        self.reply = reply["content"]
        self.published = published

    def types(self):
        return [message["msg_type"] for message in self.published if message["msg_type"] != "status"]

    def contents(self, kind):
        return [message["content"] for message in self.published if message["msg_type"] == kind]

    def text(self, name="stdout"):
        return "".join(content["text"] for content in self.contents("stream") if content["name"] == name)


class KernelCase(unittest.TestCase):
    """Starts the kernelspec `pomona` once a class; every message that comes back is checked against the protocol."""

    transport = "tcp"
    manager = None

    @classmethod
    def setUpClass(cls):
        cls.manager = KernelManager(kernel_name="pomona", transport=cls.transport)
        cls.manager.start_kernel()
        cls.client = cls.connect()

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel()

    @classmethod
    def connect(cls, **options):
        client = cls.manager.client(**options)
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE)
        return client

    def setUp(self):
        self.drain()

    def drain(self):
        """Forgets what earlier tests have left."""
        for channel in (self.client.shell_channel, self.client.iopub_channel, self.client.stdin_channel):
            while True:
                try:
                    channel.get_msg(timeout=0)
                except Empty:
                    break

    def reply(self, msg_id, channel="shell", timeout=PATIENCE):
        """The reply to a request, checked."""
        get = getattr(self.client, f"{channel}_channel").get_msg
        end = time.monotonic() + timeout
        while True:
            message = get(timeout=max(0, end - time.monotonic()))
            if message["parent_header"].get("msg_id") == msg_id:
                message_spec.check(message)
                return message

    def published(self, msg_id, timeout=PATIENCE):
        """What is published for a request up to its idle, checked."""
        found = []
        end = time.monotonic() + timeout
        while True:
            message = self.client.iopub_channel.get_msg(timeout=max(0, end - time.monotonic()))
            message_spec.check(message)
            if message["parent_header"].get("msg_id") == msg_id:
                found.append(message)
                if message["content"].get("execution_state") == "idle":
                    return found

    def ask(self, kind, content=None, channel="shell"):
        """Sends a request and gives the content of its reply; busy and idle are published around it."""
        message = self.client.session.msg(kind, content if content is not None else {})
        getattr(self.client, f"{channel}_channel").send(message)
        msg_id = message["header"]["msg_id"]
        reply = self.reply(msg_id, channel)
        states = [m["content"]["execution_state"] for m in self.published(msg_id) if m["msg_type"] == "status"]
        self.assertEqual(states, ["busy", "idle"])
        return reply["content"]

    def run_cell(self, code, **options):
        """Executes a cell to its end."""
        msg_id = self.client.execute(code, **options)
        reply = self.reply(msg_id)
        return Run(reply, self.published(msg_id))
