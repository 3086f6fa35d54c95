"""The book's example, for `make bench`: random_square, a loop, and Pool.map.

Asked on the standard input, answers on the standard output, a line each:

    serial 1000 3   ->   seconds sum     the median of 3 loops over range(1000)
    pool 1000 3     ->   seconds sum     the same with pool.map

The pool is made once and kept. The first line it prints is "ready", the seconds that
took, and the bytes of all its processes beyond what the caller had before.
"""
import os
import signal
import statistics
import sys
import time
from multiprocessing import Pool

import numpy as np


def random_square(seed):
    np.random.seed(seed)
    random_num = np.random.randint(0, 10)
    return random_num ** 2


def proportional_bytes(pids):
    """A page that k processes share counts as 1/k of one in each."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as lines:
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return 1024 * total


def worker_pid(_):
    time.sleep(0.02)  # so that each worker gets one
    return os.getpid()


def memory_of(pool, workers, before):
    pids = set(pool.map(worker_pid, range(workers), 1)) | {os.getpid()}
    try:
        return proportional_bytes(pids) - before
    except OSError:
        return 0


def answer(pool, line):
    way, n, calls = line.split()
    seconds = []
    for _ in range(int(calls)):
        start = time.perf_counter()
        if way == "pool":
            results = pool.map(random_square, range(int(n)))
        else:
            results = [random_square(seed) for seed in range(int(n))]
        seconds.append(time.perf_counter() - start)
    print(f"{statistics.median(seconds):.9f} {sum(int(r) for r in results)}", flush=True)


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends with the others, without a word
    workers = int(sys.argv[1])
    try:
        before = proportional_bytes(["self"])
    except OSError:
        before = 0
    start = time.perf_counter()
    with Pool(workers) as pool:
        created = time.perf_counter() - start
        memory = memory_of(pool, workers, before) if before else 0
        print(f"ready {created:.9f} {memory}", flush=True)
        for line in sys.stdin:
            answer(pool, line)


if __name__ == "__main__":
    main()
