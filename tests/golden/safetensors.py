# SPDX-License-Identifier: MIT
"""Reads and writes safetensors files with numpy alone."""
import json
import struct

import numpy

DTYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}


def read(path):
    """The tensors by name, and the metadata."""
    with open(path, "rb") as f:
        data = f.read()
    (length,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8 : 8 + length])
    metadata = head.pop("__metadata__", {})
    body = data[8 + length :]
    tensors = {}
    for name, entry in head.items():
        start, end = entry["data_offsets"]
        array = numpy.frombuffer(body[start:end], DTYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"]).copy()
    return tensors, metadata


def write(path, tensors, metadata):
    names = {v: k for k, v in DTYPES.items()}
    head, body = {"__metadata__": metadata}, b""
    for name, x in sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])):
        x = numpy.asarray(x, order="C")
        data = x.tobytes()
        place = [len(body), len(body) + len(data)]
        head[name] = {"dtype": names[x.dtype.str], "shape": list(x.shape), "data_offsets": place}
        body += data
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + body)
