"""Writes movement.json: hard movement pruning (Sanh et al. 2020) of a small network in PyTorch 2.13, before and after."""

import json
from pathlib import Path

import torch

SPARSITY, RATE, STEPS, RISING = 0.6, 0.05, 12, 8
torch.manual_seed(3)
shapes = [(5, 6), (4, 5)]
weights = [torch.randn(shape, requires_grad=True) for shape in shapes]
biases = [torch.randn(shape[0], requires_grad=True) for shape in shapes]
scores = [torch.zeros(shape, requires_grad=True) for shape in shapes]
data, labels = torch.randn(24, 6), torch.randint(4, (24,))


class Top(torch.autograd.Function):
    @staticmethod
    def forward(ctx, score, kept):
        mask = torch.zeros(score.numel())
        mask[score.flatten().topk(kept).indices] = 1
        return mask.view_as(score)

    @staticmethod
    def backward(ctx, gradient):
        return gradient, None


def masked(share):
    kept = [w.numel() - round(share * w.numel()) for w in weights]
    return [w * Top.apply(s, k) for w, s, k in zip(weights, scores, kept)]


def lists(tensors):
    return [tensor.tolist() for tensor in tensors]


written = {"weights": lists(weights), "biases": lists(biases), "data": data.tolist(), "labels": labels.tolist()}
optimizer = torch.optim.SGD(weights + biases + scores, lr=RATE, momentum=0.9)
for step in range(STEPS):
    left = 1 - min(1, step / (RISING - 1))
    first, second = masked(SPARSITY * (1 - left**3))
    optimizer.zero_grad()
    logits = torch.relu(data @ first.T + biases[0]) @ second.T + biases[1]
    torch.nn.functional.cross_entropy(logits, labels).backward()
    optimizer.step()
written["pruned"] = lists(w + 0.0 for w in masked(SPARSITY))
written["learned"] = lists(biases)
Path(__file__).with_suffix(".json").write_text(json.dumps(written))
