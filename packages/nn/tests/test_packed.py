"""nn.utils.rnn: packing, padding and their inverses."""

import copy
import io
import pickle

import pytest
import torch
from torch.autograd import Variable, gradcheck, gradgradcheck
from torch.nn.utils.rnn import (
    PackedSequence,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)


def numbered(*size):
    n = torch.zeros(*size).numel()
    return Variable((torch.arange(n) + 1).float().view(*size))


def tables(padded):
    return padded.data.tolist()


CASES = [
    # lengths, the values of input (steps 3, batch 2): step * 2 + sequence + 1, batch sizes, order
    ([3, 2], [1, 2, 3, 4, 5], [2, 2, 1], None),
    ([3, 3], [1, 2, 3, 4, 5, 6], [2, 2, 2], None),
    ([1, 1], [1, 2], [2], None),
    ([1, 3], [2, 1, 4, 6], [2, 1, 1], [1, 0]),
]


@pytest.mark.parametrize("lengths, values, batch_sizes, order", CASES, ids=str)
@pytest.mark.parametrize("batch_first", [False, True])
def test_packing(lengths, values, batch_sizes, order, batch_first):
    x = numbered(3, 2)
    x = Variable(x.data.t()) if batch_first else x
    before = x.data.clone()
    packed = pack_padded_sequence(x, lengths, batch_first, enforce_sorted=order is None)
    assert packed.data.data.tolist() == values
    assert packed.batch_sizes == batch_sizes
    assert packed.lengths == lengths
    assert (packed.sorted_indices is None) == (order is None)
    if order is not None:
        assert packed.sorted_indices.tolist() == order
        assert packed.unsorted_indices.tolist() == order
    padded, back = pad_packed_sequence(packed, batch_first, padding_value=-1)
    assert back == lengths
    expected = x.data.clone()[:, : max(lengths)] if batch_first else x.data.clone()[: max(lengths)]
    for i, n in enumerate(lengths):
        (expected[i] if batch_first else expected[:, i])[n:] = -1
    assert tables(padded) == expected.tolist()
    assert x.data.equal(before)


def test_lengths_may_be_tensors_and_tensors_may_be_packed():
    x = numbered(3, 2, 4)
    for lengths in (torch.LongTensor([3, 1]), Variable(torch.LongTensor([3, 1])), (3, 1)):
        packed = pack_padded_sequence(x, lengths)
        assert packed.batch_sizes == [2, 1, 1] and tuple(packed.data.size()) == (4, 4)
    plain = pack_padded_sequence(x.data, [3, 1])
    assert isinstance(plain.data, torch.Tensor)
    assert pad_packed_sequence(plain)[0].equal(pad_packed_sequence(packed)[0].data)


def test_total_length():
    packed = pack_padded_sequence(numbered(3, 2), [2, 1])
    padded, lengths = pad_packed_sequence(packed, total_length=4)
    assert tables(padded) == [[1, 2], [3, 0], [0, 0], [0, 0]] and lengths == [2, 1]
    assert tables(pad_packed_sequence(packed, True, total_length=2)[0]) == [[1, 3], [2, 0]]


def test_sequences():
    parts = [numbered(1, 2), numbered(3, 2), numbered(2, 2)]
    padded = pad_sequence(parts, padding_value=9)
    assert tuple(padded.size()) == (3, 3, 2)
    assert [tables(s) for s in unpad_sequence(padded, [1, 3, 2])] == [tables(s) for s in parts]
    assert padded.data[1:, 0].eq(9).all()
    first = pad_sequence(parts, batch_first=True)
    assert first.data.equal(pad_sequence(parts).data.transpose(0, 1))
    packed = pack_sequence(parts, enforce_sorted=False)
    assert packed.data.data.tolist() == [[1, 2]] * 3 + [[3, 4]] * 2 + [[5, 6]]
    assert packed.lengths == [1, 3, 2] and packed.sorted_indices.tolist() == [1, 2, 0]
    assert [tables(s) for s in unpack_sequence(packed)] == [tables(s) for s in parts]
    same = pack_sequence([numbered(2), numbered(2)])
    assert same.data.data.tolist() == [1, 1, 2, 2]
    assert tables(pad_sequence([numbered(0, 2), numbered(1, 2)])) == [[[0, 0], [1, 2]]]


def test_volatile_stays():
    x = Variable(torch.ones(3, 2), volatile=True)
    assert pad_packed_sequence(pack_padded_sequence(x, [3, 1]))[0].volatile


@pytest.mark.parametrize("lengths", [[3, 1], [1, 3]], ids=str)
def test_derivatives(lengths):
    x = Variable(torch.randn(3, 2, 2).double(), requires_grad=True)

    def there_and_back(x):
        packed = pack_padded_sequence(x, lengths, enforce_sorted=False)
        packed = packed.with_data(packed.data * packed.data)
        return pad_packed_sequence(packed, padding_value=2.0)[0]

    assert gradcheck(there_and_back, (x,))
    assert gradgradcheck(there_and_back, (x,))
    parts = [Variable(torch.randn(n, 2).double(), requires_grad=True) for n in (1, 2)]
    assert gradcheck(lambda *parts: pad_sequence(parts), parts)
    assert gradcheck(lambda *parts: pack_sequence(parts, enforce_sorted=False).data, parts)


def test_conversions_and_copies():
    packed = pack_padded_sequence(numbered(3, 2), [1, 3], enforce_sorted=False)
    for made, dtype in (
        (packed.double(), torch.float64),
        (packed.half(), torch.float16),
        (packed.double().float(), torch.float32),
        (packed.type(torch.float64), torch.float64),
        (packed.to(torch.float64), torch.float64),
        (packed.cpu(), torch.float32),
    ):
        assert made.data.dtype is dtype and made.batch_sizes == packed.batch_sizes
        assert made.unsorted_indices.tolist() == [1, 0]
    assert not packed.is_cuda
    assert repr(packed).startswith("PackedSequence of 2 sequences, 4 rows: batch_sizes=[2, 1, 1]\n")
    f = io.BytesIO()
    torch.save(packed, f)
    f.seek(0)
    for other in (copy.deepcopy(packed), pickle.loads(pickle.dumps(packed)), torch.load(f)):
        assert isinstance(other, PackedSequence) and other.lengths == [1, 3]
        assert other.data.data.equal(packed.data.data)


ERRORS = [
    (
        lambda x: pack_padded_sequence([1], [1]),
        TypeError,
        "pack_padded_sequence: input: expected a Variable, got list",
    ),
    (
        lambda x: pack_padded_sequence(x[0], [1]),
        ValueError,
        r"pack_padded_sequence: input: expected 2 or more dimensions, got size \(2,\)",
    ),
    (
        lambda x: pack_padded_sequence(x, [3]),
        ValueError,
        "pack_padded_sequence: lengths: expected one for each of 2 sequences, at least 1, got 1",
    ),
    (
        lambda x: pack_padded_sequence(x, [4, 1]),
        ValueError,
        r"pack_padded_sequence: lengths: expected 1 to 3 \(the steps .* got \[4, 1\]",
    ),
    (
        lambda x: pack_padded_sequence(x, [3, 0]),
        ValueError,
        r"pack_padded_sequence: lengths: expected 1 to 3 .* got \[3, 0\]",
    ),
    (
        lambda x: pack_padded_sequence(x, [1, 3]),
        ValueError,
        r"lengths: expected them in decreasing order, got \[1, 3\]; enforce_sorted=False sorts",
    ),
    (
        lambda x: pack_padded_sequence(x, [1.0, 3]),
        TypeError,
        r"pack_padded_sequence: lengths: expected a list of ints, got \[1.0, 3\]",
    ),
    (
        lambda x: pad_packed_sequence(x),
        TypeError,
        "pad_packed_sequence: sequence: expected a PackedSequence, got a Variable",
    ),
    (
        lambda x: pad_packed_sequence(pack_padded_sequence(x, [3, 1]), total_length=2),
        ValueError,
        "pad_packed_sequence: total_length: expected at least 3, the longest sequence, got 2",
    ),
    (
        lambda x: pad_sequence([]),
        ValueError,
        "pad_sequence: sequences: expected at least one, got none",
    ),
    (
        lambda x: pad_sequence([x, 3]),
        TypeError,
        "pad_sequence: sequence 1: expected a Variable, got int",
    ),
    (
        lambda x: pack_sequence([x, x[0]]),
        ValueError,
        r"pack_sequence: sequence 1: expected size \(steps, \*\) .* \(3, 2\), got \(2,\)",
    ),
    (
        lambda x: pack_sequence([x, x[:0]]),
        ValueError,
        r"pack_sequence: sequences: expected no empty one, got lengths \[3, 0\]",
    ),
    (lambda x: pack_sequence([x[:1], x]), ValueError, "pack_sequence: lengths: expected them in"),
    (
        lambda x: unpad_sequence(x, [1]),
        ValueError,
        r"unpad_sequence: lengths: expected one for each sequence .* of size \(3, 2\), got 1",
    ),
    (lambda x: unpad_sequence(1, [1]), TypeError, "unpad_sequence: padded: expected a Variable"),
    (
        lambda x: PackedSequence(x, [1, 2]),
        ValueError,
        r"PackedSequence: batch_sizes: expected sizes of at least 1 that never grow, 3 in all, got",
    ),
    (lambda x: PackedSequence(x, [2, 0]), ValueError, "PackedSequence: batch_sizes"),
    (lambda x: PackedSequence(x, [2]), ValueError, "PackedSequence: batch_sizes"),
    (lambda x: PackedSequence(x, []), ValueError, "PackedSequence: batch_sizes"),
    (lambda x: PackedSequence(x, 3), TypeError, "batch_sizes: expected a list of ints, got 3"),
    (lambda x: PackedSequence(3, [3]), TypeError, "PackedSequence: data: expected a Variable"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(numbered(3, 2))
