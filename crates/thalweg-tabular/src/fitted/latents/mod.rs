//! Latents of rows, and rows of latents.

mod decode;
mod encode;

use thalweg_data::{Column, ColumnType, CsvOptions, Table};

use super::CHUNK;
use crate::columns::{ColumnMap, Number};
use crate::member::Encoded;
use crate::{DensityError, FittedDensity};

/// What stands before the name of a column for the two parts of a [`Rest`](crate::columns::Rest).
const PARTS: [&str; 2] = ["rest", "step"];

impl FittedDensity {
    /// The latents of the numbers of each row under the first member's flow, `z_1`, `z_2` and so on: near a standard
    /// normal density for rows like the training rows.
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
    /// let model = density.fit(&table)?;
    /// let latents = model.latents(&table)?;
    /// assert_eq!((latents.names(), latents.rows()), (vec!["z_1", "z_2"], 300));
    /// assert_eq!(latents.column("z_1"), model.encode(&table)?.column("z_1"));
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob), and a density without numbers. A row without a density has missing latents.
    pub fn latents(&self, table: &Table) -> Result<Table, DensityError> {
        let columns = self.description.schema.find(table, true)?;
        let mut latents = vec![vec![]; self.numbers().len()];
        self.each_chunk(&columns, table.rows(), |_, rows, z| {
            spread(&mut latents, &known_or_missing(rows, z));
        });
        Ok(Table::new(named(latents))?)
    }

    /// How to read a file of [`encode`](Self::encode): the types of its columns and, of CSV, the dialect that it is written in.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let model = density.fit(&table)?;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("latents.csv");
    /// model.encode(&table)?.write(&path)?;
    /// let latents = Table::read_with(&path, &model.latent_options())?;
    /// assert_eq!(model.decode(&latents)?, table);
    /// # Ok(())
    /// # }
    /// ```
    pub fn latent_options(&self) -> CsvOptions {
        let schema = &self.description.schema;
        let numbers = self.numbers();
        let mut types: Vec<(String, ColumnType)> = (1..=numbers.len())
            .map(|k| (format!("z_{k}"), ColumnType::Numbers))
            .collect();
        for (_, column) in &numbers {
            let name = &schema.columns[*column].name;
            types.extend(PARTS.map(|part| (format!("{part}:{name}"), ColumnType::Numbers)));
        }
        types.extend(self.kept().map(|place| {
            let known = &schema.columns[place];
            (known.name.clone(), known.column_type())
        }));
        // Columns that are nearly empty say little of the dialect.
        let dialect = CsvOptions::new().delimiter(',').decimal('.').header(true);
        dialect.types(&types)
    }

    /// The numbers that have latents: the map of each in the first member, and the place of its column.
    fn numbers(&self) -> Vec<(&Number, usize)> {
        let targets = self.description.schema.targets();
        let maps = &self.description.members[0].maps[..targets];
        let mut numbers = vec![];
        for (place, map) in maps.iter().enumerate() {
            if let ColumnMap::Number(number) = map {
                numbers.push((number, place));
            }
        }
        numbers
    }

    /// The places of the other columns.
    fn kept(&self) -> impl Iterator<Item = usize> {
        let numbers: Vec<usize> = self.numbers().iter().map(|(_, place)| *place).collect();
        (0..self.description.schema.columns.len()).filter(move |place| !numbers.contains(place))
    }

    /// Hands on the rows of columns and their latents, chunk by chunk.
    fn each_chunk(
        &self,
        columns: &[&Column],
        rows: usize,
        mut take: impl FnMut(&[usize], &Encoded, &[f64]),
    ) {
        let schema = &self.description.schema;
        let (member, model) = (&self.description.members[0], &self.ensemble.members[0]);
        let all: Vec<usize> = (0..rows).collect();
        for chunk in all.chunks(CHUNK) {
            let encoded = member.encode(schema, columns, chunk);
            let z = member.encode_numbers(schema, model, &encoded);
            take(chunk, &encoded, &z);
        }
    }
}

/// Columns of latents.
fn named(latents: Vec<Vec<f64>>) -> Vec<Column> {
    let named = latents.into_iter().enumerate();
    let column = |(k, z)| Column::numbers(&format!("z_{}", k + 1), z);
    named.map(column).collect()
}

/// The latents of rows, missing where a row has no density.
fn known_or_missing(rows: &Encoded, z: &[f64]) -> Vec<f64> {
    let width = z.len() / rows.targets.rows.max(1);
    let of = |(at, z): (usize, &f64)| match rows.is_known(at / width) {
        true => *z,
        false => f64::NAN,
    };
    z.iter().enumerate().map(of).collect()
}

/// Adds rows to columns.
fn spread(columns: &mut [Vec<f64>], rows: &[f64]) {
    for row in rows.chunks_exact(columns.len().max(1)) {
        let values = columns.iter_mut().zip(row);
        values.for_each(|(column, value)| column.push(*value));
    }
}
