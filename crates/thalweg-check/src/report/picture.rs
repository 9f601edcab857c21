//! A report as a picture.

use thalweg_plot::{CellMap, CurveChart, Figure, Page};

use super::text::hanging;
use super::{Check, Verdict};
use crate::measure::Drawn;
use crate::{Input, Layer, SweepPoint, Usage};

/// Letters of a line of words.
const LETTERS: usize = 150;
/// The height of a row of charts.
const HEIGHT: u32 = 340;
/// The height of a map of the plane.
const MAP: u32 = 480;

impl Check {
    pub(super) fn page(&self) -> Page {
        let mut lines = vec![];
        for finding in &self.findings {
            let (verdict, measure) = (finding.verdict, finding.measure);
            let text = format!("{verdict}: {measure}: {}", finding.text);
            lines.extend(hanging(&text, LETTERS));
        }
        let height = 24 + 22 * lines.len() as u32;
        let title = match self.verdict {
            Verdict::Failed => "failed".to_owned(),
            verdict => verdict.to_string(),
        };
        let page = Page::new(format!("Check: {}, {title}", self.model));
        let page = page.row(height, [Figure::Words(lines)]);
        let density = self.drawn.as_ref().map(|drawn| {
            let integral = self.integral.done();
            density(drawn, integral.map_or(f64::NAN, |integral| integral.value))
        });
        let figures = [
            self.errors(),
            Some(sweep(&self.sweep)),
            self.conditions(),
            self.usages(),
            density,
        ];
        let figures: Vec<Figure> = figures.into_iter().flatten().collect();
        figures.chunks(2).fold(page, |page, pair| {
            let map = pair.iter().any(|figure| matches!(figure, Figure::Cells(_)));
            let mut row = pair.to_vec();
            // An empty place keeps all charts at one width.
            row.resize_with(2, || Figure::Words(vec![]));
            page.row(if map { MAP } else { HEIGHT }, row)
        })
    }

    /// Round trips and log-determinants of layers.
    fn errors(&self) -> Option<Figure> {
        if self.layers.is_empty() {
            return None;
        }
        // Zero has no place on a logarithmic axis: the least error stands for it.
        let least = 0.1 * self.bounds.epsilon;
        let line = |of: &dyn Fn(&Layer) -> Option<f64>| -> Vec<(f64, f64)> {
            let layers = self.layers.iter().enumerate();
            layers
                .filter_map(|(index, layer)| Some((index as f64 + 1.0, of(layer)?.max(least))))
                .collect()
        };
        let chart = CurveChart::new("layer, from data to latents", "relative error")
            .title("errors of layers")
            .series("x → z → x", line(&|layer| Some(layer.data.relative)))
            .series("z → x → z", line(&|layer| Some(layer.latents.relative)));
        let log_det = line(&|layer| layer.log_det);
        let chart = match log_det.is_empty() {
            true => chart,
            false => chart.series("ln |det J|, nats a number", log_det),
        };
        let chart = chart.reference("ok", self.bounds.ok);
        let chart = chart.reference("warning", self.bounds.warning);
        Some(chart.log_y().into())
    }

    /// Condition numbers of linear maps; `None` for one or none, which the words tell.
    fn conditions(&self) -> Option<Figure> {
        let points = |diagonal: bool| -> Vec<(f64, f64)> {
            let layers = self.layers.iter().enumerate();
            let layers = layers.flat_map(|(index, layer)| {
                let conditions = layer.conditions.iter();
                conditions
                    .filter(move |condition| condition.diagonal == diagonal)
                    .filter_map(move |condition| Some((index as f64 + 1.0, condition.ratio?)))
            });
            layers.collect()
        };
        let (matrices, diagonals) = (points(false), points(true));
        if matrices.len() + diagonals.len() < 2 {
            return None;
        }
        let mut chart = CurveChart::new("layer, from data to latents", "σ max / σ min")
            .title("condition numbers")
            .log_y();
        if !matrices.is_empty() {
            chart = chart
                .series("matrices", matrices)
                .reference("ok", self.bounds.ok / self.bounds.epsilon)
                .reference("warning", self.bounds.warning / self.bounds.epsilon);
        }
        if !diagonals.is_empty() {
            chart = chart.series("diagonals", diagonals);
        }
        Some(chart.into())
    }

    /// Dead and saturated scales, inputs outside splines.
    fn usages(&self) -> Option<Figure> {
        let line = |of: &dyn Fn(&Usage) -> Option<f64>| -> Vec<(f64, f64)> {
            let layers = self.layers.iter().enumerate();
            let layers = layers.flat_map(|(index, layer)| {
                let shares = layer.usages.iter().filter_map(of);
                shares
                    .map(move |share| (index as f64 + 1.0, share))
                    .collect::<Vec<_>>()
            });
            layers.collect()
        };
        let share = |part: usize, of: usize| part as f64 / of.max(1) as f64;
        let lines = [
            (
                "dead features",
                line(&|usage| match usage {
                    Usage::Scales { features, dead, .. } | Usage::Spline { features, dead, .. } => {
                        Some(share(*dead, *features))
                    }
                    _ => None,
                }),
            ),
            (
                "saturated scales",
                line(&|usage| match usage {
                    Usage::Scales { saturated, .. } => Some(*saturated),
                    _ => None,
                }),
            ),
            (
                "inputs outside",
                line(&|usage| match usage {
                    Usage::Spline { outside, .. } => Some(*outside),
                    _ => None,
                }),
            ),
            (
                "thin bins",
                line(&|usage| match usage {
                    Usage::Spline { thin, .. } => Some(*thin),
                    _ => None,
                }),
            ),
        ];
        let chart = CurveChart::new("layer, from data to latents", "share")
            .title("scales and splines")
            .y_range(-0.02, 1.02);
        let lines = lines.into_iter().filter(|(_, points)| !points.is_empty());
        let lines: Vec<_> = lines.collect();
        let some = !lines.is_empty();
        let chart = lines
            .into_iter()
            .fold(chart, |chart, (name, points)| chart.series(name, points));
        some.then(|| chart.into())
    }
}

/// Shares of outputs that are not finite, over the magnitude of the input.
fn sweep(points: &[SweepPoint]) -> Figure {
    let line = |spikes: bool, of: &dyn Fn(&SweepPoint) -> f64| -> Vec<(f64, f64)> {
        let points = points.iter().filter(|point| match point.input {
            Input::Rows(_) => !spikes,
            Input::Spike(_) => spikes,
            Input::Constant(_) => false,
        });
        points
            .map(|point| (point.input.magnitude().log10(), of(point)))
            .collect()
    };
    let chart = CurveChart::new("log₁₀ of the factor", "share not finite")
        .title("rows × 10ⁿ, and one number of 10ⁿ")
        .y_range(-0.02, 1.02)
        .series("latents of rows", line(false, &|point| point.encode))
        .series("log-density of rows", line(false, &|point| point.log_prob))
        .series("log-density of spikes", line(true, &|point| point.log_prob))
        .series("NaN of rows", line(false, &|point| point.nan));
    chart.into()
}

fn density(drawn: &Drawn, integral: f64) -> Figure {
    let title = format!("density, integral {integral:.4}");
    match drawn {
        Drawn::Line(points) => {
            let chart = CurveChart::new("x", "density").title(title);
            chart.series("", points.iter().copied()).into()
        }
        Drawn::Plane {
            region,
            columns,
            density,
        } => {
            let map = CellMap::new(*region, *columns, density.iter().copied());
            map.title(title).labels("x₁", "x₂").into()
        }
    }
}
