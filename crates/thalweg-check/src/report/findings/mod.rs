//! From numbers to verdicts.

mod layers;
mod usage;
mod whole;
mod words;

pub(super) use words::{count, plain};

use super::{Check, Finding, Measure};
use crate::{Deviation, Measured, Verdict};
use layers::{conditions, layers, log_det};
use usage::{scales, splines};
use whole::{compiled, integral, sweep};
use words::deviation;

/// A verdict for each measure.
pub(crate) fn findings(check: &Check) -> Vec<Finding> {
    let finding = |measure, (verdict, text)| Finding {
        measure,
        verdict,
        text,
    };
    let round_trip = |of: &dyn Fn(&crate::RoundTrip) -> Deviation| {
        judged(&check.round_trip, |trip| {
            let error = of(trip);
            (check.bounds.error(error.relative), deviation(&error))
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

fn skipped(reason: &str) -> Judged {
    (Verdict::Skipped, reason.to_owned())
}
