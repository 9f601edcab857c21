//! From numbers to verdicts.

use super::{Check, Finding, Measure};
use crate::{Condition, Deviation, Input, Layer, Measured, SweepPoint, Usage, Verdict};

/// Shares of saturated scales that are still ok, and still a warning.
const SATURATED: [f64; 2] = [0.01, 0.5];
/// Of inputs outside a spline's interval.
const OUTSIDE: [f64; 2] = [0.1, 0.5];
/// Of bins at their least size; they are no error.
const THIN: f64 = 0.25;
/// Magnitudes up to which every output should be finite.
const EXPECTED: f64 = 1e3;
/// Distances of an integral from 1.
const INTEGRAL: [f64; 2] = [0.01, 0.05];

/// A verdict for each measure.
pub(crate) fn findings(check: &Check) -> Vec<Finding> {
    let finding = |measure, (verdict, text)| Finding {
        measure,
        verdict,
        text,
    };
    let round_trip = |of: &dyn Fn(&crate::RoundTrip) -> Deviation| {
        judged(&check.round_trip, |trip| {
            let deviation = of(trip);
            (check.bounds.error(deviation.relative), words(&deviation))
        })
    };
    vec![
        finding(Measure::RoundTripOfData, round_trip(&|trip| trip.data)),
        finding(
            Measure::RoundTripOfLatents,
            round_trip(&|trip| trip.latents),
        ),
        finding(Measure::Layers, layers(check)),
        finding(Measure::LogDet, log_det(check)),
        finding(Measure::ConditionNumbers, conditions(check)),
        finding(Measure::Scales, scales(check)),
        finding(Measure::Splines, splines(check)),
        finding(Measure::Sweep, sweep(&check.sweep)),
        finding(Measure::Integral, integral(check)),
        finding(Measure::Compiled, compiled(check)),
    ]
}

type Judged = (Verdict, String);

/// Of a measure that was made; an error fails.
fn judged<T>(measured: &Measured<T>, judge: impl FnOnce(&T) -> Judged) -> Judged {
    match measured {
        Measured::Done(measure) => judge(measure),
        Measured::Skipped(reason) => (Verdict::Skipped, reason.clone()),
        Measured::Error(error) => (Verdict::Failed, error.clone()),
    }
}

fn words(deviation: &Deviation) -> String {
    format!(
        "largest error {:.1e}, mean {:.1e}; relative {:.1e}",
        deviation.largest, deviation.mean, deviation.relative
    )
}

/// A ratio from 1 on.
pub(super) fn plain(ratio: f64) -> String {
    match ratio < 1e4 {
        true => format!("{ratio:.1}"),
        false => format!("{ratio:.1e}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// The layer with the largest number.
fn worst<'c, T: Copy>(
    items: impl IntoIterator<Item = (&'c Layer, T)>,
    size: impl Fn(T) -> f64,
) -> Option<(&'c Layer, T)> {
    items
        .into_iter()
        .max_by(|a, b| size(a.1).total_cmp(&size(b.1)))
}

fn skipped(reason: &str) -> Judged {
    (Verdict::Skipped, reason.to_owned())
}

fn layers(check: &Check) -> Judged {
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

fn log_det(check: &Check) -> Judged {
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

fn conditions(check: &Check) -> Judged {
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

fn scales(check: &Check) -> Judged {
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

fn splines(check: &Check) -> Judged {
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

fn sweep(points: &[SweepPoint]) -> Judged {
    let first = |is: &dyn Fn(&&SweepPoint) -> bool| points.iter().find(is);
    if let Some(point) = first(&|point| point.nan > 0.0) {
        let text = format!(
            "no number for {} of samples of {}",
            percent(point.nan),
            point.input
        );
        return (Verdict::Failed, text);
    }
    // The rows themselves.
    let lost = |point: &SweepPoint| point.encode.max(point.log_prob).max(point.refused);
    let rows = |point: &&SweepPoint| point.input == Input::Rows(1.0) && lost(point) > 0.0;
    if let Some(point) = first(&rows) {
        let text = format!(
            "{} of the rows have no finite density",
            percent(lost(point))
        );
        return (Verdict::Failed, text);
    }
    let early = |point: &&SweepPoint| {
        point.inside && point.input.magnitude() <= EXPECTED && lost(point) > 0.0
    };
    let verdict = match first(&early) {
        Some(_) => Verdict::Warning,
        None => Verdict::Ok,
    };
    let text = match first(&|point| lost(point) > 0.0) {
        Some(point) if !point.inside => "finite wherever the model has a density".to_owned(),
        Some(point) => format!(
            "finite below {}, where {} of samples overflow",
            point.input,
            percent(lost(point))
        ),
        None => format!("finite for all {} inputs", points.len()),
    };
    (verdict, text)
}

fn integral(check: &Check) -> Judged {
    // The grid goes where no data are: a density that is not computed there need not be wrong.
    if let Measured::Error(error) = &check.integral {
        return (Verdict::Warning, error.clone());
    }
    judged(&check.integral, |integral| {
        let beyond = ((integral.value - 1.0).abs() - integral.error).max(0.0);
        let mut verdict = match integral.value.is_nan() {
            true => Verdict::Failed,
            false => Verdict::by(beyond, INTEGRAL[0], INTEGRAL[1]),
        };
        let mut text = format!(
            "{:.5} ± {:.1e} by {} evaluations",
            integral.value, integral.error, integral.evaluations
        );
        if integral.error > INTEGRAL[1] && verdict == Verdict::Ok {
            verdict = Verdict::Warning;
            text += ", too few for this density";
        }
        (verdict, text)
    })
}

fn compiled(check: &Check) -> Judged {
    judged(&check.compiled, |errors| {
        // It computes in f32 whatever the dtype of the tensors.
        let bounds = crate::Bounds::of(burn::tensor::DType::F32);
        let (encode, decode) = (errors.encode.relative, errors.decode.relative);
        let worst = [errors.log_prob_each, encode, decode]
            .into_iter()
            .fold(0.0, f64::max);
        let text = format!(
            "log-density off by {:.1e} nats; relative errors {encode:.1e} of latents, {decode:.1e} of data",
            errors.log_prob
        );
        (bounds.error(worst), text)
    })
}

pub(super) fn count(number: usize, of: &str) -> String {
    match (number, of) {
        (1, _) => format!("1 {of}"),
        (_, "matrix") => format!("{number} matrices"),
        _ => format!("{number} {of}s"),
    }
}

impl Layer {
    /// The larger relative error of both round trips.
    pub(super) fn round_trip(&self) -> f64 {
        self.data.relative.max(self.latents.relative)
    }

    /// The path, with the type where it is not the path.
    pub(super) fn name(&self) -> String {
        match self.path == self.kind {
            true => self.kind.clone(),
            false => format!("{} ({})", self.path, self.kind),
        }
    }
}
