"""Makes pytorch_steps.json and pytorch_states.pt with PyTorch 2.13.

The first is what PyTorch's optimizers and schedulers compute, the second are states of optimizers
and where they went from there.

The rules descend along p + sin(wave * step) from `start`; the file has the parameters after
`steps` steps. Adam has eps=0: PyTorch puts it beside another root than the alpha does. The
schedules are the groups' rates (and momenta) of the first epochs.
"""

import copy
import json
from pathlib import Path

import torch
from torch import optim

START = [0.5, -1.0, 2.0, 0.0]
WAVE = [0.7, 1.3, 0.1, 2.9]
STEPS = [1, 3, 30]

RULES = [
    ["SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.2, "weight_decay": 0.1}],
    ["SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True}],
    ["Adam", {"lr": 0.1, "eps": 0, "weight_decay": 0.1}],
    ["Adam", {"lr": 0.1, "eps": 0, "amsgrad": True, "betas": [0.8, 0.7]}],
    ["AdamW", {"lr": 0.1, "eps": 1e-3}],
    ["AdamW", {"lr": 0.1, "eps": 1e-3, "weight_decay": 0.1, "amsgrad": True, "betas": [0.8, 0.7]}],
    ["Adamax", {"lr": 0.1, "eps": 1e-3, "weight_decay": 0.1}],
    ["NAdam", {"lr": 0.1, "eps": 1e-3, "weight_decay": 0.1, "momentum_decay": 0.1}],
    ["NAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}],
    ["RAdam", {"lr": 0.1, "eps": 1e-3, "weight_decay": 0.1}],
    ["RAdam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}],
    ["Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}],
    ["Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1}],
    ["Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3}],
    ["RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1}],
    ["RMSprop", {"lr": 0.1, "momentum": 0.5, "centered": True, "eps": 1e-3}],
    ["Rprop", {"lr": 0.1, "etas": [0.4, 1.3], "step_sizes": [1e-3, 0.5]}],
    ["ASGD", {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 5, "weight_decay": 0.1}],
]


def steps(name, options):
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(optim, name)([p], **options)
    wave = torch.tensor(WAVE, dtype=torch.float64)
    values = []
    for t in range(1, STEPS[-1] + 1):
        p.grad = p.detach() + torch.sin(wave * t)
        optimizer.step()
        if t in STEPS:
            values.append(p.tolist())
    return values


# Each: schedulers on one optimizer, by name and arguments; how many are stepped together; epochs.
SCHEDULES = [
    [[["StepLR", {"step_size": 3, "gamma": 0.5}]], 8],
    [[["MultiStepLR", {"milestones": [2, 5, 5], "gamma": 0.5}]], 8],
    [[["ConstantLR", {"factor": 0.5, "total_iters": 3}]], 6],
    [[["LinearLR", {"start_factor": 0.25, "end_factor": 0.75, "total_iters": 4}]], 7],
    [[["PolynomialLR", {"total_iters": 5, "power": 2.0}]], 8],
    [[["ExponentialLR", {"gamma": 0.9}]], 6],
    [[["CosineAnnealingLR", {"T_max": 4, "eta_min": 0.01}]], 12],
    [[["CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}]], 12],
    [[["CosineAnnealingWarmRestarts", {"T_0": 3}]], 8],
    [[["ExponentialLR", {"gamma": 0.9}], ["StepLR", {"step_size": 3, "gamma": 0.5}]], 8],
    [[["LinearLR", {"total_iters": 3}], ["CosineAnnealingLR", {"T_max": 6}]], 8],
    [[["CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 3, "step_size_down": 2}]], 12],
    [[["CyclicLR", {"base_lr": 0.1, "max_lr": [0.5, 0.9], "step_size_up": 2,
                    "mode": "triangular2"}]], 10],
    [[["CyclicLR", {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 2, "mode": "exp_range",
                    "gamma": 0.9, "base_momentum": 0.5}]], 10],
    [[["OneCycleLR", {"max_lr": 0.5, "total_steps": 10}]], 10],
    [[["OneCycleLR", {"max_lr": [0.5, 1.0], "total_steps": 12, "three_phase": True,
                      "anneal_strategy": "linear", "pct_start": 0.4}]], 12],
    [[["OneCycleLR", {"max_lr": 0.5, "epochs": 3, "steps_per_epoch": 4, "div_factor": 10,
                      "final_div_factor": 100, "base_momentum": 0.6}]], 12],
]  # fmt: skip
# What ReduceLROnPlateau is told, and its options.
MEASURES = [1.0, 0.9, 0.9, 0.91, 0.89, 0.9, 0.9, 0.9, 0.9, 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]
PLATEAUS = [
    {"patience": 1, "factor": 0.5},
    {"patience": 0, "factor": 0.5, "cooldown": 2},
    {"mode": "max", "patience": 1, "factor": 0.1, "min_lr": [0.05, 0.01]},
    {"patience": 1, "threshold": 0.05, "threshold_mode": "abs"},
    {"patience": 0, "factor": 0.1, "eps": 1e-3, "threshold": 0.2},
]
# First and second scheduler, and where the second begins.
SEQUENCES = [
    [["LinearLR", {"total_iters": 3}], ["CosineAnnealingLR", {"T_max": 4}], 3],
    [["ConstantLR", {"factor": 0.1, "total_iters": 2}], ["ExponentialLR", {"gamma": 0.9}], 2],
    [["StepLR", {"step_size": 2}], ["PolynomialLR", {"total_iters": 4}], 5],
]


def sgd():
    a, b = (torch.zeros(1, requires_grad=True) for _ in range(2))
    return optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.3}], lr=0.1, momentum=0.9)


def now(optimizer):
    return [[group["lr"], group["momentum"]] for group in optimizer.param_groups]


def schedule(schedulers, epochs):
    optimizer = sgd()
    made = [getattr(optim.lr_scheduler, name)(optimizer, **options) for name, options in schedulers]
    rates = [now(optimizer)]
    for _ in range(epochs - 1):
        optimizer.step()
        for scheduler in made:
            scheduler.step()
        rates.append(now(optimizer))
    return rates


def plateau(options):
    optimizer = sgd()
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
    rates = []
    for measure in MEASURES:
        scheduler.step(measure)
        rates.append([rate for rate, _ in now(optimizer)])
    return rates


def sequence(first, second, milestone):
    optimizer = sgd()
    pair = [getattr(optim.lr_scheduler, name)(optimizer, **options)
            for name, options in (first, second)]  # fmt: skip
    scheduler = optim.lr_scheduler.SequentialLR(optimizer, pair, [milestone])
    rates = [now(optimizer)]
    for _ in range(9):
        optimizer.step()
        scheduler.step()
        rates.append(now(optimizer))
    return [[rate for rate, _ in groups] for groups in rates]


# Of these pytorch_states.pt has states after 3 steps along a loss, and the parameters then and
# after 3 more.
STATES = {
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "AdamW": {"lr": 0.1},
    "NAdam": {"lr": 0.1},
    "RMSprop": {"momentum": 0.9, "centered": True},
    "ASGD": {"lr": 0.1},
    "LBFGS": {"lr": 0.1, "max_iter": 3},
}


def states(name, options):
    p = torch.linspace(-1, 1, 4, dtype=torch.float64).requires_grad_()
    q = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(optim, name)([("p", p), ("q", q)], **options)

    def closure():
        optimizer.zero_grad()
        loss = ((p * p - 2) ** 2).sum() + ((q - 3) ** 2).sum()
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    before = copy.deepcopy([p.tolist(), q.tolist(), optimizer.state_dict()])
    for _ in range(3):
        optimizer.step(closure)
    return [*before, p.tolist(), q.tolist()]


def rounded(value):
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return float(f"{value:.13g}") if isinstance(value, float) else value


if __name__ == "__main__":
    made = {
        "version": torch.__version__,
        "start": START,
        "wave": WAVE,
        "steps": STEPS,
        "rules": [[name, options, rounded(steps(name, options))] for name, options in RULES],
        "schedules": [[s, epochs, rounded(schedule(s, epochs))] for s, epochs in SCHEDULES],
        "measures": MEASURES,
        "plateaus": [[options, rounded(plateau(options))] for options in PLATEAUS],
        "sequences": [[*case, rounded(sequence(*case))] for case in SEQUENCES],
    }
    lines = [f" {json.dumps(key)}: " for key in made]
    for number, value in enumerate(made.values()):
        if isinstance(value, list) and isinstance(value[0], list):
            rows = ",\n  ".join(json.dumps(row, separators=(",", ":")) for row in value)
            lines[number] += f"[\n  {rows}\n ]"
        else:
            lines[number] += json.dumps(value)
    path = Path(__file__).with_name("pytorch_steps.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    made_states = {name: states(name, options) for name, options in STATES.items()}
    torch.save(made_states, path.with_name("pytorch_states.pt"))
