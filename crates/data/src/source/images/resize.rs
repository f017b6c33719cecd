//! Resizing by weighted area: the triangle filter, widened by the ratio when an image
//! shrinks, first along rows, then along columns (as Pillow's `BILINEAR`).

use super::decode::Pixels;

/// Which input pixels make an output pixel, and how much each counts.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let ratio = from as f32 / to as f32;
    let reach = ratio.max(1.0);
    let tap = |i: usize| {
        let center = (i as f32 + 0.5) * ratio;
        let first = (center - reach).max(0.0) as usize;
        let end = ((center + reach).ceil() as usize).clamp(first + 1, from);
        let weight = |j: usize| (1.0 - ((j as f32 + 0.5 - center) / reach).abs()).max(0.0);
        let mut weights: Vec<f32> = (first..end).map(weight).collect();
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum.max(f32::MIN_POSITIVE));
        Tap { first, weights }
    };
    (0..to).map(tap).collect()
}

/// The image in `height` × `width`.
pub(crate) fn resize(pixels: Pixels, (height, width): (usize, usize)) -> Pixels {
    if (pixels.height, pixels.width) == (height, width) {
        return pixels;
    }
    let (rows, columns) = (taps(pixels.height, height), taps(pixels.width, width));
    let mut bytes = Vec::with_capacity(pixels.channels * height * width);
    let mut narrow = Vec::with_capacity(pixels.height * width);
    for plane in pixels.bytes.chunks_exact((pixels.height * pixels.width).max(1)) {
        narrow.clear();
        for line in plane.chunks_exact(pixels.width) {
            narrow.extend(columns.iter().map(|tap| along(tap, &line[tap.first..])));
        }
        for tap in &rows {
            bytes.extend((0..width).map(|x| across(tap, &narrow, width, x)));
        }
    }
    Pixels { channels: pixels.channels, height, width, bytes }
}

fn along(tap: &Tap, line: &[u8]) -> f32 {
    tap.weights.iter().zip(line).map(|(w, x)| w * f32::from(*x)).sum()
}

fn across(tap: &Tap, narrow: &[f32], width: usize, x: usize) -> u8 {
    let column = narrow[tap.first * width + x..].iter().step_by(width);
    let sum: f32 = tap.weights.iter().zip(column).map(|(w, x)| w * x).sum();
    (sum + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grey(height: usize, width: usize, bytes: &[u8]) -> Pixels {
        Pixels { channels: 1, height, width, bytes: bytes.to_vec() }
    }

    #[test]
    fn known_values() {
        // Pillow: Image.resize((2, 1), BILINEAR) of these pixels.
        let small = resize(grey(1, 4, &[0, 100, 200, 100]), (1, 2));
        assert_eq!(small.bytes, [71, 143]);
        let large = resize(grey(1, 2, &[0, 100]), (2, 4));
        assert_eq!(large.bytes, [0, 25, 75, 100, 0, 25, 75, 100]);
    }

    proptest! {
        #[test]
        fn one_colour_stays(h in 1usize..20, w in 1usize..20, to_h in 1usize..20, to_w in 1usize..20, level: u8) {
            let image = Pixels { channels: 3, height: h, width: w, bytes: vec![level; 3 * h * w] };
            prop_assert_eq!(resize(image, (to_h, to_w)).bytes, vec![level; 3 * to_h * to_w]);
        }
    }
}
