//! JPEG and PNG files as pixels.

use png::{ColorType, Transformations};
use std::io::Cursor;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

/// One decoded image: channel after channel, each row after row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pixels {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    pub bytes: Vec<u8>,
}

/// Pixels that an image of any size in bytes may claim.
const ALWAYS_ALLOWED: usize = 1 << 22;
/// Beyond that, pixels per byte of the file: no camera or screenshot compresses like
/// that.
const MOST_PER_BYTE: usize = 2000;

/// Decodes a file, whose kind its first bytes tell. The error is in words.
pub(crate) fn decode(bytes: &[u8]) -> Result<Pixels, String> {
    match bytes {
        [0xff, 0xd8, ..] => jpeg(bytes),
        [0x89, b'P', b'N', b'G', ..] => png(bytes),
        [] => Err("the file is empty".into()),
        _ => Err("it is neither a JPEG nor a PNG image".into()),
    }
}

/// Refuses a header that claims more pixels than the file can hold in earnest.
fn check_size(bytes: &[u8], width: usize, height: usize) -> Result<(), String> {
    let most = ALWAYS_ALLOWED.max(bytes.len().saturating_mul(MOST_PER_BYTE));
    match width.checked_mul(height) {
        Some(0) => Err("it has no pixels".into()),
        Some(pixels) if pixels <= most => Ok(()),
        _ => Err(format!("its header claims {width} × {height} pixels in {} bytes", bytes.len())),
    }
}

fn jpeg(bytes: &[u8]) -> Result<Pixels, String> {
    // Some of its messages end a line.
    let wrong =
        |e: DecodeErrors| format!("it is a damaged JPEG image: {}", e.to_string().trim_end());
    let options = DecoderOptions::default().set_max_width(1 << 16).set_max_height(1 << 16);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(wrong)?;
    let info = decoder.info().ok_or("it is a JPEG image without a header")?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    check_size(bytes, width, height)?;
    let grey = decoder.input_colorspace() == Some(ColorSpace::Luma);
    let (space, channels) = if grey { (ColorSpace::Luma, 1) } else { (ColorSpace::RGB, 3) };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().map_err(wrong)?;
    planes(&pixels, channels, channels, width, height)
}

fn png(bytes: &[u8]) -> Result<Pixels, String> {
    let wrong = |e| format!("it is a damaged PNG image: {e}");
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(wrong)?;
    let (width, height) = (header.width as usize, header.height as usize);
    check_size(bytes, width, height)?;
    let mut reader = decoder.read_info().map_err(wrong)?;
    let size = reader.output_buffer_size().ok_or("it is too large")?;
    let mut pixels = vec![0; size];
    let frame = reader.next_frame(&mut pixels).map_err(wrong)?;
    let (step, channels) = match frame.color_type {
        ColorType::Grayscale => (1, 1),
        ColorType::GrayscaleAlpha => (2, 1),
        ColorType::Rgb | ColorType::Indexed => (3, 3),
        ColorType::Rgba => (4, 3),
    };
    planes(&pixels, step, channels, width, height)
}

/// The first `channels` of every `step` bytes, each channel by itself: transparency
/// is left out.
fn planes(
    pixels: &[u8],
    step: usize,
    channels: usize,
    width: usize,
    height: usize,
) -> Result<Pixels, String> {
    if pixels.len() != step * width * height {
        return Err(format!("it has {} bytes for {width} × {height} pixels", pixels.len()));
    }
    let channel = |c: usize| pixels.iter().skip(c).step_by(step);
    let bytes = (0..channels).flat_map(channel).copied().collect();
    Ok(Pixels { channels, height, width, bytes })
}

impl Pixels {
    /// The same image in 1 or 3 channels: grey is repeated, colour weighed as in
    /// ITU-R BT.601.
    pub fn in_channels(self, channels: usize) -> Self {
        let bytes = match (self.channels, channels) {
            (1, 3) => self.bytes.repeat(3),
            (3, 1) => {
                let (red, rest) = self.bytes.split_at(self.bytes.len() / 3);
                let (green, blue) = rest.split_at(rest.len() / 2);
                let grey = |((r, g), b): ((&u8, &u8), &u8)| {
                    let sum = 299 * u32::from(*r) + 587 * u32::from(*g) + 114 * u32::from(*b);
                    ((sum + 500) / 1000) as u8
                };
                red.iter().zip(green).zip(blue).map(grey).collect()
            }
            _ => return self,
        };
        Pixels { channels, bytes, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn channels_are_changed() {
        let colour = Pixels { channels: 3, height: 1, width: 1, bytes: vec![255, 0, 100] };
        let grey = colour.in_channels(1);
        assert_eq!(grey.bytes, [88]);
        assert_eq!(grey.in_channels(3).bytes, [88, 88, 88]);
    }

    #[test]
    fn large_claims_are_refused() {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 60000, 60000);
        encoder.set_color(ColorType::Rgb);
        drop(encoder.write_header().unwrap());
        assert!(decode(&file).unwrap_err().contains("60000 × 60000"));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_an_image_or_an_error(
            tail in prop::collection::vec(any::<u8>(), 0..200),
            start in prop::sample::select(vec![&b"\xff\xd8\xff\xe0"[..], b"\x89PNG\r\n\x1a\n", b""]),
        ) {
            let _ = decode(&[start, &tail].concat());
        }
    }
}
