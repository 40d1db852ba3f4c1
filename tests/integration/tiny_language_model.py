"""Writes a language model of a few random weights and serves it by llama.cpp; a script of its own, since the server ends with its process.

``python tiny_language_model.py FILE`` prints the server's address and runs until its input is closed. The file's format is
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: a vocabulary of all 256 bytes, one layer, weights from a fixed seed.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np

WIDTH, INNER, CONTEXT = 64, 128, 8192
ALIGNMENT = 32
TOKENS = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581"]
KINDS = [2, 3, 3, *[6] * 256, 1]
TEMPLATE = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant: "
FACTS: dict[str, Any] = {
    "general.architecture": "llama",
    "llama.context_length": CONTEXT,
    "llama.embedding_length": WIDTH,
    "llama.block_count": 1,
    "llama.feed_forward_length": INNER,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 4,
    "llama.attention.layer_norm_rms_epsilon": 1e-5,
    "llama.rope.dimension_count": WIDTH // 4,
    "tokenizer.ggml.model": "llama",
    "tokenizer.ggml.tokens": TOKENS,
    "tokenizer.ggml.scores": [0.0] * len(TOKENS),
    "tokenizer.ggml.token_type": KINDS,
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
    "tokenizer.ggml.unknown_token_id": 0,
    "tokenizer.chat_template": TEMPLATE,
}
_UINT32, _INT32, _FLOAT32, _STRING, _ARRAY = 4, 5, 6, 8, 9


def write_model(path: Path) -> None:
    """Write the model's file."""
    draw = np.random.default_rng(0)

    def weights(*shape: int) -> np.ndarray[Any, Any]:
        return (0.05 * draw.standard_normal(shape)).astype("<f4")

    ones = np.ones(WIDTH, dtype="<f4")
    square = {f"blk.0.attn_{name}.weight": weights(WIDTH, WIDTH) for name in ("q", "k", "v", "output")}
    tensors = {
        "token_embd.weight": weights(len(TOKENS), WIDTH),
        "output.weight": weights(len(TOKENS), WIDTH),
        "output_norm.weight": ones,
        **square,
        "blk.0.attn_norm.weight": ones,
        "blk.0.ffn_norm.weight": ones,
        "blk.0.ffn_gate.weight": weights(INNER, WIDTH),
        "blk.0.ffn_up.weight": weights(INNER, WIDTH),
        "blk.0.ffn_down.weight": weights(WIDTH, INNER),
    }
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(FACTS))
    head += b"".join(_text(name) + _fact(value) for name, value in FACTS.items())
    offset = 0
    for name, tensor in tensors.items():
        head += _text(name) + struct.pack("<I", tensor.ndim)
        head += struct.pack(f"<{tensor.ndim}QIQ", *reversed(tensor.shape), 0, offset)
        offset += _padded(tensor.nbytes)
    whole = head.ljust(_padded(len(head)), b"\0")
    path.write_bytes(
        whole + b"".join(tensor.tobytes().ljust(_padded(tensor.nbytes), b"\0") for tensor in tensors.values())
    )


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def _fact(value: Any) -> bytes:
    if isinstance(value, list):
        kind = {str: _STRING, float: _FLOAT32, int: _INT32}[type(value[0])]
        plain = b"".join(
            _text(one) if kind == _STRING else struct.pack("<f" if kind == _FLOAT32 else "<i", one) for one in value
        )
        return struct.pack("<IIQ", _ARRAY, kind, len(value)) + plain
    if isinstance(value, str):
        return struct.pack("<I", _STRING) + _text(value)
    return struct.pack("<If", _FLOAT32, value) if isinstance(value, float) else struct.pack("<II", _UINT32, value)


def serve(path: Path) -> None:
    """Serve the model at a free port of 127.0.0.1 until the input is closed."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = 1
    parameters.n_gpu_layers = 0
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.ui = False
    parameters.warmup = False
    parameters.n_threads_http = 2
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)  # noqa: T201 - the address is this script's answer
    sys.stdin.read()


if __name__ == "__main__":
    write_model(Path(sys.argv[1]))
    serve(Path(sys.argv[1]))
