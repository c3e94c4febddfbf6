"""Displays, their updates and the clearing of output."""

from kernel_case import KernelCase


class DisplayTest(KernelCase):

    def test_a_display_is_updated_by_its_id(self):
        run = self.run_cell('String id = display("first"); updateDisplay(id, "second");')
        self.assertEqual(run.types(), ["execute_input", "display_data", "update_display_data"])
        shown, updated = run.contents("display_data")[0], run.contents("update_display_data")[0]
        self.assertEqual(shown["data"]["text/plain"], "first")
        self.assertEqual(updated["data"]["text/plain"], "second")
        self.assertTrue(shown["transient"]["display_id"])
        self.assertEqual(shown["transient"], updated["transient"])

    def test_a_later_cell_updates_an_earlier_display(self):
        shown = self.run_cell('String kept = display("first");').contents("display_data")[0]
        updated = self.run_cell('updateDisplay(kept, "again");').contents("update_display_data")[0]
        self.assertEqual(shown["transient"], updated["transient"])

    def test_output_is_cleared_at_once_or_with_the_next(self):
        run = self.run_cell('System.out.print("a"); clearOutput(true); clearOutput(); System.out.print("b");')
        self.assertEqual(run.reply["status"], "ok", run.reply)
        self.assertEqual(run.types(), ["execute_input", "stream", "clear_output", "clear_output", "stream"])
        self.assertEqual([content["wait"] for content in run.contents("clear_output")], [True, False])

    def test_rendered_types_are_in_one_bundle(self):
        run = self.run_cell(
            'var both = new org.dflib.jjava.jupyter.kernel.display.DisplayData("plain"); both.putHTML("<b>bold</b>"); display(both);')
        self.assertEqual(run.contents("display_data")[0]["data"], {"text/plain": "plain", "text/html": "<b>bold</b>"})
