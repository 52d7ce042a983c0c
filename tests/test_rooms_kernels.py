"""Kernels in rooms: real ones, which train real models."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from autograder.rooms.limits import MIB, Limits
from autograder.rooms.provisioner import RoomManager, RoomProvisioner
from autograder.rooms.warm import WarmRooms, warm_rooms

pytestmark = pytest.mark.slow

TRAINING = """
import keras, numpy as np
keras.utils.set_random_seed(3)
layers = [keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2)]
model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
model.compile("adam", "mse")
history = model.fit(np.random.rand(64, 8, 8, 1), np.random.rand(64, 2), epochs=2, verbose=0)
model.save("model.keras")
print(float(history.history["loss"][-1]).hex())
"""


@pytest.fixture(scope="module")
def rooms() -> Iterator[WarmRooms]:
    with warm_rooms() as rooms:
        yield rooms


def execute(
    rooms: WarmRooms, folder: Path, *cells: str, limits: Limits | None = None
) -> tuple[list[str], RoomManager]:
    """The text that each cell prints, from a kernel in a room around `folder`,
    and its manager afterwards.
    """
    manager = rooms.kernel_manager(folder, limits)
    return asyncio.run(_execute(manager, *cells)), manager


async def _execute(manager: RoomManager, *cells: str) -> list[str]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(notebook, km=manager, shutdown_kernel="immediate")
    client.owns_km = True  # it then ends the kernel, too
    await client.async_execute()
    return [
        "".join(output.get("text", "") for output in cell.outputs).strip()
        for cell in notebook.cells
    ]


def test_a_model_trains_the_same_in_a_warm_and_a_cold_room(
    rooms: WarmRooms, tmp_path: Path
) -> None:
    """The loss agrees to the last bit; the model that was saved lies in the folder."""
    (tmp_path / "warm").mkdir()
    (tmp_path / "cold").mkdir()
    (warm,), manager = execute(rooms, tmp_path / "warm", TRAINING)
    assert manager.ended is not None
    with warm_rooms(warm=False) as cold_rooms:
        (cold,), _ = execute(cold_rooms, tmp_path / "cold", TRAINING)
    assert warm == cold
    assert float.fromhex(warm) > 0
    assert (tmp_path / "warm" / "model.keras").is_file()


def test_the_kernel_knows_nothing_of_us(rooms: WarmRooms, tmp_path: Path) -> None:
    """No package of ours, no variables of our environment,
    a home and a working directory of its own.
    """
    cells = (
        "try:\n    import autograder\nexcept ModuleNotFoundError as error:\n    print(error)",
        "import os, sys\nprint(os.getcwd())",
        "print(os.path.expanduser('~'))",
        (
            "print([name for name in sys.modules if 'autograder' in name], "
            "'PYTEST_CURRENT_TEST' in os.environ)"
        ),
        "print(open('/proc/self/environ').read().count('PYTEST'))",
    )
    printed, _ = execute(rooms, tmp_path, *cells)
    assert printed == [
        "No module named 'autograder'",
        str(tmp_path),
        f"{tmp_path}/.home",
        "[] False",
        "0",
    ]


def test_a_cell_can_be_interrupted(rooms: WarmRooms, tmp_path: Path) -> None:
    """SIGINT reaches the cell as KeyboardInterrupt, and the kernel lives on."""

    async def run() -> str:
        manager = rooms.kernel_manager(tmp_path)
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        message = client.execute("print('started', flush=True)\nwhile True: pass")
        while (await client.get_iopub_msg(timeout=20))["msg_type"] != "stream":
            pass
        await manager.interrupt_kernel()
        reply: dict[str, Any] = {"parent_header": {}}
        while reply["parent_header"].get("msg_id") != message:
            reply = await client.get_shell_msg(timeout=20)
        alive = await manager.is_alive()
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        assert alive
        return str(reply["content"]["ename"])

    assert asyncio.run(run()) == "KeyboardInterrupt"


def test_a_memory_bomb_ends_its_own_room_only(rooms: WarmRooms, tmp_path: Path) -> None:
    """The manager says out of memory; a kernel beside it trains on."""
    (tmp_path / "bomb").mkdir()
    (tmp_path / "beside").mkdir()
    beside: list[Any] = []
    thread = threading.Thread(
        target=lambda: beside.append(execute(rooms, tmp_path / "beside", TRAINING))
    )
    thread.start()
    manager = rooms.kernel_manager(tmp_path / "bomb", Limits(memory_bytes=400 * MIB))
    with pytest.raises(DeadKernelError):
        asyncio.run(_execute(manager, "taken = []\nwhile True: taken.append(bytearray(1 << 22))"))
    assert manager.ended is not None
    assert manager.ended.reason == "out_of_memory"
    thread.join()
    assert beside[0][0][0].startswith("0x")


def test_a_started_tensorflow_is_never_forked(rooms: WarmRooms, tmp_path: Path) -> None:
    """A fork of it would hang: the warm process refuses, and a cold room takes its place."""
    (tmp_path / "starts").mkdir()
    (tmp_path / "starts" / "eager_library.py").write_text(
        "import tensorflow\ntensorflow.constant(1)\n"
    )
    (tmp_path / "room").mkdir()
    place = str(tmp_path / "starts")
    eager = WarmRooms(rooms.new_place(), warm=True, threads=1, hidden=())
    eager.student = dataclasses.replace(
        eager.student,
        modules=("eager_library",),
        path=(place,),
        readable=(*eager.student.readable, place),
    )
    called = eager.run_code(
        "def f(payload): return 5", "f", None, tmp_path / "room", Limits(), seconds=60
    )
    eager.close()
    assert (called.value, called.layers["warm"]) == (5, "cold")


def test_jupyter_itself_can_open_rooms(
    rooms: WarmRooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the entry point, for notebooks that some other tool executes:
    the room is around its working directory.
    """
    assert rooms.isolation
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "default_provisioner_name", "autograder-room")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import os; print(os.getcwd())")]
    )
    client = NotebookClient(
        notebook, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )

    async def run() -> None:
        async with client.async_setup_kernel():
            assert isinstance(client.km.provisioner, RoomProvisioner)
            await client.async_execute_cell(notebook.cells[0], 0)

    asyncio.run(run())
    assert notebook.cells[0].outputs[0].text.strip() == str(tmp_path)
