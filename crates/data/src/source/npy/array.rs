//! One array of a `.npy` file.

use super::super::bytes::unpack_error;
use crate::error::DataError;
use crate::schema::Image;
use crate::storage::{Layout, Storage};
use crate::table::{Column, Hints, not_finite};
use std::io::Read;

/// An array as read.
#[derive(Clone, Debug)]
pub(crate) struct NpyArray {
    pub shape: Vec<usize>,
    kind: Kind,
    /// Row after row, little-endian.
    bytes: Vec<u8>,
}

/// The type of the numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Bool,
    Unsigned(usize),
    Signed(usize),
    Float(usize),
    /// Characters of 32 bits.
    Text(usize),
}

/// A header longer than this is no array of numbers.
const MOST_HEADER: usize = 1 << 16;

impl NpyArray {
    /// Reads no more than the header claims and keeps no more than arrives. `size` is
    /// the file's size, if it is known.
    pub fn read(file: &str, mut from: impl Read, size: Option<u64>) -> Result<Self, DataError> {
        let wrong = |reason: &str| DataError::format(file, reason);
        let mut take = |count: u64, room: usize| {
            let mut bytes = Vec::with_capacity(room);
            let read = from.by_ref().take(count).read_to_end(&mut bytes);
            read.map(|_| bytes).map_err(|e| unpack_error(file, e))
        };
        let start = take(8, 8)?;
        let wide = match start.as_slice() {
            [0x93, b'N', b'U', b'M', b'P', b'Y', version @ 1..=3, _] => *version > 1,
            _ => return Err(wrong("it is no .npy array: those start with the bytes 93 NUMPY")),
        };
        let length = take(if wide { 4 } else { 2 }, 4)?;
        let length = length.iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte));
        if length > MOST_HEADER {
            return Err(wrong("its header is too long for an array of numbers"));
        }
        let header = take(length as u64, length)?;
        let header = Header::parse(&String::from_utf8_lossy(&header)).map_err(|e| wrong(&e))?;
        let claimed = header.bytes().unwrap_or(u64::MAX);
        let room = claimed.min(size.unwrap_or(0)) as usize;
        let bytes = take(claimed.saturating_add(1), room)?;
        if bytes.len() as u64 != claimed {
            let more = if bytes.len() as u64 > claimed { "more" } else { "fewer" };
            let reason = format!(
                "its header says {:?} × {} bytes, and {more} follow",
                header.shape,
                header.kind.size()
            );
            return Err(wrong(&reason));
        }
        Ok(header.array(bytes))
    }

    /// Rows, and how many numbers each has.
    fn sizes(&self) -> (usize, usize) {
        let rows = self.shape.first().copied().unwrap_or(1);
        (rows, self.shape.iter().skip(1).product())
    }

    /// The columns `name0`, `name1` …; just `name` if there is one.
    pub fn columns(&self, file: &str, name: &str, hints: &Hints) -> Result<Vec<Column>, DataError> {
        let (rows, width) = self.sizes();
        let column = |c: usize| {
            let name = if width == 1 && name == "y" { name.into() } else { format!("{name}{c}") };
            let places = (0..rows).map(|row| row * width + c);
            if let Kind::Text(_) = self.kind {
                let cells: Vec<String> = places.map(|place| self.text(place)).collect();
                let cells = cells.iter().map(|cell| cell.trim());
                return Column::from_texts(file, &name, hints.kind(&name), cells);
            }
            let numbers = places.map(|place| self.number(place)).collect();
            Column::from_numbers(file, &name, numbers, false)
        };
        (0..width).map(column).collect()
    }

    /// The rows as features, channels first; bytes stay bytes.
    pub fn storage(self, file: &str, columns: usize) -> Result<Storage, DataError> {
        let rows = self.sizes().0;
        match self.kind {
            Kind::Text(_) => {
                Err(DataError::format(file, "its features are texts, where numbers are needed"))
            }
            Kind::Unsigned(1) => {
                let bytes = match self.channel_order() {
                    Some(order) => {
                        self.places(&order).map(|place| self.raw::<1>(place)[0]).collect()
                    }
                    None => self.bytes,
                };
                Storage::bytes(file, bytes, Layout { offset: 0, stride: columns, rows }, columns)
            }
            _ => {
                let order = self.channel_order().unwrap_or_else(|| (0..columns).collect());
                let values: Vec<f32> =
                    self.places(&order).map(|place| self.number(place)).collect();
                match values.iter().position(|x| !x.is_finite()) {
                    None => Ok(Storage::floats(values, columns)),
                    Some(i) => {
                        let (row, name) = (i / columns, format!("x{}", i % columns));
                        Err(not_finite(file, row, &name, values[i]))
                    }
                }
            }
        }
    }

    /// Where the numbers of all rows are, each row in the given order.
    fn places<'a>(&self, order: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
        let (rows, width) = self.sizes();
        (0..rows).flat_map(move |row| order.iter().map(move |place| row * width + place))
    }

    /// The image that a row is: height × width, channels × height × width, or height ×
    /// width × channels.
    pub fn image(&self) -> Option<Image> {
        match *self.shape.get(1..)? {
            [height, width] if height > 1 => Some(Image { channels: 1, height, width }),
            [height, width, channels @ (1 | 3)] => Some(Image { channels, height, width }),
            [channels @ (1 | 3), height, width] => Some(Image { channels, height, width }),
            _ => None,
        }
    }

    /// For images with the channels last: where each feature of a row is.
    fn channel_order(&self) -> Option<Vec<usize>> {
        let &[height, width, channels @ (1 | 3)] = self.shape.get(1..)? else { return None };
        let pixels = height * width;
        let place = |i: usize| i % pixels * channels + i / pixels;
        Some((0..channels * pixels).map(place).collect())
    }

    fn raw<const N: usize>(&self, place: usize) -> [u8; N] {
        let cell = self.bytes.get(place * N..(place + 1) * N);
        cell.and_then(|cell| cell.try_into().ok()).unwrap_or([0; N])
    }

    fn number(&self, place: usize) -> f32 {
        match self.kind {
            Kind::Bool | Kind::Unsigned(1) => f32::from(self.raw::<1>(place)[0]),
            Kind::Unsigned(2) => f32::from(u16::from_le_bytes(self.raw(place))),
            Kind::Unsigned(4) => u32::from_le_bytes(self.raw(place)) as f32,
            Kind::Unsigned(_) => u64::from_le_bytes(self.raw(place)) as f32,
            Kind::Signed(1) => f32::from(i8::from_le_bytes(self.raw(place))),
            Kind::Signed(2) => f32::from(i16::from_le_bytes(self.raw(place))),
            Kind::Signed(4) => i32::from_le_bytes(self.raw(place)) as f32,
            Kind::Signed(_) => i64::from_le_bytes(self.raw(place)) as f32,
            Kind::Float(2) => half(u16::from_le_bytes(self.raw(place))),
            Kind::Float(4) => f32::from_le_bytes(self.raw(place)),
            Kind::Float(_) => f64::from_le_bytes(self.raw(place)) as f32,
            Kind::Text(_) => f32::NAN,
        }
    }

    fn text(&self, place: usize) -> String {
        let Kind::Text(length) = self.kind else { return String::new() };
        let characters = (0..length).map(|i| u32::from_le_bytes(self.raw(place * length + i)));
        characters.take_while(|c| *c != 0).filter_map(char::from_u32).collect()
    }
}

/// A 16-bit float.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    match exponent {
        0 => sign * fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => sign * f32::INFINITY,
        31 => f32::NAN,
        _ => sign * (1024.0 + fraction) * 2f32.powi(exponent - 25),
    }
}

impl Kind {
    fn size(self) -> usize {
        match self {
            Kind::Bool => 1,
            Kind::Unsigned(size) | Kind::Signed(size) | Kind::Float(size) => size,
            Kind::Text(length) => 4 * length,
        }
    }

    /// The size of the units whose bytes change places in big-endian files.
    fn unit(self) -> usize {
        if let Kind::Text(_) = self { 4 } else { self.size() }
    }
}

/// What a file says of its array.
struct Header {
    kind: Kind,
    big_endian: bool,
    fortran: bool,
    shape: Vec<usize>,
}

impl Header {
    /// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
    fn parse(text: &str) -> Result<Self, String> {
        let after = |key: &str| {
            let place = text.find(key).map(|place| place + key.len());
            let rest = place.and_then(|place| text[place..].trim_start().strip_prefix(':'));
            rest.map(str::trim_start).ok_or_else(|| format!("its header lacks {key}"))
        };
        let descr = after("'descr'")?;
        let name = descr.strip_prefix('\'').and_then(|rest| rest.split('\'').next());
        let name = name.ok_or("it holds records; save plain arrays of numbers")?;
        let (kind, big_endian) = element(name).ok_or_else(|| {
            format!(
                "its numbers have type {name:?}; booleans, integers, floats and texts are known"
            )
        })?;
        let shape = after("'shape'")?;
        let inside = shape.strip_prefix('(').and_then(|rest| rest.split(')').next());
        let inside = inside.ok_or("its header has no shape")?;
        let sizes = inside.split(',').map(str::trim).filter(|size| !size.is_empty());
        let shape: Option<Vec<usize>> = sizes.map(|size| size.parse().ok()).collect();
        let shape = shape.ok_or_else(|| format!("its header has the shape ({inside})"))?;
        if shape.len() > 32 {
            return Err(format!("its array has {} sizes; at most 32 are possible", shape.len()));
        }
        let fortran = after("'fortran_order'")?.starts_with("True");
        Ok(Header { kind, big_endian, fortran, shape })
    }

    fn bytes(&self) -> Option<u64> {
        let sizes = self.shape.iter().map(|size| *size as u64);
        sizes.chain([self.kind.size() as u64]).try_fold(1u64, u64::checked_mul)
    }

    fn array(self, mut bytes: Vec<u8>) -> NpyArray {
        if self.big_endian {
            bytes.chunks_exact_mut(self.kind.unit().max(1)).for_each(<[u8]>::reverse);
        }
        if self.fortran && self.shape.len() > 1 {
            bytes = by_rows(&bytes, &self.shape, self.kind.size());
        }
        NpyArray { shape: self.shape, kind: self.kind, bytes }
    }
}

fn element(name: &str) -> Option<(Kind, bool)> {
    let (order, rest) = name.split_at_checked(1)?;
    let (letter, size) = rest.split_at_checked(1)?;
    let size: usize = size.parse().ok()?;
    let kind = match (letter, size) {
        ("b", 1) => Kind::Bool,
        ("u", 1 | 2 | 4 | 8) => Kind::Unsigned(size),
        ("i", 1 | 2 | 4 | 8) => Kind::Signed(size),
        ("f", 2 | 4 | 8) => Kind::Float(size),
        ("U", 0..=100_000) => Kind::Text(size),
        _ => return None,
    };
    match order {
        "<" | "|" | "=" => Some((kind, false)),
        ">" => Some((kind, true)),
        _ => None,
    }
}

/// The elements of an array stored column after column, row after row.
fn by_rows(bytes: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    let mut steps = vec![1; shape.len()];
    for i in 1..shape.len() {
        steps[i] = steps[i - 1] * shape[i - 1];
    }
    let mut ordered = Vec::with_capacity(bytes.len());
    for mut place in 0..bytes.len().checked_div(size).unwrap_or(0) {
        let mut from = 0;
        for (length, step) in shape.iter().zip(&steps).rev() {
            from += place % length * step;
            place /= length;
        }
        ordered.extend_from_slice(&bytes[from * size..(from + 1) * size]);
    }
    ordered
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::table::Cells;
    use proptest::prelude::*;

    /// A file as NumPy writes it.
    pub fn file(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header =
            format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
    }

    fn read(bytes: &[u8]) -> Result<NpyArray, String> {
        NpyArray::read("f", bytes, Some(bytes.len() as u64)).map_err(|e| e.to_string())
    }

    fn numbers(bytes: &[u8]) -> Vec<Vec<f32>> {
        let columns = read(bytes).unwrap().columns("f", "x", &Hints::default()).unwrap();
        let numbers = |c: Column| match c.cells {
            Cells::Numbers(numbers) => numbers,
            Cells::Texts { codes, .. } => codes.iter().map(|c| *c as f32).collect(),
        };
        columns.into_iter().map(numbers).collect()
    }

    #[test]
    fn types_and_orders_are_read() {
        let floats: Vec<u8> = [1f32, 2.0, 3.0, 4.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(numbers(&file("'<f4'", "False", "(2, 2)", &floats)), [[1.0, 3.0], [2.0, 4.0]]);
        assert_eq!(numbers(&file("'<f4'", "True", "(2, 2)", &floats)), [[1.0, 2.0], [3.0, 4.0]]);
        assert_eq!(numbers(&file("'>i2'", "False", "(2,)", &[0, 5, 255, 255])), [[5.0, -1.0]]);
        assert_eq!(numbers(&file("'|b1'", "False", "(2, 1)", &[0, 1])), [[0.0, 1.0]]);
        assert_eq!(numbers(&file("'<f2'", "False", "(2,)", &[0, 0x3c, 0, 0xc1])), [[1.0, -2.5]]);
        let texts = b"b\0\0\0a\0\0\0";
        assert_eq!(numbers(&file("'<U1'", "False", "(2,)", texts)), [[1.0, 0.0]]);
    }

    #[test]
    fn channels_come_first() {
        let array = read(&file("'|u1'", "False", "(1, 1, 2, 3)", &[1, 2, 3, 4, 5, 6])).unwrap();
        assert_eq!(array.image(), Some(Image { channels: 3, height: 1, width: 2 }));
        let mut row = [0.0; 6];
        array.storage("f", 6).unwrap().copy_row(0, None, &mut row);
        assert_eq!(row, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }

    #[test]
    fn bad_files_are_refused() {
        let error = |bytes: &[u8]| read(bytes).map(|_| ()).unwrap_err();
        assert!(error(b"").contains("no .npy array"));
        assert!(error(&file("'<f4'", "False", "(2,)", &[0; 7])).contains("fewer follow"));
        assert!(error(&file("'<f4'", "False", "(2,)", &[0; 9])).contains("more follow"));
        assert!(error(&file("'<f4'", "False", "(2500000000,)", &[0; 9])).contains("fewer follow"));
        let beyond = "(4294967296, 4294967296, 4294967296)";
        assert!(error(&file("'<f8'", "False", beyond, &[0; 9])).contains("fewer follow"));
        assert!(error(&file("'|O'", "False", "(2,)", &[0; 9])).contains("type \"|O\""));
        assert!(error(&file("[('a', '<f4')]", "False", "(2,)", &[0; 8])).contains("records"));
        assert!(error(&file("'<f4'", "False", "(a,)", &[0; 8])).contains("shape"));
        let nan = file("'<f4'", "False", "(1, 2)", &[0, 0, 0, 0, 0, 0, 0xc0, 0x7f]);
        let error = read(&nan).unwrap().storage("f", 2).unwrap_err().to_string();
        assert!(error.contains("row 1, column \"x1\""), "{error}");
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_an_array_or_an_error(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            descr in "['<>|=][bifUO][0-9]{1,3}'|'[<>|][uifU][1248]'",
            shape in "\\([0-9, ]{0,9}\\)|\\([0-3], ?[0-3]\\)",
        ) {
            let _ = read(&bytes);
            for fortran in ["True", "False"] {
                if let Ok(array) = read(&file(&format!("'{}'", descr.trim_matches('\'')), fortran, &shape, &bytes)) {
                    let _ = array.columns("f", "x", &Hints::default());
                    let columns = array.shape.iter().skip(1).product();
                    let _ = array.storage("f", columns);
                }
            }
        }
    }
}
