# SPDX-License-Identifier: MIT
"""The peer: a training step of the DCGAN tutorial's networks in PyTorch on the CPU, timed.

The settings are the fastest found for PyTorch: channels_last tensors, and a discriminator that
wants no gradients while the generator is updated. Data are random and made once.

    python3 dcgan_torch.py --mode dcgan|dcgan28|wgangp|infer [--batch 64] [--threads 2]
                           [--steps 10] [--warmup 3]

Prints one JSON object: the milliseconds of a step (wgangp: five critic updates and one of the
generator; infer: one batch of images), median, least and most; and the peak of resident memory."""
import argparse
import json
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

LATENT = 100


def images_like(network):
    """The fastest layout in memory."""
    return network.to(memory_format=torch.channels_last)


# --- networks: channels from the latent vector or the image on; every layer has stride 2 and a 4x4
# kernel but the one next to 1x1, whose kernel is the innermost image ---


def generator(channels, innermost):
    layers = [nn.ConvTranspose2d(LATENT, channels[0], innermost, 1, 0, bias=False)]
    for before, after in zip(channels, channels[1:]):
        layers += [nn.BatchNorm2d(before), nn.ReLU(True)]
        layers += [nn.ConvTranspose2d(before, after, 4, 2, 1, bias=False)]
    return prepared(nn.Sequential(*layers, nn.Tanh()))


def discriminator(channels, innermost, critic=False):
    """A critic has neither norms nor a sigmoid."""
    layers = []
    for level, (before, after) in enumerate(zip(channels, channels[1:])):
        layers += [nn.Conv2d(before, after, 4, 2, 1, bias=False)]
        if level > 0 and not critic:
            layers += [nn.BatchNorm2d(after)]
        layers += [nn.LeakyReLU(0.2, inplace=True)]
    layers += [nn.Conv2d(channels[-1], 1, innermost, 1, 0, bias=False)]
    return prepared(nn.Sequential(*layers, *([] if critic else [nn.Sigmoid()])))


def prepared(network):
    for module in network:
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1, 0.02)
    return images_like(network)


def networks64(critic=False):
    return generator([512, 256, 128, 64, 3], 4), discriminator([3, 64, 128, 256, 512], 4, critic)


def networks28():
    return generator([128, 64, 1], 7), discriminator([1, 64, 128], 7)


# --- one step of each kind ---


def noise(batch):
    return torch.randn(batch, LATENT, 1, 1)


def real_images(batch, channels, side):
    return images_like(torch.rand(batch, channels, side, side) * 2 - 1)


class Frozen:
    """While it lasts, no gradients of the network's weights are computed."""

    def __init__(self, network):
        self.weights = list(network.parameters())

    def __enter__(self):
        for weight in self.weights:
            weight.requires_grad_(False)

    def __exit__(self, *_):
        for weight in self.weights:
            weight.requires_grad_(True)


def dcgan_step(networks, real):
    g, d = networks
    batch = real.shape[0]
    adam_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999))
    ones, zeros = torch.ones(batch), torch.zeros(batch)

    def loss(images, target):
        return functional.binary_cross_entropy(d(images).view(-1), target)

    def step():
        d.zero_grad()
        loss(real, ones).backward()
        fake = g(noise(batch))
        loss(fake.detach(), zeros).backward()
        adam_d.step()
        g.zero_grad()
        with Frozen(d):
            loss(fake, ones).backward()
        adam_g.step()

    return step


def wgangp_step(networks, real):
    g, d = networks
    batch = real.shape[0]
    adam_g = torch.optim.Adam(g.parameters(), lr=1e-4, betas=(0.0, 0.9))
    adam_d = torch.optim.Adam(d.parameters(), lr=1e-4, betas=(0.0, 0.9))

    def penalty(fake):
        at = torch.rand(batch, 1, 1, 1)
        between = (real + at * (fake - real)).requires_grad_(True)
        (slope,) = torch.autograd.grad(d(between).sum(), between, create_graph=True)
        return 10 * ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()

    def critic_update():
        d.zero_grad()
        with torch.no_grad():
            fake = g(noise(batch))
        (d(fake).mean() - d(real).mean() + penalty(fake)).backward()
        adam_d.step()

    def step():
        for _ in range(5):
            critic_update()
        g.zero_grad()
        with Frozen(d):
            (-d(g(noise(batch))).mean()).backward()
        adam_g.step()

    return step


def infer_step(batch):
    g = networks64()[0].eval()
    z = noise(batch)

    def step():
        with torch.inference_mode():
            g(z)

    return step


MODES = {
    "dcgan": lambda batch: dcgan_step(networks64(), real_images(batch, 3, 64)),
    "dcgan28": lambda batch: dcgan_step(networks28(), real_images(batch, 1, 28)),
    "wgangp": lambda batch: wgangp_step(networks64(critic=True), real_images(batch, 3, 64)),
    "infer": infer_step,
}

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
    parser.add_argument("--mode", choices=MODES, default="dcgan")
    for name, fallback in (("batch", 64), ("threads", 2), ("steps", 10), ("warmup", 3)):
        parser.add_argument("--" + name, type=int, default=fallback)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(1)
    step = MODES[given.mode](given.batch)
    milliseconds(step, given.warmup)
    times = milliseconds(step, given.steps)
    report = {
        "ms": round(statistics.median(times), 4),
        "ms_min": round(min(times), 4),
        "ms_max": round(max(times), 4),
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "torch": torch.__version__,
        **vars(given),
    }
    print(json.dumps(report), flush=True)


main()
