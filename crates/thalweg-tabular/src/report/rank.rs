//! Ranks rows among draws.

use thalweg_data::Table;

use super::Report;
use super::measure::DRAWS;
use super::ranks::Ranks;
use crate::columns::Kind;
use crate::schema::{Known, Role};
use crate::sheet::{Pair, chosen};
use crate::{DensityError, FittedDensity};

/// Rows that are ranked: at this number the share of a bin of 20 has an error of half a percent.
const ROWS: usize = 2000;
/// Values that are drawn at most, where this leaves [`FEWEST`] rows.
const VALUES: usize = 20_000_000;
const FEWEST: usize = 200;
/// Rows whose draws are held in memory together.
const CHUNK: usize = 100;
/// The stream of random numbers.
pub(super) const STREAM: u64 = 0x7265_706f;

impl FittedDensity {
    /// Ranks rows with these weights among draws given their conditions.
    pub(super) fn rank(
        &self,
        report: &mut Report,
        table: &Table,
        weights: &[f64],
    ) -> Result<(), DensityError> {
        let targets = |known: &&Known| known.role == Role::Target && known.kind != Kind::Constant;
        let targets: Vec<&Known> = self.columns().iter().filter(targets).collect();
        let rng = &mut self.rng(STREAM);
        let rows = chosen(weights, self.most_ranked(), rng);
        let mut ranks: Vec<Ranks<'_>> = targets.iter().map(|known| Ranks::of(known)).collect();
        for (chunk, rows) in rows.chunks(CHUNK).enumerate() {
            let given = table.select(rows);
            let drawn = self.drawn_for(&given, DRAWS, STREAM + 1 + chunk as u64)?;
            for (ranks, known) in ranks.iter_mut().zip(&targets) {
                let columns = [given.require(&known.name)?, drawn.require(&known.name)?];
                ranks.add(columns[0], columns[1], DRAWS, rng);
            }
        }
        report.ranked = rows.len();
        for ranks in ranks {
            report.columns.push(ranks.report()?);
        }
        let given = table.select(&rows);
        let drawn = self.drawn_for(&given, 1, STREAM)?;
        for known in targets {
            let columns = [given.require(&known.name)?, drawn.require(&known.name)?];
            let category = known.kind == Kind::Category;
            report
                .corner
                .push(Pair::of(columns[0], columns[1], category));
        }
        Ok(())
    }

    /// Rows that are ranked at most.
    pub(super) fn most_ranked(&self) -> usize {
        (VALUES / (DRAWS * self.columns().len())).clamp(FEWEST, ROWS)
    }

    /// Draws for each row of a table: given its conditions, where there are any.
    fn drawn_for(&self, rows: &Table, draws: usize, seed: u64) -> Result<Table, DensityError> {
        let conditions = self
            .columns()
            .iter()
            .any(|known| known.role == Role::Condition);
        match conditions {
            true => self.sample_given(rows, draws, seed),
            false => self.sample(rows.rows() * draws, seed),
        }
    }
}
