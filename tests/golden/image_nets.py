# SPDX-License-Identifier: MIT
"""Loads networks that libgan has saved into PyTorch's classes, with strict=True, and compares what they
make, in evaluation and in training mode, and, of narrow ones, the gradient in the input. PyTorch works in double:
its own float differs from that by more than 1e-5 in the wide networks. Part of image_nets.sh.
usage: image_nets.py DIR [OUT_DIR]: with OUT_DIR PyTorch's results go into OUT_DIR/image_<case>.safetensors

The classes follow the definitions that the well-known names come from: pix2pix's and CycleGAN's networks
(junyanz/pytorch-CycleGAN-and-pix2pix), SRResNet and SRGAN's discriminator (Lornatang/SRGAN-PyTorch); those of
arch resnet are in resnet.py."""
import glob
import os
import sys

import numpy
import torch
from torch import nn
from torch.nn.utils.parametrizations import _SpectralNorm, spectral_norm

import resnet
import safetensors

LIMITS = {"eval": 1e-5, "train": 1e-5, "grad": 1e-5, "fast": 1e-4}  # fast: of several layers with 1e-6 each
STEP = 31  # golden files hold every 31st element

NORMS = {
    "batch": nn.BatchNorm2d,
    "instance": nn.InstanceNorm2d,  # without parameters
    "layer": lambda c: nn.GroupNorm(1, c),
    "none": lambda c: nn.Identity(),
}


class Skip(nn.Module):
    """A level of the U-Net; the outermost has no skip."""

    def __init__(self, outer, inner, norm, source=None, inside=None, outermost=False, dropout=0):
        super().__init__()
        self.outermost, bias = outermost, norm != "batch"
        down = [nn.Conv2d(source or outer, inner, 4, 2, 1, bias=bias)]
        up = [nn.ReLU(True), nn.ConvTranspose2d(inner * (2 if inside else 1), outer, 4, 2, 1, bias=bias or outermost)]
        if outermost:
            layers = down + [inside] + up + [nn.Tanh()]
        else:
            down = [nn.LeakyReLU(0.2, True)] + down  # writes into what the result stands beside
            down += [NORMS[norm](inner), inside] if inside else []
            layers = down + up + [NORMS[norm](outer)] + ([nn.Dropout(dropout)] if dropout else [])
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


class Unet(nn.Module):
    def __init__(self, source, image, f, halvings, norm, dropout):
        super().__init__()
        net = Skip(8 * f, 8 * f, norm)
        for _ in range(halvings - 5):
            net = Skip(8 * f, 8 * f, norm, inside=net, dropout=dropout)
        for k in (4, 2, 1):
            net = Skip(k * f, 2 * k * f, norm, inside=net)
        self.model = Skip(image, f, norm, source=source, inside=net, outermost=True)

    def forward(self, x):
        return self.model(x)


class ResnetBlock(nn.Module):
    def __init__(self, c, norm, dropout):
        super().__init__()
        half = [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3, bias=norm != "batch"), NORMS[norm](c)]
        again = [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3, bias=norm != "batch"), NORMS[norm](c)]
        drop = [nn.Dropout(dropout)] if dropout else []
        self.conv_block = nn.Sequential(*half, nn.ReLU(True), *drop, *again)

    def forward(self, x):
        return x + self.conv_block(x)


class Resnet9(nn.Module):
    def __init__(self, source, image, f, blocks, norm, dropout):
        super().__init__()
        bias = norm != "batch"
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(source, f, 7, bias=bias), NORMS[norm](f), nn.ReLU(True)]
        for c in (f, 2 * f):
            layers += [nn.Conv2d(c, 2 * c, 3, 2, 1, bias=bias), NORMS[norm](2 * c), nn.ReLU(True)]
        layers += [ResnetBlock(4 * f, norm, dropout) for _ in range(blocks)]
        for c in (2 * f, f):
            layers += [nn.ConvTranspose2d(2 * c, c, 3, 2, 1, 1, bias=bias), NORMS[norm](c), nn.ReLU(True)]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(f, image, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class ResidualConvBlock(nn.Module):
    def __init__(self, f, norm):
        super().__init__()
        first = [nn.Conv2d(f, f, 3, 1, 1, bias=norm != "batch"), NORMS[norm](f), nn.PReLU()]
        self.rcb = nn.Sequential(*first, nn.Conv2d(f, f, 3, 1, 1, bias=norm != "batch"), NORMS[norm](f))

    def forward(self, x):
        return self.rcb(x) + x


class UpsampleBlock(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.upsample_block = nn.Sequential(nn.Conv2d(f, 4 * f, 3, 1, 1), nn.PixelShuffle(2), nn.PReLU())

    def forward(self, x):
        return self.upsample_block(x)


class SRResNet(nn.Module):
    """Without the clamp at the end."""

    def __init__(self, source, image, f, blocks, norm, scale):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(source, f, 9, 1, 4), nn.PReLU())
        self.trunk = nn.Sequential(*[ResidualConvBlock(f, norm) for _ in range(blocks)])
        self.conv2 = nn.Sequential(nn.Conv2d(f, f, 3, 1, 1, bias=norm != "batch"), NORMS[norm](f))
        self.upsampling = nn.Sequential(*[UpsampleBlock(f) for _ in range(scale.bit_length() - 1)])
        self.conv3 = nn.Conv2d(f, image, 9, 1, 4)

    def forward(self, x):
        first = self.conv1(x)
        return self.conv3(self.upsampling(first + self.conv2(self.trunk(first))))


class Patch(nn.Module):
    def __init__(self, channels, f, layers, norm):
        super().__init__()
        net, c = [nn.Conv2d(channels, f, 4, 2, 1), nn.LeakyReLU(0.2, True)], f
        for i in range(1, layers + 1):
            out, stride = f * min(2**i, 8), 2 if i < layers else 1
            net += [nn.Conv2d(c, out, 4, stride, 1, bias=norm != "batch"), NORMS[norm](out), nn.LeakyReLU(0.2, True)]
            c = out
        self.model = nn.Sequential(*net, nn.Conv2d(c, 1, 4, 1, 1))

    def forward(self, x):
        return self.model(x)


class Srgan(nn.Module):
    def __init__(self, channels, f, pixels, norm):
        super().__init__()
        net, c = [], channels
        for i in range(8):
            out = f * 2 ** (i // 2)
            net += [nn.Conv2d(c, out, 3, 1 + i % 2, 1, bias=not i or norm != "batch")]
            net += ([NORMS[norm](out)] if i else []) + [nn.LeakyReLU(0.2, True)]
            c = out
        self.features = nn.Sequential(*net)
        self.classifier = nn.Sequential(nn.Linear(pixels * c, 16 * f), nn.LeakyReLU(0.2, True), nn.Linear(16 * f, 1))

    def forward(self, x):
        return self.classifier(torch.flatten(self.features(x), 1))


def residual(m):
    size, f, c, spectral = int(m["height"]), int(m["features"]), int(m["channels"]), m["spectral"] == "1"
    if m["kind"] == "generator":
        return resnet.Generator(size, int(m["nz"]), f, c, m["norm"], spectral)
    return resnet.Discriminator(size, f, c, "none" if m["norm"] == "auto" else m["norm"], spectral)


def network(m):
    """The class that a file's metadata describe."""
    if m["arch"] == "resnet":
        return residual(m)
    arch, f, dropout, spectral = m["arch"], int(m["features"]), float(m["dropout"]), m["spectral"] == "1"
    h, w, image, depth = int(m["height"]), int(m["width"]), int(m["channels"]), int(m["depth"])
    sh, sw, source = int(m["source_height"]), int(m["source_width"]), int(m["source_channels"])
    auto = "none" if spectral and arch in ("patch", "srgan") else "instance" if arch == "resnet9" else "batch"
    norm = auto if m["norm"] == "auto" else m["norm"]
    if arch == "unet":
        net = Unet(source, image, f, h.bit_length() - 1, norm, dropout)
    elif arch == "resnet9":
        net = Resnet9(source, image, f, depth or (6 if max(sh, sw) <= 128 else 9), norm, dropout)
    elif arch == "srresnet":
        net = SRResNet(source, image, f, depth or 16, norm, h // sh)
    elif arch == "patch":
        net = Patch(image, f, 3 if min(h, w) >= 64 else 2 if min(h, w) >= 32 else 1, norm)
    else:
        net = Srgan(image, f, h * w // 256, norm)
    if spectral:
        for x in list(net.modules()):
            if isinstance(x, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
                spectral_norm(x)
    return net


def load(tensors, metadata):
    net = network(metadata)
    net.load_state_dict({k: torch.from_numpy(v) for k, v in tensors.items()}, strict=True)
    for name, value in net.state_dict().items():
        if value.numpy().dtype != tensors[name].dtype or value.numpy().shape != tensors[name].shape:
            sys.exit(f"{name}: {tensors[name].dtype} {tensors[name].shape} in the file")
    return net.double()


def formula(shape, first):
    bits = (numpy.arange(first, first + numpy.prod(shape), dtype=numpy.uint64) * 2654435761) % 2**32
    return ((bits >> 24).astype(numpy.int64) - 128).reshape(shape) / 128


def last(x):
    """Channels last; scores [N], of a map [N P]."""
    return x.permute(0, 2, 3, 1) if x.dim() == 4 else x


def run(net, x, is_map, gradient):
    x = torch.from_numpy(x)
    x = (x.permute(0, 3, 1, 2) if x.dim() == 4 else x).requires_grad_(gradient)
    shape = (lambda y: y.flatten()) if is_map else last
    net.eval()
    with torch.no_grad():
        out = {"eval": shape(net(x))}
    net.train()
    for m in net.modules():  # no dropout; u and v stay
        if isinstance(m, (nn.Dropout, _SpectralNorm)):
            m.eval()
    with torch.set_grad_enabled(gradient):
        out["train"] = shape(net(x))
    out["fast"] = out["train"]
    if gradient:
        out["train"].backward(torch.from_numpy(formula(out["train"].shape, 1000)))
        out["grad"] = last(x.grad)
    return {k: v.detach().numpy().copy() for k, v in out.items()}


def check(folder, path):
    name = os.path.basename(path)[len("net_") : -len(".safetensors")]
    tensors, metadata = safetensors.read(path)
    ours, _ = safetensors.read(f"{folder}/results_{name}.safetensors")
    x = formula(ours["x"].shape, 1)
    assert (x == ours["x"]).all()
    net = load(tensors, metadata)
    theirs = run(net, x, metadata["kind"] == "discriminator", "grad" in ours)
    text, good = "", True
    for k, want in theirs.items():
        assert want.shape == ours[k].shape, (want.shape, ours[k].shape)
        error = numpy.abs(want - ours[k]).max() / max(1.0, numpy.abs(want).max())
        text += f"  {k} {error:.1e} (largest {numpy.abs(want).max():.2g})"
        good &= bool(error <= LIMITS[k])
    print(f"{name}: {len(tensors)} tensors{text}{'' if good else '  WRONG'}", flush=True)
    return good, name, tensors, theirs


def main():
    all_good = True
    for path in sorted(glob.glob(f"{sys.argv[1]}/net_*.safetensors")):
        good, name, tensors, theirs = check(sys.argv[1], path)
        all_good &= good
        if len(sys.argv) > 2:
            out = {f"net.{k}": v for k, v in tensors.items()}
            out.update({k: v.reshape(-1)[::STEP].copy() for k, v in theirs.items() if k != "fast"})
            safetensors.write(f"{sys.argv[2]}/image_{name}.safetensors", out, {"torch": torch.__version__})
    sys.exit(not all_good)


if __name__ == "__main__":
    main()
