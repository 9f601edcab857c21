//! Rows that are drawn together.

use thalweg::data::Table;
use thalweg::tabular::{TOGETHER, part_seed, part_sizes};

use crate::data::Chunks;
use crate::failure::Failure;

/// Some rows of all that are drawn.
pub(super) struct Part {
    /// Rows of conditions, or none of a density without conditions.
    pub(super) given: Option<Given>,
    /// Rows of each condition.
    pub(super) draws: usize,
    /// The seed of this part.
    pub(super) seed: u64,
}

/// Some rows of conditions.
pub(super) struct Given {
    pub(super) table: Table,
    /// The place of the first one, counted from 0.
    pub(super) first: usize,
}

/// Draws without conditions, or given the same ones.
pub(super) fn of_all(
    given: Option<&Table>,
    rows: usize,
    seed: u64,
) -> impl Iterator<Item = Result<Part, Failure>> {
    part_sizes(rows).zip(0..).map(move |(draws, part)| {
        let given = given.map(|table| Given {
            table: table.clone(),
            first: 0,
        });
        let seed = part_seed(seed, part);
        Ok(Part { given, draws, seed })
    })
}

/// Draws for each row of a table of conditions: all draws of several rows together, or one row's in parts.
pub(super) fn of_each(
    conditions: Chunks,
    rows: usize,
    seed: u64,
) -> impl Iterator<Item = Result<Part, Failure>> {
    let mut first = 0;
    let chunks = conditions.of_rows((TOGETHER / rows.max(1)).max(1));
    let given = chunks.flat_map(move |chunk| -> Vec<Result<(Given, usize), Failure>> {
        let table = match chunk {
            Ok(chunk) => chunk.table,
            Err(problem) => return vec![Err(problem)],
        };
        let before = first;
        first += table.rows();
        let of = |draws| {
            let (table, first) = (table.clone(), before);
            Ok((Given { table, first }, draws))
        };
        part_sizes(rows).map(of).collect()
    });
    given.zip(0..).map(move |(part, place)| {
        let (given, draws) = part?;
        let (given, seed) = (Some(given), part_seed(seed, place));
        Ok(Part { given, draws, seed })
    })
}
