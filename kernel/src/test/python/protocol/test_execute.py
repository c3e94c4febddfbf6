"""Execute requests: counts, silence, expressions, aborts and errors."""

import time

import zmq
from jupyter_client.session import Session

from kernel_case import KernelCase, Run


class ExecuteTest(KernelCase):

    def test_messages_come_in_order(self):
        run = self.run_cell('System.out.println("out"); System.err.println("err"); display("d"); 6 * 7')
        self.assertEqual(run.types(), ["execute_input", "stream", "stream", "display_data", "execute_result"])
        self.assertEqual(run.contents("execute_result")[0]["data"], {"text/plain": "42"})
        count = run.reply["execution_count"]
        self.assertEqual(run.contents("execute_result")[0]["execution_count"], count)
        self.assertEqual(run.contents("execute_input")[0]["execution_count"], count)

    def test_counts_rise_by_one(self):
        first = self.run_cell("1").reply["execution_count"]
        self.assertEqual(self.run_cell("int z = 1 / 0;").reply["execution_count"], first + 1)
        self.assertEqual(self.run_cell("1", silent=True).reply["execution_count"], first + 2)
        self.assertEqual(self.run_cell("1", store_history=False).reply["execution_count"], first + 2)
        self.assertEqual(self.run_cell("1").reply["execution_count"], first + 2)

    def test_silent_publishes_nothing_but_status(self):
        run = self.run_cell("int hushed = 5; System.out.println(hushed); hushed", silent=True)
        self.assertEqual(run.types(), [])
        self.assertEqual(self.run_cell("hushed").contents("execute_result")[0]["data"]["text/plain"], "5")

    def test_cells_that_are_not_stored_leave_no_history(self):
        self.run_cell("int stored = 1;")
        self.run_cell("int forgotten = 1;", store_history=False)
        self.run_cell("int silenced = 1;", silent=True)
        tail = [entry[2] for entry in self.ask("history_request", {
            "hist_access_type": "tail", "n": 1, "output": False, "raw": True})["history"]]
        self.assertEqual(tail, ["int stored = 1;"])

    def test_user_expressions_are_shown_or_fail_each(self):
        run = self.run_cell("int u = 5;", user_expressions={"twice": "u * 2", "wrong": "nowhere", "odd": "u +"})
        values = run.reply["user_expressions"]
        self.assertEqual(values["twice"], {"status": "ok", "data": {"text/plain": "10"}, "metadata": {}})
        for name in ("wrong", "odd"):
            self.assertEqual(values[name]["status"], "error")
            self.assertEqual(set(values[name]), {"status", "ename", "evalue", "traceback"})
        self.assertEqual(run.types(), ["execute_input"])
        alone = self.run_cell("", silent=True, user_expressions={"twice": "u * 2"})
        self.assertEqual(alone.reply["user_expressions"]["twice"]["data"]["text/plain"], "10")

    def test_errors_are_published_and_replied(self):
        run = self.run_cell("int q = 1 / 0;")
        self.assertEqual(run.reply["status"], "error")
        self.assertEqual((run.reply["ename"], run.reply["evalue"]), ("ArithmeticException", "/ by zero"))
        self.assertEqual(run.contents("error")[0]["traceback"], run.reply["traceback"])

    def queue(self, first, **options):
        """Sends a failing cell and three that wait behind it; gives the four replies' statuses."""
        sent = [self.client.execute(first, **options)]
        sent += [self.client.execute(f"int waiting{i} = {i};") for i in range(3)]
        question = self.client.kernel_info()
        statuses = [self.reply(msg_id)["content"]["status"] for msg_id in sent]
        self.assertEqual(self.reply(question)["content"]["status"], "ok")
        return statuses

    def test_waiting_cells_are_aborted_after_an_error(self):
        self.assertEqual(self.queue("Thread.sleep(300); int a = 1 / 0;"), ["error", "aborted", "aborted", "aborted"])
        self.assertEqual(self.run_cell("1").reply["status"], "ok")

    def test_cells_sent_just_behind_a_quick_error_are_aborted(self):
        for _ in range(5):
            self.assertEqual(self.queue("nowhere"), ["error", "aborted", "aborted", "aborted"])

    def test_aborted_cells_are_busy_and_idle_too(self):
        failing = self.client.execute("Thread.sleep(200); nowhere")
        waiting = self.client.execute("1")
        self.published(failing)
        self.assertEqual([m["content"].get("execution_state") for m in self.published(waiting)], ["busy", "idle"])

    def test_waiting_cells_go_on_if_errors_do_not_stop(self):
        self.assertEqual(self.queue("Thread.sleep(100); nowhere", stop_on_error=False), ["error", "ok", "ok", "ok"])

    def test_cells_sent_after_the_reply_run(self):
        for _ in range(5):
            self.assertEqual(self.run_cell("nowhere").reply["status"], "error")
            self.assertEqual(self.run_cell("1").reply["status"], "ok")

    def test_a_question_mark_shows_help_as_a_page(self):
        run = self.run_cell("Math.max?")
        self.assertEqual(run.reply["status"], "ok")
        self.assertEqual(len(run.reply["payload"]), 1)
        page = run.reply["payload"][0]
        self.assertEqual((page["source"], page["start"]), ("page", 0))
        self.assertIn("Math.max", page["data"]["text/plain"])
        self.assertIn("text/html", page["data"])
        self.assertEqual(self.run_cell("?String").reply["payload"][0]["data"]["text/plain"].split("\n")[0][:16], "java.lang.String")
        nothing = self.run_cell("nowhere?")
        self.assertEqual(nothing.reply["payload"], [])
        self.assertEqual(nothing.reply["evalue"], "There is nothing known of nowhere.")

    def test_an_empty_cell_is_ok(self):
        for code in ("", "  \n", "// nothing"):
            self.assertEqual(self.run_cell(code).types(), ["execute_input"])

    def test_the_heartbeat_answers_during_a_cell(self):
        msg_id = self.client.execute("Thread.sleep(1500);")
        began = time.monotonic()
        with zmq.Context() as context, context.socket(zmq.REQ) as socket:
            socket.linger = 0
            socket.rcvtimeo = 1000
            socket.connect(self.manager._make_url("hb"))
            for _ in range(20):
                socket.send(b"ping")
                self.assertEqual(socket.recv(), b"ping")
        self.assertLess(time.monotonic() - began, 1.2)
        self.assertEqual(self.reply(msg_id)["content"]["status"], "ok")

    def test_two_clients_share_a_kernel(self):
        other = self.connect(session=Session(key=self.manager.session.key))
        try:
            self.run_cell("int shared = 3;")
            msg_id = other.execute("shared + 1")
            self.assertEqual(other.get_shell_msg(timeout=30)["content"]["status"], "ok")
            published = self.published(msg_id)
            self.assertEqual(Run({"content": {}}, published).contents("execute_result")[0]["data"]["text/plain"], "4")
            self.assertEqual(published[0]["parent_header"]["session"], other.session.session)
        finally:
            other.stop_channels()

    def test_a_client_that_connects_again_under_its_name_is_answered(self):
        self.client.stop_channels()
        type(self).client = self.connect()
        self.assertEqual(self.run_cell("1").reply["status"], "ok")
