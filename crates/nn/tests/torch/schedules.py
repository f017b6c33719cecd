"""The numbers of the tests in ../../src/schedule.rs, as PyTorch computes them."""

import torch

BASE = 0.1


def rates(make, steps, metrics=None):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
    schedule = make(optimizer)
    seen = []
    for step in range(steps):
        seen.append(round(optimizer.param_groups[0]["lr"], 12))
        optimizer.step()
        schedule.step(*([] if metrics is None else [metrics[step]]))
    return seen


S = torch.optim.lr_scheduler
print("step(2, 0.5)", rates(lambda o: S.StepLR(o, 2, 0.5), 6))
print("cosine", rates(lambda o: S.CosineAnnealingLR(o, 5), 5))
METRICS = [1.0, 0.9, 0.9, 0.89999, 0.95, 0.8, 0.9, 0.9, 0.9, 0.9]
print("plateau(1, 0.1)", rates(lambda o: S.ReduceLROnPlateau(o, factor=0.1, patience=1), 10, METRICS))
