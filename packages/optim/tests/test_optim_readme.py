"""The examples of the README run."""

import re
from pathlib import Path


def test_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parent.parent / "README.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", text, re.S)
    assert examples
    names: dict = {}
    for example in examples:
        exec(example, names)  # later examples use the imports of earlier ones
