//! What a fit is of, in short.

use thalweg_data::{Column, Values};
use thalweg_train::{Facts, fingerprint};

use crate::Density;
use crate::parts::Network;
use crate::schema::Schema;

/// The facts of a fit. Steps, minutes and device are not among them: a training may go on for longer, and elsewhere.
pub(super) fn facts(
    density: &Density,
    schema: &Schema,
    columns: &[&Column],
    weights: &[f64],
    members: usize,
    network: &Option<Network>,
) -> Facts {
    let network = network.as_ref().map(Network::to_string);
    let settings = [
        ("number of rows", weights.len().to_string()),
        ("seed", density.seed.to_string()),
        ("number of members", members.to_string()),
        ("network", network.unwrap_or_default()),
        ("choice of calibration rows", density.calibrate.to_string()),
        (
            "treatment of missing values",
            format!("{:?}", schema.missing),
        ),
        ("column of weights", hex(numbers(weights))),
    ];
    let settings = settings.map(|(what, value)| (what.to_owned(), value));
    let known = schema.columns.iter().zip(columns);
    let columns = known.map(|(known, column)| {
        let how = format!("{:?}, {}, {}", known.role, known.kind, hex(values(column)));
        (format!("column \"{}\"", known.name), how)
    });
    settings.into_iter().chain(columns).collect()
}

fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}

fn values(column: &Column) -> u64 {
    match column.values() {
        Values::Numbers(values) | Values::Times(values) => numbers(values),
        Values::Text(text) => {
            // No byte of UTF-8 is 0xfe or 0xff.
            let words = text
                .iter()
                .map(|word| word.map_or(&[0xfe][..], str::as_bytes));
            fingerprint(words.flat_map(|word| word.iter().chain(&[0xff]).copied()))
        }
        _ => unreachable!("values are numbers, times or text"),
    }
}

fn numbers(values: &[f64]) -> u64 {
    fingerprint(values.iter().flat_map(|x| x.to_le_bytes()))
}
