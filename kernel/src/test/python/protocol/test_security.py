"""What the kernel refuses to hear: wrong signatures, broken frames, other addresses."""

import socket
import time

import psutil
from jupyter_client.session import Session
from zmq import SNDMORE

from kernel_case import KernelCase


class SecurityTest(KernelCase):

    def unanswered(self, *frames):
        """Sends frames; they bring no message at all, and the kernel goes on."""
        shell = self.client.shell_channel.socket
        for frame in frames[:-1]:
            shell.send(frame, SNDMORE)
        shell.send(frames[-1])
        self.assertEqual(self.run_cell("1").reply["status"], "ok")

    def frames(self, kind, content, **session):
        session = Session(**{"key": self.client.session.key, "session": self.client.session.session, **session})
        return session.serialize(session.msg(kind, content))

    def test_messages_signed_with_another_key_are_dropped(self):
        for key in (b"guessed", b""):
            with self.subTest(key):
                self.unanswered(*self.frames("execute_request", {"code": "int forged = 1;"}, key=key))
        self.assertEqual(self.run_cell("forged").reply["status"], "error")

    def test_changed_parts_are_dropped(self):
        for part in range(2, 6):
            frames = self.frames("execute_request", {"code": "int changed = 1;"})
            frames[part] += b" "
            with self.subTest(part):
                self.unanswered(*frames)
        self.assertEqual(self.run_cell("changed").reply["status"], "error")

    def test_a_signature_in_capitals_or_cut_short_is_dropped(self):
        for change in (bytes.upper, lambda signature: signature[:-1], lambda signature: signature + b"0"):
            frames = self.frames("execute_request", {"code": "int changed = 1;"})
            if change(frames[1]) == frames[1]:
                continue
            frames[1] = change(frames[1])
            self.unanswered(*frames)
        self.assertEqual(self.run_cell("changed").reply["status"], "error")

    def test_broken_frames_are_dropped(self):
        whole = self.frames("kernel_info_request", {})
        for frames in ([b""], [b"nonsense"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b""], whole[:-1], whole[1:], whole[::-1], [b""] * 50):
            with self.subTest(frames):
                self.unanswered(*frames)

    def test_signed_nonsense_is_dropped(self):
        session = self.client.session
        for part in range(4):
            for nonsense in (b"", b"null", b"[]", b"{", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000):
                parts = self.frames("execute_request", {"code": "1"})[2:]
                parts[part] = nonsense
                with self.subTest(part=part, nonsense=nonsense[:10]):
                    self.unanswered(b"<IDS|MSG>", session.sign(parts), *parts)

    def test_only_the_given_address_is_bound(self):
        listening = {c.laddr for c in psutil.Process(self.manager.provisioner.pid).net_connections() if c.status == "LISTEN"}
        ports = {getattr(self.manager, f"{name}_port") for name in ("shell", "iopub", "stdin", "hb", "control")}
        ours = {address for address in listening if address.port in ports}
        self.assertEqual({address.port for address in ours}, ports)
        self.assertEqual({address.ip.replace("::ffff:", "") for address in listening}, {"127.0.0.1"})

    def test_strangers_that_say_nothing_or_nonsense_hurt_nobody(self):
        strangers = []
        for name in ("shell", "iopub", "stdin", "hb", "control"):
            for words in (b"", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 1000, bytes(range(256)) * 40):
                stranger = socket.create_connection(("127.0.0.1", getattr(self.manager, f"{name}_port")))
                stranger.sendall(words)
                strangers.append(stranger)
        time.sleep(0.2)
        self.assertEqual(self.run_cell("1").reply["status"], "ok")
        for stranger in strangers:
            stranger.close()
        self.assertEqual(self.run_cell("1").reply["status"], "ok")
