#!/usr/bin/env python3
"""Makes the small TorchScript models of the tests: two are scripted, three are no TorchScript but what torch.save
writes ("saved", with one of the scripted), the others are traced.

usage: make_models.py FOLDER [NAME...]      needs: torch; transformers for bert, distilbert and t5; torchvision for swin
"""
import sys
import warnings
import zipfile

import torch
from torch import nn
import torch.nn.functional as F

warnings.simplefilter("ignore")
torch.manual_seed(7)


def settled(model):
    """Statistics of batch normalization that are not those of a new model."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.normal_(module.running_mean, 0, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias, 0, 0.3)
    return model.eval()


class Squeeze(nn.Module):
    """The squeeze-and-excitation of MobileNetV3."""

    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.down = nn.Conv2d(channels, 4, 1)
        self.up = nn.Conv2d(4, channels, 1)

    def forward(self, x):
        return x * F.hardsigmoid(self.up(F.relu(self.down(self.pool(x)))))


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.depth = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.BatchNorm2d(8), nn.Hardswish(), Squeeze(8))
        self.pools = nn.ModuleList([nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2)])
        self.up = nn.ConvTranspose2d(16, 6, 2, 2)
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(6, 5)

    def forward(self, x):
        x = self.stem(x)
        y = x + self.depth(x)
        y = F.relu(y, inplace=True)
        z = torch.cat([self.pools[0](y), self.pools[1](y)], 1)
        z = F.relu6(self.up(F.pad(z, (1, 0, 0, 1))))
        z = F.interpolate(z, scale_factor=2, mode="nearest")
        return torch.softmax(self.head(self.drop(torch.flatten(F.adaptive_avg_pool2d(z, 1), 1))), -1)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        names = [nn.ReLU(), nn.GELU(), nn.SiLU(), nn.ELU(0.7), nn.LeakyReLU(0.2), nn.Tanh(), nn.Sigmoid(), nn.Mish(),
                 nn.Softplus(), nn.SELU(), nn.GELU("tanh"), nn.Hardtanh(-0.4, 0.6), nn.PReLU()]
        layers = []
        for activation in names:
            layers += [nn.Linear(12, 12), activation]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        first, second = torch.chunk(self.layers(x).abs().sqrt(), 2, -1)
        return (first - 2 * second).clamp(-1, 1), (first > second).float().mean(-1)


class Attention(nn.Module):
    """As in BERT, with sizes read from the input and a mask that is added."""

    def __init__(self, width, heads):
        super().__init__()
        self.query, self.key, self.value = nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.heads = heads

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, x.size(2) // self.heads).permute(0, 2, 1, 3)

    def forward(self, x, mask):
        query, key, value = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(query, key.transpose(-1, -2)) / query.size(-1) ** 0.5
        mixed = torch.matmul(torch.softmax(scores + mask, -1), value).permute(0, 2, 1, 3).contiguous()
        return self.out(mixed.view(mixed.size(0), mixed.size(1), -1))


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attention = Attention(width, heads)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x, mask):
        x = self.norm1(x + self.attention(x, mask))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    """A sentence encoder: embeddings, two layers, the mean of what is not masked, and length one."""

    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(50, 16), nn.Embedding(20, 16)
        self.register_buffer("ids", torch.arange(20).expand((1, -1)))
        self.layers = nn.ModuleList([Layer(16, 4), Layer(16, 4)])

    def forward(self, ids, mask):
        x = self.words(ids) + self.places(self.ids[:, : ids.size(1)])
        added = (1.0 - mask[:, None, None, :].to(x.dtype)) * -10000.0
        for layer in self.layers:
            x = layer(x, added)
        mean = (x * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True).clamp(min=1e-9)
        return mean / mean.pow(2).sum(-1, keepdim=True).sqrt()


class Vit(nn.Module):
    """A vision transformer: patches by convolution, a learned first token, and fused attention."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.first = nn.Parameter(torch.randn(1, 1, 16))
        self.places = nn.Parameter(torch.randn(1, 17, 16))
        self.qkv, self.out = nn.Linear(16, 48), nn.Linear(16, 16)
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, 3)

    def forward(self, image):
        x = self.patches(image).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(x.shape[0], -1, -1), x], 1) + self.places
        batch, length, width = x.shape
        query, key, value = self.qkv(self.norm(x)).reshape(batch, length, 3, 2, width // 2).permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.head((x + self.out(mixed.transpose(1, 2).reshape(batch, length, width)))[:, 0])


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x):
        if bool(x.sum() > 0):
            x = self.fc(x)
        return x


class InPlace(nn.Module):
    """Changes in place of what shares memory with other values."""

    def forward(self, x):
        y = x.clone()
        y[:, 1:3] = 2.0
        y[:, 0, ::2] += x[:, 5, ::2]
        row = y[:, 4]
        y.mul_(2)
        flat = y.view(-1, 48)
        flat[:, 3] = 7
        turned = y.transpose(1, 2)
        turned[:, :2] -= 1
        copied = y.permute(0, 2, 1).contiguous()
        mask = torch.zeros_like(y)
        mask[:, :, 2:5] = 1
        mask[:, -1] = x[:, 0]
        places = x.new_zeros(4, 8)
        places[torch.tensor([2, 0])] = y[0, :2]
        places[places > 3] = -3
        return y, row + 1, flat, copied, y.masked_fill(mask == 0, -1), places, x


class Apart(nn.Module):
    """Changes a part of a tensor in place and asks for the tensor again."""

    def forward(self, x):
        first, second = x.chunk(2, 1)
        first.add_(second)
        return x


class Functions(nn.Module):
    """What larger networks call besides their layers."""

    def __init__(self):
        super().__init__()
        self.group, self.one, self.instance = nn.GroupNorm(3, 6), nn.GroupNorm(1, 6), nn.InstanceNorm2d(6, affine=True)
        for norm in (self.group, self.one, self.instance):
            nn.init.uniform_(norm.weight, 0.5, 2)
            nn.init.normal_(norm.bias)
        self.register_buffer("order", torch.tensor([[3, 0], [1, 2]]))

    def forward(self, x):
        a = self.instance(self.one(self.group(x)))
        pools = [F.adaptive_avg_pool2d(a, (4, 3)), F.adaptive_avg_pool2d(a, 9), F.adaptive_max_pool2d(a, (4, 8))]
        parts = x.chunk(4, 1)
        moved = torch.roll(x, (-2, 3), (2, 3)).flip(-1, 2)
        tokens = x.flatten(2)
        seen = F.scaled_dot_product_attention(tokens, tokens, tokens, is_causal=True)
        largest, place = tokens.max(-1)
        numbers = torch.arange(0, x.size(3), 2, device=x.device) % 3
        picked = x[:, self.order, self.order.flip(0)]
        apart = x[:, [0, 2], :, [1, 5]]
        gathered = tokens.gather(2, tokens.argmax(-1, keepdim=True).expand(-1, -1, 3))
        sums = [x.var((2, 3)), x.std((2, 3), unbiased=False), x.norm(dim=1), F.normalize(x, dim=1),
                x.logsumexp((1, 2)), x.prod(1), (x > 0).cumsum(1, dtype=torch.float), tokens.min(-1)[0]]
        return (a, *pools, *parts, moved, seen, largest, place, numbers, picked, apart, gathered, *sums,
                x.movedim(1, 3).triu(1), torch.remainder(x, 0.7), torch.full_like(x, 3), x.reshape_as(moved))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.gru, self.rnn = nn.GRU(8, 3, num_layers=2, bias=False), nn.RNN(3, 4, nonlinearity="relu", bidirectional=True)

    def forward(self, x):
        y, (hidden, cell) = self.lstm(x)
        y, last = self.gru(y.transpose(0, 1))
        return (*self.rnn(y), hidden, cell, last)


class Encoded(nn.Module):
    """A text encoder of the library transformers."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask):
        return self.model(input_ids=ids, attention_mask=mask)[0]


def text_encoder(name, **sizes):
    import transformers

    return Encoded(getattr(transformers, name + "Model")(getattr(transformers, name.replace("Encoder", "") + "Config")(vocab_size=50, **sizes)))


def swin():
    from torchvision.models import SwinTransformer

    return SwinTransformer(patch_size=[2, 2], embed_dim=6, depths=[2], num_heads=[2], window_size=[4, 4], num_classes=3)


def ids():
    return torch.randint(0, 50, (2, 7)), torch.ones(2, 7, dtype=torch.long)


BERT = dict(hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, max_position_embeddings=16)
DISTILBERT = dict(dim=12, n_layers=1, n_heads=2, hidden_dim=16, max_position_embeddings=16)
T5 = dict(d_model=12, d_kv=6, d_ff=16, num_layers=1, num_heads=2)
MODELS = {
    "cnn": (Cnn, lambda: torch.randn(2, 3, 16, 16)),
    "mlp": (Mlp, lambda: torch.randn(2, 12)),
    "encoder": (Encoder, ids),
    "vit": (Vit, lambda: torch.randn(2, 3, 16, 16)),
    "inplace": (InPlace, lambda: torch.randn(2, 6, 8)),
    "apart": (Apart, lambda: torch.randn(2, 6, 8)),
    "functions": (Functions, lambda: torch.randn(2, 6, 8, 8)),
    "recurrent": (Recurrent, lambda: torch.randn(2, 6, 5)),
    "bert": (lambda: text_encoder("Bert", **BERT), ids),
    "distilbert": (lambda: text_encoder("DistilBert", **DISTILBERT), ids),
    "t5": (lambda: text_encoder("T5Encoder", **T5), ids),
    "swin": (swin, lambda: torch.randn(2, 3, 16, 16)),
}

target = sys.argv[1]
for name in [n for n in sys.argv[2:] if n != "saved"] if sys.argv[2:] else MODELS:
    model, inputs = MODELS[name]
    torch.jit.trace(settled(model()), inputs(), check_trace=False).save(f"{target}/{name}.pt")
if len(sys.argv) < 3:
    torch.jit.script(Branching()).save(f"{target}/branching.pt")

# What torch.save writes: no TorchScript, but weights can be read of the first two.
if len(sys.argv) < 3 or "saved" in sys.argv:
    torch.manual_seed(7)
    layers = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    torch.save(layers.state_dict(), f"{target}/state.pt")
    torch.save({"epoch": 3, "model": layers.state_dict(), "scale": nn.Parameter(torch.ones(2))}, f"{target}/checkpoint.pt")
    torch.save(layers, f"{target}/whole.pt")


class Calling(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(5, 2)

    def forward(self, x):
        return self.table(x)


def without_places(path):
    """Takes out what tells where the sources of the model lie on the machine that made it."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if not name.endswith(".debug_pkl")}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)


if len(sys.argv) < 3 or "saved" in sys.argv:
    torch.jit.script(Calling()).save(f"{target}/calling.pt")
    without_places(f"{target}/calling.pt")
