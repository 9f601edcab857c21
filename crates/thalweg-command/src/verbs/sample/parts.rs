//! Rows that are drawn together.

use thalweg::data::Table;

use crate::data::Chunks;
use crate::failure::Failure;

/// Rows that are drawn together: enough for all cores, few enough to be kept in memory several times.
const TOGETHER: usize = 16_384;

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

/// The seed of a part: that of the command for the first one.
fn of_part(seed: u64, part: u64) -> u64 {
    // Odd, so that all parts differ: 2⁶⁴ over the golden ratio.
    seed.wrapping_add(part.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// So many draws in parts; one part of none, since a table without rows has columns too.
fn draws(draws: usize) -> impl Iterator<Item = usize> {
    let parts = 0..draws.div_ceil(TOGETHER).max(1);
    parts.map(move |part| TOGETHER.min(draws - part * TOGETHER))
}

/// Draws without conditions, or given the same ones.
pub(super) fn of_all(
    given: Option<&Table>,
    rows: usize,
    seed: u64,
) -> impl Iterator<Item = Result<Part, Failure>> {
    draws(rows).zip(0..).map(move |(draws, part)| {
        let given = given.map(|table| Given {
            table: table.clone(),
            first: 0,
        });
        let seed = of_part(seed, part);
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
        draws(rows).map(of).collect()
    });
    given.zip(0..).map(move |(part, place)| {
        let (given, draws) = part?;
        let (given, seed) = (Some(given), of_part(seed, place));
        Ok(Part { given, draws, seed })
    })
}
