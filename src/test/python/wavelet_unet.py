"""The compact network of PatchCT in PyTorch: a U-Net over a Haar pyramid, one for each range of noise levels.

Patches are cubes, or slices: (n, slices, 1, height, width) with the slices of a group as channels. Every level of the
U-Net sees the bands of its level of the noisy patch's Haar pyramid and returns those of the clean patch. Each band is
preconditioned by its own standard deviation, as Karras et al. 2022 (table 1, EDM) do with that of the whole image: with
sigma the noise's and s the band's deviation,

    clean band = s^2 / (sigma^2 + s^2) * noisy band + sigma s / sqrt(sigma^2 + s^2) * network.
"""
import json
import math
import struct

import numpy as np
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


class Schedule:
    """Signal and noise of every level, and what the network is told of it: the level itself where the variance is
    preserved, and where it explodes (Song et al. 2021) the level of Ho et al. 2020 with the same sigma. The network sees
    x / signal, so that the weights of a prior of one schedule are those of one of the other."""

    HO = {"timesteps": 1000, "betaStart": 1e-4, "betaEnd": 0.02}
    VALIDATION = (50, 100, 200, 400, 600, 800)  # of Ho et al. 2020; other schedules are measured at the same sigma

    def __init__(self, settings):
        levels = settings["timesteps"]
        ho = np.sqrt(1 / np.array(alpha_bar(self.HO)) - 1)
        if "sigmaMin" in settings:
            low, high = settings["sigmaMin"], settings["sigmaMax"]
            self.signal = np.ones(levels)
            self.noise = low * (high / low) ** (np.arange(levels) / max(1, levels - 1))
            self.told = np.interp(np.log(self.noise), np.log(ho), np.arange(len(ho)))
        else:
            bars = np.array(alpha_bar(settings))
            self.signal, self.noise, self.told = np.sqrt(bars), np.sqrt(1 - bars), np.arange(levels)
        self.validation_levels = sorted({self.level_like(t) for t in self.VALIDATION})

    def level_like(self, t):
        """The level whose sigma is nearest to that of a level of Ho et al. 2020."""
        bar = alpha_bar(self.HO)[t]
        return int(np.abs(np.log(self.noise / self.signal) - 0.5 * math.log(1 / bar - 1)).argmin())


def gather(x, f):
    """Blocks of f by 2 by 2 voxels to channels: f is 2 for cubes and 1 for slices."""
    n, c, d, h, w = x.shape
    x = x.reshape(n, c, d // f, f, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 7, 2, 4, 6)
    return x.reshape(n, c * f * 4, d // f, h // 2, w // 2)


def scatter(x, f):
    """Every 4 f channels to blocks of f by 2 by 2 voxels, the inverse of gather."""
    n, c, d, h, w = x.shape
    x = x.reshape(n, c // (4 * f), f, 2, 2, d, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return x.reshape(n, c // (4 * f), d * f, h * 2, w * 2)


def haar(x, f):
    """Orthonormal Haar transform of every 4 f channels; its own inverse. Band 0 is the mean times the root of 4 f."""
    n, c, d, h, w = x.shape
    x = x.reshape(n, c // (4 * f), f, 2, 2, d, h, w)
    for axis in (2, 3, 4)[2 - f:]:
        first, second = x.unbind(axis)
        x = torch.stack([first + second, first - second], axis) * 0.5 ** 0.5
    return x.reshape(n, c, d, h, w)


def bands(x, levels, f):
    """The pyramid: 4 f bands of each channel at each level, the next level being that of bands 0."""
    result = []
    for _ in range(levels):
        result.append(haar(gather(x, f), f))
        x = result[-1][:, ::4 * f]
    return result


def per_patch(v):
    return v.reshape(*v.shape, *(1,) * (5 - v.dim()))


class Convolution(nn.Conv3d):
    """Of cubes, or of slices with a kernel that is flat; as one of two dimensions there, which is faster."""

    def __init__(self, a, b, kernel, f):
        flat = f == 1
        depth, half = 1 if flat else kernel, kernel // 2
        super().__init__(a, b, (depth, kernel, kernel), padding=(depth // 2, half, half))
        self.flat = flat

    def forward(self, x):
        if not self.flat:
            return super().forward(x)
        return F.conv2d(x.squeeze(2), self.weight.squeeze(2), self.bias, padding=self.padding[1:]).unsqueeze(2)


class Block(nn.Module):
    def __init__(self, c, embedding, f):
        super().__init__()
        self.conv1 = Convolution(c, c, 3, f)
        self.gain = nn.Linear(embedding, c)
        self.conv2 = Convolution(c, c, 3, f)
        nn.init.zeros_(self.gain.weight)
        nn.init.zeros_(self.gain.bias)
        self.conv2.weight.data.mul_(0.2)

    def forward(self, x, e):
        return x + self.conv2(F.relu(self.conv1(x) * (1 + per_patch(self.gain(e)))))


class Expert(nn.Module):
    SINUSOIDS = 64

    def __init__(self, inChannels, widths, blocks, embedding, slices, spacings):
        super().__init__()
        self.levels, self.states, self.f = len(widths), max(1, slices), 1 if slices else 2
        f, own = self.f, 4 * self.f  # own: bands of one channel
        self.bands = total = own * self.states
        self.temb = nn.Module()
        self.temb.dense = nn.ModuleList([nn.Linear(self.SINUSOIDS, embedding), nn.Linear(embedding, embedding)])
        if spacings:
            self.temb.spacing = nn.Embedding(len(spacings), embedding)
            nn.init.zeros_(self.temb.spacing.weight)
        self.scale = nn.ParameterList([nn.Parameter(torch.ones(total), requires_grad=False) for _ in widths])
        extra = inChannels - self.states + (7 if not slices and inChannels in (2, 5) else 0)
        self.conv_in = nn.ModuleList([Convolution(total + (extra if i == 0 else 0), w, 3, f)
                                      for i, w in enumerate(widths)])
        self.down = nn.ModuleList([Convolution(own * a, b, 1, f) for a, b in zip(widths, widths[1:])])
        self.up = nn.ModuleList([Convolution(b, own * a, 1, f) for a, b in zip(widths, widths[1:])])
        self.encoder = nn.ModuleList([nn.ModuleList([Block(w, embedding, f) for _ in range(n)])
                                      for w, n in zip(widths, blocks)])
        self.decoder = nn.ModuleList([nn.ModuleList([Block(w, embedding, f) for _ in range(n)])
                                      for w, n in zip(widths[:-1], blocks)])
        self.head = nn.ModuleList([Convolution(w, total, 3, f) for w in widths])
        for head in self.head:
            head.weight.data.mul_(0.1)
            nn.init.zeros_(head.bias)

    def forward(self, x, told, signal, noise, spacing):
        half = self.SINUSOIDS // 2
        frequencies = torch.exp(torch.arange(half, device=x.device) * -(math.log(10000) / (half - 1)))
        angles = told[:, None] * frequencies[None]
        e = torch.cat([angles.sin(), angles.cos()], 1)
        e = self.temb.dense[1](F.silu(self.temb.dense[0](e)))
        if spacing is not None:
            e = e + self.temb.spacing(spacing)
        e = F.silu(e)
        f, states = self.f, self.states
        noisy = bands(x[:, :states] / per_patch(signal), self.levels, f)
        sigma = per_patch(noise / signal)
        extra = x[:, states:]
        if extra.shape[1] in (1, 4):  # the global channel's bands, to the scale of its values; then the coordinates
            extra = torch.cat([haar(gather(extra[:, :1], f), f) / 8 ** 0.5, extra[:, 1:, ::2, ::2, ::2]], 1)
        else:
            extra = extra[:, :, ::2, ::2, ::2]
        scales = [s.reshape(1, -1, 1, 1, 1) for s in self.scale]
        roots = [(sigma ** 2 + s ** 2).sqrt() for s in scales]
        h, skips = None, []
        for i in range(self.levels):
            given = noisy[i] / roots[i]
            given = self.conv_in[i](torch.cat([given, extra], 1) if i == 0 else given)
            h = given if i == 0 else self.down[i - 1](gather(h, f)) + given
            for block in self.encoder[i]:
                h = block(h, e)
            skips.append(h)
        coarse = None
        for i in reversed(range(self.levels)):
            if coarse is not None:
                h = scatter(self.up[i](h), f) + skips[i]
                for block in self.decoder[i]:
                    h = block(h, e)
            output = self.head[i](h).float()
            keep, change = scales[i] ** 2 / roots[i] ** 2, sigma * scales[i] / roots[i]
            clean = keep * noisy[i] + change * output
            if coarse is not None:
                # What the coarser level says, corrected on the scale of the differences of this one.
                clean, change, output = (v.unflatten(1, (states, -1)) for v in (clean, change, output))
                means = coarse[:, :, None] + change[:, :, 1:].mean(2, keepdim=True) * output[:, :, :1]
                clean = torch.cat([means, clean[:, :, 1:]], 2).flatten(1, 2)
            coarse = scatter(haar(clean, f), f)
        return coarse


class WaveletUNet(nn.Module):
    """Returns the clean patches for x (n, channels, side, side, side), or (n, slices, 1, height, width), and levels t (n),
    all of one expert; for a network with spacings also their places in the list, spacing (n)."""

    def __init__(self, inChannels, side, widths, blocks, embedding, bounds, schedule, slices=0, spacings=()):
        super().__init__()
        assert side % 2 ** len(widths) == 0
        self.bounds = bounds
        self.experts = nn.ModuleList([Expert(inChannels, widths, blocks, embedding, slices, spacings)
                                      for _ in range(len(bounds) + 1)])
        for name in ("signal", "noise", "told"):
            self.register_buffer(name, torch.tensor(getattr(schedule, name), dtype=torch.float32), False)

    def expert(self, t):
        return sum(t >= bound for bound in self.bounds)

    def forward(self, x, t, spacing=None):
        which = {self.expert(level) for level in t.tolist()}
        assert len(which) == 1, "one expert at a time"
        index = t.long()
        spacing = None if spacing is None else spacing.long()
        return self.experts[which.pop()](x, self.told[index], self.signal[index], self.noise[index], spacing)
