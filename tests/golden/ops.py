# SPDX-License-Identifier: MIT
"""What PyTorch makes, in double, of the operations that resample images and choose their pixels, and
of GELU: values and gradients, channels last, into ops.safetensors. usage: ops.py OUT_DIR"""
import sys

import torch
import torch.nn.functional as F

import safetensors

torch.manual_seed(1)
OUT = {}


def last(x):
    """Channels last, as the library has them."""
    return (x.permute(0, 2, 3, 1) if x.dim() == 4 else x).detach().numpy().copy()


def record(name, shape, run):
    """x, y = run(x), a seed for y, and the gradient of <seed, y> in x."""
    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    y = run(x)
    seed = torch.randn_like(y)
    y.backward(seed)
    for part, value in (("x", x), ("y", y), ("seed", seed), ("grad", x.grad)):
        OUT[f"{name}.{part}"] = last(value)


def affine(theta):
    matrices = torch.tensor(theta, dtype=torch.float64).reshape(-1, 2, 3)

    def run(x):
        grid = F.affine_grid(matrices, list(x.shape), align_corners=False)
        return F.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False)

    OUT["sample_affine.m"] = matrices.numpy()
    return run


def resize(h, w):
    return lambda x: F.interpolate(x, size=(h, w), mode="bilinear", align_corners=False)


record("pixel_shuffle", (2, 18, 2, 3), torch.nn.PixelShuffle(3))
record("pixel_unshuffle", (2, 2, 4, 6), torch.nn.PixelUnshuffle(2))
record("resize_up", (2, 3, 5, 4), resize(9, 11))
record("resize_down", (1, 2, 9, 8), resize(4, 3))
record("reflect", (2, 3, 4, 5), torch.nn.ReflectionPad2d((1, 3, 2, 0)))
record("replicate", (2, 3, 4, 5), torch.nn.ReplicationPad2d((1, 6, 2, 0)))
record("max_pool", (2, 3, 7, 6), torch.nn.MaxPool2d(3, 2, 1))
record("gelu", (4, 9), lambda x: F.gelu(3 * x) / 3)
record("prelu", (3, 2, 2, 3), torch.nn.PReLU(dtype=torch.float64))
record("sample_affine", (3, 3, 6, 7), affine([0.8, -0.5, 0.1, 0.6, 0.9, -0.2, -1, 0, 0.3, 0, 1, 0,
                                              1.7, 0.2, -0.4, -0.1, 0.6, 0.9]))
record("embedding", (5, 3), lambda x: F.embedding(torch.tensor([4, 0, 4, 2, 4, 0]), x))
safetensors.write(f"{sys.argv[1]}/ops.safetensors", OUT, {"torch": torch.__version__})
