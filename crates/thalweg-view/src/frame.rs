//! Numbers on the way to the page.

use serde::Serialize;

use crate::http::{Body, Refusal};

/// A description in JSON and numbers behind it: the length of the description as `u32`, the description, and the numbers as
/// `f32`, all little-endian. JSON alone would take four times the bytes and a parser for each number.
pub(crate) fn frame(head: &impl Serialize, numbers: &[f32]) -> Result<Body, Refusal> {
    let mut head = serde_json::to_vec(head).map_err(unwritten)?;
    // The page reads the numbers in place, which needs them at a multiple of 4; spaces do not change JSON.
    head.resize(head.len().next_multiple_of(4), b' ');
    let mut bytes = Vec::with_capacity(4 + head.len() + 4 * numbers.len());
    bytes.extend_from_slice(&(head.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&head);
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    Ok(Body {
        media: "application/octet-stream",
        bytes: bytes.into(),
    })
}

/// A value without numbers behind it.
pub(crate) fn json(value: &impl Serialize) -> Result<Body, Refusal> {
    Ok(Body {
        media: "application/json",
        bytes: serde_json::to_vec(value).map_err(unwritten)?.into(),
    })
}

fn unwritten(problem: serde_json::Error) -> Refusal {
    Refusal::new(500, format!("the reply is no JSON: {problem}"))
}
