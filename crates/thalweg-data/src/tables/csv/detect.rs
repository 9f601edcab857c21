//! The dialect and the columns of a text, found in its beginning.

use super::plan::{Plan, Planned};
use super::profile::{Profile, profiles};
use super::{Sample, common_width, delimiter, header, notation};
use crate::csv::{CsvError, NO_LINE, NO_ROWS, ReadError, Record, ragged};
use crate::{ColumnType, CsvOptions};

/// How many bytes of a text decide.
pub(super) const HEAD: usize = 1 << 20;

/// How to read a text that begins with `head`, which is all of it if it is `complete`.
pub(super) fn plan(head: &[u8], complete: bool, options: &CsvOptions) -> Result<Plan, ReadError> {
    let options = delimiter::find(head, complete, options)?;
    let mut sample = Sample::new(head, &options, usize::MAX)?;
    if !complete && sample.failed == 0 && sample.records.len() > 1 {
        // The last record may be cut off.
        sample.records.pop();
    }
    // Other records that cannot be split are for those who read the rows.
    if let Some(error) = sample.error.filter(|_| sample.records.len() < 2) {
        return Err(error);
    }
    let [first, others @ ..] = sample.records.as_slice() else {
        return Err(CsvError::Empty(NO_LINE).into());
    };
    let body = others.get(options.skip_rows_after_header..).unwrap_or(&[]);
    let shape = Shape::new(first, body, &options);
    let fields = shape.width + shape.index;
    if let Some(row) = body.first()
        && body.iter().all(|record| record.len() != fields)
    {
        let (header, title) = (Some(first.len()), first.len() == 1);
        return Err(ragged(1, row, fields, header, title).into());
    }
    let names = shape.names(first, true);
    let options = notation::find(body, &names, shape.index, &options)?;
    let profiles = profiles(body, shape.width, shape.index, &options);
    let has_header = header::is_header(first, body, &profiles, &options)?;
    if has_header && body.is_empty() {
        return Err(CsvError::Empty(NO_ROWS).into());
    }
    let names = match &options.names {
        Some(names) => shape.given(names, first)?,
        None => shape.names(first, has_header),
    };
    let (mut names, mut notes) = header::unique(&names);
    // The first record is a row, whose fields count too.
    let profiles = match has_header {
        true => profiles,
        false => super::profile::profiles(&sample.records, shape.width, shape.index, &options),
    };
    if shape.trailing {
        names.truncate(shape.width - 1);
        let last = format!("column {} ", shape.width);
        notes.retain(|note| !note.starts_with(&last));
        notes.push("each line ends with a delimiter, and nothing follows".to_owned());
    }
    let columns = columns(&names, &profiles, shape.index, &options)?;
    let skipped = usize::from(has_header) + options.skip_rows_after_header;
    Ok(Plan {
        header: has_header.then(|| (first.line(), first.len())),
        title: first.len() == 1,
        skipped,
        fields,
        trailing: shape.trailing,
        columns,
        notes,
        options,
    })
}

/// The number of columns, and what stands around them.
struct Shape {
    /// The number of fields of a row without the index.
    width: usize,
    /// The number of fields before the first column.
    index: usize,
    /// Whether the last column has neither name nor values.
    trailing: bool,
    /// Whether the first column has values and no field in the header, as R writes the rows' names.
    row_names: bool,
}

impl Shape {
    fn new(first: &Record, body: &[Record], options: &CsvOptions) -> Self {
        let index = usize::from(options.index_column);
        let row = common_width(body).unwrap_or(first.len());
        let last_is_empty = |record: &Record| record.from(row - 1).next().is_none_or(str::is_empty);
        let bare = row > 1 && !body.is_empty() && body.iter().all(last_is_empty);
        let longer = row == first.len() + 1 && first.len() > 1;
        let unnamed = longer || (row == first.len() && first.get(row - 1).is_empty());
        let trailing = bare && unnamed && options.names.is_none();
        let fits = |names: &Vec<String>| names.len() + index == row;
        let fields = match longer || options.names.as_ref().is_some_and(fits) {
            true => row,
            false => first.len(),
        };
        Self {
            width: fields.saturating_sub(index),
            index,
            trailing,
            row_names: longer && !trailing && index == 0,
        }
    }

    /// The names in the header, or numbered ones.
    fn names(&self, first: &Record, has_header: bool) -> Vec<String> {
        if !has_header {
            return (1..=self.width).map(|i| format!("column_{i}")).collect();
        }
        let mut names = first.trimmed();
        if self.row_names {
            names.insert(0, String::new());
        } else if self.trailing && names.len() < self.width {
            names.push(String::new());
        }
        let surplus = names.len().saturating_sub(self.width);
        names.drain(..surplus);
        names
    }

    /// The names in the options, one for each column.
    fn given(&self, names: &[String], first: &Record) -> Result<Vec<String>, CsvError> {
        if names.len() == self.width {
            return Ok(names.to_vec());
        }
        Err(CsvError::Line {
            line: first.line(),
            problem: format!(
                "names has {} for {} columns; give one for each",
                names.len(),
                self.width
            ),
        })
    }
}

/// The columns that the options ask for, with their types.
fn columns(
    names: &[String],
    profiles: &[Profile],
    index: usize,
    options: &CsvOptions,
) -> Result<Vec<Planned>, CsvError> {
    let places = options.columns.find(names)?;
    if let Some((name, _)) = options.types.iter().find(|(name, _)| !names.contains(name)) {
        return Err(CsvError::NoColumn {
            column: name.clone(),
            found: names.to_vec(),
        });
    }
    let kept = places.numbers.iter().chain(&places.label);
    let planned = kept.map(|&place| {
        let given = options.types.iter().find(|(name, _)| *name == names[place]);
        let given = given.map(|(_, kind)| *kind);
        let label = (places.label == Some(place)).then_some(ColumnType::Text);
        Planned {
            name: names[place].clone(),
            place: place + index,
            kind: given
                .or(label)
                .unwrap_or_else(|| profiles[place].column_type()),
            given: given.or(label).is_some(),
        }
    });
    let planned: Vec<Planned> = planned.collect();
    match planned.is_empty() {
        true => Err(CsvError::Empty("no column to read; name at least one")),
        false => Ok(planned),
    }
}
