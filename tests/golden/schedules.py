# SPDX-License-Identifier: MIT
"""The texts of gan/schedule.h: learning rates by PyTorch's schedulers, other numbers by formula."""
import math
import re

from torch.optim import lr_scheduler

FORM = re.compile(r"(?:warmup\((\d+)\)\*)?(.*)")
CURVE = re.compile(r"(linear|cosine|exp)\(([^-]+)->([^,]+), *(\d+)\)")
STEP = re.compile(r"step\(([^*]+)\*([^,]+), *(\d+)\)")


def function(text):
    """Its value at a step: numbers, pieces, and curves from step 0 on."""
    warmup, form = FORM.fullmatch(text).groups()
    curve = CURVE.fullmatch(form)
    assert not warmup
    if not curve:
        pieces = [piece.split("@") for piece in form.split(",")]
        pieces = [(float(p[0]), int(p[1]) if len(p) > 1 else 0) for p in pieces]
        return lambda s: [v for v, start in pieces if start <= s][-1]
    assert curve[1] == "linear"
    a, b, end = float(curve[2]), float(curve[3]), int(curve[4])
    return lambda s: a + (b - a) * min(1.0, s / end)


def start(text):
    """The value at step 0, before any warm-up."""
    form = FORM.fullmatch(text)[2]
    return float(re.split(r"->|\*", form.split("(")[-1])[0])


def scheduler(opt, text):
    """For opt, whose rate is start(text); to be stepped after each generator step."""
    warmup, form = FORM.fullmatch(text).groups()
    curve, steps, chain = CURVE.fullmatch(form), STEP.fullmatch(form), []
    if steps:
        chain.append(lr_scheduler.StepLR(opt, int(steps[3]), float(steps[2])))
    elif curve:
        a, b, end = float(curve[2]), float(curve[3]), int(curve[4])
        make = {
            "linear": lambda: lr_scheduler.LinearLR(opt, 1.0, b / a, end),
            "cosine": lambda: lr_scheduler.CosineAnnealingLR(opt, end, b),
            "exp": lambda: lr_scheduler.ExponentialLR(opt, math.pow(b / a, 1 / end)),
        }
        chain.append(make[curve[1]]())
    if warmup:
        chain.append(lr_scheduler.LinearLR(opt, 1 / int(warmup), 1.0, int(warmup) - 1))
    return lr_scheduler.ChainedScheduler(chain or [lr_scheduler.LambdaLR(opt, lambda s: 1.0)])
