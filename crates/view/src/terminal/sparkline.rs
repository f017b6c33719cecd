//! A curve in one line of text.

/// The history of a number, kept in a fixed number of cells however long it gets:
/// when all are full, neighbours are merged.
#[derive(Clone, Debug)]
pub struct Sparkline {
    cells: Vec<f64>,
    most: usize,
    per_cell: u64,
    sum: f64,
    count: u64,
}

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Sparkline {
    /// A history drawn in at most `most` cells.
    pub fn new(most: usize) -> Self {
        Sparkline { cells: Vec::new(), most: most.max(2), per_cell: 1, sum: 0.0, count: 0 }
    }

    /// Adds a number; what is not finite is left out.
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.sum += value;
        self.count += 1;
        if self.count < self.per_cell {
            return;
        }
        self.cells.push(self.sum / self.count as f64);
        (self.sum, self.count) = (0.0, 0);
        if self.cells.len() == self.most {
            let pairs = self.cells.chunks(2);
            self.cells = pairs.map(|p| p.iter().sum::<f64>() / p.len() as f64).collect();
            self.per_cell *= 2;
        }
    }

    /// The curve, logarithmic where all numbers are positive and differ much.
    pub fn draw(&self) -> String {
        let fold = |f: fn(f64, f64) -> f64, start| self.cells.iter().copied().fold(start, f);
        let (low, high) = (fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY));
        let log = low > 0.0 && high / low > 10.0;
        let scale = |x: f64| if log { x.ln() } else { x };
        let span = scale(high) - scale(low);
        let block = |&x: &f64| {
            let share = if span > 0.0 { (scale(x) - scale(low)) / span } else { 0.0 };
            BLOCKS[((share * 7.0).round() as usize).min(7)]
        };
        self.cells.iter().map(block).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_seen_as_a_fall() {
        let mut line = Sparkline::new(10);
        (0..8).for_each(|i| line.push(8.0 - f64::from(i)));
        assert_eq!(line.draw(), "█▇▆▅▄▃▂▁");
        line.push(f64::NAN);
        assert_eq!(line.draw().chars().count(), 8);
    }

    #[test]
    fn it_never_grows_beyond_its_cells() {
        let mut line = Sparkline::new(20);
        (0..10_000).for_each(|i| line.push(f64::from(i)));
        let drawn: Vec<char> = line.draw().chars().collect();
        assert!((10..20).contains(&drawn.len()));
        assert!(drawn.is_sorted());
        assert_eq!(Sparkline::new(5).draw(), "");
    }
}
