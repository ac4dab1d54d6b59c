import numpy
import pytest
import torch
from torch.utils.data import (
    DataLoader,
    Dataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    TensorDataset,
    default_collate,
)


class Squares(Dataset):
    """Sample i is (i, i * i); the numbers in `broken` raise."""

    def __init__(self, size, broken=()):
        self.size = size
        self.broken = broken

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if index in self.broken:
            raise KeyError(f"sample {index}")
        return index, index * index


class TestDataset:
    def test_samples_are_pairs(self):
        data = torch.arange(12).view(4, 3)
        target = torch.arange(4)
        dataset = TensorDataset(data, target)
        assert len(dataset) == 4
        sample, label = dataset[2]
        assert sample.tolist() == [6, 7, 8]
        assert label == 2

    def test_sizes_must_agree(self):
        with pytest.raises(ValueError, match="got 4 samples and 3 targets"):
            TensorDataset(torch.zeros(4, 2), torch.zeros(3))

    def test_tensors_are_required(self):
        with pytest.raises(TypeError, match="expected target_tensor to be a tensor, got list"):
            TensorDataset(torch.zeros(4, 2), [1, 2, 3, 4])

    def test_scalars_have_no_samples(self):
        with pytest.raises(ValueError, match="data_tensor of at least 1 dimension"):
            TensorDataset(torch.tensor(3.0), torch.zeros(1))

    def test_bases_say_what_is_missing(self):
        class Empty(Dataset):
            pass

        with pytest.raises(NotImplementedError, match="Empty: a Dataset must define __getitem__"):
            Empty()[0]
        with pytest.raises(NotImplementedError, match="Empty: a Dataset must define __len__"):
            len(Empty())
        with pytest.raises(NotImplementedError, match="Sampler: a Sampler must define __iter__"):
            iter(Sampler([]))
        with pytest.raises(NotImplementedError, match="Sampler: a Sampler must define __len__"):
            len(Sampler([]))


class TestSamplers:
    def test_sequential(self):
        sampler = SequentialSampler(Squares(4))
        assert list(sampler) == [0, 1, 2, 3]
        assert len(sampler) == 4

    def test_random_is_a_permutation_drawn_anew(self):
        torch.manual_seed(1)
        sampler = RandomSampler(Squares(50))
        first, second = list(sampler), list(sampler)
        assert sorted(first) == sorted(second) == list(range(50))
        assert first != second
        assert all(type(index) is int for index in first)

    def test_random_repeats_with_the_seed(self):
        sampler = RandomSampler(Squares(50))
        torch.manual_seed(7)
        first = list(sampler)
        torch.manual_seed(7)
        assert list(sampler) == first

    def test_subset(self):
        torch.manual_seed(1)
        sampler = SubsetRandomSampler(range(10, 60))
        first, second = list(sampler), list(sampler)
        assert sorted(first) == sorted(second) == list(range(10, 60))
        assert first != second
        assert len(sampler) == 50

    def test_nothing_to_sample(self):
        assert list(RandomSampler([])) == []
        assert list(SubsetRandomSampler([])) == []


class TestCollate:
    def test_tensors_are_stacked(self):
        batch = default_collate([torch.zeros(2, 3), torch.ones(2, 3)])
        assert batch.size() == (2, 2, 3)
        assert batch[1].tolist() == [[1.0] * 3] * 2

    @pytest.mark.parametrize(
        ("samples", "dtype"),
        [
            ([1, 2, 3], torch.int64),
            ([1.5, 2.0], torch.float64),
            ([1, 2.5], torch.float64),
            ([True, False], torch.bool),
        ],
    )
    def test_numbers(self, samples, dtype):
        batch = default_collate(samples)
        assert batch.dtype == dtype
        assert batch.tolist() == samples

    def test_strings_stay_a_list(self):
        assert default_collate(["a", "b"]) == ["a", "b"]
        assert default_collate([b"a"]) == [b"a"]

    def test_structures_are_joined_item_by_item(self):
        batch = default_collate([{"x": (1, [2.0]), "name": "p"}, {"x": (3, [4.0]), "name": "q"}])
        assert batch["name"] == ["p", "q"]
        numbers, (reals,) = batch["x"]
        assert numbers.tolist() == [1, 3]
        assert reals.tolist() == [2.0, 4.0]

    def test_ndarrays_and_numpy_scalars(self):
        batch = default_collate([numpy.zeros((2, 2), "float32"), numpy.ones((2, 2), "float32")])
        assert batch.size() == (2, 2, 2)
        assert batch.dtype == torch.float32
        scalars = default_collate([numpy.float32(1.5), numpy.float32(2)])
        assert scalars.dtype == torch.float32
        assert scalars.tolist() == [1.5, 2.0]

    @pytest.mark.parametrize(
        ("samples", "error", "text"),
        [
            ([], ValueError, "expected at least one sample, got none"),
            ([object()], TypeError, "got object; pass collate_fn="),
            ([None], TypeError, "got NoneType"),
            ([(1, 2), (3,)], ValueError, "a sequence of 2 items, got a tuple of 1 items"),
            ([(1, 2), 3], ValueError, "a sequence of 2 items, got a int"),
            ([{"a": 1}, {"b": 1}], ValueError, r"the keys \['a'\], got a dict with the keys"),
        ],
    )
    def test_what_does_not_fit(self, samples, error, text):
        with pytest.raises(error, match=text):
            default_collate(samples)

    def test_tensors_of_different_sizes(self):
        with pytest.raises(ValueError, match="stack: "):
            default_collate([torch.zeros(2), torch.zeros(3)])


class TestDataLoader:
    def test_batches_in_order(self):
        loader = DataLoader(Squares(5), batch_size=2)
        assert len(loader) == 3
        assert [(x.tolist(), y.tolist()) for x, y in loader] == [
            ([0, 1], [0, 1]),
            ([2, 3], [4, 9]),
            ([4], [16]),
        ]

    def test_the_default_is_one_sample_per_batch(self):
        data = torch.arange(6).view(2, 3)
        batches = list(DataLoader(TensorDataset(data, torch.arange(2))))
        assert [x.size() for x, _ in batches] == [(1, 3), (1, 3)]
        assert [y.size() for _, y in batches] == [(1,), (1,)]

    def test_shuffle_visits_everything_once(self):
        torch.manual_seed(3)
        loader = DataLoader(Squares(40), batch_size=7, shuffle=True)
        passes = [[index for x, _ in loader for index in x.tolist()] for _ in range(2)]
        assert sorted(passes[0]) == sorted(passes[1]) == list(range(40))
        assert passes[0] != passes[1]

    def test_sampler(self):
        loader = DataLoader(Squares(10), batch_size=2, sampler=SubsetRandomSampler([3, 5, 7]))
        assert len(loader) == 2
        assert sorted(index for x, _ in loader for index in x.tolist()) == [3, 5, 7]

    def test_collate_fn(self):
        assert list(DataLoader(Squares(3), batch_size=2, collate_fn=len)) == [2, 1]

    def test_empty_dataset(self):
        loader = DataLoader(Squares(0), batch_size=4)
        assert len(loader) == 0
        assert list(loader) == []

    def test_iterators_are_independent_and_have_next(self):
        loader = DataLoader(Squares(4), batch_size=2)
        one, other = iter(loader), iter(loader)
        assert one.next()[0].tolist() == [0, 1]
        assert len(one) == 1
        assert other.next()[0].tolist() == [0, 1]
        assert one.next()[0].tolist() == [2, 3]
        for _ in range(2):
            with pytest.raises(StopIteration):
                one.next()
        assert len(one) == 0

    def test_goes_on_after_an_exception(self):
        iterator = iter(DataLoader(Squares(6, broken=[2]), batch_size=2))
        assert next(iterator)[0].tolist() == [0, 1]
        with pytest.raises(KeyError, match="sample 2"):
            next(iterator)
        assert next(iterator)[0].tolist() == [4, 5]
        with pytest.raises(StopIteration):
            next(iterator)

    @pytest.mark.parametrize(
        ("arguments", "error", "text"),
        [
            ({"batch_size": 0}, ValueError, "batch_size of at least 1, got 0"),
            ({"batch_size": 2.0}, TypeError, "batch_size to be an int, got float"),
            ({"batch_size": True}, TypeError, "batch_size to be an int, got bool"),
            ({"num_workers": 2}, ValueError, "expected num_workers=0, got 2"),
            ({"pin_memory": True}, ValueError, "expected pin_memory=False"),
            (
                {"shuffle": True, "sampler": SequentialSampler([])},
                ValueError,
                "expected shuffle or a sampler, got both",
            ),
        ],
    )
    def test_wrong_arguments(self, arguments, error, text):
        with pytest.raises(error, match=text):
            DataLoader(Squares(3), **arguments)
