"""What type checkers know of a call: what `forward` takes and gives. For `mypy`, not for pytest."""

# mypy: warn-unused-ignores

from typing import assert_type

from torch import nn
from torch.autograd import Variable
from torch.nn.utils.rnn import PackedSequence


class Counted(nn.Module):
    def forward(self, x: Variable, count: int = 1) -> tuple[Variable, int]:
        return x, count


def calls(x: Variable, packed: PackedSequence) -> None:
    assert_type(Counted()(x), tuple[Variable, int])
    assert_type(Counted()(x, count=2)[1], int)
    assert_type(nn.Linear(2, 3)(x), Variable)
    assert_type(nn.CrossEntropyLoss()(x, x), Variable)
    assert_type(nn.MultiheadAttention(2, 1)(x, x, x), tuple[Variable, Variable | None])
    assert_type(nn.LSTM(2, 3)(x), tuple[Variable, tuple[Variable, Variable]])
    assert_type(nn.LSTM(2, 3)(packed), tuple[PackedSequence, tuple[Variable, Variable]])
    assert_type(nn.GRU(2, 3)(packed), tuple[PackedSequence, Variable])
    assert_type(nn.LSTMCell(2, 3)(x), tuple[Variable, Variable])


def chains() -> None:
    assert_type(Counted().eval().double().apply(print), Counted)
    assert_type(nn.utils.weight_norm(nn.Linear(2, 3)), nn.Linear)


def mistakes(x: Variable) -> None:
    Counted()("x")  # type: ignore[arg-type]
    Counted()(x, number=1)  # type: ignore[call-arg]
    nn.Linear(2, 3)()  # type: ignore[call-arg]
    assert_type(Counted()(x), Variable)  # type: ignore[assert-type]
