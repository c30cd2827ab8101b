# SPDX-License-Identifier: MIT
"""The peer of the other networks: a training step of each in PyTorch on the CPU, timed.

The networks are those that the golden files come from, with PyTorch's fused attention in place of the
transformers' written-out one (SAGAN's stays); settings are the fastest found for PyTorch: channels_last
tensors, and a discriminator that wants no gradients while the generator is updated. Data are random and
made once.

    python3 networks_torch.py --net resnet|attention|transformer|translate|cycle|superres|conditional
                              [--size 64] [--width 32] [--depth 0] [--batch 16] [--penalty 0]
                              [--threads 2] [--steps 10] [--warmup 3]

Run by networks.sh, which puts the networks' modules in front of it. Prints one JSON object: the
milliseconds of a step (an update of D, and one of G), and the peak of resident memory."""
import argparse
import json
import resource
import statistics
import time
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import nn

import attention
import conditions
import image_nets
import resnet
import transformer
import tutorial

LATENT = 100


def fused(self, x):
    return nn.MultiheadAttention.forward(self, x, x, x, need_weights=False)[0]


attention.MultiHead.forward = fused


# --- the pairs: what each is given, and G's and D's losses as `networks.sh` asks them of libgan ---


def image(o, channels=3, side=None):
    side = side or o.size
    return last(torch.rand(o.batch, channels, side, side) * 2 - 1)


def last(x):
    return x.to(memory_format=torch.channels_last)


def noise(o):
    return torch.randn(o.batch, LATENT)


def hinge_d(real, fake):
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_g(fake):
    return -fake.mean()


def entropy_d(real, fake):
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def entropy_g(fake):
    return F.softplus(-fake).mean()


def squares_d(real, fake):
    return 0.5 * (real - 1).square().mean() + 0.5 * fake.square().mean()


def squares_g(fake):
    return 0.5 * (fake - 1).square().mean()


def of_images(o, kind, source_side=None, channels=3, norm="auto"):
    m = {"arch": kind, "features": o.width, "depth": o.depth, "dropout": "0", "height": o.size, "width": o.size}
    m.update({"channels": channels, "norm": norm, "spectral": "0", "source_channels": 3})
    m.update({"source_height": source_side or o.size, "source_width": source_side or o.size})
    return image_nets.network(m)


def from_noise(g, d, loss_d, loss_g):
    """hinge judges new images in G's step, as libgan does with it; else those of D's are used again."""
    losses = {"loss_d": loss_d, "loss_g": loss_g, "fresh": loss_d is hinge_d}
    return SimpleNamespace(g=g, d=d, input=noise, beside=False, term=None, **losses)


def from_image(g, d, source, beside, term):
    """With a term that compares G's images with their targets."""
    losses = {"loss_d": entropy_d, "loss_g": entropy_g, "fresh": False}
    return SimpleNamespace(g=g, d=d, input=lambda _: source, beside=beside, term=term, **losses)


def make_resnet(o):
    d = resnet.Discriminator(o.size, o.width, 3, spectral=not o.penalty)
    return from_noise(resnet.Generator(o.size, LATENT, o.width, 3), d, hinge_d, hinge_g)


def make_attention(o):
    g = tutorial.Generator(o.size, LATENT, o.width, 3, "batch", False, 32)
    d = tutorial.Discriminator(o.size, o.width, 3, "none", spectral=True, attention=32)
    return from_noise(g, d, hinge_d, hinge_g)


def make_conditional(o):
    
    def norm(channels):
        return conditions.ConditionalBatchNorm(10, channels)

    g = tutorial.Generator(o.size, LATENT, o.width, 3, norm, False, 0)
    d = conditions.Projection(tutorial.Discriminator(o.size, o.width, 3, "batch"), 10, False)
    conditions.give(torch.arange(o.batch) % 10, g, d)
    return from_noise(g, d, entropy_d, entropy_g)


def make_transformer(o):
    g = transformer.Generator(o.size, LATENT, o.width, 3, o.depth)
    d = transformer.Discriminator(o.size, o.width, 3, o.depth)
    return from_noise(g, d, hinge_d, hinge_g)


def make_translate(o):
    g, d = of_images(o, "unet"), of_images(o, "patch", channels=6)
    return from_image(g, d, image(o), True, lambda fake, real: 100 * (fake - real).abs().mean())


def make_superres(o):
    g = of_images(o, "srresnet", source_side=o.size // 4)
    d, source = of_images(o, "srgan"), image(o, side=o.size // 4)
    return from_image(g, d, source, False, lambda fake, real: ((fake - real).square() + 1e-6).sqrt().mean())


# --- steps ---


class Frozen:
    """While it lasts, no gradients of the network's weights are computed."""

    def __init__(self, *nets):
        self.weights = [p for net in nets for p in net.parameters()]

    def __enter__(self):
        for weight in self.weights:
            weight.requires_grad_(False)

    def __exit__(self, *_):
        for weight in self.weights:
            weight.requires_grad_(True)


def adam(*nets):
    return torch.optim.Adam([p for net in nets for p in net.parameters()], lr=2e-4, betas=(0.5, 0.999))


def r1(d, real):
    """Of real images, second order."""
    x = real.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(d(x).sum(), x, create_graph=True)
    return 0.5 * slope.square().sum((1, 2, 3)).mean()


def one_way(p, o):
    """A step as `generate`, `superres` and `translate` have it."""
    opt_g, opt_d, real = adam(p.g), adam(p.d), image(o)

    def seen(source, x):
        return last(torch.cat([source, x], 1)) if p.beside else x

    def step():
        source = p.input(o)
        with torch.set_grad_enabled(not p.fresh):
            fake = p.g(source)
        p.d.zero_grad()
        loss = p.loss_d(p.d(seen(source, real)), p.d(seen(source, fake.detach())))
        (loss + o.penalty * r1(p.d, real) if o.penalty else loss).backward()
        opt_d.step()
        p.g.zero_grad()
        fake = p.g(p.input(o)) if p.fresh else fake
        with Frozen(p.d):
            loss = p.loss_g(p.d(seen(source, fake)))
            (loss + p.term(fake, real) if p.term else loss).backward()
        opt_g.step()

    return step


def both_ways(o):
    """CycleGAN's step, without a pool."""
    g, f = (prepared(of_images(o, "resnet9", norm="instance")) for _ in range(2))
    d, e = (prepared(of_images(o, "patch", norm="instance")) for _ in range(2))
    opt_g, opt_d, a, b = adam(g, f), adam(d, e), image(o), image(o)

    def step():
        fake_b, fake_a = g(a), f(b)
        d.zero_grad(), e.zero_grad()
        (squares_d(d(b), d(fake_b.detach())) + squares_d(e(a), e(fake_a.detach()))).backward()
        opt_d.step()
        g.zero_grad(), f.zero_grad()
        with Frozen(d, e):
            loss = squares_g(d(fake_b)) + squares_g(e(fake_a))
            cycle = (f(fake_b) - a).abs().mean() + (g(fake_a) - b).abs().mean()
            (loss + 10 * cycle).backward()
        opt_g.step()

    return step


def prepared(net):
    return net.to(memory_format=torch.channels_last)


MAKE = {
    "resnet": make_resnet,
    "attention": make_attention,
    "conditional": make_conditional,
    "transformer": make_transformer,
    "translate": make_translate,
    "superres": make_superres,
}


def make_step(o):
    if o.net == "cycle":
        return both_ways(o)
    pair = MAKE[o.net](o)
    prepared(pair.g), prepared(pair.d)
    return one_way(pair, o)


# --- timing ---


def milliseconds(step, count):
    times = []
    for _ in range(count):
        before = time.perf_counter()
        step()
        times.append(1e3 * (time.perf_counter() - before))
    return times


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--net", choices=[*MAKE, "cycle"], required=True)
    for name, fallback in (("size", 64), ("width", 32), ("depth", 0), ("batch", 16), ("threads", 2)):
        parser.add_argument("--" + name, type=int, default=fallback)
    for name, fallback in (("steps", 10), ("warmup", 3)):
        parser.add_argument("--" + name, type=int, default=fallback)
    parser.add_argument("--penalty", type=float, default=0)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(1)
    step = make_step(o)
    milliseconds(step, o.warmup)
    times = milliseconds(step, o.steps)
    report = {
        "ms": round(statistics.median(times), 4),
        "ms_min": round(min(times), 4),
        "ms_max": round(max(times), 4),
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "torch": torch.__version__,
        **vars(o),
    }
    print(json.dumps(report), flush=True)


if __name__ == "__main__":
    main()
