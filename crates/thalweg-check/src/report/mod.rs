//! The report: numbers, verdicts, and its forms as text, JSON and picture.

mod findings;
mod picture;
mod text;

pub(crate) use findings::findings;

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::measure::Drawn;
use crate::{
    Bounds, CheckError, CompiledErrors, Integral, Layer, LogDetError, Measured, RoundTrip,
    SweepPoint, Verdict,
};

/// What is measured.
///
/// See [`Check`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Data to latents and back, whole model.
    RoundTripOfData,
    /// Latents to data and back, whole model.
    RoundTripOfLatents,
    /// Both round trips of each layer.
    Layers,
    /// The log-determinant against the Jacobian, of the model and of each layer.
    LogDet,
    /// Condition numbers of linear maps.
    ConditionNumbers,
    /// Dead and saturated scales of couplings.
    Scales,
    /// Inputs outside splines, and thin bins.
    Splines,
    /// Outputs for inputs of all magnitudes.
    Sweep,
    /// The integral of the density.
    Integral,
    /// The compiled form against tensors.
    Compiled,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RoundTripOfData => "round trip of data",
            Self::RoundTripOfLatents => "round trip of latents",
            Self::Layers => "round trips of layers",
            Self::LogDet => "log-determinant",
            Self::ConditionNumbers => "condition numbers",
            Self::Scales => "scales",
            Self::Splines => "splines",
            Self::Sweep => "sweep of magnitudes",
            Self::Integral => "integral",
            Self::Compiled => "compiled form",
        })
    }
}

/// A measure in a sentence, with its verdict.
///
/// See [`Check`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What was measured.
    pub measure: Measure,
    /// The judgement.
    pub verdict: Verdict,
    /// The numbers behind it.
    pub text: String,
}

/// The report on a model; see [`check`](crate::check()).
///
/// Its [`Display`](fmt::Display) is at most 100 letters wide.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_check::{Check, Finding, Measure, Options, Verdict, check};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(2, &device), StandardNormal::new(2));
/// let rows = Noise::seeded(0).normal::<2>([20, 2], &device, DType::F32);
/// let report: Check = check(&flow, &rows, &Options { evaluations: 20_000, ..Options::default() })?;
/// assert_eq!((report.model.as_str(), report.rows, report.numbers), ("flow", 20, 2));
/// let judged = |finding: &Finding| finding.verdict;
/// assert_eq!(report.findings.iter().map(judged).max(), Some(report.verdict));
/// assert_eq!(report.of(Measure::LogDet), Verdict::Ok);
/// assert_eq!(report.of(Measure::Compiled), Verdict::Skipped); // see `Compiled`
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-check-report-{}", std::process::id()));
/// # let path = folder.join("report.json");
/// report.save(&path)?;
/// assert_eq!(std::fs::read_to_string(&path)?.trim_end(), report.to_json());
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The kind of model.
    pub model: String,
    /// Rows that were used.
    pub rows: usize,
    /// Numbers of a row.
    pub numbers: usize,
    /// The dtype of the model.
    pub dtype: String,
    /// The bounds on errors.
    pub bounds: Bounds,
    /// The worst of the verdicts.
    pub verdict: Verdict,
    /// One for each measure.
    pub findings: Vec<Finding>,
    /// Through the whole model and back.
    pub round_trip: Measured<RoundTrip>,
    /// The log-determinant of the whole model.
    pub log_det: Measured<LogDetError>,
    /// The layers, from data to latents.
    pub layers: Vec<Layer>,
    /// The outputs for inputs of all magnitudes.
    pub sweep: Vec<SweepPoint>,
    /// The integral of the density, under the first row of the condition.
    pub integral: Measured<Integral>,
    /// The compiled form.
    pub compiled: Measured<CompiledErrors>,
    /// The density of the picture.
    #[serde(skip)]
    pub(crate) drawn: Option<Drawn>,
}

impl Check {
    /// The verdict of a measure.
    pub fn of(&self, measure: Measure) -> Verdict {
        let mut findings = self.findings.iter();
        let found = findings.find(|finding| finding.measure == measure);
        found.map_or(Verdict::Skipped, |finding| finding.verdict)
    }

    /// The report as JSON. A number that is not finite is `null`.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a report has only names as keys")
    }

    /// Writes the report whole or not at all, by the ending of the path: `.txt`, `.json`, `.png` or `.svg`.
    ///
    /// # Errors
    ///
    /// Another ending, and a file that cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), CheckError> {
        let (page, json) = (|| self.page(), || self.to_json());
        Ok(thalweg_plot::save_report(path, page, json, || {
            self.to_string()
        })?)
    }
}
