#!/usr/bin/env python3
"""Makes the small ONNX files of the tests of exported networks: well-known architectures of tiny widths, random weights.

Each is written by PyTorch's exporter that is named in the file: "script" traces TorchScript, "dynamo" torch.export.

usage: make_models.py FOLDER [NAME...]      needs: torch, torchvision, transformers, timm, onnx, onnxscript
"""
import sys
import warnings

import onnx
import torch
from torch import nn
import torch.nn.functional as F

warnings.simplefilter("ignore")


def settled(model):
    """Parameters that are those of a trained model rather than of a new one: no zero biases, no unit scales."""
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2:
            nn.init.normal_(parameter, 1 if name.endswith("weight") else 0, 0.2)
        else:
            nn.init.normal_(parameter, 0, 1.4 / parameter[0].numel() ** 0.5)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.normal_(module.running_mean, 0, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2)
    return model.eval()


class Encoded(nn.Module):
    """A text model of the library transformers, with its first output."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask)[0]


class Continued(nn.Module):
    """A language model of the library transformers: the logits of the words to come."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False)[0]


def text(kind, attention, **sizes):
    import transformers

    config = getattr(transformers, kind + "Config")(vocab_size=50, **sizes)
    config._attn_implementation = attention
    causal = kind in ("GPT2", "Llama", "Phi3")
    model = getattr(transformers, kind + ("LMHeadModel" if kind == "GPT2" else "ForCausalLM" if causal else "Model"))
    return (Continued if causal else Encoded)(model(config))


class Causal(nn.Module):
    """A language model as in textbooks: queries, keys and values in one projection, a mask of what is to come."""

    def __init__(self, width=16, heads=2, length=12):
        super().__init__()
        self.heads = heads
        self.words, self.places = nn.Embedding(50, width), nn.Embedding(length, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.register_buffer("seen", torch.tril(torch.ones(length, length)).view(1, 1, length, length))

    def forward(self, ids):
        batch, length = ids.shape
        x = self.words(ids) + self.places(torch.arange(length, device=ids.device))
        query, key, value = self.qkv(self.norm1(x)).split(x.size(2), dim=2)
        query, key, value = (
            part.view(batch, length, self.heads, -1).transpose(1, 2) for part in (query, key, value)
        )
        scores = (query @ key.transpose(-2, -1)) * (1.0 / key.size(-1) ** 0.5)
        scores = scores.masked_fill(self.seen[:, :, :length, :length] == 0, float("-inf"))
        mixed = (F.softmax(scores, dim=-1) @ value).transpose(1, 2).contiguous().view(batch, length, -1)
        x = x + self.out(mixed)
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


def vit():
    from torchvision.models import VisionTransformer

    return VisionTransformer(16, 4, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=24, num_classes=5)


def timm_vit():
    from timm.models.vision_transformer import VisionTransformer

    return VisionTransformer(img_size=16, patch_size=4, embed_dim=16, depth=2, num_heads=2, mlp_ratio=1.5, num_classes=5)


def swin():
    from torchvision.models import SwinTransformer

    return SwinTransformer([2, 2], 6, depths=[2], num_heads=[2], window_size=[4, 4], mlp_ratio=2, num_classes=5)


def mobilenet():
    from torchvision.models.mobilenetv3 import InvertedResidualConfig as Block, MobileNetV3

    blocks = [
        Block(8, 3, 8, 8, True, "RE", 1, 1, 1.0),
        Block(8, 3, 16, 12, False, "RE", 2, 1, 1.0),
        Block(12, 5, 24, 12, True, "HS", 1, 1, 1.0),
        Block(12, 5, 24, 16, True, "HS", 2, 1, 1.0),
    ]
    return MobileNetV3(blocks, last_channel=32, num_classes=5)


def efficientnet():
    from torchvision.models.efficientnet import EfficientNet, MBConvConfig

    blocks = [
        MBConvConfig(1, 3, 1, 8, 8, 1),
        MBConvConfig(4, 3, 2, 8, 12, 2),
        MBConvConfig(4, 5, 2, 12, 16, 1),
    ]
    return EfficientNet(blocks, dropout=0.2, num_classes=5, last_channel=32)


class Recurrent(nn.Module):
    """Words in, one of five classes out, by a recurrent network that reads in both directions."""

    def __init__(self, layer):
        super().__init__()
        self.words = nn.Embedding(50, 10)
        self.layers = layer(10, 8, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(32, 5)

    def forward(self, ids):
        y, state = self.layers(self.words(ids))
        last = state[0] if isinstance(state, tuple) else state
        return self.head(torch.cat([y.mean(1), last[-2], last[-1]], 1))


def ids():
    return {"input_ids": torch.randint(1, 50, (2, 7))}


def masked():
    mask = torch.ones(2, 7, dtype=torch.long)
    mask[1, 5:] = 0
    return {**ids(), "attention_mask": mask}


def image(side):
    return lambda: {"image": torch.randn(2, 3, side, side)}


BERT = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16, max_position_embeddings=16)
DISTILBERT = dict(dim=12, n_layers=2, n_heads=2, hidden_dim=16, max_position_embeddings=16)
GPT2 = dict(n_embd=12, n_layer=2, n_head=2, n_positions=16, bos_token_id=0, eos_token_id=0)
LLAMA = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=16, bos_token_id=0, eos_token_id=0, pad_token_id=0)
MODELS = {
    "bert-eager-script": (lambda: text("Bert", "eager", **BERT), masked),
    "bert-sdpa-script": (lambda: text("Bert", "sdpa", **BERT), masked),
    "bert-sdpa-dynamo": (lambda: text("Bert", "sdpa", **BERT), masked),
    "distilbert-sdpa-dynamo": (lambda: text("DistilBert", "sdpa", **DISTILBERT), masked),
    "gpt2-eager-script": (lambda: text("GPT2", "eager", **{**GPT2, "n_layer": 1}), masked),
    "gpt2-sdpa-dynamo": (lambda: text("GPT2", "sdpa", **GPT2), masked),
    "llama-sdpa-dynamo": (lambda: text("Llama", "sdpa", **LLAMA), masked),
    "phi3-sdpa-dynamo": (lambda: text("Phi3", "sdpa", **LLAMA), masked),
    "causal-script": (Causal, ids),
    "causal-dynamo": (Causal, ids),
    "vit-script": (vit, image(16)),
    "vit-dynamo": (vit, image(16)),
    "timm-vit-script": (timm_vit, image(16)),
    "timm-vit-dynamo": (timm_vit, image(16)),
    "swin-dynamo": (swin, image(16)),
    "mobilenetv3-script": (mobilenet, image(32)),
    "mobilenetv3-dynamo": (mobilenet, image(32)),
    "efficientnet-script": (efficientnet, image(32)),
    "lstm-script": (lambda: Recurrent(nn.LSTM), ids),
    "lstm-dynamo": (lambda: Recurrent(nn.LSTM), ids),
    "gru-script": (lambda: Recurrent(nn.GRU), ids),
}


def export(name, folder):
    torch.manual_seed(7)
    build, feeds = MODELS[name]
    model, example = settled(build()), feeds()
    file = f"{folder}/{name}.onnx"
    dynamo = name.endswith("dynamo")
    sizes = ["batch", "sequence"] if "input_ids" in example else ["batch"]
    if dynamo:
        longest = {"batch": None, "sequence": 12}
        axes = {i: torch.export.Dim(size, min=1, max=longest[size]) for i, size in enumerate(sizes)}
        options = dict(dynamic_shapes=tuple(axes for _ in example), external_data=False)
    else:
        options = dict(dynamic_axes={key: dict(enumerate(sizes)) for key in [*example, "output"]})
    torch.onnx.export(model, tuple(example.values()), file, input_names=list(example), output_names=["output"],
                      dynamo=dynamo, opset_version=18 if dynamo else 17, verbose=False, **options)
    proto = onnx.load(file)
    for node in proto.graph.node:
        del node.metadata_props[:]
    onnx.save(proto, file)


if __name__ == "__main__":
    for name in sys.argv[2:] or MODELS:
        export(name, sys.argv[1])
