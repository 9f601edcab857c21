//! TensorBoard's messages, as protocol buffers write them.
//!
//! Four messages with a dozen fields that are only ever written: a dependency on a code generator
//! would be longer. Numbers of fields are those of TensorFlow's `event.proto` and `summary.proto`.

/// The bytes of one message.
#[derive(Debug, Default)]
struct Message(Vec<u8>);

/// The wire types.
const VARINT: u64 = 0;
const EIGHT_BYTES: u64 = 1;
const LENGTH_AND_BYTES: u64 = 2;
const FOUR_BYTES: u64 = 5;

impl Message {
    /// Seven bits a byte, lowest first; the top bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn integer(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3 | VARINT);
        self.varint(value as u64);
        self
    }

    fn double(mut self, field: u64, value: f64) -> Self {
        self.varint(field << 3 | EIGHT_BYTES);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn float(mut self, field: u64, value: f32) -> Self {
        self.varint(field << 3 | FOUR_BYTES);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | LENGTH_AND_BYTES);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }
}

/// The content of an event.
#[derive(Debug)]
pub(super) enum What<'a> {
    /// The first event of a file.
    Version,
    /// Events of earlier files at this step and later ones no longer count.
    Restart,
    /// Values under their names.
    Values(&'a [(&'a str, Value<'a>)]),
}

/// The value under a name.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Scalar(f64),
    Picture(Png<'a>),
}

/// A picture, and the numbers of its head.
#[derive(Debug)]
pub(super) struct Png<'a> {
    pub(super) height: u32,
    pub(super) width: u32,
    pub(super) channels: u8,
    pub(super) bytes: &'a [u8],
}

/// An event at a time (seconds since 1970) and a step.
pub(super) fn event(time: f64, step: u64, what: &What<'_>) -> Vec<u8> {
    let event = Message::default().double(1, time).integer(2, step as i64);
    let event = match what {
        What::Version => event.bytes(3, b"brain.Event:2"),
        What::Restart => event.bytes(7, &Message::default().integer(1, 1).0),
        What::Values(values) => {
            let mut summary = Message::default();
            for (name, value) in *values {
                let message = Message::default().bytes(1, name.as_bytes());
                let message = match value {
                    Value::Scalar(value) => message.float(2, *value as f32),
                    Value::Picture(png) => message.bytes(4, &image(png).0),
                };
                summary = summary.bytes(1, &message.0);
            }
            event.bytes(5, &summary.0)
        }
    };
    event.0
}

fn image(png: &Png<'_>) -> Message {
    Message::default()
        .integer(1, png.height.into())
        .integer(2, png.width.into())
        .integer(3, png.channels.into())
        .bytes(4, png.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_laid_out_as_the_format_says() {
        // The example of the format's own description: field 1 with the number 150.
        assert_eq!(Message::default().integer(1, 150).0, [0x08, 0x96, 0x01]);
        // And field 2 with the word "testing".
        let testing = Message::default().bytes(2, b"testing").0;
        assert_eq!(testing, [0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
        // A negative number takes ten bytes.
        let negative = Message::default().integer(1, -1).0;
        assert_eq!(
            negative,
            [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
        );
        assert_eq!(Message::default().float(2, 1.0).0, [0x15, 0, 0, 0x80, 0x3f]);
    }

    #[test]
    fn a_scalar_is_a_value_of_a_summary_of_an_event() {
        let values = [("loss", Value::Scalar(0.5))];
        let bytes = event(1.0, 300, &What::Values(&values));
        let mut expected = vec![9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f]; // time 1.0
        expected.extend([0x10, 0xac, 0x02]); // step 300
        expected.extend([0x2a, 13, 0x0a, 11]); // summary, its one value
        expected.extend(b"\x0a\x04loss"); // the tag
        expected.extend([0x15, 0, 0, 0, 0x3f]); // 0.5
        assert_eq!(bytes, expected);
    }
}
