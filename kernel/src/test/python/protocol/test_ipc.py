"""The same kernel over Unix-domain sockets, as KernelManager(transport="ipc") asks for it."""

import glob
import os
import socket
import stat

import psutil
from jupyter_client.session import Session

import test_comms
import test_stdin
from kernel_case import KernelCase


class IpcTest(KernelCase):

    transport = "ipc"

    def test_the_sockets_are_of_the_unix_domain(self):
        for name in ("shell", "iopub", "stdin", "hb", "control"):
            path = f"{self.manager.ip}-{getattr(self.manager, name + '_port')}"
            self.assertTrue(stat.S_ISSOCK(os.stat(path).st_mode), path)
        process = psutil.Process(self.manager.provisioner.pid)
        self.assertEqual([c for c in process.net_connections("inet") if c.status == "LISTEN"], [])

    def test_cells_run(self):
        run = self.run_cell('System.out.println("out"); 6 * 7')
        self.assertEqual(run.types(), ["execute_input", "stream", "execute_result"])

    def test_ten_megabytes_arrive(self):
        run = self.run_cell('String line = "x".repeat(99); for (int i = 0; i < 100_000; i++) System.out.println(line);')
        self.assertEqual(run.text(), ("x" * 99 + "\n") * 100_000)

    def test_a_long_cell_arrives(self):
        text = "é" * 3_000_000
        run = self.run_cell(f"// {text}\n1 + 1")
        self.assertEqual(run.reply["status"], "ok")
        self.assertEqual(run.contents("execute_input")[0]["code"], f"// {text}\n1 + 1")

    def test_the_heartbeat_answers(self):
        self.client.hb_channel.unpause()
        self.run_cell("Thread.sleep(2500);")
        self.assertTrue(self.client.hb_channel.is_beating())

    def test_two_clients_share_a_kernel(self):
        other = self.connect(session=Session(key=self.manager.session.key))
        self.run_cell("int shared = 3;")
        other.execute("shared + 1")
        self.assertEqual(other.get_shell_msg(timeout=30)["content"]["status"], "ok")
        other.stop_channels()
        self.assertEqual(self.run_cell("shared").reply["status"], "ok")

    def test_a_client_that_connects_again_under_its_name_is_answered(self):
        self.client.stop_channels()
        type(self).client = self.connect()
        self.assertEqual(self.run_cell("1").reply["status"], "ok")

    def test_strangers_that_say_nothing_or_nonsense_hurt_nobody(self):
        strangers = []
        for name in ("shell", "iopub", "stdin", "hb", "control"):
            for words in (b"", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 1000, b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48 + b"\x04\xff"):
                stranger = socket.socket(socket.AF_UNIX)
                stranger.connect(f"{self.manager.ip}-{getattr(self.manager, name + '_port')}")
                stranger.sendall(words)
                strangers.append(stranger)
        self.assertEqual(self.run_cell("1").reply["status"], "ok")
        for stranger in strangers:
            stranger.close()
        self.assertEqual(self.run_cell("1").reply["status"], "ok")

    def test_an_interrupt_stops_a_cell(self):
        msg_id = self.client.execute('System.out.println("on"); while (true) {}')
        while self.client.iopub_channel.get_msg(timeout=30)["msg_type"] != "stream":
            pass
        self.manager.interrupt_kernel()
        self.assertEqual(self.reply(msg_id)["content"]["ename"], "Interrupted")



class IpcEndTest(KernelCase):

    transport = "ipc"

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()

    def test_a_restart_keeps_the_names_and_a_shutdown_leaves_no_file(self):
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=60)
        self.assertEqual(self.run_cell("1").reply["status"], "ok")
        reply = self.ask_shutdown()
        self.assertEqual(reply, {"status": "ok", "restart": False})
        self.manager.provisioner.process.wait(timeout=10)
        self.assertEqual(glob.glob(f"{glob.escape(self.manager.ip)}-*"), [])
        self.manager.cleanup_resources()

    def ask_shutdown(self):
        message = self.client.session.msg("shutdown_request", {"restart": False})
        self.client.control_channel.send(message)
        return self.reply(message["header"]["msg_id"], "control")["content"]


class IpcCommsTest(test_comms.CommsTest):

    transport = "ipc"


class IpcStdinTest(test_stdin.StdinTest):

    transport = "ipc"


del test_comms, test_stdin
