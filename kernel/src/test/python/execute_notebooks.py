"""Executes notebooks of a folder as nbclient and nbconvert do; prints what came of each."""

import pathlib
import subprocess
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

folder = pathlib.Path(sys.argv[1])


def executed(name):
    notebook = nbformat.read(folder / name, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="pomona", resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.validate(notebook)
    return notebook


notebook = executed("shown.ipynb")
for cell in notebook.cells:
    if cell.cell_type == "code":
        print("nbclient:", cell.id, *sorted({kind for output in cell.outputs for kind in output.get("data", {output.get("name"): 0})}))
print("nbclient:", notebook.cells[4].outputs[0].data["text/plain"], "|", notebook.metadata.language_info.file_extension)

try:
    executed("failing.ipynb")
except CellExecutionError as error:
    print("nbclient:", error.ename, error.evalue)

subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "shown.ipynb"], cwd=folder, check=True,
               capture_output=True)
html = (folder / "shown.html").read_text()
print("nbconvert: html with", "the table" if "pruned &lt;90 %&gt;" in html else "no table",
      "and", "coloured Java" if '<span class="n">Table</span>' in html else "plain Java")
nbformat.write(notebook, folder / "done.ipynb")
subprocess.run([sys.executable, "-m", "nbconvert", "--to", "script", "done.ipynb"], cwd=folder, check=True, capture_output=True)
print("nbconvert:", *sorted(path.name for path in folder.glob("done.*")))
