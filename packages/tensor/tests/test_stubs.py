"""The type stub says what the op table says."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "ci/stubs.py"


@pytest.mark.skipif(not SCRIPT.exists(), reason="needs ci/stubs.py of the repository")
def test_stub_is_what_the_op_table_says():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
