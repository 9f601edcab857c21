//! A report as a picture.

use thalweg_plot::{Figure, Page};

use super::{Pair, corner, rows, wrapped};

/// Letters of a line of words.
const LETTERS: usize = 150;
/// The height of a row of pictures.
const HEIGHT: u32 = 300;
/// The height of the corner plot.
const CORNER: u32 = 1100;

/// The words of a report, a first row of pictures where there are any, those of single columns, and the corner plot of
/// two tables with these names.
pub(crate) fn page(
    title: &str,
    words: &str,
    first: Vec<Figure>,
    columns: Vec<Figure>,
    (tables, names): (&[Pair], [&str; 2]),
) -> Page {
    let lines = wrapped(words, LETTERS);
    let height = 24 + 22 * lines.len() as u32;
    let mut page = Page::new(title).row(height, [Figure::Words(lines)]);
    if !first.is_empty() {
        page = page.row(HEIGHT, first);
    }
    for row in rows(columns) {
        page = page.row(HEIGHT, row);
    }
    match corner(tables, names) {
        Some(corner) => page.row(CORNER, [corner]),
        None => page,
    }
}
