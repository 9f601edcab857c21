//! The separator of fields and the quote, found in the first records.

use super::profile::is_value;
use super::{Sample, common_width};
use crate::CsvOptions;
use crate::csv::{CsvError, ReadError, Record};

/// The separators that the reader knows; a blank is a run of blanks.
const DELIMITERS: [char; 5] = [',', ';', '\t', '|', ' '];

/// As many records tell one separator from another.
const RECORDS: usize = 1000;

/// The options with a separator and a quote.
pub(super) fn find(
    text: &[u8],
    complete: bool,
    options: &CsvOptions,
) -> Result<CsvOptions, ReadError> {
    let mut found = options.clone();
    if options.quote.is_none() {
        found.quote = Some(quote(text, options)?);
    }
    let declared = Sample::new(text, &found, 1)?.delimiter;
    if options.delimiter.is_some() || declared != ',' {
        found.delimiter = Some(declared);
        return Ok(found);
    }
    let trials: Vec<Trial> = DELIMITERS
        .into_iter()
        .filter(|mark| Some(*mark) != options.decimal && Some(*mark) != options.comment)
        .map(|mark| Trial::new(text, complete, found.clone().delimiter(mark)))
        .collect::<Result<_, _>>()?;
    found.delimiter = Some(choose(&trials, complete)?);
    Ok(found)
}

/// One separator, tried.
struct Trial {
    delimiter: char,
    sample: Sample,
    /// The number of fields of most records.
    width: usize,
    /// The share of records after the first that have as many.
    agreed: f64,
    /// Whether they all have.
    consistent: bool,
    /// The share of fields that are numbers, times or missing.
    valued: f64,
}

impl Trial {
    fn new(text: &[u8], complete: bool, options: CsvOptions) -> Result<Self, ReadError> {
        let mut sample = Sample::new(text, &options, RECORDS)?;
        // The last record of a beginning may be cut off.
        if !complete && sample.records.len() < RECORDS && sample.records.len() > 2 {
            sample.records.pop();
        }
        let body = sample.records.get(1..).filter(|body| !body.is_empty());
        let body = body.unwrap_or(&sample.records);
        let width = common_width(body).unwrap_or(0);
        let fields = body.iter().flat_map(|record| record.from(0));
        let valued = fields.clone().filter(|field| is_value(field)).count();
        let agreed = body.iter().filter(|record| record.len() == width).count();
        let all = fields.count();
        Ok(Self {
            delimiter: sample.delimiter,
            width,
            consistent: agreed == body.len(),
            agreed: agreed as f64 / (body.len() + sample.failed).max(1) as f64,
            valued: valued as f64 / all.max(1) as f64,
            sample,
        })
    }

    /// Whether every record has the same number of fields, more than one. The first may lack a name for the
    /// rows' names.
    fn fits(&self, complete: bool) -> bool {
        let first = self.sample.records.first().map_or(0, Record::len);
        // The end of a beginning may cut a record in quotes.
        let sound = self.sample.failed <= usize::from(!complete);
        sound
            && self.width > 1
            && self.consistent
            && (first == self.width || (first + 1 == self.width && first > 1))
    }
}

fn choose(trials: &[Trial], complete: bool) -> Result<char, ReadError> {
    let mut fitting: Vec<&Trial> = trials.iter().filter(|trial| trial.fits(complete)).collect();
    // Blanks occur in words and in times.
    if fitting.len() > 1 || whole_lines_are_values(trials) {
        fitting.retain(|trial| trial.delimiter != ' ');
    }
    fitting.retain(|trial| trial.delimiter != ' ' || trial.valued >= 0.5);
    let best = fitting.iter().map(|trial| trial.valued).fold(0.0, f64::max);
    fitting.retain(|trial| trial.valued >= best - 1e-9);
    match fitting.as_slice() {
        [one] => Ok(one.delimiter),
        [] => fallback(trials),
        [one, other, ..] => {
            let (one, other) = (one.delimiter, other.delimiter);
            Err(CsvError::Ambiguous {
                line: fitting[0].sample.records[0].line(),
                column: None,
                problem: format!(
                    "both {one:?} and {other:?} split every line into fields; give delimiter({one:?}) or \
                     delimiter({other:?})"
                ),
            }
            .into())
        }
    }
}

/// Whether each line but the first is one number or time.
fn whole_lines_are_values(trials: &[Trial]) -> bool {
    let unsplit = trials
        .iter()
        .find(|trial| trial.width == 1 && trial.delimiter != ' ');
    unsplit.is_some_and(|trial| trial.valued == 1.0)
}

/// The separator of a file whose records differ in length: that of most; a comma if the file has one column.
fn fallback(trials: &[Trial]) -> Result<char, ReadError> {
    let most = trials
        .iter()
        .filter(|trial| trial.width > 1 && trial.agreed > 0.5 && trial.delimiter != ' ')
        .max_by(|one, other| one.agreed.total_cmp(&other.agreed));
    Ok(most.map_or(',', |trial| trial.delimiter))
}

/// A single quote if fields stand in those and no double one begins a field.
fn quote(text: &[u8], options: &CsvOptions) -> Result<Option<char>, ReadError> {
    let plain = options.clone().quote(None);
    let mut single = false;
    for mark in options
        .delimiter
        .map_or(DELIMITERS.to_vec(), |mark| vec![mark])
    {
        let sample = Sample::new(text, &plain.clone().delimiter(mark), RECORDS)?;
        for field in sample.records.iter().flat_map(|record| record.from(0)) {
            if field.starts_with('"') {
                return Ok(Some('"'));
            }
            let quoted = field.len() > 1 && field.starts_with('\'') && field.ends_with('\'');
            single |= quoted;
        }
    }
    Ok(Some(if single { '\'' } else { '"' }))
}
