"""The numbers of ../losses.rs, as PyTorch computes them in f64."""

import torch
import torch.nn.functional as F

S = torch.tensor([[0.2, -1.5, 3.0], [1.0, 0.5, -0.25], [-2.0, 0.0, 0.75]], dtype=torch.float64)
Y = torch.tensor([2, 0, 1])
W = torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64)
T = torch.tensor([[1, 0, 1], [0, 0, 1], [1, 1, 0]], dtype=torch.float64)


def show(name, value):
    print(f'("{name}", {value.item():.15e}),')


show("weighted cross-entropy, mean", F.cross_entropy(S, Y, weight=W))
show("weighted cross-entropy, sum", F.cross_entropy(S, Y, weight=W, reduction="sum"))
show("soft cross-entropy", F.cross_entropy(S, T / T.sum(1, keepdim=True)))
show("binary, summed over outputs", F.binary_cross_entropy_with_logits(S, T) * 3)
show("huber(0.7)", F.huber_loss(S, T, delta=0.7) * 3)
show("l1", F.l1_loss(S, T) * 3)
show("l2", F.mse_loss(S, T) * 3)
A = {"elu": F.elu, "selu": F.selu, "gelu": F.gelu, "silu": F.silu, "softplus": F.softplus}
Z = torch.tensor([-3.0, -0.5, 0.0, 0.75, 4.0], dtype=torch.float64)
for name, f in A.items():
    print(f'("{name}", {[float(f"{x:.15e}") for x in f(Z).tolist()]}),')
