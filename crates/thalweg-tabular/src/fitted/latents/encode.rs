//! Rows as latents.

use thalweg_data::{Column, Table};

use super::{PARTS, known_or_missing, named, spread};
use crate::columns::{Cell, Number, Rest};
use crate::rows::number_of;
use crate::{DensityError, FittedDensity};

impl FittedDensity {
    /// Rows as latents, from which [`decode`](Self::decode) gives each value of the density's columns back to the last bit.
    ///
    /// | column | holds |
    /// |---|---|
    /// | `z_1`, `z_2` and so on | the [`latents`](Self::latents) of the numbers |
    /// | `rest:NAME`, `step:NAME` | what these leave out of a number: `x = h · round((v − r) / h) + r` with the rest `r`, the step `h`, and the number `v` that the flow gives back in 32 bits |
    /// | `NAME` | a category, an angle, a constant or a condition, which are no latents, as it is |
    ///
    /// Rest and step are missing where rounding `v` to the grid of the column gives the number. With a step of 0 the
    /// latents hold nothing of the value, and the rest is the value: a missing one, one outside the density, each of a row without
    /// a density. The step is a power of 2 many times wider than the error of `v`, which every row is decoded for: the values
    /// come back on other machines too. Latents that are changed move a number by steps.
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
    /// let back = model.decode(&model.encode(&table)?)?;
    /// assert_eq!(back.column("a"), table.column("a"));
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob), and a column that has the name of one of these.
    pub fn encode(&self, table: &Table) -> Result<Table, DensityError> {
        let schema = &self.description.schema;
        let columns = schema.find(table, true)?;
        let numbers = self.numbers();
        let width = numbers.len();
        let mut latents = vec![vec![]; width];
        let mut rests = vec![vec![]; 2 * width];
        let (member, model) = (&self.description.members[0], &self.ensemble.members[0]);
        self.each_chunk(&columns, table.rows(), |chunk, rows, z| {
            let back = member.decode_numbers(schema, model, rows, z);
            spread(&mut latents, &known_or_missing(rows, z));
            for (row, place) in chunk.iter().enumerate() {
                let known = rows.is_known(row);
                for (k, (number, column)) in numbers.iter().enumerate() {
                    let x = number_of(columns[*column], *place);
                    let at = row * width + k;
                    let rest = match rows.targets.cells[at] {
                        Cell::Value(_) if known => Rest::of(number, x, back[at]),
                        _ => Rest::Whole(x),
                    };
                    let parts = rests[2 * k..].iter_mut().zip(rest.pair());
                    parts.for_each(|(values, part)| values.push(part));
                }
            }
        });
        let mut all = named(latents);
        let of = |(_, column): &(&Number, usize)| &schema.columns[*column];
        for (known, parts) in numbers.iter().map(of).zip(rests.chunks_exact_mut(2)) {
            for (part, values) in PARTS.iter().zip(parts) {
                let name = format!("{part}:{}", known.name);
                all.push(Column::numbers(&name, std::mem::take(values)));
            }
        }
        all.extend(self.kept().map(|place| {
            let (known, column) = (&schema.columns[place], columns[place]);
            known.typed(column)
        }));
        Ok(Table::new(all)?)
    }
}
