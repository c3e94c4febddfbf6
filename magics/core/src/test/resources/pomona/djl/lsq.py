"""Writes lsq.json: learned step size quantization by the formulas of Esser et al. 2020 in PyTorch 2.13, with gradients."""

import json
import math
from pathlib import Path

import torch


class Lsq(torch.autograd.Function):
    """Equations 1 to 3 and 5, with the gradient of the step scaled by 1 / sqrt(N high)."""

    @staticmethod
    def forward(ctx, value, step, low, high, shared):
        ctx.save_for_backward(value, step)
        ctx.rest = low, high, shared
        return torch.round(torch.clamp(value / step, low, high)) * step

    @staticmethod
    def backward(ctx, gradient):
        value, step = ctx.saved_tensors
        low, high, shared = ctx.rest
        place = value / step
        inside = (place > low) & (place < high)
        levels = torch.where(inside, torch.round(place) - place, place.clamp(low, high))
        of_step = (gradient * levels).sum_to_size(step.shape) / math.sqrt(shared * high)
        return gradient * inside, of_step, None, None, None


torch.manual_seed(5)
cases = []
for name, shape, steps, low, high, axis, shared in [
    ("weight per channel, 4 bits", (6, 5), (6, 1), -8, 7, 0, 5),
    ("weight per tensor, 2 bits", (6, 5), (1,), -2, 1, -1, 30),
    ("unsigned activation, 3 bits", (6, 5), (1,), 0, 7, -1, 5),
    ("activation with a zero point, 4 bits", (6, 5), (1,), -5, 10, -1, 5),
]:
    value = torch.randn(shape, requires_grad=True)
    step = (torch.rand(steps) * 0.1 + 0.15).requires_grad_()
    factor = torch.randn(shape)
    output = Lsq.apply(value, step, low, high, shared)
    (output * factor).sum().backward()
    case = {"name": name, "low": low, "high": high, "axis": axis, "records": name.find("activation") >= 0}
    case |= {"value": value.tolist(), "step": step.flatten().tolist(), "factor": factor.tolist()}
    case |= {"output": (output + 0.0).tolist(), "ofValue": value.grad.tolist(), "ofStep": step.grad.flatten().tolist()}
    cases.append(case)
Path(__file__).with_suffix(".json").write_text(json.dumps(cases))
