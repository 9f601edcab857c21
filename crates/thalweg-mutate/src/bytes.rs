//! Damage to bytes.

use proptest::prelude::*;

/// A place in a file, as a share of its length: it is one in every file.
type Place = f64;

/// One damage.
///
/// See [`damaged`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub enum Damage {
    /// A bit turned over.
    Flip(Place, u8),
    /// A byte replaced.
    Set(Place, u8),
    /// The end cut off.
    Cut(Place),
    /// Bytes put in.
    Insert(Place, Vec<u8>),
    /// Some bytes taken out.
    Remove(Place, usize),
    /// Some bytes repeated behind themselves.
    Repeat(Place, usize, usize),
    /// A number of this many bytes, by its lowest ones, as lengths and sizes are; the highest byte first where told so.
    Number(Place, usize, u64, bool),
    /// Bytes of another file, from a place in it.
    Splice(Place, Place, usize),
}

/// Numbers at which lengths and sizes overflow.
const EXTREMES: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 40,
    i64::MAX as u64,
    1 << 63,
    u64::MAX,
];

/// A place, as often near the begin, where headers are, or the end, where Parquet's is, as anywhere.
fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        2 => 0.0..1.0,
        1 => (0.0..1.0_f64).prop_map(|x| 0.1 * x * x),
        1 => (0.0..1.0_f64).prop_map(|x| 1.0 - 0.1 * x * x),
    ]
}

fn one() -> impl Strategy<Value = Damage> {
    let some = || prop::collection::vec(any::<u8>(), 1..9);
    let number = (
        place(),
        prop::sample::select(&[1, 2, 4, 8][..]),
        prop::sample::select(&EXTREMES[..]),
    );
    prop_oneof![
        3 => (place(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        3 => (place(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        1 => place().prop_map(Damage::Cut),
        1 => (place(), some()).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (place(), 1..64_usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        1 => (place(), 1..64_usize, 1..40_usize)
            .prop_map(|(at, count, times)| Damage::Repeat(at, count, times)),
        3 => (number, any::<bool>())
            .prop_map(|((at, width, number), big)| Damage::Number(at, width, number, big)),
        1 => (place(), place(), 1..200_usize)
            .prop_map(|(at, from, count)| Damage::Splice(at, from, count)),
    ]
}

/// One damage to four.
///
/// ```
/// use proptest::prelude::*;
/// use thalweg_mutate::{cases, damaged, damages};
///
/// proptest!(cases(16), |(damages in damages())| {
///     prop_assert!((1..=4).contains(&damages.len()));
///     // A reader of numbers refuses what is none, and does not panic.
///     let file = damaged(b"1234", &damages, b"5678");
///     let number = std::str::from_utf8(&file).ok().and_then(|text| text.parse::<u64>().ok());
///     prop_assert!(number.is_none_or(|_| file.iter().all(|byte| b"+0123456789".contains(byte))));
/// });
/// ```
pub fn damages() -> impl Strategy<Value = Vec<Damage>> {
    prop::collection::vec(one(), 1..5)
}

/// A file with damage, to which `other` gives bytes.
///
/// ```
/// use thalweg_mutate::{Damage, damaged};
///
/// // Places are shares of the length.
/// let damages = [Damage::Set(0.0, b'A'), Damage::Insert(1.0, b"!".to_vec())];
/// assert_eq!(damaged(b"a file", &damages, &[]), b"A file!");
/// assert_eq!(damaged(b"a file", &[Damage::Splice(0.5, 0.0, 2)], b"more"), b"a fmoe");
/// ```
pub fn damaged(file: &[u8], damages: &[Damage], other: &[u8]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for damage in damages {
        damage.apply(&mut bytes, other);
    }
    bytes
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>, other: &[u8]) {
        let of = |place: Place, length: usize| ((place * length as f64) as usize).min(length);
        let end = bytes.len();
        // A place, and the end of some bytes behind it.
        let range = |at: Place, count: usize| {
            let begin = of(at, end);
            begin..(begin + count).min(end)
        };
        match self {
            Self::Flip(at, bit) => {
                if let Some(byte) = bytes.get_mut(of(*at, end)) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::Set(at, new) => {
                if let Some(byte) = bytes.get_mut(of(*at, end)) {
                    *byte = *new;
                }
            }
            Self::Cut(at) => bytes.truncate(of(*at, end)),
            Self::Insert(at, new) => {
                let at = of(*at, end);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(at, count) => {
                bytes.drain(range(*at, *count));
            }
            Self::Repeat(at, count, times) => {
                let range = range(*at, *count);
                let copies = bytes[range.clone()].repeat(*times);
                bytes.splice(range.end..range.end, copies);
            }
            Self::Number(at, width, number, big) => {
                let mut new = number.to_le_bytes()[..(*width).min(8)].to_vec();
                if *big {
                    new.reverse();
                }
                let range = range(*at, new.len());
                new.truncate(range.len());
                bytes[range].copy_from_slice(&new);
            }
            Self::Splice(at, from, count) => {
                let from = of(*from, other.len());
                let new = &other[from..(from + count).min(other.len())];
                bytes.splice(range(*at, new.len()), new.iter().copied());
            }
        }
    }
}
