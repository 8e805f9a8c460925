"""The house rules that a machine can keep."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "napari_geolabel"
MODULES = sorted(PACKAGE.rglob("*.py"))
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)

# Things of one machine or one person that have no place in a repository.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.~-])/(?:root|work|Users|home/(?!user\b)[a-z]\w*)/[\w.]",
    "a path of one Windows machine": r"\b[A-Z]:\\Users\\",
    "unfinished work": r"\b(?:TODO|FIXME|XXX)\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}


def module_id(path):
    return str(path.relative_to(ROOT))


def tracked_files():
    """Every text file that git knows; all of a copy without git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def public_definitions(body, prefix=""):
    """Yield the name and node of every public class, function and method."""
    for node in body:
        if isinstance(node, (*FUNCTION, ast.ClassDef)) and not node.name.startswith("_"):
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body, f"{prefix}{node.name}.")


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, FUNCTION)]


def is_overload(node):
    return any("overload" in ast.unparse(decorator) for decorator in getattr(node, "decorator_list", []))


@pytest.mark.parametrize("module", MODULES, ids=module_id)
def test_public_names_have_docstrings(module):
    tree = ast.parse(module.read_text("utf-8"))
    bare = [
        name
        for name, node in public_definitions(tree.body)
        if ast.get_docstring(node) is None
        and not is_overload(node)
        # a setter is documented by its getter
        and not any(ast.unparse(found).endswith(".setter") for found in node.decorator_list)
    ]
    assert not bare
    assert ast.get_docstring(tree), "the module says what it is for"


@pytest.mark.parametrize("module", MODULES, ids=module_id)
def test_every_signature_is_typed(module):
    untyped = []
    for node in functions(ast.parse(module.read_text("utf-8"))):
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        untyped += [
            f"{node.name}({argument.arg}), line {argument.lineno}"
            for argument in given
            if argument is not None and argument.annotation is None and argument.arg not in {"self", "cls"}
        ]
        if node.returns is None:
            untyped.append(f"{node.name}, line {node.lineno}: what it returns")
    assert not untyped


@pytest.mark.parametrize("module", MODULES, ids=module_id)
def test_modules_and_functions_are_short(module):
    text = module.read_text("utf-8")
    assert len(text.splitlines()) <= 400
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in functions(ast.parse(text))
        if node.end_lineno - node.lineno + 1 > 80
    ]
    assert not long


def test_no_boolean_is_passed_by_position():
    """A bare True in a call does not say what it switches on."""
    found = [
        f"{module_id(module)}:{argument.lineno}: {name}({argument.arg})"
        for module in MODULES
        for name, node in public_definitions(ast.parse(module.read_text("utf-8")).body)
        if isinstance(node, FUNCTION) and not node.decorator_list  # a setter gets its value by position
        for argument in [*node.args.posonlyargs, *node.args.args]
        if argument.annotation is not None and ast.unparse(argument.annotation) == "bool"
    ]
    assert not found


def test_tracked_files_speak_of_the_project_alone():
    found = []
    for path in tracked_files():
        if path == Path(__file__) or path.is_symlink() or not path.is_file():
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # pictures and scenes
        for what, pattern in FORBIDDEN.items():
            if what == "unfinished work" and path.suffix != ".py":
                continue
            for match in re.finditer(pattern, text, re.MULTILINE):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path.relative_to(ROOT)}:{line}: {what}: {match.group()!r}")
    assert not found, "\n".join(found)


def test_no_tracked_file_is_large():
    large = [str(path.relative_to(ROOT)) for path in tracked_files() if path.is_file() and path.stat().st_size > 4e6]
    assert not large


def test_the_manifest_at_the_top_is_a_relative_link_to_the_real_one():
    link = ROOT / "napari.yaml"
    assert link.is_symlink()
    assert link.readlink() == Path("napari_geolabel/napari.yaml")
    assert link.resolve() == PACKAGE / "napari.yaml"


def test_importing_the_package_loads_neither_napari_nor_qt_nor_rasterio():
    code = "import napari_geolabel, sys; assert not {'napari', 'qtpy', 'rasterio'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=180)


def test_the_core_never_loads_napari_or_qt():
    code = (
        "import sys\n"
        "import napari_geolabel.labels.labels, napari_geolabel.cli.app\n"
        "assert not {'napari', 'qtpy', 'PyQt6'} & set(sys.modules), sorted(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr


def test_the_architecture_contracts_are_kept():
    tool = Path(sys.executable).with_name("lint-imports")
    if not tool.exists():
        tool = Path(shutil.which("lint-imports") or pytest.fail("import-linter is not installed; see the group test"))
    done = subprocess.run([str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_there_are_as_many_lines_of_tests_as_of_code():
    def lines(files):
        return sum(len(path.read_text("utf-8").splitlines()) for path in files)

    assert lines((ROOT / "tests").rglob("*.py")) >= lines(MODULES)


def test_test_folders_mirror_the_package_and_are_no_packages():
    rooms = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file()}
    tested = {folder.name for folder in (ROOT / "tests").iterdir() if any(folder.glob("test_*.py"))}
    assert rooms <= tested
    assert not list((ROOT / "tests").rglob("__init__.py"))


@pytest.mark.parametrize("script", sorted([*(ROOT / "scripts").glob("*.sh"), ROOT / ".ci" / "run"]), ids=module_id)
def test_shell_scripts_are_executable_and_parse(script):
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert "set -euo pipefail" in script.read_text("utf-8")


def test_make_lists_its_targets():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    for target in ("demo", "test", "test-gis", "lint", "bench", "bench-imagery", "docs", "clean"):
        assert re.search(rf"^{target} ", done.stdout, re.MULTILINE), target


def test_make_passes_odd_paths_on_as_they_are():
    odd = 'a folder/it\'s $(touch gone);`true` "scene".tif'
    probe = "all:\n\t@printf '%s' \"$$SCENE\"\nexport SCENE\n"
    done = subprocess.run(
        ["make", "-s", "-f", "-", "all"], input=probe, env={**os.environ, "SCENE": odd}, capture_output=True, text=True
    )
    assert done.stdout == odd
