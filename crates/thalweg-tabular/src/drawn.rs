//! Samples as a table.

use rand::RngExt;
use thalweg_data::{Column, ColumnType, Table, Text, Values};

use crate::columns::{ColumnMap, Scalar, Words};
use crate::member::{Drawn, Member};
use crate::schema::Role;
use crate::{DensityError, FittedDensity};

/// Rows that are drawn together.
const CHUNK: usize = 16_384;

/// The rows of a part of many samples: enough for all cores, few enough to be kept in memory several times.
///
/// See [`part_sizes`] for an example.
pub const TOGETHER: usize = CHUNK;

/// The sizes of the parts that `rows` samples are drawn in by `thalweg sample`, each with its own [seed](part_seed); one part
/// of none, since a table without rows has columns too.
///
/// ```
/// use thalweg_tabular::{TOGETHER, part_sizes};
///
/// assert!(part_sizes(2 * TOGETHER + 5).eq([TOGETHER, TOGETHER, 5]));
/// assert!(part_sizes(0).eq([0]));
/// ```
pub fn part_sizes(rows: usize) -> impl Iterator<Item = usize> {
    let parts = 0..rows.div_ceil(TOGETHER).max(1);
    parts.map(move |part| TOGETHER.min(rows - part * TOGETHER))
}

/// The seed of a part, counted from 0: that of all samples for the first one.
///
/// ```
/// use thalweg_tabular::part_seed;
///
/// assert_eq!(part_seed(7, 0), 7);
/// assert_ne!(part_seed(7, 1), part_seed(7, 2));
/// ```
pub fn part_seed(seed: u64, part: u64) -> u64 {
    // Odd, so that all parts differ: 2⁶⁴ over the golden ratio.
    seed.wrapping_add(part.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

impl FittedDensity {
    /// `n` rows of the modelled columns, drawn from the density.
    ///
    /// Rounded columns hold rounded values, and missing values are as frequent as in the training rows.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let drawn = density.fit(&table)?.sample(10, 0)?;
    /// assert_eq!(drawn.rows(), 10);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A density given conditions, which [`sample_given`](Self::sample_given) takes.
    pub fn sample(&self, n: usize, seed: u64) -> Result<Table, DensityError> {
        let first = self
            .description
            .schema
            .columns
            .iter()
            .find(|known| known.role == Role::Condition);
        if let Some(condition) = first {
            return Err(DensityError::NoConditions(condition.name.clone()));
        }
        let columns = self.draw(&[], 0, n, seed);
        Ok(Table::new(columns)?)
    }

    /// `draws` rows for each row of conditions, one after the other: the modelled columns, and the conditions
    /// that they were drawn given.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![
    /// #     Column::numbers("a", wave(1.3)),
    /// #     Column::numbers("b", wave(2.1)),
    /// #     Column::numbers("c", wave(0.7)),
    /// # ];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).given(["c"]).members(1).network(network).steps(20);
    /// let model = density.fit(&table)?; // of `a` and `b` given `c`
    /// let given = Table::new(vec![Column::numbers("c", vec![-0.5, 0.5])])?;
    /// let drawn = model.sample_given(&given, 3, 0)?;
    /// assert_eq!(drawn.names(), ["a", "b", "c"]);
    /// assert_eq!(drawn.numbers("c")?, [-0.5, -0.5, -0.5, 0.5, 0.5, 0.5]);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A condition that the table lacks, or of another type, and a row without conditions.
    pub fn sample_given(
        &self,
        conditions: &Table,
        draws: usize,
        seed: u64,
    ) -> Result<Table, DensityError> {
        let columns = self.description.schema.find(conditions, false)?;
        let rows = conditions.rows();
        let mut drawn = self.draw(&columns, rows, draws, seed);
        let each: Vec<usize> = (0..rows)
            .flat_map(|row| std::iter::repeat_n(row, draws))
            .collect();
        drawn.extend(columns.iter().map(|column| column.select(&each)));
        if let Some((row, problem)) = self.condition_error(&columns, rows) {
            return Err(DensityError::NoDensity {
                row: row + 1,
                problem,
            });
        }
        Ok(Table::new(drawn)?)
    }

    fn condition_error(
        &self,
        columns: &[&Column],
        rows: usize,
    ) -> Option<(usize, crate::RowError)> {
        let all: Vec<usize> = (0..rows).collect();
        let conditions =
            self.description.members[0].conditions(&self.description.schema, columns, &all);
        let mut errors = conditions.errors.into_iter().enumerate();
        errors.find_map(|(row, error)| Some((row, error?)))
    }

    /// The modelled columns of `draws` rows for each of `rows` rows of conditions; without conditions, of `draws` rows.
    fn draw(&self, columns: &[&Column], rows: usize, draws: usize, seed: u64) -> Vec<Column> {
        let each: Vec<usize> = match columns.is_empty() {
            true => vec![0; draws],
            false => (0..rows)
                .flat_map(|row| std::iter::repeat_n(row, draws))
                .collect(),
        };
        let rng = &mut self.rng(seed);
        // The member that each row is drawn from.
        let members: Vec<usize> = each
            .iter()
            .map(|_| rng.random_range(0..self.description.members.len()))
            .collect();
        let targets = self.description.schema.targets();
        let mut values: Vec<Vec<Drawing>> = vec![vec![Drawing::Missing; each.len()]; targets];
        for (index, (member, model)) in self
            .description
            .members
            .iter()
            .zip(&self.ensemble.members)
            .enumerate()
        {
            let places: Vec<usize> = (0..each.len())
                .filter(|place| members[*place] == index)
                .collect();
            for chunk in places.chunks(CHUNK) {
                let conditions: Vec<usize> = chunk.iter().map(|place| each[*place]).collect();
                let inputs = member
                    .conditions(&self.description.schema, columns, &conditions)
                    .inputs;
                let drawn = member.sample(
                    &self.description.schema,
                    model,
                    chunk.len(),
                    &inputs,
                    rng,
                    &self.device,
                );
                member.decode(targets, &drawn, chunk, &mut values);
            }
        }
        let known = self.description.schema.columns.iter().zip(values);
        known.map(|(known, values)| column(known, values)).collect()
    }
}

/// A drawn value.
#[derive(Debug, Clone, PartialEq)]
enum Drawing {
    Missing,
    Number(f64),
    Word(String),
}

impl Member {
    /// Puts what was drawn into its places.
    fn decode(&self, targets: usize, drawn: &Drawn, places: &[usize], values: &mut [Vec<Drawing>]) {
        let n = places.len().max(1);
        let [categories, angles, numbers] =
            [drawn.codes.len(), drawn.angles.len(), drawn.numbers.len()].map(|all| all / n);
        for (row, place) in places.iter().enumerate() {
            let mut codes = drawn.codes[row * categories..][..categories].iter();
            let mut radians = drawn.angles[row * angles..][..angles].iter();
            let mut of_numbers = drawn.numbers[row * numbers..][..numbers].iter();
            for (map, values) in self.maps[..targets].iter().zip(values.iter_mut()) {
                let flagged =
                    |flag: &Option<crate::columns::Flag>,
                     codes: &mut std::slice::Iter<'_, usize>| {
                        let flag = flag.as_ref()?;
                        flag.value(*codes.next()?)
                    };
                values[*place] = match map {
                    ColumnMap::Constant(Scalar::Number(x)) => Drawing::Number(*x),
                    ColumnMap::Constant(Scalar::Word(word)) => Drawing::Word(word.clone()),
                    ColumnMap::Constant(Scalar::Missing) => Drawing::Missing,
                    ColumnMap::Category(levels) => {
                        let code = codes.next().copied().unwrap_or_default();
                        match &levels.words {
                            Words::Text(words) => words
                                .get(code)
                                .map_or(Drawing::Missing, |word| Drawing::Word(word.clone())),
                            Words::Numbers { values, .. } => values
                                .get(code)
                                .map_or(Drawing::Missing, |x| Drawing::Number(*x)),
                        }
                    }
                    ColumnMap::Number(number) => {
                        let t = of_numbers.next().copied().unwrap_or_default();
                        Drawing::of(flagged(&number.flag, &mut codes).unwrap_or(t))
                    }
                    ColumnMap::Angle(angle) => {
                        let x = radians
                            .next()
                            .map_or(f64::NAN, |radians| angle.inverse(*radians));
                        Drawing::of(flagged(&angle.flag, &mut codes).unwrap_or(x))
                    }
                };
            }
        }
    }
}

impl Drawing {
    fn of(x: f64) -> Self {
        match x.is_nan() {
            true => Self::Missing,
            false => Self::Number(x),
        }
    }
}

/// The values as a column of the type that the model was fitted to.
fn column(known: &crate::Known, values: Vec<Drawing>) -> Column {
    let number = |value: &Drawing| match value {
        Drawing::Number(x) => *x,
        _ => f64::NAN,
    };
    match known.column_type() {
        ColumnType::Text => {
            let mut text = Text::default();
            for value in &values {
                text.push(match value {
                    Drawing::Word(word) => Some(word),
                    _ => None,
                });
            }
            known.column(Values::Text(text))
        }
        _ => known.scalars(values.iter().map(number).collect()),
    }
}
