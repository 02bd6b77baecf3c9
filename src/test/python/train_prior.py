"""Trains a prior with PyTorch, on a GPU or a processor: the twin of org.patchct.train.Trainer for the compact network.

    python3 train_prior.py VOLUMES.safetensors OUTPUT_FOLDER [--device cuda] [--bfloat16] [--threads N] [--from PRIOR] \
        [--set training.steps=2000 …]

VOLUMES holds the training and validation volumes with all settings, as org.patchct.bench.ExportTraining writes it. The
output folder receives checkpoint.pt and at the end NAME.safetensors, which PatchCT opens. Started again, it goes
on from the checkpoint; all random numbers of a step come from the seed and the step's number. Needs torch and numpy.
"""
import argparse
import hashlib
import json
import math
import os
import struct
import time

import numpy as np
import torch

from wavelet_unet import Schedule, WaveletUNet, bands, read_safetensors

VALIDATION_PATCHES = 8


def averaging(n, p):
    """Weights (p, n) that average n voxels to p cells of equal width."""
    m = torch.zeros(p, n)
    for j in range(p):
        for i in range(j * n // p, ((j + 1) * n - 1) // p + 1):
            m[j, i] = (min((j + 1) * n, (i + 1) * p) - max(j * n, i * p)) / n
    return m


def averaged(volume, matrices):
    z, y, x = matrices
    return torch.matmul(torch.matmul(y, torch.tensordot(z, volume, dims=1)), x.T)


class Volume:
    def __init__(self, tensor, fbp, patch, slices, device):
        self.voxels, self.fbp = tensor.to(device), None if fbp is None else fbp.to(device)
        if slices:
            return
        self.matrices = [averaging(n, patch).to(device) for n in tensor.shape]
        self.thumbnail = averaged(self.voxels, self.matrices)


class SliceBatches:
    """Slices, or groups of slices at one of the network's spacings, with their noise: crops at random places, or the whole
    slice at a random place where it is smaller. Beyond a volume's ends there is empty space. Where volumes come with the
    filtered back-projections of their scans, these take the place of slices with noise."""

    def __init__(self, settings, training, device):
        self.network, self.low, self.training, self.device = settings["network"], settings["networkLow"], training, device
        self.schedule = Schedule(settings)

    def draw(self, volume, rng, torch_rng, levels, augment):
        p, slices, spacings = self.network["side"], self.network["slices"], self.network["spacings"]
        inputs, cleans, labels = [], [], []
        for t in levels:
            flips = [d for d in range(3) if augment and self.training["flips"] and rng.random() < 0.5]
            turn = bool(augment and self.training["transpose"] and rng.random() < 0.5)
            depth, *shape = volume.voxels.shape
            labels.append(int(rng.integers(max(1, len(spacings)))))
            spacing = spacings[labels[-1]] if spacings else 1
            middle = int(rng.integers(depth))
            starts = [int(rng.integers(min(0, n - p), max(0, n - p) + 1)) for n in shape]
            first, last = [max(0, s) for s in starts], [min(n, s + p) for n, s in zip(shape, starts)]
            planes = [middle + (i - slices // 2) * spacing for i in range(slices)]

            def crop(voxels):
                part = torch.full((slices, 1, p, p), float(self.low), device=self.device)
                for i, z in enumerate(planes):
                    if 0 <= z < depth:
                        part[i, 0, first[0] - starts[0]:last[0] - starts[0], first[1] - starts[1]:last[1] - starts[1]] = \
                            voxels[z, first[0]:last[0], first[1]:last[1]]
                part = part.flip([(0, 2, 3)[d] for d in flips]) if flips else part
                return part.transpose(2, 3) if turn else part

            clean = crop(volume.voxels)
            cleans.append(clean)
            if volume.fbp is not None:
                inputs.append(crop(volume.fbp))
                continue
            noise = torch.randn(slices, 1, p, p, generator=torch_rng, device=self.device)
            inputs.append(float(self.schedule.signal[t]) * clean + float(self.schedule.noise[t]) * noise)
        return torch.stack(inputs), torch.stack(cleans), torch.tensor(labels, device=self.device) if spacings else None


class Batches:
    """Patches with their noise. Noise outside a patch reaches the network through the thumbnail alone; there it is drawn
    cell by cell, with the variance that the cell's voxels outside the patch give it."""

    def __init__(self, settings, training, device):
        self.p = settings["network"]["side"]
        self.low, self.training, self.device = settings["networkLow"], training, device
        self.schedule = Schedule(settings)

    def draw(self, volume, rng, torch_rng, levels, augment):
        p, device = self.p, self.device
        flips = [d for d in range(3) if augment and self.training["flips"] and rng.random() < 0.5]
        turn = bool(augment and self.training["transpose"] and rng.random() < 0.5)
        shape, matrices = list(volume.voxels.shape), list(volume.matrices)
        thumbnail = volume.thumbnail.flip(flips) if flips else volume.thumbnail
        if turn:
            shape[1], shape[2] = shape[2], shape[1]
            matrices[1], matrices[2] = matrices[2], matrices[1]
            thumbnail = thumbnail.transpose(1, 2)
        inputs, cleans = [], []
        for t in levels:
            start = [1 + int(rng.integers(n + p - 1)) - p for n in shape]
            first, last = [max(0, s) for s in start], [min(n, s + p) for n, s in zip(shape, start)]
            source = list(zip(first, last))
            if turn:
                source = [source[0], source[2], source[1]]
            source = [(n - b, n - a) if d in flips else (a, b)
                      for d, (n, (a, b)) in enumerate(zip(volume.voxels.shape, source))]
            part = volume.voxels[tuple(slice(a, b) for a, b in source)]
            part = part.flip(flips) if flips else part
            part = part.transpose(1, 2) if turn else part
            clean = torch.full((p, p, p), float(self.low), device=device)
            inside = tuple(slice(a - s, b - s) for a, b, s in zip(first, last, start))
            clean[inside] = part
            noise = torch.randn(p, p, p, generator=torch_rng, device=device)
            signal, sigma = float(self.schedule.signal[t]), float(self.schedule.noise[t])
            own = [m[:, a:b] for m, a, b in zip(matrices, first, last)]
            variances = [[(m ** 2).sum(1) for m in group] for group in (matrices, own)]
            whole, seen = (z[:, None, None] * y[None, :, None] * x[None, None, :] for z, y, x in variances)
            coarse = averaged(noise[inside], own) + (whole - seen).clamp(min=0).sqrt() * torch.randn(
                p, p, p, generator=torch_rng, device=device)
            coarse = signal * thumbnail + sigma * coarse
            axes = [2 * torch.arange(s, s + p, device=device) / max(1, n - 1) - 1.0 for s, n in zip(start, shape)]
            position = torch.stack([axes[2][None, None, :].expand(p, p, p), axes[1][None, :, None].expand(p, p, p),
                                    axes[0][:, None, None].expand(p, p, p)])
            if augment and rng.random() < self.training["conditionDropout"]:
                coarse = torch.zeros_like(coarse)
            if augment and rng.random() < self.training["conditionDropout"]:
                position = torch.zeros_like(position)
            inputs.append(torch.cat([(signal * clean + sigma * noise)[None], coarse[None], position]))
            cleans.append(clean[None])
        return torch.stack(inputs), torch.stack(cleans), None


class Optimiser:
    """Orthogonalised momentum (Jordan et al. 2024) for the 3^3 or 3^2 convolutions inside the network, scaled to the size of
    AdamW's steps (Liu et al. 2025, section 2.2), unless the optimiser is ADAMW; AdamW for everything else."""

    COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # Jordan et al. 2024

    def __init__(self, network, training):
        self.momentum_decay = 0.95
        named = [(n, p) for n, p in network.named_parameters() if p.requires_grad]
        muon = training["optimiser"] == "MUON"
        hidden = {n for n, p in named if muon and (".conv1." in n or ".conv2." in n) and p.dim() == 5}
        self.matrices = [p for n, p in named if n in hidden]
        self.momentum = [torch.zeros_like(p) for p in self.matrices]
        self.decay = training["weightDecay"]
        self.others = torch.optim.AdamW([p for n, p in named if n not in hidden], lr=1.0, weight_decay=self.decay,
                                        betas=(training["beta1"], training["beta2"]))

    @torch.no_grad()
    def step(self, rate):
        self.others.param_groups[0]["lr"] = rate
        self.others.step()
        a, b, c = self.COEFFICIENTS
        for p, m in zip(self.matrices, self.momentum):
            if p.grad is None:
                continue
            m.mul_(self.momentum_decay).add_(p.grad, alpha=1 - self.momentum_decay)
            g = (p.grad * (1 - self.momentum_decay) + m * self.momentum_decay).flatten(1)
            x = (g / (g.norm() + 1e-12)).bfloat16()
            for _ in range(5):
                q = x @ x.T
                x = a * x + (b * q + c * q @ q) @ x
            p.mul_(1 - rate * self.decay).add_(x.float().reshape(p.shape), alpha=-rate * 0.2 * max(g.shape) ** 0.5)

    def zero(self):
        self.others.zero_grad(set_to_none=True)
        for p in self.matrices:
            p.grad = None

    def state(self):
        return {"momentum": self.momentum, "adamw": self.others.state_dict()}

    def load(self, state):
        for own, saved in zip(self.momentum, state["momentum"]):
            own.copy_(saved)
        self.others.load_state_dict(state["adamw"])


class Balance:
    """Running mean of the loss by noise level. Dividing by it lets every level count alike; else the high levels, whose
    loss is high however good the network is, drown the low ones with the noise of their gradients."""

    BINS, RATE = 20, 0.02

    def __init__(self, timesteps):
        self.timesteps, self.mean, self.count = timesteps, np.zeros(self.BINS), np.zeros(self.BINS)

    def weights(self, levels, losses):
        where = np.minimum((np.sqrt(np.array(levels) / self.timesteps) * self.BINS).astype(int), self.BINS - 1)
        for i, loss in zip(where, losses):
            self.count[i] += 1
            self.mean[i] += (loss - self.mean[i]) * max(self.RATE, 1 / self.count[i])
        return 1 / self.mean[where]


def levels_of_step(training, bounds, timesteps, step, rng):
    """One expert a step; the levels are dealt out evenly over its range, low ones more often."""
    edges = [0, *bounds, timesteps]
    expert = int(np.searchsorted(np.cumsum(training["expertShares"]), rng.random(), side="right"))
    expert = min(expert, len(bounds))
    n = training["batch"]
    u = (rng.permutation(n) + rng.random(n)) / n
    return (edges[expert] + (edges[expert + 1] - edges[expert]) * u ** training["levelPower"]).astype(int).tolist()


def loss_of(network, x, t, clean, spacing, bfloat16):
    levels = torch.tensor(t, device=x.device)
    with torch.autocast(x.device.type, torch.bfloat16, enabled=bfloat16):
        estimate = network(x, levels, spacing)
    noise = network.noise[levels].reshape(-1, 1, 1, 1, 1)
    return (((estimate.float() - clean) / noise) ** 2).mean((1, 2, 3, 4))


def validate(network, batches, volumes, training, settings, bfloat16):
    span, low = settings["networkHigh"] - settings["networkLow"], settings["networkLow"]
    errors = {t: [] for t in batches.schedule.validation_levels}
    for v, volume in enumerate(volumes):
        for t in errors:
            rng = np.random.default_rng([training["seed"], 1 << 40, v])
            torch_rng = torch.Generator(device=batches.device).manual_seed(training["seed"] + v)
            x, clean, spacing = batches.draw(volume, rng, torch_rng, [t] * VALIDATION_PATCHES, False)
            with torch.no_grad(), torch.autocast(x.device.type, torch.bfloat16, enabled=bfloat16):
                estimate = network(x, torch.full((len(x),), t, device=x.device), spacing).float()
            difference = ((estimate - low) / span).clamp(0, 1) - ((clean - low) / span).clamp(0, 1)
            errors[t].append((difference ** 2).mean().item())
    return [-10 * math.log10(np.mean(e)) for e in errors.values()]


def write_prior(path, settings, state):
    """The weights with the settings, and their checksum as org.patchct.network.SafeTensors forms it."""
    header, blobs, offset, digest = {}, [], 0, hashlib.sha256()
    for name in sorted(state):
        data = state[name].detach().cpu().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(state[name].shape), "data_offsets": [offset, offset + len(data)]}
        blobs.append(data)
        offset += len(data)
        digest.update(data)
    header["__metadata__"] = {"patchct": json.dumps(settings), "sha256": digest.hexdigest()}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(str(path) + ".part", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for data in blobs:
            file.write(data)
    os.replace(str(path) + ".part", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("volumes")
    parser.add_argument("output")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bfloat16", action="store_true", help="mixed precision, where the device is faster with it")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--from", dest="start", help="a prior of the same network, of any schedule, whose weights to go on from")
    parser.add_argument("--set", action="append", default=[], metavar="training.KEY=JSON",
                        help="a setting of training or network that differs from the file's")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    os.makedirs(arguments.output, exist_ok=True)
    tensors, metadata = read_safetensors(arguments.volumes)
    job = json.loads(metadata["patchct-training"])
    settings, training = job["prior"], job["training"]
    for change in arguments.set:
        name, value = change.split("=", 1)
        part, key = name.split(".")
        part = {"training": training, "network": settings["network"]}[part]
        if key not in part:
            raise SystemExit(f"--set {change}: there is no {key}, only {', '.join(part)}.")
        part[key] = json.loads(value)
    if not 0 <= training["warmupSteps"] < training["steps"]:
        raise SystemExit(f"warmupSteps {training['warmupSteps']} of {training['steps']} steps: they must be fewer.")
    device, seed, net = torch.device(arguments.device), training["seed"], settings["network"]
    slices = net.get("slices", 0)
    batches = (SliceBatches if slices else Batches)(settings, training, device)
    volumes, held_out, weights = [], [], []
    for entry in job["volumes"]:
        volume = Volume(tensors.pop(entry["name"]), tensors.pop(entry["name"] + ", FBP", None), net["side"], slices, device)
        if entry["validation"]:
            held_out.append(volume)
        else:
            volumes.append(volume)
            weights.append(entry["weight"])
    weights = np.array(weights) / sum(weights)
    torch.manual_seed(seed)
    shape = {key: value for key, value in net.items() if key != "type"}
    network = WaveletUNet(**shape, schedule=batches.schedule).to(device)
    # Deviations of the bands, about empty space.
    rng, torch_rng = np.random.default_rng([seed, 1 << 41]), torch.Generator(device=device).manual_seed(seed)
    cleans = [batches.draw(volumes[rng.choice(len(volumes), p=weights)], rng, torch_rng, [0, 0], True)[1]
              for _ in range(64)]
    for i, level in enumerate(bands(torch.cat(cleans), len(net["widths"]), 1 if slices else 2)):
        deviation = (level ** 2).mean((0, 2, 3, 4)).sqrt()
        for expert in network.experts:
            expert.scale[i].data.copy_(deviation)
    before = None
    if arguments.start:
        weights_before, about = read_safetensors(arguments.start)
        network.load_state_dict({k: v.to(device) for k, v in weights_before.items()})
        before = {"sha256": about["sha256"], **json.loads(about["patchct"])["record"]}
    average = {k: v.detach().clone() for k, v in network.state_dict().items()}
    optimiser, balance = Optimiser(network, training), Balance(settings["timesteps"])
    step, seconds, log, running = 0, 0.0, [], None
    checkpoint = os.path.join(arguments.output, "checkpoint.pt")
    if os.path.exists(checkpoint):
        saved = torch.load(checkpoint, map_location=device)
        if saved["job"] != job:
            raise SystemExit(f"{checkpoint} belongs to another run: choose another output folder.")
        network.load_state_dict(saved["network"])
        average, balance.mean, balance.count = saved["average"], *saved["balance"]
        optimiser.load(saved["optimiser"])
        step, seconds, log, running = saved["step"], saved["seconds"], saved["log"], saved["running"]
    evaluated = WaveletUNet(**shape, schedule=batches.schedule).to(device)
    started, saved_at, steps = time.time() - seconds, time.time(), training["steps"]
    while step < steps:
        rng = np.random.default_rng([seed, step])
        torch_rng = torch.Generator(device=device).manual_seed(seed * 1000003 + step)
        levels = levels_of_step(training, net["bounds"], settings["timesteps"], step, rng)
        each = training["batch"] // training["volumesPerStep"]
        drawn = [batches.draw(volumes[rng.choice(len(volumes), p=weights)], rng, torch_rng, levels[k:k + each], True)
                 for k in range(0, len(levels), each)]
        x, clean, spacing = (None if parts[0] is None else torch.cat(parts) for parts in zip(*drawn))
        losses = loss_of(network, x, levels, clean, spacing, arguments.bfloat16)
        values = losses.detach().cpu().numpy()
        if not np.isfinite(values).all():
            raise SystemExit(f"The loss became {values} at step {step}: start again with a lower learning rate.")
        balanced = losses
        if training["balance"]:
            balanced = losses * torch.tensor(balance.weights(levels, values), dtype=torch.float32, device=device)
        optimiser.zero()
        balanced.mean().backward()
        torch.nn.utils.clip_grad_norm_([p for p in network.parameters() if p.grad is not None], training["clipNorm"])
        rise = (step + 1) / max(1, training["warmupSteps"])
        fall = (steps - step) / (steps - training["warmupSteps"])
        optimiser.step(training["learningRate"] * min(1.0, rise, fall))
        keep = min(training["emaDecay"], (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                average[name].lerp_(value, 1 - keep)
        value = float(balanced.mean())
        running = value if running is None else running + (value - running) / min(200, step + 1)
        step += 1
        if step % training["validateEvery"] == 0 or step == steps:
            evaluated.load_state_dict(average)
            psnr = validate(evaluated, batches, held_out, training, settings, arguments.bfloat16) if held_out else []
            line = f"step {step}, loss {running:.4f}, PSNR " + ", ".join(
                f"{p:.2f} at t = {t}" for t, p in zip(batches.schedule.validation_levels, psnr))
            log.append(line)
            print(f"{line}, {(time.time() - started) / 60:.1f} min", flush=True)
        if time.time() - saved_at > training["checkpointSeconds"] or step == steps:
            saved_at, seconds = time.time(), time.time() - started
            torch.save({"job": job, "network": network.state_dict(), "average": average, "balance": (balance.mean, balance.count),
                        "optimiser": optimiser.state(), "step": step, "seconds": seconds, "log": log,
                        "running": running}, checkpoint + ".part")
            os.replace(checkpoint + ".part", checkpoint)
    record = dict(settings.get("record") or {})
    if before:
        record["startedFrom"] = before
    record.update(training=training, volumes=[v for v in job["volumes"] if not v["validation"]],
                  validationVolumes=[v["name"] for v in job["volumes"] if v["validation"]],
                  minutes=round(seconds / 60, 1), threads=torch.get_num_threads(),
                  device=f"{arguments.device}, PyTorch {torch.__version__}" +
                         (", bfloat16" if arguments.bfloat16 else ""), trainer="src/test/python/train_prior.py",
                  trainingLoss=running, validation=log)
    write_prior(os.path.join(arguments.output, settings["name"] + ".safetensors"), {**settings, "record": record}, average)


if __name__ == "__main__":
    main()
