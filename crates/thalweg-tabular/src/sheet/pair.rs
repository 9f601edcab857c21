//! One column of two tables.

use std::collections::BTreeSet;

use thalweg_data::{Column, Values};

use super::Level;

/// One column of two tables in the same terms: data and draws, real and synthetic.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) unit: Option<String>,
    /// Whether the numbers are seconds since 1970.
    pub(crate) times: bool,
    pub(crate) terms: Terms,
}

/// The values of both tables.
#[derive(Debug, Clone)]
pub(crate) enum Terms {
    /// NaN where one is missing.
    Numbers([Vec<f64>; 2]),
    /// The values that occur, in order, and the place of each row's value among them.
    Categories(Vec<Level<String>>, [Vec<usize>; 2]),
}

/// Numbers of the second table this close to one of the first, in parts of the largest, are that one: a drawn
/// 0.30000000000000004 is the recorded 0.3.
const SAME: f64 = 1e-12;

impl Pair {
    /// A column of the first table and the same of the second.
    pub(crate) fn of(first: &Column, second: &Column, category: bool) -> Self {
        let columns = [first, second];
        let times = columns.map(|column| matches!(column.values(), Values::Times(_)));
        let text = columns.map(|column| matches!(column.values(), Values::Text(_)));
        let terms = match category || text.contains(&true) {
            true => categories(columns),
            false => numbers(columns),
        };
        Self {
            name: first.name().to_owned(),
            unit: first.unit().map(str::to_owned),
            times: times.contains(&true),
            terms,
        }
    }

    /// The name, with the unit in brackets where it is known.
    pub(crate) fn label(&self) -> String {
        label(&self.name, self.unit.as_deref())
    }

    /// The numbers of rows.
    pub(crate) fn rows(&self) -> [usize; 2] {
        match &self.terms {
            Terms::Numbers(values) => [0, 1].map(|table| values[table].len()),
            Terms::Categories(_, codes) => [0, 1].map(|table| codes[table].len()),
        }
    }

    /// The shares of missing values.
    pub(crate) fn missing(&self) -> [f64; 2] {
        [0, 1].map(|table| {
            let missing = match &self.terms {
                Terms::Numbers(values) => values[table].iter().filter(|x| x.is_nan()).count(),
                Terms::Categories(levels, codes) => {
                    let missing = |code: &&usize| levels[**code] == Level::Missing;
                    codes[table].iter().filter(missing).count()
                }
            };
            missing as f64 / self.rows()[table].max(1) as f64
        })
    }

    /// These rows of both tables.
    pub(crate) fn select(&self, rows: [&[usize]; 2]) -> Self {
        fn pick<T: Copy>(values: &[Vec<T>; 2], rows: [&[usize]; 2]) -> [Vec<T>; 2] {
            [0, 1].map(|table| rows[table].iter().map(|row| values[table][*row]).collect())
        }
        let terms = match &self.terms {
            Terms::Numbers(values) => Terms::Numbers(pick(values, rows)),
            Terms::Categories(levels, codes) => {
                Terms::Categories(levels.clone(), pick(codes, rows))
            }
        };
        Self {
            name: self.name.clone(),
            unit: self.unit.clone(),
            times: self.times,
            terms,
        }
    }
}

/// A name, with the unit in brackets where it is known.
pub(crate) fn label(name: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) => format!("{name} ({unit})"),
        None => name.to_owned(),
    }
}

fn numbers(columns: [&Column; 2]) -> Terms {
    let [first, mut second] = columns.map(|column| match column.values() {
        Values::Numbers(values) | Values::Times(values) => values.clone(),
        _ => vec![f64::NAN; column.len()],
    });
    let mut known: Vec<f64> = first.iter().copied().filter(|x| x.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    known.dedup();
    let largest = known
        .iter()
        .fold(0.0_f64, |largest, x| largest.max(x.abs()));
    for x in &mut second {
        let place = known.partition_point(|known| known < x);
        let around = &known[place.saturating_sub(1)..known.len().min(place + 1)];
        let same = around
            .iter()
            .find(|known| (*known - *x).abs() <= SAME * largest);
        *x = same.copied().unwrap_or(*x);
    }
    Terms::Numbers([first, second])
}

fn categories(columns: [&Column; 2]) -> Terms {
    let levels: BTreeSet<Level<&str>> = columns
        .iter()
        .flat_map(|column| (0..column.len()).map(|row| Level::of(column, row)))
        .collect();
    let levels: Vec<Level<&str>> = levels.into_iter().collect();
    let codes = columns.map(|column| {
        let place = |row| {
            let level = Level::of(column, row);
            levels.partition_point(|known| *known < level)
        };
        (0..column.len()).map(place).collect()
    });
    Terms::Categories(levels.iter().map(Level::to_owned).collect(), codes)
}
