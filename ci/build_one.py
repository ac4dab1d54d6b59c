"""Builds one package without isolation: build_one.py SOURCE wheel|editable|sdist OUT [-Dkey=value]

Runs inside the build environment and first installs there what the package asks for.
"""

import argparse
import subprocess
import sys

from build import BuildBackendException, ProjectBuilder


def install(requirements: set[str]) -> None:
    if requirements:
        command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*command, *sorted(requirements)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("source")
    parser.add_argument("kind", choices=["wheel", "editable", "sdist"])
    parser.add_argument("out")
    parser.add_argument("-D", dest="settings", action="append", default=[], metavar="key=value")
    arguments = parser.parse_args()

    project = ProjectBuilder(arguments.source)
    install(project.build_system_requires)
    # hatchling ignores the settings, scikit-build-core checks them.
    settings = dict(item.split("=", 1) for item in arguments.settings)
    # Asked second: the back end must be there to say what else it needs (cmake, ninja).
    install(project.get_requires_for_build(arguments.kind, settings))
    try:
        project.build(arguments.kind, arguments.out, settings)
    except BuildBackendException:
        # The back end has printed why.
        sys.exit(f"{arguments.source}: the {arguments.kind} could not be built")


if __name__ == "__main__":
    main()
