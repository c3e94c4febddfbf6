"""The same training steps in PyTorch from Python: training_speed.py lenet|minilm STEPS."""

import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(1)


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
    )


class Layer(nn.Module):
    """A layer of BERT with the sizes of MiniLM: 384 wide, 12 heads, 1536 hidden."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(384, 384) for _ in range(4))
        self.up, self.down = nn.Linear(384, 1536), nn.Linear(1536, 384)
        self.norm1, self.norm2 = nn.LayerNorm(384, eps=1e-12), nn.LayerNorm(384, eps=1e-12)

    def heads(self, x):
        return x.view(x.size(0), x.size(1), 12, 32).transpose(1, 2)

    def forward(self, x, mask):
        q, k, v = self.heads(self.query(x)), self.heads(self.key(x)), self.heads(self.value(x))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = self.norm1(self.out(y.transpose(1, 2).reshape(x.shape)) + x)
        return self.norm2(self.down(F.gelu(self.up(x))) + x)


class MiniLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places, self.types = nn.Embedding(30522, 384), nn.Embedding(512, 384), nn.Embedding(2, 384)
        self.norm = nn.LayerNorm(384, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(6))

    def forward(self, ids, mask, types):
        mask = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        x = self.words(ids) + self.types(types) + self.places(torch.arange(ids.size(1))[None])
        x = self.norm(x)
        for layer in self.layers:
            x = layer(x, mask)
        return x


def main():
    small, steps = sys.argv[1] == "lenet", int(sys.argv[2])
    model = lenet() if small else MiniLM()
    batch, batches = (128, 50) if small else (16, 10)
    if small:
        data = [torch.randn(batch * batches, 1, 28, 28)]
        labels = torch.randint(0, 10, (batch * batches,))
    else:
        shape = (batch * batches, 64)
        data = [torch.randint(0, 30000, shape), torch.ones(shape, dtype=torch.int64), torch.zeros(shape, dtype=torch.int64)]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    times = []
    while len(times) < steps:
        order = torch.randperm(batch * batches)
        for i in range(batches):
            picked = order[i * batch : (i + 1) * batch]
            y = model(*(x[picked] for x in data))
            times.append(time.perf_counter())
            loss = F.cross_entropy(y, labels[picked]) if small else y.square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss.item()
    times = times[steps // 5 : steps]
    spans = sorted(b - a for a, b in zip(times, times[1:]))
    print(f"{spans[len(spans) // 2] * 1e3:.3f} torch-{torch.__version__}-{torch.get_num_threads()}-threads")


if __name__ == "__main__":
    main()
