//! A report in words.

use std::fmt;

use super::findings::{count, plain};
use super::{Check, Finding};
use crate::Layer;

/// Letters of a line.
const WIDTH: usize = 100;
/// Where the sentence of a finding begins.
const INDENT: usize = 34;
/// Layers that are listed.
const SHOWN: usize = 12;
/// Letters of a layer's path.
const PATH: usize = 34;

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Check: {}, {} of {} in {}",
            self.model,
            count(self.rows, "row"),
            count(self.numbers, "number"),
            self.dtype
        )?;
        writeln!(
            f,
            "Relative errors are ok up to {:.1e}, a warning up to {:.1e}.",
            self.bounds.ok, self.bounds.warning
        )?;
        for finding in &self.findings {
            write!(f, "\n{finding}")?;
        }
        let worst = self.worst();
        if !worst.is_empty() {
            let titles = ["data", "latents", "ln|det|", "κ"];
            write!(f, "\n\n  {:<PATH$}  {:<16}", "relative errors by layer", "")?;
            titles
                .iter()
                .try_for_each(|title| write!(f, "  {title:>9}"))?;
            for layer in &worst {
                write!(f, "\n  {layer}")?;
            }
            if let Some(more) = self
                .layers
                .len()
                .checked_sub(worst.len())
                .filter(|more| *more > 0)
            {
                write!(f, "\n  and {more} more layers with smaller errors")?;
            }
        }
        write!(f, "\n\nVerdict: {}", self.verdict)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = hanging(&self.text, WIDTH - INDENT);
        write!(f, "  {:<8}  {:<22}", self.verdict, self.measure)?;
        for (place, line) in lines.iter().enumerate() {
            match place {
                0 => write!(f, "{line}")?,
                _ => write!(f, "\n{:INDENT$}{line}", "")?,
            }
        }
        Ok(())
    }
}

/// A line of the table of layers.
impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratio = self
            .conditions
            .iter()
            .filter_map(|condition| condition.ratio);
        let ratio = ratio.fold(None, |most: Option<f64>, ratio| {
            Some(most.map_or(ratio, |most| most.max(ratio)))
        });
        let error = |error: f64| format!("{error:.1e}");
        let numbers = [
            Some(error(self.data.relative)),
            Some(error(self.latents.relative)),
            self.log_det.map(error),
            ratio.map(plain),
        ];
        write!(f, "{:<PATH$}  {:<16.16}", shortened(&self.path), self.kind)?;
        numbers.iter().try_for_each(|number| match number {
            Some(number) => write!(f, "  {number:>9}"),
            None => write!(f, "  {:>9}", "–"),
        })
    }
}

impl Check {
    /// All layers, or those of many with the largest errors, in their order.
    fn worst(&self) -> Vec<&Layer> {
        let error = |layer: &Layer| layer.round_trip().max(layer.log_det.unwrap_or(0.0));
        let mut order: Vec<usize> = (0..self.layers.len()).collect();
        order.sort_by(|a, b| error(&self.layers[*b]).total_cmp(&error(&self.layers[*a])));
        order.truncate(SHOWN);
        order.sort_unstable();
        order.into_iter().map(|place| &self.layers[place]).collect()
    }
}

/// The end of a long path, which tells layers apart.
fn shortened(path: &str) -> String {
    match path.chars().count().checked_sub(PATH) {
        None | Some(0) => path.to_owned(),
        Some(more) => format!("…{}", path.chars().skip(more + 1).collect::<String>()),
    }
}

/// Lines of at most `width` letters, broken between words.
pub(super) fn hanging(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
