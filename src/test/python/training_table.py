"""Trains the compact network in several ways for the same time and prints how well each denoises.

    python3 training_table.py VOLUMES.safetensors FOLDER [--minutes 2.5] [train_prior's options]

The rows are ROWS below: what differs from the settings of VOLUMES (see train_prior.py). Every run has its whole schedule,
to a learning rate of 0, in that time: its number of steps comes from the time of some steps of its own. Prints PSNR of
single patches of the validation volumes by noise level.

On body-ct, `--minutes 1.5 --bfloat16 --threads 1`, one core of a busy machine, which is why the numbers of steps differ by
more than the rows do; 0.3 dB are chance. PSNR in dB at t = 50, 100, 200, 400, 600, 800:

    as it is                     430 steps   31.64  29.35  26.91  22.57  19.38  14.62
    AdamW                        627         31.54  29.31  27.04  22.87  19.41  14.66
    losses not balanced          480         31.01  28.07  25.19  22.12  18.01  15.07
    one network for all levels   410         30.50  28.28  26.02  22.88  19.56  15.83
    experts meet at level 450    624         31.84  29.72  27.56  24.10  19.79  16.34
    16 patches a step            151         31.25  28.90  26.38  22.37  18.70  14.67
    no condition dropout         515         31.88  29.74  27.31  22.66  19.55  15.37
    no flips                     343         31.33  29.14  26.51  22.39  19.18  13.94
    short mean of weights        475         31.80  29.57  27.15  22.67  19.49  14.82
    narrower at full resolution  620         31.79  29.49  27.30  22.86  19.83  15.49
    wider, fewer blocks          480         31.64  29.57  27.25  22.65  19.54  14.99
    levels drawn evenly          362         30.94  29.17  26.92  22.09  18.97  15.21
"""
import argparse
import os
import re
import subprocess
import sys
import time

ROWS = {
    "as it is": [],
    "AdamW": ['training.optimiser="ADAMW"', "training.learningRate=0.001"],
    "losses not balanced": ["training.balance=false"],
    "one network for all levels": ["network.bounds=[]", "training.expertShares=[1.0]"],
    "experts meet at level 450": ["network.bounds=[450]"],
    "16 patches a step": ["training.batch=16", "training.volumesPerStep=4"],
    "no condition dropout": ["training.conditionDropout=0.0"],
    "no flips": ["training.flips=false", "training.transpose=false"],
    "short mean of weights": ["training.emaDecay=0.98"],
    "narrower at full resolution": ["network.widths=[16, 64, 96]"],
    "wider, fewer blocks": ["network.widths=[48, 96, 128]", "network.blocks=[1, 1, 1]"],
    "levels drawn evenly": ["training.levelPower=1.0"],
}
PROBE = 60  # steps: more than the warm-up has


def train(volumes, folder, steps, changes, options):
    """Last line of the log, and the minutes until the end of the program."""
    started = time.time()
    command = [sys.executable, os.path.join(os.path.dirname(__file__), "train_prior.py"), volumes, folder, *options]
    for change in [*changes, f"training.steps={steps}", "training.validateEvery=1000000"]:
        command += ["--set", change]
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    return line, (time.time() - started) / 60


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("volumes")
    parser.add_argument("folder")
    parser.add_argument("--minutes", type=float, default=2.5)
    arguments, options = parser.parse_known_args()
    for i, (row, changes) in enumerate(ROWS.items()):
        short = train(arguments.volumes, os.path.join(arguments.folder, f"{i}-probe"), PROBE, changes, options)[1]
        long = train(arguments.volumes, os.path.join(arguments.folder, f"{i}-probe-2"), 2 * PROBE, changes, options)[1]
        steps = int(PROBE / (long - short) * arguments.minutes)
        line, minutes = train(arguments.volumes, os.path.join(arguments.folder, str(i)), steps, changes, options)
        psnr = re.findall(r"([\d.]+) at t = (\d+)", line)
        print(f"{row}: {steps} steps, {minutes:.1f} min, " + ", ".join(f"{p} at {t}" for p, t in psnr), flush=True)


if __name__ == "__main__":
    main()
