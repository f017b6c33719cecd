//! A text table in pieces of whole records, which can be parsed side by side.

use std::io::{self, Read};

/// A record longer than this is no record: a quote was opened and never closed, or the
/// file is no text.
const LONGEST: usize = 64 << 20;

/// The pieces of a table.
pub(crate) struct Chunks<R> {
    from: R,
    separator: u8,
    size: usize,
    /// What was read beyond the last piece.
    rest: Vec<u8>,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    /// Pieces of about `size` bytes; `rest` was read already.
    pub fn new(from: R, separator: u8, size: usize, rest: Vec<u8>) -> Self {
        Chunks { from, separator, size: size.max(1), rest, ended: false }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// What the system said; a record without end, as invalid data.
    pub fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut piece = std::mem::take(&mut self.rest);
        let mut size = self.size;
        loop {
            self.fill(&mut piece, size)?;
            if self.ended {
                return Ok((!piece.is_empty()).then_some(piece));
            }
            if let Some(end) = last_end(&piece, self.separator) {
                self.rest.extend_from_slice(&piece[end..]);
                piece.truncate(end);
                return Ok(Some(piece));
            }
            if piece.len() > LONGEST {
                let reason = "a record is longer than 64 MB; is a quote missing?";
                return Err(io::Error::other(reason));
            }
            size = piece.len() * 2;
        }
    }

    fn fill(&mut self, piece: &mut Vec<u8>, size: usize) -> io::Result<()> {
        if piece.len() < size && !self.ended {
            piece.reserve_exact(size - piece.len());
            let wanted = size - piece.len();
            let read = self.from.by_ref().take(wanted as u64).read_to_end(piece)?;
            self.ended = read < wanted;
        }
        Ok(())
    }
}

/// Where a cell stands, as the `csv` crate reads cells.
#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Before its first byte.
    Start,
    /// In one that is not quoted, or behind its quotes.
    Plain,
    Quoted,
    /// Behind a quote that closes it, unless another one follows.
    Closing,
}

/// Where the last whole record of a piece ends, which begins with a record.
fn last_end(piece: &[u8], separator: u8) -> Option<usize> {
    if memchr::memchr(b'"', piece).is_none() {
        return memchr::memrchr(b'\n', piece).map(|at| at + 1);
    }
    let (mut state, mut end) = (State::Start, None);
    for (at, byte) in piece.iter().enumerate() {
        state = match (state, byte) {
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) => State::Quoted,
            (State::Start | State::Closing, b'"') => State::Quoted,
            (_, b'\n') => {
                end = Some(at + 1);
                State::Start
            }
            (_, b'\r') => State::Start,
            (_, byte) if *byte == separator => State::Start,
            _ => State::Plain,
        };
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(text: &[u8], size: usize) -> Vec<Vec<u8>> {
        let mut chunks = Chunks::new(text, b',', size, Vec::new());
        std::iter::from_fn(|| chunks.next().unwrap()).collect()
    }

    #[test]
    fn a_piece_ends_behind_a_record() {
        let text = b"1,2\n3,\"a\nb\"\n5,6";
        assert_eq!(pieces(text, 7), [&b"1,2\n"[..], b"3,\"a\nb\"\n5,6"]);
        assert_eq!(pieces(b"5\" pipe\n6\n", 8), [&b"5\" pipe\n"[..], b"6\n"]);
    }

    fn records(text: &[u8]) -> Vec<csv::ByteRecord> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
        reader.byte_records().map(Result::unwrap).collect()
    }

    proptest! {
        #[test]
        fn pieces_have_the_records_of_the_whole(text in "[ab,\"\n\r]{0,60}", size in 1usize..20) {
            let pieces = pieces(text.as_bytes(), size);
            prop_assert_eq!(pieces.concat(), text.as_bytes());
            let parts: Vec<_> = pieces.iter().flat_map(|piece| records(piece)).collect();
            let whole: Vec<_> = records(text.as_bytes());
            let cells = |all: &[csv::ByteRecord]| {
                all.iter().map(|r| r.iter().map(<[u8]>::to_vec).collect::<Vec<_>>()).collect::<Vec<_>>()
            };
            prop_assert_eq!(cells(&parts), cells(&whole));
        }
    }
}
