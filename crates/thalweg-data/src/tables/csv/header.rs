//! Whether the first record holds the names of the columns, and names that tell columns apart.

use super::profile::Profile;
use crate::CsvOptions;
use crate::csv::number::{self, Cell};
use crate::csv::{CsvError, Record, cut};
use crate::tables::time;

/// Whether the first record is a header: by the options, or because it differs from the columns below.
pub(super) fn is_header(
    first: &Record,
    body: &[Record],
    profiles: &[Profile],
    options: &CsvOptions,
) -> Result<bool, CsvError> {
    if let Some(header) = options.header {
        return Ok(header);
    }
    if options.names.is_some() {
        return Ok(false);
    }
    // R writes no name above its row names.
    let shift = body
        .first()
        .map_or(0, |row| row.len().saturating_sub(first.len()).min(1));
    let is_value = |text: &str| {
        matches!(number::read(text, options), Cell::Number(_)) || time::parse(text).is_some()
    };
    let fields = || first.from(0).map(str::trim).enumerate();
    let value = fields().find(|(_, field)| is_value(field));
    let name = fields().find(|(place, field)| {
        let typed = profiles.get(place + shift).is_some_and(Profile::is_typed);
        typed && !is_value(field) && !number::is_missing(field)
    });
    let ambiguous = |problem: String| CsvError::Ambiguous {
        line: first.line(),
        column: None,
        problem,
    };
    match (value, name) {
        (None, Some(_)) => Ok(true),
        (Some(_), None) => Ok(false),
        (Some((_, value)), Some((_, name))) => Err(ambiguous(format!(
            "\"{}\" may be a column's name and \"{}\" a value; give header(true) if this line holds the \
             names, header(false) if it is a row",
            cut(name),
            cut(value)
        ))),
        (None, None) if body.is_empty() => Ok(true),
        (None, None) => {
            let below = |place: usize| {
                body.iter()
                    .filter_map(move |row| row.from(place + shift).next())
            };
            let again = |(place, field): (usize, &str)| {
                !field.is_empty() && below(place).any(|other| other.trim() == field)
            };
            // Only text: a word that comes again is a value.
            Ok(!fields().any(again))
        }
    }
}

/// Names that tell the columns apart, and what was changed.
pub(in crate::tables) fn unique(names: &[String]) -> (Vec<String>, Vec<String>) {
    let mut unique: Vec<String> = Vec::new();
    let mut notes = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let taken = |candidate: &String| {
            unique.contains(candidate) || names[place + 1..].contains(candidate)
        };
        let named = match name.is_empty() {
            true => format!("column_{}", place + 1),
            false => name.clone(),
        };
        let mut chosen = named.clone();
        let mut count = 1;
        // The first of several keeps the name.
        while match count {
            1 => unique.contains(&chosen) || (name.is_empty() && taken(&chosen)),
            _ => taken(&chosen),
        } {
            count += 1;
            chosen = format!("{named}_{count}");
        }
        if name.is_empty() {
            notes.push(format!(
                "column {} has no name and is called \"{chosen}\"",
                place + 1
            ));
        } else if chosen != *name {
            notes.push(format!(
                "column {} has the name of an earlier one, \"{name}\", and is called \"{chosen}\"",
                place + 1
            ));
        }
        unique.push(chosen);
    }
    (unique, notes)
}
