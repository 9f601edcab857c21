//! Edits of a JSON value, such as the configuration in a file.

use proptest::prelude::*;
use serde_json::{Value, json};

/// One edit of some value inside another: the value is chosen by a share of all of them.
///
/// See [`edited`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Replaced by another one.
    Replace(f64, Value),
    /// Taken out of its object or list.
    Remove(f64),
    /// Repeated in its list, this many times.
    Repeat(f64, usize),
    /// Replaced by a copy of another one inside the whole.
    Copy(f64, f64),
}

/// Values at which sizes overflow, numbers that are none, and other types.
fn extremes() -> Vec<Value> {
    let nested = (0..40).fold(json!(1), |inner, _| json!([inner]));
    vec![
        json!(0),
        json!(1),
        json!(2),
        json!(3),
        json!(7),
        json!(64),
        json!(1000),
        json!(65_536),
        json!(1_000_000),
        json!(u32::MAX),
        json!(1_000_000_000_000_u64),
        json!(1_u64 << 53),
        json!(1_u64 << 63),
        json!(u64::MAX),
        json!(-1),
        json!(i64::MIN),
        json!(0.0),
        json!(0.5),
        json!(-0.5),
        json!(1e-320),
        json!(1e308),
        json!(-1e308),
        json!(null),
        json!(true),
        json!(""),
        json!("numbers"),
        json!("../../../../etc/passwd"),
        json!([]),
        json!({}),
        json!([1, 1, 1]),
        nested,
    ]
}

fn one() -> impl Strategy<Value = Edit> {
    let place = || 0.0..1.0;
    prop_oneof![
        6 => (place(), prop::sample::select(extremes())).prop_map(|(at, new)| Edit::Replace(at, new)),
        1 => place().prop_map(Edit::Remove),
        1 => (place(), prop_oneof![1..4_usize, 1000..5000_usize])
            .prop_map(|(at, times)| Edit::Repeat(at, times)),
        2 => (place(), place()).prop_map(|(at, from)| Edit::Copy(at, from)),
    ]
}

/// One edit to three.
///
/// ```
/// use proptest::prelude::*;
/// use serde_json::json;
/// use thalweg_mutate::{cases, edited, edits};
///
/// proptest!(cases(16), |(edits in edits())| {
///     prop_assert!((1..=3).contains(&edits.len()));
///     // It stays JSON, so that a reader comes behind the parser.
///     let value = edited(&json!({"layers": [8, 8]}), &edits);
///     prop_assert!(value.to_string().parse::<serde_json::Value>().is_ok());
/// });
/// ```
pub fn edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec(one(), 1..4)
}

/// A value with edits.
///
/// ```
/// use serde_json::json;
/// use thalweg_mutate::{Edit, edited};
///
/// // Of four values, the object is the first and the list the second.
/// let value = json!({"layers": [8, 16]});
/// assert_eq!(edited(&value, &[Edit::Remove(0.25)]), json!({"layers": [8]}));
/// assert_eq!(edited(&value, &[Edit::Repeat(0.25, 2)]), json!({"layers": [8, 16, 16, 16]}));
/// assert_eq!(edited(&value, &[Edit::Replace(0.5, json!(-1))]), json!({"layers": [-1, 16]}));
/// assert_eq!(edited(&value, &[Edit::Copy(0.5, 0.75)]), json!({"layers": [16, 16]}));
/// ```
pub fn edited(value: &Value, edits: &[Edit]) -> Value {
    let mut value = value.clone();
    for edit in edits {
        edit.apply(&mut value);
    }
    value
}

impl Edit {
    fn apply(&self, value: &mut Value) {
        let count = count(value);
        let nth = |place: f64| ((place * count as f64) as usize).min(count - 1);
        match self {
            Self::Replace(at, new) => {
                if let Some(found) = find(value, &mut nth(*at)) {
                    *found = new.clone();
                }
            }
            Self::Copy(at, from) => {
                let new = find(value, &mut nth(*from)).map(|found| found.clone());
                if let (Some(found), Some(new)) = (find(value, &mut nth(*at)), new) {
                    *found = new;
                }
            }
            Self::Remove(at) => match find(value, &mut nth(*at)) {
                Some(Value::Array(list)) => {
                    list.pop();
                }
                Some(Value::Object(object)) => {
                    let key = object.keys().next().cloned();
                    key.and_then(|key| object.remove(&key));
                }
                Some(other) => *other = Value::Null,
                None => {}
            },
            Self::Repeat(at, times) => {
                if let Some(Value::Array(list)) = find(value, &mut nth(*at)) {
                    let last = list.last().cloned();
                    let copies = last.into_iter().cycle().take(*times);
                    list.extend(copies.collect::<Vec<_>>());
                }
            }
        }
    }
}

/// The number of values inside a value, itself included.
fn count(value: &Value) -> usize {
    let inside: usize = match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(object) => object.values().map(count).sum(),
        _ => 0,
    };
    1 + inside
}

/// The value with this number, itself first and then those inside it in order.
fn find<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    let mut inside: Box<dyn Iterator<Item = &mut Value>> = match value {
        Value::Array(list) => Box::new(list.iter_mut()),
        Value::Object(object) => Box::new(object.values_mut()),
        _ => return None,
    };
    inside.find_map(|value| find(value, left))
}
