"""CMake builds leat._core and libleat, setuptools packs both into the package.

LEAT_BUILD_DIR names a CMake build folder of the repository to use, so that nothing is compiled twice; without it the
folder build/python of the repository is used.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


def build_folder():
    given = os.environ.get("LEAT_BUILD_DIR")
    return Path(given).resolve() if given else REPOSITORY / "build" / "python"


class CMakeExtension(Extension):
    def __init__(self, name):
        super().__init__(name, sources=[])


class CMakeBuild(build_ext):
    def build_extension(self, extension):
        folder = build_folder()
        configure = ["cmake", "-S", str(REPOSITORY), "-B", str(folder), "-DLEAT_PYTHON=ON", f"-DPYTHON_EXECUTABLE={sys.executable}"]
        if not (folder / "CMakeCache.txt").exists():
            configure += ["-DCMAKE_BUILD_TYPE=Release", "-DLEAT_TESTS=OFF", "-DLEAT_BENCH=OFF", "-DLEAT_SHELL=OFF"]
            if shutil.which("ninja"):
                configure += ["-G", "Ninja"]
        subprocess.run(configure, check=True)
        subprocess.run(["cmake", "--build", str(folder), "--target", "leat_python", "--parallel"], check=True)
        target = Path(self.get_ext_fullpath(extension.name)).resolve().parent
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / "bindings" / "python" / "core" / Path(self.get_ext_filename("_core")).name, target)
        shutil.copy2((folder / "libleat.so.0").resolve(), target / "libleat.so.0")


# Nothing is left in the source folder, and builds in different folders do not meet.
WORK = build_folder() / "bindings" / "python" / "wheel"
WORK.mkdir(parents=True, exist_ok=True)
setup(
    options={"build": {"build_base": str(WORK)}, "egg_info": {"egg_base": str(WORK)}},
    ext_modules=[CMakeExtension("leat._core")],
    cmdclass={"build_ext": CMakeBuild},
)
