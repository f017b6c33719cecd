//! Regularization (lecture row L8): L = data loss + Σ over layers of λ₁Σ|w| + λ₂Σw².
//!
//! The convention is the lecture's R(W) = Σw², not half of it: the gradient of the
//! L2 part is 2λw. PyTorch's `weight_decay` of d is λ₂ = d/2; scikit-learn's C of
//! logistic regression on N rows is λ₂ = 1/(2CN) with a mean loss.

use gradwise_graph::Value;

/// λ₁Σ|w| + λ₂Σw² over the elements of `weight`, a scalar; `None` if both are 0.
pub fn penalty(weight: Value<'_>, l1: f64, l2: f64) -> Option<Value<'_>> {
    let absolute = (l1 != 0.0).then(|| weight.abs().sum() * l1);
    let squared = (l2 != 0.0).then(|| weight.square().sum() * l2);
    [absolute, squared].into_iter().flatten().reduce(|sum, term| sum + term)
}
