//! A fitted density in words.

use std::fmt;

use crate::FittedDensity;
use crate::columns::{ColumnMap, Kind};
use crate::schema::{Known, Role};

/// Columns that are shown, and values of each.
const SHOWN: usize = 20;
const VALUES: usize = 5;

/// The columns, one a line, with the values that have probabilities of their own, and what was reached.
impl fmt::Display for FittedDensity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, known) in self.columns().iter().enumerate().take(SHOWN) {
            write!(f, "{known}")?;
            if let Some(atoms) = self.atoms_in_words(place, known) {
                write!(f, "; {atoms}")?;
            }
            writeln!(f)?;
        }
        if let Some(more) = self.columns().len().checked_sub(SHOWN + 1) {
            writeln!(f, "and {} columns more", more + 1)?;
        }
        write!(f, "{}", self.summary())
    }
}

impl FittedDensity {
    /// That values of a modelled column are no part of its density.
    fn atoms_in_words(&self, place: usize, known: &Known) -> Option<String> {
        let atoms = self.atoms(place);
        if known.role == Role::Condition || atoms.is_empty() {
            return None;
        }
        let (count, is_time) = (atoms.len(), matches!(known.kind, Kind::Time { .. }));
        let mut words: Vec<String> = match is_time {
            // Seconds since 1970 say nothing.
            true => vec![],
            false => atoms.iter().take(VALUES).map(f64::to_string).collect(),
        };
        match count - words.len() {
            0 => {}
            times if is_time => words.push(format!("{times} repeated times")),
            more => words.push(format!("{more} more values")),
        }
        let last = words.pop()?;
        let names = match words.is_empty() {
            true => last,
            false => format!("{} and {last}", words.join(", ")),
        };
        Some(match (count, is_time) {
            (1, false) => format!("{names} has a probability of its own"),
            _ => format!("{names} have probabilities of their own"),
        })
    }

    /// The repeated values of a number with probabilities of their own, in one member or more, ascending.
    fn atoms(&self, place: usize) -> Vec<f64> {
        let maps = self.description.members.iter();
        let flags = maps.filter_map(|member| match &member.maps[place] {
            ColumnMap::Number(number) => number.flag.as_ref(),
            _ => None,
        });
        let mut atoms: Vec<f64> = flags.flat_map(|flag| flag.atoms()).copied().collect();
        atoms.sort_by(f64::total_cmp);
        atoms.dedup();
        atoms
    }
}
