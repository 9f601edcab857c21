//! What the examples of densities of tables share.

use std::error::Error;

use thalweg::data::Table;
use thalweg::tabular::Density;

use crate::Example;

impl Example<'_> {
    /// A density with the seed, the steps and the device of the command line, and a progress bar.
    pub fn density(&self, density: Density) -> Density {
        let density = density.seed(self.seed()).device(&self.autodiff());
        let density = density.progress(true);
        match self.common.steps {
            Some(steps) => density.steps(steps),
            None => density,
        }
    }
}

/// A table in two parts: each `nth` row is held out, the others train.
pub fn hold_out(table: &Table, nth: usize) -> [Table; 2] {
    let (held_out, train): (Vec<usize>, Vec<usize>) =
        (0..table.rows()).partition(|row| row % nth == nth - 1);
    [train, held_out].map(|rows| table.select(&rows))
}

/// The ranks of a column's values among the draws for their rows, in 0 to 1: uniform if the density is right.
pub fn ranks(
    name: &str,
    rows: &Table,
    drawn: &Table,
    draws: usize,
) -> Result<Vec<f64>, Box<dyn Error>> {
    let rows = rows.numbers(name)?.iter().enumerate();
    let drawn = drawn.numbers(name)?.chunks_exact(draws);
    let rank = |((row, value), drawn): ((usize, &f64), &[f64])| {
        let equal = |x: &&f64| (*x - value).abs() < 1e-6; // both are rounded
        let ties = drawn.iter().filter(equal).count() as f64;
        let below = drawn.iter().filter(|x| !equal(x) && *x < value).count() as f64;
        // Ties are broken by numbers that are uniform over the rows.
        let u = (row as f64 * 0.618_033_988_75).fract();
        (below + u * (ties + 1.0)) / (draws as f64 + 1.0)
    };
    Ok(rows.zip(drawn).map(rank).collect())
}
