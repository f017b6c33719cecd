"""The numbers of ../optimizers.rs, as PyTorch computes them in f64.

Five steps on ½Σ a(w − c)² with learning rates 0.1, 0.1, 0.05, 0.05, 0.025.
Prints the weights after the first and the last step.
"""

import torch

A = torch.tensor([1.0, 4.0, 0.25], dtype=torch.float64)
C = torch.tensor([1.0, 2.0, -3.0], dtype=torch.float64)
RATES = [0.1, 0.1, 0.05, 0.05, 0.025]
CASES = {
    "sgd": lambda w: torch.optim.SGD(w, lr=0.1),
    "sgd momentum": lambda w: torch.optim.SGD(w, lr=0.1, momentum=0.9),
    "sgd nesterov": lambda w: torch.optim.SGD(
        w, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1
    ),
    "sgd clip": lambda w: torch.optim.SGD(w, lr=0.1, momentum=0.5),
    "adam": lambda w: torch.optim.Adam(w, lr=0.1),
    "adam decay": lambda w: torch.optim.Adam(
        w, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1
    ),
    "adamw": lambda w: torch.optim.AdamW(w, lr=0.1),
    "rmsprop": lambda w: torch.optim.RMSprop(w, lr=0.1),
    "rmsprop momentum": lambda w: torch.optim.RMSprop(
        w, lr=0.1, alpha=0.9, momentum=0.9, weight_decay=0.1
    ),
    "adagrad": lambda w: torch.optim.Adagrad(w, lr=0.1),
    "adagrad decay": lambda w: torch.optim.Adagrad(w, lr=0.1, weight_decay=0.1),
}

for name, make in CASES.items():
    w = torch.tensor([0.5, -1.25, 2.0], dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    seen = []
    for rate in RATES:
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        (0.5 * (A * (w - C) ** 2).sum()).backward()
        if "clip" in name:
            torch.nn.utils.clip_grad_norm_([w], 2.0)
        optimizer.step()
        seen.append([f"{x:.15e}" for x in w.tolist()])
    print(f'("{name}", [{", ".join(seen[0])}], [{", ".join(seen[-1])}]),')
