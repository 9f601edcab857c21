//! A report in words.

use std::fmt;

use super::{ImageScore, ImagesReport};

impl fmt::Display for ImagesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.bits_per_dim, self.nats) {
            (Some(bits), Some(nats)) => {
                let error = |error: Option<f64>, digits: usize| {
                    error.map_or(String::new(), |error| format!(" ± {error:.digits$}"))
                };
                write!(
                    f,
                    "Held out: {bits:.4}{} bits/dim, ",
                    error(self.bits_error, 4)
                )?;
                write!(f, "{nats:.2}{} nats an image", error(self.nats_error, 2))?;
                if self.bound {
                    write!(f, " (a bound)")?;
                }
            }
            _ => write!(f, "Held out: no possible image")?,
        }
        let counted = self.images - self.errors - self.impossible;
        write!(f, ", the mean of {counted} images")?;
        if self.impossible > 0 {
            write!(f, "; {} more are impossible", self.impossible)?;
        }
        if let Some(first) = &self.first_error {
            write!(f, "; {} more have no score ({first})", self.errors)?;
        }
        writeln!(f, ".")?;
        if let Some(fit) = &self.fit {
            writeln!(f, "The fit: {}", fit.words)?;
        }
        if let Some(p) = &self.p_values {
            writeln!(
                f,
                "Nats of these images and of those that the fit held out: largest difference of the distribution functions \
                 {:.1} %, p {:.3}",
                100.0 * p.distance,
                p.p_value
            )?;
            let counts: Vec<String> = p.counts.iter().map(usize::to_string).collect();
            writeln!(
                f,
                "p-values in {} bins, from 0 to 1: {}",
                counts.len(),
                counts.join(" ")
            )?;
        }
        writeln!(f, "Lowest bits/dim: {}", list(&self.best))?;
        write!(f, "Highest bits/dim: {}", list(&self.worst))
    }
}

fn list(scores: &[ImageScore]) -> String {
    let scores = scores.iter();
    let scores: Vec<String> = scores
        .map(|score| format!("{} {:.3}", score.name, score.bits_per_dim))
        .collect();
    scores.join(", ")
}
