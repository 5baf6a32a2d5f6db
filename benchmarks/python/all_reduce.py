"""One process of `ranks-speed`: torch.distributed with Gloo. Arguments: rank, size, port, numbers. For each line on stdin it
sums the numbers over the ranks three times, and prints the milliseconds of each."""

import sys
import time

import torch
import torch.distributed as dist

rank, size, port, numbers = map(int, sys.argv[1:])
torch.set_num_threads(1)
dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=size)
tensor = torch.ones(numbers)
print("ready", flush=True)
for _ in sys.stdin:
    times = []
    for _ in range(3):
        dist.barrier()
        started = time.perf_counter()
        dist.all_reduce(tensor)
        times.append(1000 * (time.perf_counter() - started))
        tensor.fill_(1)
    print(" ".join(f"{ms:.2f}" for ms in times), flush=True)
