"""The locked environment: find or fetch the pinned uv, let it install what uv.lock says, remember it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import package_index
from package_index import Index
from trouble import DEPENDENCY, Trouble

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
STAMP = VENV / ".anmin-stamp"

UV = "0.13.9"
FITTING = re.compile(r"uv 0\.13\.(9|\d\d+)\b")  # the same series reads and writes the same lock
WHEELS = {
    "linux-x86_64-glibc": (
        f"uv-{UV}-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    "linux-x86_64-musl": (
        f"uv-{UV}-py3-none-musllinux_1_1_x86_64.whl",
        "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    ),
    "linux-aarch64": (  # one wheel for glibc and musl
        f"uv-{UV}-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    "darwin-x86_64": (
        f"uv-{UV}-py3-none-macosx_10_12_x86_64.whl",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
    "darwin-arm64": (
        f"uv-{UV}-py3-none-macosx_11_0_arm64.whl",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
}
ARCHITECTURES = {"linux": {"amd64": "x86_64", "arm64": "aarch64"}, "darwin": {"aarch64": "arm64"}}


def set_up(*groups: str) -> int:
    """Exit code 0, or 3 and 4 after telling a person what is wrong. `groups`: of dependencies, beside dev."""
    try:
        prepare(*groups)
    except Trouble as trouble:
        told = trouble
    except package_index.NoAnswer as error:
        told = no_network(error)
    except package_index.WrongHash as error:
        told = wrong_hash(error)
    except OSError as error:
        told = disk(error)
    else:
        return 0
    print(told, file=sys.stderr)
    return told.code


def prepare(*groups: str) -> None:
    """Does nothing when the environment is there; one with more groups than are asked for serves as well."""
    need_modules()
    python = str(
        getattr(sys, "_base_executable", None) or sys.executable
    )  # also when called from .venv itself
    wanted = stamp(python)
    there, *more = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else [""]
    if there == wanted and set(groups) <= set(more):
        return
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two shells may start at once
        with contextlib.suppress(FileNotFoundError):
            STAMP.unlink()
        index = package_index.configured(os.environ)
        install(uv_at_hand() or fetch_uv(index), index, python, *groups)
        STAMP.write_text(" ".join((wanted, *groups)), encoding="utf-8")


def need_modules() -> None:
    """Refuse a Python that was built without what we need."""
    try:
        import sqlite3  # noqa: F401 - only asked whether it is there
        import ssl  # noqa: F401 - only asked whether it is there
    except ImportError as error:
        raise Trouble(
            en=(
                f"{sys.executable} was built without the module {error.name}.",
                "use your system's Python, or rebuild this one with OpenSSL's and SQLite's headers.",
            ),
            zh=(
                f"{sys.executable} 编译时缺少模块 {error.name}。",
                "请改用系统自带的 Python，或装好 OpenSSL 与 SQLite 的开发包后重新编译。",
            ),
        ) from error


def stamp(python: str) -> str:
    """What the environment is made from: while this is unchanged there is nothing to do."""
    seen = hashlib.sha256(f"{UV} {VENV} {python} {sys.version}".encode())
    for name in ("uv.lock", "pyproject.toml"):
        seen.update((ROOT / name).read_bytes())
    return seen.hexdigest()


def platform_key() -> str:
    machine = platform.machine().lower()
    key = f"{sys.platform}-{ARCHITECTURES.get(sys.platform, {}).get(machine, machine)}"
    if key == "linux-x86_64":
        key += "-musl" if "musl" in str(sysconfig.get_config_var("HOST_GNU_TYPE")) else "-glibc"
    return key


def uv_at_hand() -> str | None:
    """A uv of the pinned series: ours, or one on the PATH."""
    for candidate in (str(TOOLS / "uv"), shutil.which("uv")):
        if candidate and FITTING.match(version_of(candidate)):
            return candidate
    return None


def version_of(uv: str) -> str:
    try:
        return subprocess.run((uv, "--version"), capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def fetch_uv(index: Index) -> str:
    """Fetch the pinned wheel (or take it from `.tools`), check it, and unpack the one file we want."""
    if platform_key() not in WHEELS:
        raise no_wheel()
    filename, sha256 = WHEELS[platform_key()]
    wheel = TOOLS / filename
    if wheel.exists():
        package_index.check_file(wheel, sha256)
    else:
        print(f"anmin: fetching uv {UV} from {index.shown}", file=sys.stderr)
        part = TOOLS / f"{filename}.part"
        package_index.fetch(index, "uv", filename, sha256, part)
        part.replace(wheel)
    with zipfile.ZipFile(wheel) as archive:
        (TOOLS / "uv.part").write_bytes(archive.read(f"uv-{UV}.data/scripts/uv"))
    (TOOLS / "uv.part").chmod(0o755)
    (TOOLS / "uv.part").replace(TOOLS / "uv")
    wheel.unlink()
    return str(TOOLS / "uv")


def install(uv: str, index: Index, python: str, *groups: str) -> None:
    """Install exactly what the lock says.

    The lock names the public index; given another, uv would call it stale. There the same versions with the
    same hashes come from that index by way of a requirements file.
    """
    env = uv_environ(index, python)
    wanted = ("--extra", "demo", *(word for group in groups for word in ("--group", group)))
    if index.public:
        run(env, index, uv, "sync", "--locked", *wanted)
        return
    listed = str(TOOLS / "requirements.txt")
    run(env, index, uv, "export", "-q", "--frozen", *wanted, "--no-emit-project", "-o", listed)
    if f"version_info = {platform.python_version()}\n" not in venv_config():
        run(env, index, uv, "venv", "--clear", str(VENV))
    into = ("--python", str(VENV / "bin" / "python"))
    run(env, index, uv, "pip", "sync", *into, "--require-hashes", listed)
    run(env, index, uv, "pip", "install", *into, "--no-deps", "--editable", str(ROOT))


def venv_config() -> str:
    path = VENV / "pyvenv.cfg"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def uv_environ(index: Index, python: str) -> dict[str, str]:
    """This interpreter and no other; the index, certificates and proxy that pip would use."""
    others = ("VIRTUAL_ENV", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX")
    env = {key: value for key, value in os.environ.items() if key not in others}
    env |= {"UV_PYTHON": python, "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(VENV)}
    env.setdefault("UV_SYSTEM_CERTS", "true")
    if not index.public:
        env["UV_DEFAULT_INDEX"] = index.url
    if index.cert and not Path(index.cert).is_dir():
        env.setdefault("SSL_CERT_FILE", index.cert)
    if index.proxy:
        env.setdefault("HTTPS_PROXY", index.proxy)
        env.setdefault("HTTP_PROXY", index.proxy)
    if index.trusted:
        env.setdefault("UV_INSECURE_HOST", " ".join(sorted(index.trusted)))
    if not writable(Path(env.get("UV_CACHE_DIR") or env.get("XDG_CACHE_HOME") or env.get("HOME", "/"))):
        env["UV_CACHE_DIR"] = str(TOOLS / "cache")
    return env


def writable(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK)


def run(env: dict[str, str], index: Index, *command: str) -> None:
    if subprocess.run(command, cwd=ROOT, env=env).returncode:
        shown = " ".join(command[1:3])
        raise Trouble(
            en=(
                f"`uv {shown}` failed in {ROOT} (index {index.shown}); its own message is above.",
                "if it could not connect, see to the network or the index settings (PIP_INDEX_URL, pip.conf) "
                "and run again; if it calls the lock out of date, run `uv lock` and commit uv.lock.",
            ),
            zh=(
                f"`uv {shown}` 在 {ROOT} 失败（软件源 {index.shown}），原因见上。",
                "若是连不上，请检查网络或软件源设置（PIP_INDEX_URL、pip.conf）后重试；"
                "若提示锁文件过期，请运行 `uv lock` 并提交 uv.lock。",
            ),
            code=DEPENDENCY,
        )


def no_wheel() -> Trouble:
    return Trouble(
        en=(
            f"no pinned uv for this platform ({platform_key()}).",
            f"install uv {UV} by your own means and put it on the PATH, then run again.",
        ),
        zh=(f"没有适用于本平台（{platform_key()}）的 uv。", f"请自行安装 uv {UV} 并放入 PATH，然后重试。"),
    )


def no_network(error: Exception) -> Trouble:
    filename = WHEELS[platform_key()][0]
    return Trouble(
        en=(
            f"the package index did not give us uv: {error}",
            "see to the network or proxy (HTTPS_PROXY), or name an index that you can reach "
            f"(PIP_INDEX_URL=https://.../simple make demo); or bring {filename} by hand into {TOOLS}",
        ),
        zh=(
            f"未能从软件源取得 uv：{error}",
            "请检查网络或代理（HTTPS_PROXY），或指定能访问的软件源"
            f"（PIP_INDEX_URL=https://.../simple make demo）；也可手工把 {filename} 放到 {TOOLS}",
        ),
        code=DEPENDENCY,
    )


def wrong_hash(error: Exception) -> Trouble:
    return Trouble(
        en=(
            f"this is not the uv that was pinned, and nothing of it was run: {error}",
            "a proxy or mirror changed the file, or it was cut short: run again, then try another index "
            f"(PIP_INDEX_URL); if you put the wheel into {TOOLS} yourself, remove it.",
        ),
        zh=(
            f"这不是锁定的 uv，未执行其中任何内容：{error}",
            "可能被代理或镜像改动，或下载不完整：请重试，再不行换一个软件源（PIP_INDEX_URL）；"
            f"若是自己放入 {TOOLS} 的，请删除。",
        ),
        code=DEPENDENCY,
    )


def disk(error: OSError) -> Trouble:
    where = error.filename or ROOT
    if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
        return Trouble(
            en=(
                f"cannot write {where}: {error.strerror}.",
                "copy the project to a folder that you own, or get the right to write there.",
            ),
            zh=(f"无法写入 {where}：{error.strerror}。", "请把项目复制到自己拥有的文件夹，或取得写入权限。"),
        )
    return Trouble(
        en=(f"{where}: {error.strerror}.", "see to the disk (about 400 MB are needed), then run again."),
        zh=(f"{where}：{error.strerror}。", "请检查磁盘（约需 400 MB）后重试。"),
    )
