//! The quality of synthetic rows in words.

use std::fmt;

use super::{ColumnQuality, Memorization, PairQuality, Quality};
use crate::sheet::percent;

/// Columns and pairs that are listed, the least alike ones.
const SHOWN: [usize; 2] = [10, 5];

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (real, synthetic) = (self.real_rows, self.synthetic_rows);
        write!(
            f,
            "Quality {:.3} of 1 ({synthetic} synthetic and {real} real rows",
            self.score
        )?;
        if let Some(score) = self.held_out_score {
            write!(f, "; held-out rows have {score:.3}")?;
        }
        write!(f, "), the mean of\n  shapes of columns: {:.3}", self.shapes)?;
        if let Some(trends) = self.trends {
            write!(f, "\n  trends of pairs: {trends:.3}")?;
        }
        write!(
            f,
            "\n  indistinguishable rows: {:.3} (a classifier tells real from synthetic rows with AUC {:.3} ± {:.3}; 0.5 is \
             chance)",
            self.indistinguishable, self.auc, self.auc_error
        )?;
        write!(f, "\n{}", self.memorization)?;
        write!(f, "\nColumns, by the distance of their distributions:")?;
        let columns = worst(&self.columns, SHOWN[0], |column| column.distance);
        columns
            .iter()
            .try_for_each(|column| write!(f, "\n  {column}"))?;
        more(f, self.columns.len(), SHOWN[0])?;
        if self.pairs.is_empty() {
            return Ok(());
        }
        write!(f, "\nPairs, by the difference of their association:")?;
        let pairs = worst(&self.pairs, SHOWN[1], |pair| 1.0 - pair.alike());
        pairs.iter().try_for_each(|pair| write!(f, "\n  {pair}"))?;
        more(f, self.pairs.len(), SHOWN[1])
    }
}

/// Those with the largest differences, the largest first.
pub(super) fn worst<T>(all: &[T], most: usize, difference: impl Fn(&T) -> f64) -> Vec<&T> {
    let mut order: Vec<&T> = all.iter().collect();
    order.sort_by(|a, b| difference(b).total_cmp(&difference(a)));
    order.truncate(most);
    order
}

fn more(f: &mut fmt::Formatter<'_>, all: usize, shown: usize) -> fmt::Result {
    match all > shown {
        true => write!(f, "\n  and {} more alike", all - shown),
        false => Ok(()),
    }
}

impl fmt::Display for ColumnQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {:.3}", self.name, self.measure, self.distance)?;
        match self.missing_real + self.missing_synthetic > 0.0 {
            true => {
                let [real, synthetic] = [self.missing_real, self.missing_synthetic].map(percent);
                write!(f, "; missing {real}, in synthetic rows {synthetic}")
            }
            false => Ok(()),
        }
    }
}

impl fmt::Display for PairQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} and {}: {} {:.3}, in synthetic rows {:.3}",
            self.first, self.second, self.measure, self.real, self.synthetic
        )
    }
}

impl fmt::Display for Memorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_found() {
            true => write!(f, "Synthetic rows repeat real ones: ")?,
            false => write!(f, "No sign that synthetic rows repeat real ones: ")?,
        }
        let [copies, natural] = [self.copies, self.natural_copies].map(percent);
        write!(f, "{copies} are copies, of ")?;
        match (self.closer, self.closer_error) {
            (Some(closer), Some(error)) => {
                let [closer, error] = [closer, error].map(percent);
                write!(
                    f,
                    "held-out rows {natural}; {closer} ± {error} lie nearer to a real row than a held-out row does, and 50 % \
                     would of new rows"
                )?;
            }
            _ => write!(
                f,
                "real rows {natural} have an equal; give held-out rows to compare distances with"
            )?,
        }
        match self.natural_copies > 0.0 {
            true => write!(f, ". Rounding makes some copies natural."),
            false => write!(f, "."),
        }
    }
}
