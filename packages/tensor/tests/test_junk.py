"""No argument crashes the interpreter: junk.py in processes of its own."""

import subprocess
import sys

import pytest
from harness import HERE, run

CALLS = 6000


@pytest.mark.parametrize("part", range(3))
def test_junk(part, tmp_path):
    log = tmp_path / "call"
    command = [sys.executable, "-X", "faulthandler", str(HERE / "junk.py"), str(part), str(CALLS)]
    try:
        done = subprocess.run(
            [*command, str(log)], capture_output=True, text=True, timeout=120, cwd=tmp_path
        )
    except subprocess.TimeoutExpired:
        raise AssertionError(f"does not end: {log.read_text().strip()}") from None
    last = log.read_text().strip() if log.exists() else "(no call)"
    assert done.returncode == 0, f"exit code {done.returncode} in {last}\n{done.stderr[-3000:]}"


@pytest.mark.parametrize(
    "code",
    [
        "x = torch.zeros(1).expand(2**40); x.storage().resize_(0); repr(x[:3])",
        "l = []; l.append(l); torch.tensor(l)",
        "l = [[1, 2]]; l[0].append(l); torch.tensor(l)",
        "torch.ones(2, 2) @ torch.ones(2**20, 2).t()[:, :0]",
        "torch.set_num_threads(1024); torch.ones(400, 400) @ torch.ones(400, 400)",
        "torch.set_num_threads(1024); (torch.ones(10**7) + 1).sum()",
        "torch.FloatTensor.__new__(torch.Tensor)",
        "object.__new__(torch.FloatTensor)",
        "torch.FloatTensor.__new__(int)",
        "torch.Tensor.add(1, 2)",
        "torch.Tensor.__getitem__(1, 2)",
        "torch.FloatTensor.dtype.__get__(1)",
        "torch._C._Storage.__new__(torch._C._Storage).size()",
        "torch.FloatStorage.__new__(torch.FloatStorage).tolist()",
        "torch.FloatTensor(torch.FloatStorage.__new__(torch.FloatStorage))",
        "torch.Generator.__new__(torch.Generator).get_state()",
        "torch.rand(3, generator=torch.Generator.__new__(torch.Generator))",
        "type('T', (torch.FloatTensor, int), {})",
        "type('T', (torch.FloatTensor, torch.IntTensor), {})(2)",
        "x = torch.ones(2); x.__init__(3); x.__class__ = torch.IntTensor",
        "x = torch.ones(1); x.set_(x); x.set_(x.storage()); x.copy_(x); x.resize_as_(x)",
        "import sys; x = torch.ones(2); [memoryview(x) for _ in range(10)]; x.resize_(10**6)",
        "torch.zeros([1] * 64).permute(*range(64)).sum(list(range(64)))",
        "torch.ones(2)[tuple([None] * 63)].expand(*[1] * 63, 2).contiguous()",
        "torch._C._add_methods({1: 2})",
        "torch.exp(**{chr(0xD800): 1})",
        "torch.get_num_threads(**{chr(0xD800): 1})",
        "torch.FloatStorage(2).size(**{chr(0xD800): 1})",
        "del torch.FloatTensor.exp",
        "torch.exp.__reduce__(); torch.exp.__call__(); torch.Tensor.exp()",
    ],
)
def test_what_has_crashed_others(code):
    run(
        f"import torch\ntry:\n    {code}\n"
        "except Exception as error:\n    assert type(error) is not SystemError, error"
    )
