"""What calls do beside giving a value, told by the names of what is called.

Where a name says nothing, a method may change its owner, and a function nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from autograder.submissions.names import Called

# methods that leave their owner as it is
_READING = frozenset(
    [
        "all",
        "any",
        "argmax",
        "argmin",
        "argsort",
        "astype",
        "capitalize",
        "copy",
        "count",
        "count_params",
        "decode",
        "dot",
        "encode",
        "endswith",
        "evaluate",
        "find",
        "flatten",
        "format",
        "get",
        "get_config",
        "get_layer",
        "get_weights",
        "index",
        "isdigit",
        "items",
        "join",
        "keys",
        "lower",
        "lstrip",
        "max",
        "mean",
        "min",
        "most_common",
        "nonzero",
        "predict",
        "predict_on_batch",
        "ravel",
        "replace",
        "reshape",
        "round",
        "rstrip",
        "split",
        "splitlines",
        "squeeze",
        "startswith",
        "std",
        "strip",
        "sum",
        "summary",
        "swapaxes",
        "title",
        "to_json",
        "tolist",
        "transpose",
        "upper",
        "values",
        "var",
    ]
)
# functions that change what they are given
_CHANGING = frozenset(
    [
        "copyto",
        "delattr",
        "fill_diagonal",
        "heapify",
        "heappop",
        "heappush",
        "insort",
        "next",
        "place",
        "put",
        "putmask",
        "setattr",
        "shuffle",
    ]
)
# what reaches beyond the notebook's names: files, other processes, settings of the whole process
_REACHING = frozenset(
    [
        "Popen",
        "breakpoint",
        "chdir",
        "check_call",
        "check_output",
        "clear_session",
        "compile_dir",
        "copyfile",
        "copytree",
        "delattr",
        "dump",
        "eval",
        "exec",
        "export",
        "filterwarnings",
        "getlogin",
        "imsave",
        "input",
        "install",
        "makedirs",
        "mkdir",
        "move",
        "open",
        "patch",
        "register",
        "register_keras_serializable",
        "rmdir",
        "rmtree",
        "save",
        "save_img",
        "save_model",
        "save_weights",
        "savefig",
        "savetxt",
        "savez",
        "savez_compressed",
        "seed",
        "set_floatx",
        "set_image_data_format",
        "set_printoptions",
        "set_random_seed",
        "set_seed",
        "set_state",
        "setattr",
        "simplefilter",
        "symlink_to",
        "system",
        "to_csv",
        "to_pickle",
        "tofile",
        "touch",
        "unlink",
        "urlretrieve",
        "write",
        "write_bytes",
        "write_text",
        "writelines",
    ]
)
_REACHING_MODULES = frozenset(
    [
        "atexit",
        "builtins",
        "gc",
        "importlib",
        "logging",
        "os",
        "pickle",
        "random",
        "requests",
        "shutil",
        "signal",
        "socket",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "unittest",
        "urllib",
        "warnings",
    ]
)
# parts of libraries that hold settings or a state of the whole process
_STATES = frozenset(("backend", "config", "distribution", "mixed_precision", "random", "rcParams"))
_SEEDED = frozenset(("default_rng", "Generator", "SeedGenerator"))  # with a state of their own
_DICE = frozenset(("random", "seed", "set_random_seed", "set_seed"))


def changes_owner(call: Called) -> bool:
    """Whether a method may change what it belongs to."""
    return len(call.path) > 1 and call.path[-1] not in _READING


def changes_arguments(call: Called) -> bool:
    """Whether a function of Python's or of a library may change what it is given."""
    return call.path[-1] in _CHANGING


def does_more(call: Called, modules: Mapping[str, str]) -> bool:
    """Whether a call may leave something behind that no name of the notebook shows; `modules`: what
    names stand for that were imported.
    """
    if call.path[-1] in _REACHING:
        return True
    if call.path[0] not in modules:
        return False
    path = (*modules[call.path[0]].split("."), *call.path[1:])
    if path[0] in _REACHING_MODULES:
        return True
    return bool(_STATES.intersection(path[1:])) and path[-1] not in _SEEDED


def outlasts(call: Called, modules: Mapping[str, str]) -> bool:
    """Whether what a call leaves behind may matter to later sections: each of them begins with a
    seed of its own.
    """
    return does_more(call, modules) and not _DICE.intersection(call.path)
