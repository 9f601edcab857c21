//! Verdicts on layers: round trips, log-determinants, matrices.

use super::words::{count, plain, worst};
use super::{Check, Judged, judged, skipped};
use crate::Condition;

pub(super) fn layers(check: &Check) -> Judged {
    let errors = check.layers.iter().map(|layer| (layer, layer.round_trip()));
    let Some((layer, error)) = worst(errors, |error| error) else {
        return skipped("the model fails at the rows");
    };
    let text = format!(
        "{}; largest relative error {error:.1e}, of {}",
        count(check.layers.len(), "layer"),
        layer.name()
    );
    (check.bounds.error(error), text)
}

pub(super) fn log_det(check: &Check) -> Judged {
    let errors = check
        .layers
        .iter()
        .filter_map(|layer| Some((layer, layer.log_det?)));
    let worst_layer = worst(errors, |error| error);
    let of_layers = worst_layer.map(|(layer, error)| {
        let verdict = check.bounds.error(error);
        (
            verdict,
            format!("worst layer {}, {error:.1e} nats a number", layer.name()),
        )
    });
    let whole = judged(&check.log_det, |whole| {
        let text = format!(
            "off by {:.1e} nats, {:.1e} a number, in {}",
            whole.largest,
            whole.each,
            count(whole.rows, "row")
        );
        (check.bounds.error(whole.each), text)
    });
    match of_layers {
        Some((verdict, text)) => (verdict.max(whole.0), format!("{}; {text}", whole.1)),
        None => whole,
    }
}

pub(super) fn conditions(check: &Check) -> Judged {
    let all = check.layers.iter();
    let all = all.flat_map(|layer| {
        layer
            .conditions
            .iter()
            .map(move |condition| (layer, condition))
    });
    let matrices = all.filter(|(_, condition)| !condition.diagonal);
    let wide = matrices
        .clone()
        .filter(|(_, condition)| condition.ratio.is_none())
        .count();
    let narrow = matrices.clone().count() - wide;
    let most = worst(matrices, |condition: &Condition| {
        condition.ratio.unwrap_or(0.0)
    });
    let Some((layer, condition)) = most else {
        return skipped("no layer multiplies by a matrix");
    };
    let Some(ratio) = condition.ratio else {
        return skipped(&format!(
            "{} too wide for singular values",
            count(wide, "matrix")
        ));
    };
    let more = match wide {
        0 => String::new(),
        _ => format!("; {wide} more too wide"),
    };
    let text = format!(
        "{}; the largest is {}, of {}{more}",
        count(narrow, "matrix"),
        plain(ratio),
        layer.name()
    );
    (check.bounds.condition(ratio), text)
}
