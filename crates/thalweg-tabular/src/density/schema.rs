//! The columns of a table in their roles.

use thalweg_data::{Column, Table};

use super::Density;
use super::check::check;
use crate::DensityError;
use crate::columns::{Cycle, Kind, detect};
use crate::schema::{Known, Missing, Role, Schema};

impl Density {
    /// The columns of a table in their roles.
    pub(crate) fn schema(&self, table: &Table) -> Result<Schema, DensityError> {
        let names = |names: &[String]| -> Result<Vec<String>, DensityError> {
            names
                .iter()
                .try_for_each(|name| table.require(name).map(|_| ()))?;
            Ok(names.to_vec())
        };
        let (conditions, without) = (names(&self.conditions)?, names(&self.without)?);
        let weights = names(self.weights.as_slice())?;
        let others = [&conditions, &without, &weights]
            .map(Vec::as_slice)
            .concat();
        let targets = match &self.targets {
            Some(targets) => names(targets)?,
            None => {
                let all = table.names().into_iter().map(str::to_owned);
                all.filter(|name| !others.contains(name)).collect()
            }
        };
        let mut roles = [targets.as_slice(), &others].concat();
        roles.sort();
        if let Some(pair) = roles.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(DensityError::TwoRoles(pair[0].clone()));
        }
        if targets.is_empty() {
            return Err(DensityError::NoTargets);
        }
        for name in self.kinds.keys() {
            table.require(name)?;
        }
        let roles = targets.iter().map(|name| (name, Role::Target));
        let roles = roles.chain(conditions.iter().map(|name| (name, Role::Condition)));
        let columns = roles.map(|(name, role)| self.known(table.require(name)?, role));
        Ok(Schema {
            columns: columns.collect::<Result<_, _>>()?,
            missing: self.missing,
        })
    }

    fn known(&self, column: &Column, role: Role) -> Result<Known, DensityError> {
        let (mut kind, why) = match self.kinds.get(column.name()) {
            Some(kind) => {
                check(column, kind)?;
                (kind.clone(), "as asked for".to_owned())
            }
            None => {
                let found = detect(column)?;
                (found.kind, found.why)
            }
        };
        // A network cannot see cycles in a number of seconds.
        if let (Kind::Time { cycles }, Role::Condition) = (&mut kind, role)
            && cycles.is_empty()
            && !self.kinds.contains_key(column.name())
        {
            cycles.extend([Cycle::Day, Cycle::Week, Cycle::Year]);
        }
        let has_missing = (0..column.len()).any(|row| column.values().is_missing(row));
        Ok(Known {
            name: column.name().to_owned(),
            unit: column.unit().map(str::to_owned),
            role,
            kind,
            why,
            missing: has_missing && self.missing == Missing::Indicator,
            values: column.values().kind().to_owned(),
        })
    }
}
