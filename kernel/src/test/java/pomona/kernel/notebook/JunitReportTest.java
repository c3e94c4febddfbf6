package pomona.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.kernel.JunitSchema;

class JunitReportTest {

    private static final String RAN = "\"execution_count\": 1, \"metadata\": {\"execution\": {"
            + "\"iopub.execute_input\": \"2026-01-01T00:00:00Z\", \"shell.execute_reply\": \"2026-01-01T00:00:01.500Z\"}";

    @TempDir
    Path folder;

    @Test
    void everyCodeCellIsATestCase() throws Exception {
        JunitReport report = new JunitReport();
        report.add("./work/my.first.ipynb", Notebook.parse("""
                {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [
                  {"cell_type": "markdown", "metadata": {}, "source": "# no case"},
                  {"cell_type": "code", "source": "\\n f(1 < 2);", %s}, "outputs": [
                    {"output_type": "stream", "name": "stdout", "text": ["\\u001b[31mred\\u001b[0m & \\u0007bell\\n"]},
                    {"output_type": "stream", "name": "stderr", "text": "warned\\n"},
                    {"output_type": "execute_result", "execution_count": 1, "metadata": {},
                     "data": {"text/plain": "42", "text/html": "<b>42</b>"}}]},
                  {"cell_type": "code", "source": "expected()", %s, "tags": ["raises-exception"]}, "outputs": [
                    {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["E: v"]}]},
                  {"cell_type": "code", "source": "left out", "execution_count": null, "outputs": [],
                   "metadata": {"tags": ["skip-execution"]}},
                  {"cell_type": "code", "source": "  ", "execution_count": null, "outputs": [], "metadata": {}},
                  {"cell_type": "code", "source": "boom()", %s}, "outputs": [
                    {"output_type": "error", "ename": "Boom", "evalue": "it \\"went\\"",
                     "traceback": ["\\u001b[1mBoom\\u001b[0m: it \\"went\\"", "Cell In[4], line 1"]}]},
                  {"cell_type": "code", "source": "later()", "execution_count": null, "outputs": [], "metadata": {}}]}
                """.formatted(RAN, RAN, RAN), "x"));
        report.addLost("killed.ipynb", "was killed");
        Path file = folder.resolve("report.xml");
        report.write(file);

        JunitSchema.assertFollows(file);
        assertThat(Files.readString(file)).isEqualTo("""
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites>
                  <testsuite name="./work/my.first.ipynb" time="4.500" tests="5" errors="0" skipped="2" failures="1">
                    <testcase name="1: f(1 &lt; 2);" classname="work.my_first" time="1.500">
                      <system-out>red &amp; \uFFFDbell
                42
                </system-out>
                      <system-err>warned
                </system-err>
                    </testcase>
                    <testcase name="2: expected()" classname="work.my_first" time="1.500">
                    </testcase>
                    <testcase name="3: left out" classname="work.my_first" time="0.000">
                      <skipped message="tagged skip-execution"></skipped>
                    </testcase>
                    <testcase name="4: boom()" classname="work.my_first" time="1.500">
                      <failure message="it &quot;went&quot;" type="Boom">Boom: it "went"
                Cell In[4], line 1
                </failure>
                    </testcase>
                    <testcase name="5: later()" classname="work.my_first" time="0.000">
                      <skipped message="not reached"></skipped>
                    </testcase>
                  </testsuite>
                  <testsuite name="killed.ipynb" time="0.000" tests="1" errors="1" skipped="0" failures="0">
                    <testcase name="the run" classname="killed" time="0.000">
                      <error message="was killed" type="Lost">was killed</error>
                    </testcase>
                  </testsuite>
                </testsuites>
                """);
    }
}
