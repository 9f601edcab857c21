//! Kinds of columns on the command line: `COLUMN=KIND`.

use thalweg::tabular::Kind;

use crate::failure::Failure;

/// The kinds that are given; `auto`, for one column or for all, leaves the choice to the library.
pub(crate) fn kinds(words: &[String]) -> Result<Vec<(String, Kind)>, Failure> {
    let chosen = words.iter().filter(|word| *word != "auto");
    let kind = |word: &String| match word.rsplit_once('=') {
        Some((_, "auto")) => Ok(None),
        Some((column, kind)) => Ok(Some((column.to_owned(), kind.parse()?))),
        None => Err(Failure::Usage(format!(
            "\"{word}\" is no kind of a column; say `--kind COLUMN=KIND`, such as `--kind age=above:0`"
        ))),
    };
    chosen.filter_map(|word| kind(word).transpose()).collect()
}
