"""Schedulers: against PyTorch's numbers and formulas, their states, and their errors."""

import copy
import json
import math
import pickle
from pathlib import Path

import pytest
import torch
from torch.autograd import Variable
from torch.optim import SGD, Adam, lr_scheduler
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)

PYTORCH = json.loads((Path(__file__).parent / "data" / "pytorch_steps.json").read_text())


def leaf():
    return Variable(torch.ones(1), requires_grad=True)


def sgd(momentum=0.9):
    return SGD([{"params": [leaf()]}, {"params": [leaf()], "lr": 0.3}], lr=0.1, momentum=momentum)


def make(optimizer, name, options):
    return getattr(lr_scheduler, name)(optimizer, **options)


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def momenta(optimizer):
    return [group["momentum"] for group in optimizer.param_groups]


def close(got, expected):
    assert got == pytest.approx(expected, rel=1e-11, abs=1e-15)


def label(case):
    return "+".join(name for name, _ in case[0])


@pytest.mark.parametrize("case", PYTORCH["schedules"], ids=label)
def test_as_pytorch(case):
    """Numbers that PyTorch 2.13 computed; see data/make_pytorch_steps.py."""
    names, epochs, expected = case
    optimizer = sgd()
    schedulers = [make(optimizer, name, options) for name, options in names]
    for epoch in range(epochs):
        close(rates(optimizer), [rate for rate, _ in expected[epoch]])
        close(momenta(optimizer), [momentum for _, momentum in expected[epoch]])
        assert schedulers[-1].get_last_lr() == rates(optimizer)
        for scheduler in schedulers:
            assert scheduler.last_epoch == epoch
            scheduler.step()


@pytest.mark.parametrize("case", PYTORCH["schedules"], ids=label)
def test_a_chain_of_them_and_its_state(case):
    names, epochs, expected = case

    def chain():
        optimizer = sgd()
        return optimizer, ChainedScheduler([make(optimizer, *one) for one in names])

    optimizer, scheduler = chain()
    for _ in range(epochs // 2):
        scheduler.step()
    states = pickle.loads(pickle.dumps([optimizer.state_dict(), scheduler.state_dict()]))
    optimizer, scheduler = chain()
    optimizer.load_state_dict(states[0])
    scheduler.load_state_dict(states[1])
    for epoch in range(epochs // 2, epochs):
        close(scheduler.get_last_lr(), [rate for rate, _ in expected[epoch]])
        scheduler.step()
    assert rates(optimizer) == scheduler.get_last_lr()


@pytest.mark.parametrize(
    "case", PYTORCH["sequences"], ids=lambda case: f"{case[0][0]}, {case[1][0]}"
)
def test_sequences_as_pytorch(case):
    first, second, milestone, expected = case

    def sequence():
        optimizer = sgd()
        pair = [make(optimizer, *first), make(optimizer, *second)]
        return optimizer, SequentialLR(optimizer, pair, [milestone])

    optimizer, scheduler = sequence()
    states = []
    for values in expected:
        close(rates(optimizer), values)
        states.append(copy.deepcopy([optimizer.state_dict(), scheduler.state_dict()]))
        scheduler.step()
    for begin, (state, schedule) in enumerate(states):
        optimizer, scheduler = sequence()
        optimizer.load_state_dict(state)
        scheduler.load_state_dict(schedule)
        for values in expected[begin:]:
            close(scheduler.get_last_lr(), values)
            scheduler.step()


@pytest.mark.parametrize("case", PYTORCH["plateaus"], ids=lambda case: str(case[0]))
def test_plateaus_as_pytorch(case):
    options, expected = case
    optimizer = sgd()
    scheduler = ReduceLROnPlateau(optimizer, **options)
    assert scheduler.get_last_lr() == [0.1, 0.3]
    for epoch, (measure, values) in enumerate(zip(PYTORCH["measures"], expected, strict=True)):
        if epoch % 3 == 1:
            measure = Variable(torch.DoubleTensor([measure]))
        elif epoch % 3 == 2:
            measure = torch.tensor(measure, dtype=torch.float64)
        scheduler.step(measure)
        close(rates(optimizer), values)
        if epoch == 5:
            state = copy.deepcopy(scheduler.state_dict())
            scheduler = ReduceLROnPlateau(optimizer)
            scheduler.load_state_dict(state)
    assert rates(optimizer) != [0.1, 0.3]


def test_a_plateau_of_negative_infinite_or_no_numbers():
    optimizer = sgd()
    scheduler = ReduceLROnPlateau(optimizer, patience=1, threshold=0, factor=0.5)
    for measure in (-1.0, -2.0, -math.inf, -math.inf):
        scheduler.step(measure)
    assert scheduler.num_bad_epochs == 1
    scheduler.step(math.nan)
    close(rates(optimizer), [0.05, 0.15])


def test_lambdas():
    optimizer = sgd()
    scheduler = LambdaLR(optimizer, [lambda epoch: 1 / (epoch + 1), lambda epoch: 0.5**epoch])
    for epoch in range(4):
        close(rates(optimizer), [0.1 / (epoch + 1), 0.3 * 0.5**epoch])
        scheduler.step()
    optimizer = sgd()
    scheduler = MultiplicativeLR(optimizer, lambda epoch: epoch)
    for factor in (1, 1, 2, 6):
        close(rates(optimizer), [0.1 * factor, 0.3 * factor])
        scheduler.step()


class Warmup:
    def __init__(self, epochs):
        self.epochs = epochs
        self.calls = 0

    def __call__(self, epoch):
        self.calls += 1
        return min(1, (epoch + 1) / self.epochs)


def test_a_state_has_the_attributes_of_objects_but_no_functions():
    scheduler = LambdaLR(sgd(), [Warmup(4), lambda epoch: 1])
    scheduler.step()
    state = pickle.loads(pickle.dumps(scheduler.state_dict()))
    assert state["lr_lambdas"] == [{"epochs": 4, "calls": 2}, None]
    other = LambdaLR(sgd(), [Warmup(9), lambda epoch: 1])
    other.load_state_dict(state)
    assert vars(other.lr_lambdas[0]) == {"epochs": 4, "calls": 2}
    assert other.last_epoch == 1
    other = CyclicLR(sgd(), 0.1, 0.5, scale_fn=abs)
    state = other.state_dict()
    assert "scale_fn" not in state
    other.load_state_dict(state)
    assert other.scale_fn is abs


@pytest.mark.parametrize(
    "scheduler, options",
    [
        (StepLR, {"step_size": 3, "gamma": 0.5}),
        (MultiStepLR, {"milestones": [2, 5, 5], "gamma": 0.5}),
        (ConstantLR, {"factor": 0.5, "total_iters": 3}),
        (LinearLR, {"start_factor": 0.25, "total_iters": 4}),
        (PolynomialLR, {"total_iters": 9, "power": 2}),
        (ExponentialLR, {"gamma": 0.9}),
        (CosineAnnealingLR, {"T_max": 20, "eta_min": 0.01}),
        (CosineAnnealingWarmRestarts, {"T_0": 3, "T_mult": 2}),
        (LambdaLR, {"lr_lambda": Warmup(5)}),
        (CyclicLR, {"base_lr": 0.1, "max_lr": 1, "step_size_up": 3}),
        (OneCycleLR, {"max_lr": 1, "total_steps": 20}),
    ],
)
def test_going_to_an_epoch_and_going_on_from_one(scheduler, options):
    optimizer = sgd()
    stepped = scheduler(optimizer, **options)
    jumped = sgd()
    jumping = scheduler(jumped, **options)
    for epoch in (1, 2, 3, 4, 5, 6, 7, 8):
        stepped.step()
        jumping.step(epoch)
        close(rates(jumped), rates(optimizer))
    jumping.step(3)
    assert jumping.last_epoch == 3
    # with the optimizer's state alone
    other = sgd()
    other.load_state_dict(optimizer.state_dict())
    continued = scheduler(other, **options, last_epoch=8)
    stepped.step()
    assert continued.last_epoch == 9
    close(rates(other), rates(optimizer))


def test_restarts_within_epochs():
    optimizer = sgd()
    scheduler = CosineAnnealingWarmRestarts(optimizer, T_0=2, T_mult=2)
    scheduler.step(1.5)
    close(rates(optimizer)[0], 0.05 * (1 + math.cos(math.pi * 0.75)))
    scheduler.step(4.0)
    close(rates(optimizer)[0], 0.05)
    assert (scheduler.last_epoch, scheduler.T_i, scheduler.T_cur) == (4, 4, 2)


def test_scales_of_cycles():
    optimizer = sgd()
    options = {"step_size_up": 2, "cycle_momentum": False}
    scheduler = CyclicLR(optimizer, 0.0, 1.0, scale_fn=lambda cycle: 1 / cycle, **options)
    seen = []
    for _ in range(8):
        seen.append(rates(optimizer)[0])
        scheduler.step()
    close(seen, [0, 0.5, 1, 0.5, 0, 0.25, 0.5, 0.25])
    assert momenta(optimizer) == [0.9, 0.9]
    scheduler = CyclicLR(
        optimizer, 0.0, 1.0, scale_fn=lambda n: 10 * n, scale_mode="iterations", **options
    )
    scheduler.step()
    close(rates(optimizer), [5, 5])


def test_momenta_of_adam_are_its_first_betas():
    optimizer = Adam([leaf()])
    scheduler = OneCycleLR(optimizer, 1.0, total_steps=4, pct_start=0.5)
    assert optimizer.param_groups[0]["betas"] == (0.95, 0.999)
    scheduler.step()
    assert optimizer.param_groups[0]["betas"] == pytest.approx((0.85, 0.999))


def test_one_cycle_ends():
    optimizer = sgd()
    scheduler = OneCycleLR(optimizer, 1.0, total_steps=5)
    for _ in range(5):  # one after each batch
        optimizer.step()
        scheduler.step()
    close(rates(optimizer), [1 / 25 / 1e4] * 2)
    with pytest.raises(ValueError, match="OneCycleLR.step: expected at most total_steps=5 steps"):
        scheduler.step()


def test_schedulers_in_files_and_copies(tmp_path):
    optimizer = sgd()
    scheduler = SequentialLR(optimizer, [LinearLR(optimizer), CosineAnnealingLR(optimizer, 5)], [3])
    torch.save((optimizer, scheduler), str(tmp_path / "state.pt"))
    for other, copied in (
        torch.load(str(tmp_path / "state.pt")),
        copy.deepcopy((optimizer, scheduler)),
    ):
        assert copied.optimizer is other is not optimizer
        copied.step()
        assert rates(other) == copied.get_last_lr() != rates(optimizer)


def test_a_new_scheduler_needs_get_lr_only():
    class Halving(LRScheduler):
        def get_lr(self):
            return [base / 2**self.last_epoch for base in self.base_lrs]

    optimizer = sgd()
    scheduler = Halving(optimizer)
    scheduler.step()
    scheduler.step(3)
    close(rates(optimizer), [0.1 / 8, 0.3 / 8])
    with pytest.raises(NotImplementedError, match="LRScheduler: get_lr is not defined"):
        LRScheduler(optimizer)


def test_states_of_pytorch_have_more_entries():
    scheduler = StepLR(sgd(), 3)
    scheduler.load_state_dict({**scheduler.state_dict(), "_step_count": 5, "last_epoch": 4})
    assert scheduler.last_epoch == 4
    assert not hasattr(scheduler, "_step_count")


def group_added(scheduler, *options):
    optimizer = sgd()
    scheduler = scheduler(optimizer, *options)
    optimizer.add_param_group({"params": [leaf()]})
    scheduler.step()
    scheduler.step()


def plateau_of_a_group_added():
    optimizer = sgd()
    scheduler = ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": [leaf()]})
    for _ in range(2):
        scheduler.step(1.0)


def other_optimizer(kind):
    optimizer = sgd()
    schedulers = [StepLR(optimizer, 3), StepLR(sgd(), 3)]
    return kind(schedulers) if kind is ChainedScheduler else kind(optimizer, schedulers, [2])


def sequence(milestones, **options):
    optimizer = sgd()
    SequentialLR(optimizer, [StepLR(optimizer, 3), StepLR(optimizer, 3)], milestones, **options)


def load(scheduler, state):
    return lambda: scheduler.load_state_dict(state)


ERRORS = [
    (lambda: StepLR(3, 3), TypeError, "StepLR: optimizer: expected an Optimizer, got int"),
    (lambda: ReduceLROnPlateau(None), TypeError, "optimizer: expected an Optimizer, got NoneType"),
    (
        lambda: StepLR(sgd(), 3, last_epoch=4),
        KeyError,
        "StepLR: group 0 has no 'initial_lr', which last_epoch=4 continues from",
    ),
    (lambda: StepLR(sgd(), 3, last_epoch=-2), ValueError, "last_epoch: expected an int of at"),
    (
        lambda: StepLR(sgd(), 0),
        ValueError,
        "StepLR: step_size: expected an int of at least 1, got 0",
    ),
    (lambda: StepLR(sgd(), True), ValueError, "step_size: expected an int of .*, got True"),
    (lambda: StepLR(sgd(), 3, gamma=-1), ValueError, "gamma: expected a number of at least 0, got"),
    (lambda: StepLR(sgd(), 3).step(-1), ValueError, "StepLR: step: epoch: expected an int"),
    (
        lambda: group_added(LambdaLR, abs),
        ValueError,
        "LambdaLR.step: expected a rate for each of the optimizer's 3 groups, got 2; was a group",
    ),
    (plateau_of_a_group_added, ValueError, "ReduceLROnPlateau.step: expected a rate for each"),
    (lambda: group_added(CyclicLR, 0.1, 1), ValueError, "CyclicLR.step: expected a rate for each"),
    (lambda: group_added(CosineAnnealingLR, 1), ValueError, "CosineAnnealingLR.step: expected a"),
    (lambda: MultiStepLR(sgd(), [1.5]), ValueError, "milestones: expected an int .*, got 1.5"),
    (lambda: MultiStepLR(sgd(), [1], gamma="x"), ValueError, "MultiStepLR: gamma: expected"),
    (lambda: ExponentialLR(sgd(), None), ValueError, "ExponentialLR: gamma: .*, got None"),
    (lambda: LambdaLR(sgd(), 3), TypeError, "LambdaLR: lr_lambda: expected functions, got 3"),
    (
        lambda: LambdaLR(sgd(), [abs]),
        ValueError,
        "lr_lambda: expected one or as many as there are groups, 2, got",
    ),
    (
        load(LambdaLR(sgd(), abs), {"lr_lambdas": [None]}),
        ValueError,
        "LambdaLR.load_state_dict: lr_lambdas: expected 2, got 1",
    ),
    (load(StepLR(sgd(), 3), 3), TypeError, "StepLR.load_state_dict: expected a dict, got int"),
    (
        load(StepLR(sgd(), 3), {"T_max": 3, "eta_min": 0}),
        ValueError,
        "unexpected T_max, eta_min: is this the state of another scheduler",
    ),
    (lambda: ConstantLR(sgd(), factor=0), ValueError, "factor: expected a number above 0 and at"),
    (lambda: ConstantLR(sgd(), total_iters=0), ValueError, "total_iters: expected an int"),
    (lambda: LinearLR(sgd(), start_factor=2), ValueError, "start_factor: expected .*, got 2"),
    (lambda: LinearLR(sgd(), end_factor=-1), ValueError, "end_factor: expected .* at most 1"),
    (lambda: LinearLR(sgd(), total_iters=0), ValueError, "LinearLR: total_iters: expected"),
    (lambda: PolynomialLR(sgd(), total_iters=0), ValueError, "PolynomialLR: total_iters: exp"),
    (lambda: PolynomialLR(sgd(), power=-1), ValueError, "PolynomialLR: power: expected"),
    (lambda: CosineAnnealingLR(sgd(), 0), ValueError, "T_max: expected an int of at least 1"),
    (lambda: CosineAnnealingLR(sgd(), 3, eta_min=-1), ValueError, "eta_min: expected a number"),
    (lambda: CosineAnnealingWarmRestarts(sgd(), 0), ValueError, "T_0: expected an int"),
    (lambda: CosineAnnealingWarmRestarts(sgd(), 1, T_mult=0), ValueError, "T_mult: expected"),
    (lambda: CosineAnnealingWarmRestarts(sgd(), 1, eta_min=-1), ValueError, "eta_min: expected"),
    (
        lambda: CosineAnnealingWarmRestarts(sgd(), 1).step(-0.5),
        ValueError,
        "step: epoch: expected a number of at least 0, got -0.5",
    ),
    (lambda: ReduceLROnPlateau(sgd(), "low"), ValueError, "mode: expected 'min' or 'max', got"),
    (lambda: ReduceLROnPlateau(sgd(), factor=1), ValueError, "factor: .* below 1, got 1"),
    (lambda: ReduceLROnPlateau(sgd(), patience=-1), ValueError, "patience: expected an int"),
    (lambda: ReduceLROnPlateau(sgd(), cooldown=0.5), ValueError, "cooldown: expected an int"),
    (lambda: ReduceLROnPlateau(sgd(), threshold=-1), ValueError, "threshold: expected a number"),
    (lambda: ReduceLROnPlateau(sgd(), eps=-1), ValueError, "eps: expected a number"),
    (
        lambda: ReduceLROnPlateau(sgd(), threshold_mode="x"),
        ValueError,
        "threshold_mode: expected 'rel' or 'abs', got 'x'",
    ),
    (lambda: ReduceLROnPlateau(sgd(), min_lr=[1]), ValueError, "min_lr: expected one or as many"),
    (lambda: ReduceLROnPlateau(sgd(), min_lr=-1), ValueError, "min_lr: expected a number"),
    (
        lambda: ReduceLROnPlateau(sgd()).step(torch.ones(2)),
        TypeError,
        "ReduceLROnPlateau.step: metrics: expected one number, got",
    ),
    (lambda: CyclicLR(sgd(), -1, 1), ValueError, "CyclicLR: base_lr: expected a number"),
    (lambda: CyclicLR(sgd(), 0, [1]), ValueError, "CyclicLR: max_lr: expected one or as many"),
    (lambda: CyclicLR(sgd(), 0, 1, 0), ValueError, "step_size_up: expected an int"),
    (lambda: CyclicLR(sgd(), 0, 1, 1, 0), ValueError, "step_size_down: expected an int"),
    (lambda: CyclicLR(sgd(), 0, 1, mode="x"), ValueError, "mode: expected 'triangular', "),
    (lambda: CyclicLR(sgd(), 0, 1, gamma=-1), ValueError, "CyclicLR: gamma: expected"),
    (lambda: CyclicLR(sgd(), 0, 1, scale_fn=3), TypeError, "scale_fn: expected a function, got 3"),
    (lambda: CyclicLR(sgd(), 0, 1, scale_mode="x"), ValueError, "scale_mode: expected 'cycle' or"),
    (
        lambda: CyclicLR(torch.optim.Rprop([leaf()]), 0, 1),
        ValueError,
        "cycle_momentum: expected an optimizer with momentum or betas, got Rprop; give",
    ),
    (lambda: CyclicLR(sgd(), 0, 1, base_momentum=-1), ValueError, "base_momentum: expected a"),
    (lambda: CyclicLR(sgd(), 0, 1, max_momentum=[1]), ValueError, "max_momentum: expected one"),
    (lambda: OneCycleLR(sgd(), 1), ValueError, "expected total_steps, or both epochs and steps"),
    (lambda: OneCycleLR(sgd(), 1, epochs=3), ValueError, "epochs=3 and steps_per_epoch=None"),
    (lambda: OneCycleLR(sgd(), 1, 0), ValueError, "total_steps: expected an int of at least 1"),
    (lambda: OneCycleLR(sgd(), 1, None, 0, 1), ValueError, "epochs: expected an int"),
    (lambda: OneCycleLR(sgd(), 1, None, 1, 0), ValueError, "steps_per_epoch: expected an int"),
    (lambda: OneCycleLR(sgd(), 1, 9, pct_start=2), ValueError, "pct_start: expected .* got 2"),
    (lambda: OneCycleLR(sgd(), 1, 9, anneal_strategy=1), ValueError, "anneal_strategy: expected"),
    (lambda: OneCycleLR(sgd(), 1, 9, div_factor=0), ValueError, "div_factor: .* above 0, got 0"),
    (lambda: OneCycleLR(sgd(), 1, 9, final_div_factor=0), ValueError, "final_div_factor: expect"),
    (lambda: OneCycleLR(sgd(), -1, 9), ValueError, "max_lr: expected a number of at least 0"),
    (lambda: ChainedScheduler([]), ValueError, r"schedulers: expected a list of .*, got \[\]"),
    (
        lambda: ChainedScheduler([ReduceLROnPlateau(sgd())]),
        TypeError,
        r"schedulers\[0\]: expected a scheduler whose step takes no measure, got ReduceLROnPlateau",
    ),
    (lambda: ChainedScheduler([3]), TypeError, r"schedulers\[0\]: expected .*, got int"),
    (
        lambda: other_optimizer(ChainedScheduler),
        ValueError,
        r"ChainedScheduler: schedulers\[1\]: expected a scheduler of the same optimizer",
    ),
    (lambda: other_optimizer(SequentialLR), ValueError, r"SequentialLR: schedulers\[1\]: exp"),
    (lambda: sequence([]), ValueError, "milestones: expected one fewer than the 2 schedulers"),
    (lambda: sequence([0]), ValueError, "milestones: expected an int of at least 1, got 0"),
    (lambda: sequence([2], last_epoch=-2), ValueError, "last_epoch: expected an int"),
    (
        lambda: SequentialLR(o := sgd(), [StepLR(o, 3) for _ in range(3)], [4, 2]),
        ValueError,
        r"milestones: expected growing numbers, got \[4, 2\]",
    ),
    (
        lambda: SequentialLR(o := sgd(), [StepLR(o, 3)], []).step(3),
        TypeError,
        "SequentialLR.step: expected no epoch, got 3",
    ),
    (
        load(ChainedScheduler([StepLR(sgd(), 3)]), {"_schedulers": []}),
        ValueError,
        "expected the states of 1 schedulers, got 0",
    ),
    (load(ChainedScheduler([StepLR(sgd(), 3)]), 3), TypeError, "expected a dict, got int"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
