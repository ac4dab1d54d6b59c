"""What every module can do: parameters, sharing, types, the tree."""

import copy
import pickle

import pytest
import torch
import torch.legacy.nn as nn


@pytest.fixture
def model():
    torch.manual_seed(5)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Sequential(nn.Linear(4, 2)))


class TestParameters:
    def test_listed_with_their_gradients(self, model):
        parameters, gradients = model.parameters()
        assert [tuple(p.size()) for p in parameters] == [(4, 3), (4,), (2, 4), (2,)]
        assert [tuple(g.size()) for g in gradients] == [(4, 3), (4,), (2, 4), (2,)]
        assert parameters[0] is model.get(0).weight
        assert gradients[1] is model.get(0).gradBias
        assert nn.Tanh().parameters() == ([], [])

    def test_zero_and_update(self, model):
        _, gradients = model.parameters()
        before = model.get(0).weight.clone()
        for gradient in gradients:
            gradient.fill_(2)
        model.updateParameters(0.5)
        assert float((model.get(0).weight - (before - 1)).abs().max()) < 1e-6
        model.zeroGradParameters()
        assert all(float(gradient.abs().max()) == 0 for gradient in gradients)

    def test_flattened_parameters_are_the_modules_memory(self, model):
        x = torch.randn(5, 3)
        expected = model.forward(x).clone()
        weights, gradients = model.getParameters()
        assert weights.size() == gradients.size() == (26,)
        assert (model.forward(x) == expected).all()
        weights.fill_(0.5)
        assert model.get(2).get(0).bias.tolist() == [0.5, 0.5]
        model.backward(x, torch.ones(5, 2))
        assert gradients.narrow(0, 24, 2).tolist() == [5, 5]

    def test_flattening_again(self, model):
        model.getParameters()
        weights, _ = model.flattenParameters()
        model.get(0).weight.fill_(3)
        assert weights.narrow(0, 0, 12).tolist() == [3] * 12

    def test_shared_parameters_are_flattened_once(self):
        first = nn.Linear(3, 3)
        second = nn.Linear(3, 3).share(first, "weight", "bias", "gradWeight", "gradBias")
        weights, gradients = nn.Sequential(first, second).getParameters()
        assert weights.size() == gradients.size() == (12,)
        weights.fill_(7)
        assert first.bias.tolist() == second.bias.tolist() == [7, 7, 7]

    def test_half_shared_parameters(self):
        first = nn.Linear(3, 3)
        second = nn.Linear(3, 3).share(first, "weight", "bias")
        with pytest.raises(ValueError, match="got 12 parameters and 24 gradients"):
            nn.Sequential(first, second).getParameters()

    def test_overlapping_parameters(self):
        layer = nn.Linear(3, 3)
        layer.bias.set_(layer.weight.narrow(0, 1, 1).view(3))
        with pytest.raises(ValueError, match=r"equal views, got one of size \(3,\)"):
            layer.getParameters()

    def test_nothing_to_flatten(self):
        weights, gradients = nn.Tanh().getParameters()
        assert weights.numel() == gradients.numel() == 0


class TestCopies:
    def test_share(self, model):
        other = copy.deepcopy(model).share(model, "weight")
        model.get(0).weight.fill_(1)
        model.get(0).bias.fill_(1)
        assert other.get(0).weight.tolist() == [[1] * 3] * 4
        assert other.get(0).bias.tolist() != [1] * 4

    def test_clone(self, model):
        apart, together = model.clone(), model.clone("weight", "bias")
        model.getParameters()[0].fill_(2)
        assert apart.get(0).bias.tolist() != [2] * 4
        # getParameters moved the model to new memory; the clone kept the old.
        together.get(0).weight.fill_(4)
        assert model.get(0).weight.tolist() == [[2] * 3] * 4

    def test_clone_shares_memory(self, model):
        together = model.clone("weight")
        model.get(0).weight.fill_(9)
        assert together.get(0).weight.tolist() == [[9] * 3] * 4

    def test_share_needs_both(self, model):
        with pytest.raises(ValueError, match="both modules to have a tensor 'weight'"):
            nn.Tanh().share(nn.Linear(1, 1), "weight")
        with pytest.raises(ValueError, match="expected a container of 3 modules"):
            model.share(nn.Sequential(), "weight")

    def test_pickle(self, model):
        x = torch.randn(2, 3)
        expected = model.forward(x).clone()
        assert (pickle.loads(pickle.dumps(model)).forward(x) == expected).all()


class TestTypes:
    def test_conversion(self, model):
        assert model.type() == "torch.FloatTensor"
        assert model.double() is model
        assert model.type() == model.get(0).type() == "torch.DoubleTensor"
        assert all(p.dtype == torch.float64 for pair in model.parameters() for p in pair)
        assert model.forward(torch.randn(2, 3).double()).dtype == torch.float64
        model.type(torch.FloatTensor)
        assert model.forward(torch.randn(2, 3)).dtype == torch.float32

    def test_shared_memory_stays_shared(self, model):
        weights, _ = model.getParameters()
        model.double()
        first, last = model.get(0), model.get(2).get(0)
        assert first.weight.storage().data_ptr() == last.bias.storage().data_ptr()
        assert last.bias.tolist() == weights.narrow(0, 24, 2).double().tolist()

    def test_structures(self):
        indices = torch.LongTensor([1, 2])
        converted = nn.recursiveType({"a": [torch.ones(2), (indices, 3)]}, "torch.DoubleTensor")
        (ones, (kept, number)) = converted["a"]
        assert ones.dtype == torch.float64
        assert kept is indices
        assert number == 3

    def test_views_convert_to_views(self):
        base = torch.arange(6).float().view(2, 3)
        both = nn.recursiveType([base, base.t()], "torch.DoubleTensor")
        both[0].fill_(4)
        assert both[1].tolist() == [[4, 4]] * 3
        assert both[1].stride() == base.t().stride()

    def test_criterions_convert_their_weights(self):
        criterion = nn.ClassNLLCriterion(torch.ones(3)).double()
        assert criterion.type() == "torch.DoubleTensor"
        assert criterion.weights.dtype == torch.float64


class TestTree:
    def test_containers(self):
        model = nn.Sequential().add(nn.Tanh()).add(nn.ReLU())
        model.insert(nn.Sigmoid(), 1).insert(nn.LogSoftMax())
        assert [type(m).__name__ for m in model.modules] == [
            "Tanh",
            "Sigmoid",
            "ReLU",
            "LogSoftMax",
        ]
        assert model.size() == 4
        assert isinstance(model.remove(), nn.LogSoftMax)
        assert isinstance(model.remove(0), nn.Tanh)
        assert [type(m).__name__ for m in model.modules] == ["Sigmoid", "ReLU"]

    @pytest.mark.parametrize(
        ("call", "error", "text"),
        [
            (
                lambda m: m.add("Tanh"),
                TypeError,
                "Sequential: expected a legacy nn.Module, got str",
            ),
            (lambda m: m.insert(3, 0), TypeError, "got int"),
            (lambda m: m.insert(nn.Tanh(), 5), IndexError, r"insert: expected an index in 0\.\.3"),
            (lambda m: m.get(3), IndexError, "get: expected an index of one of 3 modules, got 3"),
            (lambda m: m.remove(7), IndexError, "got 7"),
            (lambda m: nn.Sequential(nn.Tanh), TypeError, "got type"),
        ],
    )
    def test_wrong_arguments(self, model, call, error, text):
        with pytest.raises(error, match=text):
            call(model)

    def test_training_and_evaluate(self, model):
        assert model.train
        model.evaluate()
        assert not model.get(2).get(0).train
        model.training()
        assert model.get(2).get(0).train

    def test_lists(self, model):
        assert [type(m).__name__ for m in model.listModules()] == [
            "Sequential",
            "Linear",
            "Tanh",
            "Sequential",
            "Linear",
        ]
        nodes, containers = model.findModules(nn.Linear)
        assert nodes == [model.get(0), model.get(2).get(0)]
        assert containers == [model, model.get(2)]
        assert model.findModules("nn.Tanh")[0] == [model.get(1)]
        shared = nn.Tanh()
        assert len(nn.Sequential(shared, shared).listModules()) == 2

    def test_apply_and_replace(self, model):
        seen = []
        model.apply(seen.append)
        assert seen[0] is model
        assert len(seen) == 5
        model.replace(lambda m: nn.ReLU() if isinstance(m, nn.Tanh) else m)
        assert isinstance(model.get(1), nn.ReLU)

    def test_reset(self, model):
        before = model.get(2).get(0).weight.clone()
        model.reset()
        assert (model.get(2).get(0).weight != before).any()

    def test_clear_state(self, model):
        model.forward(torch.randn(2, 3))
        assert model.clearState() is model
        assert model.output.numel() == model.get(0).output.numel() == 0

    def test_printing(self, model):
        assert repr(model) == (
            "nn.Sequential {\n"
            "  [input -> (0) -> (1) -> (2) -> output]\n"
            "  (0): nn.Linear(3 -> 4)\n"
            "  (1): nn.Tanh\n"
            "  (2): nn.Sequential {\n"
            "    [input -> (0) -> output]\n"
            "    (0): nn.Linear(4 -> 2)\n"
            "  }\n"
            "}"
        )
        assert repr(nn.ReLU()) == "nn.ReLU"
        assert repr(nn.Threshold(1, 0)) == "nn.Threshold(1, 0)"
        assert repr(nn.MSECriterion()) == "nn.MSECriterion"

    def test_sequential_updates_directly(self, model):
        other = model.clone()
        x, g = torch.randn(4, 3), torch.randn(4, 2)
        model.forward(x)
        model.backwardUpdate(x, g, 0.1)
        other.forward(x)
        other.updateGradInput(x, g)
        other.accUpdateGradParameters(x, g, 0.1)
        for ours, theirs in zip(model.parameters()[0], other.parameters()[0], strict=True):
            assert (ours == theirs).all()

    def test_sequential_in_two_steps(self, model):
        other = model.clone()
        x, g = torch.randn(4, 3), torch.randn(4, 2)
        model.forward(x)
        model.backward(x, g)
        other.forward(x)
        other.updateGradInput(x, g)
        other.accGradParameters(x, g)
        for ours, theirs in zip(model.parameters()[1], other.parameters()[1], strict=True):
            assert (ours == theirs).all()

    def test_a_module_passes_its_input_on(self):
        x = torch.ones(2)
        module = nn.Module()
        assert module.forward(x) is x
        assert module.backward(x, x) is x
        assert repr(module) == "nn.Module"
