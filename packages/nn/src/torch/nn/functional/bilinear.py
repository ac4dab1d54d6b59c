"""Maps that are linear in each of two inputs."""

from typing import Any

from torch.autograd import Variable

from .arguments import as_variable

__all__ = ["bilinear"]


def bilinear(input1: Variable, input2: Any, weight: Variable, bias: Any = None) -> Variable:
    """y[o] = input1 @ weight[o] @ input2 + bias[o]

    input1 (..., in1), input2 (..., in2), weight (out, in1, in2), bias (out,) -> (..., out)
    """
    out, in1, in2 = weight.size()
    input2 = as_variable(input2)
    first, second = tuple(input1.size()), tuple(input2.size())
    if not first or first[:-1] != second[:-1] or first[-1] != in1 or second[-1] != in2:
        raise ValueError(
            f"bilinear: expected inputs of size (..., {in1}) and (..., {in2}) for a weight of size "
            f"{(out, in1, in2)}, got {first} and {second}"
        )
    if bias is not None and tuple(bias.size()) != (out,):
        raise ValueError(f"bilinear: bias: expected size ({out},), got {tuple(bias.size())}")
    n = input2.numel() // max(in2, 1)
    rows = input1.contiguous().view(n, in1)  # type: ignore[attr-defined]
    columns = input2.contiguous().view(n, in2, 1)
    table = weight.permute(1, 0, 2).contiguous().view(in1, out * in2)  # type: ignore[attr-defined]
    y = rows.mm(table).view(n, out, in2).bmm(columns).view(n, out)
    if bias is not None:
        y = y + as_variable(bias).expand(n, out)
    return y.view(*first[:-1], out)
