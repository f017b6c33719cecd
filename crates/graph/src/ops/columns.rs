//! Choosing columns of a matrix and the reverse: each other's derivative. Fixed
//! features such as polynomials are made of them.

use super::matrix;
use crate::{Dim, Gradient, Operation, Shape, Tensor, Value};
use std::sync::Arc;

/// The columns `columns` of each row, in that order: `[n, m] → [n, columns]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gather {
    /// Which columns.
    pub columns: Arc<[u32]>,
}

/// Column i added into column `columns[i]` of rows of `width`: `[n, columns] → [n, width]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scatter {
    /// Where each column goes.
    pub columns: Arc<[u32]>,
    /// The columns of the result.
    pub width: usize,
}

fn within(columns: &[u32], width: usize) -> Result<(), String> {
    match columns.iter().find(|&&c| c as usize >= width) {
        Some(column) => Err(format!("column {column} does not exist among {width}")),
        None => Ok(()),
    }
}

fn rows_and_width(shape: &Shape) -> Result<(Dim, usize), String> {
    match *matrix("the operand", shape)?.dims() {
        [rows, Dim::Fixed(width)] => Ok((rows, width)),
        _ => Err(format!("the columns of {shape} are not a fixed number")),
    }
}

impl Operation for Gather {
    fn name(&self) -> String {
        format!("gather {} columns", self.columns.len())
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        let (rows, width) = rows_and_width(operands[0])?;
        within(&self.columns, width)?;
        Ok(vec![rows, self.columns.len().into()].into())
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let (data, width) = (operands[0].data(), operands[0].columns());
        let column = |i: usize| self.columns[i % sizes[1]] as usize;
        Tensor::from_fn(sizes, |i| data[i / sizes[1] * width + column(i)])
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        let width = operands[0].shape().last().size(0);
        vec![Gradient::Flows(g.scatter(self.columns.clone(), width))]
    }
}

impl Operation for Scatter {
    fn name(&self) -> String {
        format!("scatter {} columns", self.columns.len())
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        let (rows, width) = rows_and_width(operands[0])?;
        within(&self.columns, self.width)?;
        if width != self.columns.len() {
            return Err(format!("{width} columns cannot go to {} places", self.columns.len()));
        }
        Ok(vec![rows, self.width.into()].into())
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let mut result = Tensor::zeros(sizes);
        for (r, row) in operands[0].iter_rows().enumerate() {
            for (value, to) in row.iter().zip(self.columns.iter()) {
                result.data_mut()[r * self.width + *to as usize] += value;
            }
        }
        result
    }

    fn derivative<'g>(&self, _: &[Value<'g>], _: Value<'g>, g: Value<'g>) -> Vec<Gradient<'g>> {
        vec![Gradient::Flows(g.gather(self.columns.clone()))]
    }
}
