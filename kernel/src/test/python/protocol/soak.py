"""Runs many cells of all sorts in one kernel and checks that its memory stays flat.

usage: soak.py [--cells 2000] [--growth KB]
Prints the live heap, the metaspace and the resident memory at ten moments. A cell leaves what it declares; what else it
takes, in KB a cell between the first fifth and the end, must be below --growth.
"""

import argparse
import time

import psutil

from kernel_case import KernelCase

CELLS = [
    'int x = {i} * 2; System.out.println(x);',
    'x + {i}',
    'record Point(int x, int y) {{ int sum() {{ return x + y; }} }}\nnew Point({i}, 1).sum()',
    'int twice(int v) {{ return v * 2 + {i} - {i}; }}\ntwice({i})',
    'for (int i = 0; i < 200; i++) System.out.println("line " + i);',
    'display("shown {i}"); String id = display("a"); updateDisplay(id, "b");',
    'int bad = "text {i}";',
    'List.of(1, 2, 3).get({i} + 3)',
    'IntStream.range(0, 1000).filter(n -> n % 7 == {i} % 7).mapToObj(Integer::toString).collect(Collectors.joining(","))',
    'byte[] data = new byte[500_000]; data.length',
]

MEASURE = """
for (int i = 0; i < 3; i++) { System.gc(); }
for (var pool : java.lang.management.ManagementFactory.getMemoryPoolMXBeans())
    if (pool.getName().equals("Metaspace")) System.out.print(pool.getUsage().getUsed() + " ");
System.out.print(Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--growth", type=float, default=120)
    options = parser.parse_args()

    class Case(KernelCase):
        pass

    Case.setUpClass()
    try:
        case = Case()
        process = psutil.Process(Case.manager.provisioner.pid)
        case.run_cell("int x = 0;")
        rows = []
        print(f"{'cells':>6}{'heap MB':>9}{'metaspace MB':>14}{'resident MB':>13}{'threads':>9}{'ms a cell':>11}")
        began = time.monotonic()
        for i in range(1, options.cells + 1):
            run = case.run_cell(CELLS[i % len(CELLS)].format(i=i))
            expected = "error" if i % len(CELLS) in (6, 7) else "ok"
            assert run.reply["status"] == expected, (i, run.reply)
            if i % 5 == 0:
                case.ask("complete_request", {"code": "x.toSt" if i % 2 else "Math.", "cursor_pos": 5})
                case.ask("inspect_request", {"code": "Math.max", "cursor_pos": 8, "detail_level": 0})
            if i % (options.cells // 10) == 0:
                elapsed = time.monotonic() - began
                metaspace, heap = map(int, case.run_cell(MEASURE, store_history=False).text().split())
                rows.append((i, heap, metaspace, process.memory_info().rss))
                print(f"{i:6}{heap / 1e6:9.1f}{metaspace / 1e6:14.1f}{rows[-1][3] / 1e6:13.1f}{process.num_threads():9}"
                      f"{elapsed / (options.cells / 10) * 1e3:11.1f}", flush=True)
                began = time.monotonic()
    finally:
        Case.tearDownClass()
    first, last = rows[1], rows[-1]
    growth = (last[1] + last[2] - first[1] - first[2]) / (last[0] - first[0]) / 1e3
    print(f"live heap and metaspace grow by {growth:.1f} KB a cell")
    assert growth < options.growth, "memory is not flat"


if __name__ == "__main__":
    main()
