"""Sends malformed and badly signed messages to a running kernel and checks that it lives on and has not grown.

usage: fuzz.py [--messages 10000] [--seed 1]
"""

import argparse
import json
import random
import time

import psutil
import zmq
from jupyter_client.session import Session

from kernel_case import KernelCase

# Of every hundred messages; those that are signed rightly reach the handlers.
KINDS = {"noise": 25, "forged": 25, "changed": 25, "broken_json": 13, "odd_fields": 12}

REQUESTS = ["execute", "complete", "inspect", "is_complete", "history", "comm_info", "kernel_info", "interrupt", "debug", "brew"]
TYPES = [f"{name}_request" for name in REQUESTS] + ["comm_open", "comm_msg", "comm_close", "input_reply", "status", "", None, 7, []]
NAMES = ["code", "cursor_pos", "detail_level", "silent", "store_history", "user_expressions", "allow_stdin", "stop_on_error",
         "hist_access_type", "n", "session", "start", "stop", "pattern", "unique", "output", "raw", "comm_id", "target_name", "data",
         "restart", "value"]
TEXTS = ["", "\x00", "?", "%", "%%", "%%nothing\n", "{", "}" * 50, "\"", "/*", "//", "Math.", "int x", "String?", "tail", "range", "search",
         "*" * 200, "é\U0001F600", "a" * 5000, "((((((((((", "import", "@", "\\", "\\u", "'", "$1", "var"]


class Fuzz:

    def __init__(self, client, seed):
        self.random = random.Random(seed)
        self.client = client
        self.sockets = [client.shell_channel.socket, client.shell_channel.socket, client.control_channel.socket,
                        client.stdin_channel.socket]
        self.forger = Session(key=b"guessed", session=client.session.session)

    def value(self, depth=0):
        pick = self.random.randrange(9 if depth < 2 else 7)
        if pick < 3:
            return self.random.choice(TEXTS)
        if pick < 7:
            return [None, True, -1, 10 ** 18, 1.5, 0, 2 ** 31][self.random.randrange(7)]
        if pick == 7:
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        return {self.random.choice(NAMES): self.value(depth + 1) for _ in range(self.random.randrange(4))}

    def message(self, session):
        message = session.msg("x", {name: self.value() for name in self.random.sample(NAMES, self.random.randrange(8))})
        message["header"]["msg_type"] = message["msg_type"] = self.random.choice(TYPES)
        return message

    def noise(self):
        frames = [self.random.randbytes(self.random.choice([0, 1, 9, 100, 5000])) for _ in range(self.random.randrange(1, 9))]
        if self.random.random() < 0.5:
            frames[self.random.randrange(len(frames))] = b"<IDS|MSG>"
        return frames

    def forged(self):
        return self.forger.serialize(self.message(self.forger))

    def changed(self):
        frames = self.client.session.serialize(self.message(self.client.session))
        part = self.random.randrange(1, len(frames))
        frame = bytearray(frames[part])
        frame[self.random.randrange(len(frame))] ^= 1 << self.random.randrange(8)
        frames[part] = bytes(frame)
        return frames

    def broken_json(self):
        parts = self.client.session.serialize(self.message(self.client.session))[2:]
        part = self.random.randrange(4)
        text = parts[part]
        at = self.random.randrange(len(text))
        junk = self.random.choice([b"", b"}", b"[", b"\xff", b'"', b"nul", b"1e99999", b"{" * 2000, b"\\ud83d"])
        parts[part] = text[:at] + junk + text[at + self.random.randrange(3):]
        return [b"<IDS|MSG>", self.client.session.sign(parts), *parts]

    def odd_fields(self):
        return self.client.session.serialize(self.message(self.client.session))

    def send(self):
        kind = self.random.choices(list(KINDS), KINDS.values())[0]
        self.random.choice(self.sockets).send_multipart(getattr(self, kind)())
        return kind


def drain(client, wait=0):
    for channel in (client.iopub_channel, client.shell_channel, client.control_channel, client.stdin_channel):
        while channel.socket.poll(wait, zmq.POLLIN):
            channel.socket.recv_multipart()


def heap(case):
    """Bytes that live objects take in the kernel."""
    run = case.run_cell("for (int i = 0; i < 3; i++) { System.gc(); }"
                        " System.out.print(Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());")
    return int(run.text())


def settle(case):
    """Waits until the kernel has answered all that was sent before."""
    for channel in ("control", "shell"):
        message = case.client.session.msg("kernel_info_request", {})
        getattr(case.client, f"{channel}_channel").send(message)
        end = time.monotonic() + 120
        while True:
            try:
                reply = getattr(case.client, f"{channel}_channel").socket.recv_multipart(zmq.NOBLOCK)
                if message["header"]["msg_id"].encode() in reply[reply.index(b"<IDS|MSG>") + 3]:
                    break
            except zmq.Again:
                assert time.monotonic() < end, f"the {channel} channel does not answer"
                time.sleep(0.01)
            while case.client.iopub_channel.socket.poll(0):
                case.client.iopub_channel.socket.recv_multipart()
    drain(case.client, wait=200)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    class Case(KernelCase):
        pass

    Case.setUpClass()
    try:
        case = Case()
        process = psutil.Process(Case.manager.provisioner.pid)
        fuzz = Fuzz(Case.client, options.seed)
        case.run_cell("int kept = 42;")
        warm = options.messages // 5
        counts = dict.fromkeys(KINDS, 0)
        began = time.monotonic()
        for i in range(options.messages):
            if i == warm:
                settle(case)
                heap_before, rss_before = heap(case), process.memory_info().rss
            counts[fuzz.send()] += 1
            if i % 100 == 99:
                drain(Case.client)
        settle(case)
        seconds = time.monotonic() - began
        assert Case.manager.is_alive(), "the kernel is dead"
        run = case.run_cell("kept")
        assert run.contents("execute_result")[0]["data"]["text/plain"] == "42", run.reply
        heap_growth, rss_growth = heap(case) - heap_before, process.memory_info().rss - rss_before
        print(f"{options.messages} messages in {seconds:.1f} s: {json.dumps(counts)}")
        print(f"after the first {warm}: live heap {heap_growth / 1e6:+.1f} MB, resident {rss_growth / 1e6:+.1f} MB")
        # What runs or is completed leaves names in the compiler's tables, and the collector leaves gaps: some MB, once.
        assert heap_growth < 24e6, "the live heap has grown"
        assert rss_growth < 150e6, "the resident memory has grown"
    finally:
        Case.tearDownClass()
    print("alive, and not grown")


if __name__ == "__main__":
    main()
