"""Comms opened by either side, their messages, and what comm_info lists."""

import uuid

from kernel_case import KernelCase

ECHO = """
import com.google.gson.JsonObject;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.comm.*;
import org.dflib.jjava.jupyter.messages.Message;
import org.dflib.jjava.jupyter.messages.comm.*;

class Echo extends Comm {
    final List<String> heard = new ArrayList<>();
    Echo(CommManager manager, String id, String target) { super(manager, id, target); }
    @Override protected void onMessage(Message<CommMsgCommand> message) {
        heard.add(message.getContent().getData().toString());
        List<byte[]> blobs = message.getBlobs() == null ? List.of() : message.getBlobs();
        send(message.getContent().getData(), Map.of("echoed", true), blobs);
    }
    @Override protected void onClose(Message<CommCloseCommand> message, boolean sending) { heard.add("closed"); }
}
List<Echo> echoes = new ArrayList<>();
CommManager comms = BaseKernel.notebookKernel().getCommManager();
comms.registerTarget("echo", (manager, id, target, message) -> {
    Echo echo = new Echo(manager, id, target);
    echo.heard.add("opened with " + message.getContent().getData());
    echoes.add(echo);
    return echo;
});
"""


class CommsTest(KernelCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        reply = cls.client.execute(ECHO, reply=True, timeout=60)
        assert reply["content"]["status"] == "ok", reply

    def send(self, kind, content, buffers=None):
        """Sends a comm message; gives what is published for it, busy and idle included."""
        message = self.client.session.msg(kind, content)
        self.client.session.send(self.client.shell_channel.socket, message, buffers=buffers)
        return self.published(message["header"]["msg_id"])

    def open(self):
        comm_id = uuid.uuid4().hex
        published = self.send("comm_open", {"comm_id": comm_id, "target_name": "echo", "data": {"n": 1}})
        self.assertEqual([m["msg_type"] for m in published], ["status", "status"])
        return comm_id

    def test_the_front_end_opens_talks_and_closes(self):
        comm_id = self.open()
        answer = self.send("comm_msg", {"comm_id": comm_id, "data": {"a": [1, "é"]}}, [b"\x00\xff", b"two"])[1]
        self.assertEqual(answer["msg_type"], "comm_msg")
        self.assertEqual(answer["content"], {"comm_id": comm_id, "data": {"a": [1, "é"]}})
        self.assertEqual(answer["metadata"], {"echoed": True})
        self.assertEqual([bytes(buffer) for buffer in answer["buffers"]], [b"\x00\xff", b"two"])
        self.assertEqual(self.ask("comm_info_request", {"target_name": "echo"})["comms"][comm_id], {"target_name": "echo"})
        self.send("comm_close", {"comm_id": comm_id, "data": {}})
        self.assertNotIn(comm_id, self.ask("comm_info_request", {})["comms"])
        heard = self.run_cell("echoes.get(echoes.size() - 1).heard").contents("execute_result")[0]["data"]["text/plain"]
        self.assertEqual(heard, '[opened with {"n":1}, {"a":[1,"é"]}, closed]')

    def test_the_kernel_opens_talks_and_closes(self):
        run = self.run_cell("""
Comm mine = comms.openComm("front", (manager, id, target, message) -> {
    message.getContent().getData().addProperty("hello", "there");
    return new Echo(manager, id, target);
});
JsonObject data = new JsonObject();
data.addProperty("value", 1);
mine.send(data);
""")
        self.assertEqual(run.types(), ["execute_input", "comm_open", "comm_msg"])
        opened, told = run.contents("comm_open")[0], run.contents("comm_msg")[0]
        self.assertEqual((opened["target_name"], opened["data"]), ("front", {"hello": "there"}))
        self.assertEqual(told, {"comm_id": opened["comm_id"], "data": {"value": 1}})
        self.assertEqual(self.ask("comm_info_request", {"target_name": "front"})["comms"], {opened["comm_id"]: {"target_name": "front"}})
        answer = self.send("comm_msg", {"comm_id": opened["comm_id"], "data": {"back": True}})[1]
        self.assertEqual(answer["content"]["data"], {"back": True})
        self.assertEqual(self.run_cell("mine.close();").types(), ["execute_input", "comm_close"])
        self.assertEqual(self.ask("comm_info_request", {"target_name": "front"})["comms"], {})

    def test_an_unknown_target_is_closed(self):
        published = self.send("comm_open", {"comm_id": "c1", "target_name": "nobody", "data": {}})
        self.assertEqual([m["msg_type"] for m in published], ["status", "comm_close", "status"])
        self.assertEqual(published[1]["content"]["comm_id"], "c1")

    def test_messages_to_nobody_and_without_content_are_passed_over(self):
        for kind in ("comm_open", "comm_msg", "comm_close"):
            for content in ({}, {"comm_id": None}, {"comm_id": [1], "data": 3}, {"comm_id": "nobody", "data": {}}):
                with self.subTest(kind, content=content):
                    published = self.send(kind, content)
                    self.assertEqual(published[-1]["content"]["execution_state"], "idle")
        self.assertEqual(self.run_cell("1").reply["status"], "ok")

    def test_a_handler_that_fails_hurts_nobody(self):
        self.run_cell("""
comms.registerTarget("failing", (manager, id, target, message) -> { throw new IllegalStateException("no comm today"); });
""")
        published = self.send("comm_open", {"comm_id": "f1", "target_name": "failing", "data": {}})
        self.assertEqual(published[-1]["content"]["execution_state"], "idle")
        self.assertEqual(self.run_cell("1").reply["status"], "ok")

    def test_the_front_ends_words_wait_behind_a_cell(self):
        comm_id = self.open()
        cell = self.client.execute("Thread.sleep(500); int said = echoes.get(echoes.size() - 1).heard.size();")
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": {}})
        self.client.shell_channel.send(message)
        self.reply(cell)
        self.published(message["header"]["msg_id"])
        self.assertEqual(self.run_cell("said").contents("execute_result")[0]["data"]["text/plain"], "1")
