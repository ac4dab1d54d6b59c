"""Every differentiable operation as a user calls it: values, gradients, double gradients.

The tables are `rows/<family>.py`. `test_every_name_is_accounted_for` compares them with what the
tensor package offers: a new operation there fails here until it has a row or a reason.
"""

import gc
import importlib
import inspect
import pkgutil
import types

import pytest
import rows
import torch
from rows import Maker, Row, without_gradient
from torch.autograd import Variable, gradcheck, gradgradcheck, methods

FAMILIES = [
    importlib.import_module(f"rows.{m.name}")
    for m in pkgutil.iter_modules(rows.__path__)
    if m.name != "without_gradient"
]
ROWS: list[Row] = [row for family in FAMILIES for row in family.ROWS]
TABLES = (
    without_gradient.UNTRACKED,
    without_gradient.QUESTIONS,
    without_gradient.SAMPLED,
    without_gradient.CREATORS,
    without_gradient.REFUSED,
    without_gradient.SETTINGS,
    without_gradient.TESTED_APART,
)


def tensors_of(row: Row, seed: int = 3) -> list:
    """The tensors for the makers of a row; everything else as it stands."""
    torch.manual_seed(seed)
    return [a() if isinstance(a, Maker) else a for a in row.arguments]


def variables_of(row: Row, values: list) -> list:
    """The same with Variables for the tensors."""
    return [
        Variable(v, requires_grad=a.differentiable) if isinstance(a, Maker) else v
        for a, v in zip(row.arguments, values, strict=True)
    ]


def function_of(row: Row):
    if row.call is not None:
        return row.call
    owner = torch
    *path, last = row.name.split(".")
    for part in path:
        owner = getattr(owner, part)
    return getattr(owner, last)


def results_of(row: Row, values: list) -> list:
    """What the call gives, as a list."""
    result = function_of(row)(*values, **row.options)
    return list(result) if isinstance(result, tuple | list) else [result]


def numbers_of(value) -> list:
    if isinstance(value, Variable):
        value = value.data
    if not isinstance(value, torch.Tensor):
        return [value]
    return value.contiguous().view(-1).tolist()


def over_inputs(row: Row, values: list):
    """(function of the differentiable inputs alone, those inputs): what gradcheck wants."""
    variables = variables_of(row, values)
    places = [i for i, a in enumerate(row.arguments) if isinstance(a, Maker) and a.differentiable]

    def function(*inputs):
        filled = list(variables)
        for place, value in zip(places, inputs, strict=True):
            filled[place] = value
        results = results_of(row, filled)
        kept = [r for r in results if isinstance(r, Variable) and r.dtype.is_floating_point]
        return tuple(kept) if len(kept) > 1 else kept[0]

    return function, tuple([variables[place] for place in places])


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_gradient(row):
    function, inputs = over_inputs(row, tensors_of(row))
    assert gradcheck(function, inputs)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_double_gradient(row):
    function, inputs = over_inputs(row, tensors_of(row))
    assert gradgradcheck(function, inputs)


SEVERAL = [r for r in ROWS if sum(isinstance(a, Maker) for a in r.arguments) > 1]


@pytest.mark.parametrize("row", SEVERAL, ids=str)
def test_gradient_is_computed_only_where_it_is_needed(row):
    """With each input as the only one that requires a gradient."""
    _, inputs = over_inputs(row, tensors_of(row))
    for only in range(len(inputs)):

        def function(x, only=only):
            others, inputs = over_inputs(row, tensors_of(row))
            return others(*[x if i == only else v.detach() for i, v in enumerate(inputs)])

        assert gradcheck(function, [inputs[only]])


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_value_is_that_of_the_tensors(row):
    expected = results_of(row, tensors_of(row))
    actual = results_of(row, variables_of(row, tensors_of(row)))
    assert len(actual) == len(expected)
    for ours, theirs in zip(actual, expected, strict=True):
        if isinstance(theirs, torch.Tensor):
            assert isinstance(ours, Variable)
            assert ours.shape == theirs.shape
            assert ours.dtype is theirs.dtype
        assert numbers_of(ours) == pytest.approx(numbers_of(theirs), nan_ok=True)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_inputs_are_unchanged(row):
    values = tensors_of(row)
    tensors = [v for v in values if isinstance(v, torch.Tensor)]
    before = [(str(numbers_of(v)), v._version) for v in tensors]  # as text: NaN equals NaN
    variables = variables_of(row, values)
    results = results_of(row, variables)
    for result in results:
        if isinstance(result, Variable) and result.requires_grad:
            result.backward(torch.ones_like(result.data), retain_variables=True)
    assert before == [(str(numbers_of(v)), v._version) for v in tensors]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_gradients_share_no_memory(row):
    """Neither with the gradient that was given, nor with each other, a value or a result."""
    function, inputs = over_inputs(row, tensors_of(row))
    results = function(*inputs)
    results = results if isinstance(results, tuple) else (results,)
    results = [r for r in results if r.requires_grad]
    given = [torch.ones_like(r.data) for r in results]
    for _ in range(2):  # the second is added to the first
        torch.autograd.backward(results, given, retain_variables=True)
    assert all(bool((g == 1).all()) for g in given)
    found = [v.grad.data for v in inputs if v.grad is not None]
    others = [t.storage() for t in (*given, *[r.data for r in results], *[v.data for v in inputs])]
    for number, gradient in enumerate(found):
        assert not any(gradient.storage() is storage for storage in others)
        assert not any(gradient.storage() is g.storage() for g in found[:number])


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_graph_has_no_cycles(row):
    """All is gone at once, without the cycle collector, also after a recorded backward."""
    function, inputs = over_inputs(row, tensors_of(row))

    def work():
        results = function(*inputs)
        results = results if isinstance(results, tuple) else (results,)
        total = sum([(r * r).sum() for r in results if r.requires_grad])
        slopes = torch.autograd.grad(total, inputs, create_graph=True, allow_unused=True)
        again = sum([(g * g).sum() for g in slopes if g is not None])
        if again.requires_grad:
            again.backward()

    work()  # what is loaded on first use stays
    gc.disable()
    gc.freeze()
    try:
        work()
        assert gc.collect() == 0
    finally:
        gc.unfreeze()
        gc.enable()


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_layout_does_not_matter(row):
    """Every other element of a larger tensor, and reversed dimensions, give the same gradients."""

    def spaced(t):
        wide = torch.zeros(*t.shape, 2, dtype=t.dtype)
        narrow = wide.select(t.dim(), 0)
        narrow.copy_(t)
        return narrow

    def reversed_order(t):
        order = tuple(range(t.dim()))[::-1]
        return t.permute(*order).contiguous().permute(*order)

    def gradients(layout):
        values = [
            layout(v) if isinstance(v, torch.Tensor) and v.dim() else v for v in tensors_of(row)
        ]
        function, inputs = over_inputs(row, values)
        results = function(*inputs)
        results = results if isinstance(results, tuple) else (results,)
        total = sum([(r * r).sum() for r in results])
        total.backward()
        return [None if v.grad is None else numbers_of(v.grad) for v in inputs]

    expected = gradients(lambda t: t)
    for layout in (spaced, reversed_order):
        for ours, theirs in zip(gradients(layout), expected, strict=True):
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-12)


def offered(row: Row, suffix: str = "") -> bool:
    """Whether the tensor package has the row's operation as a method (with this suffix)."""
    plain = row.call is None and "." not in row.name
    return (
        plain and isinstance(row.arguments[0], Maker) and hasattr(torch.Tensor, row.name + suffix)
    )


@pytest.mark.parametrize("row", [r for r in ROWS if offered(r)], ids=str)
def test_the_method_does_the_same(row):
    expected = results_of(row, variables_of(row, tensors_of(row)))
    first, *others = variables_of(row, tensors_of(row))
    actual = getattr(first, row.name)(*others, **row.options)
    actual = list(actual) if isinstance(actual, tuple | list) else [actual]
    assert [numbers_of(a) for a in actual] == [numbers_of(e) for e in expected]


def by_keyword(row: Row) -> dict | None:
    """The arguments after the first by the names that the tensor's method gives them."""
    parameters = list(inspect.signature(getattr(torch.Tensor, row.name)).parameters.values())[1:]
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    others = row.arguments[1:]
    if len(others) > len(names) or set(names[: len(others)]) & set(row.options):
        return None
    return dict(zip(names, others))  # noqa: B905  (the last may have been left out)


def results_by_keyword(row, values):
    first, *others = values
    given = dict(zip(by_keyword(row), others, strict=True)) | row.options
    made = getattr(first, row.name)(**given)
    return list(made) if isinstance(made, tuple | list) else [made]


def takes_keywords(row):
    """Whether the tensor's method takes the arguments by name (not so in its further forms)."""
    if not offered(row) or not by_keyword(row):
        return False
    try:
        results_by_keyword(row, tensors_of(row))
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("row", [r for r in ROWS if takes_keywords(r)], ids=str)
def test_the_method_takes_the_keywords_of_the_tensor(row):
    expected = results_by_keyword(row, tensors_of(row))
    actual = results_by_keyword(row, variables_of(row, tensors_of(row)))
    for ours, theirs in zip(actual, expected, strict=True):
        assert numbers_of(ours) == pytest.approx(numbers_of(theirs), nan_ok=True)


def keeps_its_size(row: Row) -> bool:
    """Whether the result fits into the first input."""
    if not row.arguments[0].differentiable:
        return False
    values = tensors_of(row)
    (result, *_) = results_of(row, variables_of(row, values))
    return result.shape == values[0].shape and result.dtype is values[0].dtype


@pytest.mark.parametrize("row", [r for r in ROWS if offered(r, "_") and keeps_its_size(r)], ids=str)
def test_in_place(row):
    """The in-place form: same object, same values, same gradients, once and twice."""
    values = tensors_of(row)

    def in_place(x, *others, **options):
        copy = x.clone()
        result = getattr(copy, row.name + "_")(*others, **options)
        assert result is copy
        return result

    twin = Row(row.name + "_", row.arguments, row.options, in_place)
    expected = results_of(row, variables_of(row, values))
    assert numbers_of(results_of(twin, variables_of(twin, values))[0]) == numbers_of(expected[0])
    function, inputs = over_inputs(twin, values)
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


# the registry


def public_names() -> set[str]:
    """Every function and method of the tensor package that could meet a Variable."""
    functions = (types.BuiltinFunctionType, types.FunctionType)
    lazy = set(torch._LAZY)  # packages, which need not be installed
    names = {n for n in set(dir(torch)) - lazy if isinstance(getattr(torch, n), functions)}
    names |= {
        f"linalg.{n}" for n in dir(torch.linalg) if isinstance(getattr(torch.linalg, n), functions)
    }
    names |= set(dir(torch.Tensor))
    return {n for n in names if not n.rpartition(".")[2].startswith("_")}


def aliases() -> dict[str, str]:
    """Other names of operations, from the tables of all families."""
    tables = [getattr(module, "ALIASES", {}) for module in vars(methods).values()]
    return {alias: name for table in tables for alias, name in table.items()}


def test_every_name_is_accounted_for():
    known = {row.name for row in ROWS}.union(*TABLES)
    known |= {alias for alias, name in aliases().items() if name in known}
    unknown = {n for n in public_names() - known if n.removesuffix("_") not in known}
    assert sorted(unknown) == []


def test_no_row_or_reason_is_left_over():
    names = public_names()
    assert sorted({n for table in TABLES for n in table} - names) == []
    assert sorted({r.name for r in ROWS if r.call is None} - names) == []


def test_nothing_stands_in_two_tables():
    seen: dict[str, str] = dict.fromkeys((row.name for row in ROWS), "rows")
    for table in TABLES:
        assert sorted(set(seen) & set(table)) == []
        seen.update(table)


@pytest.mark.parametrize("name", sorted({r.name for r in ROWS if r.call is None}))
def test_both_forms_exist_where_tensors_have_both(name):
    for form in (name, name + "_"):
        assert hasattr(Variable, form) or not hasattr(torch.Tensor, form), form


@pytest.mark.parametrize("alias, name", sorted(aliases().items()))
def test_aliases_are_the_same_operation(alias, name):
    for suffix in ("", "_"):
        assert getattr(Variable, alias + suffix, None) is getattr(Variable, name + suffix, None)
        assert hasattr(Variable, alias + suffix) or not hasattr(torch.Tensor, alias + suffix)


@pytest.mark.parametrize("name", sorted(without_gradient.UNTRACKED))
def test_untracked_operations_exist(name):
    assert hasattr(Variable, name) or not hasattr(torch.Tensor, name)


@pytest.mark.parametrize("name", sorted(without_gradient.QUESTIONS))
def test_questions_exist(name):
    assert hasattr(Variable, name) or not hasattr(torch.Tensor, name)
