//! A calibration as a picture.

use thalweg_plot::{Figure, Page};

use super::{Calibration, Levels};

/// The most pictures in a row, and the height of a row.
const ACROSS: usize = 3;
const HEIGHT: u32 = 300;
/// The height of a line of words, and of the space around them.
const LINE: u32 = 22;
const SPACE: u32 = 30;

impl Calibration {
    /// All checks on one page: the words, the histogram of each rank, and the coverage of regions of highest density and of
    /// random points beside their histograms.
    pub fn page(&self) -> Page {
        let words: Vec<String> = self.to_string().lines().map(str::to_owned).collect();
        let height = LINE * words.len() as u32 + SPACE;
        let page = Page::new("Calibration").row(height, [Figure::Words(words)]);
        let histograms: Vec<Figure> = self
            .ranks
            .iter()
            .map(|ranks| ranks.picture().into())
            .collect();
        // As many in each row, so that four are two and two.
        let rows = histograms.len().div_ceil(ACROSS);
        let rows = histograms.chunks(histograms.len().div_ceil(rows));
        let page = rows.fold(page, |page, row| page.row(HEIGHT, row.to_vec()));
        let both = |levels: &Levels| -> [Figure; 2] {
            [levels.picture().into(), levels.coverage_picture().into()]
        };
        let page = page.row(HEIGHT, both(&self.highest_density));
        page.row(HEIGHT, both(&self.tarp))
    }
}
