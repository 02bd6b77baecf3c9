"""PatchCT's networks in PyTorch: the published 3-D U-Net, written from its description and independent of the Java code.

    python3 unet3d.py PRIOR.safetensors INPUT.safetensors OUTPUT.safetensors

loads the weights of a PatchCT prior into its network, applies it to the tensors "x" and "t" of INPUT, and "spacing" if
there is one, and writes the tensor "y". Needs torch and numpy. Layer names are those of the DDIM repository, whose 2-D
network this is with every operator made 3-D. "unshuffle" (blocks of voxels as channels) is an addition.
"""
import json
import math
import struct
import sys

import torch
from torch import nn
from torch.nn import functional as F

from wavelet_unet import Schedule, WaveletUNet, read_safetensors


def write_safetensors(path, name, tensor):
    data = tensor.contiguous().numpy().astype("<f4").tobytes()
    header = json.dumps({name: {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [0, len(data)]}}).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)


def time_embedding(t, dim):
    half = dim // 2
    frequencies = torch.exp(torch.arange(half, dtype=torch.float32) * -(math.log(10000) / (half - 1)))
    angles = t.float()[:, None] * frequencies[None, :]
    return torch.cat([torch.sin(angles), torch.cos(angles)], dim=1)


class ResnetBlock(nn.Module):
    def __init__(self, cin, cout, temb, groups):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, cin, eps=1e-6)
        self.conv1 = nn.Conv3d(cin, cout, 3, padding=1)
        self.temb_proj = nn.Linear(temb, cout)
        self.norm2 = nn.GroupNorm(groups, cout, eps=1e-6)
        self.conv2 = nn.Conv3d(cout, cout, 3, padding=1)
        if cin != cout:
            self.nin_shortcut = nn.Conv3d(cin, cout, 1)

    def forward(self, x, temb):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.temb_proj(F.silu(temb))[:, :, None, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x) + h


class AttnBlock(nn.Module):
    def __init__(self, c, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, c, eps=1e-6)
        self.q, self.k, self.v, self.proj_out = (nn.Conv3d(c, c, 1) for _ in range(4))

    def forward(self, x):
        h = self.norm(x)
        q, k, v = (layer(h).flatten(2) for layer in (self.q, self.k, self.v))
        weights = torch.softmax(torch.einsum("nci,ncj->nij", q, k) / math.sqrt(x.shape[1]), dim=2)
        return x + self.proj_out(torch.einsum("nij,ncj->nci", weights, v).reshape(x.shape))


class Resize(nn.Module):
    """The one convolution of a change of size, under the name that the reference gives it."""

    def __init__(self, c, stride):
        super().__init__()
        self.stride = stride
        self.conv = nn.Conv3d(c, c, 3, stride=stride, padding=0 if stride == 2 else 1)

    def forward(self, x):
        if self.stride == 2:
            return self.conv(F.pad(x, (0, 1, 0, 1, 0, 1)))
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(nn.Module):
    def __init__(self):
        super().__init__()
        self.block, self.attn = nn.ModuleList(), nn.ModuleList()


class UNet3d(nn.Module):
    def __init__(self, inChannels, outChannels, side, unshuffle, width, multipliers, residualBlocks, attentionSides,
                 middleAttention, groups):
        super().__init__()
        self.width, self.factor, self.out_channels = width, unshuffle, outChannels
        temb, cells = 4 * width, unshuffle ** 3
        self.temb = nn.Module()
        self.temb.dense = nn.ModuleList([nn.Linear(width, temb), nn.Linear(temb, temb)])
        self.conv_in = nn.Conv3d(inChannels * cells, width, 3, padding=1)
        self.down, self.up, self.mid = nn.ModuleList(), nn.ModuleList(), nn.Module()
        skips, c, size = [width], width, side // unshuffle
        for i, multiplier in enumerate(multipliers):
            level = Level()
            for _ in range(residualBlocks):
                level.block.append(ResnetBlock(c, width * multiplier, temb, groups))
                c = width * multiplier
                if size in attentionSides:
                    level.attn.append(AttnBlock(c, groups))
                skips.append(c)
            if i + 1 < len(multipliers):
                level.downsample = Resize(c, 2)
                skips.append(c)
                size //= 2
            self.down.append(level)
        self.mid.block_1 = ResnetBlock(c, c, temb, groups)
        if middleAttention:
            self.mid.attn_1 = AttnBlock(c, groups)
        self.mid.block_2 = ResnetBlock(c, c, temb, groups)
        for i, multiplier in reversed(list(enumerate(multipliers))):
            level = Level()
            for _ in range(residualBlocks + 1):
                level.block.append(ResnetBlock(c + skips.pop(), width * multiplier, temb, groups))
                c = width * multiplier
                if size in attentionSides:
                    level.attn.append(AttnBlock(c, groups))
            if i > 0:
                level.upsample = Resize(c, 1)
                size *= 2
            self.up.insert(0, level)
        self.norm_out = nn.GroupNorm(groups, c, eps=1e-6)
        self.conv_out = nn.Conv3d(c, outChannels * cells, 3, padding=1)

    def gather(self, x):
        f = self.factor
        n, c, d, h, w = x.shape
        x = x.reshape(n, c, d // f, f, h // f, f, w // f, f).permute(0, 1, 3, 5, 7, 2, 4, 6)
        return x.reshape(n, c * f ** 3, d // f, h // f, w // f)

    def scatter(self, x):
        f = self.factor
        n, c, d, h, w = x.shape
        x = x.reshape(n, c // f ** 3, f, f, f, d, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
        return x.reshape(n, c // f ** 3, d * f, h * f, w * f)

    @staticmethod
    def run(level, i, h, temb):
        h = level.block[i](h, temb)
        return level.attn[i](h) if len(level.attn) > 0 else h

    def forward(self, x, t):
        temb = self.temb.dense[1](F.silu(self.temb.dense[0](time_embedding(t, self.width))))
        x = self.gather(x)
        hs = [self.conv_in(x)]
        for level in self.down:
            for i in range(len(level.block)):
                hs.append(self.run(level, i, hs[-1], temb))
            if hasattr(level, "downsample"):
                hs.append(level.downsample(hs[-1]))
        h = self.mid.block_1(hs[-1], temb)
        if hasattr(self.mid, "attn_1"):
            h = self.mid.attn_1(h)
        h = self.mid.block_2(h, temb)
        for level in reversed(self.up):
            for i in range(len(level.block)):
                h = self.run(level, i, torch.cat([h, hs.pop()], dim=1), temb)
            if hasattr(level, "upsample"):
                h = level.upsample(h)
        h = self.conv_out(F.silu(self.norm_out(h)))
        return self.scatter(h)


def main(prior, given, output):
    weights, metadata = read_safetensors(prior)
    settings = json.loads(metadata["patchct"])
    config = settings["network"]
    if config.pop("type") == "wavelet":
        network = WaveletUNet(**config, schedule=Schedule(settings))
    else:
        network = UNet3d(**config)
    network.load_state_dict(weights, strict=True)
    tensors, _ = read_safetensors(given)
    with torch.no_grad():
        write_safetensors(output, "y", network(*(tensors[name] for name in ("x", "t", "spacing") if name in tensors)))


if __name__ == "__main__":
    main(*sys.argv[1:])
