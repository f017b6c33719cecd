//! Which units were alive lately.
//!
//! A single batch says little: a ReLU unit may sleep through it. A unit counts as
//! dead when no row of a window that covers the data woke it; the window is the last
//! rows that were looked at, so that a unit may die, or come back.

/// Units that are looked at side by side.
const SIDE: usize = 16;
/// Rows between two looks at whether these are all alive.
const SOME: usize = 4;

/// When each unit was last alive.
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// Rows seen when each unit was last alive.
    last: Vec<f64>,
    /// Rows seen.
    rows: f64,
    /// Rows of the window.
    window: f64,
    /// Which units are alive in the rows looked at now: 0 or 1 in the width of the numbers
    /// that tell it, for vectors of both.
    awake: Vec<u32>,
}

impl Life {
    /// Of so many units, over a window of so many rows.
    pub fn new(units: usize, window: usize) -> Life {
        let (last, awake) = (vec![0.0; units], vec![0; units]);
        Life { last, rows: 0.0, window: window.max(1) as f64, awake }
    }

    /// Takes rows of one number a unit; a unit is alive where its number lies inside
    /// an open interval.
    pub fn see(&mut self, rows: &[f32], (low, high): (f32, f32)) {
        self.awake.fill(0);
        let units = self.awake.len().max(1);
        let is_alive = |x: &f32| u32::from((*x > low) & (*x < high));
        for (first, awake) in (0..).step_by(SIDE).zip(self.awake.chunks_mut(SIDE)) {
            for some in rows.chunks(SOME * units) {
                let of_units = some.chunks_exact(units).filter_map(|row| row.get(first..));
                match <&mut [u32; SIDE]>::try_from(&mut *awake) {
                    // A length that is known makes vectors of it.
                    Ok(awake) => of_units.filter_map(<[f32]>::first_chunk::<SIDE>).for_each(|x| {
                        awake.iter_mut().zip(x).for_each(|(awake, x)| *awake |= is_alive(x));
                    }),
                    Err(_) => of_units.for_each(|x| {
                        awake.iter_mut().zip(x).for_each(|(awake, x)| *awake |= is_alive(x));
                    }),
                }
                // Of healthy units the first rows wake all.
                if awake.iter().fold(1, |all, awake| all & awake) == 1 {
                    break;
                }
            }
        }
        self.pass(rows.len() / units);
    }

    /// Takes rows of weighted sums of `pieces` a unit, those of piece 0 first; a
    /// piece is alive where it is the largest. How often each piece number was.
    pub fn compete(&mut self, rows: &[f32], pieces: usize) -> Vec<u64> {
        self.awake.fill(0);
        let (all, mut wins) = (self.awake.len().max(1), vec![0; pieces]);
        let units = all / pieces.max(1);
        for row in rows.chunks_exact(all) {
            for unit in 0..units {
                let of_unit = row.iter().enumerate().skip(unit).step_by(units.max(1));
                let Some((winner, _)) = of_unit.max_by(|a, b| a.1.total_cmp(b.1)) else { continue };
                self.awake[winner] = 1;
                wins[winner / units.max(1)] += 1;
            }
        }
        self.pass(rows.len() / all);
        wins
    }

    fn pass(&mut self, rows: usize) {
        self.rows += rows as f64;
        for (last, _) in self.last.iter_mut().zip(&self.awake).filter(|(_, awake)| **awake > 0) {
            *last = self.rows;
        }
    }

    /// The share of units that no row of the window woke; `None` before a whole
    /// window was seen.
    pub fn dead(&self) -> Option<f64> {
        let start = self.rows - self.window;
        let dead = self.last.iter().filter(|last| **last <= start).count();
        (start >= 0.0).then(|| dead as f64 / self.last.len().max(1) as f64)
    }

    /// What has to be kept to go on: the rows seen, then those when each unit was
    /// last alive.
    pub fn memory(&self) -> Vec<f64> {
        std::iter::once(self.rows).chain(self.last.iter().copied()).collect()
    }

    /// Goes on from a memory, if it is one of as many units.
    pub fn recall(&mut self, memory: &[f64]) {
        if let Some((rows, last)) = memory.split_first()
            && last.len() == self.last.len()
        {
            (self.rows, self.last) = (*rows, last.to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAKE: (f32, f32) = (0.0, f32::INFINITY);

    #[test]
    fn a_unit_is_dead_over_a_whole_window_only_and_may_come_back() {
        let mut life = Life::new(2, 4);
        life.see(&[1.0, 0.0, 0.0, 0.0], AWAKE);
        assert_eq!(life.dead(), None);
        life.see(&[0.0, 0.0, 0.0, 0.0], AWAKE);
        assert_eq!(life.dead(), Some(0.5));
        let mut resumed = Life::new(2, 4);
        resumed.recall(&life.memory());
        assert_eq!(resumed.dead(), Some(0.5));
        resumed.see(&[0.0, 0.0, 0.0, 3.0], AWAKE);
        assert_eq!(resumed.dead(), Some(0.5), "the first unit died, the second woke");
    }

    #[test]
    fn pieces_compete_within_their_unit() {
        // Two units of two pieces: columns are piece 0 of both, then piece 1 of both.
        let mut life = Life::new(4, 1);
        assert_eq!(life.compete(&[1.0, 1.0, 0.0, 2.0], 2), [1, 1]);
        assert_eq!(life.dead(), Some(0.5));
    }
}
