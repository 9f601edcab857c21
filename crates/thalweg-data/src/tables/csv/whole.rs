//! A table from a whole text.

use super::builder::Builder;
use super::detect::{self, HEAD};
use super::dialect::Dialect;
use super::plan::Plan;
use crate::csv::{CsvError, NO_ROWS, ReadError, Record, Records, is_index};
use crate::{Column, ColumnType, CsvOptions, Table, Values};

/// The table in a text.
pub(in crate::tables) fn read(text: &[u8], options: &CsvOptions) -> Result<Table, ReadError> {
    let head = &text[..text.len().min(HEAD)];
    let mut plan = detect::plan(head, head.len() == text.len(), options)?;
    loop {
        let builder = rows(text, &plan)?;
        let retyped = builder.text_instead()?;
        if !retyped.is_empty() {
            // The beginning of the file misled; text never fails, so that this ends.
            for place in retyped {
                plan.columns[place].kind = ColumnType::Text;
            }
            continue;
        }
        let mut missing = builder.missing.clone();
        missing.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let (rows, columns) = (builder.rows() as u64, builder.finish()?);
        let mut notes = vec![Dialect::new(&plan).with_rows(rows, missing).to_string()];
        notes.extend(plan.notes.iter().cloned());
        notes.extend(columns.iter().filter_map(remark));
        return Ok(Table::of(columns).with_notes(notes));
    }
}

/// The rows of a text. Fields that are not of their column's type are counted.
fn rows<'a>(text: &[u8], plan: &'a Plan) -> Result<Builder<'a>, ReadError> {
    let mut records = Records::new(text, &plan.options)?;
    let mut record = Record::default();
    for _ in 0..plan.skipped {
        records.next(&mut record)?;
    }
    let mut builder = Builder::new(plan);
    let mut row = 0;
    while records.next(&mut record)? {
        row += 1;
        builder.push(row, &record, false)?;
    }
    match builder.rows() {
        0 if row > 0 => {
            Err(CsvError::Empty("rows with missing values only; leave columns out").into())
        }
        0 => Err(CsvError::Empty(NO_ROWS).into()),
        _ => Ok(builder),
    }
}

/// What is odd about a column.
fn remark(column: &Column) -> Option<String> {
    let name = column.name();
    let values = column.values();
    if (0..values.len()).all(|row| values.is_missing(row)) {
        return Some(format!("column \"{name}\" has no values"));
    }
    match values {
        Values::Numbers(numbers) if is_index(name, numbers.iter().copied()) => Some(format!(
            "column \"{name}\" numbers the rows; leave it out with Columns::all().without(&[\"{name}\"])"
        )),
        Values::Text(text) => {
            let mut levels = text.levels().iter();
            let number = levels.find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
            Some(format!(
                "column \"{name}\" is text, with words such as \"{}\"",
                crate::csv::cut(number)
            ))
        }
        _ => None,
    }
}
