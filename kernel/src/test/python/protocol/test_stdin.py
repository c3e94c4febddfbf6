"""Cells that read: asked of the front end that runs them, or told that it gives nothing."""

from queue import Empty

from kernel_case import KernelCase


class StdinTest(KernelCase):

    def request(self):
        message = self.client.stdin_channel.get_msg(timeout=30)
        self.assertEqual(message["msg_type"], "input_request")
        return message

    def test_a_line_is_asked_for(self):
        msg_id = self.client.execute("new Scanner(System.in).nextLine().toUpperCase()", allow_stdin=True)
        request = self.request()
        self.assertEqual(request["parent_header"]["msg_id"], msg_id)
        self.assertEqual(request["content"], {"prompt": "", "password": False})
        self.client.input("hello")
        self.assertEqual(self.reply(msg_id)["content"]["status"], "ok")
        result = [m for m in self.published(msg_id) if m["msg_type"] == "execute_result"]
        self.assertEqual(result[0]["content"]["data"]["text/plain"], "HELLO")

    def test_a_prompt_is_shown_before_the_question(self):
        msg_id = self.client.execute('System.out.print("Name: "); new Scanner(System.in).nextLine()', allow_stdin=True)
        self.request()
        # Published already: no line end has come, and no time passes.
        seen = []
        while True:
            try:
                message = self.client.iopub_channel.get_msg(timeout=0.3)
            except Empty:
                break
            if message["msg_type"] == "stream":
                seen.append(message["content"]["text"])
        self.assertEqual(seen, ["Name: "])
        self.client.input("x")
        self.assertEqual(self.reply(msg_id)["content"]["status"], "ok")

    def test_two_lines_are_asked_for_one_by_one(self):
        msg_id = self.client.execute(
            "var lines = new BufferedReader(new InputStreamReader(System.in)); lines.readLine() + lines.readLine()", allow_stdin=True)
        for line in ("é", "\U0001F600"):
            self.request()
            self.client.input(line)
        self.reply(msg_id)
        result = [m for m in self.published(msg_id) if m["msg_type"] == "execute_result"]
        self.assertEqual(result[0]["content"]["data"]["text/plain"], "é\U0001F600")

    def test_the_end_of_input_is_the_end_of_the_stream(self):
        msg_id = self.client.execute("System.in.read()", allow_stdin=True)
        self.request()
        self.client.input("\x04")
        self.reply(msg_id)
        result = [m for m in self.published(msg_id) if m["msg_type"] == "execute_result"]
        self.assertEqual(result[0]["content"]["data"]["text/plain"], "-1")

    def test_a_front_end_without_input_is_not_asked(self):
        run = self.run_cell("System.in.read()", allow_stdin=False)
        self.assertEqual(run.reply["ename"], "StdinNotAllowedException")
        self.assertEqual(run.reply["evalue"], "This front end gives no input to cells.")
        run = self.run_cell("new Scanner(System.in).nextLine()", allow_stdin=False)
        self.assertEqual(run.reply["status"], "error")
        with self.assertRaises(Empty):
            self.client.stdin_channel.get_msg(timeout=0.2)

    def test_an_answer_that_comes_too_late_is_dropped(self):
        msg_id = self.client.execute("System.in.read()", allow_stdin=True)
        self.request()
        self.manager.interrupt_kernel()
        self.assertEqual(self.reply(msg_id)["content"]["status"], "error")
        self.client.input("stale")
        msg_id = self.client.execute("new Scanner(System.in).nextLine()", allow_stdin=True)
        self.request()
        self.client.input("fresh")
        self.reply(msg_id)
        result = [m for m in self.published(msg_id) if m["msg_type"] == "execute_result"]
        self.assertEqual(result[0]["content"]["data"]["text/plain"], "fresh")
