//! How large the tiles of an f32 product are that threads share: a function of its sizes
//! and of the vectors' lanes, never of the number of threads.

/// Most rows of a tile.
const ROWS: usize = 256;
/// Most columns of a wide tile.
const WIDE: usize = 512;

/// See [`super::Kernels::tile_hint`]; measured.
///
/// Of wide tiles A is read less often, but there must be tiles for all threads.
pub(super) fn tile_hint(lanes: usize, m: usize, n: usize) -> (usize, usize) {
    const COLUMNS: usize = 144;
    const ENOUGH: usize = 16;
    let wide = m.div_ceil(ROWS) * n.div_ceil(WIDE) >= ENOUGH;
    let columns = if wide { WIDE } else { COLUMNS };
    let vectors = n.div_ceil(lanes);
    let (down, across) = even_count(m.div_ceil(ROWS), vectors.div_ceil(columns / lanes));
    (size(m, down), size(vectors, across) * lanes)
}

/// See [`super::Kernels::gradient_tile_hint`]; measured.
///
/// Tiles are wide, because what is updated then stands in long pieces, which the
/// processor reads ahead; rather than narrower, tiles for all threads are less tall.
pub(super) fn gradient_tile_hint(lanes: usize, m: usize, n: usize) -> (usize, usize) {
    const ENOUGH: usize = 4;
    const LEAST_ROWS: usize = 64;
    let vectors = n.div_ceil(lanes);
    let across = vectors.div_ceil(WIDE / lanes).max(1);
    let rows = m.div_ceil(ENOUGH.div_ceil(across)).clamp(LEAST_ROWS, ROWS);
    let (down, across) = even_count(m.div_ceil(rows), across);
    (size(m, down), size(vectors, across) * lanes)
}

/// So many tiles below and beside each other, or one row or column of them more: of a
/// few, an odd number would leave one of two threads without work for long.
fn even_count(down: usize, across: usize) -> (usize, usize) {
    const FEW: usize = 8;
    let tiles = down * across;
    match tiles % 2 == 1 && tiles > 1 && tiles < FEW {
        true if down > across => (down + 1, across),
        true => (down, across + 1),
        false => (down, across),
    }
}

/// The size of each of so many near-equal pieces.
fn size(total: usize, pieces: usize) -> usize {
    total.div_ceil(pieces.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::testing::each;

    #[test]
    fn hints_cover_the_product_evenly() {
        for kernels in each() {
            for (m, n) in [(128, 500), (1, 10), (0, 0), (2048, 2048), (257, 49)] {
                let (rows, columns) = kernels.tile_hint(m, n);
                assert!(rows > 0 && rows <= m.max(1) && columns > 0);
                assert!(m % rows == 0 || m % rows > rows / 2, "{m} in tiles of {rows}");
                let (rows, columns) = kernels.gradient_tile_hint(m, n);
                assert!(rows > 0 && rows <= m.max(1) && columns > 0);
            }
        }
    }

    #[test]
    fn a_few_tiles_are_an_even_number() {
        for kernels in each() {
            for n in 1..800 {
                for (m, n, (rows, columns)) in [
                    (128, n, kernels.tile_hint(128, n)),
                    (n, 128, kernels.tile_hint(n, 128)),
                    (n, n, kernels.gradient_tile_hint(n, n)),
                ] {
                    let tiles = m.div_ceil(rows) * n.div_ceil(columns);
                    let what = format!("{m}×{n} in {rows}×{columns}, {}", kernels.isa);
                    assert!(tiles % 2 == 0 || tiles == 1 || tiles > 8, "{what}");
                }
            }
        }
    }
}
