//! Verdicts on the whole model: the sweep, the integral, the compiled form.

use burn::tensor::DType;

use super::words::percent;
use super::{Check, Judged, judged};
use crate::{Bounds, Input, Measured, SweepPoint, Verdict};

/// Magnitudes up to which every output should be finite.
const EXPECTED: f64 = 1e3;
/// Distances of an integral from 1.
const INTEGRAL: [f64; 2] = [0.01, 0.05];

pub(super) fn sweep(points: &[SweepPoint]) -> Judged {
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

pub(super) fn integral(check: &Check) -> Judged {
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

pub(super) fn compiled(check: &Check) -> Judged {
    judged(&check.compiled, |errors| {
        // It computes in f32 whatever the dtype of the tensors.
        let bounds = Bounds::of(DType::F32);
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
