"""Every mistake has its exception and its text: op, argument, value, what was allowed.

A row of the table is a line: the call, the exception, its text.
"""

# ruff: noqa: E501

import numpy as np
import pytest
import torch

f = torch.ones
i = torch.arange


def expanded():
    return f(1, 3).expand(2, 3)


def assign(x, key, value):
    x[key] = value


def delete(x, key):
    del x[key]


TABLE = [
    # arguments (parser)
    (lambda: torch.exp(), TypeError, r"^exp: got \(\), expected\n  exp\(self: Tensor, \*, out: Tensor = None\)$"),
    (lambda: torch.exp(3), TypeError, r"^exp: got \(int\), expected"),
    (lambda: f(2).exp(3), TypeError, r"^exp: got \(FloatTensor, int\), expected"),
    (lambda: torch.add(f(2), "a"), TypeError, r"^add: got \(FloatTensor, str\), expected one of\n  add\("),
    (lambda: torch.add(f(2), b=3), TypeError, r"^add: got \(FloatTensor, b=int\), expected one of"),
    (lambda: torch.add(f(2), other=f(2), self=f(2)), TypeError, r"^add: got \("),
    (lambda: f(2).add_("a"), TypeError, r"^add_: got \(FloatTensor, str\), expected one of\n  add_\((?!.*out)"),
    (lambda: torch.zeros(2.5), TypeError, r"^zeros: got \(float\), expected"),
    (lambda: torch.zeros(2, dtype="float32"), TypeError, r"^zeros: got \(int, dtype=str\), expected"),
    (lambda: torch.zeros((2, "a")), TypeError, r"^zeros: got \(tuple\), expected"),
    (lambda: torch.exp(f(2), out=3), TypeError, r"^exp: got \(FloatTensor, out=int\), expected"),
    (lambda: torch.exp(**{"\ud800": 1}), TypeError, r"^exp: got \("),
    (lambda: torch.cat(f(2)), TypeError, r"^cat: got \(FloatTensor\), expected"),
    (lambda: torch.cat([f(2), 3]), TypeError, r"^cat: got \(list\), expected"),
    (lambda: f(2).exp_(out=f(2)), TypeError, r"^exp_: got \(FloatTensor, out=FloatTensor\), expected"),
    (lambda: torch.clamp(f(2)), TypeError, r"^clamp: expected min, max or both$"),
    (lambda: f(2).clamp_(), TypeError, r"^clamp_: expected min, max or both$"),
    # constructors
    (lambda: torch.FloatTensor(2, "a"), TypeError, r"^sizes: expected ints, got str$"),
    (lambda: torch.FloatTensor(2, 3.5), TypeError, r"^sizes: expected ints, got float$"),
    (lambda: torch.FloatTensor([1], 2), TypeError, r"^FloatTensor: expected sizes as ints, or one sequence, tensor, storage or array, got 2 arguments$"),
    (lambda: torch.FloatTensor(2, a=1), TypeError, r"^FloatTensor: expected no keyword arguments$"),
    (lambda: torch.FloatTensor(i(2)), TypeError, r"^FloatTensor: expected a FloatTensor to share memory with, got LongTensor of size \(2,\); use \.type\(\) to convert$"),
    (lambda: torch.FloatTensor(torch.IntStorage(2)), TypeError, r"^FloatTensor: expected a FloatStorage, got a IntStorage$"),
    (lambda: torch.FloatTensor(-1), ValueError, r"^FloatTensor: expected sizes of 0 or more, got \(-1,\)$"),
    (lambda: torch.FloatTensor(2**40, 2**40), ValueError, r"^FloatTensor: the number of elements of size \(1099511627776, 1099511627776\) is too large$"),
    (lambda: torch.FloatTensor("abc"), TypeError, r"^FloatTensor: expected numbers or \(nested\) sequences of numbers, got str$"),
    (lambda: torch.FloatTensor({1}), TypeError, r"^FloatTensor: expected numbers .*, got set$"),
    (lambda: torch.IntTensor([1.5]), TypeError, r"^IntTensor: expected whole numbers for IntTensor, got the float 1\.5$"),
    (lambda: torch.ByteTensor([256]), OverflowError, r"^ByteTensor: the number 256 does not fit ByteTensor$"),
    (lambda: torch.IntTensor(np.ones(2)), TypeError, r"^IntTensor: expected whole numbers, got an array of dtype float64$"),
    (lambda: torch.tensor([[1, 2], [3]]), ValueError, r"^tensor: sequences of unequal length at depth 1: 2 and 1$"),
    (lambda: torch.tensor([1, [2]]), ValueError, r"^tensor: sequences are of unequal depth, got list where a number is expected$"),
    (lambda: torch.tensor([[1], 2]), ValueError, r"^tensor: sequences are of unequal depth, got int where a sequence is expected$"),
    (lambda: torch.tensor([None]), TypeError, r"^tensor: expected numbers or \(nested\) sequences of numbers, got NoneType$"),
    (lambda: torch.tensor([1, None]), ValueError, r"^tensor: sequences are of unequal depth, got NoneType where a number is expected$"),
    (lambda: torch.tensor(nested(40)), ValueError, r"^tensor: sequences are nested more than 32 deep$"),
    (lambda: torch.tensor([2**70]), OverflowError, r"^tensor: the number 1\.18059e\+21 does not fit LongTensor$"),
    (lambda: torch.zeros([1] * 65), ValueError, r"^at most 64 dimensions are supported, got 65$"),
    (lambda: torch.zeros([1] * 64).unsqueeze(0), ValueError, r"^at most 64 dimensions are supported, got 65$"),
    (lambda: torch.zeros(2**70), OverflowError, r"64 bits"),
    # creation
    (lambda: torch.zeros(2, -3), ValueError, r"^zeros: expected sizes of 0 or more, got \(2, -3\)$"),
    (lambda: torch.ones(-1), ValueError, r"^(full|ones): expected sizes of 0 or more"),
    (lambda: torch.full((-1,), 2), ValueError, r"^full: expected sizes of 0 or more, got \(-1,\)$"),
    (lambda: torch.empty(-1), ValueError, r"^empty: expected sizes of 0 or more, got \(-1,\)$"),
    (lambda: torch.empty(2**31, 2**31), ValueError, r"^empty: the number of elements of size .* is too large$"),
    (lambda: torch.empty(2**50), MemoryError, r"^cannot allocate \d+ bytes"),
    (lambda: torch.eye(-1), ValueError, r"expected sizes of 0 or more"),
    (lambda: torch.full((2,), 300, dtype=torch.uint8), OverflowError, r"the number 300 does not fit ByteTensor$"),
    (lambda: torch.full((2,), 0.5, dtype=torch.int32), TypeError, r"expected a whole number for IntTensor, got 0\.5$"),
    (lambda: torch.arange(0, 1, 0), ValueError, r"^arange: expected a step other than 0$"),
    (lambda: torch.arange(0, 1, 0.0), ValueError, r"^arange: expected a step other than 0$"),
    (lambda: torch.arange(float("inf")), ValueError, r"^arange: cannot step from 0 to inf by 1$"),
    (lambda: torch.arange(float("nan")), ValueError, r"^arange: cannot step from 0 to -?nan by 1$"),
    (lambda: torch.arange(0, 1, 1e-300), ValueError, r"^arange: cannot step from 0 to 1 by 1e-300$"),
    (lambda: torch.arange(-3, 3, dtype=torch.uint8), OverflowError, r"^arange: .*-3 .*ByteTensor$"),
    (lambda: torch.range(1, 0), ValueError, r"^range: cannot step from 1 to 0 by 1$"),
    (lambda: torch.range(0, 1, 0), ValueError, r"^range: expected a step other than 0$"),
    (lambda: torch.linspace(0, 1, 0), ValueError, r"^linspace: expected one step or more, got 0$"),
    (lambda: torch.linspace(0, 1, 1), ValueError, r"^linspace: one step cannot reach from 0 to 1$"),
    # copying
    (lambda: f(2).copy_(f(3)), ValueError, r"^copy_: expected a source that broadcasts to size \(2,\), got FloatTensor of size \(3,\)$"),
    (lambda: f(1).copy_(f(3)), ValueError, r"^copy_: expected a source that broadcasts to size \(1,\), got FloatTensor of size \(3,\)$"),
    (lambda: expanded().copy_(f(2, 3)), RuntimeError, r"^copy_: cannot write to an expanded FloatTensor of size \(2, 3\): several"),
    (lambda: expanded().fill_(1), RuntimeError, r"cannot write to an expanded FloatTensor of size \(2, 3\): several"),
    (lambda: i(2).fill_(0.5), TypeError, r"^fill_: expected a whole number for LongTensor, got 0\.5$"),
    (lambda: i(2).fill_(float("nan")), TypeError, r"^fill_: expected a whole number for LongTensor, got -?nan$"),
    (lambda: i(2).fill_(float("inf")), OverflowError, r"^fill_: the number inf does not fit LongTensor$"),
    (lambda: i(2).fill_(1e30), OverflowError, r"^fill_: the number 1e\+30 does not fit LongTensor$"),
    (lambda: i(2).char().fill_(200), OverflowError, r"^fill_: the number 200 does not fit CharTensor$"),
    (lambda: f(2).item(), ValueError, r"^item: expected a tensor of one element, got FloatTensor of size \(2,\)$"),
    # element-wise
    (lambda: f(2) + f(3), ValueError, r"^add: sizes \(2,\) and \(3,\) do not broadcast: dimension 0 has 2 and 3$"),
    (lambda: f(4, 2) * f(3, 1), ValueError, r"^mul: sizes \(4, 2\) and \(3, 1\) do not broadcast: dimension 0 has 4 and 3$"),
    (lambda: f(3) - f(2, 4), ValueError, r"^sub: sizes \(3,\) and \(2, 4\) do not broadcast: dimension 1 has 3 and 4$"),
    (lambda: torch.BoolTensor(2).abs(), TypeError, r"^abs: not defined for BoolTensor \(use ~ for logical not\)$"),
    (lambda: -torch.BoolTensor(2), TypeError, r"^neg: not defined for BoolTensor"),
    (lambda: ~f(2), TypeError, r"^bitwise_not: expected an integer or bool tensor, got FloatTensor$"),
    (lambda: f(2) & f(2), TypeError, r"^bitwise_and: expected integer or bool operands, got FloatTensor$"),
    (lambda: torch.BoolTensor(2) - torch.BoolTensor(2), TypeError, r"^sub: not defined for two BoolTensors \(use \^ or logical_xor\)$"),
    (lambda: i(3) ** -1, ValueError, r"^pow: integers have no negative integer powers; convert the base to a floating dtype first$"),
    (lambda: torch.pow(2, i(3) - 2), ValueError, r"^pow: integers have no negative integer powers"),
    (lambda: i(2).byte() + 256, OverflowError, r"^add: the number 256 does not fit ByteTensor$"),
    (lambda: i(2).byte() * -1, OverflowError, r"^mul: the number -1 does not fit ByteTensor$"),
    (lambda: i(2) + 2**64, OverflowError, r"^add: the number 1\.84467e\+19 does not fit LongTensor$"),
    (lambda: i(2).sqrt_(), TypeError, r"^sqrt: cannot store a DoubleTensor result in LongTensor of size \(2,\)$"),
    (lambda: i(2).add_(0.5), TypeError, r"^add: cannot store a DoubleTensor result in LongTensor of size \(2,\)$"),
    (lambda: torch.exp(f(2), out=i(2)), TypeError, r"^exp: cannot store a FloatTensor result in LongTensor of size \(2,\)$"),
    (lambda: torch.add(i(2), 1, out=torch.BoolTensor(2)), TypeError, r"^add: cannot store a LongTensor result in BoolTensor"),
    (lambda: torch.exp(f(2), out=f(3)), ValueError, r"^exp: expected an output of size \(2,\), got FloatTensor of size \(3,\)$"),
    (lambda: torch.exp(f(2, 3), out=expanded()), RuntimeError, r"^exp: cannot write to an expanded FloatTensor of size \(2, 3\): several of its elements share one place in memory$"),
    (lambda: expanded().add_(1), RuntimeError, r"^add: cannot write to an expanded FloatTensor"),
    (lambda: f(3).add_(f(2, 3)), ValueError, r"^add: the result has size \(2, 3\) and cannot replace FloatTensor of size \(3,\)$"),
    (lambda: torch.where(f(2), f(2), f(2)), TypeError, r"^where: expected a BoolTensor or ByteTensor as condition, got FloatTensor of size \(2,\)$"),
    (lambda: f(2).masked_fill(i(2), 1), TypeError, r"^(where|masked_fill): expected a BoolTensor or ByteTensor as condition, got LongTensor"),
    (lambda: i(2).masked_fill_(i(2) > 0, 0.5), TypeError, r"cannot store a DoubleTensor result in LongTensor"),
    (lambda: i(2).addcdiv_(1, i(2), i(2)), TypeError, r"^addcdiv: cannot store a DoubleTensor result in LongTensor"),
    # views
    (lambda: f(6).view(4, 2), ValueError, r"^view: size \(4, 2\) does not fit a tensor of 6 elements$"),
    (lambda: f(6).view(-1, -1), ValueError, r"^view: at most one size can be -1, got \(-1, -1\)$"),
    (lambda: f(6).view(-1, 4), ValueError, r"^view: size \(-1, 4\) does not fit a tensor of 6 elements$"),
    (lambda: f(0).view(-1, 0), ValueError, r"^view: size \(-1, 0\) does not fit a tensor of 0 elements$"),
    (lambda: f(6).view(-2, -3), ValueError, r"^view: expected sizes of 0 or more, got \(-2, -3\)$"),
    (lambda: f(6).reshape(5), ValueError, r"^reshape: size \(5,\) does not fit a tensor of 6 elements$"),
    (lambda: f(2, 3).t().view(6), ValueError, r"^view: FloatTensor of size \(3, 2\) with strides \(1, 3\) cannot be seen as \(6,\) without a copy; use reshape\(\) or contiguous\(\)$"),
    (lambda: f(2, 3).permute(0), ValueError, r"^permute: expected 2 dimensions for FloatTensor of size \(2, 3\), got \(0,\)$"),
    (lambda: f(2, 3).permute(0, -2), ValueError, r"^permute: dimension 0 is repeated in \(0, -2\)$"),
    (lambda: f(2, 3).permute(0, 2), IndexError, r"^permute: dimension 2 is out of range, expected -2 to 1$"),
    (lambda: f(2, 3).transpose(0, 2), IndexError, r"^transpose: dimension 2 is out of range, expected -2 to 1$"),
    (lambda: f(2).t(), ValueError, r"^t: expected a matrix, got FloatTensor of size \(2,\)$"),
    (lambda: f(2, 3).expand(3), ValueError, r"^expand: expected at least 2 sizes for FloatTensor of size \(2, 3\), got \(3,\)$"),
    (lambda: f(2, 3).expand(4, 3), ValueError, r"^expand: FloatTensor of size \(2, 3\) does not expand to \(4, 3\): dimension 0 has size 2$"),
    (lambda: f(3).expand(-1, 3), ValueError, r"^expand: FloatTensor of size \(3,\) does not expand to \(-1, 3\): dimension 0 has size 1$"),
    (lambda: f(1).expand(2**40, 2**40), ValueError, r"^expand: the number of elements of size .* is too large$"),
    (lambda: f(2, 3).select(2, 0), IndexError, r"^select: dimension 2 is out of range, expected -2 to 1$"),
    (lambda: f(2, 3).select(1, -4), IndexError, r"^select: index -4 is out of range for dimension 1 of size 3$"),
    (lambda: f(3).narrow(0, 2, 2), IndexError, r"^narrow: start 2 and length 2 are out of range for dimension 0 of size 3$"),
    (lambda: f(3).narrow(0, 0, -1), IndexError, r"^narrow: start 0 and length -1 are out of range"),
    (lambda: f(3).narrow(0, 0, 2**63 - 1), IndexError, r"^narrow: start 0 and length 9223372036854775807"),
    (lambda: torch.tensor(1).narrow(0, 0, 1), IndexError, r"^narrow: dimension 0 given for a tensor without dimensions$"),
    (lambda: f(3).squeeze(1), IndexError, r"^squeeze: dimension 1 is out of range, expected -1 to 0$"),
    (lambda: f(3).unsqueeze(2), IndexError, r"^unsqueeze: dimension 2 is out of range, expected -2 to 1$"),
    (lambda: f(3).unfold(0, 4, 1), ValueError, r"^unfold: expected a size of 0 to 3 for dimension 0 of FloatTensor of size \(3,\), got 4$"),
    (lambda: f(3).unfold(0, -1, 1), ValueError, r"^unfold: expected a size of 0 to 3 .* got -1$"),
    (lambda: f(3).unfold(0, 1, 0), ValueError, r"^unfold: expected a step of 1 or more, got 0$"),
    (lambda: f(3).as_strided((2, 2), (1,)), ValueError, r"^as_strided: expected one stride per size, got size \(2, 2\) and strides \(1,\)$"),
    (lambda: f(3).as_strided((2, 2), (2, 1)), ValueError, r"^as_strided: size \(2, 2\) with strides \(2, 1\) and offset 0 lies outside a storage of 3 elements$"),
    (lambda: f(3).set_(f(3).storage(), 4), ValueError, r"^set_: expected sizes of 0 or more, got \(-1,\)$"),
    (lambda: f(3).set_(f(3).storage(), 2, (2,)), ValueError, r"^set_: size \(2,\) with strides \(1,\) and offset 2 lies outside a storage of 3 elements$"),
    (lambda: f(3).set_(i(3)), TypeError, r"^set_: expected elements of FloatTensor, got LongTensor$"),
    (lambda: f(3).set_(i(3).storage()), TypeError, r"^set_: expected elements of FloatTensor, got LongTensor$"),
    (lambda: f(3).resize_(-2), ValueError, r"^resize_: expected sizes of 0 or more, got \(-2,\)$"),
    (lambda: f(3).resize_(2**40, 2**40), ValueError, r"^resize_: the number of elements of size .* is too large$"),
    (lambda: f(3).size(1), IndexError, r"^size: dimension 1 is out of range, expected -1 to 0$"),
    (lambda: f(3).stride(-2), IndexError, r"^stride: dimension -2 is out of range, expected -1 to 0$"),
    (lambda: torch.cat([]), RuntimeError, r"^cat: expected one tensor or more, got none$"),
    (lambda: torch.cat([f(2, 3), f(2, 4)]), ValueError, r"^cat: expected sizes equal to \(2, 3\) but in dimension 0, got FloatTensor of size \(2, 4\)$"),
    (lambda: torch.cat([f(2), f(2, 2)]), ValueError, r"^cat: expected sizes equal to \(2,\) but in dimension 0, got FloatTensor of size \(2, 2\)$"),
    (lambda: torch.cat([torch.tensor(1)]), IndexError, r"^cat: dimension 0 given for a tensor without dimensions$"),
    (lambda: torch.cat([f(2)], 1), IndexError, r"^cat: dimension 1 is out of range, expected -1 to 0$"),
    (lambda: torch.stack([]), RuntimeError, r"^stack: expected one tensor or more, got none$"),
    (lambda: torch.stack([f(2), f(3)]), ValueError, r"^stack: expected tensors of one size, got \(2,\) and \(3,\)$"),
    (lambda: f(3).split(0), ValueError, r"^split: expected a split_size of 1 or more, got 0$"),
    (lambda: f(3).chunk(0), ValueError, r"^chunk: expected n_chunks of 1 or more, got 0$"),
    (lambda: f(2, 3).repeat(2), ValueError, r"^repeat: expected at least 2 sizes for size \(2, 3\), got \(2,\)$"),
    (lambda: f(2).repeat(-1), ValueError, r"^repeat: expected sizes of 0 or more, got \(-1,\)$"),
    # indexing
    (lambda: f(3)[3], IndexError, r"^index: index 3 is out of range for dimension 0 of size 3$"),
    (lambda: f(3)[-4], IndexError, r"^index: index -4 is out of range for dimension 0 of size 3$"),
    (lambda: f(2, 3)[0, 3], IndexError, r"^(index|select): index 3 is out of range for dimension \d of size 3$"),
    (lambda: f(3)[2**70], IndexError, r"^index: index beyond 64 bits is out of range$"),
    (lambda: f(3)[0, 0], IndexError, r"^index: too many indices for FloatTensor of size \(3,\): 2 were given$"),
    (lambda: f(3)[..., ...], IndexError, r"^index: at most one ellipsis \(\.\.\.\) is allowed$"),
    (lambda: f(3)[True], IndexError, r"^index: a bool is no index; use a BoolTensor of the indexed size as a mask$"),
    (lambda: f(3)[1.5], IndexError, r"^index: expected ints, slices, None, \.\.\. or integer and mask tensors, got "),
    (lambda: f(3)["a"], IndexError, r"^index: expected ints, slices, None, \.\.\. or integer and mask tensors, got str$"),
    (lambda: f(3)[f(2)], IndexError, r"^index: expected ints, slices, None, \.\.\. or integer and mask tensors, got FloatTensor of size \(2,\)$"),
    (lambda: f(3)[torch.tensor([3])], IndexError, r"^index: index 3 is out of range for dimension 0 of size 3$"),
    (lambda: f(3)[torch.tensor([0, -4])], IndexError, r"^index: index -4 is out of range for dimension 0 of size 3$"),
    (lambda: f(3)[f(2) > 0], IndexError, r"^index: mask of size \(2,\) does not fit dimension 0 of size 3$"),
    (lambda: f(2, 3)[:, f(2, 3) > 0], IndexError, r"^index: (mask of size|too many indices)"),
    (lambda: f(3)[torch.tensor(True)], IndexError, r"^index: expected a mask with dimensions, got BoolTensor of size \(\)$"),
    (lambda: f(3, 3)[i(2), i(3)], ValueError, r"^index: sizes \(2,\) and \(3,\) do not broadcast"),
    (lambda: f(3)[::0], ValueError, r"slice step cannot be zero"),
    (lambda: torch.tensor(1)[0], IndexError, r"^index: too many indices for LongTensor of size \(\): 1 were given$"),
    (lambda: torch.zeros(0)[0], IndexError, r"^index: index 0 is out of range for dimension 0 of size 0$"),
    (lambda: delete(f(3), 0), TypeError, r"^index: elements of a tensor cannot be deleted$"),
    (lambda: assign(f(3), 3, 1), IndexError, r"^(index|select): index 3 is out of range for dimension 0 of size 3$"),
    (lambda: assign(f(3), 0, "a"), TypeError, r"^index: expected numbers or \(nested\) sequences of numbers, got str$"),
    (lambda: assign(f(3), slice(None), f(2)), ValueError, r"^copy_: "),
    (lambda: assign(f(3), i(2), f(3)), ValueError, r"^copy_: "),
    (lambda: assign(f(3), f(3) > 0, f(2)), ValueError, r"^copy_: "),
    (lambda: assign(i(3), 0, 0.5), TypeError, r"^fill_: expected a whole number for LongTensor, got 0\.5$"),
    (lambda: assign(i(3), 0, float("inf")), OverflowError, r"^fill_: the number inf does not fit LongTensor$"),
    (lambda: assign(expanded(), i(2), 1), RuntimeError, r"^index_put_: cannot write to an expanded FloatTensor"),
    (lambda: assign(expanded(), ..., 1), RuntimeError, r"cannot write to an expanded FloatTensor"),
    (lambda: f(3).index_select(0, f(2)), TypeError, r"^index_select: expected an integer tensor as index, got FloatTensor"),
    (lambda: f(3).index_select(0, i(4)), IndexError, r"^index_select: index 3 is out of range for dimension 0 of size 3$"),
    (lambda: f(3).index_select(0, i(4).view(2, 2)), ValueError, r"^index_select: expected a vector of indices, got LongTensor of size \(2, 2\)$"),
    (lambda: f(3).index_select(1, i(2)), IndexError, r"^index_select: dimension 1 is out of range"),
    (lambda: f(3).index_add_(0, i(4).view(2, 2), f(3)), ValueError, r"^index_add_: expected a vector of indices"),
    (lambda: f(3).index_add_(0, i(2), f(3)), ValueError, r"^index_add_: expected a source of size \(2,\), got FloatTensor of size \(3,\)$"),
    (lambda: f(3).index_add_(0, i(4), f(4)), IndexError, r"^index_add_: index 3 is out of range"),
    (lambda: f(2, 3).gather(0, i(3)), ValueError, r"^gather: expected an index of 2 dimensions for FloatTensor of size \(2, 3\), got LongTensor of size \(3,\)$"),
    (lambda: f(2, 3).gather(0, i(4).view(1, 4)), ValueError, r"^gather: index of size \(1, 4\) is larger than FloatTensor of size \(2, 3\) in dimension 1$"),
    (lambda: f(3).gather(0, i(4)), IndexError, r"^gather: index 3 is out of range for dimension 0 of size 3$"),
    (lambda: f(3).gather(0, f(3)), TypeError, r"^gather: expected an integer tensor as index, got FloatTensor"),
    (lambda: f(3).scatter_(0, i(2), f(1)), ValueError, r"^scatter_: expected a source at least of size \(2,\), got FloatTensor of size \(1,\)$"),
    (lambda: f(3).scatter_add_(0, i(4), f(4)), IndexError, r"^scatter_add_: index 3 is out of range"),
    (lambda: f(1).expand(3).scatter_(0, i(2), 1), RuntimeError, r"^scatter_: cannot write to an expanded FloatTensor"),
    (lambda: f(3).masked_select(f(3)), TypeError, r"^masked_select: expected a BoolTensor or ByteTensor as mask, got FloatTensor of size \(3,\)$"),
    (lambda: f(3).masked_select(f(2) > 0), ValueError, r"^masked_select: sizes \(3,\) and \(2,\) do not broadcast"),
    # reductions
    (lambda: f(2).sum(1), IndexError, r"^sum: dimension 1 is out of range, expected -1 to 0$"),
    (lambda: f(2, 2).sum((0, -2)), ValueError, r"^sum: dimension 0 is repeated in \(0, -2\)$"),
    (lambda: f(2).sum(()), ValueError, r"^sum: expected one dimension or more, got none$"),
    (lambda: f(0).max(), ValueError, r"^max: expected at least one element to reduce, got FloatTensor of size \(0,\)$"),
    (lambda: f(2, 0).amin(1), ValueError, r"^amin: expected at least one element to reduce, got FloatTensor of size \(2, 0\)$"),
    (lambda: f(2, 0).max(1), ValueError, r"^max: expected at least one element in dimension 1, got FloatTensor of size \(2, 0\)$"),
    (lambda: f(0).argmin(), ValueError, r"^argmin: expected at least one element in dimension 0, got FloatTensor of size \(0,\)$"),
    (lambda: f(2).min(1), IndexError, r"^min: dimension 1 is out of range"),
    (lambda: f(2).argmax(-2), IndexError, r"^argmax: dimension -2 is out of range, expected -1 to 0$"),
    (lambda: torch.tensor(1).max(0), IndexError, r"^max: dimension 0 given for a tensor without dimensions$"),
    (lambda: f(2).norm("fro"), TypeError, r"^norm: got \(FloatTensor, str\), expected"),
    (lambda: f(2).std(3), IndexError, r"^std: dimension 3 is out of range"),
    (lambda: torch.sum(f(2, 2), 0, out=f(3)), ValueError, r"^sum: expected an output of size \(2,\), got FloatTensor of size \(3,\)$"),
    (lambda: torch.mean(f(2, 2), 0, out=i(2)), TypeError, r"^mean: cannot store a FloatTensor result in LongTensor of size \(2,\)$"),
    # products
    (lambda: f(2, 3) @ f(2, 3), ValueError, r"^matmul: expected the inner sizes to match, got \(2, 3\) and \(2, 3\)$"),
    (lambda: f(2).mm(f(2, 2)), ValueError, r"^mm: expected a matrix as first argument, got FloatTensor of size \(2,\)$"),
    (lambda: f(2, 2).mm(f(2)), ValueError, r"^mm: expected a matrix as second argument, got FloatTensor of size \(2,\)$"),
    (lambda: torch.mm(f(1, 1).expand(1, 2**31), f(1, 1).expand(2**31, 1)), ValueError, r"^mm: matrix sizes above 2147483647 are not supported, got FloatTensor of size \(1, 2147483648\) and "),
    (lambda: torch.gesv(f(1, 1).expand(1, 2**31), f(1, 1)), ValueError, r"^gesv: matrix sizes above 2147483647 are not supported"),
    (lambda: torch.tensor(np.zeros(2, "uint16")), TypeError, r"^tensor: arrays of dtype uint16 have no tensor type; convert the array first$"),
    (lambda: torch.mm(f(2, 3), f(3, 2), out=f(3)), ValueError, r"^mm: expected an output of size \(2, 2\), got FloatTensor of size \(3,\)$"),
    (lambda: torch.mm(f(2, 3), f(3, 2), out=i(4).view(2, 2)), TypeError, r"^mm: cannot store a FloatTensor result in LongTensor"),
    (lambda: f(2, 3).mv(f(2)), ValueError, r"^mv: expected the inner sizes to match, got \(2, 3\) and \(2,\)$"),
    (lambda: f(2, 3).mv(f(3, 1)), ValueError, r"^mv: expected a vector as second argument"),
    (lambda: f(2).mv(f(2)), ValueError, r"^mv: expected a matrix as first argument"),
    (lambda: f(2).dot(f(3)), ValueError, r"^dot: expected vectors of one size, got \(2,\) and \(3,\)$"),
    (lambda: f(2, 2).dot(f(2)), ValueError, r"^dot: expected a vector as first argument"),
    (lambda: f(2, 2).ger(f(2)), ValueError, r"^ger: expected a vector as first argument"),
    (lambda: f(2, 2).bmm(f(2, 2)), ValueError, r"^bmm: expected a batch of matrices as first argument, got FloatTensor of size \(2, 2\)$"),
    (lambda: f(2, 2, 3).bmm(f(3, 3, 2)), ValueError, r"^bmm: expected equal batch sizes and matching inner sizes, got \(2, 2, 3\) and \(3, 3, 2\)$"),
    (lambda: torch.tensor(1.0) @ f(2), ValueError, r"^matmul: expected tensors with dimensions, got FloatTensor of size \(\) and FloatTensor of size \(2,\)$"),
    (lambda: f(2, 2, 3) @ f(2, 2), ValueError, r"^matmul: expected the inner sizes to match, got \(2, 2, 3\) and \(2, 2\)$"),
    (lambda: f(2, 2, 3) @ f(3, 3, 2), ValueError, r"^matmul: sizes \(2,\) and \(3,\) do not broadcast"),
    (lambda: f(2, 2) @ 3, TypeError, r"unsupported operand type"),
    (lambda: f(3, 3).addmm(f(2, 2), f(2, 2)), ValueError, r"^addmm: "),
    (lambda: f(2, 2).addmm(f(2, 3), f(2, 3)), ValueError, r"^addmm: expected the inner sizes to match, got \(2, 3\) and \(2, 3\)$"),
    (lambda: f(1, 2, 2).addmm(f(2, 2), f(2, 2)), ValueError, r"^addmm: expected a tensor that broadcasts to size \(2, 2\), got FloatTensor of size \(1, 2, 2\)$"),
    (lambda: f(2, 3).gesv(f(3, 3)), ValueError, r"^gesv: expected B to have as many rows as A, got A of size \(3, 3\) and B of size \(2, 3\)$"),
    (lambda: f(2, 3).gesv(f(2, 3)), ValueError, r"^gesv: expected a square matrix as A"),
    (lambda: f(2, 3).gesv(f(2)), ValueError, r"^gesv: expected a matrix as A, got FloatTensor of size \(2,\)$"),
    (lambda: f(2, 3, 4).gesv(f(2, 2)), ValueError, r"^gesv: expected a matrix as B"),
    (lambda: f(2, 1).gesv(f(2, 2)), RuntimeError, r"^gesv: the matrix is singular: U\(2, 2\) is zero$"),
    (lambda: torch.zeros(2, 2).inverse(), RuntimeError, r"^inverse: the matrix is singular: U\(1, 1\) is zero$"),
    (lambda: f(2, 3).inverse(), ValueError, r"^inverse: expected a square matrix as argument, got FloatTensor of size \(2, 3\)$"),
    (lambda: f(2).inverse(), ValueError, r"^inverse: expected a matrix or a batch of matrices as argument, got FloatTensor of size \(2,\)$"),
    # random numbers
    (lambda: f(2).uniform_(1, 0), ValueError, r"^uniform_: expected from <= to, got 1 and 0$"),
    (lambda: f(2).uniform_(float("nan"), 0), ValueError, r"^uniform_: expected from <= to, got -?nan and 0$"),
    (lambda: i(2).uniform_(), TypeError, r"^uniform_: expected a floating tensor, got LongTensor of size \(2,\)$"),
    (lambda: f(2).normal_(0, -1), ValueError, r"^normal_: expected a standard deviation of 0 or more, got -1$"),
    (lambda: i(2).normal_(), TypeError, r"^normal_: expected a floating tensor, got LongTensor of size \(2,\)$"),
    (lambda: f(2).bernoulli_(1.5), ValueError, r"^bernoulli_: expected a probability from 0 to 1, got 1\.5$"),
    (lambda: f(2).bernoulli_(float("nan")), ValueError, r"^bernoulli_: expected a probability from 0 to 1"),
    (lambda: f(2).random_(0), ValueError, r"^random_: expected from < to, got 0 and 0$"),
    (lambda: f(2).random_(5, 3), ValueError, r"^random_: expected from < to, got 5 and 3$"),
    (lambda: i(2).random_(2**60), ValueError, r"^random_: expected bounds within 2\*\*53, got 0 and 1152921504606846976$"),
    (lambda: i(2).byte().random_(300), OverflowError, r"^random_: numbers from 0 to 299 do not fit ByteTensor$"),
    (lambda: expanded().normal_(), RuntimeError, r"^normal_: cannot write to an expanded FloatTensor"),
    (lambda: torch.randperm(-1), ValueError, r"^randperm: expected 0 or more, got -1$"),
    (lambda: torch.randn(-1), ValueError, r"expected sizes of 0 or more, got \(-1,\)$"),
    (lambda: torch.rand(2, generator=3), TypeError, r"^rand: got \(int, generator=int\), expected"),
    (lambda: torch.manual_seed("a"), TypeError, r"^manual_seed: expected an int, got str$"),
    (lambda: torch.set_rng_state(3), TypeError, r"^set_state: expected a ByteTensor, got int$"),
    (lambda: torch.set_rng_state(f(16)), ValueError, r"^set_state: expected a contiguous ByteTensor of size \(16,\), got FloatTensor of size \(16,\)$"),
    (lambda: torch.set_rng_state(i(3).byte()), ValueError, r"^set_state: expected a contiguous ByteTensor of size \(16,\), got ByteTensor of size \(3,\)$"),
    # Python protocols
    (lambda: bool(f(2)), ValueError, r"^bool: the truth value of FloatTensor of size \(2,\) is not defined; use \.any\(\) or \.all\(\)$"),
    (lambda: bool(f(0)), ValueError, r"^bool: the truth value of an empty tensor is not defined; use \.numel\(\)$"),
    (lambda: float(f(2)), (TypeError, ValueError), r"^float: expected a tensor of one element, got FloatTensor of size \(2,\)$"),
    (lambda: int(f(0)), (TypeError, ValueError), r"^int: expected a tensor of one element, got FloatTensor of size \(0,\)$"),
    (lambda: int(f(1) * float("nan")), ValueError, r"cannot convert float NaN to integer"),
    (lambda: [1][f(1)], TypeError, r"^index: expected an integer tensor of one element, got FloatTensor of size \(1,\)$"),
    (lambda: [1][i(2)], TypeError, r"^index: expected an integer tensor of one element, got LongTensor of size \(2,\)$"),
    (lambda: len(torch.tensor(1)), TypeError, r"^len: expected a tensor with dimensions, got LongTensor of size \(\)$"),
    (lambda: iter(torch.tensor(1)), TypeError, r"^iter: expected a tensor with dimensions$"),
    (lambda: "a" in f(2), TypeError, r"^in: expected a number, got str$"),
    (lambda: pow(f(2), 2, 3), TypeError, r"unsupported operand"),
    # types, settings
    (lambda: f(2).type("torch.NoTensor"), ValueError, r"^type: expected a tensor type such as 'torch\.FloatTensor', got 'torch\.NoTensor'$"),
    (lambda: f(2).type(3), TypeError, r"^type: expected a dtype, a tensor class or its dotted name, got int$"),
    (lambda: f(2).to("float64"), TypeError, r"^to: got \(FloatTensor, str\), expected"),
    (lambda: torch.set_default_tensor_type("torch.LongTensor"), TypeError, r"^set_default_tensor_type: expected a floating tensor type, got torch\.int64$"),
    (lambda: torch.set_printoptions(profile="tiny"), ValueError, r"^set_printoptions: expected a profile of \['default', 'full', 'short'\], got 'tiny'$"),
    (lambda: torch.set_printoptions(precision=-1), ValueError, r"^set_printoptions: expected precision to be an int of 0 or more, got -1$"),
    (lambda: torch.set_printoptions(edgeitems=1.5), ValueError, r"^set_printoptions: expected edgeitems to be an int of 0 or more, got 1\.5$"),
    (lambda: torch.set_num_threads(0), ValueError, r"^set_num_threads: expected 1 to \d+ threads, got 0$"),
    (lambda: torch.set_num_threads(10**6), ValueError, r"^set_num_threads: expected 1 to \d+ threads, got 1000000$"),
    (lambda: torch.cpu.set_cache_limit(-1), ValueError, r"^set_cache_limit: expected 0 or more bytes, got -1$"),
    (lambda: torch.cuda.FloatTensor(2), RuntimeError, r"^torch\.cuda\.FloatTensor: this torch was built without CUDA$"),
    (lambda: torch.cuda.NoTensor, AttributeError, r"^module 'torch\.cuda' has no attribute 'NoTensor'$"),
    (lambda: torch.nothing, AttributeError, r"^module 'torch' has no attribute 'nothing'$"),
]  # fmt: skip


def nested(depth):
    data = [1]
    for _ in range(depth):
        data = [data]
    return data


def row_name(row):
    return row[2].split("\\n")[0][:60]


@pytest.mark.parametrize("call, kind, text", TABLE, ids=map(row_name, TABLE))
def test_texts(call, kind, text):
    if "built without CUDA" in text and torch.cuda.is_available():
        pytest.skip("built with CUDA")
    with pytest.raises(kind, match=text) as caught:
        call()
    assert "{}" not in str(caught.value)


def test_failed_calls_change_nothing():
    x = torch.arange(3)
    for f in (
        lambda: x.add_(0.5),
        lambda: x.add_(torch.ones(2, dtype=torch.int64)),
        lambda: x.resize_(-1),
        lambda: x.fill_(0.5),
        lambda: x.index_add_(0, torch.tensor([5]), torch.tensor([1])),
        lambda: x.__setitem__(torch.tensor([0, 5]), 7),
        lambda: x.scatter_(0, torch.tensor([0, 5]), 7),
    ):
        with pytest.raises((TypeError, ValueError, IndexError)):
            f()
        assert x.tolist() == [0, 1, 2]
        assert x.shape == (3,)
