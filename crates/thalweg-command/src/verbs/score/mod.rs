//! `thalweg score`.

mod images;
mod scored;
mod sink;
mod vectors;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::{CsvArgs, Part};
use crate::failure::Failure;
use crate::model::Loaded;
use crate::outputs::{ForceArgs, Output};
use crate::pipeline;
use scored::Scorer;
use sink::{Format, Lines, Piece, Sink};

/// Score the rows of a table, or images: one line for each, in order
///
/// `nats` is ln p of the row. `p_value` is the share of rows like the training rows that would be at least as strange, and
/// `score` is what it compares. Images have `bits_per_dim` too. Rows and pictures are read and scored in parts, in constant
/// memory.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Score {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// The table, or images: a folder of pictures, a picture, an IDX file, a folder of MNIST's files (the test images),
    /// or @digits, @faces or @fashion
    data: String,
    /// The file of the scores: .csv, .csv.gz, .csv.zst, .jsonl or .parquet [default: CSV on the standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What to compute
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["nats", "p-value"])]
    only: Vec<Measure>,
    /// Name the columns that contribute the most to the surprise, this number of them
    #[arg(long, value_name = "COLUMNS", num_args = 0..=1, default_missing_value = "3")]
    explain: Option<usize>,
    /// Explain only rows with a p-value up to this
    #[arg(long, value_name = "P", requires = "explain", default_value_t = 1.0)]
    explain_below: f64,
    /// Score only the i-th of n parts of the rows, of Parquet a range of them; the parts together have each row once
    #[arg(long, value_name = "I/N")]
    part: Option<Part>,
    /// What to do with a row that has no score
    #[arg(long, value_enum, default_value_t = OnError::Mark)]
    on_error: OnError,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

const EXAMPLES: &str = "\
Examples:
  thalweg score weather.safetensors today.csv
  zcat rows.csv.gz | thalweg score weather.safetensors - -o scores.parquet
  thalweg score weather.safetensors @weather --explain --explain-below 0.001 --json
  thalweg score faces.safetensors photos/ --on-error skip -o scores.csv
  thalweg score big.safetensors big.parquet --part 3/16 -o scores-3.csv.gz";

/// What is computed of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// ln p
    Nats,
    /// The anomaly score and its p-value
    PValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnError {
    /// Write the row with the problem in place of the scores
    Mark,
    /// Leave the row out, and count it
    Skip,
    /// End with an error
    Stop,
}

impl Score {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output, Output::Scores)?;
        let model = match self.open.model(&self.model)? {
            Loaded::Table(model) => model,
            Loaded::Images(model) => return self.images(&model, console),
            Loaded::Vectors(model) => return self.vectors(&*model, console),
        };
        let scorer = Scorer {
            model: &model,
            nats: self.only.contains(&Measure::Nats),
            anomaly: self.only.contains(&Measure::PValue),
            explain: self.explain.map(|columns| (columns, self.explain_below)),
        };
        let chunks = self.csv.chunks(&self.data, &model, true)?;
        let (chunks, part) = chunks.of_part(self.part);
        let score = |chunk| scorer.score(&chunk);
        self.stream(
            Part::deal(part, chunks),
            scorer.columns(),
            score,
            "rows",
            console,
        )
    }

    /// Reads, scores and writes chunks of rows at once, in order.
    fn stream<T: Send, C: Lines>(
        &self,
        chunks: impl Iterator<Item = Result<T, Failure>>,
        columns: C,
        score: impl Fn(T) -> Result<Vec<C::Row>, Failure> + Sync,
        what: &str,
        console: &Console,
    ) -> Result<(), Failure> {
        let format = Format::of(self.output.as_deref(), console.json);
        let Counts { rows, problems } = pipeline::run(
            chunks,
            |chunk| self.piece(columns, score(chunk)?, format),
            || {
                let sink = Sink::new(self.output.as_deref(), format, columns)?;
                Ok((sink, Counts::default()))
            },
            |(sink, counts), (piece, more)| {
                counts.rows += more.rows;
                counts.problems += more.problems;
                sink.append(piece)
            },
            |(sink, counts)| {
                sink.finish()?;
                Ok(counts)
            },
        )?;
        if problems > 0 {
            console.note(format!("{problems} of {rows} {what} have no score"));
        }
        match &self.output {
            Some(output) => console.result(
                || format!("{rows} {what}; scores written to {}", output.display()),
                || json!({ what: rows, "without_score": problems, "output": output }),
            ),
            None => Ok(()),
        }
    }

    /// The scores of a chunk as they are written.
    fn piece<C: Lines>(
        &self,
        columns: C,
        mut scored: Vec<C::Row>,
        format: Format,
    ) -> Result<(Piece, Counts), Failure> {
        let counts = Counts {
            rows: scored.len() as u64,
            problems: scored.iter().filter_map(C::problem).count() as u64,
        };
        match self.on_error {
            OnError::Mark => {}
            OnError::Skip => scored.retain(|row| C::problem(row).is_none()),
            OnError::Stop => {
                if let Some((place, problem)) = scored.iter().find_map(C::problem) {
                    let problem = problem.to_owned();
                    return Err(Failure::Row { place, problem });
                }
            }
        }
        Ok((columns.piece(&scored, format)?, counts))
    }
}

/// Rows so far.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    rows: u64,
    /// Those without a score.
    problems: u64,
}
