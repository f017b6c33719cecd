//! Maxout's two halves: pick the winning piece of each unit, and put a value back
//! where it won. Piece p of unit u stands in column p·units + u. The first of
//! equal pieces wins. Source: Goodfellow et al., "Maxout networks", ICML 2013.

use super::matrix;
use crate::{Dim, Gradient, Operation, Shape, Tensor, Value};

/// From scores `[n, pieces·units]` and values of the same shape, the value that
/// stands where each unit's score is largest: `[n, units]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PickWinner {
    /// Pieces a unit.
    pub pieces: usize,
}

/// The reverse: scores `[n, pieces·units]` and values `[n, units]` to
/// `[n, pieces·units]`, zero where a piece did not win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScatterWinner {
    /// Pieces a unit.
    pub pieces: usize,
}

/// Rows and units of scores that hold `pieces` pieces a unit.
fn units(scores: &Shape, pieces: usize) -> Result<Shape, String> {
    let dims = matrix("maxout's operand", scores)?.dims();
    match dims[1] {
        Dim::Fixed(columns) if pieces > 0 && columns % pieces == 0 => {
            Ok(vec![dims[0], Dim::Fixed(columns / pieces)].into())
        }
        columns => Err(format!("{columns} columns cannot be shared among {pieces} pieces a unit")),
    }
}

/// The column of the winning piece of a unit.
fn winner(row: &[f64], pieces: usize, unit: usize) -> usize {
    let units = row.len() / pieces;
    let column = |piece: usize| piece * units + unit;
    (1..pieces)
        .fold(unit, |best, piece| if row[column(piece)] > row[best] { column(piece) } else { best })
}

impl Operation for PickWinner {
    fn name(&self) -> String {
        format!("maxout({})", self.pieces)
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        if operands[0] != operands[1] {
            return Err(format!("scores {} and values {} differ", operands[0], operands[1]));
        }
        units(operands[0], self.pieces)
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let rows = operands[0].iter_rows().zip(operands[1].iter_rows());
        let picked: Vec<f64> = rows
            .flat_map(|(row, from)| (0..sizes[1]).map(|unit| from[winner(row, self.pieces, unit)]))
            .collect();
        Tensor::from_fn(sizes, |i| picked[i])
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        vec![Gradient::Zero, Gradient::Flows(operands[0].scatter_winner(g, self.pieces))]
    }
}

impl Operation for ScatterWinner {
    fn name(&self) -> String {
        format!("maxout'({})", self.pieces)
    }

    fn shape(&self, operands: &[&Shape]) -> Result<Shape, String> {
        let fits = units(operands[0], self.pieces)?;
        if fits != *operands[1] {
            return Err(format!("the values are {}, the units {fits}", operands[1]));
        }
        Ok(operands[0].clone())
    }

    fn value(&self, operands: &[&Tensor], sizes: &[usize]) -> Tensor {
        let mut result = Tensor::zeros(sizes);
        let (units, columns) = (sizes[1] / self.pieces, sizes[1]);
        for (r, row) in operands[0].iter_rows().enumerate() {
            for unit in 0..units {
                let to = r * columns + winner(row, self.pieces, unit);
                result.data_mut()[to] = operands[1].data()[r * units + unit];
            }
        }
        result
    }

    fn derivative<'g>(
        &self,
        operands: &[Value<'g>],
        _: Value<'g>,
        g: Value<'g>,
    ) -> Vec<Gradient<'g>> {
        vec![Gradient::Zero, Gradient::Flows(operands[0].pick_winner(g, self.pieces))]
    }
}
