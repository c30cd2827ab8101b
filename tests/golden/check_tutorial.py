# SPDX-License-Identifier: MIT
"""Loads networks written by `gan train` into the DCGAN tutorial's classes, with strict=True.

    check_tutorial.py generator.safetensors --gan path/to/gan     draws with `gan sample` and compares
    check_tutorial.py generator.safetensors z.safetensors raw.safetensors   the same with given files
    check_tutorial.py discriminator.safetensors

Fails when a name, shape or type differs, or a pixel by more than 1e-5. Needs PyTorch and numpy."""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy
import torch

import safetensors
import tutorial

LIMIT = 1e-5


def networks(kind, m):
    """The classes that must take the file: at 64 the tutorial's own and the general one."""
    size, nc, features = int(m["height"]), int(m["channels"]), int(m["features"])
    spectral, stddev, pack = m.get("spectral") == "1", int(m.get("stddev", 0)), int(m.get("pack", 1))
    plain = size == 64 and m["norm"] in ("auto", "batch") and not spectral
    own = plain and (kind == "generator" or (not stddev and pack == 1))
    if kind == "generator":
        nets = [tutorial.Generator(size, int(m["nz"]), features, nc, m["norm"], spectral)]
        return nets + ([tutorial.Generator64(int(m["nz"]), features, nc)] if own else [])
    norm = "none" if spectral and m["norm"] == "auto" else m["norm"]
    nets = [tutorial.Discriminator(size, features, nc, norm, spectral, stddev, pack)]
    return nets + ([tutorial.Discriminator64(features, nc)] if own else [])


def load(net, tensors):
    net.load_state_dict({k: torch.from_numpy(v) for k, v in tensors.items()}, strict=True)
    for name, value in net.state_dict().items():
        ours = tensors[name]
        if value.numpy().dtype != ours.dtype or value.numpy().shape != ours.shape:
            sys.exit(f"{name}: {ours.dtype} {ours.shape} in the file")
    counters = {int(v) for k, v in tensors.items() if k.endswith("num_batches_tracked")}
    if 0 in counters:
        sys.exit("num_batches_tracked is 0: was it trained?")
    return counters


def sample(gan, path, nz, folder):
    """24 latent vectors, one batch and a half, and what the command makes of them."""
    z = numpy.random.default_rng(1).standard_normal((24, nz)).astype("<f4")
    names = [os.path.join(folder, n) for n in ("z.safetensors", "raw.safetensors", "grid.png")]
    safetensors.write(names[0], {"z": z}, {})
    command = [gan, "sample", "--model", path, "--z", names[0], "--raw", names[1], "--out", names[2]]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return names[0], names[1]


def compare(net, z_path, raw_path):
    z = safetensors.read(z_path)[0]["z"]
    ours = safetensors.read(raw_path)[0]["images"]
    net.eval()
    with torch.no_grad():
        theirs = net(torch.from_numpy(z)).numpy()
    if theirs.shape != ours.shape:
        sys.exit(f"images are {ours.shape}, PyTorch makes {theirs.shape}")
    return float(numpy.abs(theirs - ours).max()), float(numpy.abs(theirs).max())


def check(options):
    tensors, metadata = safetensors.read(options.model)
    kind = metadata["kind"]
    for net in networks(kind, metadata):
        counters = load(net, tensors)
        text = f"{kind} {metadata['height']}x{metadata['width']}x{metadata['channels']} "
        text += f"width {metadata['features']}: {type(net).__name__} loads, {len(tensors)} tensors"
        text += f", batches tracked {sorted(counters)}" if counters else ""
        if kind == "generator":
            with tempfile.TemporaryDirectory() as folder:
                z, raw = options.z, options.raw
                if options.gan:
                    z, raw = sample(options.gan, options.model, int(metadata["nz"]), folder)
                worst, largest = compare(net, z, raw)
            text += f", images differ by {worst:.1e} (largest pixel {largest:.2f})"
            if not worst <= LIMIT:
                sys.exit(text)
        print(text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("z", nargs="?")
    parser.add_argument("raw", nargs="?")
    parser.add_argument("--gan", help="the gan command")
    check(parser.parse_args())
