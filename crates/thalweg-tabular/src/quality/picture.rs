//! The quality of synthetic rows as a picture.

use thalweg_plot::{Figure, Page};

use super::Quality;
use super::text::worst;
use crate::sheet::{corner, marginal, rows, wrapped};

/// Letters of a line of words.
const LETTERS: usize = 150;
/// Pictures beside each other, and their height.
const BESIDE: usize = 3;
const HEIGHT: u32 = 320;
/// Columns with a picture of their own, the least alike ones.
const COLUMNS: usize = 12;
/// The height of the corner plot.
const CORNER: u32 = 1100;
/// The tables.
const NAMES: [&str; 2] = ["real", "synthetic"];

impl Quality {
    pub(super) fn page(&self) -> Page {
        let lines = wrapped(&self.to_string(), LETTERS);
        let height = 24 + 22 * lines.len() as u32;
        let page = Page::new("Real and synthetic rows");
        let mut page = page.row(height, [Figure::Words(lines)]);
        let shown = worst(&self.columns, COLUMNS, |column| column.distance);
        let columns = self.tables.iter().filter(|pair| {
            let name = &pair.name;
            shown.iter().any(|column| column.name == *name)
        });
        let columns: Vec<Figure> = columns.filter_map(|pair| marginal(pair, NAMES)).collect();
        for row in rows(&columns, BESIDE) {
            page = page.row(HEIGHT, row);
        }
        match corner(&self.tables, NAMES) {
            Some(corner) => page.row(CORNER, [corner]),
            None => page,
        }
    }
}
