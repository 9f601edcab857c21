//! A part of the chunks of a table, for several processes.

use std::str::FromStr;

use crate::failure::Failure;

/// One part of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(super) index: usize,
    pub(super) count: usize,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/');
        let numbers =
            numbers.and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        match numbers {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err("a part is I/N with 1 ≤ I ≤ N, such as 1/8".to_owned()),
        }
    }
}

impl Part {
    /// Every `count`-th chunk, from the `index`-th on, and every error: nothing comes after it. Of no part all chunks.
    pub(crate) fn deal<T>(
        part: Option<Self>,
        chunks: impl Iterator<Item = Result<T, Failure>>,
    ) -> impl Iterator<Item = Result<T, Failure>> {
        let Self { index, count } = part.unwrap_or(Self { index: 1, count: 1 });
        let chunks = chunks.enumerate();
        chunks.filter_map(move |(place, chunk)| {
            (chunk.is_err() || place % count == index - 1).then_some(chunk)
        })
    }
}
