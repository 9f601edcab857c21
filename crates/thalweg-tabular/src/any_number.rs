//! Numbers in JSON that may be NaN or infinite, which JSON has no numbers for.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// A finite number as a number, others as words.
pub(crate) fn serialize<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
    match x.is_finite() {
        true => to.serialize_f64(*x),
        false => to.serialize_str(&x.to_string()),
    }
}

/// Also null, which earlier files hold for each of them.
pub(crate) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Word(String),
        Null,
    }
    match Written::deserialize(from)? {
        Written::Number(x) => Ok(x),
        Written::Word(word) => word.parse().map_err(D::Error::custom),
        Written::Null => Ok(f64::NAN),
    }
}
