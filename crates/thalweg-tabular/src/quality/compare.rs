//! The comparison of tables whose rows may have weights.

use std::borrow::Cow;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use thalweg_data::{Column, Table};

use super::likeness::Likeness;
use super::{Memorization, Quality, schema, two_sample};
use crate::sheet::{Pair, chosen};
use crate::weights::weights_in;
use crate::{DensityError, FittedDensity};

impl FittedDensity {
    /// How alike real and synthetic rows are, by the columns of this density: [`quality`](crate::quality()).
    ///
    /// Other columns do not count. Where `real` or `held_out` has the column of weights that the density was fitted with, its
    /// rows are compared by their weights, since synthetic rows are drawn so. A row of weight 0 is left out.
    ///
    /// ```no_run
    /// let table = thalweg_data::Table::embedded("penguins")?;
    /// let model = thalweg_tabular::Density::of_all().missing(thalweg_tabular::Missing::Skip).fit(&table)?;
    /// let drawn = model.sample(1000, 0)?;
    /// println!("{}", model.quality(&table, &drawn, None, 0)?);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`quality`](crate::quality()); a column that a table lacks; weights that are negative or not finite, or all 0.
    pub fn quality(
        &self,
        real: &Table,
        synthetic: &Table,
        held_out: Option<&Table>,
        seed: u64,
    ) -> Result<Quality, DensityError> {
        let [real, synthetic] = [self.weighted(real, seed)?, self.weighted(synthetic, seed)?];
        let held_out = held_out
            .map(|table| self.weighted(table, seed))
            .transpose()?;
        let standing = held_out.as_ref().and_then(|table| table.rows.as_deref());
        let rows = [real.rows.as_deref(), standing];
        let held_out = held_out.as_ref().map(|held_out| &held_out.table);
        compare(&real.table, &synthetic.table, held_out, rows, seed)
    }

    /// The columns of this density, in rows of weight above 0.
    fn weighted(&self, table: &Table, seed: u64) -> Result<Weighted, DensityError> {
        let names = self.columns().iter().map(|known| &known.name);
        let columns = names.map(|name| table.require(name).cloned());
        let columns = columns.collect::<Result<Vec<Column>, _>>()?;
        let known = Table::new(columns)?;
        let Some(column) = self.weights_of(table) else {
            return Ok(Weighted {
                table: known,
                rows: None,
            });
        };
        let weights = weights_in(column)?;
        let above: Vec<usize> = (0..table.rows())
            .filter(|row| weights[*row] > 0.0)
            .collect();
        let weights: Vec<f64> = above.iter().map(|row| weights[*row]).collect();
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        Ok(Weighted {
            table: known.select(&above),
            rows: Some(chosen(&weights, usize::MAX, rng)),
        })
    }
}

/// A table, and the rows of it that stand for all of them by their weights.
struct Weighted {
    table: Table,
    rows: Option<Vec<usize>>,
}

/// Compares tables. `standing` are the rows that stand for the weighted rows of `real` and `held_out`. They do not show
/// whether synthetic rows repeat real ones: some real rows are not among them, others are twice.
pub(super) fn compare(
    real: &Table,
    synthetic: &Table,
    held_out: Option<&Table>,
    standing: [Option<&[usize]>; 2],
    seed: u64,
) -> Result<Quality, DensityError> {
    let all = schema::paired(real, ("synthetic", synthetic))?;
    let tables = select(&all, [standing[0], None]);
    let likeness = Likeness::of(&tables, seed)?;
    let others = match held_out {
        Some(held_out) => Some(schema::paired(real, ("held-out", held_out))?),
        None => None,
    };
    let of_others = others.as_deref().map(|others| select(others, standing));
    let held_out_score = match &of_others {
        Some(others) if others[0].rows()[1] >= two_sample::LEAST => {
            Some(Likeness::of(others, seed)?.score())
        }
        _ => None,
    };
    Ok(Quality {
        score: likeness.score(),
        held_out_score,
        real_rows: real.rows(),
        synthetic_rows: synthetic.rows(),
        shapes: likeness.shapes(),
        trends: likeness.trends(),
        indistinguishable: likeness.classifier.indistinguishable(),
        auc: likeness.classifier.auc,
        auc_error: likeness.classifier.auc_error,
        columns: likeness.columns,
        pairs: likeness.pairs,
        memorization: Memorization::of(&all, others.as_deref(), seed)?,
        tables: tables.into_owned(),
    })
}

/// These rows of both tables; all rows of a table without any.
fn select<'p>(pairs: &'p [Pair], rows: [Option<&[usize]>; 2]) -> Cow<'p, [Pair]> {
    if rows == [None, None] {
        return Cow::Borrowed(pairs);
    }
    let pick = |pair: &Pair| {
        let count = pair.rows();
        let rows = [0, 1].map(|table| match rows[table] {
            Some(rows) => rows.to_vec(),
            None => (0..count[table]).collect(),
        });
        pair.select([&rows[0], &rows[1]])
    };
    Cow::Owned(pairs.iter().map(pick).collect())
}
