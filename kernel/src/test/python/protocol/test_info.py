"""kernel_info, is_complete, completion, inspection and history as every front end asks for them."""

from kernel_case import KernelCase


class InfoTest(KernelCase):

    def test_kernel_info_is_whole(self):
        info = self.ask("kernel_info_request")
        self.assertEqual(info["protocol_version"], "5.5")
        self.assertEqual(info["implementation"], "pomona")
        self.assertRegex(info["implementation_version"], r"^\d+\.\d+")
        self.assertEqual(info["supported_features"], [])
        self.assertIs(info["debugger"], False)
        self.assertRegex(info["banner"], r"^Pomona \S+ on Java \d+")
        language = info["language_info"]
        self.assertEqual(language["name"], "java")
        self.assertRegex(language["version"], r"^\d+")
        self.assertEqual(language["mimetype"], "text/x-java-source")
        self.assertEqual(language["file_extension"], ".jshell")
        self.assertEqual(language["pygments_lexer"], "java")
        self.assertEqual(language["codemirror_mode"], "text/x-java")
        self.assertEqual(language["nbconvert_exporter"], "script")
        self.assertGreaterEqual(len(info["help_links"]), 2)
        for link in info["help_links"]:
            self.assertEqual(set(link), {"text", "url"})
            self.assertTrue(link["url"].startswith("https://"), link)

    def test_the_control_channel_answers_too(self):
        self.assertEqual(self.ask("kernel_info_request", channel="control"), self.ask("kernel_info_request"))

    def test_the_lexer_is_one_that_pygments_has(self):
        from pygments.lexers import get_lexer_by_name

        self.assertEqual(get_lexer_by_name(self.ask("kernel_info_request")["language_info"]["pygments_lexer"]).name, "Java")

    def test_completeness(self):
        for code, status in (
            ("int a = 1;", "complete"),
            ("", "complete"),
            ("for (;;) {", "incomplete"),
            ("int x = = 3;", "invalid"),
            ("%%time", "incomplete"),
        ):
            with self.subTest(code):
                self.assertEqual(self.ask("is_complete_request", {"code": code})["status"], status)

    def test_completion_counts_code_points(self):
        code = 'String s = "\U0001F600"; s.toUpp'
        reply = self.ask("complete_request", {"code": code, "cursor_pos": len(code)})
        self.assertEqual(reply["matches"], ["toUpperCase("])
        self.assertEqual((reply["cursor_start"], reply["cursor_end"]), (code.index("toUpp"), len(code)))

    def test_cursors_out_of_range_are_moved_into_it(self):
        for cursor in (-5, 0, 99, None):
            with self.subTest(cursor):
                self.ask("complete_request", {"code": "Math.ma", "cursor_pos": cursor})
                self.ask("inspect_request", {"code": "Math.max", "cursor_pos": cursor, "detail_level": 1})

    def test_requests_without_fields_are_answered(self):
        for kind in ("complete", "inspect", "is_complete", "history", "comm_info", "execute", "kernel_info"):
            with self.subTest(kind):
                self.assertIn("status", self.ask(f"{kind}_request", {}))

    def test_fields_of_the_wrong_type_are_answered(self):
        odd = {"code": ["a"], "cursor_pos": "b", "silent": 3, "user_expressions": [], "hist_access_type": {}, "n": "c"}
        for kind in ("complete", "inspect", "is_complete", "history", "comm_info", "execute", "kernel_info"):
            with self.subTest(kind):
                self.assertIn("status", self.ask(f"{kind}_request", odd))

    def test_unknown_requests_are_passed_over(self):
        message = self.client.session.msg("brew_request", {})
        self.client.shell_channel.send(message)
        self.published(message["header"]["msg_id"])
        self.assertEqual(self.run_cell("1").reply["status"], "ok")
