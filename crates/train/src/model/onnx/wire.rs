//! Messages of protocol buffers, as far as ONNX files need them.
//!
//! A message is a row of fields, each a number and a value of one of three kinds:
//! that is all there is to write, and no reason for a code generator.

/// How a field's value is written.
const VARINT: u64 = 0;
const LENGTH: u64 = 2;
const FOUR_BYTES: u64 = 5;

/// A message under construction.
#[derive(Clone, Debug, Default)]
pub struct Message(Vec<u8>);

impl Message {
    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Adds a whole number.
    pub fn number(mut self, field: u64, number: i64) -> Message {
        self.key(field, VARINT);
        self.varint(number as u64);
        self
    }

    /// Adds a number in single precision.
    pub fn float(mut self, field: u64, number: f32) -> Message {
        self.key(field, FOUR_BYTES);
        self.0.extend(number.to_le_bytes());
        self
    }

    /// Adds bytes or a text.
    pub fn bytes(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Message {
        let bytes = bytes.as_ref();
        self.key(field, LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    /// Adds a message.
    pub fn message(self, field: u64, message: Message) -> Message {
        self.bytes(field, message.0)
    }

    fn key(&mut self, field: u64, kind: u64) {
        self.varint(field << 3 | kind);
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_written_as_the_format_says() {
        // The examples of the format's own documentation, and a negative number.
        assert_eq!(Message::default().number(1, 150).into_bytes(), [0x08, 0x96, 0x01]);
        let text = Message::default().bytes(2, "testing").into_bytes();
        assert_eq!(text, [&[0x12, 0x07][..], b"testing"].concat());
        let inner = Message::default().number(1, 150);
        let outer = Message::default().message(3, inner).into_bytes();
        assert_eq!(outer, [0x1a, 0x03, 0x08, 0x96, 0x01]);
        assert_eq!(Message::default().number(1, -1).into_bytes().len(), 11);
        assert_eq!(Message::default().float(1, 1.0).into_bytes(), [0x0d, 0, 0, 0x80, 0x3f]);
    }
}
