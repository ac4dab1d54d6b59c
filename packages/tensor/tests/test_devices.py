"""Says which devices the suite did not run on."""

import pytest
import torch


def test_cuda_was_tested():
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device, or built without CUDA: the suite ran on the CPU only")
    assert torch.cuda.device_count() >= 1
