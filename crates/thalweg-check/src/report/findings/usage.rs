//! Verdicts on scales and splines.

use super::words::{count, percent, worst};
use super::{Check, Judged, skipped};
use crate::{Layer, Usage, Verdict};

/// Shares of saturated scales that are still ok, and still a warning.
const SATURATED: [f64; 2] = [0.01, 0.5];
/// Of inputs outside a spline's interval.
const OUTSIDE: [f64; 2] = [0.1, 0.5];
/// Of bins at their least size; they are no error.
const THIN: f64 = 0.25;

pub(super) fn scales(check: &Check) -> Judged {
    let all = usages(check).filter_map(|(layer, usage)| match *usage {
        Usage::Scales {
            features,
            dead,
            saturated,
            ..
        } => Some((layer, (features, dead, saturated))),
        _ => None,
    });
    let all: Vec<_> = all.collect();
    let Some((worst, (_, _, saturated))) = worst(all.iter().copied(), |scales| scales.2) else {
        return skipped("no layer has scales");
    };
    let features: usize = all.iter().map(|(_, scales)| scales.0).sum();
    let dead: usize = all.iter().map(|(_, scales)| scales.1).sum();
    let silent: Vec<&Layer> = all
        .iter()
        .filter(|(_, (features, dead, _))| features == dead)
        .map(|(layer, _)| *layer)
        .collect();
    let verdict = Verdict::by(saturated, SATURATED[0], SATURATED[1]);
    let verdict = match silent.is_empty() {
        true => verdict,
        false => verdict.max(Verdict::Warning),
    };
    let mut text = format!("{dead} of {features} features are dead");
    if let Some(first) = silent.first() {
        text += &format!(
            ", all those of {} such as {}",
            count(silent.len(), "layer"),
            first.name()
        );
    }
    text += &format!("; at most {} saturated", percent(saturated));
    if saturated > 0.0 {
        text += &format!(", in {}", worst.name());
    }
    (verdict, text)
}

pub(super) fn splines(check: &Check) -> Judged {
    let all = usages(check).filter_map(|(layer, usage)| match *usage {
        Usage::Spline {
            features,
            dead,
            outside,
            thin,
        } => Some((layer, (features, dead, outside, thin))),
        _ => None,
    });
    let all: Vec<_> = all.collect();
    let Some((at_outside, (_, _, outside, _))) = worst(all.iter().copied(), |spline| spline.2)
    else {
        return skipped("no layer has splines");
    };
    let thin = all.iter().map(|(_, spline)| spline.3).fold(0.0, f64::max);
    let features: usize = all.iter().map(|(_, spline)| spline.0).sum();
    let dead: usize = all.iter().map(|(_, spline)| spline.1).sum();
    let silent = all.iter().any(|(_, (features, dead, ..))| features == dead);
    let verdict = Verdict::by(outside, OUTSIDE[0], OUTSIDE[1]);
    let verdict = match thin > THIN || silent {
        true => verdict.max(Verdict::Warning),
        false => verdict,
    };
    let mut text = format!(
        "{dead} of {features} features are dead; at most {} of inputs outside",
        percent(outside)
    );
    if outside > 0.0 {
        text += &format!(", in {}", at_outside.name());
    }
    text += &format!("; at most {} of bins thin", percent(thin));
    (verdict, text)
}

fn usages(check: &Check) -> impl Iterator<Item = (&Layer, &Usage)> {
    let layers = check.layers.iter();
    layers.flat_map(|layer| layer.usages.iter().map(move |usage| (layer, usage)))
}
