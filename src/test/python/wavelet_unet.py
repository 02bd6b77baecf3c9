"""The compact network of PatchCT in PyTorch: a U-Net over a Haar pyramid, one for each range of noise levels.

Every level of the U-Net sees the bands of its level of the noisy patch's Haar pyramid and returns those of the clean
patch. Each band is preconditioned by its own standard deviation, as Karras et al. 2022 (table 1, EDM) do with that of the
whole image: with sigma the noise's and s the band's deviation,

    clean band = s^2 / (sigma^2 + s^2) * noisy band + sigma s / sqrt(sigma^2 + s^2) * network.
"""
import json
import math
import struct

import torch
from torch import nn
from torch.nn import functional as F


def read_safetensors(path):
    """Tensors and metadata of a file that holds float32 only."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        metadata = header.pop("__metadata__", {})
        tensors = {}
        for name, entry in header.items():
            assert entry["dtype"] == "F32", name
            begin, end = entry["data_offsets"]
            file.seek(8 + length + begin)
            values = torch.frombuffer(bytearray(file.read(end - begin)), dtype=torch.float32)
            tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata


def alpha_bar(settings):
    """Cumulative product of 1 - beta (Ho et al. 2020)."""
    last, result, product = settings["timesteps"] - 1, [], 1.0
    for t in range(settings["timesteps"]):
        product *= 1 - (settings["betaStart"] + (settings["betaEnd"] - settings["betaStart"]) * t / last)
        result.append(product)
    return result


def gather(x):
    """Blocks of 2^3 voxels to channels."""
    n, c, d, h, w = x.shape
    x = x.reshape(n, c, d // 2, 2, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 7, 2, 4, 6)
    return x.reshape(n, c * 8, d // 2, h // 2, w // 2)


def scatter(x):
    """Every eight channels to blocks of 2^3 voxels, the inverse of gather."""
    n, c, d, h, w = x.shape
    x = x.reshape(n, c // 8, 2, 2, 2, d, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(n, c // 8, d * 2, h * 2, w * 2)


def haar(x):
    """Orthonormal Haar transform of every eight channels; its own inverse. Band 0 is the mean times the root of 8."""
    n, c, d, h, w = x.shape
    x = x.reshape(n, c // 8, 2, 2, 2, d, h, w)
    for axis in (2, 3, 4):
        first, second = x.unbind(axis)
        x = torch.stack([first + second, first - second], axis) * 0.5 ** 0.5
    return x.reshape(n, c, d, h, w)


def bands(x, levels):
    """The pyramid: eight bands of each level, the next level being that of band 0."""
    result = []
    for _ in range(levels):
        result.append(haar(gather(x)))
        x = result[-1][:, :1]
    return result


def per_patch(v):
    return v.reshape(*v.shape, *(1,) * (5 - v.dim()))


class Block(nn.Module):
    def __init__(self, c, embedding):
        super().__init__()
        self.conv1 = nn.Conv3d(c, c, 3, padding=1)
        self.gain = nn.Linear(embedding, c)
        self.conv2 = nn.Conv3d(c, c, 3, padding=1)
        nn.init.zeros_(self.gain.weight)
        nn.init.zeros_(self.gain.bias)
        self.conv2.weight.data.mul_(0.2)

    def forward(self, x, e):
        return x + self.conv2(F.relu(self.conv1(x) * (1 + per_patch(self.gain(e)))))


class Expert(nn.Module):
    SINUSOIDS = 64

    def __init__(self, inChannels, widths, blocks, embedding):
        super().__init__()
        self.levels = levels = len(widths)
        self.temb = nn.Module()
        self.temb.dense = nn.ModuleList([nn.Linear(self.SINUSOIDS, embedding), nn.Linear(embedding, embedding)])
        self.scale = nn.ParameterList([nn.Parameter(torch.ones(8), requires_grad=False) for _ in widths])
        extra = inChannels - 1 + (7 if inChannels in (2, 5) else 0)
        self.conv_in = nn.ModuleList([nn.Conv3d(8 + (extra if i == 0 else 0), w, 3, padding=1)
                                      for i, w in enumerate(widths)])
        self.down = nn.ModuleList([nn.Conv3d(8 * a, b, 1) for a, b in zip(widths, widths[1:])])
        self.up = nn.ModuleList([nn.Conv3d(b, 8 * a, 1) for a, b in zip(widths, widths[1:])])
        self.encoder = nn.ModuleList([nn.ModuleList([Block(w, embedding) for _ in range(n)])
                                      for w, n in zip(widths, blocks)])
        self.decoder = nn.ModuleList([nn.ModuleList([Block(w, embedding) for _ in range(n)])
                                      for w, n in zip(widths[:-1], blocks)])
        self.head = nn.ModuleList([nn.Conv3d(w, 8, 3, padding=1) for w in widths])
        for head in self.head:
            head.weight.data.mul_(0.1)
            nn.init.zeros_(head.bias)

    def forward(self, x, t, signal, noise):
        half = self.SINUSOIDS // 2
        frequencies = torch.exp(torch.arange(half, device=x.device) * -(math.log(10000) / (half - 1)))
        angles = t.float()[:, None] * frequencies[None]
        e = torch.cat([angles.sin(), angles.cos()], 1)
        e = F.silu(self.temb.dense[1](F.silu(self.temb.dense[0](e))))
        noisy = bands(x[:, :1] / per_patch(signal), self.levels)
        sigma = per_patch(noise / signal)
        extra = x[:, 1:]
        if extra.shape[1] in (1, 4):  # the global channel's bands, to the scale of its values; then the coordinates
            extra = torch.cat([haar(gather(extra[:, :1])) / 8 ** 0.5, extra[:, 1:, ::2, ::2, ::2]], 1)
        else:
            extra = extra[:, :, ::2, ::2, ::2]
        scales = [s.reshape(1, 8, 1, 1, 1) for s in self.scale]
        roots = [(sigma ** 2 + s ** 2).sqrt() for s in scales]
        h, skips = None, []
        for i in range(self.levels):
            given = noisy[i] / roots[i]
            given = self.conv_in[i](torch.cat([given, extra], 1) if i == 0 else given)
            h = given if i == 0 else self.down[i - 1](gather(h)) + given
            for block in self.encoder[i]:
                h = block(h, e)
            skips.append(h)
        coarse = None
        for i in reversed(range(self.levels)):
            if coarse is not None:
                h = scatter(self.up[i](h)) + skips[i]
                for block in self.decoder[i]:
                    h = block(h, e)
            output = self.head[i](h).float()
            keep, change = scales[i] ** 2 / roots[i] ** 2, sigma * scales[i] / roots[i]
            clean = keep * noisy[i] + change * output
            if coarse is not None:
                # What the coarser level says, corrected on the scale of the differences of this one.
                clean = torch.cat([coarse + change[:, 1:].mean(1, keepdim=True) * output[:, :1], clean[:, 1:]], 1)
            coarse = scatter(haar(clean))
        return coarse


class WaveletUNet(nn.Module):
    """Returns the clean patches for x (n, channels, side, side, side) and levels t (n), all of one expert."""

    def __init__(self, inChannels, side, widths, blocks, embedding, bounds, alpha_bar):
        super().__init__()
        assert side % 2 ** len(widths) == 0
        self.bounds = bounds
        self.experts = nn.ModuleList([Expert(inChannels, widths, blocks, embedding) for _ in range(len(bounds) + 1)])
        self.register_buffer("signal", torch.tensor([a ** 0.5 for a in alpha_bar], dtype=torch.float32), False)
        self.register_buffer("noise", torch.tensor([(1 - a) ** 0.5 for a in alpha_bar], dtype=torch.float32), False)

    def expert(self, t):
        return sum(t >= bound for bound in self.bounds)

    def forward(self, x, t):
        which = {self.expert(level) for level in t.tolist()}
        assert len(which) == 1, "one expert at a time"
        index = t.long()
        return self.experts[which.pop()](x, t, self.signal[index], self.noise[index])
